using SecureStore.Contracts;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Tests.VaultTests;

public class InMemoryVaultStoreTest : VaultStoreContract
{
    private readonly InMemoryVaultStore store = new();

    protected override IVaultStore Open() => store;
}
