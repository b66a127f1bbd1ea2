using System.Buffers;
using System.Runtime.CompilerServices;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <inheritdoc cref="IReadSession"/>
internal sealed class ReadSession(OpenStudy open, ICatalog catalog, IObjectStore objects, Vault.Vault vault) : IReadSession
{
    private (InstanceRecord Instance, SealedPartReader Reader)? file;
    private bool exited;

    public StudyHandle Study => open.Study;

    public string Reader => open.Reader;

    public bool HasLost => open.HasLost;

    public CancellationToken Closing => open.Closing;

    public async IAsyncEnumerable<InstanceRecord> InstancesAsync(
        string? seriesInstanceUid, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in catalog.ListInstancesAsync(open.Study, cancellation))
        {
            open.ThrowIfClosed();
            var record = StudyRows.OpenInstance(open.Key, row);
            if (seriesInstanceUid is null || record.SeriesInstanceUid == seriesInstanceUid)
            {
                yield return record;
            }
        }
    }

    public async ValueTask<InstanceRecord?> FindAsync(string? seriesInstanceUid, string sopInstanceUid, CancellationToken cancellation)
    {
        open.ThrowIfClosed();
        var rows = await catalog.FindInstancesAsync(open.Study, [vault.MacOfUid(sopInstanceUid)], cancellation);
        if (rows.Count == 0)
        {
            return null;
        }

        open.ThrowIfClosed();
        var record = StudyRows.OpenInstance(open.Key, rows[0]);
        return seriesInstanceUid is null || record.SeriesInstanceUid == seriesInstanceUid ? record : null;
    }

    public async ValueTask CopyAsync(
        InstanceRecord instance, long offset, long length, IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush,
        CancellationToken cancellation)
    {
        ThrowIfLost(instance);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, open.Closing);
        var counting = new CountingWriter(output, open, instance);
        try
        {
            var reader = await OpenFileAsync(instance, linked.Token);
            await reader.CopyAsync(offset, length, counting, FlushAsync, linked.Token);
        }
        catch (OperationCanceledException) when (open.Closing.IsCancellationRequested)
        {
            throw new StudyClosedException();
        }
        finally
        {
            ReleaseMetrics.Bytes.Add(counting.Released);
        }

        async ValueTask FlushAsync(CancellationToken token)
        {
            await flush(token);
            open.ThrowIfClosed();
        }
    }

    public async ValueTask<IMemoryOwner<byte>> MetadataAsync(InstanceRecord instance, CancellationToken cancellation)
    {
        var metadata = await ReadAsync(instance, instance.Metadata, ObjectPart.Metadata, 0, checked((int)instance.Metadata.Length), cancellation);
        open.Count(instance, metadata.Memory.Length);
        ReleaseMetrics.Bytes.Add(metadata.Memory.Length);
        return metadata;
    }

    public async ValueTask<IReadOnlyList<(long Offset, long Length)>> FrameAsync(
        InstanceRecord instance, int frame, CancellationToken cancellation)
    {
        var frames = instance.Frames;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frame, frames?.Count ?? 0);
        ThrowIfLost(instance);
        if (frames!.Table is not { } table)
        {
            var firstBit = (frame - 1) * frames.NativeFrameBits;
            var begin = firstBit / 8;
            return [(frames.NativeOffset + begin, (firstBit + frames.NativeFrameBits + 7) / 8 - begin)];
        }

        using var entry = await ReadAsync(
            instance, table, ObjectPart.FrameTable, (long)(frame - 1) * FrameIndex.EntrySize, FrameIndex.EntrySize, cancellation);
        var (first, count) = FrameTable.Frame(entry.Memory.Span);
        var fragmentsOfAll = table.Length / FrameIndex.EntrySize - frames.Count;
        if (first < 0 || count < 0 || count > fragmentsOfAll || first > fragmentsOfAll - count)
        {
            throw new SealedObjectException("The frame table does not hold what it says.");
        }

        using var fragments = await ReadAsync(
            instance, table, ObjectPart.FrameTable, (frames.Count + first) * FrameIndex.EntrySize, checked((int)count * FrameIndex.EntrySize), cancellation);
        var ranges = new (long, long)[count];
        for (var i = 0; i < ranges.Length; i++)
        {
            ranges[i] = FrameTable.Frame(fragments.Memory.Span[(i * FrameIndex.EntrySize)..]);
        }

        return ranges;
    }

    public ValueTask DisposeAsync()
    {
        if (!exited)
        {
            exited = true;
            file?.Reader.Dispose();
            open.Exit();
        }

        return ValueTask.CompletedTask;
    }

    private static void ThrowIfLost(InstanceRecord instance)
    {
        if (instance.LostSince is not null)
        {
            throw new InstanceLostException();
        }
    }

    private async ValueTask<IMemoryOwner<byte>> ReadAsync(
        InstanceRecord instance, SealedPart part, ObjectPart kind, long offset, int length, CancellationToken cancellation)
    {
        var memory = new PooledBytes(length);
        try
        {
            using var reader = await OpenAsync(instance, part, kind, cancellation);
            await reader.ReadAsync(offset, memory.Memory, cancellation);
            open.ThrowIfClosed();
            return memory;
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>A request mostly reads many ranges of one file: it stays open until another is wanted.</summary>
    private async ValueTask<SealedPartReader> OpenFileAsync(InstanceRecord instance, CancellationToken cancellation)
    {
        open.ThrowIfClosed();
        if (file is not { } last || !ReferenceEquals(last.Instance, instance))
        {
            file?.Reader.Dispose();
            file = null;
            file = (instance, await OpenAsync(instance, instance.Object, ObjectPart.File, cancellation));
        }

        return file.Value.Reader;
    }

    private async ValueTask<SealedPartReader> OpenAsync(
        InstanceRecord instance, SealedPart part, ObjectPart kind, CancellationToken cancellation)
    {
        open.ThrowIfClosed();
        using var objectKey = KeyWrap.UnwrapObjectKey(
            open.Key, open.Study, vault.MacOfUid(instance.SopInstanceUid).Bytes.Span, instance.WrappedKey);
        return await SealedPartReader.OpenAsync(objects, open.Study, part, kind, objectKey, cancellation);
    }

    /// <summary>Passes on to another writer, and counts what was released as it goes: what breaks off was released too.</summary>
    private sealed class CountingWriter(IBufferWriter<byte> output, OpenStudy open, InstanceRecord instance) : IBufferWriter<byte>
    {
        public long Released { get; private set; }

        public void Advance(int count)
        {
            open.ThrowIfClosed();
            output.Advance(count);
            open.Count(instance, count);
            Released += count;
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => output.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => output.GetSpan(sizeHint);
    }

    /// <summary>Exactly so many pooled bytes; zeroed when they go back.</summary>
    private sealed class PooledBytes(int length) : IMemoryOwner<byte>
    {
        private byte[]? bytes = ArrayPool<byte>.Shared.Rent(length);

        public Memory<byte> Memory => bytes.AsMemory(0, length);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref bytes, null) is { } gone)
            {
                gone.AsSpan(0, length).Clear();
                ArrayPool<byte>.Shared.Return(gone);
            }
        }
    }
}
