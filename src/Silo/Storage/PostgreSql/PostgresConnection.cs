using System.Data.Common;
using Npgsql;

namespace SecureStore.Silo.Storage.PostgreSql;

/// <summary>
/// The operator's connection string with what the archive needs of each session. Times that the string gives hold; what
/// makes a commit durable is ours.
/// </summary>
internal static class PostgresConnection
{
    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 10;

    // Statements look rows up by key: compiling one costs a thousand times what it does.
    // A silo that dies, is paused or is cut off in the middle of a transaction must not hold its locks against the others.
    private static readonly string[] Session =
    [
        "synchronous_commit=on",
        "jit=off",
        "lock_timeout=8s",
        "idle_in_transaction_session_timeout=3s",
        "client_connection_check_interval=1s",
        "tcp_keepalives_idle=3",
        "tcp_keepalives_interval=1",
        "tcp_keepalives_count=3",
        "tcp_user_timeout=5s",
    ];

    /// <param name="connectionString">What the operator gave; a server of version 14 or newer, reached without a transaction pooler.</param>
    /// <param name="schema">The only schema that statements look into.</param>
    /// <param name="connections">The most connections that this process opens, where the string does not say.</param>
    /// <exception cref="ArgumentException">The string is none.</exception>
    public static string Complete(string connectionString, string schema, int connections)
    {
        var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
        var complete = new NpgsqlConnectionStringBuilder(connectionString)
        {
            SearchPath = schema,
            ApplicationName = "securestore " + schema,
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            IncludeErrorDetail = false,

            // A commit that waits for its replica too long is an uncertain one: asked to give up, the server would call it done.
            CancellationTimeout = -1,
        };
        if (!Gives("Timeout"))
            complete.Timeout = ConnectSeconds;
        if (!Gives("Command Timeout", "CommandTimeout"))
            complete.CommandTimeout = CommandSeconds;
        if (!Gives("Maximum Pool Size", "MaxPoolSize", "MaximumPoolSize"))
            complete.MaxPoolSize = connections;
        if (!Gives("Keepalive"))
            (complete.TcpKeepAlive, complete.TcpKeepAliveTime, complete.TcpKeepAliveInterval) = (true, 3, 1);
        complete.Options = string.Join(
            ' ', [complete.Options, .. Session.Append($"statement_timeout={complete.CommandTimeout}s").Select(setting => "-c " + setting)]).Trim();
        return complete.ConnectionString;

        bool Gives(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (given.ContainsKey(name))
                    return true;
            }

            return false;
        }
    }
}
