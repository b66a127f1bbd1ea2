using System.Buffers;
using System.Text.Json;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>The Store Instances Response Module (PS3.18 I.2) as DICOM JSON.</summary>
internal static class StowResponse
{
    private const int MaxCommentLength = 64;

    public static void Write(IBufferWriter<byte> output, IReadOnlyList<StoreResult> results, string baseUrl)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        WriteStudyUrl(json, results, baseUrl);
        WriteSequence(json, "00081198", results.Where(IsNamedFailure), result =>
        {
            WriteComment(json, result);
            WriteReference(json, result);
            WriteNumber(json, "00081197", StoreReasons.Failure(result.Status));
        });
        WriteSequence(json, "00081199", results.Where(result => result.IsStored), result =>
        {
            WriteReference(json, result);
            if (result is { StudyInstanceUid: { } study, SeriesInstanceUid: { } series, SopInstanceUid: { } instance })
            {
                WriteValue(json, "00081190", "UR", DicomWebAddress.Instance(baseUrl, study, series, instance));
            }

            if (StoreReasons.Warning(result.Status) is { } warning)
            {
                WriteNumber(json, "00081196", warning);
            }
        });
        WriteSequence(json, "0008119A", results.Where(result => !result.IsStored && !IsNamedFailure(result)), result =>
        {
            WriteComment(json, result);
            WriteNumber(json, "00081197", StoreReasons.Failure(result.Status));
        });
        json.WriteEndObject();
    }

    private static bool IsNamedFailure(StoreResult result) => !result.IsStored && result is { SopClassUid: not null, SopInstanceUid: not null };

    /// <summary>Retrieve URL of the study where everything stored is of one.</summary>
    private static void WriteStudyUrl(Utf8JsonWriter json, IEnumerable<StoreResult> results, string baseUrl)
    {
        var studies = results.Where(result => result.IsStored).Select(result => result.StudyInstanceUid).Distinct().Take(2).ToList();
        if (studies is [{ } study])
        {
            WriteValue(json, "00081190", "UR", DicomWebAddress.Study(baseUrl, study));
        }
        else
        {
            json.WriteStartObject("00081190");
            json.WriteString("vr", "UR");
            json.WriteEndObject();
        }
    }

    private static void WriteSequence(Utf8JsonWriter json, string tag, IEnumerable<StoreResult> items, Action<StoreResult> write)
    {
        using var item = items.GetEnumerator();
        if (!item.MoveNext())
        {
            return;
        }

        json.WriteStartObject(tag);
        json.WriteString("vr", "SQ");
        json.WriteStartArray("Value");
        do
        {
            json.WriteStartObject();
            write(item.Current);
            json.WriteEndObject();
        }
        while (item.MoveNext());
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter json, StoreResult result)
    {
        WriteValue(json, "00081150", "UI", result.SopClassUid!);
        WriteValue(json, "00081155", "UI", result.SopInstanceUid!);
    }

    /// <summary>Why, in words, as Error Comment (0000,0902).</summary>
    private static void WriteComment(Utf8JsonWriter json, StoreResult result)
    {
        if (result.Reason is { Length: > 0 } reason)
        {
            WriteValue(json, "00000902", "LO", reason.Length > MaxCommentLength ? reason[..MaxCommentLength] : reason);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, string tag, string vr, string value)
    {
        json.WriteStartObject(tag);
        json.WriteString("vr", vr);
        json.WriteStartArray("Value");
        json.WriteStringValue(value);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string tag, ushort value)
    {
        json.WriteStartObject(tag);
        json.WriteString("vr", "US");
        json.WriteStartArray("Value");
        json.WriteNumberValue(value);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
