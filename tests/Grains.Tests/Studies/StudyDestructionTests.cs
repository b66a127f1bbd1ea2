using System.Buffers;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Retention;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Studies;

public sealed class StudyDestructionTests
{
    private static readonly RetentionOptions OneYear = Settings.Bind(("Retention:Default", "P1Y"), ("Retention:Grace", "0.00:00:00"));

    /// <summary>Falls due a day after the clock's start.</summary>
    private static Instance DueTomorrow => new() { StudyDate = "20290102" };

    [Fact]
    public async Task A_destroyed_study_is_gone_and_is_not_taken_in_again()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        await archive.StoreAsync(token, instance.File());

        Assert.Equal(DestroyVerdict.Destroyed, await archive.DestroyAsync(token, instance.Study));

        await AssertGoneAsync(archive, instance.Study);
        Assert.Equal(ReadVerdict.NotFound, await archive.VerdictAsync(token, instance.Study));
        Assert.Equal([StoreStatus.StudyDestroyed], await archive.StoreAsync(token, instance.File()));
        Assert.Equal(DestroyVerdict.AlreadyDestroyed, await archive.DestroyAsync(token, instance.Study));
        await archive.DeactivateAsync(instance.Study);
        Assert.Equal([StoreStatus.StudyDestroyed], await archive.StoreAsync(token, instance.File()));
    }

    [Fact]
    public async Task Of_a_destroyed_study_only_those_hear_whose_token_covers_it()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        await archive.StoreAsync(archive.Anything(), instance.File());
        await archive.DestroyAsync(archive.Anything(), instance.Study);
        var grain = await archive.GrainAsync(instance.Study);
        async Task<bool> HearsAsync(PolicyLocation location) =>
            await grain.CertificateAsync(new StudyRequest(archive.Tokens.Issue(PolicyActions.Read, location))) is not null;

        Assert.True(await HearsAsync(new PolicyLocation.Everything()));
        Assert.True(await HearsAsync(new PolicyLocation.OfStudy(instance.Study)));
        Assert.True(await HearsAsync(new PolicyLocation.OfPatient(new PatientIdentity("", "P1"))));
        Assert.False(await HearsAsync(new PolicyLocation.OfStudy("1.2.3")));
        Assert.False(await HearsAsync(new PolicyLocation.OfPatient(new PatientIdentity("", "P2"))));
        Assert.False(await HearsAsync(new PolicyLocation.OfPatient(new PatientIdentity("other", "P1"))));
        var other = archive.Tokens.Issue(PolicyActions.Store, new PolicyLocation.OfPatient(new PatientIdentity("", "P2")));
        Assert.Equal([StoreStatus.Forbidden], await archive.StoreAsync(other, (instance with { PatientId = "P2" }).File()));
    }

    [Fact]
    public async Task Only_a_token_that_says_so_destroys()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        await archive.StoreAsync(archive.Anything(), instance.File());

        Assert.Equal(DestroyVerdict.Unauthorized, await archive.DestroyAsync("none", instance.Study));
        Assert.Equal(
            DestroyVerdict.Forbidden,
            await archive.DestroyAsync(archive.Tokens.Issue(PolicyActions.Read, new PolicyLocation.Everything()), instance.Study));
        Assert.Equal(
            DestroyVerdict.NotFound,
            await archive.DestroyAsync(archive.Tokens.Issue(PolicyActions.Destroy, new PolicyLocation.OfStudy("1.2.3")), instance.Study));
        Assert.Equal([instance.File()], await archive.ReadAsync(archive.Anything(), instance.Study));
    }

    [Fact]
    public async Task A_running_read_stops_and_the_key_goes_after_it()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance { PixelBytes = 8_000_000 });
        await archive.StoreAsync(token, instance.File());
        var study = (await archive.RowAsync(instance.Study)).Study;
        var output = new ArrayBufferWriter<byte>();
        var destroying = Task.FromResult(DestroyVerdict.NotDue);
        await using (var session = await archive.OpenAsync(token, instance.Study))
        {
            var record = await session.InstancesAsync(null, default).FirstAsync();
            await Assert.ThrowsAsync<StudyClosedException>(async () => await session.CopyAsync(
                record,
                0,
                record.Object.Length,
                output,
                async closing =>
                {
                    destroying = archive.DestroyAsync(token, instance.Study);
                    await Task.Delay(Timeout.Infinite, closing);
                },
                default));
            Assert.True(archive.HasKey(study));
            Assert.False(destroying.IsCompleted);
        }

        Assert.Equal(DestroyVerdict.Destroyed, await destroying);
        Assert.InRange(output.WrittenCount, 1, 2_000_000);
        Assert.Equal(output.WrittenCount, Assert.Single(archive.Audit.Of(AuditAction.StudyClosed)).Bytes);
        await AssertGoneAsync(archive, instance.Study);
    }

    public static TheoryData<string> Steps =>
        ["intent recorded", "intent before", "intent uncertain", "key", "objects", "end recorded", "end before", "end uncertain"];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_destruction_that_breaks_off_anywhere_is_finished_by_the_next(string step)
    {
        await using var archive = await StudyArchive.StartAsync(retention: OneYear);
        var (token, instance) = (archive.Anything(), DueTomorrow);
        await archive.StoreAsync(token, instance.File());
        archive.Time.Advance(TimeSpan.FromDays(2));
        var gone = await archive.DeactivationAsync(instance.Study);
        Break(archive, step);

        await Assert.ThrowsAsync<StorageUnavailableException>(() => archive.DestroyAsync(token, instance.Study));
        await gone;
        Break(archive, "");
        Assert.Equal(ReadVerdict.NotFound, await archive.VerdictAsync(token, instance.Study));

        var swept = await archive.Grains.GetGrain<IRetentionGrain>(0).RunAsync();
        Assert.Equal(step == "end uncertain" ? new SweepResult(0, 0, 0) : new SweepResult(1, 0, 0), swept);
        await AssertGoneAsync(archive, instance.Study);
        Assert.Equal(DestroyVerdict.AlreadyDestroyed, await archive.DestroyAsync(token, instance.Study));
    }

    [Fact]
    public async Task A_key_that_is_gone_already_does_not_stop_a_destruction()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        await archive.StoreAsync(token, instance.File());
        var gone = await archive.DeactivationAsync(instance.Study);
        Break(archive, "objects");
        await Assert.ThrowsAsync<StorageUnavailableException>(() => archive.DestroyAsync(token, instance.Study));
        await gone;
        Assert.False(archive.HasKey((await archive.RowAsync(instance.Study)).Study));
        Break(archive, "");

        Assert.Equal(DestroyVerdict.AlreadyDestroyed, await archive.DestroyAsync(token, instance.Study));
        await AssertGoneAsync(archive, instance.Study);
    }

    [Fact]
    public async Task A_hold_keeps_a_study_and_keeps_it_readable()
    {
        await using var archive = await StudyArchive.StartAsync(retention: OneYear);
        var (token, instance) = (archive.Anything(), DueTomorrow);
        await archive.StoreAsync(token, instance.File());
        var grain = await archive.GrainAsync(instance.Study);
        Assert.Equal(ReadVerdict.Granted, (await grain.HoldAsync(new StudyRequest(token, "court"))).Verdict);
        archive.Time.Advance(TimeSpan.FromDays(2));

        Assert.Equal(DestroyVerdict.OnHold, await archive.DestroyAsync(token, instance.Study));
        Assert.Equal(DestroyVerdict.OnHold, (await grain.DestroyIfDueAsync()).Verdict);
        Assert.Equal([instance.File()], await archive.ReadAsync(token, instance.Study));

        await grain.HoldAsync(new StudyRequest(token));
        Assert.Equal(ReadVerdict.NotFound, await archive.VerdictAsync(archive.Anything(), instance.Study));
        Assert.Equal(new SweepResult(1, 0, 0), await archive.Grains.GetGrain<IRetentionGrain>(0).RunAsync());
        await AssertGoneAsync(archive, instance.Study);
    }

    [Fact]
    public async Task An_expired_study_takes_nothing_in_not_even_from_a_session_that_runs()
    {
        await using var archive = await StudyArchive.StartAsync(retention: OneYear);
        var (token, instance) = (archive.Anything(), DueTomorrow);
        await archive.StoreAsync(token, instance.File());
        await using var session = archive.Store.Begin(token, null, null);
        await session.ReceiveAsync(new MemoryStream((instance with { Uid = "1.2.3.9" }).File()), default);
        archive.Time.Advance(TimeSpan.FromDays(2));

        Assert.Equal(StoreStatus.StudyDestroyed, Assert.Single(await session.CommitAsync(default)).Status);
        Assert.Equal([StoreStatus.StudyDestroyed], await archive.StoreAsync(token, (instance with { Uid = "1.2.3.8" }).File()));
        Assert.Equal(DestroyVerdict.Destroyed, (await (await archive.GrainAsync(instance.Study)).DestroyIfDueAsync()).Verdict);
        await AssertGoneAsync(archive, instance.Study);
    }

    [Fact]
    public async Task A_commit_that_moves_the_day_is_seen_by_a_destruction_that_waited_for_it()
    {
        await using var archive = await StudyArchive.StartAsync(
            retention: Settings.Bind(
                ("Retention:Default", "P1Y"), ("Retention:Grace", "0.00:00:00"), ("Retention:Rules:0:Name", "breasts"),
                ("Retention:Rules:0:Modality", "MG"), ("Retention:Rules:0:Keep", "P30Y")));
        var (token, instance) = (archive.Anything(), DueTomorrow);
        await archive.StoreAsync(token, instance.File());
        var (begun, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        archive.Catalog.BeforeCommit = async _ =>
        {
            begun.TrySetResult();
            await go.Task;
        };
        var storing = archive.StoreAsync(token, (instance with { Uid = "1.2.3.9", Series = "1.2.3.8", Modality = "MG" }).File());
        await begun.Task;
        archive.Time.Advance(TimeSpan.FromDays(2));
        var destroying = (await archive.GrainAsync(instance.Study)).DestroyIfDueAsync();

        go.SetResult();

        Assert.Equal([StoreStatus.Stored], await storing);
        Assert.Equal(DestroyVerdict.NotDue, (await destroying).Verdict);
        Assert.Equal(2, (await archive.ReadAsync(archive.Anything(), instance.Study)).Count);
    }

    [Fact]
    public async Task A_sweep_leaves_alone_what_is_not_due_and_goes_on_after_a_failure()
    {
        await using var archive = await StudyArchive.StartAsync(retention: OneYear);
        Instance[] due = [DueTomorrow, DueTomorrow, DueTomorrow];
        var kept = new Instance();
        await archive.StoreAsync(archive.Anything(), due.Append(kept).Select(one => one.File()));
        archive.Time.Advance(TimeSpan.FromDays(2));
        var failing = (await archive.RowAsync(due[0].Study)).Study;
        archive.Catalog.BeforeCommit = commit => commit.Study == failing ? throw new InvalidOperationException() : Task.CompletedTask;

        Assert.Equal(new SweepResult(2, 0, 1), await archive.Grains.GetGrain<IRetentionGrain>(0).RunAsync());
        archive.Catalog.BeforeCommit = null;

        Assert.Single(await archive.ReadAsync(archive.Anything(), kept.Study));
        Assert.Equal(new SweepResult(1, 0, 0), await archive.Grains.GetGrain<IRetentionGrain>(0).RunAsync());
        Assert.Equal(new SweepResult(0, 0, 0), await archive.Grains.GetGrain<IRetentionGrain>(0).RunAsync());
        Assert.Single(archive.VaultStore.Rows, row => row.Kind == VaultRowKind.Study);
    }

    [Fact]
    public async Task A_tombstone_whose_state_was_altered_is_refused()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        await archive.StoreAsync(archive.Anything(), instance.File());
        await archive.DestroyAsync(archive.Anything(), instance.Study);
        var row = await archive.RowAsync(instance.Study);

        Assert.Throws<VaultIntegrityException>(() => StudyRows.OpenTombstone(
            archive.Vault.ServiceKey(ServiceKeyName.Tombstones), row with { State = StudyState.Destroying }));
    }

    [Fact]
    public async Task Two_patients_have_no_key_in_common()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (one, other) = (new Instance(), new Instance { PatientId = "P2" });
        await archive.StoreAsync(archive.Anything(), one.File(), other.File());

        var studies = archive.VaultStore.Rows.Where(row => row.Kind == VaultRowKind.Study).ToList();
        Assert.Equal(2, studies.Select(row => row.Parent).Distinct().Count());
        Assert.Equal(2, archive.VaultStore.Rows.Where(row => row.Kind == VaultRowKind.Patient).Select(row => row.KeyId).Distinct().Count());
        var handle = (await archive.RowAsync(one.Study)).Study;
        using var foreign = await archive.Vault.OpenStudyKeyAsync((await archive.RowAsync(other.Study)).Study, default);
        var row = await archive.Catalog.ListInstancesAsync(handle, default).SingleAsync();
        Assert.Throws<VaultIntegrityException>(() => StudyRows.OpenInstance(foreign!, row));
        using var own = await archive.Vault.OpenStudyKeyAsync(handle, default);
        var record = StudyRows.OpenInstance(own!, row);
        Assert.Throws<VaultIntegrityException>(
            () => KeyWrap.UnwrapObjectKey(foreign!, handle, row.SopInstanceUid.Bytes.Span, record.WrappedKey));
    }

    private static void Break(StudyArchive archive, string step)
    {
        static Exception Away() => new StorageUnavailableException("Away.");
        archive.Audit.BeforeAppend = one =>
            (one.Action, step) is (AuditAction.StudyDestructionBegun, "intent recorded") or (AuditAction.StudyDestroyed, "end recorded")
                ? throw Away() : Task.CompletedTask;
        archive.Catalog.BeforeCommit = commit =>
            (commit.State, step) is (StudyState.Destroying, "intent before") or (StudyState.Destroyed, "end before")
                ? throw Away() : Task.CompletedTask;
        archive.Catalog.AfterCommit = commit =>
            (commit.State, step) is (StudyState.Destroying, "intent uncertain") or (StudyState.Destroyed, "end uncertain")
                ? throw Away() : Task.CompletedTask;
        archive.VaultStore.BeforeCommit = _ => step == "key" ? throw Away() : ValueTask.CompletedTask;
        archive.Objects.BeforeDelete = () => step == "objects" ? throw Away() : Task.CompletedTask;
    }

    private static async Task AssertGoneAsync(StudyArchive archive, string study)
    {
        var row = await archive.RowAsync(study);
        Assert.Equal((StudyState.Destroyed, null), (row.State, row.DueDay));
        Assert.False(archive.HasKey(row.Study));
        Assert.Equal(0, await archive.SegmentsAsync(study));
        Assert.Empty(await archive.Catalog.ListInstancesAsync(row.Study, default).ToListAsync());
        var tombstone = StudyRows.OpenTombstone(archive.Vault.ServiceKey(ServiceKeyName.Tombstones), row);
        Assert.Equal((study, 1L), (tombstone.Certificate.StudyInstanceUid, tombstone.Certificate.Instances));
        Assert.Single(archive.Audit.Of(AuditAction.StudyDestroyed), one => one.StudyInstanceUid == study);
    }
}
