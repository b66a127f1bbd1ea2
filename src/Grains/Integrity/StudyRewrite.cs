using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Integrity;

/// <summary>
/// Writes a study's rows anew in one commit: what can be opened, numbered from 1 on, with rebuilt parts and facts that fit. Rows that cannot
/// be opened go to quarantine as they are; instances whose bytes are lost are marked so. All of the study's rows are in memory meanwhile.
/// </summary>
internal sealed class StudyRewrite(
    ICatalog catalog, IObjectStore objects, Vault.Vault vault, StudyOwner owner, RepairLog log, RetentionOptions retention,
    StudyOptions options, TimeProvider time)
{
    private readonly Quarantine quarantine = new(vault);
    private readonly PartRebuilder parts = new(objects, options);
    private readonly FactsRebuilder factsRebuilder = new(objects, vault, retention);

    /// <returns>What became of each damage.</returns>
    public async ValueTask<Dictionary<Damage, DamageOutcome>> RunAsync(
        StudyHandle study, IReadOnlyList<Damage> damages, CancellationToken cancellation)
    {
        var outcomes = damages.Distinct().ToDictionary(damage => damage, _ => DamageOutcome.Left);
        using var key = await vault.OpenStudyKeyAsync(study, cancellation);
        if (key is null)
        {
            return outcomes;
        }

        // The long work comes first: a study that is taken over is soon given back.
        var renewed = await RenewAsync(study, key, damages, cancellation);
        var committed = await owner.ChangeAsync(study, row => RewriteAsync(row, key, damages, renewed, cancellation), cancellation);
        foreach (var damage in damages)
        {
            outcomes[damage] = committed ? OutcomeOf(damage, renewed) : DamageOutcome.Left;
        }

        if (!committed && damages.FirstOrDefault(damage => damage.Kind == DamageKind.DamagedFacts) is { } facts)
        {
            await log.RecordAsync(facts, "left in its place, in quarantine");
            await quarantine.AddAsync(study, [new QuarantineEntry(facts.Kind, time.GetUtcNow())], cancellation);
            outcomes[facts] = DamageOutcome.Quarantined;
        }

        return outcomes;
    }

    private static DamageOutcome OutcomeOf(Damage damage, Dictionary<Mac, Renewed> renewed) => damage switch
    {
        { Kind: DamageKind.DamagedRecord } => DamageOutcome.Quarantined,
        { Instance: { } instance } when !renewed.ContainsKey(instance) => DamageOutcome.Left,
        { LosesBytes: true } => DamageOutcome.Quarantined,
        _ => DamageOutcome.Repaired,
    };

    /// <summary>The records of damaged instances as they are to be.</summary>
    private async ValueTask<Dictionary<Mac, Renewed>> RenewAsync(
        StudyHandle study, SecretKey key, IReadOnlyList<Damage> damages, CancellationToken cancellation)
    {
        var renewed = new Dictionary<Mac, Renewed>();
        var damaged = damages.Where(damage => damage is { Instance: not null, Kind: not DamageKind.DamagedRecord }).ToLookup(damage => damage.Instance!.Value);
        foreach (var row in await catalog.FindInstancesAsync(study, [.. damaged.Select(one => one.Key)], cancellation))
        {
            var record = StudyRows.OpenInstance(key, row);
            var isLost = damaged[row.SopInstanceUid].Any(damage => damage.LosesBytes) || record.LostSince is not null;
            var uid = damaged[row.SopInstanceUid].First().StudyInstanceUid;
            if (await (isLost ? MarkAsync(row, record, uid, key, cancellation) : RebuildAsync(row, record, key, cancellation)) is { } next)
            {
                renewed.Add(row.SopInstanceUid, new Renewed(row.SealedRecord, next));
            }
        }

        return renewed;
    }

    private async ValueTask<InstanceRecord?> RebuildAsync(InstanceRow row, InstanceRecord record, SecretKey key, CancellationToken cancellation)
    {
        try
        {
            using var objectKey = ObjectKey(row, record, key);
            return await parts.FromFileAsync(row.Study, record, objectKey, cancellation);
        }
        catch (Exception damage) when (damage is SealedObjectException or ObjectMissingException)
        {
            // The file is damaged too by now: the next check says so.
            return null;
        }
    }

    private async ValueTask<InstanceRecord?> MarkAsync(
        InstanceRow row, InstanceRecord record, string? studyInstanceUid, SecretKey key, CancellationToken cancellation)
    {
        var marked = record with { LostSince = record.LostSince ?? time.GetUtcNow() };
        try
        {
            using var objectKey = ObjectKey(row, record, key);
            return await PartCheck.IsWholeAsync(objects, row.Study, record.Metadata, ObjectPart.Metadata, objectKey, static _ => default, cancellation)
                ? marked
                : await parts.FromCatalogAsync(row.Study, marked, studyInstanceUid, objectKey, cancellation);
        }
        catch (VaultIntegrityException)
        {
            return marked;
        }
    }

    private static SecretKey ObjectKey(InstanceRow row, InstanceRecord record, SecretKey key) =>
        KeyWrap.UnwrapObjectKey(key, row.Study, row.SopInstanceUid.Bytes.Span, record.WrappedKey);

    private async ValueTask<StudyCommit?> RewriteAsync(
        StudyRow row, SecretKey key, IReadOnlyList<Damage> damages, Dictionary<Mac, Renewed> renewed, CancellationToken cancellation)
    {
        if (row.State != StudyState.Active)
        {
            return null;
        }

        var unopened = new List<QuarantineEntry>();
        var rows = new List<(InstanceRow Row, InstanceRecord Record)>();
        await foreach (var instance in catalog.ListInstancesAsync(row.Study, cancellation))
        {
            if (Renew(instance, key, renewed) is { } opened)
            {
                rows.Add((opened.Row with { Ordinal = rows.Count + 1 }, opened.Record));
            }
            else
            {
                unopened.Add(QuarantineEntry.OfRow(DamageKind.DamagedRecord, time.GetUtcNow(), instance));
            }
        }

        var old = OpenFacts(key, row);
        if (await factsRebuilder.RebuildAsync(row, key, old, rows, cancellation) is not { } facts)
        {
            return null;
        }

        if (old is null)
        {
            unopened.Add(new QuarantineEntry(DamageKind.DamagedFacts, time.GetUtcNow()) { Row = row.SealedFacts });
        }

        foreach (var damage in damages)
        {
            await log.RecordAsync(
                damage, damage.Kind == DamageKind.DamagedRecord ? "taken out, in quarantine" : damage.LosesBytes ? "marked as lost" : "rebuilt");
        }

        await quarantine.AddAsync(row.Study, unopened, CancellationToken.None);
        return new StudyCommit
        {
            Study = row.Study,
            OwnerEpoch = row.OwnerEpoch,
            State = StudyState.Active,
            DueDay = facts.SweepDay,
            SealedFacts = StudyRows.Seal(key, row.Study, row.StudyUid, facts),
            Instances = [.. rows.Select(one => one.Row)],
            RemoveInstances = true,
        };
    }

    private static (InstanceRow Row, InstanceRecord Record)? Renew(InstanceRow row, SecretKey key, Dictionary<Mac, Renewed> renewed)
    {
        try
        {
            var record = StudyRows.OpenInstance(key, row);
            return renewed.TryGetValue(row.SopInstanceUid, out var next) && next.Before.AsSpan().SequenceEqual(row.SealedRecord)
                ? (row with { SealedRecord = StudyRows.Seal(key, row.Study, row.SopInstanceUid, next.Record) }, next.Record)
                : (row, record);
        }
        catch (VaultIntegrityException)
        {
            return null;
        }
    }

    private static StudyFacts? OpenFacts(SecretKey key, StudyRow row)
    {
        try
        {
            return StudyRows.OpenFactsWhateverTheDay(key, row);
        }
        catch (VaultIntegrityException)
        {
            return null;
        }
    }

    /// <summary>A record as it is to be, in place of the sealed row that it was made from.</summary>
    private sealed record Renewed(byte[] Before, InstanceRecord Record);
}
