using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using static SecureStore.Grains.Tests.VaultTests.VaultSteps;

namespace SecureStore.Grains.Tests.VaultTests;

public class VaultTest
{
    [Fact]
    public async Task A_study_has_the_same_key_in_each_process_and_after_a_restart()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var study = await vault.AddStudyAsync(1);
        var key = await vault.KeyBytesAsync(study);
        Assert.NotNull(key);
        Assert.Equal(key, await vault.KeyBytesAsync(study));
        Assert.Equal(key, await (await fixture.AnotherAsync()).KeyBytesAsync(study));
    }

    [Fact]
    public async Task Studies_have_different_keys()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        StudyHandle[] studies = [await vault.AddStudyAsync(1), await vault.AddStudyAsync(1), await vault.AddStudyAsync(2)];
        var keys = await Task.WhenAll(studies.Select(study => vault.KeyBytesAsync(study)));
        Assert.Equal(3, keys.Select(key => Convert.ToHexString(key!)).Distinct().Count());
    }

    [Fact]
    public async Task An_unknown_study_has_no_key()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        Assert.Null(await vault.OpenStudyKeyAsync(StudyHandle.New(), default));
    }

    [Fact]
    public async Task Adding_a_study_key_again_keeps_the_first()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var patient = await vault.FindOrAddPatientAsync(Identity(1), default);
        var study = StudyHandle.New();
        await vault.AddStudyKeyAsync(study, patient, default);
        var key = await vault.KeyBytesAsync(study);
        await vault.AddStudyKeyAsync(study, patient, default);
        Assert.Equal(key, await vault.KeyBytesAsync(study));
    }

    [Fact]
    public async Task A_study_key_is_not_added_for_another_patient()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var study = await vault.AddStudyAsync(1);
        var other = await vault.FindOrAddPatientAsync(Identity(2), default);
        await Assert.ThrowsAsync<OtherPatientsStudyException>(async () => await vault.AddStudyKeyAsync(study, other, default));
        await Assert.ThrowsAsync<PatientGoneException>(async () => await vault.AddStudyKeyAsync(StudyHandle.New(), PatientHandle.New(), default));
    }

    [Fact]
    public async Task A_patient_is_found_by_identity_and_no_other()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        PatientIdentity[] identities =
        [
            new("A", "BC"), new("AB", "C"), new("", "ABC"), new("ABC", ""), new("", ""), PatientIdentity.ForStudyAlone("1.2.3"), PatientIdentity.ForStudyAlone(""),
        ];
        var handles = new List<PatientHandle>();
        foreach (var identity in identities)
            handles.Add(await vault.FindOrAddPatientAsync(identity, default));
        Assert.Equal(identities.Length, handles.Distinct().Count());
        var another = await fixture.AnotherAsync();
        for (var i = 0; i < identities.Length; i++)
        {
            Assert.Equal(handles[i], await another.FindOrAddPatientAsync(identities[i], default));
            Assert.Equal(identities[i], await another.FindIdentityAsync(handles[i], default));
        }
    }

    [Fact]
    public async Task Many_who_add_one_patient_at_once_get_one_handle()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var another = await fixture.AnotherAsync();
        var handles = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
            await (i % 2 == 0 ? vault : another).FindOrAddPatientAsync(Identity(i % 4 / 2), default))));
        Assert.Equal(2, handles.Distinct().Count());
    }

    [Fact]
    public async Task Pages_hold_no_more_patients_than_set()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        for (var patient = 0; patient < 10; patient++)
            await vault.AddStudyAsync(patient);
        var another = await fixture.AnotherAsync();
        for (var patient = 10; patient < 12; patient++)
            await another.AddStudyAsync(patient);
        var pages = fixture.Store.Rows.Where(row => row.Kind == VaultRowKind.Patient).CountBy(row => row.Parent).Select(page => page.Value);
        Assert.Equal([4, 4, 4], pages);
    }

    [Fact]
    public async Task Many_keys_are_opened_at_once_each_at_its_place()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var studies = new List<StudyHandle>();
        for (var i = 0; i < 600; i++)
            studies.Add(i % 50 == 7 ? StudyHandle.New() : await vault.AddStudyAsync(i % 9));
        var keys = await vault.OpenStudyKeysAsync(studies, default);
        for (var i = 0; i < studies.Count; i++)
            Assert.Equal(await vault.KeyBytesAsync(studies[i]), keys[i]?.Span.ToArray());
        Assert.Equal(588, keys.Count(key => key is not null));
    }

    [Fact]
    public async Task Service_keys_and_macs_are_the_same_after_a_restart_and_differ_from_vault_to_vault()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var another = await fixture.AnotherAsync();
        var seen = new HashSet<string>();
        foreach (var name in Enum.GetValues<ServiceKeyName>())
        {
            Assert.Equal(vault.ServiceKey(name).Span, another.ServiceKey(name).Span);
            Assert.True(seen.Add(Convert.ToHexString(vault.ServiceKey(name).Span)));
        }
        Assert.Equal(vault.MacOfUid("1.2.3"), another.MacOfUid("1.2.3"));
        Assert.NotEqual(vault.MacOfUid("1.2.3"), vault.MacOfUid("1.2.30"));
        var (otherFixture, other) = await VaultFixture.InitialisedAsync();
        using var __ = otherFixture;
        Assert.NotEqual(vault.MacOfUid("1.2.3"), other.MacOfUid("1.2.3"));
    }

    [Fact]
    public async Task Rows_hold_no_key_and_no_identity_in_the_clear()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        var identity = new PatientIdentity("ISSUERISSUER", "PLANTEDPATIENTID");
        var study = StudyHandle.New();
        await vault.AddStudyKeyAsync(study, await vault.FindOrAddPatientAsync(identity, default), default);
        var key = await vault.KeyBytesAsync(study);
        foreach (var row in fixture.Store.Rows)
            foreach (var bytes in new[] { row.WrappedKey, row.Sealed, row.LookUp?.ToArray() ?? [] })
            {
                Assert.Equal(-1, bytes.AsSpan().IndexOf(key));
                Assert.Equal(-1, bytes.AsSpan().IndexOf("PLANTED"u8));
                Assert.Equal(-1, bytes.AsSpan().IndexOf(System.Text.Encoding.Unicode.GetBytes("PLANTED")));
            }
    }
}
