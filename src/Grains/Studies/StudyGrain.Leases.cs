using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Studies;

/// <summary>
/// Read leases. An activation gives and renews one only while the catalog has it as the study's owner, asked after the wish came in. So whatever
/// activations before this one gave has run out a lease's time after this one's claim, wherever they and the readers are.
/// </summary>
internal sealed partial class StudyGrain
{
    private readonly Dictionary<Guid, ReadLease> readLeases = [];

    public async Task<ReadDecision> BeginReadAsync(ReadRequest request)
    {
        ThrowIfBroken();
        if (await TokenAsync(request.Token) is not { } token)
        {
            return new ReadDecision(ReadVerdict.Unauthorized);
        }

        await EnsureKnownAsync();
        if (Judge(token, request.Action) is var verdict and not ReadVerdict.Granted)
        {
            await RecordRefusalAsync(token, request.Action, request.Address);
            return new ReadDecision(verdict);
        }

        var lease = Guid.NewGuid();
        var opened = facts!;
        await audit.AppendAsync(
            Event(AuditAction.StudyOpened, token, request.Action, opened) with { Session = lease, Address = request.Address },
            CancellationToken.None);
        await EnsureOwnerAsync();

        // A destruction may have begun, or a commit failed, while the record was being written.
        if (Judge(token, request.Action) is var after and not ReadVerdict.Granted)
        {
            return new ReadDecision(after);
        }

        return new ReadDecision(ReadVerdict.Granted, lease, Give(lease, token, request)) { HasLost = facts!.Lost > 0 };
    }

    public async Task<TimeSpan> RenewAsync(Guid lease, ReadRequest request)
    {
        ThrowIfBroken();
        if (await TokenAsync(request.Token) is not { } token)
        {
            return TimeSpan.Zero;
        }

        await EnsureOwnerAsync();
        var hasRunOut = readLeases.TryGetValue(lease, out var held) && held.Expires <= time.GetUtcNow();
        return hasRunOut || Judge(token, request.Action) != ReadVerdict.Granted ? TimeSpan.Zero : Give(lease, token, request);
    }

    public async Task EndReadAsync(ClosedSession session)
    {
        readLeases.Remove(session.Lease, out var held);
        await RecordCloseAsync(session, held);
    }

    public async Task EndStoreAsync(Guid lease)
    {
        if (storeLeases.Remove(lease, out var store))
        {
            CloseStoreKey();
            await RecordStoreEndAsync(lease, store);
            await UnbindAsync();
        }
    }

    private ReadVerdict Judge(PolicyToken token, PolicyActions action)
    {
        if (!IsReadable || !token.Covers(facts!.StudyInstanceUid, facts.Patient))
        {
            return ReadVerdict.NotFound;
        }

        return token.Allows(action, facts.StudyInstanceUid, facts.Patient) ? ReadVerdict.Granted : ReadVerdict.Forbidden;
    }

    /// <summary>An owner that was overtaken does not know what came after it, and does not say that there is nothing. What is destroyed stays so.</summary>
    /// <exception cref="StorageUnavailableException">The study has another owner by now, or it cannot be said.</exception>
    private async Task EnsureKnownAsync()
    {
        if (state == StudyState.Active && !IsReadable)
        {
            await EnsureOwnerAsync();
        }
    }

    /// <exception cref="StorageUnavailableException">The study has another owner by now, or it cannot be said.</exception>
    private async Task EnsureOwnerAsync()
    {
        var row = await catalog.GetStudyAsync(Study, CancellationToken.None);
        if (row?.OwnerEpoch != ownerEpoch)
        {
            Abandon();
        }

        ThrowIfBroken();
    }

    private TimeSpan Give(Guid lease, PolicyToken token, ReadRequest request)
    {
        var now = time.GetUtcNow();
        foreach (var (forgotten, _) in readLeases.Where(other => other.Value.Expires + Lease.Duration < now).ToList())
        {
            readLeases.Remove(forgotten);
        }

        var validFor = ValidFor(token);
        readLeases[lease] = new ReadLease(token, request, now + validFor);
        return validFor;
    }

    /// <summary>A lease outlives neither its token nor the study's last day.</summary>
    private TimeSpan ValidFor(PolicyToken token)
    {
        var now = time.GetUtcNow();
        var end = now + Lease.Duration;
        end = end < token.Expires ? end : token.Expires;
        if (facts is { LegalHold: null, DueDay: var day })
        {
            var due = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
            end = end < due ? end : due;
        }

        return end - now;
    }

    /// <summary>
    /// Ends all leases, and has every silo close the study's sessions, whoever gave them their leases. Returns once nobody releases a byte any
    /// more: each silo has let go, or the leases on it have run out.
    /// </summary>
    private async Task EndLeasesAsync()
    {
        var reads = readLeases.ToDictionary();
        readLeases.Clear();
        var ends = new LeaseEnds(
            reads.Values.GroupBy(read => read.Request.Silo).ToDictionary(on => on.Key, on => on.Max(read => read.Expires)), owned + Lease.Duration);
        var closed = await Task.WhenAll(CloseHereAsync(), others.CloseAsync(Study, ends));
        await Task.WhenAll(closed.SelectMany(sessions => sessions).Select(
            session => TryRecordAsync(session.Lease, () => RecordCloseAsync(session, reads.GetValueOrDefault(session.Lease)))));
        await EndStoresAsync();
    }

    private async Task<IReadOnlyList<ClosedSession>> CloseHereAsync()
    {
        try
        {
            return await reader.CloseAsync(Study).WaitAsync(Lease.Duration, time);
        }
        catch (TimeoutException)
        {
            logger.LogWarning("A reader of study {Study} does not let go; its lease has run out.", Study);
            return [];
        }
    }

    private async Task EndStoresAsync()
    {
        var stores = storeLeases.ToList();
        storeLeases.Clear();
        CloseStoreKey();
        await Task.WhenAll(stores.Select(store => TryRecordAsync(store.Key, () => RecordStoreEndAsync(store.Key, store.Value))));
    }

    /// <summary>A lease ends whether or not its counts can be recorded; its beginning is in the audit log.</summary>
    private async Task TryRecordAsync(Guid lease, Func<Task> record)
    {
        try
        {
            await record();
        }
        catch (StorageUnavailableException)
        {
            logger.LogWarning("The counts of lease {Lease} could not be recorded.", lease);
        }
    }

    /// <param name="session">The session that has ended.</param>
    /// <param name="held">Its lease, where this activation knows it.</param>
    private async Task RecordCloseAsync(ClosedSession session, ReadLease? held) => await audit.AppendAsync(
        Event(AuditAction.StudyClosed, held?.Token, session.Action, facts) with
        {
            // Whoever hears of the end, and however often: it is recorded once.
            Id = session.Lease,
            Session = session.Lease,
            Actor = session.Subject,
            TokenId = session.TokenId,
            TokenIssuer = session.TokenIssuer,
            Instances = session.Released.Instances,
            Bytes = session.Released.Bytes,
        },
        CancellationToken.None);

    private sealed record ReadLease(PolicyToken Token, ReadRequest Request, DateTimeOffset Expires);
}
