using System.Globalization;
using SecureStore.Dicom;

namespace SecureStore.Silo.Search;

/// <summary>Reads a key's value by its value representation (PS3.4 C.2.2.2).</summary>
/// <param name="Fuzzy">fuzzymatching=true: names match by the beginnings of their words.</param>
/// <param name="Multiple">multiplevaluematching=true: a backslash separates alternatives.</param>
/// <param name="Empty">emptyvaluematching=true: two quotation marks match an absent or empty attribute.</param>
public sealed record ValueMatchReader(bool Fuzzy, bool Multiple, bool Empty)
{

    /// <summary>Whether values of this representation can be matched at all.</summary>
    public static bool CanMatch(DicomVR vr) => vr.Kind is not (DicomValueKind.Bytes or DicomValueKind.Sequence);

    /// <summary>Null for universal matching: an empty value, or nothing but stars.</summary>
    /// <exception cref="FormatException">The value cannot be one of this representation.</exception>
    public ValueMatch? Read(DicomVR vr, string value)
    {
        if (value.AsSpan().Trim(' ').Trim('*').IsEmpty)
            return null;
        if (Empty && value == "\"\"")
            return new EmptyMatch();

        var choices = Split(vr, value).Select(choice => One(vr, choice.Trim(' '))).ToList();
        return choices switch
        {
            [] => null,
            [var only] => only,
            _ when choices.Contains(null) => null,
            _ => new AnyMatch(choices!),
        };
    }

    private string[] Split(DicomVR vr, string value) => vr.Code switch
    {
        "UI" or "CS" => value.Split([',', '\\'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        _ when Multiple && vr.IsMultiValued => value.Split('\\', StringSplitOptions.RemoveEmptyEntries),
        _ => [value],
    };

    private ValueMatch? One(DicomVR vr, string value) => vr.Code switch
    {
        _ when value.AsSpan().Trim('*').IsEmpty => null,
        "PN" => Fuzzy ? new FuzzyNameMatch(value) : new NameMatch(value),
        "DA" => Temporal(TemporalForm.Date, value),
        "TM" => Temporal(TemporalForm.Time, value),
        "DT" => Temporal(TemporalForm.DateTime, value),
        "UI" => Uid(value),
        "AT" => new TextMatch(value.ToUpperInvariant()),
        "AS" => new TextMatch(value),
        "IS" or "DS" => Number(value),
        _ when vr.Kind == DicomValueKind.Number => Number(value),
        _ when WildcardPattern.IsPattern(value) => new WildcardMatch(new(value)),
        _ => new TextMatch(value),
    };

    private static TemporalMatch Temporal(TemporalForm form, string value) =>
        form.ParseKey(value) ?? throw new FormatException("Not a date or time, nor a range of them.");

    private static TextMatch Uid(string value) =>
        DicomUID.IsValid(value, allowLeadingZeros: true)
            ? new(value)
            : throw new FormatException("Not a UID.");

    private static NumberMatch Number(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new(number)
            : throw new FormatException("Not a number.");
}
