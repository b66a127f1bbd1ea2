using SecureStore.Client.Files;

namespace SecureStore.Client.Fetching;

/// <summary>A study, one of its series, or one of its instances.</summary>
public sealed record FetchTarget
{
    FetchTarget(string study, string? series, string? instance) => (Study, Series, Instance) = (study, series, instance);

    public string Study { get; }

    public string? Series { get; }

    public string? Instance { get; }

    /// <summary>The resource under the DICOMweb root (PS3.18 10.4.1).</summary>
    internal string Resource =>
        $"studies/{Study}" + (Series is null ? "" : $"/series/{Series}") + (Instance is null ? "" : $"/instances/{Instance}");

    /// <summary>Reads STUDY, STUDY/SERIES or STUDY/SERIES/INSTANCE; null where a part is no UID.</summary>
    public static FetchTarget? Parse(string text)
    {
        var uids = text.Split('/');
        return uids.Length is >= 1 and <= 3 && uids.All(DicomIdentity.IsUid)
            ? new FetchTarget(uids[0], uids.ElementAtOrDefault(1), uids.ElementAtOrDefault(2))
            : null;
    }

    internal bool Covers(DicomIdentity identity) =>
        identity.Study == Study && (Series is null || identity.Series == Series) && (Instance is null || identity.Instance == Instance);
}
