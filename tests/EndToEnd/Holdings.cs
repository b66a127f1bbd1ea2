using System.Data.Common;
using Azure.Storage.Blobs;
using Microsoft.Data.Sqlite;
using Npgsql;
using SecureStore.Silo.Storage.AzureBlob;

namespace SecureStore.EndToEnd;

/// <summary>What an archive keeps, in the hands of whoever owns the disks or the accounts.</summary>
internal abstract class Holdings
{
    /// <summary>Names of all segments; each has its study's handle in it.</summary>
    public abstract Task<IReadOnlyList<string>> SegmentsAsync();

    public abstract Task<byte[]> ReadAsync(string segment);

    /// <summary>Puts other bytes in a segment's place.</summary>
    public abstract Task WriteAsync(string segment, byte[] bytes);

    /// <param name="database">Catalog or Vault.</param>
    /// <param name="sql">Of the kind that SQLite and PostgreSQL both understand, in names as PostgreSQL has them.</param>
    /// <param name="values">By their names in the SQL, which are @name there.</param>
    /// <returns>Rows that it has changed.</returns>
    public async Task<int> ExecuteAsync(string database, string sql, params IEnumerable<(string Name, object Value)> values)
    {
        await using var connection = await OpenAsync(database);
        await using var command = Command(connection, database, sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    /// <returns>The first column of the first row.</returns>
    public async Task<long> CountAsync(string database, string sql, params IEnumerable<(string Name, object Value)> values)
    {
        await using var connection = await OpenAsync(database);
        await using var command = Command(connection, database, sql, values);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>How a study is called in the catalog.</summary>
    public static byte[] CatalogKey(string handle) => Convert.FromHexString(handle);

    /// <summary>How a study is called in the vault.</summary>
    public static byte[] VaultKey(string handle) => Guid.ParseExact(handle, "N").ToByteArray();

    /// <summary>How many rows the vault has of the key of a study.</summary>
    public Task<long> KeyRowsAsync(string handle) => CountAsync("Vault", "SELECT count(*) FROM keys WHERE id = @id", ("id", VaultKey(handle)));

    protected abstract Task<DbConnection> OpenAsync(string database);

    protected virtual string Sql(string database, string sql) => sql;

    private DbCommand Command(DbConnection connection, string database, string sql, IEnumerable<(string Name, object Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = Sql(database, sql);
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("@" + name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}

/// <summary>Files in a folder.</summary>
internal sealed class FolderHoldings(string data) : Holdings
{
    public override Task<IReadOnlyList<string>> SegmentsAsync() =>
        Task.FromResult<IReadOnlyList<string>>(Directory.GetFiles(Path.Combine(data, "objects"), "*.seg", SearchOption.AllDirectories));

    public override Task<byte[]> ReadAsync(string segment) => File.ReadAllBytesAsync(segment);

    /// <summary>In place, as a failing disk would.</summary>
    public override async Task WriteAsync(string segment, byte[] bytes)
    {
        await using var file = new FileStream(segment, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        await file.WriteAsync(bytes);
        file.SetLength(bytes.Length);
    }

    protected override async Task<DbConnection> OpenAsync(string database)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(data, database == "Vault" ? "vault.db" : "catalog.db")};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    // The columns of vault.db are called WrappedKey and so on.
    protected override string Sql(string database, string sql) => database == "Vault" ? sql.Replace("_", "", StringComparison.Ordinal) : sql;
}

/// <summary>Blobs of a container and schemas of databases.</summary>
internal sealed class ServerHoldings(string objects, IReadOnlyDictionary<string, string> databases) : Holdings
{
    private readonly BlobContainerClient container = new(objects, "securestore", BlobCalls.Options(new AzureBlobLimits()));

    public override async Task<IReadOnlyList<string>> SegmentsAsync() => await container.GetBlobsAsync().Select(blob => blob.Name).ToListAsync();

    public override async Task<byte[]> ReadAsync(string segment) => (await container.GetBlobClient(segment).DownloadContentAsync()).Value.Content.ToArray();

    public override Task WriteAsync(string segment, byte[] bytes) =>
        container.GetBlobClient(segment).UploadAsync(BinaryData.FromBytes(bytes), overwrite: true);

    protected override async Task<DbConnection> OpenAsync(string database)
    {
        var schema = new NpgsqlConnectionStringBuilder(databases[database]) { SearchPath = database.ToLowerInvariant(), Pooling = false };
        var connection = new NpgsqlConnection(schema.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
