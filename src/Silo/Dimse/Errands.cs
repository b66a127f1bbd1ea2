using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Dimse;

/// <summary>What reports of storage commitment and forwarding have in common: how their errands are read, and when they are tried again.</summary>
internal static class Errands
{
    public static readonly TimeSpan FirstRetry = TimeSpan.FromMinutes(1);

    /// <summary>Between two looks at what is due.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(15);

    /// <summary>Null where the row is damaged, or was written by a version that says it otherwise.</summary>
    public static T? TryRead<T>(this Errand errand, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return errand.IsDamaged ? null : JsonSerializer.Deserialize(errand.Text, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Twice as long after each failure, up to a limit.</summary>
    public static TimeSpan Interval(TimeSpan first, int failures) => TimeSpan.FromTicks(Math.Min(first.Ticks << Math.Min(failures, 10), LongestRetry.Ticks));

    /// <summary>Nothing waits longer than the longest interval: what seems to was written before the clock was set back.</summary>
    public static bool IsDue(DateTimeOffset next, DateTimeOffset now) => next <= now || next > now + LongestRetry;
}
