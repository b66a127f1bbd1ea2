using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage;

/// <summary>Registers the storage of the embedded mode.</summary>
public static class StorageServices
{
    /// <param name="services">Gets <see cref="IObjectStore"/> and <see cref="ICatalog"/>, opened when first asked for.</param>
    /// <param name="dataPath">The data folder: segments come under <c>objects/</c>, the catalog is <c>catalog.db</c>.</param>
    public static IServiceCollection AddEmbeddedStorage(this IServiceCollection services, string dataPath)
    {
        services.AddSingleton<IObjectStore>(provider => new FolderObjectStore(
            Path.Combine(dataPath, "objects"),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetRequiredService<ILogger<FolderObjectStore>>()));
        services.AddSingleton<ICatalog>(_ => new SqliteCatalog(Path.Combine(dataPath, "catalog.db")));
        return services;
    }
}
