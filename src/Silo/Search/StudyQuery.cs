using SecureStore.Dicom;

namespace SecureStore.Silo.Search;

/// <summary>A search as it was understood (PS3.18 10.6.1, PS3.4 C.2.2.2).</summary>
public sealed record StudyQuery
{
    public required QueryLevel Level { get; init; }

    /// <summary>The study named in the path, or null.</summary>
    public string? StudyUid { get; init; }

    /// <summary>The series named in the path, or null.</summary>
    public string? SeriesUid { get; init; }

    /// <summary>All of these must match.</summary>
    public IReadOnlyList<MatchKey> Keys { get; init; } = [];

    /// <summary>The attributes to return, ascending.</summary>
    public required IReadOnlyList<DicomTag> Return { get; init; }

    /// <summary>Those of <see cref="Return"/> that are returned even where they have no value.</summary>
    public required IReadOnlySet<DicomTag> ReturnEmpty { get; init; }

    /// <summary>Matches to skip, 0 or more.</summary>
    public long Offset { get; init; }

    /// <summary>Matches to return at most; null for all.</summary>
    public long? Limit { get; init; }

    /// <summary>What was asked for and is not done, one sentence each, for Warning headers (PS3.18 8.3.4).</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The matching keys' names, never their values, for the audit log.</summary>
    public string KeyNames { get; init; } = "";

    public override string ToString() => nameof(StudyQuery);
}
