using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.VaultTests;

/// <summary>A vault over a store in memory and key files in a folder of its own.</summary>
public sealed class VaultFixture : IDisposable
{
    private readonly List<IDisposable> opened = [];

    public VaultFixture(VaultOptions? options = null)
    {
        Options = options ?? new VaultOptions { PatientsPerPage = 4 };
        Folder = Path.Combine(Directory.CreateTempSubdirectory("securestore-").FullName, "keys");
    }

    public VaultOptions Options { get; }

    public string Folder { get; }

    public InMemoryVaultStore Store { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public FileRootKey Keys { get; private set; } = null!;

    public static async Task<(VaultFixture Fixture, Vault.Vault Vault)> InitialisedAsync(VaultOptions? options = null)
    {
        var fixture = new VaultFixture(options);
        fixture.Keys = FileRootKey.Create(fixture.Folder);
        fixture.opened.Add(fixture.Keys);
        var vault = fixture.Unopened(fixture.Keys);
        await vault.InitialiseAsync(default);
        return (fixture, vault);
    }

    /// <summary>A second process over the same store and the same key files.</summary>
    public async Task<Vault.Vault> AnotherAsync() => (await OpenAnotherAsync()).Vault;

    /// <summary>As <see cref="AnotherAsync"/>, with its keys, or over a copy of them in another folder.</summary>
    public async Task<(Vault.Vault Vault, FileRootKey Keys)> OpenAnotherAsync(string? folder = null)
    {
        var keys = FileRootKey.Open(folder ?? Folder);
        opened.Add(keys);
        var vault = Unopened(keys);
        await vault.OpenAsync(default);
        return (vault, keys);
    }

    public Vault.Vault Unopened(IRootKeyProvider keys)
    {
        var vault = new Vault.Vault(Store, keys, Time, Options);
        opened.Add(vault);
        return vault;
    }

    public void Dispose()
    {
        foreach (var disposable in opened)
            disposable.Dispose();
        Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
    }
}

internal static class VaultSteps
{
    public static PatientIdentity Identity(int number) => new("HOSPITAL", $"PAT{number}");

    public static async Task<StudyHandle> AddStudyAsync(this Vault.Vault vault, int patient)
    {
        var study = StudyHandle.New();
        await vault.AddStudyKeyAsync(study, await vault.FindOrAddPatientAsync(Identity(patient), default), default);
        return study;
    }

    public static async Task<byte[]?> KeyBytesAsync(this Vault.Vault vault, StudyHandle study)
    {
        using var key = await vault.OpenStudyKeyAsync(study, default);
        return key?.Span.ToArray();
    }
}
