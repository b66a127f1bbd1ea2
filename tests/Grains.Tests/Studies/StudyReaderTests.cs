using System.Buffers;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Retention;

namespace SecureStore.Grains.Tests.Studies;

public sealed class StudyReaderTests
{
    [Fact]
    public async Task Nothing_is_opened_that_the_audit_log_does_not_have()
    {
        await using var archive = await StudyArchive.StartAsync();
        var study = await StoredAsync(archive);
        archive.Audit.BeforeAppend = one =>
            one.Action == AuditAction.StudyOpened ? throw new StorageUnavailableException("Away.") : Task.CompletedTask;

        await Assert.ThrowsAsync<StorageUnavailableException>(() => archive.VerdictAsync(archive.Anything(), study));

        archive.Audit.BeforeAppend = null;
        Assert.Equal(ReadVerdict.Granted, await archive.VerdictAsync(archive.Anything(), study));
    }

    [Fact]
    public async Task A_token_opens_what_it_covers_and_may_read_and_nothing_else()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (mine, other) = (await StoredAsync(archive), await StoredAsync(archive, "P2"));
        var ofPatient = archive.Tokens.Issue(PolicyActions.Read, new PolicyLocation.OfPatient(new PatientIdentity("", "P1")));

        Assert.Equal(ReadVerdict.Granted, await archive.VerdictAsync(ofPatient, mine));
        Assert.Equal(ReadVerdict.NotFound, await archive.VerdictAsync(ofPatient, other));
        Assert.Equal(ReadVerdict.NotFound, await archive.VerdictAsync(ofPatient, "1.2.3.4"));
        Assert.Equal(ReadVerdict.Unauthorized, await archive.VerdictAsync("none", mine));
        Assert.Equal(
            ReadVerdict.Forbidden,
            await archive.VerdictAsync(archive.Tokens.Issue(PolicyActions.Store, new PolicyLocation.Everything()), mine));
    }

    [Fact]
    public async Task Requests_of_one_token_share_a_session_that_ends_with_its_counts_when_it_is_idle()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, study) = (archive.Anything(), await StoredAsync(archive));
        var closed = archive.NextEvent(AuditAction.StudyClosed);

        var length = (await archive.ReadAsync(token, study)).Single().Length;
        await archive.ReadAsync(token, study);
        archive.Time.Advance(Lease.Duration);

        var end = await closed;
        Assert.Equal(Assert.Single(archive.Audit.Of(AuditAction.StudyOpened)).Session, end.Session);
        Assert.Equal((1, 2L * length), (end.Instances, end.Bytes));
    }

    [Fact]
    public async Task A_reader_is_one_token_in_all_studies()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (study, other) = (await StoredAsync(archive), await StoredAsync(archive));
        archive.Tokens.Subject = "a program that many read through";
        var (token, another) = (archive.Anything(), archive.Anything());

        await using var session = await archive.OpenAsync(token, study);
        await using var onward = await archive.OpenAsync(token, other);
        await using var somebodyElse = await archive.OpenAsync(another, study);

        Assert.Equal(session.Reader, onward.Reader);
        Assert.NotEqual(session.Reader, somebodyElse.Reader);
    }

    [Fact]
    public async Task What_breaks_off_is_counted_as_released()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, study) = (archive.Anything(), await StoredAsync(archive, pixelBytes: 4_000_000));
        var closed = archive.NextEvent(AuditAction.StudyClosed);
        await using (var session = await archive.OpenAsync(token, study))
        {
            var instance = await session.InstancesAsync(null, default).FirstAsync();
            await Assert.ThrowsAsync<IOException>(async () => await session.CopyAsync(
                instance, 0, instance.Object.Length, new ArrayBufferWriter<byte>(), static _ => throw new IOException(), default));
        }

        archive.Time.Advance(Lease.Duration);

        var end = await closed;
        Assert.Equal(1, end.Instances);
        Assert.InRange(end.Bytes!.Value, 1, 2_000_000);
    }

    [Fact]
    public async Task A_revoked_token_joins_no_session_and_loses_the_one_it_has()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, study) = (archive.Anything(), await StoredAsync(archive));
        await using var session = await archive.OpenAsync(token, study);
        var instance = await session.InstancesAsync(null, default).FirstAsync();

        archive.Tokens.Revoke(token);
        Assert.Equal(ReadVerdict.Unauthorized, await archive.VerdictAsync(token, study));

        var closed = archive.NextEvent(AuditAction.StudyClosed);
        archive.Time.Advance(Lease.Duration / 3);
        await session.DisposeAsync();
        await closed;
        await Assert.ThrowsAsync<StudyClosedException>(async () => await session.MetadataAsync(instance, default));
    }

    [Fact]
    public async Task A_session_ends_with_its_token()
    {
        await using var archive = await StudyArchive.StartAsync();
        var study = await StoredAsync(archive);
        var token = archive.Tokens.Issue(TimeSpan.FromSeconds(5), PolicyActions.Read, new PolicyLocation.Everything());
        await using var session = await archive.OpenAsync(token, study);
        var instance = await session.InstancesAsync(null, default).FirstAsync();

        archive.Time.Advance(TimeSpan.FromSeconds(4));
        (await session.MetadataAsync(instance, default)).Dispose();
        Assert.False(session.Closing.IsCancellationRequested);
        archive.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(session.Closing.IsCancellationRequested);
        await Assert.ThrowsAsync<StudyClosedException>(async () => await session.MetadataAsync(instance, default));
    }

    [Fact]
    public async Task What_arrives_after_the_lease_has_run_out_is_not_released()
    {
        await using var archive = await StudyArchive.StartAsync();
        var study = await StoredAsync(archive);
        var token = archive.Tokens.Issue(TimeSpan.FromSeconds(5), PolicyActions.Read, new PolicyLocation.Everything());
        await using var session = await archive.OpenAsync(token, study);
        var instance = await session.InstancesAsync(null, default).FirstAsync();
        var released = new ArrayBufferWriter<byte>();

        archive.Objects.BeforeRead = () => archive.Time.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<StudyClosedException>(async () => await session.CopyAsync(
            instance, 0, instance.Object.Length, released, static _ => ValueTask.CompletedTask, default));
        Assert.Equal(0, released.WrittenCount);
    }

    [Fact]
    public async Task Metadata_that_arrives_after_the_lease_has_run_out_is_not_released()
    {
        await using var archive = await StudyArchive.StartAsync();
        var study = await StoredAsync(archive);
        var token = archive.Tokens.Issue(TimeSpan.FromSeconds(5), PolicyActions.Read, new PolicyLocation.Everything());
        await using var session = await archive.OpenAsync(token, study);
        var instance = await session.InstancesAsync(null, default).FirstAsync();

        archive.Objects.BeforeRead = () => archive.Time.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<StudyClosedException>(async () => await session.MetadataAsync(instance, default));
    }

    [Fact]
    public async Task A_study_is_unreadable_from_its_day_on_even_in_a_session_that_runs()
    {
        await using var archive = await StudyArchive.StartAsync(retention: Settings.Bind(("Retention:Default", "P1Y"), ("Retention:Grace", "0.00:00:00")));
        var (token, study) = (archive.Anything(), await StoredAsync(archive, studyDate: "20290102"));
        var due = new DateTimeOffset((await archive.FactsAsync(study)).DueDay, TimeOnly.MinValue, TimeSpan.Zero);
        archive.Time.SetUtcNow(due - TimeSpan.FromSeconds(5));
        await using var session = await archive.OpenAsync(token, study);
        var instance = await session.InstancesAsync(null, default).FirstAsync();

        archive.Time.SetUtcNow(due);

        await Assert.ThrowsAsync<StudyClosedException>(async () => await session.MetadataAsync(instance, default));
        Assert.Equal(ReadVerdict.NotFound, await archive.VerdictAsync(token, study));
    }

    [Fact]
    public async Task A_lease_asked_for_before_its_study_was_closed_opens_nothing_and_one_asked_for_after_does()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, study) = (archive.Anything(), await StoredAsync(archive));
        var handle = (await archive.RowAsync(study)).Study;
        archive.Audit.BeforeAppend = async one => await (one.Action == AuditAction.StudyOpened ? archive.Reader.CloseAsync(handle) : Task.CompletedTask);
        Assert.Equal(ReadVerdict.NotFound, await archive.VerdictAsync(token, study));

        archive.Audit.BeforeAppend = null;
        await using var session = await archive.OpenAsync(token, study);
        await session.DisposeAsync();
        await archive.Reader.CloseAsync(handle);

        await Assert.ThrowsAsync<StudyClosedException>(() => StudyArchive.ReadAsync(session));
    }

    [Fact]
    public async Task An_activation_that_goes_leaves_its_sessions_to_the_next()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, study) = (archive.Anything(), await StoredAsync(archive));
        await using var session = await archive.OpenAsync(token, study);

        await archive.DeactivateAsync(study);

        var handle = (await archive.RowAsync(study)).Study;
        Assert.Single(await StudyArchive.ReadAsync(session));
        await session.DisposeAsync();
        Assert.Equal(1, Assert.Single(await archive.Reader.CloseAsync(handle)).Released.Instances);
    }

    [Fact]
    public async Task A_session_whose_lease_ran_out_leaves_memory_though_nobody_takes_its_end()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, study) = (archive.Anything(), await StoredAsync(archive));
        var handle = (await archive.RowAsync(study)).Study;
        await (await archive.OpenAsync(token, study)).DisposeAsync();
        archive.Catalog.Inner.Fault = new StorageUnavailableException("Away.");
        archive.Audit.BeforeAppend = _ => throw new StorageUnavailableException("Away.");

        archive.Time.Advance(Lease.Duration);
        await archive.Reader.RenewAllAsync();

        Assert.Empty(await archive.Reader.CloseAsync(handle));
    }

    [Fact]
    public async Task An_action_that_is_not_known_opens_nothing()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, study) = (archive.Anything(), await StoredAsync(archive));

        foreach (var action in new[] { PolicyActions.None, (PolicyActions)(1 << 20), PolicyActions.Read | (PolicyActions)(1 << 20) })
        {
            Assert.Equal(ReadVerdict.Forbidden, (await archive.Reader.OpenAsync(token, study, action, null, default)).Verdict);
        }
    }

    [Fact]
    public async Task A_session_that_is_closed_while_it_is_read_is_waited_for_by_whoever_else_closes_it()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, study) = (archive.Anything(), await StoredAsync(archive));
        var handle = (await archive.RowAsync(study)).Study;
        var session = await archive.OpenAsync(token, study);

        var first = archive.Reader.CloseAsync(handle);
        var second = archive.Reader.CloseAsync(handle);
        Assert.False(first.IsCompleted || second.IsCompleted);

        await session.DisposeAsync();
        await Task.WhenAll(first, second);
    }

    private static async Task<string> StoredAsync(StudyArchive archive, string patient = "P1", int pixelBytes = 512, string studyDate = "20291201")
    {
        var instance = new Instance { PatientId = patient, PixelBytes = pixelBytes, StudyDate = studyDate };
        Assert.Equal([StoreStatus.Stored], await archive.StoreAsync(archive.Anything(), instance.File()));
        return instance.Study;
    }
}
