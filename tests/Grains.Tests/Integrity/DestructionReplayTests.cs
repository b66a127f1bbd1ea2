using SecureStore.Grains.Audit;
using SecureStore.Grains.Integrity;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Studies;

namespace SecureStore.Grains.Tests.Integrity;

/// <summary>What the log says was destroyed is destroyed again where it came back with a backup.</summary>
public sealed class DestructionReplayTests
{
    private const string Study = "1.2.3.4";

    private static readonly Instance One = new() { Study = Study };

    [Fact]
    public async Task A_study_that_came_back_with_catalog_vault_and_objects_is_destroyed_again()
    {
        await using var archive = await StudyArchive.StartAsync();
        var back = await DestroyedAsync(archive);
        await back();
        Assert.Single(await archive.ReadAsync(archive.Anything(), Study));

        Assert.Equal(1, await ReplayAsync(archive));

        await AssertGoneAsync(archive);
        var (original, certificate) = (Assert.Single(archive.Audit.Of(AuditAction.StudyDestroyed)), (await CertificateAsync(archive))!);
        Assert.Equal((original.Id, 1, "wanted"), (certificate.CertificateId, certificate.Instances, certificate.Reason));
        Assert.Single(archive.Audit.Of(AuditAction.DestructionReplayed));
        Assert.Equal(0, await ReplayAsync(archive));
        Assert.Equal([StoreStatus.StudyDestroyed], await archive.StoreAsync(archive.Anything(), One.File()));
    }

    [Fact]
    public async Task A_key_that_came_back_with_the_vault_alone_is_destroyed_again()
    {
        await using var archive = await StudyArchive.StartAsync();
        var vault = archive.VaultStore.Backup();
        await archive.StoreAsync(archive.Anything(), One.File());
        vault = archive.VaultStore.Backup();
        await archive.DestroyAsync(archive.Anything(), Study);
        archive.VaultStore.Restore(vault);
        Assert.True(archive.HasKey((await archive.RowAsync(Study)).Study));

        Assert.Equal(1, await ReplayAsync(archive));

        await AssertGoneAsync(archive);
    }

    [Fact]
    public async Task A_study_that_is_active_again_but_has_no_key_gets_its_tombstone_back()
    {
        await using var archive = await StudyArchive.StartAsync();
        await (await DestroyedAsync(archive, withVault: false))();

        Assert.Equal(1, await ReplayAsync(archive));

        await AssertGoneAsync(archive);
        Assert.Equal([StoreStatus.StudyDestroyed], await archive.StoreAsync(archive.Anything(), One.File()));
    }

    [Fact]
    public async Task A_study_that_the_catalog_has_never_heard_of_is_refused_when_it_is_sent_again()
    {
        await using var archive = await StudyArchive.StartAsync();
        await archive.Audit.AppendAsync(Destroyed(AuditAction.StudyDestroyed), default);

        Assert.Equal(1, await ReplayAsync(archive));

        Assert.Equal([StoreStatus.StudyDestroyed], await archive.StoreAsync(archive.Anything(), One.File()));
        Assert.Equal(0, await ReplayAsync(archive));
    }

    [Fact]
    public async Task A_destruction_that_had_begun_when_the_log_ends_is_done()
    {
        await using var archive = await StudyArchive.StartAsync();
        await archive.StoreAsync(archive.Anything(), One.File());
        await archive.Audit.AppendAsync(Destroyed(AuditAction.StudyDestructionBegun) with { Time = archive.Time.GetUtcNow() }, default);
        var index = archive.Audit.Events.Count - 1;

        Assert.Equal((0, index), await archive.Create<DestructionReplay>().RunAsync(0, default));
        Assert.Single(await archive.ReadAsync(archive.Anything(), Study));
        archive.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, await ReplayAsync(archive));

        await AssertGoneAsync(archive);
    }

    [Theory]
    [InlineData(AuditAction.LegalHoldSet, 0)]
    [InlineData(AuditAction.StudyOpened, 10)]
    [InlineData(AuditAction.InstancesStored, 0)]
    public async Task A_destruction_that_came_to_nothing_is_not_done(AuditAction sign, int minutesLater)
    {
        await using var archive = await StudyArchive.StartAsync();
        await archive.StoreAsync(archive.Anything(), One.File());
        var begun = Destroyed(AuditAction.StudyDestructionBegun) with { Time = archive.Time.GetUtcNow() };
        await archive.Audit.AppendAsync(begun, default);
        await archive.Audit.AppendAsync(
            begun with { Id = Guid.NewGuid(), Action = sign, Time = begun.Time.AddMinutes(minutesLater), Detail = "begin" }, default);
        archive.Time.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal(0, await ReplayAsync(archive));

        Assert.Single(await archive.ReadAsync(archive.Anything(), Study));
    }

    [Fact]
    public async Task Only_entries_from_the_given_one_on_are_looked_at()
    {
        await using var archive = await StudyArchive.StartAsync();
        var back = await DestroyedAsync(archive);
        await back();

        Assert.Equal(0, await ReplayAsync(archive, archive.Audit.Events.Count));

        Assert.Single(await archive.ReadAsync(archive.Anything(), Study));
    }

    private static async Task<int> ReplayAsync(StudyArchive archive, long from = 0) =>
        (await archive.Create<DestructionReplay>().RunAsync(from, default)).Replayed;

    private static AuditEvent Destroyed(AuditAction action) => new()
    {
        Id = Guid.NewGuid(), Time = default, Action = action, Actor = "somebody", StudyInstanceUid = Study, Reason = "wanted", Instances = 1,
    };

    /// <summary>Stores and destroys the study; what it returns puts everything back as a restore of a backup from before does.</summary>
    private static async Task<Func<Task>> DestroyedAsync(StudyArchive archive, bool withVault = true)
    {
        await archive.StoreAsync(archive.Anything(), One.File());
        var (vault, row) = (archive.VaultStore.Backup(), await archive.RowAsync(Study));
        var records = await archive.RecordsAsync(Study);
        byte[] bytes = [];
        var segment = records[0].Record.Object.Segment;
        archive.Objects.Inner.Tamper(row.Study, segment, before => bytes = before);
        Assert.Equal(DestroyVerdict.Destroyed, await archive.DestroyAsync(archive.Anything(), Study));
        return async () =>
        {
            if (withVault)
            {
                archive.VaultStore.Restore(vault);
            }

            archive.Objects.Inner.Replace(row.Study, segment, bytes);
            var now = await archive.RowAsync(Study);
            await archive.Catalog.Inner.CommitAsync(
                new StudyCommit
                {
                    Study = row.Study, OwnerEpoch = now.OwnerEpoch, State = row.State, DueDay = row.DueDay, SealedFacts = row.SealedFacts,
                    Instances = [.. records.Select(one => one.Row)],
                },
                default);
            await (await archive.GrainAsync(Study)).ReopenAsync();
        };
    }

    private static async Task AssertGoneAsync(StudyArchive archive)
    {
        var row = await archive.RowAsync(Study);
        Assert.Equal(StudyState.Destroyed, row.State);
        Assert.False(archive.HasKey(row.Study));
        Assert.Equal(0, await archive.SegmentsAsync(Study));
        Assert.Equal(ReadVerdict.NotFound, await archive.VerdictAsync(archive.Anything(), Study));
    }

    private static async Task<DestructionCertificate?> CertificateAsync(StudyArchive archive) =>
        await (await archive.GrainAsync(Study)).CertificateAsync(new StudyRequest(archive.Anything())) is { } json
            ? DestructionCertificate.FromJson(json)
            : null;
}
