using Microsoft.Data.Sqlite;
using Npgsql;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Telemetry;

namespace SecureStore.Silo.Storage;

/// <summary>Tells faults that may pass from faults that are ours, in one place for files, SQLite and PostgreSQL.</summary>
internal static class StorageFaults
{
    /// <summary>Whatever the file system says: full, read-only, no rights, a failing medium.</summary>
    public static bool MayPass(Exception fault) => fault is IOException or UnauthorizedAccessException;

    public static bool IsMissing(Exception fault) => fault is FileNotFoundException or DirectoryNotFoundException;

    /// <summary>The SQLite results that come from the surroundings and not from the statement (sqlite.org/rescode.html).</summary>
    public static bool MayPass(SqliteException fault) => fault.SqliteErrorCode is
        3 /* PERM */ or 5 /* BUSY */ or 6 /* LOCKED */ or 7 /* NOMEM */ or 8 /* READONLY */ or 9 /* INTERRUPT */ or
        10 /* IOERR */ or 13 /* FULL */ or 14 /* CANTOPEN */ or 15 /* PROTOCOL */;

    /// <summary>
    /// The connection's own faults, and the SQLSTATEs that come from the server's surroundings or from other transactions
    /// (PostgreSQL, appendix A). A commit that such a fault meets is uncertain.
    /// </summary>
    public static bool MayPass(NpgsqlException fault) => fault is not PostgresException { SqlState: var state }
        || state[..2] is "08" /* connection */ or "28" or "3D" /* user or database refused */ or "40" /* rolled back for another */
            or "53" /* resources, too many connections */ or "57" /* shut down, cancelled, timed out */ or "58" /* system */
        || state is PostgresErrorCodes.LockNotAvailable or "25P03" /* idle in a transaction */
            or PostgresErrorCodes.ReadOnlySqlTransaction;

    /// <summary>True where the server is away or cannot serve anybody, so that asking again at once is of no use.</summary>
    public static bool IsOutage(Exception fault) => Npgsql(fault) is { } found
        && (found is not PostgresException { SqlState: var state }
            || (state[..2] is "08" or "53" or "57" or "58" && state is not PostgresErrorCodes.ProtocolViolation));

    /// <summary>
    /// True where the driver has lost track of its connection, as it does when a statement was broken off while it was being prepared: it then
    /// names statements that the server does not know, sends what the server does not expect, or falls over its own state. No connection is to
    /// be trusted that was there before.
    /// </summary>
    public static bool IsAstray(Exception? fault) => fault switch
    {
        null => false,
        PostgresException
        {
            SqlState: PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.DuplicatePreparedStatement or PostgresErrorCodes.ProtocolViolation
        } => true,
        (NullReferenceException or InvalidOperationException or IndexOutOfRangeException) and not ObjectDisposedException and { Source: "Npgsql" } => true,
        _ => IsAstray(fault.InnerException),
    };

    /// <summary>As <c>MayPass</c>, for what Entity Framework throws, too: it wraps faults of the driver.</summary>
    public static bool DatabaseMayRecover(Exception fault) => fault switch
    {
        SqliteException sqlite => MayPass(sqlite),
        OperationCanceledException => false,
        _ => IsAstray(fault) || (Npgsql(fault) is { } npgsql && MayPass(npgsql)),
    };

    /// <summary>True where asking a second time may help: not what has taken its time already, nor a refusal.</summary>
    public static bool IsWorthRepeating(Exception fault) => IsAstray(fault)
        || (DatabaseMayRecover(fault) && Npgsql(fault) is { InnerException: not TimeoutException } found
        && found is not PostgresException { SqlState: ['2', '8', ..] or ['3', 'D', ..] or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled });

    /// <summary>True where SQLite undid one statement and kept the transaction.</summary>
    public static bool IsRefusal(SqliteException fault) => fault.SqliteErrorCode is 18 /* TOOBIG */ or 19 /* CONSTRAINT */;

    /// <summary>True where PostgreSQL says that what a statement brings cannot be stored: the transaction is rolled back.</summary>
    public static bool IsRefusal(PostgresException fault) =>
        fault.SqlState[..2] is "22" /* data */ or "23" /* constraint */ or "54" /* too large */;

    public static InvalidOperationException Refused(Exception fault) =>
        new("The catalog has such a row already, or cannot hold it.", fault);

    public static StorageUnavailableException Unavailable(Exception fault)
    {
        StorageMetrics.Fault(fault);
        return new("Storage does not answer as it should; try again later.", fault);
    }

    private static NpgsqlException? Npgsql(Exception? fault)
    {
        while (fault is not null and not OperationCanceledException)
        {
            if (fault is NpgsqlException found)
                return found;
            fault = fault.InnerException;
        }

        return null;
    }
}
