using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Cluster;

/// <inheritdoc cref="IReaderService"/>
internal sealed class ReaderService(GrainId id, Silo silo, ILoggerFactory loggers, StudyReader reader, Vault.Vault vault)
    : GrainService(id, silo, loggers), IReaderService
{
    public async Task<ClosedSession[]> CloseAsync(StudyHandle study) => [.. await reader.CloseAsync(study)];

    public Task ForgetPagesAsync(RotatedPage[] pages)
    {
        vault.ForgetPages(pages);
        return Task.CompletedTask;
    }

    public async Task<bool> AcknowledgeAsync(EpochTurn turn) => await vault.AcknowledgeTurnAsync(turn, CancellationToken.None);
}

/// <summary>The way to another silo's <see cref="IReaderService"/>.</summary>
internal sealed class ReaderServices(IServiceProvider services) : GrainServiceClient<IReaderService>(services)
{
    public IReaderService On(SiloAddress silo) => GetGrainService(silo);
}
