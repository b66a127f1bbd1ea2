using SecureStore.Grains.Audit;
using SecureStore.Grains.Integrity;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Storage.PostgreSql;

namespace SecureStore.Silo.Storage;

/// <summary>Registers and opens the audit log.</summary>
public static class AuditServices
{
    /// <param name="services">Gets <see cref="IAuditLog"/>, to be opened by <see cref="OpenAuditAsync"/> before it is used.</param>
    /// <param name="dataPath">The data folder: the log is <c>audit.db</c>.</param>
    public static IServiceCollection AddEmbeddedAudit(this IServiceCollection services, string dataPath) =>
        services.AddAudit(_ => new SqliteAuditStore(Path.Combine(dataPath, "audit.db")));

    /// <param name="services">Gets <see cref="IAuditLog"/>, to be opened by <see cref="OpenAuditAsync"/> before it is used.</param>
    /// <param name="connectionString">ConnectionStrings:Catalog: the log is its schema <c>audit</c>.</param>
    public static IServiceCollection AddPostgreSqlAudit(this IServiceCollection services, string connectionString) =>
        services.AddAudit(_ => new PostgresAuditStore(connectionString));

    private static IServiceCollection AddAudit(this IServiceCollection services, Func<IServiceProvider, IAuditStore> open)
    {
        services.AddSingleton(open);
        services.AddSingleton(provider => new AuditLog(
            provider.GetRequiredService<IAuditStore>(), provider.GetService<TimeProvider>() ?? TimeProvider.System));
        services.AddSingleton<IAuditLog>(provider => provider.GetRequiredService<AuditLog>());
        return services;
    }

    /// <summary>
    /// Opens the log with the vault's audit key. Where the archive is new (its vault was made in this start) the log is made
    /// too; otherwise it has to be there, and is never made anew.
    /// </summary>
    /// <param name="services">Those of <see cref="AddEmbeddedAudit"/>.</param>
    /// <param name="isNew">Whether the archive is new.</param>
    /// <param name="acceptedSize">An operator's word that a log of this many entries is to be gone on with, though a newer head was seen.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="AuditLogDamagedException">
    /// The log is missing or damaged, or older than the newest that was seen; or it is there although the archive is new.
    /// </exception>
    /// <exception cref="Grains.Storage.StorageUnavailableException">It cannot be read or written for now.</exception>
    public static async Task OpenAuditAsync(
        this IServiceProvider services, bool isNew, long? acceptedSize = null, CancellationToken cancellation = default)
    {
        var log = services.GetRequiredService<AuditLog>();
        var vault = services.GetRequiredService<Vault>();
        var key = vault.ServiceKey(ServiceKeyName.Audit);
        if (isNew)
        {
            await log.InitialiseAsync(key, cancellation);
            return;
        }

        var mark = await LogMark.ReadAsync(vault, cancellation);
        await log.OpenAsync(key, mark?.Head, acceptedSize, cancellation);
        var head = await log.StoredHeadAsync(cancellation);
        if (mark is not null && head.Size < mark.Size)
            await AcceptAsync(services, vault, log, head, mark, cancellation);
    }

    /// <summary>The operator's word is in the log before anything else that comes after the older head.</summary>
    private static async Task AcceptAsync(
        IServiceProvider services, Vault vault, AuditLog log, AuditHead head, LogMark mark, CancellationToken cancellation)
    {
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        await log.AppendAsync(
            new AuditEvent
            {
                Id = Guid.NewGuid(),
                Time = time.GetUtcNow(),
                Action = AuditAction.AuditHeadAccepted,
                Actor = "operator",
                Detail = $"Audit:AcceptHead={head.Size}; the newest head that was seen had {mark.Size} entries",
            },
            cancellation);

        // All of the log is read for destructions: which of them the catalog has is not known any more.
        await LogMark.Of(await log.StoredHeadAsync(cancellation), 0, mark.CatalogChange).WriteAsync(vault, cancellation);
    }
}
