using System.Buffers;
using System.IO.Compression;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Byte ranges of what offsets count in: the stored file, or the inflated data set of a deflated one (PS3.5 A.5).</summary>
internal static class FileRanges
{
    private const int BufferSize = 64 * 1024;

    public static async ValueTask CopyAsync(
        IReadSession session, InstanceRecord instance, long offset, long length, IBufferWriter<byte> output,
        Func<CancellationToken, ValueTask> flush, CancellationToken cancellation)
    {
        if (!instance.OffsetsAreInflated)
        {
            await session.CopyAsync(instance, offset, length, output, flush, cancellation);
            return;
        }

        await using var file = new InstanceStream(session, instance, instance.DataSetOffset);
        await using var inflated = new DeflateStream(file, CompressionMode.Decompress);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (var skipped = 0L; skipped < offset;)
            {
                skipped += await ReadAsync(inflated, buffer.AsMemory(0, (int)Math.Min(buffer.Length, offset - skipped)), cancellation);
            }

            for (var copied = 0L; copied < length;)
            {
                var read = await ReadAsync(inflated, buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - copied)), cancellation);
                output.Write(buffer.AsSpan(0, read));
                copied += read;
                await flush(cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static async ValueTask<int> ReadAsync(Stream source, Memory<byte> buffer, CancellationToken cancellation) =>
        await source.ReadAsync(buffer, cancellation) is var read and > 0
            ? read
            : throw new EndOfStreamException("The data set is shorter than its record says.");
}
