using System.Text.Json;

namespace SecureStore.Client;

/// <summary>Reads values from one data set of DICOM JSON (PS3.18 F.2). What is absent or of another shape is null or empty.</summary>
static class DicomJson
{
    public const string ErrorComment = "00000902";
    public const string SopInstanceUid = "00080018";
    public const string StudyDate = "00080020";
    public const string AccessionNumber = "00080050";
    public const string ModalitiesInStudy = "00080061";
    public const string StudyDescription = "00081030";
    public const string ReferencedSopInstanceUid = "00081155";
    public const string WarningReason = "00081196";
    public const string FailureReason = "00081197";
    public const string FailedSopSequence = "00081198";
    public const string ReferencedSopSequence = "00081199";
    public const string OtherFailuresSequence = "0008119A";
    public const string PatientName = "00100010";
    public const string PatientId = "00100020";
    public const string StudyInstanceUid = "0020000D";
    public const string SeriesInstanceUid = "0020000E";
    public const string NumberOfStudyRelatedSeries = "00201206";
    public const string NumberOfStudyRelatedInstances = "00201208";

    /// <summary>All values of an attribute as text, joined by a backslash; a name's first group that is there.</summary>
    public static string Text(JsonElement dataSet, string tag) => string.Join('\\', Values(dataSet, tag).Select(Text));

    /// <summary>The first value of an attribute as a number.</summary>
    public static int? Number(JsonElement dataSet, string tag)
    {
        foreach (var value in Values(dataSet, tag))
        {
            return value.ValueKind switch
            {
                JsonValueKind.Number when value.TryGetInt32(out var number) => number,
                JsonValueKind.String when int.TryParse(value.GetString(), out var number) => number,
                _ => null,
            };
        }

        return null;
    }

    /// <summary>The items of a sequence, or the values of any attribute.</summary>
    public static IEnumerable<JsonElement> Values(JsonElement dataSet, string tag) =>
        dataSet.ValueKind == JsonValueKind.Object
        && dataSet.TryGetProperty(tag, out var attribute)
        && attribute.ValueKind == JsonValueKind.Object
        && attribute.TryGetProperty("Value", out var values)
        && values.ValueKind == JsonValueKind.Array
            ? values.EnumerateArray()
            : [];

    static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.Object => Name(value),
        _ => "",
    };

    static string Name(JsonElement groups)
    {
        foreach (var group in (string[])["Alphabetic", "Ideographic", "Phonetic"])
        {
            if (groups.TryGetProperty(group, out var name) && name.ValueKind == JsonValueKind.String)
            {
                return name.GetString()!;
            }
        }

        return "";
    }
}
