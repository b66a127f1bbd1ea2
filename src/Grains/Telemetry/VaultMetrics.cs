using System.Diagnostics.Metrics;

namespace SecureStore.Grains.Telemetry;

/// <summary>The epochs of the root key provider: one that ends late is destroyed late, and so is what was sealed under it.</summary>
internal static class VaultMetrics
{
    private static State? last;

    static VaultMetrics()
    {
        Instruments.Store.CreateObservableGauge(
            "securestore.vault.epoch.age", () => Observed(state => (state.Time.GetUtcNow() - state.Created).TotalSeconds), "s", "Age of the current epoch.");
        Instruments.Store.CreateObservableGauge(
            "securestore.vault.epochs", () => Observed(state => state.Epochs), "{epoch}", "Epochs whose keys exist still, the current one included.");
    }

    /// <param name="created">When the current epoch began.</param>
    /// <param name="epochs">Epochs that there are.</param>
    public static void Maintained(TimeProvider time, DateTimeOffset created, int epochs) =>
        Volatile.Write(ref last, new State(time, created, epochs));

    private static IEnumerable<Measurement<T>> Observed<T>(Func<State, T> value)
        where T : struct => Volatile.Read(ref last) is { } state ? [new(value(state))] : [];

    private sealed record State(TimeProvider Time, DateTimeOffset Created, int Epochs);
}
