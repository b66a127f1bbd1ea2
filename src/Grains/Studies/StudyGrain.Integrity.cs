using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>What checks of the archive ask of a study's owner.</summary>
internal sealed partial class StudyGrain
{
    /// <summary>Orphans that are removed at once: who wants to store meanwhile waits. What is left is for the next check.</summary>
    private const int MostRemoved = 256;

    /// <summary>Nobody gets a store lease before it has ended: what is appended to is no orphan.</summary>
    private Task removing = Task.CompletedTask;

    public Task ReopenAsync()
    {
        Abandon();
        return Task.CompletedTask;
    }

    public async Task<int> RemoveOrphansAsync(SegmentId[] suspects, string actor)
    {
        ThrowIfBroken();
        await writing.WaitAsync();
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        removing = removed.Task;
        try
        {
            ThrowIfBroken();
            if (!isKnown || state != StudyState.Active || storeLeases.Count > 0 || pending.Count > 0)
            {
                return 0;
            }

            var wanted = await ReferencedAsync();
            SegmentId[] orphans = [.. suspects.Where(segment => !wanted.Contains(segment)).Take(MostRemoved)];
            if (orphans.Length == 0)
            {
                return 0;
            }

            await EnsureOwnerAsync();
            await audit.AppendAsync(
                new AuditEvent
                {
                    Id = Guid.NewGuid(),
                    Time = time.GetUtcNow(),
                    Action = AuditAction.FsckRepair,
                    Actor = actor,
                    StudyInstanceUid = facts?.StudyInstanceUid,
                    Detail = $"orphan segments of study {Study} removed: {orphans.Length}",
                },
                CancellationToken.None);
            await EnsureOwnerAsync();
            foreach (var orphan in orphans)
            {
                await objects.DeleteSegmentAsync(Study, orphan, CancellationToken.None);
            }

            return orphans.Length;
        }
        finally
        {
            removed.SetResult();
            writing.Release();
        }
    }

    /// <summary>The segments that records point to. A record that cannot be opened may point anywhere: nothing is an orphan then.</summary>
    private async Task<HashSet<SegmentId>> ReferencedAsync()
    {
        var segments = new HashSet<SegmentId>();
        if (facts is null)
        {
            return segments;
        }

        using var key = await vault.OpenStudyKeyAsync(Study, CancellationToken.None)
            ?? throw new VaultIntegrityException("An active study has no key.");
        await foreach (var row in catalog.ListInstancesAsync(Study, CancellationToken.None))
        {
            segments.UnionWith(StudyRows.OpenInstance(key, row).Parts.Select(part => part.Segment));
        }

        return segments;
    }
}
