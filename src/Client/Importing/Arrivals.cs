using System.Threading.Channels;
using SecureStore.Client.Files;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Importing;

/// <summary>The instances that a C-GET or C-MOVE is to bring. Each is taken once; what was not asked for is not taken, and what came in part has not come.</summary>
sealed class Arrivals(IEnumerable<SourceInstance> awaited, ChannelWriter<FetchedInstance> output)
{
    readonly Dictionary<string, SourceInstance> _awaited = awaited.ToDictionary(one => one.Uid!, StringComparer.Ordinal);
    readonly TaskCompletionSource _lastTaken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _lock = new();
    int _taking;
    bool _isOver;

    /// <summary>Takes an instance as it comes, with a file header made for it (PS3.10 7.1), and waits until there is room for it.</summary>
    /// <returns>The status of the C-STORE.</returns>
    public async ValueTask<ushort> TakeAsync(DicomMessage store, string sourceAE, CancellationToken cancellation)
    {
        if (Begin(store.SOPInstanceUID ?? "") is not { } instance)
        {
            return DicomStatus.NotAuthorized;
        }

        SpooledFile? spool = null;
        try
        {
            spool = SpooledFile.Create();
            var file = store.OpenFile(sourceAE);
            await using (file.ConfigureAwait(false))
            {
                await file.CopyToAsync(spool.Writer, cancellation).ConfigureAwait(false);
            }

            await output.WriteAsync(FetchedInstance.Spooled(instance, spool), cancellation).ConfigureAwait(false);
            spool = null;
            instance = null;
            return DicomStatus.Success;
        }
        finally
        {
            spool?.Dispose();
            End(instance);
        }
    }

    /// <summary>Takes no more, and waits for what is coming at the moment: a C-MOVE may be answered before its last C-STORE is.</summary>
    /// <returns>What has not come.</returns>
    public async Task<IReadOnlyCollection<SourceInstance>> EndAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            _isOver = true;
            if (_taking == 0)
            {
                _lastTaken.TrySetResult();
            }
        }

        await _lastTaken.Task.WaitAsync(cancellation).ConfigureAwait(false);
        return _awaited.Values;
    }

    SourceInstance? Begin(string uid)
    {
        lock (_lock)
        {
            if (_isOver || !_awaited.Remove(uid, out var instance))
            {
                return null;
            }

            _taking++;
            return instance;
        }
    }

    /// <param name="failed">What did not come whole; null where it did.</param>
    void End(SourceInstance? failed)
    {
        lock (_lock)
        {
            if (failed is not null)
            {
                _awaited.Add(failed.Uid!, failed);
            }

            if (--_taking == 0 && _isOver)
            {
                _lastTaken.TrySetResult();
            }
        }
    }
}
