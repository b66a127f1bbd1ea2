using Microsoft.Data.Sqlite;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Telemetry;

namespace SecureStore.Silo.Storage;

/// <summary>Tells faults that may pass from faults that are ours, in one place for files and one for SQLite.</summary>
internal static class StorageFaults
{
    /// <summary>Whatever the file system says: full, read-only, no rights, a failing medium.</summary>
    public static bool MayPass(Exception fault) => fault is IOException or UnauthorizedAccessException;

    public static bool IsMissing(Exception fault) => fault is FileNotFoundException or DirectoryNotFoundException;

    /// <summary>The SQLite results that come from the surroundings and not from the statement (sqlite.org/rescode.html).</summary>
    public static bool MayPass(SqliteException fault) => fault.SqliteErrorCode is
        3 /* PERM */ or 5 /* BUSY */ or 6 /* LOCKED */ or 7 /* NOMEM */ or 8 /* READONLY */ or 9 /* INTERRUPT */ or
        10 /* IOERR */ or 13 /* FULL */ or 14 /* CANTOPEN */ or 15 /* PROTOCOL */;

    /// <summary>True where SQLite undid one statement and kept the transaction.</summary>
    public static bool IsRefusal(SqliteException fault) => fault.SqliteErrorCode is 18 /* TOOBIG */ or 19 /* CONSTRAINT */;

    public static StorageUnavailableException Unavailable(Exception fault)
    {
        StorageMetrics.Fault(fault);
        return new("Storage does not answer as it should; try again later.", fault);
    }
}
