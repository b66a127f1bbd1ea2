using System.Collections.Concurrent;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Dimse;

/// <summary>How a look at what is due to a destination ended.</summary>
internal enum ForwardOutcome
{
    /// <summary>Nothing is due any more.</summary>
    Done,

    /// <summary>More is due.</summary>
    More,

    /// <summary>The destination takes no association, or has broken one.</summary>
    Unreachable,
}

/// <summary>
/// Sends on what peers have stored, by the rules of Dimse:Forward. What is to be sent is durable before its sender hears that it is stored; it is
/// tried again where the destination does not take it, at longer and longer intervals, and given up after a week.
/// </summary>
/// <param name="settings">The rules.</param>
/// <param name="send"><see cref="ForwardSender.SendAsync"/>.</param>
/// <param name="isStored"><see cref="ForwardSender.IsStoredAsync"/>.</param>
/// <param name="vault">Keeps what is to be sent.</param>
/// <param name="clock">Tells when it is due.</param>
/// <param name="logger">Hears what waits, and what is given up.</param>
/// <param name="isAlone">No other silo shares the vault: what is kept at the start was left behind by this one as it was before.</param>
internal sealed class Forwarding(
    DimseSettings settings, SendForward send, IsStored isStored, Vault vault, TimeProvider clock, ILogger<Forwarding> logger, bool isAlone) : BackgroundService
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Instances of a destination that are looked at together.</summary>
    private const int MostAtOnce = 1000;

    /// <summary>Instances that are claimed and sent together.</summary>
    private const int BatchSize = 100;

    /// <summary>Before the listener takes the first instance.</summary>
    private readonly DateTimeOffset started = clock.GetUtcNow();

    /// <summary>What was stored by this silo, and is not to wait.</summary>
    private readonly ConcurrentDictionary<Guid, bool> atOnce = new();
    private readonly Dictionary<string, SemaphoreSlim> wake = settings.Forward.Select(rule => rule.To.AeTitle).Distinct().ToDictionary(title => title, _ => new SemaphoreSlim(0));

    /// <summary>
    /// Keeps durably what the rules say of an instance that is about to be stored; nothing where it is there already, so nothing goes round in a circle of archives. It
    /// waits until the instance is stored, or for a while: then what is not there is forgotten.
    /// </summary>
    /// <returns>What is kept that was not kept before.</returns>
    /// <exception cref="StorageUnavailableException">Not kept, or uncertain: the instance is not to be stored.</exception>
    public async ValueTask<IReadOnlyList<(string To, Guid Id)>> PrepareAsync(string from, StoreResult instance)
    {
        var (study, uid) = (instance.StudyInstanceUid!, instance.SopInstanceUid!);
        string[] destinations = [.. settings.Forward.Where(rule => rule.Takes(from, instance)).Select(rule => rule.To.AeTitle).Distinct()];
        if (destinations.Length == 0 || await isStored(study, uid))
        {
            return [];
        }

        var kept = new List<(string, Guid)>();
        foreach (var to in destinations)
        {
            var now = clock.GetUtcNow();
            var errand = new ForwardErrand { To = to, StudyInstanceUid = study, SopInstanceUid = uid, Since = now, Next = now + Errands.LongestRetry };
            var (id, isNew) = (IdOf(errand), false);
            await vault.ChangeErrandAsync(
                VaultRowKind.Forward,
                id,
                before =>
                {
                    isNew = before is null;
                    return before ?? errand.Write();
                },
                CancellationToken.None);
            if (isNew)
            {
                kept.Add((to, id));
            }
        }

        return kept;
    }

    /// <summary>
    /// The instance is stored, and is not to wait. Where it is not, or not by this association, what was kept stays: another association may have stored it, and has found it kept.
    /// </summary>
    public void Settle(IReadOnlyList<(string To, Guid Id)> prepared, StoreStatus status)
    {
        foreach (var (to, id) in prepared.Where(_ => status is StoreStatus.Stored or StoreStatus.StoredWithPatientMismatch))
        {
            atOnce[id] = true;
            wake[to].Release();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (var one in wake.Values)
        {
            one.Dispose();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TryAsync(() => ForgetOthersAsync(stoppingToken), stoppingToken);
        await Task.WhenAll(settings.Forward.Select(rule => rule.To).DistinctBy(peer => peer.AeTitle).Select(destination => RunAsync(destination, stoppingToken)));
    }

    /// <summary>Sends what is due to a destination.</summary>
    /// <param name="destination">One of the rules'.</param>
    /// <param name="leftBefore">What was kept before was left behind by a process that is gone, and is due.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async Task<ForwardOutcome> SendDueAsync(DimsePeer destination, DateTimeOffset leftBefore, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var due = new List<(Errand Row, ForwardErrand Errand)>();
        var over = new List<Errand>();
        var damaged = 0;
        await foreach (var row in vault.ErrandsAsync(VaultRowKind.Forward, cancellation))
        {
            if (ForwardErrand.TryRead(row) is not { } errand)
            {
                damaged++;
                continue;
            }

            if (errand.To != destination.AeTitle)
            {
                continue;
            }

            if (errand.Since + Lifetime <= now)
            {
                over.Add(row);
            }
            else if (due.Count < MostAtOnce && (atOnce.TryRemove(row.Id, out _) || errand.Since < leftBefore || Errands.IsDue(errand.Next, now)))
            {
                due.Add((row, errand));
            }
        }

        if (damaged > 0)
        {
            logger.LogError("{Count} errands of forwarding cannot be read.", damaged);
        }

        if (over.Count > 0 && await vault.RemoveErrandsAsync(VaultRowKind.Forward, over, cancellation))
        {
            logger.LogError("{Count} instances were not forwarded: {Destination} has not taken them in a week.", over.Count, destination.AeTitle);
        }

        foreach (var batch in due.GroupBy(one => one.Errand.StudyInstanceUid).SelectMany(study => study.Chunk(BatchSize)))
        {
            try
            {
                if (!await SendAsync(destination, batch, cancellation))
                {
                    return ForwardOutcome.Unreachable;
                }
            }
            catch (Exception failure) when (failure is not StorageUnavailableException && !cancellation.IsCancellationRequested)
            {
                // Whatever it is, it is this study's.
                LogWaits(failure);
            }
        }

        return due.Count == MostAtOnce ? ForwardOutcome.More : ForwardOutcome.Done;
    }

    private async Task RunAsync(DimsePeer destination, CancellationToken cancellation)
    {
        var leftBefore = isAlone ? started : default;
        var failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            while (await wake[destination.AeTitle].WaitAsync(TimeSpan.Zero, cancellation))
            {
            }

            var outcome = ForwardOutcome.Done;
            await TryAsync(
                async () =>
                {
                    outcome = await SendDueAsync(destination, leftBefore, cancellation);
                    leftBefore = default;
                },
                cancellation);
            failures = outcome == ForwardOutcome.Unreachable ? failures + 1 : 0;
            if (outcome == ForwardOutcome.More)
            {
                continue;
            }

            // What comes in meanwhile makes no destination answer that does not.
            using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var pause = Task.Delay(Errands.Interval(Errands.Period, failures), clock, rest.Token);
            await (failures > 0 ? Task.WhenAny(pause) : Task.WhenAny(pause, wake[destination.AeTitle].WaitAsync(rest.Token)));
            await rest.CancelAsync();
        }
    }

    /// <returns>False where the destination is not to be tried again now.</returns>
    private async Task<bool> SendAsync(DimsePeer destination, IReadOnlyCollection<(Errand Row, ForwardErrand Errand)> batch, CancellationToken cancellation)
    {
        // Durably said before it is sent, so that no other silo sends it meanwhile.
        var claims = batch.Select(one => one.Row with { Text = (one.Errand with { Next = clock.GetUtcNow() + Errands.LongestRetry }).Write() }).ToList();
        if (await vault.UpdateErrandsAsync(VaultRowKind.Forward, claims, cancellation) is not { } claimed)
        {
            return true;
        }

        var settled = new HashSet<string>();
        try
        {
            return await send(
                destination, batch.First().Errand.StudyInstanceUid, [.. batch.Select(one => one.Errand.SopInstanceUid)], instance => settled.Add(instance), cancellation);
        }
        finally
        {
            var ended = claimed.Zip(batch, (claim, one) => (Row: claim, one.Errand)).ToLookup(one => settled.Contains(one.Errand.SopInstanceUid));
            await RemoveAsync([.. ended[true].Select(one => one.Row)]);
            await vault.UpdateErrandsAsync(VaultRowKind.Forward, [.. ended[false].Select(one => one.Row with { Text = Later(one.Errand).Write() })], CancellationToken.None);
        }
    }

    /// <summary>What is sent is sent, also where it took so long that another silo sends it once more: or the two would go on for ever.</summary>
    private async ValueTask RemoveAsync(IReadOnlyList<Errand> sent)
    {
        if (!await vault.RemoveErrandsAsync(VaultRowKind.Forward, sent, CancellationToken.None))
        {
            foreach (var errand in sent)
            {
                await vault.ChangeErrandAsync(VaultRowKind.Forward, errand.Id, static _ => null, CancellationToken.None);
            }
        }
    }

    private ForwardErrand Later(ForwardErrand errand) =>
        errand with { Next = clock.GetUtcNow() + Errands.Interval(Errands.FirstRetry, errand.Attempts), Attempts = errand.Attempts + 1 };

    /// <summary>What no rule sends any more is not to be sent.</summary>
    internal async Task ForgetOthersAsync(CancellationToken cancellation)
    {
        var others = await vault.ErrandsAsync(VaultRowKind.Forward, cancellation).Where(row => ForwardErrand.TryRead(row) is { } errand && !wake.ContainsKey(errand.To)).ToListAsync(cancellation);
        if (others.Count > 0 && await vault.RemoveErrandsAsync(VaultRowKind.Forward, others, cancellation))
        {
            logger.LogWarning("{Count} instances are not forwarded: no rule of Dimse:Forward has their destination any more.", others.Count);
        }
    }

    /// <summary>Whatever fails is tried again, and stops nothing else.</summary>
    private async Task TryAsync(Func<Task> act, CancellationToken cancellation)
    {
        try
        {
            await act();
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            LogWaits(failure);
        }
    }

    private void LogWaits(Exception failure) => logger.LogError("Forwarding waits: {Reason}.", failure.GetType().Name);

    private Guid IdOf(ForwardErrand errand) => new(vault.MacOfUid($"{errand.To}\0{errand.StudyInstanceUid}\0{errand.SopInstanceUid}").Bytes.Span[..16]);
}
