using System.Text.Json;
using System.Text.Json.Serialization;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Dimse;

/// <summary>What a peer that asked for storage commitment is to be told (PS3.4 J.3.3), and when that is tried next. Kept sealed, as an errand of the vault.</summary>
internal sealed record CommitmentReport
{
    private const ushort AllHeld = 1;
    private const ushort SomeFailed = 2;

    /// <summary>The peer's AE title.</summary>
    public required string Peer { get; init; }

    public required string TransactionUid { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Not to be sent before, unless by whoever has it in hand.</summary>
    public required DateTimeOffset Next { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    public required IReadOnlyList<InstanceReference> Held { get; init; }

    public required IReadOnlyList<FailedReference> Failed { get; init; }

    [JsonIgnore]
    public int Count => Held.Count + Failed.Count;

    public static CommitmentReport Read(byte[] text) => JsonSerializer.Deserialize(text, CommitmentJson.Default.CommitmentReport)!;

    /// <inheritdoc cref="Errands.TryRead"/>
    public static CommitmentReport? TryRead(Errand errand) => errand.TryRead(CommitmentJson.Default.CommitmentReport);

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, CommitmentJson.Default.CommitmentReport);

    /// <summary>Whether it speaks of the same instances.</summary>
    public bool IsOfSame(CommitmentReport other) => References(this).SetEquals(References(other));

    /// <summary>The event: 1 where all are held, 2 where some are not (PS3.4 J.3.3.1.2).</summary>
    public DicomEventReport ToEvent()
    {
        var information = new DicomDataset().AddOrUpdate(DicomTag.TransactionUID, TransactionUid);
        if (Held.Count > 0)
        {
            information.AddOrUpdate(DicomTag.ReferencedSOPSequence, [.. Held.Select(Item)]);
        }

        if (Failed.Count > 0)
        {
            information.AddOrUpdate(
                DicomTag.FailedSOPSequence, [.. Failed.Select(failed => Item(failed.Instance).AddOrUpdate(DicomTag.FailureReason, failed.Reason))]);
        }

        return new(
            DicomUID.StorageCommitmentPushModel.UID, DicomUID.StorageCommitmentPushModelInstance.UID, Failed.Count == 0 ? AllHeld : SomeFailed, information);
    }

    public override string ToString() => nameof(CommitmentReport);

    private static DicomDataset Item(InstanceReference instance) => new DicomDataset()
        .AddOrUpdate(DicomTag.ReferencedSOPClassUID, instance.SopClassUid)
        .AddOrUpdate(DicomTag.ReferencedSOPInstanceUID, instance.SopInstanceUid);

    private static HashSet<InstanceReference> References(CommitmentReport report) => [.. report.Held, .. report.Failed.Select(failed => failed.Instance)];
}

/// <summary>An instance that is not held, and the Failure Reason (0008,1197; PS3.3 C.14).</summary>
internal sealed record FailedReference(InstanceReference Instance, ushort Reason);

[JsonSerializable(typeof(CommitmentReport))]
internal sealed partial class CommitmentJson : JsonSerializerContext;
