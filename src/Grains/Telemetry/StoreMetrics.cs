using System.Diagnostics.Metrics;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Telemetry;

/// <summary>What comes in: instances and bytes stored, what is being finished, leases, and how long flushes and commits take.</summary>
internal static class StoreMetrics
{
    private static readonly Counter<long> Instances = Instruments.Store.CreateCounter<long>(
        "securestore.store.instances", "{instance}", "Instances whose sender heard that they are stored, by outcome.");

    private static readonly Counter<long> Bytes = Instruments.Store.CreateCounter<long>(
        "securestore.store.size", "By", "Bytes of the DICOM files that were newly stored.");

    /// <summary>Instances that were read whole and are on their way into the object store.</summary>
    public static UpDownCounter<long> Finishing { get; } = Instruments.Store.CreateUpDownCounter<long>(
        "securestore.store.finishing", "{instance}", "Instances that were received whole and are being handed to the object store.");

    public static UpDownCounter<long> Leases { get; } = Instruments.Store.CreateUpDownCounter<long>(
        "securestore.store.leases", "{lease}", "Store leases that requests of this silo hold.");

    /// <summary>From the end of what was received to the word "stored": flush, audit record and commit.</summary>
    public static Histogram<double> Commit { get; } = Instruments.Duration(
        Instruments.Store, "securestore.store.commit.duration", "From the last byte of a request's study to its commit: flush, audit record, catalog.");

    public static Histogram<double> Flush { get; } = Instruments.Duration(
        Instruments.Store, "securestore.objects.flush.duration", "Making appended bytes durable in the object store.");

    /// <summary>Counts the end of an instance, whatever it is.</summary>
    /// <param name="bytes">Length of its file.</param>
    public static void Ended(StoreStatus status, long bytes)
    {
        var outcome = status switch
        {
            StoreStatus.Stored => "stored",
            StoreStatus.StoredWithPatientMismatch => "stored_with_patient_mismatch",
            StoreStatus.Duplicate => "duplicate",
            StoreStatus.DuplicateInOtherTransferSyntax => "duplicate_in_other_transfer_syntax",
            _ => null,
        };
        if (outcome is null)
        {
            RefusalMetrics.Store(status);
            return;
        }

        Instances.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        if (status is StoreStatus.Stored or StoreStatus.StoredWithPatientMismatch)
        {
            Bytes.Add(bytes);
        }
    }
}
