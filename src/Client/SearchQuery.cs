using System.Text;

namespace SecureStore.Client;

/// <summary>What to look for among the studies (PS3.18 10.6); what is null is not asked. Texts may hold the wildcards * and ?.</summary>
public sealed record SearchQuery
{
    public string? PatientId { get; init; }

    public string? PatientName { get; init; }

    /// <summary>A day, YYYYMMDD, or a range of days with a hyphen, either end open (PS3.4 C.2.2.2.5).</summary>
    public string? StudyDate { get; init; }

    /// <summary>A modality that the study has.</summary>
    public string? Modality { get; init; }

    public string? AccessionNumber { get; init; }

    public string? StudyDescription { get; init; }

    public string? StudyInstanceUid { get; init; }

    /// <summary>The greatest number of results; null for all.</summary>
    public int? Limit { get; init; }

    internal string ToQueryString(int limit, int offset)
    {
        var query = new StringBuilder();
        Add("PatientID", PatientId);
        Add("PatientName", PatientName);
        Add("StudyDate", StudyDate);
        Add("ModalitiesInStudy", Modality);
        Add("AccessionNumber", AccessionNumber);
        Add("StudyDescription", StudyDescription);
        Add("StudyInstanceUID", StudyInstanceUid);
        Add("includefield", "StudyDescription");
        Add("limit", limit.ToString());
        Add("offset", offset.ToString());
        return query.ToString();

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
    }
}
