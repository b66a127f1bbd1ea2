using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Studies;

/// <inheritdoc cref="IStudyReader"/>
public sealed class StudyReader : IStudyReader, ILeaseHolder, IAsyncDisposable
{
    private static readonly TimeSpan RenewalPeriod = Lease.Duration / 3;

    private readonly ConcurrentDictionary<string, OpenStudy> sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, OpenStudy> leases = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> cancelledEarly = new();
    private readonly IGrainFactory grains;
    private readonly ICatalog catalog;
    private readonly IObjectStore objects;
    private readonly Vault.Vault vault;
    private readonly TimeProvider time;
    private readonly ILogger<StudyReader> logger;
    private readonly ITimer timer;
    private readonly Lazy<ILeaseHolder> self;
    private int renewing;

    public StudyReader(
        IGrainFactory grains, ICatalog catalog, IObjectStore objects, Vault.Vault vault, TimeProvider time, ILogger<StudyReader> logger)
    {
        (this.grains, this.catalog, this.objects, this.vault, this.time, this.logger) = (grains, catalog, objects, vault, time, logger);
        self = new Lazy<ILeaseHolder>(() => grains.CreateObjectReference<ILeaseHolder>(this));
        timer = time.CreateTimer(_ => _ = RenewAllAsync(), null, RenewalPeriod, RenewalPeriod);
    }

    public async ValueTask<OpenResult> OpenAsync(
        string token, string studyInstanceUid, PolicyActions action, string? address, CancellationToken cancellation)
    {
        var name = SessionName(token, studyInstanceUid, action);
        if (sessions.TryGetValue(name, out var running) && running.TryEnter())
        {
            return Opened(running);
        }

        if (await catalog.FindStudyAsync(vault.MacOfUid(studyInstanceUid), cancellation) is not { } row)
        {
            return new OpenResult(ReadVerdict.NotFound, null);
        }

        var grain = grains.GetGrain<IStudyGrain>(row.Study.Value);
        var decision = await grain.BeginReadAsync(new ReadRequest { Token = token, Action = action, Address = address }, self.Value);
        if (decision.Verdict != ReadVerdict.Granted)
        {
            return new OpenResult(decision.Verdict, null);
        }

        if (await vault.OpenStudyKeyAsync(row.Study, cancellation) is not { } key)
        {
            return new OpenResult(ReadVerdict.NotFound, null);
        }

        var opened = new OpenStudy(row.Study, grain, decision.Lease, key, time);
        opened.TryEnter();
        leases[decision.Lease] = opened;
        if (cancelledEarly.TryRemove(decision.Lease, out _) && leases.TryRemove(decision.Lease, out _))
        {
            opened.Exit();
            await CloseAsync(opened);
            return new OpenResult(ReadVerdict.NotFound, null);
        }

        // Whoever was as fast keeps a session of his own until it is idle; later requests join the newest.
        sessions[name] = opened;
        return Opened(opened);
    }

    public async Task CancelAsync(Guid lease)
    {
        // The lease may still be on its way here: whoever gets it finds this note and opens nothing.
        cancelledEarly[lease] = time.GetUtcNow();
        if (leases.TryRemove(lease, out var opened))
        {
            cancelledEarly.TryRemove(lease, out _);
            await CloseAsync(opened);
        }
    }

    /// <summary>Ends every session, while the grains are still there to be told: the archive stops.</summary>
    public async Task EndAllAsync()
    {
        foreach (var lease in leases.Keys)
        {
            if (leases.TryRemove(lease, out var opened))
            {
                await EndOrLeaveAsync(opened);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        await EndAllAsync();
    }

    private OpenResult Opened(OpenStudy open) => new(ReadVerdict.Granted, new ReadSession(open, catalog, objects, vault));

    private async Task RenewAllAsync()
    {
        if (Interlocked.Exchange(ref renewing, 1) == 1)
        {
            return;
        }

        try
        {
            foreach (var (lease, since) in cancelledEarly)
            {
                if (time.GetUtcNow() - since > Lease.Duration)
                {
                    cancelledEarly.TryRemove(lease, out _);
                }
            }

            await Task.WhenAll(leases.Values.Select(RenewOrEndAsync));
        }
        finally
        {
            Volatile.Write(ref renewing, 0);
        }
    }

    private async Task EndOrLeaveAsync(OpenStudy open)
    {
        try
        {
            await EndAsync(open);
        }
        catch (Exception failure) when (failure is OrleansException or TimeoutException or StorageUnavailableException)
        {
            logger.LogWarning("The end of lease {Lease} could not be told: {Reason}.", open.Lease, failure.GetType().Name);
        }
    }

    private async Task RenewOrEndAsync(OpenStudy open)
    {
        try
        {
            if (open.IsIdle)
            {
                if (leases.TryRemove(open.Lease, out _))
                {
                    await EndAsync(open);
                }
            }
            else if (!await open.RenewAsync() && leases.TryRemove(open.Lease, out _))
            {
                await EndAsync(open);
            }
        }
        catch (Exception failure) when (failure is OrleansException or TimeoutException or StorageUnavailableException)
        {
            // Not renewed, the lease runs out by itself: reads stop then.
            logger.LogWarning("Lease {Lease} could not be renewed: {Reason}.", open.Lease, failure.GetType().Name);
        }
    }

    private async Task EndAsync(OpenStudy open)
    {
        await CloseAsync(open);
        var (instances, bytes) = open.Released;
        await open.Grain.EndAsync(open.Lease, instances, bytes);
    }

    private async Task CloseAsync(OpenStudy open)
    {
        foreach (var (name, session) in sessions)
        {
            if (session == open)
            {
                sessions.TryRemove(new KeyValuePair<string, OpenStudy>(name, open));
            }
        }

        await open.CloseAsync();
        open.Dispose();
    }

    /// <summary>A session belongs to a token; the dictionary holds its hash alone.</summary>
    private static string SessionName(string token, string studyInstanceUid, PolicyActions action) =>
        $"{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)))} {studyInstanceUid} {action}";
}
