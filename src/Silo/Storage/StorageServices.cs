using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Hosting;
using SecureStore.Silo.Storage.AzureBlob;
using SecureStore.Silo.Storage.PostgreSql;

namespace SecureStore.Silo.Storage;

/// <summary>Registers catalog and objects, each in one of its kinds, opened when first asked for.</summary>
public static partial class StorageServices
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
    /// <exception cref="SettingException">One of the two is not what it should be.</exception>
    public static IServiceCollection AddAzureBlobObjects(this IServiceCollection services, string connectionString, string container)
    {
        if (!ContainerName().IsMatch(container))
            throw new SettingException("Objects:Container must be 3 to 63 lower-case letters, digits and single hyphens.");
        if (!IsConnectionString(connectionString))
            throw new SettingException("ConnectionStrings:Objects is no connection string of an Azure storage account.");

        return services.AddSingleton<IObjectStore>(provider => new AzureBlobObjectStore(
            connectionString,
            container,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetRequiredService<ILogger<AzureBlobObjectStore>>()));
    }

    private static bool IsConnectionString(string connectionString)
    {
        try
        {
            return new BlobServiceClient(connectionString).Uri.IsAbsoluteUri;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex ContainerName();
}
