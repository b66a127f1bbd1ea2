using System.Text.Json;
using SecureStore.Dicom;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Search;

/// <summary>A change of the read model: a study's new row, or null where the study leaves it.</summary>
public sealed record ModelChange(StudyHandle Study, StudyModelRow? Row)
{
    public override string ToString() => nameof(ModelChange);
}

/// <summary>A study's facts taken apart into the columns that queries narrow by.</summary>
public sealed record StudyModelRow
{
    /// <summary>The column of Patient's Name: its component groups with <c>=</c> between them, each as <see cref="NameMatch.Pad"/> gives it.</summary>
    public const string PatientName = "patient_name";

    /// <summary>The attributes with a text column, in the order of the columns.</summary>
    public static readonly IReadOnlyList<(DicomTag Tag, string Column)> TextColumns =
    [
        (DicomTag.PatientName, PatientName), (DicomTag.PatientID, "patient_id"),
        (DicomTag.AccessionNumber, "accession"), (DicomTag.StudyDescription, "description"),
        (DicomTag.ReferringPhysicianName, "referring"), (DicomTag.StudyID, "study_id"),
    ];

    public required StudyFacts Facts { get; init; }

    /// <summary>YYYYMMDD, or 0 where there is no date.</summary>
    public required long Date { get; init; }

    /// <summary>Microseconds since midnight, or -1 where there is no time.</summary>
    public required long Time { get; init; }

    /// <summary>Values of <see cref="TextColumns"/>, the patient's name first.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <exception cref="JsonException">The attributes are no DICOM JSON object.</exception>
    public static StudyModelRow Of(StudyFacts facts)
    {
        var attributes = AttributeSet.Parse(facts.Attributes);
        return new()
        {
            Facts = facts,
            Date = Temporal(TemporalForm.Date, attributes.Values(DicomTag.StudyDate)) ?? 0,
            Time = Temporal(TemporalForm.Time, attributes.Values(DicomTag.StudyTime)) ?? -1,
            Texts = [.. TextColumns.Select(column => Text(attributes.Values(column.Tag)))],
        };
    }

    /// <summary>A patient identity in one text, different for different identities.</summary>
    public static string PatientKey(PatientIdentity patient) =>
        $"{patient.Issuer.Length} {patient.Id.Length} {patient.Issuer}{patient.Id}{patient.OnlyStudy}";

    public override string ToString() => nameof(StudyModelRow);

    private static long? Temporal(TemporalForm form, IReadOnlyList<AttributeValue> values) =>
        values is [{ Text: { } text }, ..] && form.TryParse(text, out var low, out _) ? low : null;

    private static string Text(IReadOnlyList<AttributeValue> values)
    {
        var text = values switch
        {
            [] => "",
            [{ Text: not null }, ..] => AttributeValue.Joined(values).Text ?? "",
            _ => string.Join('=', values.SelectMany(value => value.NameGroups).Where(group => group.Length > 0)
                .Select(group => NameMatch.Pad(NameMatch.Normalize(group)))),
        };

        // The index stops at a NUL. No key contains a control character, so nothing is lost by putting another in its place.
        return string.Create(text.Length, text, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) ? '\uFFFD' : source[i];
        });
    }
}
