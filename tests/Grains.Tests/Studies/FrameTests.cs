using System.Buffers;
using System.Buffers.Binary;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Tests.Studies;

public sealed class FrameTests
{
    [Fact]
    public async Task Each_frame_of_encapsulated_pixel_data_is_found_by_its_fragments()
    {
        await using var archive = await StudyArchive.StartAsync();
        byte[][][] frames = [[[1, 1]], [[2, 2, 2, 2], [3, 3]], [[4, 4]]];
        var (study, file) = ("1.2.3.4", Encapsulated("1.2.3.4", frames));
        Assert.Equal([StoreStatus.Stored], await archive.StoreAsync(archive.Anything(), file));

        await using var session = await archive.OpenAsync(archive.Anything(), study);
        var instance = await session.InstancesAsync(null, default).SingleAsync();
        Assert.Equal(frames.Length, instance.Frames!.Count);
        for (var frame = 1; frame <= frames.Length; frame++)
        {
            var ranges = await session.FrameAsync(instance, frame, default);
            Assert.Equal(
                frames[frame - 1].Select(Convert.ToHexString),
                ranges.Select(range => Convert.ToHexString(file.AsSpan((int)range.Offset, (int)range.Length))));
        }

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await session.FrameAsync(instance, 0, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await session.FrameAsync(instance, 4, default));
        var lying = instance with { Frames = instance.Frames with { Count = 4 } };
        await Assert.ThrowsAsync<Vault.SealedObjectException>(async () => await session.FrameAsync(lying, 4, default));
    }

    [Fact]
    public async Task A_frame_of_native_pixel_data_is_reckoned()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        await archive.StoreAsync(archive.Anything(), instance.File());
        await using var session = await archive.OpenAsync(archive.Anything(), instance.Study);

        var record = await session.InstancesAsync(null, default).SingleAsync();

        Assert.Equal([(instance.File().Length - 512L, 512L)], await session.FrameAsync(record, 1, default));
    }

    /// <summary>A file whose pixel data is written here by hand: an offset table of its frames, then their fragments.</summary>
    internal static byte[] Encapsulated(string study, byte[][][] frames)
    {
        var dataset = new DicomDataset()
            .AddOrUpdate(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.2")
            .AddOrUpdate(DicomTag.SOPInstanceUID, "1.2.3.6")
            .AddOrUpdate(DicomTag.Modality, "CT")
            .AddOrUpdate(DicomTag.PatientID, "P1")
            .AddOrUpdate(DicomTag.StudyInstanceUID, study)
            .AddOrUpdate(DicomTag.SeriesInstanceUID, "1.2.3.5")
            .AddOrUpdate(DicomTag.NumberOfFrames, $"{frames.Length}")
            .AddOrUpdate(DicomTag.Rows, 1L)
            .AddOrUpdate(DicomTag.Columns, 1L)
            .AddOrUpdate(DicomTag.SamplesPerPixel, 1L)
            .AddOrUpdate(DicomTag.BitsAllocated, 8L);
        var output = new ArrayBufferWriter<byte>();
        DicomWriter.WriteFile(output, new DicomDataset(), dataset, DicomTransferSyntax.Find("1.2.840.10008.1.2.4.50")!);
        output.Write<byte>([0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        Item(frames.Length * 4);
        var offset = 0;
        foreach (var frame in frames)
        {
            BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), offset);
            output.Advance(4);
            offset += frame.Sum(fragment => fragment.Length + 8);
        }

        foreach (var fragment in frames.SelectMany(frame => frame))
        {
            Item(fragment.Length);
            output.Write(fragment);
        }

        output.Write<byte>([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
        return output.WrittenSpan.ToArray();

        void Item(int length)
        {
            output.Write<byte>([0xFE, 0xFF, 0x00, 0xE0]);
            BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), length);
            output.Advance(4);
        }
    }
}
