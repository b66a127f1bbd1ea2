using SecureStore.Grains.Storage;
using SecureStore.Silo.Storage.PostgreSql;

namespace SecureStore.Silo.Storage;

/// <summary>Registers storage: object store and catalog, each in one of its kinds.</summary>
public static class StorageServices
{
    /// <param name="services">Gets <see cref="IObjectStore"/> and <see cref="ICatalog"/>, opened when first asked for.</param>
    /// <param name="dataPath">The data folder: segments come under <c>objects/</c>, the catalog is <c>catalog.db</c>.</param>
    public static IServiceCollection AddEmbeddedStorage(this IServiceCollection services, string dataPath) =>
        services.AddFolderObjects(dataPath).AddSqliteCatalog(dataPath);

    /// <param name="services">Gets <see cref="IObjectStore"/>, opened when first asked for.</param>
    /// <param name="dataPath">The data folder: segments come under <c>objects/</c>.</param>
    public static IServiceCollection AddFolderObjects(this IServiceCollection services, string dataPath) =>
        services.AddSingleton<IObjectStore>(provider => new FolderObjectStore(
            Path.Combine(dataPath, "objects"),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetRequiredService<ILogger<FolderObjectStore>>()));

    /// <param name="services">Gets <see cref="ICatalog"/>, opened when first asked for.</param>
    /// <param name="dataPath">The data folder: the catalog is <c>catalog.db</c>.</param>
    public static IServiceCollection AddSqliteCatalog(this IServiceCollection services, string dataPath) =>
        services.AddSingleton<ICatalog>(_ => new SqliteCatalog(Path.Combine(dataPath, "catalog.db")));

    /// <param name="services">Gets <see cref="ICatalog"/>, opened when first asked for.</param>
    /// <param name="connectionString">ConnectionStrings:Catalog: the catalog is its schema <c>catalog</c>.</param>
    public static IServiceCollection AddPostgreSqlCatalog(this IServiceCollection services, string connectionString) =>
        services.AddSingleton<ICatalog>(_ => new PostgresCatalog(connectionString));
}
