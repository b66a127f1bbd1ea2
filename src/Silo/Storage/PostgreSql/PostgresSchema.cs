using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace SecureStore.Silo.Storage.PostgreSql;

/// <summary>
/// A schema of a database, made and brought up to date at start. A step is never changed once released: another is added.
/// </summary>
/// <param name="Name">The schema's name in the database.</param>
/// <param name="Title">What a sentence calls it: "The catalog".</param>
/// <param name="Steps">SQL that leads from each version to the next; names without a schema are this schema's.</param>
internal sealed record PostgresSchema(string Name, string Title, IReadOnlyList<string> Steps)
{
    /// <summary>One advisory lock lets one of many that start at once do the steps; the others find them done.</summary>
    /// <exception cref="InvalidDataException">The schema was made by a newer program.</exception>
    /// <exception cref="NpgsqlException">The database does not answer, or refuses.</exception>
    public void Apply(string connectionString)
    {
        using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        connection.Open();
        using var transaction = connection.BeginTransaction();
        Execute("SET LOCAL lock_timeout = '5min'; SET LOCAL statement_timeout = '10min'; SET LOCAL idle_in_transaction_session_timeout = 0");
        Execute($"SELECT pg_advisory_xact_lock({LockNumber})");

        // CREATE SCHEMA asks for rights over the database even where there is nothing to create.
        if (Scalar($"SELECT to_regnamespace('{Name}')::text") is null)
            Execute($"CREATE SCHEMA {Name}");
        Execute("CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)");
        var found = Scalar("SELECT max(version) FROM schema_version") is int version ? version : 0;
        if (found < 0 || found > Steps.Count)
        {
            throw new InvalidDataException(
                $"{Title} has schema version {found}, and this program knows versions up to {Steps.Count}: start the program that wrote it.");
        }

        for (var step = found; step < Steps.Count; step++)
        {
            Execute(Steps[step]);
            Execute($"INSERT INTO schema_version VALUES ({step + 1})");
        }

        transaction.Commit();

        void Execute(string sql)
        {
            using var command = Command(sql);
            command.ExecuteNonQuery();
        }

        object? Scalar(string sql)
        {
            using var command = Command(sql);
            return command.ExecuteScalar() is { } value and not DBNull ? value : null;
        }

        NpgsqlCommand Command(string sql) => new(sql, connection, transaction) { CommandTimeout = 0 };
    }

    private long LockNumber =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes("SecureStore schema " + Name)));
}
