using Microsoft.Data.Sqlite;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Search;

/// <summary>
/// The part of a query that SQL can narrow by: scope and expiry exactly, the matching keys so that nothing that matches is
/// left out. Whatever comes from the caller is a bound parameter.
/// </summary>
public sealed class ModelFilter
{
    /// <summary>More texts of one key do not narrow any further what they cost, and SQL has its own limit.</summary>
    private const int MaxTexts = 8;

    private readonly List<string> conditions = [];
    private readonly List<object> parameters = [];

    /// <param name="today">A study that is due on this day (UTC) or before, and not on hold, does not exist.</param>
    /// <param name="candidates">The only studies to look at, or null for all.</param>
    public ModelFilter(StudyQuery query, SearchScope scope, DateOnly today, IReadOnlyCollection<StudyHandle>? candidates)
    {
        Require($"(held = 1 OR due > {Bind(today.DayNumber)})");
        if (!scope.Everything)
        {
            Require($"""
                id IN (SELECT id FROM study WHERE patient IN ({Bind(scope.Patients.Select(StudyModelRow.PatientKey))})
                 UNION SELECT id FROM study WHERE uid IN ({Bind(scope.Studies)}))
                """);
        }

        if (candidates is not null)
            Require($"handle IN ({Bind(candidates.Select(study => study.Value.ToByteArray(bigEndian: true)))})");
        if (query.StudyUid is not null)
            Require($"uid = {Bind(query.StudyUid)}");
        if (query.SeriesUid is not null)
            Require($"id IN (SELECT study FROM series WHERE uid = {Bind(query.SeriesUid)})");

        foreach (var key in query.Keys)
            Narrow(key);
    }

    public string Conditions => string.Join(" AND ", conditions);

    /// <summary>Modalities of which a study must have one; null where any will do.</summary>
    public IReadOnlyList<string>? Modalities { get; private set; }

    /// <summary>Texts of three or more characters that a column must contain.</summary>
    public List<(string Column, string Text)> Contains { get; } = [];

    /// <summary>What a group of the patient's name must begin with, in its padded form; empty where that may be anything.</summary>
    public string NamePrefix { get; private set; } = "";

    public void AddTo(SqliteCommand command)
    {
        foreach (var (index, value) in parameters.Index())
            command.Parameters.AddWithValue($"$f{index}", value);
    }

    private void Narrow(MatchKey key)
    {
        if (key.Tag == DicomTag.StudyDate && key.Match is TemporalMatch date)
            Require($"date > 0 AND date BETWEEN {Bind(date.Low)} AND {Bind(date.High)}");
        else if (key.Tag == DicomTag.StudyTime && key.Match is TemporalMatch time)
            Require($"time >= 0 AND time BETWEEN {Bind(time.Low)} AND {Bind(time.High)}");
        else if (key.Tag == DicomTag.StudyInstanceUID && Exact(key.Match) is { } studies)
            Require($"uid IN ({Bind(studies)})");
        else if (key.Tag == DicomTag.SeriesInstanceUID && Exact(key.Match) is { } series)
            Require($"id IN (SELECT study FROM series WHERE uid IN ({Bind(series)}))");
        else if ((key.Tag == DicomTag.ModalitiesInStudy || key.Tag == DicomTag.Modality) && Exact(key.Match) is { } modalities)
            Modalities ??= modalities;
        else if (StudyModelRow.TextColumns.FirstOrDefault(text => text.Tag == key.Tag).Column is { } column)
            NarrowText(column, key.Match);
    }

    private void NarrowText(string column, ValueMatch match)
    {
        if (Exact(match) is { } exact)
        {
            Require($"{column} IN ({Bind(exact)})");
            return;
        }

        var isOfNameIndex = false;
        if (match is NameMatch { Prefix.Length: > 0 } name && column == StudyModelRow.PatientName)
            (NamePrefix, isOfNameIndex) = (name.Prefix, name.IsPrefixOnly);

        foreach (var text in match.RequiredSubstrings.Where(text => text.Length > 0).Distinct().Take(MaxTexts))
        {
            Require($"instr({column}, {Bind(text)}) > 0");
            if (!isOfNameIndex && text.EnumerateRunes().Count() >= TrigramExpression.Size)
                Contains.Add((column, text));
        }
    }

    private static List<string>? Exact(ValueMatch match) => match switch
    {
        TextMatch text => [text.Expected],
        AnyMatch any when any.Choices.All(choice => choice is TextMatch) => [.. any.Choices.Select(choice => ((TextMatch)choice).Expected)],
        _ => null,
    };

    private void Require(string condition) => conditions.Add(condition);

    private string Bind(object value)
    {
        parameters.Add(value);
        return $"$f{parameters.Count - 1}";
    }

    private string Bind(IEnumerable<object> values) => string.Join(", ", values.Select(Bind));
}
