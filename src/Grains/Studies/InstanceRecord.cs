using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Studies;

/// <summary>What the catalog keeps, sealed, of one SOP Instance: what it is, where its bytes are, and its wrapped key.</summary>
[GenerateSerializer, Immutable, Alias("securestore.InstanceRecord")]
public sealed record InstanceRecord
{
    [Id(0)] public required string SopClassUid { get; init; }

    [Id(1)] public required string SopInstanceUid { get; init; }

    [Id(2)] public required string SeriesInstanceUid { get; init; }

    [Id(3)] public required string TransferSyntaxUid { get; init; }

    /// <summary>The file as it came, sealed; its <see cref="SealedPart.Length"/> is the file's length in bytes.</summary>
    [Id(4)] public required SealedPart Object { get; init; }

    /// <summary>The instance's DICOM JSON (PS3.18 F), sealed.</summary>
    [Id(5)] public required SealedPart Metadata { get; init; }

    /// <summary>
    /// Byte positions in the metadata where a base URL is to be put in before it is served: ascending, each right before
    /// the relative path of a BulkDataURI.
    /// </summary>
    [Id(6)] public IReadOnlyList<int> MetadataSplices { get; init; } = [];

    /// <summary>Where the frames are; null where the instance has no pixel data.</summary>
    [Id(7)] public FrameIndex? Frames { get; init; }

    /// <summary>The object key, wrapped under the study key.</summary>
    [Id(8)] public required byte[] WrappedKey { get; init; }

    /// <summary>Keyed MAC of the data set's bytes (group 0002 left out), 32 bytes: equal for the same data set only.</summary>
    [Id(9)] public required byte[] DataSetMac { get; init; }

    /// <summary>Keyed MAC of the attributes without bulk values and whatever differs by transfer syntax, 32 bytes.</summary>
    [Id(10)] public required byte[] AttributesMac { get; init; }

    /// <summary>The instance-level attributes that searches return and match, as one DICOM JSON object in UTF-8.</summary>
    [Id(11)] public required byte[] Attributes { get; init; }

    [Id(12)] public required DateTimeOffset Received { get; init; }

    /// <summary>True where the instance names another patient than its study is bound to.</summary>
    [Id(13)] public bool PatientMismatch { get; init; }

    /// <summary>True where offsets count in the inflated data set (Deflated Explicit VR, PS3.5 A.5).</summary>
    [Id(14)] public bool OffsetsAreInflated { get; init; }

    /// <summary>Bytes before the data set: preamble, prefix and group 0002.</summary>
    [Id(15)] public long DataSetOffset { get; init; }

    /// <summary>When a check found that the file's bytes are lost; null while they are whole. Sent again, the instance is stored anew.</summary>
    [Id(16)] public DateTimeOffset? LostSince { get; init; }

    /// <summary>The sealed parts that the record points to.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IEnumerable<SealedPart> Parts => Frames?.Table is { } table ? [Object, Metadata, table] : [Object, Metadata];

    /// <summary>Nothing but the type's name: a record of an instance is never printed.</summary>
    public override string ToString() => nameof(InstanceRecord);
}
