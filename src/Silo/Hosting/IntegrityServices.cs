using SecureStore.Grains.Integrity;

namespace SecureStore.Silo.Hosting;

/// <summary>Registers the checks of the archive and what a start does after a restore.</summary>
internal static class IntegrityServices
{
    public static IServiceCollection AddIntegrity(this IServiceCollection services) => services
        .AddSingleton<Fsck>()
        .AddSingleton<OrphanSweep>()
        .AddSingleton<DestructionReplay>()
        .AddSingleton<LogMarkKeeper>();
}
