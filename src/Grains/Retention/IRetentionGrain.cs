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

    /// <summary>
    /// As <see cref="RunAsync"/>, and answers within seconds, done or not: what was asked of a silo that died by way of another is never
    /// answered, and who asks must not wait for it.
    /// </summary>
    /// <param name="sweep">The sweep that an answer has named before, or an empty one.</param>
    [AlwaysInterleave, ResponseTimeout("00:00:20"), Alias("follow")]
    Task<SweepProgress> FollowAsync(Guid sweep);
}

/// <summary>How far a sweep is: its result, once it has one.</summary>
[GenerateSerializer, Immutable, Alias("securestore.SweepProgress")]
public sealed record SweepProgress([property: Id(0)] Guid Sweep, [property: Id(1)] SweepResult? Result);

/// <summary>What a sweep did: studies destroyed, left alone (hold, not due by their sealed facts) and failed, to be tried again.</summary>
[GenerateSerializer, Immutable, Alias("securestore.SweepResult")]
public sealed record SweepResult([property: Id(0)] int Destroyed, [property: Id(1)] int Skipped, [property: Id(2)] int Failed);
