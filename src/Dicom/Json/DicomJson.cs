using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SecureStore.Dicom;

/// <summary>The DICOM JSON Model (PS3.18 Annex F).</summary>
public static class DicomJson
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>
    /// Writes a data set as one object. Groups 0000 and 0002 and group lengths are left out. Pixel data, and values that
    /// are not in memory, become {"vr", "BulkDataURI"} with the path "bulkdata/7FE00010" or, nested,
    /// "bulkdata/00081140/0/00081155" (tag, item from 0, tag ...), whose bytes are ASCII.
    /// </summary>
    /// <param name="output">Receives UTF-8.</param>
    /// <param name="dataset">What to write.</param>
    /// <param name="bulkOffsets">
    /// Receives, in ascending order, the positions in what this call wrote (in bytes) that are right before such a
    /// path: there a caller can put a base URL.
    /// </param>
    /// <param name="elements">Receives where each element of the data set itself, no nested one, stands in what this call wrote.</param>
    public static void Write(
        IBufferWriter<byte> output, DicomDataset dataset, IList<int>? bulkOffsets = null, IList<DicomJsonElement>? elements = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        new DicomJsonWriter(json, writesBulk: true, bulkOffsets).WriteElements(dataset, filter: null, elements);
        json.WriteEndObject();
    }

    /// <summary>
    /// Writes a data set's elements into an object that the caller has begun, for search results: those whose tag passes
    /// the filter, and of these only what is in memory.
    /// </summary>
    public static void WriteElements(Utf8JsonWriter json, DicomDataset dataset, Func<DicomTag, bool>? filter = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(dataset);
        new DicomJsonWriter(json, writesBulk: false, bulkOffsets: null).WriteElements(dataset, filter);
    }

    /// <summary>
    /// Reads one data set. Text is kept as UTF-8, so Specific Character Set becomes ISO_IR 192 where there was one or one
    /// is needed. A BulkDataURI becomes a <see cref="DicomBulkItem"/> with that URI.
    /// </summary>
    /// <param name="utf8Json">One JSON object.</param>
    /// <param name="limits">MaxHeaderBytes bounds the length of the JSON; MaxDepth and MaxElements count as when reading files.</param>
    /// <exception cref="DicomDataException">It is no DICOM JSON, or goes beyond a limit.</exception>
    public static DicomDataset Read(ReadOnlySpan<byte> utf8Json, DicomReadOptions? limits = null) =>
        DicomJsonReader.Read(utf8Json, limits ?? new());
}

/// <summary>Where an element's property stands in a data set's JSON: from its name's quote to its value's brace, in bytes.</summary>
/// <param name="HasBulk">Whether it is a BulkDataURI, or holds one.</param>
public readonly record struct DicomJsonElement(DicomTag Tag, int Start, int Length, bool HasBulk);
