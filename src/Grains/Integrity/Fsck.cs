using System.Text.Json;
using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Integrity;

/// <summary>
/// Checks the archive: walks catalog, objects and vault, tells what is wrong, and repairs it where that is wanted. It holds one study's rows
/// in memory at most. It runs once at a time in the cluster, and goes on where it was cut off.
/// </summary>
public sealed class Fsck(
    ICatalog catalog, IObjectStore objects, Vault.Vault vault, IGrainFactory grains, IAuditLog audit, RetentionOptions retention,
    StudyOptions studies, IntegrityOptions options, TimeProvider time, ILogger<Fsck> logger)
{
    /// <summary>Runs a check to its end, or until it is cancelled: then its position is kept.</summary>
    /// <param name="request">What it is to do.</param>
    /// <param name="tell">Gets what it tells, one after the other.</param>
    /// <param name="cancellation">Cuts it off.</param>
    /// <exception cref="FsckBusyException">Another check runs.</exception>
    /// <exception cref="StorageUnavailableException">Storage fails for now; the position is kept.</exception>
    public async Task RunAsync(FsckRequest request, Func<FsckLine, ValueTask> tell, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var gate = grains.GetGrain<IIntegrityGrain>(0);
        var id = Guid.NewGuid();
        if (!await gate.HoldAsync(id))
        {
            throw new FsckBusyException();
        }

        try
        {
            var from = request.Resume ? await PositionAsync(cancellation) : null;
            await RecordAsync(request, $"begin{(request.Repair ? ", repair" : "")}{(request.Quick ? ", quick" : "")}{(from is null ? "" : ", resumed")}");
            await tell(new FsckLine.Begin(from is not null));
            var log = new RepairLog(audit, time, request.Actor);
            var repair = new StudyRepair(catalog, objects, vault, grains, log, retention, studies, time, logger);
            var walk = new FsckWalk(
                catalog, objects, vault, grains, new StudyCheck(catalog, objects, vault, options, time), repair, log, request, options, time,
                tell, HoldAsync, from ?? FsckPosition.Start, logger);
            await RunAsync(walk, request, tell, cancellation);
        }
        finally
        {
            await gate.EndAsync(id);
        }

        async ValueTask HoldAsync()
        {
            if (!await gate.HoldAsync(id))
            {
                throw new FsckBusyException();
            }
        }
    }

    private async Task RunAsync(FsckWalk walk, FsckRequest request, Func<FsckLine, ValueTask> tell, CancellationToken cancellation)
    {
        try
        {
            await walk.RunAsync(cancellation);
        }
        catch (Exception failure)
        {
            await RecordAsync(request, $"cut off ({failure.GetType().Name}): {Words(walk.Counts)}");
            throw;
        }

        await RecordAsync(request, $"end: {Words(walk.Counts)}");
        await tell(new FsckLine.End(walk.Counts));
    }

    private static string Words(FsckCounts counts) =>
        $"{counts.Studies} studies, {counts.Instances} instances, {counts.Findings} findings, {counts.Repaired} repaired, {counts.Quarantined} in quarantine, {counts.Left} left";

    private async ValueTask<FsckPosition?> PositionAsync(CancellationToken cancellation) =>
        await vault.ReadNoteAsync(NoteIds.Fsck, cancellation) is { } text
            ? JsonSerializer.Deserialize(text, IntegrityJson.Default.FsckPosition)
            : null;

    private async ValueTask RecordAsync(FsckRequest request, string detail) => await audit.AppendAsync(
        new AuditEvent
        {
            Id = Guid.NewGuid(), Time = time.GetUtcNow(), Action = AuditAction.Fsck, Actor = request.Actor, TokenId = request.TokenId, Detail = detail,
        },
        CancellationToken.None);
}
