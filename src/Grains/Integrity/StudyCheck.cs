using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Integrity;

/// <summary>
/// Looks at one study: its row, its key, its instances' rows and parts, its segments. It changes nothing. A study that changes while it is
/// looked at is looked at again; one that goes on changing is left for the next check.
/// </summary>
internal sealed class StudyCheck(ICatalog catalog, IObjectStore objects, Vault.Vault vault, IntegrityOptions options, TimeProvider time)
{
    private const int Attempts = 3;

    /// <summary>How long a destruction may take before it counts as one that did not finish.</summary>
    private static readonly TimeSpan LongestDestruction = TimeSpan.FromMinutes(10);

    private readonly Quarantine quarantine = new(vault);

    /// <param name="row">The study's row as it was listed.</param>
    /// <param name="quick">True leaves the parts unopened.</param>
    /// <param name="read">Told of bytes as they are verified.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <exception cref="StorageUnavailableException">Something cannot be read for now.</exception>
    public async ValueTask<StudyReport> CheckAsync(StudyRow row, bool quick, Func<long, ValueTask> read, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var report = new StudyReport(row);
            await (row switch
            {
                { State: not StudyState.Active } => CheckTombstoneAsync(report, cancellation),
                { SealedFacts.Length: 0 } => CheckOrphansAsync(report, [], cancellation),
                _ => CheckActiveAsync(report, quick, read, cancellation),
            });
            var now = await catalog.GetStudyAsync(row.Study, cancellation);
            if (report.Damages.Count == 0 || (now is not null && now.Change == row.Change && now.State == row.State))
            {
                return report;
            }

            if (now is null)
            {
                break;
            }

            row = now;
        }

        return new StudyReport(row);
    }

    private async ValueTask CheckTombstoneAsync(StudyReport report, CancellationToken cancellation)
    {
        Tombstone tombstone;
        try
        {
            tombstone = StudyRows.OpenTombstone(vault.ServiceKey(ServiceKeyName.Tombstones), report.Row);
        }
        catch (VaultIntegrityException)
        {
            report.Add(DamageKind.DamagedTombstone);
            return;
        }

        report.StudyInstanceUid = tombstone.StudyInstanceUid;
        var unfinished = tombstone.IsFinal
            ? await vault.HasStudyKeyAsync(report.Row.Study, cancellation)
                || await objects.ListSegmentsAsync(report.Row.Study, cancellation).AnyAsync(cancellation)
                || await catalog.ListInstancesAsync(report.Row.Study, cancellation).AnyAsync(cancellation)
            : tombstone.Certificate.DestroyedAt + LongestDestruction <= time.GetUtcNow();
        if (unfinished)
        {
            report.Add(DamageKind.UnfinishedDestruction);
        }
    }

    private async ValueTask CheckActiveAsync(StudyReport report, bool quick, Func<long, ValueTask> read, CancellationToken cancellation)
    {
        using var key = await OpenKeyAsync(report, cancellation);
        if (key is null)
        {
            return;
        }

        var facts = OpenFacts(report, key);
        report.StudyInstanceUid = facts?.StudyInstanceUid;
        var segments = new SegmentLengths(objects, report.Row.Study);
        var wanted = new HashSet<SegmentId>();
        var tally = new StudyTally();
        var (ordinal, gap) = (0L, false);
        await foreach (var row in catalog.ListInstancesAsync(report.Row.Study, cancellation))
        {
            gap |= row.Ordinal != ++ordinal;
            var record = OpenRecord(report, key, row);
            tally.Add(record);
            if (record is not null)
            {
                wanted.UnionWith(record.Parts.Select(part => part.Segment));
                await CheckPartsAsync(report, key, row, record, segments, quick, read, cancellation);
            }
        }

        report.Instances = tally.Instances;
        if (gap)
        {
            report.Add(DamageKind.OrdinalGap);
        }

        if (facts is not null && !tally.Fits(facts))
        {
            report.Add(DamageKind.WrongCounts);
        }

        // A record that cannot be opened may point to any segment.
        if (tally.Unopened == 0)
        {
            await CheckOrphansAsync(report, wanted, cancellation);
        }
    }

    private async ValueTask<SecretKey?> OpenKeyAsync(StudyReport report, CancellationToken cancellation)
    {
        try
        {
            if (await vault.OpenStudyKeyAsync(report.Row.Study, cancellation) is { } key)
            {
                return key;
            }

            report.Add(await vault.HasStudyKeyAsync(report.Row.Study, cancellation) ? DamageKind.DamagedKey : DamageKind.StudyWithoutKey);
        }
        catch (VaultIntegrityException)
        {
            report.Add(DamageKind.DamagedKey);
        }

        return null;
    }

    private static StudyFacts? OpenFacts(StudyReport report, SecretKey key)
    {
        try
        {
            var facts = StudyRows.OpenFactsWhateverTheDay(key, report.Row);
            if (report.Row.DueDay != facts.SweepDay)
            {
                report.Add(DamageKind.WrongDueDay);
            }

            return facts;
        }
        catch (VaultIntegrityException)
        {
            report.Add(DamageKind.DamagedFacts);
            return null;
        }
    }

    private static InstanceRecord? OpenRecord(StudyReport report, SecretKey key, InstanceRow row)
    {
        try
        {
            return StudyRows.OpenInstance(key, row);
        }
        catch (VaultIntegrityException)
        {
            report.Add(DamageKind.DamagedRecord, row, null);
            return null;
        }
    }

    private async ValueTask CheckPartsAsync(
        StudyReport report, SecretKey key, InstanceRow row, InstanceRecord record, SegmentLengths segments, bool quick,
        Func<long, ValueTask> read, CancellationToken cancellation)
    {
        using var objectKey = OpenObjectKey(key, row, record);
        if (record.LostSince is not null)
        {
            report.AddLost(row, record);
        }
        else if (await FaultOfFileAsync() is { } fault)
        {
            report.Add(fault, row, record, record.Object.Segment);
            return;
        }

        if (objectKey is null)
        {
            return;
        }

        if (!await IsWholeAsync(record.Metadata, ObjectPart.Metadata))
        {
            report.Add(DamageKind.DamagedMetadata, row, record, record.Metadata.Segment);
        }

        if (record is { LostSince: null, Frames.Table: { } table } && !await IsWholeAsync(table, ObjectPart.FrameTable))
        {
            report.Add(DamageKind.DamagedFrameTable, row, record, table.Segment);
        }

        async ValueTask<DamageKind?> FaultOfFileAsync()
        {
            if (!await segments.HoldsAsync(record.Object, cancellation))
            {
                return segments.Has(record.Object.Segment) ? DamageKind.ShortSegment : DamageKind.MissingSegment;
            }

            return objectKey is not null && await IsWholeAsync(record.Object, ObjectPart.File) ? null : DamageKind.DamagedObject;
        }

        async ValueTask<bool> IsWholeAsync(SealedPart part, ObjectPart kind) =>
            await segments.HoldsAsync(part, cancellation)
            && (quick || await PartCheck.IsWholeAsync(objects, row.Study, part, kind, objectKey!, read, cancellation));
    }

    private static SecretKey? OpenObjectKey(SecretKey key, InstanceRow row, InstanceRecord record)
    {
        try
        {
            return KeyWrap.UnwrapObjectKey(key, row.Study, row.SopInstanceUid.Bytes.Span, record.WrappedKey);
        }
        catch (VaultIntegrityException)
        {
            return null;
        }
    }

    private async ValueTask CheckOrphansAsync(StudyReport report, HashSet<SegmentId> wanted, CancellationToken cancellation)
    {
        var oldest = time.GetUtcNow() - options.OrphanGrace;
        var orphans = await objects.ListSegmentsAsync(report.Row.Study, cancellation)
            .Where(one => one.Written <= oldest && !wanted.Contains(one.Segment)).Select(one => one.Segment).ToListAsync(cancellation);

        // What a record in quarantine pointed to is not known, and is kept for the day that the row is found whole in a backup.
        if (orphans.Count > 0 && (await quarantine.EntriesAsync(report.Row.Study, cancellation)).Count > 0)
        {
            return;
        }

        foreach (var orphan in orphans)
        {
            report.Add(DamageKind.OrphanSegment, orphan);
        }
    }
}
