using SecureStore.Contracts;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Audit;

namespace SecureStore.Grains.Tests.Audit;

public sealed class InMemoryAuditStoreTests : AuditStoreContract
{
    private readonly InMemoryAuditStore store = new();

    protected override IAuditStore Open() => store;
}
