using System.Text.Json;
using System.Globalization;

namespace SecureStore.Client.Storing;

/// <summary>The answer to a STOW-RS request, DICOM JSON (PS3.18 10.5.3), looked up by SOP Instance UID.</summary>
sealed class StoreResponse
{
    readonly Dictionary<string, StoreStatus> _status = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _reasons = new(StringComparer.Ordinal);

    /// <summary>Why a part that names no instance was refused; null where none was.</summary>
    public string? OtherFailure { get; private set; }

    public bool HasFailures { get; private set; }

    public static StoreResponse Parse(ReadOnlyMemory<byte> json)
    {
        var response = new StoreResponse();
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var dataSets = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().ToArray() : [root];
        foreach (var dataSet in dataSets)
        {
            response.Add(dataSet);
        }

        return response;
    }

    /// <summary>What the answer says of an instance; null where it says nothing.</summary>
    public StoreOutcome? Of(StoreFile file) =>
        file.SopInstanceUid is { } uid && _status.TryGetValue(uid, out var status)
            ? new StoreOutcome(file.Path, status, _reasons.GetValueOrDefault(uid))
            : null;

    /// <summary>The first reason of any failure in the answer.</summary>
    public string AnyReason =>
        OtherFailure ?? _status.Where(s => s.Value == StoreStatus.Refused).Select(s => _reasons[s.Key]).FirstOrDefault() ?? "no reason was given";

    void Add(JsonElement dataSet)
    {
        foreach (var item in DicomJson.Values(dataSet, DicomJson.ReferencedSopSequence))
        {
            var warning = DicomJson.Number(item, DicomJson.WarningReason);
            var status = warning is null ? StoreStatus.Stored : StoreStatus.StoredWithWarning;
            Note(DicomJson.Text(item, DicomJson.ReferencedSopInstanceUid), status, warning is { } code ? StoreReasons.Warning(code) : null);
        }

        foreach (var item in DicomJson.Values(dataSet, DicomJson.FailedSopSequence))
        {
            HasFailures = true;
            var reason = StoreReasons.Failure(DicomJson.Number(item, DicomJson.FailureReason));
            Note(DicomJson.Text(item, DicomJson.ReferencedSopInstanceUid), StoreStatus.Refused, reason);
        }

        foreach (var item in DicomJson.Values(dataSet, DicomJson.OtherFailuresSequence))
        {
            HasFailures = true;
            OtherFailure ??= StoreReasons.Failure(DicomJson.Number(item, DicomJson.FailureReason));
        }
    }

    void Note(string uid, StoreStatus status, string? reason)
    {
        _status[uid] = status;
        _reasons.Remove(uid);
        if (reason is not null)
        {
            _reasons[uid] = reason;
        }
    }
}

/// <summary>What the reasons of PS3.18 10.5.3, PS3.7 C and PS3.3 C.12.1.1.12 say, in words.</summary>
static class StoreReasons
{
    public static string Failure(int? code) => code switch
    {
        null => "no reason was given",
        0x0110 => "the archive failed while processing it (0110H)",
        0x0111 => "another version of this instance is stored already (0111H)",
        0x0117 => "its SOP Instance UID is not valid (0117H)",
        0x0118 => "its SOP Class UID is not known (0118H)",
        0x0119 => "it contradicts itself about its SOP class and instance (0119H)",
        0x0122 => "its SOP class is not supported (0122H)",
        0x0124 => "this token may not store it (0124H)",
        0x0213 => "the archive lacks the resources (0213H)",
        >= 0xA700 and <= 0xA7FF => $"the archive lacks the resources ({Hex(code)})",
        >= 0xA900 and <= 0xA9FF => $"its content does not fit its SOP class or the study it was sent to ({Hex(code)})",
        >= 0xC000 and <= 0xCFFF => $"it cannot be understood ({Hex(code)})",
        _ => $"failure reason {Hex(code)}",
    };

    public static string Warning(int code) => code switch
    {
        0xB000 => "some values were changed to fit (B000H)",
        0xB006 => "some elements were left out (B006H)",
        0xB007 => "its content does not fit its SOP class (B007H)",
        _ => $"warning {Hex(code)}",
    };

    static string Hex(int? code) => code!.Value.ToString("X4", CultureInfo.InvariantCulture) + "H";
}
