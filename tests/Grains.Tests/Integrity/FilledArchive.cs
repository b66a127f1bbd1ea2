using Microsoft.Extensions.Time.Testing;
using SecureStore.Grains.Integrity;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Studies;

namespace SecureStore.Grains.Tests.Integrity;

/// <summary>An archive with what was stored in it.</summary>
internal sealed record FilledArchive(StudyArchive Archive, IReadOnlyList<(string Study, byte[] File)> Stored) : IAsyncDisposable
{
    public HookedCatalog Catalog => Archive.Catalog;

    public HookedObjects Objects => Archive.Objects;

    public MemoryAuditLog Audit => Archive.Audit;

    public FakeTimeProvider Time => Archive.Time;

    public IGrainFactory Grains => Archive.Grains;

    public IStudyStore Store => Archive.Store;

    public Vault.Vault Vault => Archive.Vault;

    public string Anything() => Archive.Anything();

    public T Create<T>(params object[] more) => Archive.Create<T>(more);

    public Task<StudyRow> RowAsync(string study) => Archive.RowAsync(study);

    public Task<StudyFacts> FactsAsync(string study) => Archive.FactsAsync(study);

    public Task<DestroyVerdict> DestroyAsync(string token, string study) => Archive.DestroyAsync(token, study);

    public Task<IReadOnlyList<byte[]>> ReadAsync(string token, string study) => Archive.ReadAsync(token, study);

    public Task<IReadOnlyList<StoreStatus>> StoreAsync(string token, params IEnumerable<byte[]> files) => Archive.StoreAsync(token, files);

    public Task<Told> CheckAsync() => Archive.CheckAsync();

    public Task<Told> CheckAsync(FsckRequest request) => Archive.CheckAsync(request);

    public Task<Told> RepairAsync() => Archive.RepairAsync();

    public ValueTask DisposeAsync() => Archive.DisposeAsync();
}
