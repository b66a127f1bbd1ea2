using SecureStore.Grains.Patients;

namespace SecureStore.Grains.Studies;

/// <summary>
/// What is known of a study: what decides (patient, dates, hold) and what searches return. Kept sealed in the study's
/// row under a key derived from the study key; never anywhere in the clear.
/// </summary>
public sealed record StudyFacts
{
    public required string StudyInstanceUid { get; init; }

    public required PatientIdentity Patient { get; init; }

    public required PatientHandle PatientHandle { get; init; }

    /// <summary>When the first instance came.</summary>
    public required DateTimeOffset Received { get; init; }

    /// <summary>The date that the retention period counts from: the study date, or the day of receipt where that is implausible.</summary>
    public required DateOnly RetentionStart { get; init; }

    /// <summary>From this day (UTC) on the study is unreadable and is destroyed.</summary>
    public required DateOnly DueDay { get; init; }

    /// <summary>Name of the retention rule that gave <see cref="DueDay"/>.</summary>
    public required string RetentionRule { get; init; }

    /// <summary>Why the study must not be destroyed, or null.</summary>
    public string? LegalHold { get; init; }

    /// <summary>Patient and study attributes of the first instance (PS3.18 table 10.6.3-3), as one DICOM JSON object in UTF-8.</summary>
    public required byte[] Attributes { get; init; }

    public required IReadOnlyList<SeriesFacts> Series { get; init; }

    /// <summary>Bytes of all instances as they were received.</summary>
    public long Bytes { get; init; }

    /// <summary>What a later version added: kept as it is when this one writes the row anew.</summary>
    [System.Text.Json.Serialization.JsonExtensionData]
    public Dictionary<string, System.Text.Json.JsonElement>? Later { get; set; }

    /// <summary>How many of the instances are lost (<see cref="InstanceRecord.LostSince"/>).</summary>
    public int Lost { get; init; }

    /// <summary>The day that the row shows to the sweep: none while a legal hold stands.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DateOnly? SweepDay => LegalHold is null ? DueDay : null;

    /// <summary>Number of instances in all series.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Instances => Series.Sum(series => series.Instances);

    /// <summary>Whether its day has come (UTC), and no legal hold keeps it open.</summary>
    public bool IsExpired(DateOnly today) => LegalHold is null && today >= DueDay;

    /// <summary>Nothing but the type's name: facts are never printed.</summary>
    public override string ToString() => nameof(StudyFacts);
}

/// <summary>A series of a study: its UID, modality, search attributes (one DICOM JSON object in UTF-8) and number of instances.</summary>
public sealed record SeriesFacts
{
    public required string SeriesInstanceUid { get; init; }

    public required string Modality { get; init; }

    public required byte[] Attributes { get; init; }

    // Written though it be 0: it is required.
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.Never)]
    public required int Instances { get; init; }

    /// <summary>SOP classes that occur in the series.</summary>
    public IReadOnlyList<string> SopClasses { get; init; } = [];

    /// <inheritdoc cref="StudyFacts.Later"/>
    [System.Text.Json.Serialization.JsonExtensionData]
    public Dictionary<string, System.Text.Json.JsonElement>? Later { get; set; }

    public override string ToString() => nameof(SeriesFacts);
}
