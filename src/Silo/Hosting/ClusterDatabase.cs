using Npgsql;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Storage.PostgreSql;

namespace SecureStore.Silo.Hosting;

/// <summary>The database in which the silos find one another.</summary>
internal static class ClusterDatabase
{
    /// <summary>Npgsql's name among Orleans' AdoNet providers.</summary>
    public const string Invariant = "Npgsql";

    private const int Connections = 8;

    private static PostgresSchema Schema => new(ClusterSchema.Name, "The cluster's membership", ClusterSchema.Steps);

    /// <summary>Brings the schema up to date where no other silo has done so: any number of silos may do it at once.</summary>
    /// <returns>The connections, to be disposed by the caller.</returns>
    /// <exception cref="SettingException">The database does not answer, or lets this silo do too little.</exception>
    public static NpgsqlDataSource Open(string connectionString)
    {
        using var database = new PostgresDatabase(connectionString, Schema, Connections);
        try
        {
            database.Migrate();
        }
        catch (Exception fault) when (fault is InvalidDataException or StorageUnavailableException)
        {
            throw new SettingException($"ConnectionStrings:Cluster names a database that cannot be used: {fault.Message}");
        }

        // Orleans gives times without a zone and means UTC.
        return new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Timezone = "UTC" }.ConnectionString).Build();
    }
}
