using Microsoft.Data.Sqlite;

namespace SecureStore.Silo.Storage;

/// <summary>
/// A connection that writes a database's file, by prepared statements, for one caller at a time. SQLite's write lock lets one transaction
/// follow the other, should there be two processes. What was not committed when it is disposed of is rolled back.
/// </summary>
internal abstract class SqliteWriter : IDisposable
{
    private readonly List<SqliteCommand> commands = [];

    /// <param name="connectionString">Where the file is; without a pool, in which a connection would keep what it has begun.</param>
    /// <param name="settings">Pragmas of the connection.</param>
    /// <param name="schema">Makes the tables that are missing.</param>
    protected SqliteWriter(string connectionString, string settings, Action<SqliteConnection> schema)
    {
        Connection = new SqliteConnection(connectionString);
        try
        {
            Connection.Open();
            Command(settings).ExecuteNonQuery();
            schema(Connection);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public SqliteConnection Connection { get; }

    public void Dispose()
    {
        foreach (var command in commands)
            command.Dispose();
        Connection.Dispose();
    }

    protected SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = Connection.CreateCommand();
        commands.Add(command);
        command.CommandText = sql;
        foreach (var name in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    protected static int Execute(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        Bind(command, values);
        return command.ExecuteNonQuery();
    }

    protected static void Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
    }
}
