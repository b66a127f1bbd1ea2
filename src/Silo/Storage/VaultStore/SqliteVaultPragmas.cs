using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace SecureStore.Silo.Storage.VaultStore;

/// <summary>What each connection to the vault's SQLite file is set to: durable at commit, deleted content overwritten.</summary>
internal sealed class SqliteVaultPragmas : DbConnectionInterceptor
{
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA busy_timeout=10000;";
        command.ExecuteNonQuery();
    }

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }
}
