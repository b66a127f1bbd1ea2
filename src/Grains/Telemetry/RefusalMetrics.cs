using System.Diagnostics.Metrics;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Telemetry;

/// <summary>Refusals by operation and class of reason: never by whom, nor of what.</summary>
public static class RefusalMetrics
{
    private static readonly Counter<long> Refusals = Instruments.Store.CreateCounter<long>(
        "securestore.refusals", "{refusal}", "Instances and requests that were refused, by operation and class of reason.");

    /// <summary>A caller without a valid token, or a client without a valid secret.</summary>
    public static void Attempt() => Count("request", "unauthorized");

    /// <summary>An instance that was not stored.</summary>
    public static void Store(StoreStatus status) => Count("store", status switch
    {
        StoreStatus.CannotUnderstand or StoreStatus.MissingUid => "malformed",
        StoreStatus.OtherStudy => "other_study",
        StoreStatus.Conflict => "conflict",
        StoreStatus.StudyDestroyed => "destroyed",
        StoreStatus.PatientMismatch => "patient_mismatch",
        StoreStatus.Unauthorized => "unauthorized",
        StoreStatus.Forbidden => "forbidden",
        _ => "unavailable",
    });

    /// <summary>A study that was not opened.</summary>
    public static void Read(ReadVerdict verdict) => Count("read", verdict switch
    {
        ReadVerdict.Unauthorized => "unauthorized",
        ReadVerdict.Forbidden => "forbidden",
        _ => "not_found",
    });

    private static void Count(string operation, string reason) => Refusals.Add(
        1, new KeyValuePair<string, object?>("operation", operation), new KeyValuePair<string, object?>("reason", reason));
}
