using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime;

namespace SecureStore.Grains.Cluster;

/// <summary>Registers what a silo needs to know of others.</summary>
public static class ClusterServices
{
    /// <summary>For a silo that is alone (embedded mode): it asks nobody.</summary>
    public static IServiceCollection AddNoOtherSilos(this IServiceCollection services) => services.AddSingleton<IOtherSilos, NoOtherSilos>();

    /// <summary>For a silo of a cluster: it asks the others, and answers them (<see cref="IReaderService"/>).</summary>
    public static ISiloBuilder AddOtherSilos(this ISiloBuilder silo)
    {
        silo.Services
            .AddSingleton<ReaderServices>()
            .AddSingleton<OtherSilos>()
            .AddSingleton<IOtherSilos>(services => services.GetRequiredService<OtherSilos>())
            .AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<OtherSilos>());
        return silo.AddGrainService<ReaderService>();
    }
}
