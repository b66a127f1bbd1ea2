using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;
using SecureStore.Codecs;
using SecureStore.Dicom;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.Tests.Imaging;

[Trait("Server", "yes")]
public sealed class NativeInstanceTests : IAsyncDisposable
{
    private static readonly byte[] First = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    private static readonly byte[] Second = [9, 8, 7, 6, 5, 4, 3, 2, 1];

    private readonly CodecPool pool = new(new CodecSettings(), TimeProvider.System, NullLogger<CodecPool>.Instance);

    [Fact]
    public async Task A_frame_of_several_fragments_becomes_native_and_even()
    {
        var codestream = Rle(First);
        var native = await ConvertAsync(Image(1, codestream[..66], codestream[66..]), DicomTransferSyntax.RLELossless);
        Assert.Equal(DicomTransferSyntax.ExplicitVRLittleEndian, native.Syntax);
        Assert.Equal([.. First, 0], Pixels(native, DicomVR.OB));
        Assert.Equal(DicomTransferSyntax.ExplicitVRLittleEndian.UID, native.FileMeta.GetString(DicomTag.TransferSyntaxUID));
        Assert.Equal("KEPT", native.FileMeta.GetString(DicomTag.SourceApplicationEntityTitle));
        Assert.Equal("behind", native.Dataset.GetString(new DicomTag(0x7FE1, 0x1001)));
        Assert.False(native.Dataset.Contains(DicomTag.PlanarConfiguration));
    }

    [Fact]
    public async Task Frames_follow_one_another_and_their_offsets_go()
    {
        byte[][] frames = [Rle(First), Rle(Second)];
        var image = Image(2, frames)
            .AddOrUpdate(new DicomElement(DicomTag.ExtendedOffsetTable, DicomVR.OV, (byte[])[.. BitConverter.GetBytes(0L), .. BitConverter.GetBytes(8L + frames[0].Length)]))
            .AddOrUpdate(new DicomElement(DicomTag.ExtendedOffsetTableLengths, DicomVR.OV, (byte[])[.. BitConverter.GetBytes((long)frames[0].Length), .. BitConverter.GetBytes((long)frames[1].Length)]));
        var native = await ConvertAsync(image, DicomTransferSyntax.RLELossless);
        Assert.Equal([.. First, .. Second], Pixels(native, DicomVR.OB));
        Assert.False(native.Dataset.Contains(DicomTag.ExtendedOffsetTable) || native.Dataset.Contains(DicomTag.ExtendedOffsetTableLengths));
    }

    [Fact]
    public async Task An_icon_that_is_compressed_goes_and_others_stay()
    {
        var image = Image(1, Rle(First)).AddOrUpdate(DicomTag.IconImageSequence, Image(1, Rle(First)));
        Assert.False((await ConvertAsync(image, DicomTransferSyntax.RLELossless)).Dataset.Contains(DicomTag.IconImageSequence));

        var icon = new DicomDataset().AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OB, (byte[])[1, 2]));
        var kept = (await ConvertAsync(image.AddOrUpdate(DicomTag.IconImageSequence, icon), DicomTransferSyntax.RLELossless)).Dataset.GetSequence(DicomTag.IconImageSequence);
        Assert.Equal(new byte[] { 1, 2 }, ((DicomElement)Assert.Single(kept!.Items).Find(DicomTag.PixelData)!).Value.ToArray());
    }

    [Fact]
    public async Task Big_endian_words_are_turned_round()
    {
        var image = Image(1).AddOrUpdate(DicomTag.Columns, 1).AddOrUpdate(DicomTag.Rows, 2).AddOrUpdate(DicomTag.BitsAllocated, 16)
            .AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OW, (byte[])[1, 2, 3, 4]));
        var native = await ConvertAsync(image, DicomTransferSyntax.ExplicitVRBigEndian);
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, Pixels(native, DicomVR.OW));
        Assert.Equal(2, native.Dataset.GetInt32(DicomTag.Rows));
    }

    [Fact]
    public async Task Words_that_cannot_be_are_not_waited_for()
    {
        var image = Image(1).AddOrUpdate(new DicomElement(DicomTag.BitsAllocated, DicomVR.UL, BitConverter.GetBytes(int.MaxValue)))
            .AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OW, (byte[])[1, 2, 3, 4]));
        var native = await ConvertAsync(image, DicomTransferSyntax.ExplicitVRBigEndian);
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, Pixels(native, DicomVR.OW));
    }

    [Fact]
    public async Task What_has_no_pixels_changes_its_encoding_only()
    {
        var report = Image(1);
        report.Remove(DicomTag.PixelData);
        var native = await ConvertAsync(report, DicomTransferSyntax.ImplicitVRLittleEndian);
        Assert.Equal("1.2.3.4.1", native.Dataset.GetString(DicomTag.SOPInstanceUID));
    }

    [Fact]
    public async Task Fewer_frames_than_the_data_set_says_are_refused() =>
        await Assert.ThrowsAsync<CodecException>(() => ConvertAsync(Image(3, Rle(First)), DicomTransferSyntax.RLELossless));

    [Fact]
    public async Task Bits_and_sizes_that_are_not_decompressed_are_refused()
    {
        await Assert.ThrowsAsync<CodecException>(() => ConvertAsync(Image(1, Rle(First)).AddOrUpdate(DicomTag.BitsAllocated, 1), DicomTransferSyntax.RLELossless));
        await Assert.ThrowsAsync<CodecException>(() => ConvertAsync(
            Image(1, Rle(First)).AddOrUpdate(DicomTag.Rows, 65535).AddOrUpdate(DicomTag.Columns, 65535), DicomTransferSyntax.RLELossless));
    }

    [Fact]
    public async Task While_it_waits_for_a_worker_it_holds_room_for_its_attributes_only()
    {
        await using var none = new CodecPool(new CodecSettings { Workers = 0 }, TimeProvider.System, NullLogger<CodecPool>.Instance);
        var (session, stored) = await StoreAsync(Image(1, Rle(First), new byte[32 << 20]), DicomTransferSyntax.RLELossless);
        await using var reading = session;
        using var gone = new CancellationTokenSource();
        var waiting = NativeInstance.OpenAsync(none, session, stored, DicomTransferSyntax.ExplicitVRLittleEndian, gone.Token);
        (await none.TakeRoomAsync(session.Reader, 250 << 20, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20))).Dispose();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    public ValueTask DisposeAsync() => pool.DisposeAsync();

    private static byte[] Rle(byte[] pixels) => [1, 0, 0, 0, 64, 0, 0, 0, .. new byte[56], (byte)(pixels.Length - 1), .. pixels];

    private static DicomDataset Image(int frames, params byte[][] fragments) => new DicomDataset()
        .AddOrUpdate(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.2").AddOrUpdate(DicomTag.SOPInstanceUID, "1.2.3.4.1")
        .AddOrUpdate(DicomTag.Rows, 3).AddOrUpdate(DicomTag.Columns, 3).AddOrUpdate(DicomTag.SamplesPerPixel, 1).AddOrUpdate(DicomTag.BitsAllocated, 8)
        .AddOrUpdate(DicomTag.BitsStored, 8).AddOrUpdate(DicomTag.PixelRepresentation, 0).AddOrUpdate(DicomTag.NumberOfFrames, frames)
        .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
        .AddOrUpdate(new DicomFragmentItem(DicomTag.PixelData, DicomVR.OB, default, [.. fragments.Select(one => new DicomFragment(0, one.Length, one))]))
        .AddOrUpdate(new DicomTag(0x7FE1, 0x1001), DicomVR.LO, "behind");

    private static byte[] Pixels(DicomFile file, DicomVR vr)
    {
        var pixels = Assert.IsType<DicomElement>(file.Dataset.Find(DicomTag.PixelData));
        Assert.Equal(vr, pixels.VR);
        return pixels.Value.ToArray();
    }

    private static async Task<(IReadSession Session, InstanceRecord Stored)> StoreAsync(DicomDataset image, DicomTransferSyntax syntax)
    {
        var file = new ArrayBufferWriter<byte>();
        DicomWriter.WriteFile(file, new DicomDataset().AddOrUpdate(DicomTag.SourceApplicationEntityTitle, "KEPT"), image, syntax);
        var studies = new MemoryStudies();
        var stored = MemoryInstance.Of(1, file.WrittenSpan.ToArray(), syntax.UID);
        studies.Instances.Add(stored);
        return ((await studies.OpenAsync("", MemoryStudies.Study, PolicyActions.Read, null, CancellationToken.None)).Session!, stored.Record);
    }

    /// <summary>Stores the image and reads it back in Explicit VR Little Endian; in Implicit it is as long as it says.</summary>
    private async Task<DicomFile> ConvertAsync(DicomDataset image, DicomTransferSyntax syntax)
    {
        var (session, stored) = await StoreAsync(image, syntax);
        await using var reading = session;
        using (var implicitly = await NativeInstance.OpenAsync(pool, session, stored, DicomTransferSyntax.ImplicitVRLittleEndian, CancellationToken.None))
        {
            var dataset = new ArrayBufferWriter<byte>();
            await implicitly.WriteDatasetAsync(dataset, static _ => ValueTask.CompletedTask, CancellationToken.None);
            Assert.Equal(implicitly.DatasetLength, dataset.WrittenCount);
        }

        using var native = await NativeInstance.OpenAsync(pool, session, stored, DicomTransferSyntax.ExplicitVRLittleEndian, CancellationToken.None);
        var output = new ArrayBufferWriter<byte>();
        await native.WriteFileAsync(output, static _ => ValueTask.CompletedTask, CancellationToken.None);
        Assert.Equal(native.FileLength, output.WrittenCount);
        return await DicomFile.OpenAsync(new MemoryStream(output.WrittenSpan.ToArray()), DicomReadOptions.KeepAll);
    }
}
