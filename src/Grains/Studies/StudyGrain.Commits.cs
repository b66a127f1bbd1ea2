using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>Commits: whatever waits is checked against what the study has, and goes into one commit. State changes only after it.</summary>
internal sealed partial class StudyGrain
{
    /// <summary>Of a study with more instances the catalog is asked which it has.</summary>
    private const int MostRemembered = 2048;

    /// <summary>The study's SOP Instance UIDs, where all of them came while this was its owner; otherwise null.</summary>
    private HashSet<Mac>? stored;

    public async Task<CommitOutcome[]> CommitAsync(Guid lease, InstanceCommit[] instances)
    {
        var outcome = !storeLeases.TryGetValue(lease, out var held) ? CommitOutcome.LeaseEnded
            : await TokenAsync(held.Request.Token) is null ? CommitOutcome.Unauthorized
            : CommitOutcome.Stored;
        if (state != StudyState.Active)
        {
            outcome = CommitOutcome.Destroyed;
        }
        else if (isBroken || !storeLeases.ContainsKey(lease))
        {
            outcome = CommitOutcome.LeaseEnded;
        }

        if (outcome != CommitOutcome.Stored)
        {
            return [.. instances.Select(_ => outcome)];
        }

        var waiting = new PendingCommit(held!, instances);
        pending.Enqueue(waiting);
        if (committing.IsCompleted)
        {
            committing = CommitPendingAsync();
        }

        return await waiting.Outcome.Task;
    }

    private async Task CommitPendingAsync()
    {
        while (pending.Count > 0)
        {
            await writing.WaitAsync();
            isCommitting = true;
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
                    waiting.Outcome.TrySetException(Moved(failure));
                }

                pending.Clear();
            }
            finally
            {
                isCommitting = false;
                CloseStoreKey();
                writing.Release();
            }
        }
    }

    /// <summary>Where nobody stores any more. A commit under way closes it at its end.</summary>
    private void CloseStoreKey()
    {
        if (storeLeases.Count == 0 && !isCommitting)
        {
            storeKey?.Dispose();
            storeKey = null;
        }
    }

    private async Task CommitBatchAsync(PendingCommit[] batch)
    {
        ThrowIfBroken();
        if (!IsOpenToStores)
        {
            foreach (var late in batch)
            {
                late.Refuse(CommitOutcome.Destroyed);
            }

            return;
        }

        var key = storeKey ??= await vault.OpenStudyKeyAsync(Study, CancellationToken.None)
            ?? throw new VaultIntegrityException("An active study has no key.");
        var (patient, handle) = facts is null ? bound!.Value : (facts.Patient, facts.PatientHandle);
        (StoreLease Lease, InstanceCommit Instance)[] all = [.. batch.SelectMany(one => one.Instances.Select(instance => (one.Lease, instance)))];
        var macs = Array.ConvertAll(all, one => vault.MacOfUid(one.Instance.Record.SopInstanceUid));
        var known = new Dictionary<Mac, InstanceRecord>();
        var lost = new Dictionary<Mac, (long Ordinal, InstanceRecord Record)>();
        var asked = stored is null ? macs : Array.FindAll(macs, stored.Contains);
        foreach (var row in asked.Length == 0 ? [] : await catalog.FindInstancesAsync(Study, asked, CancellationToken.None))
        {
            var record = StudyRows.OpenInstance(key, row);
            if (record.LostSince is null)
            {
                known[row.SopInstanceUid] = record;
            }
            else
            {
                lost[row.SopInstanceUid] = (row.Ordinal, record);
            }
        }

        var outcomes = new CommitOutcome[all.Length];
        var added = new List<(StoreLease Lease, InstanceCommit Instance)>();
        var rows = new List<InstanceRow>();
        var replaced = new List<InstanceRecord>();
        var ordinal = facts?.Instances ?? 0;
        for (var i = 0; i < all.Length; i++)
        {
            var instance = all[i].Instance;
            if (known.TryGetValue(macs[i], out var before))
            {
                outcomes[i] = Compare(before, instance.Record);
                continue;
            }

            if (!Opens(key, macs[i], instance.Record))
            {
                outcomes[i] = CommitOutcome.LeaseEnded;
                continue;
            }

            var mismatch = instance.Patient != patient;
            var record = instance.Record with { PatientMismatch = mismatch };
            outcomes[i] = mismatch ? CommitOutcome.StoredWithPatientMismatch : CommitOutcome.Stored;
            known[macs[i]] = record;
            added.Add(all[i]);
            if (lost.TryGetValue(macs[i], out var gone))
            {
                replaced.Add(gone.Record);
            }

            rows.Add(new InstanceRow(
                Study, macs[i], gone.Record is null ? ++ordinal : gone.Ordinal, StudyRows.Seal(key, Study, macs[i], record)));
        }

        if (rows.Count > 0)
        {
            var before = facts ?? StudyLedger.Open(added[0].Lease.Request.StudyInstanceUid, patient, handle, added[0].Instance, retention);
            var next = StudyLedger.Add(StudyLedger.TakeOut(before, replaced), [.. added.Select(one => one.Instance)], retention);
            await RecordStoreAsync(added, next);
            await CommitFactsAsync(next, replaced.Count == 0 ? rows : await RowsWithAsync(rows), key, replacesRows: replaced.Count > 0);
            stored?.UnionWith(rows.Select(row => row.SopInstanceUid));
            stored = stored?.Count <= MostRemembered ? stored : null;
        }

        foreach (var (lease, instance) in added)
        {
            lease.Instances++;
            lease.Bytes += instance.Record.Object.Length;
        }

        var at = 0;
        foreach (var waiting in batch)
        {
            waiting.Outcome.SetResult(outcomes[at..(at += waiting.Instances.Length)]);
        }
    }

    /// <summary>What was sealed under a key that the study had before could never be read: it is not committed, whoever sealed it.</summary>
    private bool Opens(SecretKey key, Mac sopInstanceUid, InstanceRecord record)
    {
        try
        {
            KeyWrap.UnwrapObjectKey(key, Study, sopInstanceUid.Bytes.Span, record.WrappedKey).Dispose();
            return true;
        }
        catch (VaultIntegrityException)
        {
            return false;
        }
    }

    private static CommitOutcome Compare(InstanceRecord before, InstanceRecord now)
    {
        if (before.Object == now.Object)
        {
            // Asked for again by whom the first answer did not reach.
            return before.PatientMismatch ? CommitOutcome.StoredWithPatientMismatch : CommitOutcome.Stored;
        }

        if (before.DataSetMac.AsSpan().SequenceEqual(now.DataSetMac))
        {
            return CommitOutcome.Duplicate;
        }

        return before.TransferSyntaxUid != now.TransferSyntaxUid && before.AttributesMac.AsSpan().SequenceEqual(now.AttributesMac)
            ? CommitOutcome.DuplicateInOtherTransferSyntax
            : CommitOutcome.Conflict;
    }

    /// <summary>One event a lease before its first commit; its count follows when the lease ends. Alerts are events of their own.</summary>
    private async Task RecordStoreAsync(List<(StoreLease Lease, InstanceCommit Instance)> added, StudyFacts next)
    {
        var events = new List<AuditEvent>();
        foreach (var of in added.GroupBy(one => one.Lease, one => one.Instance))
        {
            var stored = Event(AuditAction.InstancesStored, of.Key.Token, PolicyActions.Store, next) with { Address = of.Key.Request.Address };
            if (of.Key.Instances == 0)
            {
                events.Add(stored with { Detail = "begin" });
            }

            if (of.Any(instance => instance.Patient != next.Patient))
            {
                events.Add(stored with { Id = Guid.NewGuid(), Action = AuditAction.PatientMismatch });
            }

            if (facts is null && of.Key == added[0].Lease && HasImplausibleDate(added[0].Instance))
            {
                events.Add(stored with { Id = Guid.NewGuid(), Action = AuditAction.ImplausibleDate });
            }
        }

        await Task.WhenAll(events.Select(one => audit.AppendAsync(one, CancellationToken.None).AsTask()));
    }

    private bool HasImplausibleDate(InstanceCommit first) =>
        RetentionSchedule.Decide(retention, [first.Modality], first.StudyDate, first.Record.Received).ImplausibleDate;

    /// <summary>All rows of the study, some in the place of what they were.</summary>
    private async Task<IReadOnlyList<InstanceRow>> RowsWithAsync(IReadOnlyList<InstanceRow> changed)
    {
        var uids = changed.Select(row => row.SopInstanceUid).ToHashSet();
        var kept = await catalog.ListInstancesAsync(Study, CancellationToken.None).Where(row => !uids.Contains(row.SopInstanceUid)).ToListAsync();
        return [.. kept, .. changed];
    }

    private async Task CommitFactsAsync(StudyFacts next, IReadOnlyList<InstanceRow> rows, SecretKey? opened = null, bool replacesRows = false)
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
                    SealedFacts = StudyRows.Seal(key, Study, vault.MacOfUid(next.StudyInstanceUid), next),
                    Instances = rows,
                    RemoveInstances = replacesRows,
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
