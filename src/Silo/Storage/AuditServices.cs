using SecureStore.Grains.Audit;
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
    /// <exception cref="AuditLogDamagedException">The log is missing or damaged; or it is there although the archive is new.</exception>
    /// <exception cref="Grains.Storage.StorageUnavailableException">It cannot be read or written for now.</exception>
    public static async Task OpenAuditAsync(this IServiceProvider services, bool isNew, CancellationToken cancellation = default)
    {
        var log = services.GetRequiredService<AuditLog>();
        var key = services.GetRequiredService<Vault>().ServiceKey(ServiceKeyName.Audit);
        if (isNew)
            await log.InitialiseAsync(key, cancellation);
        else
            await log.OpenAsync(key, cancellation);
    }
}
