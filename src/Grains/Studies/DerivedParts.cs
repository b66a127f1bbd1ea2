using System.Buffers;
using SecureStore.Dicom;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>
/// What is made from an instance for its readers, sealed behind it: the metadata (DICOM JSON) and the table of encapsulated frames. Places
/// count from the sink's beginning.
/// </summary>
internal sealed record DerivedParts(long MetadataAt, IReadOnlyList<int> Splices, FrameIndex? Frames, long TableAt, int TableLength)
{
    /// <summary>The metadata before it was sealed, and where each of its elements is.</summary>
    public required (ReadOnlyMemory<byte> Json, IReadOnlyList<DicomJsonElement> Elements) Metadata { get; init; }

    public static async ValueTask<DerivedParts> SealAsync(
        SealedSink sink, SecretKey objectKey, DicomDataset dataset, DicomPixelLayout? pixels, CancellationToken cancellation)
    {
        var json = new ArrayBufferWriter<byte>(16 * 1024);
        var splices = new List<int>();
        var elements = new List<DicomJsonElement>(128);
        DicomJson.Write(json, dataset, splices, elements);
        var metadataAt = await sink.SealAsync(objectKey, ObjectPart.Metadata, json.WrittenMemory, cancellation);
        var (frames, table) = FrameTable.Of(dataset, pixels);
        var tableAt = table.IsEmpty ? 0 : await sink.SealAsync(objectKey, ObjectPart.FrameTable, table, cancellation);
        return new DerivedParts(metadataAt, splices, frames, tableAt, table.Length) { Metadata = (json.WrittenMemory, elements) };
    }

    /// <summary>The record with the parts at their places, once the sink has its own.</summary>
    public InstanceRecord PlaceIn(InstanceRecord record, SegmentId segment, long offset) => record with
    {
        Metadata = new SealedPart(segment, offset + MetadataAt, Metadata.Json.Length),
        MetadataSplices = Splices,
        Frames = Frames is null || TableLength == 0 ? Frames : Frames with { Table = new SealedPart(segment, offset + TableAt, TableLength) },
    };
}
