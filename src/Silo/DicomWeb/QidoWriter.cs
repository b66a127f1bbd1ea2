using System.Globalization;
using System.Text.Json;
using SecureStore.Dicom;
using SecureStore.Silo.Search;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Writes results as DICOM JSON objects (PS3.18 F.2, 10.6.3.3), attributes ascending by tag.</summary>
/// <param name="service">The base URL of the DICOMweb service, without a slash at the end.</param>
public sealed class QidoWriter(StudyQuery query, string service)
{
    public void Write(Utf8JsonWriter writer, SearchHit hit)
    {
        writer.WriteStartObject();
        foreach (var tag in query.Return)
            WriteAttribute(writer, hit, tag);

        writer.WriteEndObject();
    }

    private void WriteAttribute(Utf8JsonWriter writer, SearchHit hit, DicomTag tag)
    {
        if (tag == DicomTag.RetrieveURL)
            WriteValues(writer, tag, [Url(hit)]);
        else if (hit.Computed(tag) is { } computed)
            WriteValues(writer, tag, computed);
        else if (!hit.TryGetStored(tag, out var stored))
            WriteAbsent(writer, tag);
        else if (tag == DicomTag.SpecificCharacterSet)
            WriteValues(writer, tag, ["ISO_IR 192"]);
        else
        {
            writer.WritePropertyName(tag.ToString());
            writer.WriteRawValue(stored.Span, skipInputValidation: true);
        }
    }

    private void WriteAbsent(Utf8JsonWriter writer, DicomTag tag)
    {
        if (query.ReturnEmpty.Contains(tag))
            WriteValues(writer, tag, []);
    }

    private static void WriteValues(Utf8JsonWriter writer, DicomTag tag, IReadOnlyList<string> values)
    {
        var vr = DicomDictionary.VRFor(tag);
        writer.WriteStartObject(tag.ToString());
        writer.WriteString("vr"u8, vr.Code);
        if (values.Count > 0)
        {
            writer.WriteStartArray("Value"u8);
            foreach (var value in values)
            {
                if (vr == DicomVR.IS)
                    writer.WriteNumberValue(long.Parse(value, CultureInfo.InvariantCulture));
                else
                    writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private string Url(SearchHit hit)
    {
        var study = $"{service}/studies/{hit.Study.StudyInstanceUid}";
        return (hit.Series, hit.Instance) switch
        {
            ({ } series, { } instance) => $"{study}/series/{series.SeriesInstanceUid}/instances/{instance.SopInstanceUid}",
            ({ } series, null) => $"{study}/series/{series.SeriesInstanceUid}",
            _ => study,
        };
    }
}
