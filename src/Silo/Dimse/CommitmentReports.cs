using System.Collections.Concurrent;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Dimse;

/// <summary>What became of a report that was to be kept.</summary>
internal enum ReportIntake
{
    Kept,

    /// <summary>A report on other instances is kept under its Transaction UID.</summary>
    UidInUse,

    /// <summary>The peer has taken too few of its reports.</summary>
    TooMany,
}

/// <summary>
/// Reports of storage commitment that no peer has taken yet (PS3.4 J.3.3): durable before the peer hears that it will have one, sent on an
/// association of the archive's own where the peer's is over, and given up after a day.
/// </summary>
/// <param name="settings">Who the peers are, and where.</param>
/// <param name="vault">Keeps the reports.</param>
/// <param name="clock">Tells when they are due.</param>
/// <param name="logger">Hears of peers that do not take them.</param>
/// <param name="isAlone">No other silo shares the vault: whatever is kept at the start was left behind by this one as it was before.</param>
internal sealed class CommitmentReports(DimseSettings settings, Vault vault, TimeProvider clock, ILogger<CommitmentReports> logger, bool isAlone) : BackgroundService
{
    /// <summary>How long a report is kept for a peer that does not take it.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    /// <summary>Instances in the reports that one peer has not taken.</summary>
    private const int MaxInstances = 100_000;

    private static readonly string[] Syntaxes = [DicomTransferSyntax.ExplicitVRLittleEndian.UID, DicomTransferSyntax.ImplicitVRLittleEndian.UID];

    /// <summary>What associations of this silo have in hand.</summary>
    private readonly ConcurrentDictionary<Guid, bool> inHand = new();

    /// <summary>What such have left, which is not to wait.</summary>
    private readonly ConcurrentQueue<Guid> left = new();

    /// <summary>Instances by peer, as far as this silo knows.</summary>
    private readonly ConcurrentDictionary<string, int> kept = new();
    private readonly SemaphoreSlim wake = new(0);

    /// <summary>Keeps a report durably. Where it returns <see cref="ReportIntake.Kept"/>, the caller has it in hand until it says what became of it.</summary>
    /// <exception cref="StorageUnavailableException">Not kept, or uncertain.</exception>
    public async ValueTask<ReportIntake> AddAsync(CommitmentReport report, CancellationToken cancellation)
    {
        // Counted before it is kept: many may come at once.
        if (kept.AddOrUpdate(report.Peer, report.Count, (_, before) => before + report.Count) > MaxInstances)
        {
            TakeBack(report);
            return ReportIntake.TooMany;
        }

        var id = IdOf(report);
        var isInUse = false;
        inHand[id] = true;
        try
        {
            await vault.ChangeErrandAsync(
                VaultRowKind.CommitmentReport, id,
                before =>
                {
                    // Asked for the same once more, the peer is told what holds now.
                    isInUse = before is not null && !CommitmentReport.Read(before).IsOfSame(report);
                    return isInUse ? before : report.Write();
                },
                cancellation);
        }
        catch
        {
            TakeBack(report);
            inHand.TryRemove(id, out _);
            throw;
        }

        if (isInUse)
        {
            TakeBack(report);
            inHand.TryRemove(id, out _);
            return ReportIntake.UidInUse;
        }

        return ReportIntake.Kept;
    }

    /// <summary>The peer has answered a report on its own association.</summary>
    public async ValueTask AnsweredAsync(CommitmentReport report, ushort status)
    {
        inHand.TryRemove(IdOf(report), out _);
        if (!DicomStatus.IsSuccessOrWarning(status))
        {
            LogRefused(report.Peer, status);
            return;
        }

        try
        {
            await RemoveAsync(report, CancellationToken.None);
        }
        catch (Exception failure) when (DimseStatuses.Of(failure) is not null)
        {
            // It is sent once more: that does no harm.
        }
    }

    /// <summary>The peer's association cannot take a report, or is over without an answer to it: it is sent on another.</summary>
    public void Release(CommitmentReport report)
    {
        if (settings.Peers.FirstOrDefault(peer => peer.AeTitle == report.Peer) is { Destination: null })
        {
            logger.LogWarning(
                "{Peer} has not taken a report of storage commitment, and Dimse:Peers names no Host and Port at which it would.", report.Peer);
        }

        left.Enqueue(IdOf(report));
        inHand.TryRemove(IdOf(report), out _);
        wake.Release();
    }

    public override void Dispose()
    {
        base.Dispose();
        wake.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isLeftBehind = isAlone;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SendDueAsync(isLeftBehind, stoppingToken);
                isLeftBehind = false;
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogError("Reports of storage commitment wait: {Reason}.", failure.GetType().Name);
            }

            using var rest = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(wake.WaitAsync(rest.Token), Task.Delay(Errands.Period, clock, rest.Token));
            await rest.CancelAsync();
        }
    }

    private Guid IdOf(CommitmentReport report) => new(vault.MacOfUid($"{report.Peer}\0{report.TransactionUid}").Bytes.Span[..16]);

    /// <summary>Tries those whose time has come.</summary>
    /// <param name="isLeftBehind">What is kept was left behind by a process that is gone.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async Task SendDueAsync(bool isLeftBehind, CancellationToken cancellation)
    {
        while (await wake.WaitAsync(TimeSpan.Zero, cancellation))
        {
        }

        var now = clock.GetUtcNow();
        var atOnce = new HashSet<Guid>();
        while (left.TryDequeue(out var id))
        {
            atOnce.Add(id);
        }

        var counts = new Dictionary<string, int>();
        var due = new List<Due>();
        var damaged = 0;
        await foreach (var row in vault.ErrandsAsync(VaultRowKind.CommitmentReport, cancellation))
        {
            if (CommitmentReport.TryRead(row) is not { } report)
            {
                damaged++;
                continue;
            }

            if (report.Since + Lifetime <= now)
            {
                await RemoveAsync(report, cancellation);
                logger.LogWarning("A report of storage commitment was given up: {Peer} has not taken it in a day.", report.Peer);
                continue;
            }

            counts[report.Peer] = counts.GetValueOrDefault(report.Peer) + report.Count;
            if (!inHand.ContainsKey(row.Id) && (Errands.IsDue(report.Next, now) || isLeftBehind || atOnce.Contains(row.Id)))
            {
                due.Add(new(row.Id, report.Peer, report.Next, report.Attempts));
            }
        }

        if (damaged > 0)
        {
            logger.LogError("{Count} reports of storage commitment cannot be read.", damaged);
        }

        foreach (var peer in kept.Keys.Union(counts.Keys))
        {
            kept[peer] = counts.GetValueOrDefault(peer);
        }

        await Task.WhenAll(due.GroupBy(report => report.Peer).Select(ofPeer => SendAsync(ofPeer.Key, ofPeer, cancellation)));
    }

    /// <summary>One after the other on one association; where that cannot be had or breaks, or takes long, the rest waits for the next time.</summary>
    private async Task SendAsync(string title, IEnumerable<Due> reports, CancellationToken cancellation)
    {
        if (settings.Peers.FirstOrDefault(peer => peer.AeTitle == title && peer.Destination is not null) is not { } destination)
        {
            return;
        }

        var end = clock.GetUtcNow() + Errands.Period;
        DicomClient? client = null;
        try
        {
            foreach (var due in reports.TakeWhile(_ => clock.GetUtcNow() < end))
            {
                if (await ClaimAsync(due, cancellation) is not { } report)
                {
                    continue;
                }

                client ??= await AssociateAsync(destination, cancellation);
                var status = await client.ReportAsync(report.ToEvent()).WaitAsync(cancellation);
                if (DicomStatus.IsSuccessOrWarning(status))
                {
                    await RemoveAsync(report, cancellation);
                }
                else
                {
                    LogRefused(title, status);
                }
            }
        }
        catch (DicomClientException unreachable)
        {
            logger.LogWarning("Reports of storage commitment do not reach {Peer}: {Reason}", title, unreachable.Message);
        }
        finally
        {
            await (client?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task<DicomClient> AssociateAsync(DimsePeer destination, CancellationToken cancellation)
    {
        var model = DicomUID.StorageCommitmentPushModel.UID;
        var options = DimseDestination.Reach(settings, destination, [(model, Syntaxes)], clock);

        // The provider of the service asks for this association (PS3.4 J.3.3, PS3.7 D.3.3.4).
        var client = await DicomClient.OpenAsync(
            options with { Roles = [new(model, IsUser: false, IsProvider: true)], Limits = options.Limits with { Idle = options.Limits.Stall } }, cancellation);
        if (client.Association.Roles.FirstOrDefault(role => role.SOPClassUID == model) is not { IsProvider: false })
        {
            return client;
        }

        await client.DisposeAsync();
        throw new DicomClientException("The other end does not let the archive be the provider of storage commitment.");
    }

    /// <summary>Says durably, before it is sent, when it is tried next, so that no other silo sends it meanwhile.</summary>
    /// <returns>Null where it is gone, or another silo has claimed it.</returns>
    private async ValueTask<CommitmentReport?> ClaimAsync(Due due, CancellationToken cancellation)
    {
        CommitmentReport? claimed = null;
        var wait = Errands.Interval(Errands.FirstRetry, due.Attempts);
        await vault.ChangeErrandAsync(
            VaultRowKind.CommitmentReport, due.Id,
            before =>
            {
                claimed = before is not null && CommitmentReport.Read(before) is { } now && now.Next == due.Next && now.Attempts == due.Attempts
                    ? now with { Next = clock.GetUtcNow() + wait, Attempts = due.Attempts + 1 }
                    : null;
                return claimed?.Write() ?? before;
            },
            cancellation);
        return claimed;
    }

    private async ValueTask RemoveAsync(CommitmentReport report, CancellationToken cancellation)
    {
        await vault.ChangeErrandAsync(VaultRowKind.CommitmentReport, IdOf(report), static _ => null, cancellation);
        TakeBack(report);
    }

    private void TakeBack(CommitmentReport report) => kept.AddOrUpdate(report.Peer, 0, (_, before) => Math.Max(0, before - report.Count));

    private void LogRefused(string peer, ushort status) => logger.LogWarning("{Peer} refuses a report of storage commitment: {Status:X4}.", peer, status);

    /// <summary>A report whose time has come. It is read again for sending: all of them at once may be much.</summary>
    private sealed record Due(Guid Id, string Peer, DateTimeOffset Next, int Attempts);
}
