using System.Buffers;
using System.Buffers.Binary;
using SecureStore.Codecs;
using SecureStore.Codecs.Protocol;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;
using SecureStore.Silo.DicomWeb;

namespace SecureStore.Silo.Imaging;

/// <summary>
/// A stored instance as it is in a native transfer syntax (PS3.5 A.1, A.2). Its attributes are in memory, its pixels go out as they are read or
/// decompressed. It remains the same SOP Instance: no pixel changes but by the rounding that lossy JPEG means.
/// </summary>
internal sealed class NativeInstance : IDisposable
{
    private const int MaxAttributes = 32 * 1024 * 1024;
    private const long MaxValue = uint.MaxValue - 1;

    /// <summary>How often attributes are in memory while they are read and written: as values, and in buffers that grow by doubling.</summary>
    private const int Copies = 4;

    private static readonly DicomTag EncapsulatedPixelDataValueTotalLength = new(0x7FE0, 0x0003);

    private static readonly DicomTransferSyntax[] Native =
    [
        DicomTransferSyntax.ImplicitVRLittleEndian, DicomTransferSyntax.ExplicitVRLittleEndian, DicomTransferSyntax.ExplicitVRBigEndian,
        DicomTransferSyntax.DeflatedExplicitVRLittleEndian,
    ];

    private static readonly DicomReadOptions Options = new() { MaxHeaderBytes = MaxAttributes, MaxInlineValue = MaxAttributes };

    private readonly NativePixels? pixels;
    private readonly ReadOnlyMemory<byte> fileMeta;
    private readonly ReadOnlyMemory<byte> before;
    private readonly ReadOnlyMemory<byte> after;
    private SharedBudget.Share? room;

    private NativeInstance(ReadOnlyMemory<byte> fileMeta, ReadOnlyMemory<byte> before, NativePixels? pixels, ReadOnlyMemory<byte> after) =>
        (this.fileMeta, this.before, this.pixels, this.after) = (fileMeta, before, pixels, after);

    /// <summary>Bytes of the data set.</summary>
    public long DatasetLength => before.Length + Padded(pixels?.Length ?? 0) + after.Length;

    /// <summary>Bytes of the file: with preamble and group 0002.</summary>
    public long FileLength => fileMeta.Length + DatasetLength;

    /// <summary>Whether what is stored so has a native form here.</summary>
    /// <exception cref="CodecUnavailableException">That cannot be told now.</exception>
    public static async ValueTask<bool> IsPossibleAsync(CodecPool pool, InstanceRecord instance, CancellationToken cancellation) =>
        DicomTransferSyntax.Find(instance.TransferSyntaxUid) is { } syntax && (Native.Contains(syntax) || await pool.CanDecodeAsync(syntax.UID, cancellation));

    /// <summary>Reads the stored file through once, and decompresses its first frame where there is one.</summary>
    /// <param name="syntax">Explicit or Implicit VR Little Endian.</param>
    /// <exception cref="CodecException">It cannot be had in this form.</exception>
    /// <exception cref="CodecUnavailableException">It cannot be had so now.</exception>
    public static async Task<NativeInstance> OpenAsync(
        CodecPool pool, IReadSession session, InstanceRecord instance, DicomTransferSyntax syntax, CancellationToken cancellation)
    {
        var room = await pool.TakeRoomAsync(session.Reader, Copies * MostAttributes(instance), cancellation);
        try
        {
            var native = await ReadAsync(pool, session, instance, syntax, room, cancellation);
            room.Keep(2L * (native.fileMeta.Length + native.before.Length + native.after.Length));
            native.room = room;
            return native;
        }
        catch
        {
            room.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of attributes that an instance can have where it is read.</summary>
    public static long MostAttributes(InstanceRecord instance) => instance.OffsetsAreInflated ? MaxAttributes : Math.Min(instance.Object.Length, MaxAttributes);

    private static async Task<NativeInstance> ReadAsync(
        CodecPool pool, IReadSession session, InstanceRecord instance, DicomTransferSyntax syntax, SharedBudget.Share room, CancellationToken cancellation)
    {
        await using var file = new InstanceStream(session, instance, 0);
        await using var reader = new DicomStreamReader(file, Options);
        try
        {
            await reader.OpenAsync(cancellation);
            await reader.ReadToEndAsync(cancellation);
        }
        catch (DicomDataException wrong)
        {
            throw new CodecException("The stored data set cannot be read, or is too large to be changed.", wrong);
        }

        var (before, after) = (new DicomDataset(), new DicomDataset());
        var pixelTag = reader.PixelData?.Tag;
        foreach (var item in reader.Dataset)
        {
            if (item.Tag != pixelTag)
            {
                (item.Tag < (pixelTag ?? DicomTag.PixelData) ? before : after).AddOrUpdate(item);
            }
        }

        var values = new ShortValues(session, instance, reader.Syntax is { IsBigEndian: true });
        await values.LoadAsync(before, cancellation);
        await values.LoadAsync(after, cancellation);
        room.Keep(Copies * (reader.KeptBytes + values.Total));
        var pixels = reader.PixelData is { } layout ? await PixelsAsync(pool, session, instance, reader.Dataset, layout, cancellation) : null;
        try
        {
            return Build(instance, reader, before, pixels, after, syntax);
        }
        catch
        {
            (pixels as DecodedPixels)?.Dispose();
            throw;
        }
    }

    public async ValueTask WriteFileAsync(IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush, CancellationToken cancellation)
    {
        output.Write(fileMeta.Span);
        await WriteDatasetAsync(output, flush, cancellation);
    }

    public async ValueTask WriteDatasetAsync(IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush, CancellationToken cancellation)
    {
        await DecodedPixels.WriteAsync(before, output, flush, cancellation);
        if (pixels is not null)
        {
            await pixels.WriteAsync(output, flush, cancellation);
            if (pixels.Length % 2 != 0)
            {
                output.Write<byte>([0]);
            }
        }

        await DecodedPixels.WriteAsync(after, output, flush, cancellation);
    }

    public void Dispose()
    {
        (pixels as DecodedPixels)?.Dispose();
        room?.Dispose();
    }

    private static long Padded(long length) => length + (length & 1);

    private static async Task<NativePixels> PixelsAsync(
        CodecPool pool, IReadSession session, InstanceRecord instance, DicomDataset dataset, DicomPixelLayout layout, CancellationToken cancellation)
    {
        if (layout.IsEncapsulated)
        {
            var frames = new CompressedFrames(pool, session, instance, CompressedFrames.Describe(dataset));
            return await DecodedPixels.OpenAsync(frames, layout, cancellation);
        }

        // Words of a pixel cell, and at least two bytes where big-endian pixel data is OW (PS3.5 8.1.1).
        var wordSize = !layout.IsBigEndian ? 1
            : dataset.TryGetInt32(DicomTag.BitsAllocated, out var bits) && bits is > 8 and <= WadoFrames.MaxWordBits ? bits / 8
            : layout.VR == DicomVR.OW ? 2 : 1;
        return new StoredPixels(session, instance, layout, wordSize);
    }

    private static NativeInstance Build(
        InstanceRecord instance, DicomStreamReader reader, DicomDataset before, NativePixels? pixels, DicomDataset after, DicomTransferSyntax syntax)
    {
        if (pixels is DecodedPixels decoded)
        {
            Describe(before, decoded.Description, instance.TransferSyntaxUid);
        }

        var (meta, head, tail) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        DicomWriter.WriteDataset(head, before, syntax);
        DicomWriter.WriteDataset(tail, after, syntax);
        DicomWriter.WriteFileMeta(meta, FileMeta(reader.FileMeta, instance, syntax));
        if (pixels is not null)
        {
            WritePixelHeader(head, reader, reader.PixelData!.Tag, syntax, pixels.Length);
        }

        return new NativeInstance(meta.WrittenMemory, head.WrittenMemory, pixels, tail.WrittenMemory);
    }

    /// <summary>What decompression changes in the data set.</summary>
    private static void Describe(DicomDataset dataset, FrameDescription frame, string from)
    {
        dataset.AddOrUpdate(DicomTag.PhotometricInterpretation, frame.PhotometricInterpretation);
        if (frame.SamplesPerPixel > 1)
        {
            dataset.AddOrUpdate(DicomTag.PlanarConfiguration, frame.PlanarConfiguration);
        }

        // The transfer syntax said so as long as it was there (PS3.3 C.7.6.1.1.5).
        if ((from == DicomTransferSyntax.JPEGBaseline8Bit.UID || from == DicomTransferSyntax.JPEGExtended12Bit.UID) && !dataset.Contains(DicomTag.LossyImageCompression))
        {
            dataset.AddOrUpdate(DicomTag.LossyImageCompression, "01");
        }

        dataset.Remove(DicomTag.ExtendedOffsetTable);
        dataset.Remove(DicomTag.ExtendedOffsetTableLengths);
        dataset.Remove(EncapsulatedPixelDataValueTotalLength);
    }

    private static DicomDataset FileMeta(DicomDataset stored, InstanceRecord instance, DicomTransferSyntax syntax)
    {
        var meta = new DicomDataset();
        foreach (var item in stored)
        {
            meta.AddOrUpdate(item);
        }

        return meta.AddOrUpdate(DicomTag.MediaStorageSOPClassUID, instance.SopClassUid)
            .AddOrUpdate(DicomTag.MediaStorageSOPInstanceUID, instance.SopInstanceUid)
            .AddOrUpdate(DicomTag.TransferSyntaxUID, syntax.UID)
            .AddOrUpdate(DicomTag.ImplementationClassUID, DicomImplementation.ClassUID)
            .AddOrUpdate(DicomTag.ImplementationVersionName, DicomImplementation.Version);
    }

    /// <summary>The header of the pixel data element (PS3.5 7.1): OB for bytes, OW for words and wherever the VR is not told.</summary>
    private static void WritePixelHeader(ArrayBufferWriter<byte> output, DicomStreamReader reader, DicomTag tag, DicomTransferSyntax syntax, long length)
    {
        if (Padded(length) > MaxValue)
        {
            throw new CodecException("The pixel data is longer than native pixel data can be.");
        }

        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(header, tag.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], tag.Element);
        var lengthAt = 4;
        if (syntax.IsExplicitVR)
        {
            var isBytes = reader.Dataset.TryGetInt32(DicomTag.BitsAllocated, out var bits) && bits <= 8;
            var vr = tag != DicomTag.PixelData || !reader.PixelData!.IsEncapsulated ? reader.PixelData!.VR : isBytes ? DicomVR.OB : DicomVR.OW;
            (header[4], header[5], header[6], header[7], lengthAt) = ((byte)vr.Code[0], (byte)vr.Code[1], 0, 0, 8);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(header[lengthAt..], (uint)Padded(length));
        output.Write(header[..(lengthAt + 4)]);
    }
}
