using Microsoft.Data.Sqlite;

namespace SecureStore.Silo.Storage;

/// <summary>
/// The catalog's tables, made and brought up to date at start. A step is never changed once released: another is added.
/// </summary>
internal static class CatalogSchema
{
    // sealed_facts and sealed_record stand last, so that a look at the other columns does not read past them.
    // A day is a day number (0 = 0001-01-01).
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE studies (
            study BLOB NOT NULL PRIMARY KEY,
            study_uid BLOB NOT NULL UNIQUE,
            state INTEGER NOT NULL,
            owner_epoch INTEGER NOT NULL,
            due_day INTEGER,
            change INTEGER NOT NULL,
            sealed_facts BLOB NOT NULL);
        CREATE INDEX studies_by_due_day ON studies (state, due_day);
        CREATE INDEX studies_by_change ON studies (change);
        CREATE TABLE instances (
            study BLOB NOT NULL,
            ordinal INTEGER NOT NULL,
            sop_instance_uid BLOB NOT NULL,
            sealed_record BLOB NOT NULL,
            PRIMARY KEY (study, ordinal));
        CREATE UNIQUE INDEX instances_by_uid ON instances (sop_instance_uid, study);
        CREATE TABLE latest_change (number INTEGER NOT NULL);
        INSERT INTO latest_change VALUES (0);
        """,
    ];

    /// <exception cref="InvalidDataException">The tables were made by a newer program, or are not a catalog's.</exception>
    public static void Apply(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        Execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
        using var query = connection.CreateCommand();
        query.CommandText = "SELECT max(version) FROM schema_version";
        var found = query.ExecuteScalar() is long version ? version : 0;
        if (found < 0 || found > Steps.Length)
        {
            throw new InvalidDataException(
                $"The catalog has schema version {found}, and this program knows versions up to {Steps.Length}: start the program that wrote it.");
        }

        for (var step = (int)found; step < Steps.Length; step++)
        {
            Execute(Steps[step]);
            Execute($"INSERT INTO schema_version VALUES ({step + 1})");
        }

        transaction.Commit();

        void Execute(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
