using System.Text;
using Microsoft.Data.Sqlite;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Search;

/// <summary>The prepared statements of one transaction on the read model.</summary>
internal sealed class ReadModelWriter : IDisposable
{
    /// <summary>Bytes of a name's beginning that are an index of their own.</summary>
    public const int NameHead = 3;

    private static readonly string[] StudyColumns =
    [
        "handle", "uid", "patient", "date", "time", "due", "held", .. StudyModelRow.TextColumns.Select(text => text.Column),
        "modalities", "sop_classes", "series_count", "instance_count", "attributes",
    ];

    private readonly SqliteConnection connection;
    private readonly SqliteTransaction transaction;
    private readonly SqliteCommand find;
    private readonly SqliteCommand removeName;
    private readonly SqliteCommand[] removals;
    private readonly SqliteCommand addStudy;
    private readonly SqliteCommand addName;
    private readonly SqliteCommand addText;
    private readonly SqliteCommand addSeries;

    public ReadModelWriter(SqliteConnection connection, SqliteTransaction transaction)
    {
        (this.connection, this.transaction) = (connection, transaction);
        find = Prepare($"SELECT id, {StudyModelRow.PatientName} FROM study WHERE handle = $0", 1);
        removeName = Prepare("DELETE FROM name WHERE text = $0 AND study = $1", 2);
        removals =
        [
            Prepare("DELETE FROM study_text WHERE rowid = $0", 1),
            Prepare("DELETE FROM series WHERE study = $0", 1),
            Prepare("DELETE FROM study WHERE id = $0", 1),
        ];
        addStudy = Prepare(
            $"INSERT INTO study ({string.Join(", ", StudyColumns)}) VALUES ({Places(StudyColumns.Length)}) RETURNING id", StudyColumns.Length);
        addName = Prepare("INSERT INTO name (text, study, head, date, time, handle) VALUES ($0, $1, $2, $3, $4, $5)", 6);
        var texts = StudyModelRow.TextColumns;
        addText = Prepare(
            $"INSERT INTO study_text (rowid, {string.Join(", ", texts.Select(text => text.Column))}) VALUES ({Places(texts.Count + 1)})",
            texts.Count + 1);
        addSeries = Prepare("INSERT INTO series (study, uid, modality, instance_count, attributes) VALUES ($0, $1, $2, $3, $4)", 5);
    }

    public void Remove(StudyHandle study)
    {
        if (Find(study) is not (var id, var name))
            return;

        foreach (var group in Groups(name))
            Bind(removeName, group, id).ExecuteNonQuery();
        foreach (var removal in removals)
            Bind(removal, id).ExecuteNonQuery();
    }

    public void Add(StudyHandle study, StudyModelRow row)
    {
        var facts = row.Facts;
        var series = facts.Series.DistinctBy(one => one.SeriesInstanceUid).ToList();
        var modalities = series.Select(one => one.Modality.Trim()).Where(modality => modality.Length > 0);
        var handle = study.Value.ToByteArray(bigEndian: true);
        var id = (long)Bind(
            addStudy,
            [
                handle, facts.StudyInstanceUid, StudyModelRow.PatientKey(facts.Patient), row.Date, row.Time,
                facts.DueDay.DayNumber, facts.LegalHold is null ? 0 : 1, .. row.Texts, Join(modalities),
                Join(series.SelectMany(one => one.SopClasses)), series.Count, facts.Instances, facts.Attributes,
            ]).ExecuteScalar()!;
        foreach (var group in Groups(row.Texts[0]))
            Bind(addName, group, id, group[..Math.Min(NameHead, group.Length)], row.Date, row.Time, handle).ExecuteNonQuery();
        Bind(addText, [id, .. row.Texts]).ExecuteNonQuery();
        foreach (var one in series)
            Bind(addSeries, id, one.SeriesInstanceUid, one.Modality.Trim(), one.Instances, one.Attributes).ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[find, removeName, .. removals, addStudy, addName, addText, addSeries])
            command.Dispose();
    }

    private (long Id, string Name)? Find(StudyHandle study)
    {
        using var reader = Bind(find, study.Value.ToByteArray(bigEndian: true)).ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetString(1)) : null;
    }

    private static IEnumerable<byte[]> Groups(string name) =>
        name.Split('=', StringSplitOptions.RemoveEmptyEntries).Distinct().Select(Encoding.UTF8.GetBytes);

    private static string Join(IEnumerable<string> values) => string.Join('\\', values.Distinct().Order(StringComparer.Ordinal));

    private static string Places(int count) => string.Join(", ", Enumerable.Range(0, count).Select(index => $"${index}"));

    private static SqliteCommand Bind(SqliteCommand command, params object[] values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];

        return command;
    }

    private SqliteCommand Prepare(string sql, int parameters)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        for (var i = 0; i < parameters; i++)
            command.Parameters.Add(new() { ParameterName = $"${i}" });

        return command;
    }
}
