using SecureStore.Grains.Storage;
using SecureStore.Silo.Storage.AzureBlob;
using SecureStore.Silo.Storage.PostgreSql;

namespace SecureStore.Silo.Storage;

/// <summary>Registers catalog and objects, each in one of its kinds, opened when first asked for.</summary>
public static class StorageServices
{
    /// <summary>The storage of the embedded mode: <see cref="AddFolderObjects"/> and <see cref="AddSqliteCatalog"/>.</summary>
    public static IServiceCollection AddEmbeddedStorage(this IServiceCollection services, string dataPath) =>
        services.AddFolderObjects(dataPath).AddSqliteCatalog(dataPath);

    /// <param name="services">Gets <see cref="ICatalog"/>.</param>
    /// <param name="dataPath">The data folder: the catalog is <c>catalog.db</c>.</param>
    public static IServiceCollection AddSqliteCatalog(this IServiceCollection services, string dataPath) =>
        services.AddSingleton<ICatalog>(_ => new SqliteCatalog(Path.Combine(dataPath, "catalog.db")));

    /// <param name="services">Gets <see cref="ICatalog"/>.</param>
    /// <param name="connectionString">ConnectionStrings:Catalog: the catalog is its schema <c>catalog</c>.</param>
    public static IServiceCollection AddPostgreSqlCatalog(this IServiceCollection services, string connectionString) =>
        services.AddSingleton<ICatalog>(_ => new PostgresCatalog(connectionString));

    /// <param name="services">Gets <see cref="IObjectStore"/>.</param>
    /// <param name="dataPath">The data folder: segments come under <c>objects/</c>.</param>
    public static IServiceCollection AddFolderObjects(this IServiceCollection services, string dataPath) =>
        services.AddSingleton<IObjectStore>(provider => new FolderObjectStore(
            Path.Combine(dataPath, "objects"),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetRequiredService<ILogger<FolderObjectStore>>()));

    /// <param name="services">Gets <see cref="IObjectStore"/>.</param>
    /// <param name="connectionString">Of the storage account (<c>ConnectionStrings:Objects</c>).</param>
    /// <param name="container">Of the segments (<c>Objects:Container</c>); made at the first call where it is missing.</param>
    public static IServiceCollection AddAzureBlobObjects(this IServiceCollection services, string connectionString, string container) =>
        services.AddSingleton<IObjectStore>(provider => new AzureBlobObjectStore(
            connectionString,
            container,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetRequiredService<ILogger<AzureBlobObjectStore>>()));
}
