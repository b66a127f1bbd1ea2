using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Search;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Dimse;

/// <summary>What all associations share.</summary>
internal sealed record DimseServices(
    DimseSettings Settings, IStudyStore Store, IStudyReader Reader, StudySearch Search, IPolicyTokens Tokens, PeerTokens PeerTokens, RefusedAttempts Refused,
    Safekeeping Safekeeping, CommitmentReports Reports, Forwarding Forwarding, OutgoingInstances Outgoing, IAuditLog Audit, TimeProvider Clock, ILogger<DimseListener> Logger, StrangersLog Strangers);

internal static class DimseRegistration
{
    /// <param name="services">Has the archive's other services by the time one of these is asked for.</param>
    /// <param name="settings">The listener's, and its peers'.</param>
    /// <param name="isAlone">Whether no other silo shares the vault.</param>
    public static IServiceCollection AddDimse(this IServiceCollection services, DimseSettings settings, bool isAlone) => services
        .AddSingleton(settings).AddSingleton<PeerTokens>().AddSingleton<StrangersLog>().AddSingleton<OutgoingInstances>()
        .AddSingleton<Safekeeping>().AddSingleton(provider => ActivatorUtilities.CreateInstance<CommitmentReports>(provider, isAlone))
        .AddSingleton<ForwardSender>().AddSingleton<SendForward>(provider => provider.GetRequiredService<ForwardSender>().SendAsync)
        .AddSingleton<IsStored>(provider => provider.GetRequiredService<ForwardSender>().IsStoredAsync)
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<Forwarding>(provider, isAlone))
        .AddSingleton<DimseServices>()
        .AddHostedService<DimseListener>().AddHostedService(services => services.GetRequiredService<CommitmentReports>())
        .AddHostedService(services => services.GetRequiredService<Forwarding>());
}
