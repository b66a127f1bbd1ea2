using Orleans.Concurrency;

namespace SecureStore.Grains.Retention;

/// <summary>The sweep: one for the whole archive (key 0). It finds studies that are due and has their grains destroy them.</summary>
[Alias("securestore.IRetentionGrain"), GrainInterfaceType("securestore.retention")]
public interface IRetentionGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Destroys what is due, and finishes what was begun. Doing it again changes nothing; who asks while a sweep runs joins it.
    /// </summary>
    [AlwaysInterleave, ResponseTimeout("1.00:00:00"), Alias("run")]
    Task<SweepResult> RunAsync();
}

/// <summary>What a sweep did: studies destroyed, left alone (hold, not due by their sealed facts) and failed, to be tried again.</summary>
[GenerateSerializer, Immutable, Alias("securestore.SweepResult")]
public sealed record SweepResult([property: Id(0)] int Destroyed, [property: Id(1)] int Skipped, [property: Id(2)] int Failed);
