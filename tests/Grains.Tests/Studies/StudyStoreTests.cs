using Orleans.Runtime;
using SecureStore.Dicom;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Tests.Studies;

public sealed class StudyStoreTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(65_536)]
    [InlineData(3_000_000)]
    public async Task What_was_stored_comes_back_byte_for_byte(int pixelBytes)
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance { PixelBytes = pixelBytes };
        var other = instance with { Uid = DicomUID.New(), Seed = 2 };

        Assert.Equal([StoreStatus.Stored, StoreStatus.Stored], await archive.StoreAsync(archive.Anything(), instance.File(), other.File()));

        var read = await archive.ReadAsync(archive.Anything(), instance.Study);
        Assert.Equal(2, read.Count);
        Assert.True(read[0].AsSpan().SequenceEqual(instance.File()));
        Assert.True(read[1].AsSpan().SequenceEqual(other.File()));
    }

    [Fact]
    public async Task Instances_that_are_there_already_are_told_apart()
    {
        await using var archive = await StudyArchive.StartAsync();
        var token = archive.Anything();
        var instance = new Instance { PixelBytes = 200_000 };
        await archive.StoreAsync(token, instance.File());

        Assert.Equal(
            [
                StoreStatus.Duplicate, StoreStatus.Duplicate, StoreStatus.DuplicateInOtherTransferSyntax, StoreStatus.Conflict,
                StoreStatus.Conflict,
            ],
            await archive.StoreAsync(
                token,
                instance.File(),
                (instance with { Implementation = "1.2.3.4.5.6.7" }).File(),
                instance.File(DicomTransferSyntax.ImplicitVRLittleEndian),
                (instance with { Seed = 2 }).File(),
                (instance with { StudyDate = "20291130" }).File(DicomTransferSyntax.ImplicitVRLittleEndian)));
        Assert.Equal([instance.File()], await archive.ReadAsync(token, instance.Study));
    }

    [Fact]
    public async Task The_same_instance_twice_in_one_commit_is_stored_once()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();

        Assert.Equal([StoreStatus.Stored, StoreStatus.Duplicate], await archive.StoreAsync(archive.Anything(), instance.File(), instance.File()));
    }

    [Theory]
    [InlineData(PatientMismatchRule.Flag, StoreStatus.StoredWithPatientMismatch)]
    [InlineData(PatientMismatchRule.Refuse, StoreStatus.PatientMismatch)]
    public async Task Another_patients_instance_is_flagged_or_refused(PatientMismatchRule rule, StoreStatus expected)
    {
        await using var archive = await StudyArchive.StartAsync(new StudyOptions { OnMismatch = rule });
        var instance = new Instance();
        await archive.StoreAsync(archive.Anything(), instance.File());
        var sender = archive.Anything();

        Assert.Equal([expected], await archive.StoreAsync(sender, (instance with { Uid = DicomUID.New(), PatientId = "P2" }).File()));

        Assert.Equal(new PatientIdentity("", "P1"), (await archive.FactsAsync(instance.Study)).Patient);
        Assert.Equal(
            rule == PatientMismatchRule.Flag ? [sender] : [],
            archive.Audit.Of(AuditAction.PatientMismatch).Select(one => one.TokenId));
    }

    [Fact]
    public async Task Another_patients_instance_needs_a_token_for_both()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        await archive.StoreAsync(archive.Anything(), instance.File());
        var other = archive.Tokens.Issue(PolicyActions.Store, new PolicyLocation.OfPatient(new PatientIdentity("", "P2")));

        Assert.Equal([StoreStatus.Forbidden], await archive.StoreAsync(other, (instance with { Uid = DicomUID.New(), PatientId = "P2" }).File()));
    }

    [Fact]
    public async Task A_token_for_one_study_stores_into_no_other_whatever_the_request_says()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        await archive.StoreAsync(archive.Anything(), instance.File());
        var foreign = archive.Tokens.Issue(PolicyActions.Store, new PolicyLocation.OfStudy("1.2.3"));

        var decision = await (await archive.GrainAsync(instance.Study)).BeginStoreAsync(
            new StoreRequest { Token = foreign, StudyInstanceUid = "1.2.3", Patient = new PatientIdentity("", "P1") });

        Assert.Equal(StoreVerdict.Forbidden, decision.Verdict);
    }

    [Fact]
    public async Task Without_a_token_that_allows_it_nothing_is_stored_and_no_row_is_made()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();

        Assert.Equal([StoreStatus.Unauthorized], await archive.StoreAsync("none", instance.File()));
        Assert.Equal(
            [StoreStatus.Forbidden],
            await archive.StoreAsync(archive.Tokens.Issue(PolicyActions.Read, new PolicyLocation.Everything()), instance.File()));
        Assert.Null(await archive.Catalog.FindStudyAsync(archive.Vault.MacOfUid(instance.Study), default));
    }

    [Fact]
    public async Task A_token_revoked_before_the_commit_commits_nothing()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        await using var session = archive.Store.Begin(token, null, null);
        await session.ReceiveAsync(new MemoryStream(instance.File()), default);

        archive.Tokens.Revoke(token);

        Assert.Equal(StoreStatus.Unauthorized, Assert.Single(await session.CommitAsync(default)).Status);
        Assert.Empty((await archive.RowAsync(instance.Study)).SealedFacts);
    }

    [Fact]
    public async Task Nothing_is_stored_while_the_audit_log_is_away()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        var gone = Task.CompletedTask;
        archive.Audit.BeforeAppend = async _ =>
        {
            gone = await archive.DeactivationAsync(instance.Study);
            throw new StorageUnavailableException("The audit log is away.");
        };

        Assert.Equal([StoreStatus.Unavailable], await archive.StoreAsync(archive.Anything(), instance.File()));
        Assert.Empty((await archive.RowAsync(instance.Study)).SealedFacts);

        archive.Audit.BeforeAppend = null;
        await gone;
        Assert.Equal([StoreStatus.Stored], await archive.StoreAsync(archive.Anything(), instance.File()));
    }

    [Fact]
    public async Task What_storage_fails_on_is_unavailable_and_stops_the_next_instance_alone()
    {
        await using var archive = await StudyArchive.StartAsync();
        var lost = new Instance();
        var kept = lost with { Uid = DicomUID.New(), Seed = 2 };
        await using var session = archive.Store.Begin(archive.Anything(), null, null);
        archive.Objects.BeforeAppend = () => throw new StorageUnavailableException("The disk is full.");

        Assert.Equal(StoreStatus.Received, (await session.ReceiveAsync(new MemoryStream(lost.File()), default)).Status);
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await session.ReceiveAsync(new MemoryStream(kept.File()), default));
        archive.Objects.BeforeAppend = null;
        Assert.Equal(StoreStatus.Received, (await session.ReceiveAsync(new MemoryStream(kept.File()), default)).Status);

        Assert.Equal([StoreStatus.Unavailable, StoreStatus.Stored], (await session.CommitAsync(default)).Select(one => one.Status));
        Assert.Equal([kept.File()], await archive.ReadAsync(archive.Anything(), lost.Study));
    }

    [Fact]
    public async Task A_study_with_another_owner_takes_no_commit_from_this_one()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        await archive.StoreAsync(archive.Anything(), instance.File());
        var row = await archive.RowAsync(instance.Study);
        Assert.NotNull(await archive.Catalog.ClaimAsync(row.Study, row.OwnerEpoch, default));
        var other = (instance with { Uid = DicomUID.New() }).File();

        var gone = await archive.DeactivationAsync(instance.Study);
        Assert.Equal([StoreStatus.Unavailable], await archive.StoreAsync(archive.Anything(), other));
        await gone;

        Assert.Equal([StoreStatus.Stored], await archive.StoreAsync(archive.Anything(), other));
        Assert.Equal(2, (await archive.FactsAsync(instance.Study)).Instances);
    }

    [Fact]
    public async Task After_an_uncertain_commit_the_catalog_decides()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance();
        var gone = Task.CompletedTask;
        archive.Catalog.AfterCommit = async _ =>
        {
            gone = await archive.DeactivationAsync(instance.Study);
            throw new StorageUnavailableException("Uncertain.");
        };
        Assert.Equal([StoreStatus.Unavailable], await archive.StoreAsync(archive.Anything(), instance.File()));
        archive.Catalog.AfterCommit = null;
        await gone;

        Assert.Equal(
            [StoreStatus.Duplicate, StoreStatus.Stored],
            await archive.StoreAsync(archive.Anything(), instance.File(), (instance with { Uid = DicomUID.New() }).File()));
        Assert.Equal(2, (await archive.FactsAsync(instance.Study)).Instances);
    }

    [Fact]
    public async Task A_hold_that_waits_behind_an_uncertain_commit_writes_over_nothing()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        await archive.StoreAsync(token, instance.File());
        var grain = await archive.GrainAsync(instance.Study);
        var (committing, recorded) = (new TaskCompletionSource(), new TaskCompletionSource());
        archive.Audit.BeforeAppend = one =>
        {
            if (one.Action == AuditAction.LegalHoldSet)
            {
                recorded.SetResult();
            }

            return Task.CompletedTask;
        };
        var begun = new TaskCompletionSource();
        archive.Catalog.AfterCommit = async _ =>
        {
            archive.Catalog.AfterCommit = null;
            begun.SetResult();
            await committing.Task;
            throw new StorageUnavailableException("Uncertain.");
        };
        var storing = archive.StoreAsync(token, (instance with { Uid = DicomUID.New() }).File());
        await begun.Task;
        var holding = grain.HoldAsync(new StudyRequest(token, "court"));
        await recorded.Task;

        committing.SetResult();

        Assert.Equal([StoreStatus.Unavailable], await storing);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => holding);
        Assert.Equal(2, (await archive.FactsAsync(instance.Study)).Instances);
    }

    [Fact]
    public async Task A_commit_that_waits_behind_an_uncertain_hold_does_not_undo_it()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        await archive.StoreAsync(token, instance.File());
        var grain = await archive.GrainAsync(instance.Study);
        await using var session = archive.Store.Begin(token, null, null);
        await session.ReceiveAsync(new MemoryStream((instance with { Uid = DicomUID.New() }).File()), default);

        // What comes next, whatever it is, waits until the instance before it is ready for its commit.
        await session.ReceiveAsync(new MemoryStream([1, 2, 3]), default);
        Task<IReadOnlyList<StoreResult>>? committing = null;
        archive.Catalog.AfterCommit = async _ =>
        {
            archive.Catalog.AfterCommit = null;
            committing = session.CommitAsync(default).AsTask();

            // The grain takes calls in their order: when it answers this one, the commit waits.
            await grain.RenewAsync(Guid.Empty, new ReadRequest { Token = "none", Action = PolicyActions.Read, Silo = SiloAddress.Zero });
            throw new StorageUnavailableException("Uncertain.");
        };

        await Assert.ThrowsAsync<StorageUnavailableException>(() => grain.HoldAsync(new StudyRequest(token, "court")));

        Assert.Equal(StoreStatus.Unavailable, Assert.Single(await committing!).Status);
        Assert.Equal("court", (await archive.FactsAsync(instance.Study)).LegalHold);
    }

    [Fact]
    public async Task An_upload_outlives_its_studys_activation()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        await using var session = archive.Store.Begin(token, null, null);
        await session.ReceiveAsync(new MemoryStream(instance.File()), default);

        await archive.DeactivateAsync(instance.Study);

        Assert.Equal(StoreStatus.Stored, Assert.Single(await session.CommitAsync(default)).Status);
        Assert.Equal([instance.File()], await archive.ReadAsync(token, instance.Study));
    }

    [Fact]
    public async Task What_was_sealed_for_a_patient_who_lost_the_study_meanwhile_is_not_committed()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        await using var session = archive.Store.Begin(token, null, null);
        await session.ReceiveAsync(new MemoryStream(instance.File()), default);
        await archive.DeactivateAsync(instance.Study);
        var second = instance with { PatientId = "P2", Uid = DicomUID.New() };
        Assert.Equal([StoreStatus.Stored], await archive.StoreAsync(token, second.File()));

        Assert.Equal(StoreStatus.Unavailable, Assert.Single(await session.CommitAsync(default)).Status);
        Assert.Equal([second.File()], await archive.ReadAsync(token, instance.Study));
    }

    [Fact]
    public async Task Who_goes_on_storing_after_the_study_got_another_key_seals_under_that_one()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        await using var session = archive.Store.Begin(token, null, null);
        await session.ReceiveAsync(new MemoryStream(instance.File()), default);
        await archive.DeactivateAsync(instance.Study);
        await using (var other = archive.Store.Begin(token, null, null))
        {
            // It leaves without a commit, and the unused key goes with it.
            await other.ReceiveAsync(new MemoryStream((instance with { Uid = DicomUID.New() }).File()), default);
        }

        Assert.Equal(StoreStatus.Unavailable, Assert.Single(await session.CommitAsync(default)).Status);

        await session.ReceiveAsync(new MemoryStream(instance.File()), default);
        Assert.Equal(StoreStatus.Stored, Assert.Single(await session.CommitAsync(default)).Status);
        Assert.Equal([instance.File()], await archive.ReadAsync(token, instance.Study));
    }

    [Fact]
    public async Task Nobody_begins_to_store_while_orphans_are_removed()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        await archive.StoreAsync(token, instance.File());
        await using var orphan = await archive.Objects.CreateSegmentAsync((await archive.RowAsync(instance.Study)).Study, default);
        await orphan.CompleteAsync(default);
        var (begun, go) = (World.Signal(), World.Signal());
        archive.Objects.BeforeDeleteSegment = () =>
        {
            begun.SetResult();
            return go.Task;
        };
        var grain = await archive.GrainAsync(instance.Study);
        var removing = grain.RemoveOrphansAsync([orphan.Segment], "test");
        await begun.Task;

        var lease = grain.BeginStoreAsync(new StoreRequest { Token = token, StudyInstanceUid = instance.Study, Patient = new PatientIdentity("", instance.PatientId) });

        // The grain takes calls in their order: when it answers this one, the other waits.
        await grain.RenewAsync(Guid.Empty, new ReadRequest { Token = "none", Action = PolicyActions.Read, Silo = SiloAddress.Zero });
        Assert.False(lease.IsCompleted);
        go.SetResult();
        Assert.Equal(1, await removing);
        Assert.Equal(StoreVerdict.Granted, (await lease).Verdict);
    }

    [Fact]
    public async Task An_upload_that_fails_binds_no_study_and_leaves_no_patient()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        Assert.Equal([StoreStatus.CannotUnderstand], await archive.StoreAsync(token, instance.File()[..^600]));
        Assert.DoesNotContain(archive.VaultStore.Rows, row => row.Kind is VaultRowKind.Study or VaultRowKind.Patient);

        var right = instance with { PatientId = "P2" };
        Assert.Equal([StoreStatus.Stored], await archive.StoreAsync(token, right.File()));
        Assert.Equal(new PatientIdentity("", "P2"), (await archive.FactsAsync(instance.Study)).Patient);
        Assert.Equal([right.File()], await archive.ReadAsync(token, instance.Study));
    }

    [Fact]
    public async Task A_key_left_over_by_another_patient_gives_way()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        var study = StudyHandle.New();
        await archive.Catalog.AddStudyAsync(archive.Vault.MacOfUid(instance.Study), study, default);
        await archive.Vault.AddStudyKeyAsync(study, await archive.Vault.FindOrAddPatientAsync(new PatientIdentity("", "P9"), default), default);

        Assert.Equal([StoreStatus.Stored], await archive.StoreAsync(token, instance.File()));
        Assert.Equal([instance.File()], await archive.ReadAsync(token, instance.Study));
    }

    [Fact]
    public async Task A_vault_that_fails_is_not_taken_for_another_patients_key()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (study, other) = (StudyHandle.New(), await archive.Vault.FindOrAddPatientAsync(new PatientIdentity("", "P9"), default));
        var patient = await archive.Vault.FindOrAddPatientAsync(new PatientIdentity("", "P1"), default);
        await archive.Vault.AddStudyKeyAsync(study, other, default);
        Assert.Equal(StudyKeyOutcome.OtherPatients, await archive.Grains.GetGrain<IPatientGrain>(patient.Value).AddStudyKeyAsync(study));

        archive.VaultStore.BeforeCommit = _ => throw new InvalidOperationException("Wrong.");
        await Assert.ThrowsAsync<InvalidOperationException>(() => archive.Grains.GetGrain<IPatientGrain>(other.Value).AddStudyKeyAsync(study));
    }

    [Fact]
    public async Task The_destruction_of_a_key_that_was_left_over_does_no_harm_once_it_is_stored_under()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        var study = StudyHandle.New();
        await archive.Catalog.AddStudyAsync(archive.Vault.MacOfUid(instance.Study), study, default);
        await archive.Vault.AddStudyKeyAsync(study, await archive.Vault.FindOrAddPatientAsync(new PatientIdentity("", instance.PatientId), default), default);
        var left = (await archive.Vault.FindStudyKeyIdAsync(study, default))!.Value;

        Assert.Equal([StoreStatus.Stored], await archive.StoreAsync(token, instance.File()));
        await archive.Vault.DestroyStudyKeyAsync(study, left, default);
        Assert.Equal([instance.File()], await archive.ReadAsync(token, instance.Study));
    }

    [Fact]
    public async Task An_owner_that_was_overtaken_destroys_no_key()
    {
        await using var archive = await StudyArchive.StartAsync();
        var (token, instance) = (archive.Anything(), new Instance());
        await using (var session = archive.Store.Begin(token, null, null))
        {
            await session.ReceiveAsync(new MemoryStream(instance.File()), default);
            var row = await archive.RowAsync(instance.Study);
            await archive.Catalog.ClaimAsync(row.Study, row.OwnerEpoch, default);
        }

        Assert.True(archive.HasKey((await archive.RowAsync(instance.Study)).Study));
    }

    [Fact]
    public async Task A_large_upload_that_breaks_off_leaves_nothing_behind()
    {
        await using var archive = await StudyArchive.StartAsync();
        var instance = new Instance { PixelBytes = 4_000_000 };

        await using (var session = archive.Store.Begin(archive.Anything(), null, null))
        {
            await Assert.ThrowsAsync<IOException>(
                async () => await session.ReceiveAsync(new BreakingStream(instance.File(), 3_500_000), default));
        }

        Assert.Equal(0, await archive.SegmentsAsync(instance.Study));
        Assert.False(archive.HasKey((await archive.RowAsync(instance.Study)).Study));
    }

    /// <summary>A sender that goes away in the middle.</summary>
    private sealed class BreakingStream(byte[] bytes, int breaksAt) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position >= breaksAt ? throw new IOException("Gone.") : base.ReadAsync(buffer, cancellationToken);
    }
}
