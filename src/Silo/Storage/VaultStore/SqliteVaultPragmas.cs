using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace SecureStore.Silo.Storage.VaultStore;

/// <summary>What each connection to the vault's SQLite file is set to, once: durable at commit, deleted content overwritten.</summary>
internal sealed class SqliteVaultPragmas : DbConnectionInterceptor
{
    /// <summary>The native connections that are set already: the pool hands them out again and again.</summary>
    private readonly ConditionalWeakTable<sqlite3, object> done = [];

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        if (connection is not SqliteConnection { Handle: { } native } || done.TryGetValue(native, out _))
            return;
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA busy_timeout=10000;";
        command.ExecuteNonQuery();
        done.AddOrUpdate(native, native);
    }

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }
}
