using System.Text;
using Microsoft.Data.Sqlite;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Search;

/// <summary>
/// What this silo searches: the opened rows of the catalog in a SQLite database in memory, never on a disk. A lock gives its
/// one connection to one caller at a time; pages are small, and nobody holds it while a client reads.
/// </summary>
public sealed class ReadModel : IDisposable
{
    private static readonly string TextColumns = string.Join(", ", StudyModelRow.TextColumns.Select(text => text.Column));

    private readonly int fewHits;
    private readonly Lock gate = new();
    private readonly SqliteConnection connection = new("Data Source=:memory:;Pooling=False");
    private readonly HashSet<string> commonModalities = [];
    private long watermark;

    /// <param name="fewHits">
    /// Hits up to which an index of texts, or of modalities, leads a query; with more, the date order does.
    /// </param>
    public ReadModel(int fewHits = 4_000)
    {
        this.fewHits = fewHits;
        connection.Open();
        Execute($"""
            PRAGMA temp_store = MEMORY;
            PRAGMA secure_delete = ON;
            CREATE TABLE study (
                id INTEGER PRIMARY KEY, handle BLOB NOT NULL, uid TEXT NOT NULL, patient TEXT NOT NULL, date INTEGER NOT NULL,
                time INTEGER NOT NULL, due INTEGER NOT NULL, held INTEGER NOT NULL,
                {string.Join(", ", StudyModelRow.TextColumns.Select(text => $"{text.Column} TEXT NOT NULL"))},
                modalities TEXT NOT NULL, sop_classes TEXT NOT NULL, series_count INTEGER NOT NULL, instance_count INTEGER NOT NULL,
                attributes BLOB NOT NULL);
            CREATE UNIQUE INDEX study_by_handle ON study (handle);
            CREATE INDEX study_by_uid ON study (uid);
            CREATE INDEX study_by_patient ON study (patient);
            CREATE INDEX study_by_patient_id ON study (patient_id);
            CREATE INDEX study_by_accession ON study (accession);
            CREATE INDEX study_by_time ON study (
                date DESC, time DESC, handle DESC, due, held, modalities, {StudyModelRow.PatientName});
            CREATE TABLE name (
                text BLOB NOT NULL, study INTEGER NOT NULL, head BLOB NOT NULL, date INTEGER NOT NULL, time INTEGER NOT NULL,
                handle BLOB NOT NULL, PRIMARY KEY (text, study)) WITHOUT ROWID;
            CREATE INDEX name_by_head ON name (head, date DESC, time DESC, handle DESC, text);
            CREATE TABLE series (
                study INTEGER NOT NULL, uid TEXT NOT NULL, modality TEXT NOT NULL, instance_count INTEGER NOT NULL,
                attributes BLOB NOT NULL, PRIMARY KEY (study, uid)) WITHOUT ROWID;
            CREATE INDEX series_by_uid ON series (uid);
            CREATE INDEX series_by_modality ON series (modality);
            CREATE VIRTUAL TABLE study_text USING fts5 (
                {TextColumns}, content = 'study', content_rowid = 'id', detail = 'column', columnsize = 0,
                tokenize = 'trigram case_sensitive 1');
            INSERT INTO study_text (study_text, rank) VALUES ('secure-delete', 1);
            """);
    }

    /// <summary>The change number up to which the model knows the catalog.</summary>
    public long Watermark => Interlocked.Read(ref watermark);

    /// <summary>Applies changes and moves the watermark, all or nothing.</summary>
    public void Apply(IReadOnlyList<ModelChange> changes, long newWatermark)
    {
        lock (gate)
        {
            using var transaction = connection.BeginTransaction();
            using var writer = new ReadModelWriter(connection, transaction);
            foreach (var change in changes)
            {
                writer.Remove(change.Study);
                if (change.Row is not null)
                    writer.Add(change.Study, change.Row);
            }

            transaction.Commit();
            Interlocked.Exchange(ref watermark, newWatermark);
        }
    }

    /// <summary>Forgets everything; the watermark is 0.</summary>
    public void Clear()
    {
        lock (gate)
        {
            Execute("""
                BEGIN;
                INSERT INTO study_text (study_text) VALUES ('delete-all');
                DELETE FROM series;
                DELETE FROM name;
                DELETE FROM study;
                COMMIT;
                """);
            Interlocked.Exchange(ref watermark, 0);
        }
    }

    /// <summary>The next studies that may match, in the order of results.</summary>
    /// <param name="after">The last one of the page before, or null.</param>
    /// <param name="count">Studies at most.</param>
    /// <param name="withSeries">Whether to fetch their series too.</param>
    public IReadOnlyList<StudyEntry> Page(ModelFilter filter, ResultPosition? after, int count, bool withSeries)
    {
        lock (gate)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"""
                SELECT id, handle, uid, date, time, attributes, modalities, sop_classes, series_count, instance_count
                FROM ({Ids(filter, after is not null, command)}) CROSS JOIN study USING (id)
                """;
            filter.AddTo(command);
            command.Parameters.AddWithValue("$count", count);
            if (after is { } position)
            {
                command.Parameters.AddWithValue("$date", position.Date);
                command.Parameters.AddWithValue("$time", position.Time);
                command.Parameters.AddWithValue("$handle", position.Handle.ToByteArray(bigEndian: true));
            }

            var page = new List<StudyEntry>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
                page.Add(Entry(reader, withSeries));

            // SQL has chosen them by the order, but need not give them in it.
            page.Sort(static (one, other) => Order(other).CompareTo(Order(one)));
            return page;
        }
    }

    public void Dispose() => connection.Dispose();

    private static (long, long, Guid) Order(StudyEntry entry) => (entry.Position.Date, entry.Position.Time, entry.Position.Handle);

    private StudyEntry Entry(SqliteDataReader reader, bool withSeries)
    {
        var handle = new Guid((byte[])reader.GetValue(1), bigEndian: true);
        return new()
        {
            Handle = new(handle),
            StudyInstanceUid = reader.GetString(2),
            Position = new(reader.GetInt64(3), reader.GetInt64(4), handle),
            Attributes = (byte[])reader.GetValue(5),
            Modalities = reader.GetString(6).Split('\\', StringSplitOptions.RemoveEmptyEntries),
            SopClasses = reader.GetString(7).Split('\\', StringSplitOptions.RemoveEmptyEntries),
            SeriesCount = reader.GetInt32(8),
            InstanceCount = reader.GetInt32(9),
            Series = withSeries ? Series(reader.GetInt64(0)) : [],
        };
    }

    private List<SeriesEntry> Series(long study)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT uid, modality, instance_count, attributes FROM series WHERE study = $study ORDER BY uid";
        command.Parameters.AddWithValue("$study", study);
        using var reader = command.ExecuteReader();
        var series = new List<SeriesEntry>();
        while (reader.Read())
            series.Add(new(reader.GetString(0), reader.GetString(1), reader.GetInt32(2), (byte[])reader.GetValue(3)));

        return series;
    }

    /// <summary>The ids of a page: sorted by as little as decides, for what is sorted is copied.</summary>
    private string Ids(ModelFilter filter, bool isLater, SqliteCommand command)
    {
        const string NewestFirst = "ORDER BY date DESC, time DESC, handle DESC";
        var notBefore = isLater ? "(date, time, handle) < ($date, $time, $handle)" : "1";
        var others = $"{filter.Conditions} AND {ModalityCondition(filter, command)}";
        if (NamesOf(filter, command) is not { } names)
            return $"SELECT id FROM study WHERE {others} AND {TextCondition(filter, command)} AND {notBefore} {NewestFirst} LIMIT $count";

        // The inner limit, which is none, keeps SQLite from taking the order away. A study may have the prefix in two groups of its name.
        return $"""
            SELECT DISTINCT id FROM (SELECT study AS hit FROM {names} AND {notBefore} {NewestFirst} LIMIT -1)
            CROSS JOIN study ON id = hit WHERE {others} LIMIT $count
            """;
    }

    /// <summary>
    /// What of the index of names a query has to look at: a few names to be sorted, or the names with the same beginning, which are sorted
    /// already. Null where the query asks for no beginning, or for one too short to be worth it.
    /// </summary>
    private string? NamesOf(ModelFilter filter, SqliteCommand command)
    {
        // No byte of UTF-8 is FF.
        byte[] low = Encoding.UTF8.GetBytes(filter.NamePrefix);
        byte[] high = [.. low, 0xFF];
        void Bind(SqliteCommand target)
        {
            target.Parameters.AddWithValue("$low", low);
            target.Parameters.AddWithValue("$high", high);
        }

        const string Range = "text >= $low AND text < $high";
        var hasHead = low.Length >= ReadModelWriter.NameHead;
        var areFew = low.Length > 0 && AreFew($"SELECT 1 FROM name WHERE {Range}", Bind, hasHead ? fewHits / 4 : 2 * fewHits);
        if (!areFew && !hasHead)
            return null;

        Bind(command);
        if (areFew)
            return $"name WHERE {Range}";

        command.Parameters.AddWithValue("$head", low[..ReadModelWriter.NameHead]);
        return $"name INDEXED BY name_by_head WHERE head = $head AND {Range}";
    }

    private string TextCondition(ModelFilter filter, SqliteCommand command)
    {
        if (filter.Contains.Count == 0)
            return "1";

        const string Hits = "SELECT rowid FROM study_text WHERE study_text MATCH $text";
        var expression = TrigramExpression.Of(filter.Contains);
        if (!AreFew(Hits, probe => probe.Parameters.AddWithValue("$text", expression), fewHits))
            return "1";

        command.Parameters.AddWithValue("$text", expression);
        return $"id IN ({Hits})";
    }

    private string ModalityCondition(ModelFilter filter, SqliteCommand command)
    {
        if (filter.Modalities is not { } modalities)
            return "1";

        if (AreFewSeries(modalities))
        {
            foreach (var (index, modality) in modalities.Index())
                command.Parameters.AddWithValue($"$m{index}", modality);

            return $"id IN (SELECT study FROM series WHERE modality IN ({Places(modalities)}))";
        }

        foreach (var (index, modality) in modalities.Index())
            command.Parameters.AddWithValue($"$m{index}", $@"\{modality}\");

        return $"({string.Join(" OR ", modalities.Select((_, index) => $@"instr('\' || modalities || '\', $m{index}) > 0"))})";
    }

    /// <summary>A modality that was found common is taken for that ever after: a mistake costs time alone.</summary>
    private bool AreFewSeries(IReadOnlyList<string> modalities)
    {
        if (modalities.Any(commonModalities.Contains))
            return false;

        if (AreFew($"SELECT study FROM series WHERE modality IN ({Places(modalities)})", probe =>
            {
                foreach (var (index, modality) in modalities.Index())
                    probe.Parameters.AddWithValue($"$m{index}", modality);
            }, fewHits))
        {
            return true;
        }

        if (modalities is [var only])
            commonModalities.Add(only);
        return false;
    }

    private static string Places(IReadOnlyList<string> modalities) => string.Join(", ", modalities.Select((_, index) => $"$m{index}"));

    private bool AreFew(string hits, Action<SqliteCommand> bind, int few)
    {
        using var probe = connection.CreateCommand();
        probe.CommandText = $"SELECT count(*) FROM ({hits} LIMIT $few)";
        probe.Parameters.AddWithValue("$few", few);
        bind(probe);
        return (long)probe.ExecuteScalar()! < few;
    }

    private void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
