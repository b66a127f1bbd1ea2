using SecureStore.Grains.Audit;
using SecureStore.Grains.Integrity;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Studies;

namespace SecureStore.Grains.Tests.Integrity;

/// <summary>Damage is planted through the stores; a check finds it, a repair deals with it, and the next check is clean.</summary>
public sealed class FsckTests
{
    private const string Victim = "1.2.3.4";

    public static TheoryData<DamageKind> Kinds => [.. Enum.GetValues<DamageKind>()];

    [Fact]
    public async Task An_archive_without_damage_is_clean()
    {
        await using var archive = await FilledAsync();
        await archive.DestroyAsync(archive.Anything(), Victim);

        var told = await archive.RepairAsync();

        Assert.Empty(told.Kinds);
        Assert.Equal((2, 1), (told.Counts.Studies, told.Counts.Instances));
        Assert.True(told.Counts.Bytes > 0);
        Assert.Empty(archive.Audit.Of(AuditAction.FsckRepair));
        Assert.Equal(2, archive.Audit.Of(AuditAction.Fsck).Count);
        Assert.All(archive.Audit.Of(AuditAction.Fsck), recorded => Assert.Equal("tester", recorded.Actor));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_kind_of_damage_is_found_and_after_a_repair_a_second_check_is_clean(DamageKind kind)
    {
        await using var archive = await FilledAsync();
        var healthy = Assert.Single(archive.Stored, one => one.Study != Victim);
        await PlantAsync(archive, kind);

        var found = await archive.CheckAsync();
        Assert.Contains(kind, found.Kinds);
        Assert.All(found.Outcomes, outcome => Assert.Equal(DamageOutcome.Found, outcome));
        Assert.Equal(found.Kinds, (await archive.CheckAsync()).Kinds);
        Assert.Empty(archive.Audit.Of(AuditAction.FsckRepair));

        var repaired = await archive.RepairAsync();
        Assert.Equal(found.Kinds, repaired.Kinds);
        Assert.All(repaired.Outcomes, outcome => Assert.True(outcome is DamageOutcome.Repaired or DamageOutcome.Quarantined));
        Assert.Contains(archive.Audit.Of(AuditAction.FsckRepair), recorded => recorded.Actor == "tester");

        var second = await archive.CheckAsync();
        Assert.Empty(second.Kinds);

        // Facts that were rebuilt leave the row as it was in quarantine.
        var kept = repaired.Outcomes.Count(outcome => outcome == DamageOutcome.Quarantined) + (kind == DamageKind.DamagedFacts ? 1 : 0);
        Assert.Equal(kept, second.Known.Count);
        Assert.Equal([healthy.File], await archive.Archive.ReadAsync(archive.Archive.Anything(), healthy.Study));
    }

    [Fact]
    public async Task A_quick_check_leaves_stored_files_unopened()
    {
        await using var archive = await FilledAsync();
        await PlantAsync(archive, DamageKind.DamagedObject);

        var quick = await archive.CheckAsync(new FsckRequest { Actor = "tester", Quick = true });

        Assert.Empty(quick.Kinds);
        Assert.Equal(0, quick.Counts.Bytes);
        Assert.NotEmpty((await archive.CheckAsync()).Kinds);
    }

    [Fact]
    public async Task A_segment_within_the_grace_period_is_no_orphan()
    {
        await using var archive = await FilledAsync();
        archive.Objects.Inner.Replace((await archive.RowAsync(Victim)).Study, SegmentId.New(), new byte[100]);
        archive.Time.Advance(TimeSpan.FromHours(23));

        Assert.Empty((await archive.RepairAsync()).Kinds);
        archive.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([DamageKind.OrphanSegment], (await archive.CheckAsync()).Kinds);
    }

    [Fact]
    public async Task What_is_being_stored_is_not_swept_however_long_it_takes()
    {
        await using var archive = await FilledAsync();
        var late = new Instance { Study = Victim, Series = "1.2.3.5", Uid = "1.2.3.99" };
        await using var session = archive.Store.Begin(archive.Anything(), null, null);
        Assert.Equal(StoreStatus.Received, (await session.ReceiveAsync(new MemoryStream(late.File()), default)).Status);
        archive.Time.Advance(TimeSpan.FromDays(3));

        await archive.RepairAsync();
        Assert.Equal(0, await archive.Create<OrphanSweep>().RunAsync(default));

        Assert.Equal(StoreStatus.Stored, Assert.Single(await session.CommitAsync(default)).Status);
        Assert.Contains(late.File(), await archive.ReadAsync(archive.Anything(), Victim));
        Assert.Empty((await archive.CheckAsync()).Kinds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_check_that_was_cut_off_goes_on_where_it_stood(bool killed)
    {
        await using var archive = await FilledAsync();
        for (var i = 0; i < 20; i++)
        {
            await archive.StoreAsync(archive.Anything(), new Instance { Study = $"1.2.4.{i + 1}" }.File());
            var row = await archive.RowAsync($"1.2.4.{i + 1}");
            archive.Catalog.Inner.Tamper(row.Study, study => study with { DueDay = null });
        }

        var (first, fsck) = (new List<Damage>(), archive.Create<Fsck>());
        await Assert.ThrowsAnyAsync<Exception>(() => fsck.RunAsync(
            new FsckRequest { Actor = "tester" },
            line =>
            {
                if (line is FsckLine.Finding finding)
                {
                    // Time for it to keep its position: of one that is killed nothing else remains.
                    archive.Time.Advance(TimeSpan.FromSeconds(3));
                    first.Add(finding.Damage);
                }

                return first.Count < 8 ? default(ValueTask)
                    : throw (killed ? new StorageUnavailableException("gone") : new OperationCanceledException());
            },
            default));

        var rest = await archive.CheckAsync(new FsckRequest { Actor = "tester", Resume = true });
        var second = rest.Lines.OfType<FsckLine.Finding>().Select(line => line.Damage.Study).ToList();
        Assert.True(rest.Lines[0] is FsckLine.Begin { Resumed: true });
        Assert.InRange(second.Count, 12, 13);
        Assert.Equal(20, first.Select(damage => damage.Study).Union(second).Count());
        Assert.Equal(22, rest.Counts.Studies);
        Assert.True((await archive.CheckAsync(new FsckRequest { Actor = "tester", Resume = true })).Lines[0] is FsckLine.Begin { Resumed: false });
    }

    [Fact]
    public async Task One_check_runs_at_a_time_and_the_turn_of_one_that_died_passes()
    {
        await using var archive = await FilledAsync();
        var gate = archive.Grains.GetGrain<IIntegrityGrain>(0);
        Assert.True(await gate.HoldAsync(Guid.NewGuid()));

        await Assert.ThrowsAsync<FsckBusyException>(archive.CheckAsync);
        archive.Time.Advance(IntegrityGrain.Turn);
        Assert.Empty((await archive.CheckAsync()).Kinds);
        Assert.Empty((await archive.CheckAsync()).Kinds);
    }

    [Fact]
    public async Task The_archives_own_sweep_removes_orphans_that_have_come_of_age()
    {
        await using var archive = await FilledAsync();
        var study = (await archive.RowAsync(Victim)).Study;
        Assert.Equal(0, await archive.Create<OrphanSweep>().RunAsync(default));
        archive.Objects.Inner.Replace(study, SegmentId.New(), new byte[100]);
        archive.Time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(0, await archive.Create<OrphanSweep>().RunAsync(default));
        archive.Time.Advance(TimeSpan.FromHours(13));

        Assert.Equal(1, await archive.Create<OrphanSweep>().RunAsync(default));

        Assert.Equal(OrphanSweep.Actor, Assert.Single(archive.Audit.Of(AuditAction.FsckRepair)).Actor);
        Assert.Equal(2, (await archive.ReadAsync(archive.Anything(), Victim)).Count);
        Assert.Empty((await archive.CheckAsync()).Kinds);
    }

    /// <summary>A study of two instances, one of them with a frame table, and another patient's.</summary>
    private static async Task<FilledArchive> FilledAsync()
    {
        var archive = await StudyArchive.StartAsync();
        var healthy = new Instance { PatientId = "P2" };
        var victim = new Instance { Study = Victim, Series = "1.2.3.5" };
        await archive.StoreAsync(archive.Anything(), healthy.File(), FrameTests.Encapsulated(Victim, [[[1, 1]], [[2, 2], [3, 3]]]), victim.File());
        return new FilledArchive(archive, [(healthy.Study, healthy.File()), (Victim, victim.File())]);
    }

    private static async Task PlantAsync(FilledArchive archive, DamageKind kind)
    {
        var row = await archive.RowAsync(Victim);
        var (catalog, vault) = (archive.Catalog.Inner, archive.Archive.VaultStore);
        var record = (await archive.Archive.RecordsAsync(Victim))[0].Record;
        switch (kind)
        {
            case DamageKind.OrphanSegment:
                archive.Objects.Inner.Replace(row.Study, SegmentId.New(), new byte[100]);
                archive.Time.Advance(TimeSpan.FromDays(2));
                break;
            case DamageKind.ObjectsWithoutStudy:
                archive.Objects.Inner.Replace(StudyHandle.New(), SegmentId.New(), new byte[100]);
                archive.Time.Advance(TimeSpan.FromDays(2));
                break;
            case DamageKind.MissingSegment:
                archive.Objects.Inner.Tamper(row.Study, record.Object.Segment, _ => null);
                break;
            case DamageKind.ShortSegment:
                archive.Objects.Inner.Tamper(row.Study, record.Object.Segment, bytes => bytes[..100]);
                break;
            case DamageKind.DamagedObject:
                await archive.Archive.FlipAsync(Victim, record.Object.Segment, record.Object.Offset + 100);
                break;
            case DamageKind.DamagedMetadata:
                await archive.Archive.FlipAsync(Victim, record.Metadata.Segment, record.Metadata.Offset + 100);
                break;
            case DamageKind.DamagedFrameTable:
                await archive.Archive.FlipAsync(Victim, record.Frames!.Table!.Segment, record.Frames.Table.Offset + 70);
                break;
            case DamageKind.DamagedRecord:
                catalog.Tamper(row.Study, 1, one => one with { SealedRecord = one.SealedRecord.Flipped() });
                break;
            case DamageKind.DamagedFacts:
                catalog.Tamper(row.Study, study => study with { SealedFacts = study.SealedFacts.Flipped() });
                break;
            case DamageKind.DamagedTombstone:
                await archive.DestroyAsync(archive.Anything(), Victim);
                catalog.Tamper(row.Study, study => study with { SealedFacts = study.SealedFacts.Flipped() });
                break;
            case DamageKind.StudyWithoutKey:
                await archive.StoreAsync(archive.Anything(), new Instance { Study = "1.2.3.44" }.File());
                vault.Remove(KeyOf(row.Study));
                break;
            case DamageKind.DamagedKey:
                vault.Tamper(KeyOf(row.Study) with { WrappedKey = KeyOf(row.Study).WrappedKey.Flipped() });
                break;
            case DamageKind.KeyWithoutStudy:
                await archive.Vault.AddStudyKeyAsync(StudyHandle.New(), new PatientHandle(KeyOf(row.Study).Parent), default);
                break;
            case DamageKind.PatientWithoutStudies:
                await archive.Vault.FindOrAddPatientAsync(new PatientIdentity("", "P77"), default);
                break;
            case DamageKind.UnfinishedDestruction:
                archive.Objects.BeforeDelete = () => throw new StorageUnavailableException("away");
                await Assert.ThrowsAsync<StorageUnavailableException>(() => archive.DestroyAsync(archive.Anything(), Victim));
                archive.Objects.BeforeDelete = null;
                archive.Time.Advance(TimeSpan.FromHours(1));
                break;
            case DamageKind.WrongCounts:
                using (var key = await archive.Vault.OpenStudyKeyAsync(row.Study, default))
                {
                    var facts = await archive.FactsAsync(Victim);
                    var wrong = facts with { Series = [facts.Series[0] with { Instances = 7 }] };
                    catalog.Tamper(row.Study, study => study with { SealedFacts = StudyRows.Seal(key!, row.Study, row.StudyUid, wrong) });
                }

                break;
            case DamageKind.OrdinalGap:
                catalog.Tamper(row.Study, 2, one => one with { Ordinal = 9 });
                break;
            case DamageKind.WrongDueDay:
                catalog.Tamper(row.Study, study => study with { DueDay = study.DueDay!.Value.AddDays(-4000) });
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "A kind that no test plants.");
        }

        VaultRow KeyOf(StudyHandle study) => vault.Rows.Single(one => one.Kind == VaultRowKind.Study && one.Id == study.Value);
    }
}
