using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Search;

/// <summary>A study as the read model knows it.</summary>
public sealed record StudyEntry
{
    public required StudyHandle Handle { get; init; }

    public required string StudyInstanceUid { get; init; }

    /// <summary>Where it stands in the order of results.</summary>
    public required ResultPosition Position { get; init; }

    /// <summary>Patient and study attributes, one DICOM JSON object in UTF-8.</summary>
    public required byte[] Attributes { get; init; }

    /// <summary>The series that may match, or all; ascending by UID.</summary>
    public IReadOnlyList<SeriesEntry> Series { get; init; } = [];

    public required IReadOnlyList<string> Modalities { get; init; }

    public required IReadOnlyList<string> SopClasses { get; init; }

    public required int SeriesCount { get; init; }

    public required int InstanceCount { get; init; }

    public override string ToString() => nameof(StudyEntry);
}

/// <summary>A series as the read model knows it.</summary>
public sealed record SeriesEntry(string SeriesInstanceUid, string Modality, int InstanceCount, byte[] Attributes)
{
    public override string ToString() => nameof(SeriesEntry);
}

/// <summary>Results come in the order of study date, time, and handle, all descending; a study without a date comes last.</summary>
public readonly record struct ResultPosition(long Date, long Time, Guid Handle);
