using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>Commits: whatever waits is checked against what the study has, and goes into one commit. State changes only after it.</summary>
internal sealed partial class StudyGrain
{
    private async Task CommitPendingAsync()
    {
        while (pending.Count > 0)
        {
            await writing.WaitAsync();
            PendingCommit[] batch = [.. pending];
            pending.Clear();
            try
            {
                await CommitBatchAsync(batch);
            }
            catch (Exception failure)
            {
                Abandon();
                logger.LogWarning("A commit of study {Study} failed: {Reason}.", Study, failure.GetType().Name);
                foreach (var waiting in batch.Concat(pending))
                {
                    waiting.Outcome.TrySetException(failure is StudyFencedException
                        ? new StorageUnavailableException("The study has moved to another owner.", failure)
                        : failure);
                }

                pending.Clear();
            }
            finally
            {
                writing.Release();
            }
        }
    }

    private async Task CommitBatchAsync(PendingCommit[] batch)
    {
        if (state != StudyState.Active)
        {
            foreach (var late in batch)
            {
                late.Outcome.SetResult([.. late.Instances.Select(_ => CommitOutcome.LeaseEnded)]);
            }

            return;
        }

        using var key = await vault.OpenStudyKeyAsync(Study, CancellationToken.None)
            ?? throw new VaultIntegrityException("An active study has no key.");
        InstanceCommit[] all = [.. batch.SelectMany(one => one.Instances)];
        var macs = Array.ConvertAll(all, one => vault.MacOfUid(one.Record.SopInstanceUid));
        var known = new Dictionary<Mac, InstanceRecord>();
        foreach (var row in await catalog.FindInstancesAsync(Study, macs, CancellationToken.None))
        {
            known[row.SopInstanceUid] = StudyRows.OpenInstance(key, row);
        }

        var outcomes = new CommitOutcome[all.Length];
        var added = new List<InstanceCommit>();
        var rows = new List<InstanceRow>();
        var patient = facts?.Patient ?? bound!.Value.Identity;
        var ordinal = facts?.Instances ?? 0;
        for (var i = 0; i < all.Length; i++)
        {
            var instance = all[i];
            if (known.TryGetValue(macs[i], out var before))
            {
                outcomes[i] = Compare(before, instance.Record);
                continue;
            }

            var mismatch = instance.Patient != patient;
            var record = instance.Record with { PatientMismatch = mismatch };
            outcomes[i] = mismatch ? CommitOutcome.StoredWithPatientMismatch : CommitOutcome.Stored;
            known[macs[i]] = record;
            added.Add(instance);
            rows.Add(new InstanceRow(Study, macs[i], ++ordinal, StudyRows.Seal(key, Study, macs[i], record)));
        }

        if (rows.Count > 0)
        {
            var first = facts is null;
            var next = StudyLedger.Add(
                facts ?? StudyLedger.Open(batch[0].Lease.StudyInstanceUid, patient, bound!.Value.Handle, added[0], retention), added, retention);
            await RecordStoreAsync(batch, next, first, added[0], outcomes.Contains(CommitOutcome.StoredWithPatientMismatch));
            await CommitFactsAsync(next, rows, key);
        }

        var at = 0;
        foreach (var waiting in batch)
        {
            var mine = outcomes[at..(at + waiting.Instances.Count)];
            at += waiting.Instances.Count;
            waiting.Lease.Committed += mine.Count(outcome => outcome is CommitOutcome.Stored or CommitOutcome.StoredWithPatientMismatch);
            waiting.Outcome.SetResult(mine);
        }
    }

    private static CommitOutcome Compare(InstanceRecord before, InstanceRecord now)
    {
        if (before.DataSetMac.AsSpan().SequenceEqual(now.DataSetMac))
        {
            return CommitOutcome.Duplicate;
        }

        return before.TransferSyntaxUid != now.TransferSyntaxUid && before.AttributesMac.AsSpan().SequenceEqual(now.AttributesMac)
            ? CommitOutcome.DuplicateInOtherTransferSyntax
            : CommitOutcome.Conflict;
    }

    /// <summary>One event a lease before its first commit; its count follows when the lease ends. Alerts are events of their own.</summary>
    private async Task RecordStoreAsync(PendingCommit[] batch, StudyFacts next, bool isFirst, InstanceCommit instance, bool mismatch)
    {
        var events = new List<AuditEvent>();
        foreach (var lease in batch.Select(one => one.Lease).Distinct().Where(lease => lease.Committed == 0))
        {
            events.Add(Event(AuditAction.InstancesStored, lease.Token, PolicyActions.Store, next) with { Address = lease.Address, Detail = "begin" });
        }

        var sender = batch[0].Lease.Token;
        if (mismatch)
        {
            events.Add(Event(AuditAction.PatientMismatch, sender, PolicyActions.Store, next));
        }

        if (isFirst && Retention.RetentionSchedule.Decide(retention, [instance.Modality], instance.StudyDate, instance.Record.Received).ImplausibleDate)
        {
            events.Add(Event(AuditAction.ImplausibleDate, sender, PolicyActions.Store, next));
        }

        await Task.WhenAll(events.Select(one => audit.AppendAsync(one, CancellationToken.None).AsTask()));
    }

    private async Task CommitFactsAsync(StudyFacts next, IReadOnlyList<InstanceRow> rows, SecretKey? opened = null)
    {
        var key = opened ?? await vault.OpenStudyKeyAsync(Study, CancellationToken.None)
            ?? throw new VaultIntegrityException("An active study has no key.");
        try
        {
            await catalog.CommitAsync(
                new StudyCommit
                {
                    Study = Study,
                    OwnerEpoch = ownerEpoch,
                    State = StudyState.Active,
                    DueDay = next.SweepDay,
                    SealedFacts = StudyRows.Seal(key, Study, next),
                    Instances = rows,
                },
                CancellationToken.None);
            facts = next;
        }
        finally
        {
            if (opened is null)
            {
                key.Dispose();
            }
        }
    }
}
