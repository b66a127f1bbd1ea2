using Npgsql;

namespace SecureStore.Silo.Hosting;

/// <summary>Where rows and objects are kept. What a connection string says is never repeated: it holds passwords.</summary>
internal sealed record StorageSettings
{
    /// <summary>The PostgreSQL databases; null where rows are in SQLite files under Data:Path.</summary>
    public PostgreSqlSettings? PostgreSql { get; init; }

    /// <summary>The blob store; null where objects are in the folder Data:Path.</summary>
    public AzureBlobSettings? AzureBlob { get; init; }

    /// <summary>Whether anything is kept under Data:Path.</summary>
    public bool UsesDataFolder => PostgreSql is null || AzureBlob is null;

    /// <exception cref="SettingException">A setting is wrong, or only half of what belongs together is given.</exception>
    public static StorageSettings Read(IConfiguration configuration) => new()
    {
        PostgreSql = configuration.OneOf("Catalog:Provider", "Sqlite", "PostgreSql") == "PostgreSql" ? ReadPostgreSql(configuration) : WithoutPostgreSql(configuration),
        AzureBlob = configuration.OneOf("Objects:Provider", "Folder", "AzureBlob") == "AzureBlob" ? ReadAzureBlob(configuration) : WithoutAzureBlob(configuration),
    };

    /// <summary>A PostgreSQL connection string that names a server and a database.</summary>
    /// <exception cref="SettingException">It does not.</exception>
    public static NpgsqlConnectionStringBuilder Database(IConfiguration configuration, string setting, string reason)
    {
        if (string.IsNullOrWhiteSpace(configuration[setting]))
        {
            throw new SettingException($"{setting} must name a PostgreSQL database, because {reason}.");
        }

        try
        {
            var connection = new NpgsqlConnectionStringBuilder(configuration[setting]);
            return connection is not { Host.Length: > 0, Database.Length: > 0 } ? throw new FormatException()
                : connection.Host.Contains(',') || connection.Multiplexing
                    ? throw new SettingException($"{setting} must name one server, the one that takes writes, and no Multiplexing: a standby's rows are older, and a transaction is one session's.")
                : connection;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new SettingException($"{setting} must be a PostgreSQL connection string with Host and Database.");
        }
    }

    private static PostgreSqlSettings ReadPostgreSql(IConfiguration configuration)
    {
        const string reason = "Catalog:Provider is PostgreSql";
        var catalog = Database(configuration, "ConnectionStrings:Catalog", reason);
        var vault = Database(configuration, "ConnectionStrings:Vault", reason);
        return IsSame(catalog, vault)
            ? throw new SettingException("ConnectionStrings:Vault and ConnectionStrings:Catalog must name different databases: the vault has a backup rule of its own.")
            : new PostgreSqlSettings(catalog.ConnectionString, vault.ConnectionString);
    }

    private static PostgreSqlSettings? WithoutPostgreSql(IConfiguration configuration)
    {
        configuration.RefuseWithout("Catalog:Provider=PostgreSql", "ConnectionStrings:Catalog", "ConnectionStrings:Vault");
        return null;
    }

    private static AzureBlobSettings ReadAzureBlob(IConfiguration configuration)
    {
        if (string.IsNullOrWhiteSpace(configuration["ConnectionStrings:Objects"]))
        {
            throw new SettingException("ConnectionStrings:Objects must name an Azure storage account, because Objects:Provider is AzureBlob.");
        }

        return new AzureBlobSettings(configuration["ConnectionStrings:Objects"]!, configuration["Objects:Container"] ?? "securestore");
    }

    private static AzureBlobSettings? WithoutAzureBlob(IConfiguration configuration)
    {
        configuration.RefuseWithout("Objects:Provider=AzureBlob", "ConnectionStrings:Objects", "Objects:Container");
        return null;
    }

    private static bool IsSame(NpgsqlConnectionStringBuilder one, NpgsqlConnectionStringBuilder other) =>
        string.Equals(one.Host, other.Host, StringComparison.OrdinalIgnoreCase) && one.Port == other.Port && one.Database == other.Database;
}

/// <summary>The connection strings of the catalog's database (with audit log and tokens) and of the vault's.</summary>
internal sealed record PostgreSqlSettings(string Catalog, string Vault)
{
    /// <summary>Says nothing: connection strings hold passwords.</summary>
    public override string ToString() => nameof(PostgreSqlSettings);
}

/// <summary>The storage account's connection string, and the container in it.</summary>
internal sealed record AzureBlobSettings(string Connection, string Container)
{
    /// <inheritdoc cref="PostgreSqlSettings.ToString"/>
    public override string ToString() => nameof(AzureBlobSettings);
}
