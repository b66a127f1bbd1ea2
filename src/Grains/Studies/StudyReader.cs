using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;

namespace SecureStore.Grains.Studies;

/// <inheritdoc cref="IStudyReader"/>
public sealed class StudyReader : IStudyReader, IAsyncDisposable
{
    private static readonly TimeSpan RenewalPeriod = Lease.Duration / 3;

    private readonly ConcurrentDictionary<string, OpenStudy> sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, OpenStudy> leases = new();
    private readonly ConcurrentDictionary<StudyHandle, (long Turn, DateTimeOffset At)> closedStudies = new();
    private readonly IGrainFactory grains;
    private readonly ICatalog catalog;
    private readonly IObjectStore objects;
    private readonly Vault.Vault vault;
    private readonly IPolicyTokens tokens;
    private readonly IAuditLog audit;
    private readonly SiloAddress self;
    private readonly TimeProvider time;
    private readonly ILogger<StudyReader> logger;
    private readonly ITimer timer;
    private long turn;

    public StudyReader(
        IGrainFactory grains, ICatalog catalog, IObjectStore objects, Vault.Vault vault, IPolicyTokens tokens, IAuditLog audit,
        ILocalSiloDetails silo, TimeProvider time, ILogger<StudyReader> logger)
    {
        (this.grains, this.catalog, this.objects, this.vault, this.tokens) = (grains, catalog, objects, vault, tokens);
        (this.audit, self, this.time, this.logger) = (audit, silo.SiloAddress, time, logger);
        timer = time.CreateTimer(_ => _ = RenewAllAsync(), null, RenewalPeriod, RenewalPeriod);
    }

    public async ValueTask<OpenResult> OpenAsync(
        string token, string studyInstanceUid, PolicyActions action, string? address, CancellationToken cancellation)
    {
        var result = await TryOpenAsync(token, studyInstanceUid, action, address, cancellation);
        if (result.Session is null)
        {
            RefusalMetrics.Read(result.Verdict);
        }

        return result;
    }

    private async ValueTask<OpenResult> TryOpenAsync(
        string token, string studyInstanceUid, PolicyActions action, string? address, CancellationToken cancellation)
    {
        // A session is joined without asking the grain: what its token has lost since shows here.
        if ((await tokens.CheckAsync(token, cancellation)).Token is not { } caller)
        {
            return new OpenResult(ReadVerdict.Unauthorized, null);
        }

        var name = SessionName(token, studyInstanceUid, action);
        if (sessions.TryGetValue(name, out var running) && running.TryEnter())
        {
            return Opened(running);
        }

        if (await catalog.FindStudyAsync(vault.MacOfUid(studyInstanceUid), cancellation) is not { } row)
        {
            await RecordAbsentAsync(caller, studyInstanceUid, action, address, cancellation);
            return new OpenResult(ReadVerdict.NotFound, null);
        }

        var (asked, askedTurn) = (time.GetUtcNow(), Interlocked.Increment(ref turn));
        var grain = grains.GetGrain<IStudyGrain>(row.Study.Value);
        var request = new ReadRequest { Token = token, Action = action, Address = address, Silo = self };
        var decision = await AskAsync(() => grain.BeginReadAsync(request));
        if (decision.Verdict != ReadVerdict.Granted)
        {
            return new OpenResult(decision.Verdict, null);
        }

        if (await OpenKeyAsync(row.Study, grain, ClosedSession.Of(decision.Lease, caller, action)) is not { } key)
        {
            return new OpenResult(ReadVerdict.NotFound, null);
        }

        // Whoever was as fast keeps a session of his own until it is idle; later requests join the newest.
        var opened = new OpenStudy(name, row.Study, grain, decision.Lease, request, caller, key, asked + decision.ValidFor, time) { HasLost = decision.HasLost };
        sessions[name] = opened;
        leases[decision.Lease] = opened;
        ReleaseMetrics.Leases.Add(1);
        if (closedStudies.TryGetValue(row.Study, out var closed) && askedTurn < closed.Turn)
        {
            opened.Exit();
            await CloseAsync(opened);
            return new OpenResult(ReadVerdict.NotFound, null);
        }

        return Opened(opened);
    }

    /// <summary>Ends every session, while the grains are still there to be told: the archive stops.</summary>
    public async Task EndAllAsync() => await Task.WhenAll(leases.Values.Select(EndAsync));

    /// <summary>
    /// Closes every session on a study, and any whose lease was asked for before and is still on its way. For a study's owner, who may not
    /// know of leases that an activation before it has given.
    /// </summary>
    /// <returns>The sessions that were closed.</returns>
    internal async Task<IReadOnlyList<ClosedSession>> CloseAsync(StudyHandle study)
    {
        closedStudies[study] = (Interlocked.Increment(ref turn), time.GetUtcNow());
        var running = leases.Values.Where(open => open.Study == study).ToList();
        await Task.WhenAll(running.Select(CloseAsync));
        return [.. running.Select(open => open.Closed)];
    }

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        await EndAllAsync();
    }

    private OpenResult Opened(OpenStudy open) => new(ReadVerdict.Granted, new ReadSession(open, catalog, objects, vault));

    /// <summary>A study that is absent is refused as one that is foreign is, with a record: the time it takes tells them apart no more.</summary>
    private async ValueTask RecordAbsentAsync(
        PolicyToken caller, string studyInstanceUid, PolicyActions action, string? address, CancellationToken cancellation) =>
        await audit.AppendAsync(
            new AuditEvent
            {
                Id = Guid.NewGuid(),
                Time = time.GetUtcNow(),
                Action = AuditAction.AccessRefused,
                Actor = caller.Subject,
                TokenId = caller.Id,
                TokenIssuer = caller.Issuer,
                StudyInstanceUid = studyInstanceUid,
                PolicyAction = action.ToString(),
                Address = address,
            },
            cancellation);

    /// <summary>The study's key; where there is none, or it cannot be had, the lease is given back.</summary>
    private async Task<Vault.SecretKey?> OpenKeyAsync(StudyHandle study, IStudyGrain grain, ClosedSession unopened)
    {
        Vault.SecretKey? key = null;
        try
        {
            return key = await vault.OpenStudyKeyAsync(study, CancellationToken.None);
        }
        finally
        {
            if (key is null)
            {
                await grain.EndReadAsync(unopened);
            }
        }
    }

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception failure) when (UnansweredCall.Is(failure))
        {
            throw new StorageUnavailableException("The study does not answer.", failure);
        }
    }

    /// <summary>Renews the lease of each session, or ends it.</summary>
    internal async Task RenewAllAsync()
    {
        var old = time.GetUtcNow() - 2 * Lease.Duration;
        foreach (var note in closedStudies.Where(note => note.Value.At < old))
        {
            closedStudies.TryRemove(note);
        }

        // Each by itself: one that does not answer keeps no other waiting.
        await Task.WhenAll(leases.Values.Select(RenewOrEndAsync));
    }

    private async Task RenewOrEndAsync(OpenStudy open)
    {
        try
        {
            if ((await tokens.CheckAsync(open.Token, CancellationToken.None)).IsValid && await open.RenewAsync())
            {
                return;
            }
        }
        catch (Exception failure)
        {
            // Not renewed, the lease runs out by itself: reads stop then, and the session ends at the next turn.
            logger.LogWarning("Lease {Lease} could not be renewed: {Reason}.", open.Lease, failure.GetType().Name);
            return;
        }

        await EndAsync(open);
    }

    private async Task EndAsync(OpenStudy open)
    {
        try
        {
            await CloseAsync(open);
            await open.Grain.EndReadAsync(open.Closed);
        }
        catch (Exception failure)
        {
            logger.LogWarning("The end of lease {Lease} was not taken: {Reason}.", open.Lease, failure.GetType().Name);
        }
    }

    /// <summary>The lease stays known until its session is closed: whoever cancels it meanwhile waits too.</summary>
    private async Task CloseAsync(OpenStudy open)
    {
        sessions.TryRemove(KeyValuePair.Create(open.Name, open));
        await open.CloseAsync();
        if (leases.TryRemove(open.Lease, out _))
        {
            ReleaseMetrics.Leases.Add(-1);
        }
    }

    /// <summary>A session belongs to a token; the dictionary holds its hash alone.</summary>
    private static string SessionName(string token, string studyInstanceUid, PolicyActions action) =>
        $"{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)))} {studyInstanceUid} {action}";
}
