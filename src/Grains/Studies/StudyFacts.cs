using SecureStore.Grains.Patients;

namespace SecureStore.Grains.Studies;

/// <summary>
/// What is known of a study: what decides (patient, dates, hold) and what searches return. Kept sealed in the study's
/// row under a key derived from the study key; never anywhere in the clear.
/// </summary>
[GenerateSerializer, Immutable]
public sealed record StudyFacts
{
    [Id(0)] public required string StudyInstanceUid { get; init; }

    [Id(1)] public required PatientIdentity Patient { get; init; }

    [Id(2)] public required PatientHandle PatientHandle { get; init; }

    /// <summary>When the first instance came.</summary>
    [Id(3)] public required DateTimeOffset Received { get; init; }

    /// <summary>The date that the retention period counts from: the study date, or the day of receipt where that is implausible.</summary>
    [Id(4)] public required DateOnly RetentionStart { get; init; }

    /// <summary>From this day (UTC) on the study is unreadable and is destroyed.</summary>
    [Id(5)] public required DateOnly DueDay { get; init; }

    /// <summary>Name of the retention rule that gave <see cref="DueDay"/>.</summary>
    [Id(6)] public required string RetentionRule { get; init; }

    /// <summary>Why the study must not be destroyed, or null.</summary>
    [Id(7)] public string? LegalHold { get; init; }

    /// <summary>Patient and study attributes of the first instance (PS3.18 table 10.6.3-3), as one DICOM JSON object in UTF-8.</summary>
    [Id(8)] public required byte[] Attributes { get; init; }

    [Id(9)] public required IReadOnlyList<SeriesFacts> Series { get; init; }

    /// <summary>Bytes of all instances as they were received.</summary>
    [Id(10)] public long Bytes { get; init; }

    /// <summary>How many of the instances are lost (<see cref="InstanceRecord.LostSince"/>).</summary>
    [Id(11)] public int Lost { get; init; }

    /// <summary>The day that the row shows to the sweep: none while a legal hold stands.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DateOnly? SweepDay => LegalHold is null ? DueDay : null;

    /// <summary>Number of instances in all series.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Instances => Series.Sum(series => series.Instances);

    /// <summary>Nothing but the type's name: facts are never printed.</summary>
    public override string ToString() => nameof(StudyFacts);
}

/// <summary>A series of a study: its UID, modality, search attributes (one DICOM JSON object in UTF-8) and number of instances.</summary>
[GenerateSerializer, Immutable]
public sealed record SeriesFacts
{
    [Id(0)] public required string SeriesInstanceUid { get; init; }

    [Id(1)] public required string Modality { get; init; }

    [Id(2)] public required byte[] Attributes { get; init; }

    // Written though it be 0: it is required.
    [Id(3), System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.Never)]
    public required int Instances { get; init; }

    /// <summary>SOP classes that occur in the series.</summary>
    [Id(4)] public IReadOnlyList<string> SopClasses { get; init; } = [];

    public override string ToString() => nameof(SeriesFacts);
}
