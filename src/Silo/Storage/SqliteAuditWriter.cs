using Microsoft.Data.Sqlite;
using SecureStore.Grains.Audit;

namespace SecureStore.Silo.Storage;

/// <summary>Appends to the audit log's file; each commit is flushed to the medium.</summary>
internal sealed class SqliteAuditWriter : SqliteWriter
{
    private readonly SqliteCommand begin;
    private readonly SqliteCommand commit;
    private readonly SqliteCommand rollback;
    private readonly SqliteCommand find;
    private readonly SqliteCommand found;
    private readonly SqliteCommand move;
    private readonly SqliteCommand insert;

    public SqliteAuditWriter(string connectionString)
        : base(connectionString, "PRAGMA synchronous = FULL", AuditSchema.Apply)
    {
        begin = Command("BEGIN IMMEDIATE");
        commit = Command("COMMIT");
        rollback = Command("ROLLBACK");
        find = Command("SELECT number FROM entries WHERE event_id = $event", "$event");
        found = Command("INSERT INTO head VALUES (1, $size, $frontier, $mac) ON CONFLICT DO NOTHING", "$size", "$frontier", "$mac");
        move = Command(
            "UPDATE head SET size = $size, frontier = $frontier, mac = $mac WHERE size = $before AND mac = $of", "$size", "$frontier", "$mac", "$before", "$of");
        insert = Command("INSERT INTO entries VALUES ($number, $event, $mac, $sealed)", "$number", "$event", "$mac", "$sealed");
    }

    /// <inheritdoc cref="IAuditStore.FindAsync"/>
    public Dictionary<Guid, long> Find(IEnumerable<Guid> eventIds)
    {
        var indexes = new Dictionary<Guid, long>();
        foreach (var id in eventIds)
        {
            Bind(find, Stored(id));
            if (find.ExecuteScalar() is long index)
                indexes[id] = index;
        }

        return indexes;
    }

    /// <inheritdoc cref="IAuditStore.AppendAsync"/>
    public bool Append(AuditHead? expected, AuditHead next, IReadOnlyList<AuditRow> rows)
    {
        begin.ExecuteNonQuery();
        var moved = expected is null
            ? Execute(found, next.Size, next.Frontier, next.Mac)
            : Execute(move, next.Size, next.Frontier, next.Mac, expected.Size, expected.Mac);
        if (moved != 1)
        {
            rollback.ExecuteNonQuery();
            return false;
        }

        foreach (var row in rows)
            Execute(insert, row.Index, Stored(row.EventId), row.Mac, row.Sealed);
        commit.ExecuteNonQuery();
        return true;
    }

    private static byte[] Stored(Guid eventId) => eventId.ToByteArray(bigEndian: true);
}
