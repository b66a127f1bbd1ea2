using SecureStore.Codecs;
using SecureStore.Codecs.Protocol;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;
using SecureStore.Silo.DicomWeb;

namespace SecureStore.Silo.Imaging;

/// <summary>The compressed frames of a stored instance, decompressed one at a time.</summary>
internal sealed class CompressedFrames(CodecPool pool, IReadSession session, InstanceRecord instance, FrameDescription description)
{
    /// <summary>What the data set says of each frame.</summary>
    public FrameDescription Description { get; } = description;

    /// <summary>Reads what the stored data set says of its frames.</summary>
    /// <exception cref="CodecException">It does not say what they are.</exception>
    public static async Task<CompressedFrames> OpenAsync(CodecPool pool, IReadSession session, InstanceRecord instance, CancellationToken cancellation)
    {
        await using var file = new InstanceStream(session, instance, 0);
        await using var reader = new DicomStreamReader(file);
        try
        {
            await reader.OpenAsync(cancellation);
            await reader.ReadUntilAsync(DicomTag.PixelData, cancellation);
        }
        catch (DicomDataException wrong)
        {
            throw new CodecException("The stored data set cannot be read.", wrong);
        }

        return new CompressedFrames(pool, session, instance, Describe(reader.Dataset));
    }

    /// <summary>What a data set says of its frames (PS3.3 C.7.6.3).</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="packed">Instead of its own Bits Allocated and Bits Stored, where bits are packed into bytes.</param>
    /// <exception cref="CodecException">It does not say what they are.</exception>
    public static FrameDescription Describe(DicomDataset dataset, (ushort Allocated, ushort Stored)? packed = null)
    {
        var bitsAllocated = packed?.Allocated ?? Number(DicomTag.BitsAllocated, 0);
        var samples = Number(DicomTag.SamplesPerPixel, 1);
        var description = new FrameDescription
        {
            Rows = Number(DicomTag.Rows, 0),
            Columns = Number(DicomTag.Columns, 0),
            SamplesPerPixel = samples,
            BitsAllocated = bitsAllocated,
            BitsStored = packed?.Stored ?? Number(DicomTag.BitsStored, bitsAllocated),
            IsSigned = Number(DicomTag.PixelRepresentation, 0) == 1,
            PlanarConfiguration = Number(DicomTag.PlanarConfiguration, 0),
            PhotometricInterpretation = dataset.GetString(DicomTag.PhotometricInterpretation) ?? (samples == 3 ? "RGB" : "MONOCHROME2"),
        };
        return description.IsPossible ? description : throw new CodecException("The data set describes no frames that are decompressed here.");

        ushort Number(DicomTag tag, ushort otherwise) =>
            dataset.TryGetInt32(tag, out var number) ? (ushort)Math.Clamp(number, 0, ushort.MaxValue) : otherwise;
    }

    /// <summary>Decompresses the frame with this number, from 1.</summary>
    /// <inheritdoc cref="DecodeAsync(IReadOnlyList{ValueTuple{long, long}}, CancellationToken)"/>
    public async Task<NativeFrame> DecodeAsync(int number, CancellationToken cancellation) =>
        await DecodeAsync(await session.FrameAsync(instance, number, cancellation), cancellation);

    /// <summary>Decompresses a frame, whose fragments are these bytes of the file.</summary>
    /// <exception cref="CodecException">It cannot be decompressed.</exception>
    /// <exception cref="CodecUnavailableException">It cannot be now.</exception>
    public Task<NativeFrame> DecodeAsync(IReadOnlyList<(long Offset, long Length)> fragments, CancellationToken cancellation) => pool.DecodeAsync(
        CodecCaller.Of(session), new DecodeHeader(instance.TransferSyntaxUid, Description), fragments.Sum(fragment => fragment.Length),
        async (output, flush, stop) =>
        {
            foreach (var (offset, length) in fragments)
            {
                await session.CopyAsync(instance, offset, length, output, flush, stop);
            }
        },
        cancellation);
}
