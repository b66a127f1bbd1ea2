using Microsoft.Data.Sqlite;

namespace SecureStore.Silo.Storage;

/// <summary>The audit log's tables, made at start where they are missing. A step is never changed once released: another is added.</summary>
internal static class AuditSchema
{
    private const int Version = 1;

    // The triggers keep slips of a hand out of a log that is append only; whoever means harm is found out by the log itself.
    private const string Tables =
        """
        CREATE TABLE entries (
            number INTEGER NOT NULL PRIMARY KEY,
            event_id BLOB NOT NULL UNIQUE,
            mac BLOB NOT NULL,
            sealed BLOB NOT NULL);
        CREATE TABLE head (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            size INTEGER NOT NULL,
            frontier BLOB NOT NULL,
            mac BLOB NOT NULL);
        CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'append only'); END;
        CREATE TRIGGER entries_are_not_removed BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'append only'); END;
        PRAGMA user_version = 1;
        """;

    /// <exception cref="InvalidDataException">The tables were made by a newer program, or are not an audit log's.</exception>
    public static void Apply(SqliteConnection connection)
    {
        using var journal = connection.CreateCommand();
        journal.CommandText = "PRAGMA journal_mode = WAL";
        journal.ExecuteNonQuery();

        using var transaction = connection.BeginTransaction(deferred: false);
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        switch ((long)command.ExecuteScalar()!)
        {
            case 0:
                command.CommandText = Tables;
                command.ExecuteNonQuery();
                break;
            case Version:
                break;
            default:
                throw new InvalidDataException("The audit log under Data:Path was written by a newer program: start that one.");
        }

        transaction.Commit();
    }
}
