using SecureStore.Contracts;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Tests.Storage;

public sealed class InMemoryObjectStoreTests : ObjectStoreContract
{
    private readonly InMemoryObjectStore.Ground ground = new();

    protected override IObjectStore Open() => new InMemoryObjectStore(ground);
}

public sealed class InMemoryCatalogTests : CatalogContract
{
    protected override ICatalog Catalog { get; } = new InMemoryCatalog();
}
