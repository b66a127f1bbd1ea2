using System.Text.Json;

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
            var reason = StoreReasons.Failure(item);
            Note(DicomJson.Text(item, DicomJson.ReferencedSopInstanceUid), StoreStatus.Refused, reason);
        }

        foreach (var item in DicomJson.Values(dataSet, DicomJson.OtherFailuresSequence))
        {
            HasFailures = true;
            OtherFailure ??= StoreReasons.Failure(item);
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
