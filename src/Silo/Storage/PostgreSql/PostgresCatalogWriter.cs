using System.Data;
using Npgsql;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using static SecureStore.Silo.Storage.PostgreSql.PostgresBatch;

namespace SecureStore.Silo.Storage.PostgreSql;

/// <summary>
/// The one connection of this silo that writes the catalog. A group is two round trips: rows locked and read, then
/// everything written and committed. Rows are locked in one order by all silos (new UIDs, studies, last the change
/// number, which is held until the commit only), so that no two wait for one another.
/// </summary>
internal sealed class PostgresCatalogWriter : ICatalogWriter
{
    private const int InstancesInStatement = 2048;

    private readonly PostgresDatabase database;
    private readonly string connectionString;
    private NpgsqlConnection? connection;
    private bool hasBegun;

    public PostgresCatalogWriter(PostgresDatabase database)
    {
        this.database = database;
        connectionString = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false }.ConnectionString;
        database.Again(Connect);
    }

    /// <exception cref="StorageUnavailableException">Not committed, or uncertain.</exception>
    public void Commit(IReadOnlyList<CatalogWrite> group)
    {
        CatalogGroup? drafts = null;
        try
        {
            // Nothing is committed before the second round trip (save new rows, which may be added twice).
            database.Again(() => drafts = BeginTrusted(group));
            if (drafts is not null)
                database.Once(() => Finish(group, drafts));
        }
        catch (PostgresException fault) when (StorageFaults.IsRefusal(fault))
        {
            // A row that cannot be stored for a reason of its own spoils the transaction: each of the others gets one by itself.
            Rollback();
            if (group.Count == 1)
                group[0].Refuse(StorageFaults.Refused(fault));
            else
                foreach (var write in group)
                    Commit([write]);
        }
    }

    /// <summary>Its one connection; another after a fault.</summary>
    internal NpgsqlConnection? Connection => connection;

    public void Dispose() => connection?.Dispose();

    /// <inheritdoc cref="Begin"/>
    private CatalogGroup? BeginTrusted(IReadOnlyList<CatalogWrite> group)
    {
        try
        {
            return Begin(group);
        }
        catch (Exception fault) when (StorageFaults.IsAstray(fault))
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <returns>Null where all is done and committed.</returns>
    private CatalogGroup? Begin(IReadOnlyList<CatalogWrite> group)
    {
        if (connection?.FullState is not ConnectionState.Open)
            Connect();
        Rollback();
        hasBegun = true;
        var additions = group.OfType<StudyAddition>().ToList();
        var changes = group.OfType<StudyChange>().Select(change => change.Commit).ToList();
        var studies = changes.Select(commit => commit.Study).Concat(group.OfType<StudyClaim>().Select(claim => claim.Study)).Distinct().ToList();
        using var batch = new NpgsqlBatch(connection);
        batch.Add("BEGIN");
        if (additions.Count > 0)
            Add(batch, additions);
        if (studies.Count > 0)
            Lock(batch, studies, [.. changes.SelectMany(commit => commit.Instances)]);
        else
            batch.Add("COMMIT");
        using var reader = batch.ExecuteReader();
        if (additions.Count > 0)
            ReadAdditions(reader, additions);
        var locked = studies.Count > 0 ? ReadLocked(reader) : null;
        while (reader.NextResult())
        {
        }

        hasBegun = locked is not null;
        return locked;
    }

    private static void Add(NpgsqlBatch batch, List<StudyAddition> additions)
    {
        var uids = additions.ConvertAll(addition => addition.StudyUid.ToArray()).ToArray();
        batch.Add(
            """
            INSERT INTO studies SELECT study, uid, 0, 0, NULL::integer, 0, ''::bytea FROM unnest($1, $2) AS new (study, uid) ORDER BY uid
            ON CONFLICT (study_uid) DO NOTHING
            """,
            Bytes(additions.Select(addition => CatalogDbContext.Stored(addition.Proposed))), Bytes(uids));
        batch.Add("SELECT study, study_uid, state, owner_epoch, due_day, change, sealed_facts FROM studies WHERE study_uid = ANY ($1)", Bytes(uids));
    }

    private static void Lock(NpgsqlBatch batch, List<StudyHandle> studies, List<InstanceRow> instances)
    {
        batch.Add("SELECT study, owner_epoch FROM studies WHERE study = ANY ($1) ORDER BY study FOR UPDATE", Bytes(studies.Select(CatalogDbContext.Stored)));
        var (of, uids) = (Bytes(instances.Select(row => CatalogDbContext.Stored(row.Study))), Bytes(instances.Select(row => row.SopInstanceUid.ToArray())));
        batch.Add(
            """
            SELECT i.study, i.sop_instance_uid, i.ordinal FROM unnest($1, $2) AS new (study, uid)
            JOIN instances i ON i.study = new.study AND i.sop_instance_uid = new.uid
            UNION ALL
            SELECT i.study, i.sop_instance_uid, i.ordinal FROM unnest($1, $3) AS new (study, ordinal)
            JOIN instances i ON i.study = new.study AND i.ordinal = new.ordinal
            """,
            of, uids, Longs(instances.Select(row => row.Ordinal)));
    }

    private static void ReadAdditions(NpgsqlDataReader reader, List<StudyAddition> additions)
    {
        var rows = new Dictionary<Mac, StudyRow>();
        while (reader.Read())
        {
            var row = new StudyRow(
                Handle(reader), new Mac(reader.GetFieldValue<byte[]>(1)), (StudyState)reader.GetInt32(2), reader.GetInt64(3),
                reader.IsDBNull(4) ? null : DateOnly.FromDayNumber(reader.GetInt32(4)), reader.GetInt64(5), reader.GetFieldValue<byte[]>(6));
            rows[row.StudyUid] = row;
        }

        foreach (var addition in additions)
            addition.Succeed(rows[addition.StudyUid]);
        reader.NextResult();
    }

    private static CatalogGroup ReadLocked(NpgsqlDataReader reader)
    {
        var drafts = new CatalogGroup();
        while (reader.Read())
            drafts.Add(Handle(reader), reader.GetInt64(1));
        reader.NextResult();
        while (reader.Read())
        {
            var study = Handle(reader);
            drafts.AddStored(study, new Mac(reader.GetFieldValue<byte[]>(1)), reader.GetInt64(2));
        }

        return drafts;
    }

    private void Finish(IReadOnlyList<CatalogWrite> group, CatalogGroup drafts)
    {
        foreach (var write in group)
        {
            if (write is StudyClaim claim)
                drafts.Do(claim);
            else if (write is StudyChange change)
                drafts.Do(change);
        }

        using var batch = new NpgsqlBatch(connection);
        Write(batch, [.. drafts.Drafts.Where(draft => draft.IsClaimed || draft.Last is not null)], drafts.Changes);
        batch.Add("COMMIT");
        if (batch.ExecuteScalar() is long latest)
            drafts.Number(latest);
        hasBegun = false;
    }

    private static void Write(NpgsqlBatch batch, List<CatalogGroup.Draft> drafts, long changes)
    {
        var removing = drafts.FindAll(draft => draft.RemovesStored);
        if (removing.Count > 0)
            batch.Add("DELETE FROM instances WHERE study = ANY ($1)", Bytes(removing.Select(draft => CatalogDbContext.Stored(draft.Study))));
        foreach (var rows in drafts.SelectMany(draft => draft.Instances).Chunk(InstancesInStatement))
        {
            batch.Add(
                "INSERT INTO instances SELECT * FROM unnest($1, $2, $3, $4)",
                Bytes(rows.Select(row => CatalogDbContext.Stored(row.Study))), Longs(rows.Select(row => row.Ordinal)),
                Bytes(rows.Select(row => row.SopInstanceUid.ToArray())), Bytes(rows.Select(row => row.SealedRecord)));
        }

        var claimed = drafts.FindAll(draft => draft.IsClaimed);
        if (claimed.Count > 0)
        {
            batch.Add(
                "UPDATE studies s SET owner_epoch = new.epoch FROM unnest($1, $2) AS new (study, epoch) WHERE s.study = new.study",
                Bytes(claimed.Select(draft => CatalogDbContext.Stored(draft.Study))), Longs(claimed.Select(draft => draft.OwnerEpoch)));
        }

        var changed = drafts.FindAll(draft => draft.Last is not null);
        if (changed.Count == 0)
            return;
        batch.Add(
            """
            WITH latest AS (UPDATE latest_change SET number = number + $1 RETURNING number)
            UPDATE studies s SET state = new.state, due_day = new.due, change = latest.number - $1 + new.change, sealed_facts = new.facts
            FROM latest, unnest($2, $3, $4, $5, $6) AS new (study, state, due, change, facts) WHERE s.study = new.study
            RETURNING latest.number
            """,
            Value(changes),
            Bytes(changed.Select(draft => CatalogDbContext.Stored(draft.Study))),
            Integers(changed.Select(draft => (int)draft.Last!.State)),
            Value<int?[]>([.. changed.Select(draft => draft.Last!.DueDay?.DayNumber)]),
            Longs(changed.Select(draft => draft.Change)),
            Bytes(changed.Select(draft => draft.Last!.SealedFacts)));
    }

    private void Connect()
    {
        connection?.Dispose();
        connection = new NpgsqlConnection(connectionString);
        connection.Open();
        hasBegun = false;

        // Each statement looks rows up by key, whatever the planner thinks of a table that was empty when it planned.
        using var settings = new NpgsqlCommand("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off", connection);
        settings.ExecuteNonQuery();
    }

    /// <summary>Ends what an attempt before left open.</summary>
    private void Rollback()
    {
        if (!hasBegun)
            return;
        using var rollback = new NpgsqlCommand("ROLLBACK", connection);
        rollback.ExecuteNonQuery();
        hasBegun = false;
    }

    private static StudyHandle Handle(NpgsqlDataReader reader) => new(new Guid(reader.GetFieldValue<byte[]>(0), bigEndian: true));
}
