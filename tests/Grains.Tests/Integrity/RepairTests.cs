using SecureStore.Grains.Audit;
using SecureStore.Grains.Integrity;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Studies;

namespace SecureStore.Grains.Tests.Integrity;

/// <summary>What a repair leaves: what is whole is as it was, what is lost says so and can be stored again.</summary>
public sealed class RepairTests
{
    private const string Study = "1.2.3.4";

    private static readonly Instance Whole = new() { Study = Study, Series = "1.2.3.5", Uid = "1.2.3.7" };

    [Fact]
    public async Task A_lost_instance_is_listed_its_bytes_are_refused_and_it_can_be_stored_again()
    {
        await using var archive = await StudyArchive.StartAsync();
        var lost = Whole with { Uid = "1.2.3.8", Series = "1.2.3.6", Modality = "MR" };
        await archive.StoreAsync(archive.Anything(), Whole.File(), lost.File());
        var record = (await archive.RecordsAsync(Study))[1].Record;
        await archive.FlipAsync(Study, record.Object.Segment, record.Object.Offset + 100);

        Assert.Equal([DamageOutcome.Quarantined], (await archive.RepairAsync()).Outcomes);

        await using (var session = await archive.OpenAsync(archive.Anything(), Study))
        {
            Assert.True(session.HasLost);
            var marked = (await session.FindAsync(null, "1.2.3.8", default))!;
            await Assert.ThrowsAsync<InstanceLostException>(async () => await session.CopyAsync(
                marked, 0, 1, new System.Buffers.ArrayBufferWriter<byte>(), static _ => default, default));
            using var metadata = await session.MetadataAsync(marked, default);
            Assert.Contains("1.2.3.8", System.Text.Encoding.UTF8.GetString(metadata.Memory.Span), StringComparison.Ordinal);
        }

        var known = Assert.Single((await archive.CheckAsync()).Known);
        Assert.Equal((Study, "1.2.3.8"), (known.StudyInstanceUid, known.SopInstanceUid));

        Assert.Equal([StoreStatus.Duplicate], await archive.StoreAsync(archive.Anything(), Whole.File()));
        Assert.Equal([StoreStatus.Stored], await archive.StoreAsync(archive.Anything(), lost.File()));
        Assert.Equal([Whole.File(), lost.File()], await archive.ReadAsync(archive.Anything(), Study));
        var told = await archive.CheckAsync();
        Assert.Empty(told.Kinds);
        Assert.Empty(told.Known);
    }

    [Fact]
    public async Task An_instance_whose_segment_is_gone_is_still_listed_with_what_the_catalog_has_of_it()
    {
        await using var archive = await StudyArchive.StartAsync();
        await archive.StoreAsync(archive.Anything(), Whole.File());
        var (row, record) = (await archive.RecordsAsync(Study))[0];
        archive.Objects.Inner.Tamper(row.Study, record.Object.Segment, _ => null);

        await archive.RepairAsync();

        await using var session = await archive.OpenAsync(archive.Anything(), Study);
        using var metadata = await session.MetadataAsync((await session.FindAsync(null, Whole.Uid, default))!, default);
        var json = System.Text.Encoding.UTF8.GetString(metadata.Memory.Span);
        Assert.All([Study, Whole.Series, Whole.Uid], uid => Assert.Contains(uid, json, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metadata_that_is_rebuilt_is_what_it_was()
    {
        await using var archive = await StudyArchive.StartAsync();
        await archive.StoreAsync(archive.Anything(), Whole.File());
        var before = await MetadataAsync(archive);
        var record = (await archive.RecordsAsync(Study))[0].Record;
        await archive.FlipAsync(Study, record.Metadata.Segment, record.Metadata.Offset + 80);

        Assert.Equal([DamageOutcome.Repaired], (await archive.RepairAsync()).Outcomes);

        Assert.Equal(before, await MetadataAsync(archive));
        var rebuilt = (await archive.RecordsAsync(Study))[0].Record;
        Assert.Equal(record.MetadataSplices, rebuilt.MetadataSplices);
        Assert.Equal(record.Frames, rebuilt.Frames);
    }

    [Fact]
    public async Task Facts_that_are_rebuilt_are_what_they_were_and_stand_under_a_precautionary_hold()
    {
        await using var archive = await StudyArchive.StartAsync();
        await archive.StoreAsync(
            archive.Anything(), Whole.File(), (Whole with { Series = "1.2.3.6", Uid = "1.2.3.8", Modality = "MR" }).File());
        var before = await archive.FactsAsync(Study);
        archive.Catalog.Inner.Tamper((await archive.RowAsync(Study)).Study, row => row with { SealedFacts = row.SealedFacts.Flipped() });

        Assert.Equal([DamageOutcome.Repaired], (await archive.RepairAsync()).Outcomes);

        var after = await archive.FactsAsync(Study);
        Assert.NotNull(after.LegalHold);
        Assert.Equal(
            (before.StudyInstanceUid, before.Patient, before.PatientHandle, before.DueDay, before.RetentionRule, before.Received, before.Bytes),
            (after.StudyInstanceUid, after.Patient, after.PatientHandle, after.DueDay, after.RetentionRule, after.Received, after.Bytes));
        Assert.Equal(before.Attributes, after.Attributes);
        Assert.Equal(
            before.Series.Select(one => (one.SeriesInstanceUid, one.Modality, one.Instances, Convert.ToHexString(one.Attributes))),
            after.Series.Select(one => (one.SeriesInstanceUid, one.Modality, one.Instances, Convert.ToHexString(one.Attributes))));
        Assert.Equal(2, (await archive.ReadAsync(archive.Anything(), Study)).Count);
    }

    [Fact]
    public async Task A_damaged_row_is_kept_in_quarantine_and_the_rest_of_the_study_is_read_and_stored_into()
    {
        await using var archive = await StudyArchive.StartAsync();
        var other = Whole with { Uid = "1.2.3.8" };
        await archive.StoreAsync(archive.Anything(), Whole.File(), other.File());
        var handle = (await archive.RowAsync(Study)).Study;
        byte[] damaged = [];
        archive.Catalog.Inner.Tamper(handle, 1, row => row with { SealedRecord = damaged = row.SealedRecord.Flipped() });

        var told = await archive.RepairAsync();

        Assert.Contains(DamageOutcome.Quarantined, told.Outcomes);
        Assert.Equal(damaged, Assert.Single(await new Quarantine(archive.Vault).EntriesAsync(handle, default)).Row);
        Assert.Equal([other.File()], await archive.ReadAsync(archive.Anything(), Study));
        Assert.Equal([StoreStatus.Stored], await archive.StoreAsync(archive.Anything(), Whole.File()));
        archive.Time.Advance(TimeSpan.FromDays(3));
        Assert.Empty((await archive.RepairAsync()).Kinds);
        Assert.Equal([other.File(), Whole.File()], await archive.ReadAsync(archive.Anything(), Study));
    }

    [Fact]
    public async Task A_study_whose_key_is_put_back_leaves_quarantine()
    {
        await using var archive = await StudyArchive.StartAsync();
        await archive.StoreAsync(archive.Anything(), Whole.File(), (Whole with { Study = "1.2.9" }).File());
        var handle = (await archive.RowAsync(Study)).Study;
        var key = archive.VaultStore.Rows.Single(row => row.Kind == VaultRowKind.Study && row.Id == handle.Value);
        archive.VaultStore.Remove(key);
        Assert.Equal([DamageOutcome.Quarantined], (await archive.RepairAsync()).Outcomes);
        Assert.Single((await archive.CheckAsync()).Known);

        archive.VaultStore.Tamper(key);

        Assert.Empty((await archive.RepairAsync()).Known);
        Assert.Equal([Whole.File()], await archive.ReadAsync(archive.Anything(), Study));
        Assert.Empty(await new Quarantine(archive.Vault).EntriesAsync(handle, default));
    }

    [Fact]
    public async Task Nothing_is_repaired_that_cannot_be_recorded()
    {
        await using var archive = await StudyArchive.StartAsync();
        await archive.StoreAsync(archive.Anything(), Whole.File());
        var handle = (await archive.RowAsync(Study)).Study;
        archive.Catalog.Inner.Tamper(handle, row => row with { DueDay = null });
        archive.Audit.BeforeAppend = one => one.Action == AuditAction.FsckRepair
            ? throw new StorageUnavailableException("away") : Task.CompletedTask;

        await Assert.ThrowsAsync<StorageUnavailableException>(archive.RepairAsync);

        Assert.Null((await archive.RowAsync(Study)).DueDay);
        archive.Audit.BeforeAppend = null;
        Assert.Equal([DamageOutcome.Repaired], (await archive.RepairAsync()).Outcomes);
    }

    private static async Task<byte[]> MetadataAsync(StudyArchive archive)
    {
        await using var session = await archive.OpenAsync(archive.Anything(), Study);
        using var metadata = await session.MetadataAsync((await session.FindAsync(null, Whole.Uid, default))!, default);
        return metadata.Memory.ToArray();
    }
}
