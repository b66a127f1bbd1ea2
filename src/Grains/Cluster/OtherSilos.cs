using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Cluster;

/// <inheritdoc cref="IOtherSilos"/>
/// <remarks>All silos are asked at once. When silos leave is noted as it is seen, which is never before they have left.</remarks>
internal sealed class OtherSilos : IOtherSilos, ISiloStatusListener, ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>A silo that was declared dead and is not learns so when it next reads the membership table, and ends: within this time.</summary>
    private static readonly TimeSpan MayLiveOn = TimeSpan.FromMinutes(2);

    /// <summary>How long an answer is waited for that no lease depends on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<SiloAddress, DateTimeOffset> left = new();
    private readonly IClusterMembershipService membership;
    private readonly ISiloStatusOracle statuses;
    private readonly SiloAddress self;
    private readonly ReaderServices services;
    private readonly TimeProvider time;
    private readonly ILogger<OtherSilos> logger;

    public OtherSilos(
        IClusterMembershipService membership, ISiloStatusOracle statuses, ILocalSiloDetails local, ReaderServices services, TimeProvider time,
        ILogger<OtherSilos> logger)
    {
        (this.membership, this.statuses, self) = (membership, statuses, local.SiloAddress);
        (this.services, this.time, this.logger) = (services, time, logger);
    }

    /// <summary>From the start of the silo on, it is seen which silos leave.</summary>
    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(OtherSilos),
        ServiceLifecycleStage.RuntimeGrainServices,
        _ =>
        {
            statuses.SubscribeToSiloStatusEvents(this);
            NoteTheDead();
            return Task.CompletedTask;
        });

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead)
        {
            left.TryAdd(updatedSilo, time.GetUtcNow());
        }
    }

    public async Task<IReadOnlyList<ClosedSession>> CloseAsync(StudyHandle study, LeaseEnds ends)
    {
        var isCurrent = await RefreshAsync();
        var live = Live();
        var asking = live.Select(silo => CloseAsync(silo, study, ends.On(silo))).ToList();
        var now = time.GetUtcNow();
        var gone = ends.Known.Where(known => known.Key != self && !live.Contains(known.Key)).Select(known => known.Value).ToList();
        if (!isCurrent || left.Values.Any(at => at + MayLiveOn > now))
        {
            gone.Add(ends.Unknown);
        }

        var closed = await Task.WhenAll(asking);
        await UntilAsync(gone.DefaultIfEmpty(now).Max());
        return [.. closed.SelectMany(sessions => sessions)];
    }

    public async Task ForgetPagesAsync(IReadOnlyList<RotatedPage> pages)
    {
        if (pages.Count > 0)
        {
            RotatedPage[] message = [.. pages];
            await Task.WhenAll(Live().Select(silo => AskAsync(silo, async service =>
            {
                await service.ForgetPagesAsync(message);
                return true;
            })));
        }
    }

    public async Task<bool> AcknowledgeAsync(EpochTurn turn) =>
        await RefreshAsync() && (await Task.WhenAll(Live().Select(silo => AskAsync(silo, service => service.AcknowledgeAsync(turn))))).All(done => done);

    private async Task<ClosedSession[]> CloseAsync(SiloAddress silo, StudyHandle study, DateTimeOffset leasesEnd)
    {
        try
        {
            var left = leasesEnd - time.GetUtcNow();
            return await services.On(silo).CloseAsync(study).WaitAsync(left > Patience ? left : Patience, time);
        }
        catch (Exception failure)
        {
            logger.LogWarning("Silo {Silo} does not close study {Study} ({Reason}); its leases' end is waited for.", silo, study, failure.GetType().Name);
            await UntilAsync(leasesEnd);
            return [];
        }
    }

    private async Task<bool> AskAsync(SiloAddress silo, Func<IReaderService, Task<bool>> what)
    {
        try
        {
            return await what(services.On(silo)).WaitAsync(Patience, time);
        }
        catch (Exception failure)
        {
            logger.LogWarning("Silo {Silo} did not drop its old keys: {Reason}.", silo, failure.GetType().Name);
            return false;
        }
    }

    private async Task UntilAsync(DateTimeOffset end)
    {
        var left = end - time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, time);
        }
    }

    /// <returns>False where the membership cannot be read: what is known of it may be old.</returns>
    private async Task<bool> RefreshAsync()
    {
        try
        {
            await membership.Refresh();
            return true;
        }
        catch (Exception failure)
        {
            logger.LogWarning("The membership could not be read: {Reason}.", failure.GetType().Name);
            return false;
        }
        finally
        {
            NoteTheDead();
        }
    }

    private void NoteTheDead()
    {
        var members = membership.CurrentSnapshot.Members.Values;
        foreach (var dead in members.Where(member => member.Status == SiloStatus.Dead))
        {
            left.TryAdd(dead.SiloAddress, time.GetUtcNow());
        }
    }

    /// <summary>Silos that may serve readers. One that is only joining has asked no grain for a lease yet.</summary>
    private HashSet<SiloAddress> Live() =>
    [
        .. membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping && member.SiloAddress != self)
            .Select(member => member.SiloAddress),
    ];
}
