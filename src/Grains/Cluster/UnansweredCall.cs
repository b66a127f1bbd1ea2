using Polly;

namespace SecureStore.Grains.Cluster;

/// <summary>Tells a grain that does not answer from one that answers with a failure.</summary>
public static class UnansweredCall
{
    /// <summary>
    /// A silo has gone, or a grain cannot be placed or takes too long. What Orleans' placement fails with reaches the caller as it is: where
    /// its time has run out, that is the resilience library's own exception.
    /// </summary>
    public static bool Is(Exception failure) => failure is OrleansException or TimeoutException or ExecutionRejectedException;
}
