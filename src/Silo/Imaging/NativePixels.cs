using System.Buffers;
using SecureStore.Codecs;
using SecureStore.Codecs.Protocol;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;
using SecureStore.Silo.DicomWeb;

namespace SecureStore.Silo.Imaging;

/// <summary>Pixel data on its way out in native form, little endian.</summary>
internal abstract class NativePixels
{
    /// <summary>Bytes, without the one that makes them even.</summary>
    public abstract long Length { get; }

    public abstract ValueTask WriteAsync(IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush, CancellationToken cancellation);
}

/// <summary>Pixel data that is stored native: its words are turned round where they are big-endian.</summary>
internal sealed class StoredPixels(IReadSession session, InstanceRecord instance, DicomPixelLayout layout, int wordSize) : NativePixels
{
    private readonly FrameData data = FrameData.Of([(layout.Offset, layout.Length)], wordSize);

    public override long Length => data.Length;

    public override ValueTask WriteAsync(IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush, CancellationToken cancellation) =>
        data.CopyAsync(session, instance, output, flush, cancellation);
}

/// <summary>Pixel data that is decompressed as it goes out, a frame at a time.</summary>
internal sealed class DecodedPixels : NativePixels, IDisposable
{
    private const int PieceSize = 64 * 1024;

    private readonly CompressedFrames frames;
    private readonly DicomPixelLayout layout;
    private NativeFrame? first;

    private DecodedPixels(CompressedFrames frames, DicomPixelLayout layout, NativeFrame first)
    {
        (this.frames, this.layout, this.first) = (frames, layout, first);
        Description = first.Description;
    }

    /// <summary>What each frame is now.</summary>
    public FrameDescription Description { get; }

    public override long Length => layout.FrameCount * Description.NativeLength;

    /// <summary>Decompresses the first frame, so that what cannot be decompressed is found before anything goes out.</summary>
    /// <exception cref="CodecException">It cannot be decompressed.</exception>
    /// <exception cref="CodecUnavailableException">It cannot be now.</exception>
    public static async Task<DecodedPixels> OpenAsync(CompressedFrames frames, DicomPixelLayout layout, CancellationToken cancellation)
    {
        if (layout.FrameCount == 0 || layout.FrameCount != layout.NumberOfFrames)
        {
            throw new CodecException("The pixel data has another number of frames than the data set says.");
        }

        return new DecodedPixels(frames, layout, await frames.DecodeAsync(Fragments(layout, 0), cancellation));
    }

    public override async ValueTask WriteAsync(IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush, CancellationToken cancellation)
    {
        for (var i = 0; i < layout.FrameCount; i++)
        {
            using var frame = Interlocked.Exchange(ref first, null) is { } held && i == 0 ? held
                : await frames.DecodeAsync(Fragments(layout, i), cancellation);
            if (frame.Description != Description)
            {
                throw new CodecException("The frames of the pixel data are not of one kind.");
            }

            await WriteAsync(frame.Pixels, output, flush, cancellation);
        }
    }

    public void Dispose() => Interlocked.Exchange(ref first, null)?.Dispose();

    /// <summary>Writes a frame in pieces, so that no buffer has to grow to its size.</summary>
    public static async ValueTask WriteAsync(
        ReadOnlyMemory<byte> pixels, IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush, CancellationToken cancellation)
    {
        while (!pixels.IsEmpty)
        {
            var piece = pixels[..Math.Min(PieceSize, pixels.Length)];
            output.Write(piece.Span);
            pixels = pixels[piece.Length..];
            await flush(cancellation);
        }
    }

    private static List<(long Offset, long Length)> Fragments(DicomPixelLayout layout, int frame) =>
        [.. layout.GetFrame(frame).Select(range => (range.Offset, range.Length))];
}
