using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Takes the instances of one request into the store, commits them in batches, and keeps what became of each, in order.</summary>
internal sealed class StowIntake(IStoreSession session)
{
    /// <summary>Instances that wait for a commit at most.</summary>
    public const int BatchInstances = 200;

    /// <summary>Bytes after which a commit is due.</summary>
    public const long BatchBytes = 256 * 1024 * 1024;

    private readonly List<StoreResult> _results = [];
    private readonly List<int> _waiting = [];
    private long _waitingBytes;

    public IReadOnlyList<StoreResult> Results => _results;

    /// <summary>Instances that are durable.</summary>
    public int Stored => _results.Count(result => result.IsStored);

    /// <summary>Notes a part that is refused unread.</summary>
    public void Refuse(string reason) => _results.Add(new StoreResult(StoreStatus.CannotUnderstand) { Reason = reason });

    /// <summary>Reads one instance. Whatever it throws, what came before can be committed.</summary>
    /// <exception cref="StorageUnavailableException">Storage fails for now.</exception>
    public async Task TakeAsync(Stream source, CancellationToken cancellation)
    {
        var result = await session.ReceiveAsync(source, cancellation);
        if (result.Status is StoreStatus.Received)
        {
            _waiting.Add(_results.Count);
            _waitingBytes += source.Position;
        }

        _results.Add(result);
    }

    public Task CommitIfDueAsync() =>
        _waiting.Count >= BatchInstances || _waitingBytes >= BatchBytes ? CommitAsync() : Task.CompletedTask;

    /// <summary>Makes what waits durable. It is not stopped halfway when the caller goes.</summary>
    /// <exception cref="StorageUnavailableException">Nothing of what waited is promised.</exception>
    public async Task CommitAsync()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        try
        {
            var outcomes = await session.CommitAsync(CancellationToken.None);
            if (outcomes.Count != _waiting.Count)
            {
                throw new InvalidOperationException("The store has not answered for each instance.");
            }

            for (var i = 0; i < outcomes.Count; i++)
            {
                _results[_waiting[i]] = outcomes[i];
            }
        }
        catch (StorageUnavailableException)
        {
            foreach (var index in _waiting)
            {
                _results[index] = _results[index] with { Status = StoreStatus.Unavailable };
            }

            throw;
        }
        finally
        {
            _waiting.Clear();
            _waitingBytes = 0;
        }
    }
}
