using SecureStore.Dicom;
using SecureStore.Silo.Search;

namespace SecureStore.Silo.Dimse;

/// <summary>The identifier of a C-FIND, C-GET or C-MOVE (PS3.4 C.2.2, C.4): its level and its keys.</summary>
internal sealed class QueryIdentifier
{
    private readonly DicomDataset dataset;

    private QueryIdentifier(DicomDataset dataset, string level) => (this.dataset, Level) = (dataset, level);

    /// <summary>PATIENT, STUDY, SERIES or IMAGE.</summary>
    public string Level { get; }

    /// <summary>Null where it names no level that the information model has.</summary>
    public static QueryIdentifier? Read(DicomDataset dataset, bool isPatientRoot) =>
        dataset.GetString(DicomTag.QueryRetrieveLevel) is { } level && (level is "STUDY" or "SERIES" or "IMAGE" || (level == "PATIENT" && isPatientRoot))
            ? new(dataset, level)
            : null;

    /// <summary>What was asked for at the top level: what a response has.</summary>
    public IEnumerable<DicomTag> Requested => Keys.Select(item => item.Tag);

    /// <summary>The unique key's UIDs, without those that are none.</summary>
    public IReadOnlyList<string> Uids(DicomTag tag) => [.. dataset.GetStrings(tag).Where(uid => DicomUID.IsValid(uid, allowLeadingZeros: true))];

    public string? PatientId => dataset.GetString(DicomTag.PatientID);

    public string? IssuerOfPatientId => dataset.GetString(DicomTag.IssuerOfPatientID);

    public QueryLevel SearchLevel => Level switch
    {
        "SERIES" => QueryLevel.Series,
        "IMAGE" => QueryLevel.Instance,
        _ => QueryLevel.Study,
    };

    private IEnumerable<DicomItem> Keys => dataset.Where(item =>
        item.Tag.Element != 0 && item.Tag != DicomTag.QueryRetrieveLevel && item.Tag != DicomTag.SpecificCharacterSet && item.Tag != DicomTag.RetrieveAETitle);

    /// <summary>As a search understands it; keys that it cannot match by are left out.</summary>
    /// <exception cref="QueryFormatException">A value is malformed.</exception>
    public (StudyQuery Query, bool HasUnsupportedKeys) ToQuery()
    {
        var parameters = new List<KeyValuePair<string, string>>();
        var unsupported = false;
        foreach (var item in Keys)
        {
            if (SearchFields.CanMatch(SearchLevel, item.Tag))
            {
                Add(parameters, dataset, item, item.Tag.ToString());
            }
            else
            {
                unsupported |= item is DicomElement { Value.Length: > 0 } or DicomSequence { Items.Count: > 0 };
            }
        }

        var study = Level == "STUDY" ? null : Only(DicomTag.StudyInstanceUID);
        return (StudyQueryParser.Parse(SearchLevel, study, study is null || Level != "IMAGE" ? null : Only(DicomTag.SeriesInstanceUID), parameters), unsupported);
    }

    private string? Only(DicomTag tag) => Uids(tag) is [var only] ? only : null;

    private static void Add(List<KeyValuePair<string, string>> parameters, DicomDataset holder, DicomItem item, string path)
    {
        if (item is DicomSequence { Items: [var nested, ..] })
        {
            foreach (var inner in nested.Where(inner => inner.Tag.Element != 0))
            {
                Add(parameters, nested, inner, $"{path}.{inner.Tag}");
            }
        }
        else
        {
            parameters.Add(new(path, string.Join('\\', holder.GetStrings(item.Tag))));
        }
    }
}
