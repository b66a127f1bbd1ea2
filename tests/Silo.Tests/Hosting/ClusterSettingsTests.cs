using System.Net;
using Microsoft.Extensions.Configuration;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Tests.Hosting;

/// <summary>Half a cluster does not start: one sentence names what is missing.</summary>
public class ClusterSettingsTests
{
    private const string Secret = "hunter2";

    private static readonly (string Key, string Value)[] PostgreSql =
    [
        ("Catalog:Provider", "PostgreSql"), ("ConnectionStrings:Catalog", $"Host=db;Database=catalog;Password={Secret}"),
        ("ConnectionStrings:Vault", $"Host=db;Database=vault;Password={Secret}"),
    ];

    private static readonly (string Key, string Value)[] AzureBlob =
    [
        ("Objects:Provider", "AzureBlob"),
        ("ConnectionStrings:Objects", "DefaultEndpointsProtocol=https;AccountName=hospital;AccountKey=aHVudGVyMg==;EndpointSuffix=core.windows.net"),
    ];

    private static readonly (string Key, string Value)[] Cluster =
    [
        .. PostgreSql, .. AzureBlob, ("ConnectionStrings:Cluster", $"Host=db;Database=cluster;Password={Secret}"), ("Tokens:Issuer", "https://archive.example/"),
        ("Cluster:Certificate", "/etc/silo.pem"), ("Cluster:CertificateKey", "/etc/silo.key"), ("Cluster:Authority", "/etc/ca.pem"),
    ];

    [Fact]
    public void Without_any_of_them_the_silo_stands_alone_on_files()
    {
        var settings = Settings.Read(Configured());
        Assert.Null(settings.Cluster);
        Assert.True(settings.Storage is { PostgreSql: null, AzureBlob: null, UsesDataFolder: true });
    }

    [Fact]
    public void All_of_them_make_a_cluster_that_needs_no_data_folder()
    {
        var settings = Settings.Read(Configured(Cluster));
        Assert.NotNull(settings.Cluster);
        Assert.Equal("securestore", settings.Cluster.Id);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 11111), settings.Cluster.Endpoint);
        Assert.Equal("/etc/silo.pem", settings.Cluster.Certificate);
        Assert.Equal("securestore", settings.Storage.AzureBlob?.Container);
        Assert.False(settings.Storage.UsesDataFolder);
    }

    [Fact]
    public void PostgreSQL_and_Azure_Blob_are_allowed_each_by_itself()
    {
        Assert.True(Settings.Read(Configured(PostgreSql)).Storage is { PostgreSql: not null, AzureBlob: null, UsesDataFolder: true });
        Assert.True(Settings.Read(Configured(AzureBlob)).Storage is { PostgreSql: null, AzureBlob: not null, UsesDataFolder: true });
    }

    [Theory]
    [InlineData("ConnectionStrings:Cluster")]
    [InlineData("ConnectionStrings:Catalog")]
    [InlineData("ConnectionStrings:Vault")]
    [InlineData("ConnectionStrings:Objects")]
    [InlineData("Catalog:Provider")]
    [InlineData("Objects:Provider")]
    [InlineData("Cluster:Certificate")]
    [InlineData("Cluster:CertificateKey")]
    [InlineData("Cluster:Authority")]
    [InlineData("Tokens:Issuer")]
    public void A_cluster_that_lacks_one_setting_does_not_start(string missing)
    {
        var wrong = Assert.Throws<SettingException>(() => Settings.Read(Configured([.. Cluster.Where(one => one.Key != missing)])));
        Assert.Contains(missing, wrong.Message, StringComparison.Ordinal);
        AssertOneDiscreetSentence(wrong);
    }

    [Theory]
    [InlineData("Cluster:Id", "Two Words")]
    [InlineData("Cluster:Id", "")]
    [InlineData("Cluster:Address", "archive.example")]
    [InlineData("Cluster:Address", "0.0.0.0")]
    [InlineData("Cluster:SiloPort", "0")]
    [InlineData("Cluster:SiloPort", "65536")]
    [InlineData("Cluster:Certificate", "")]
    [InlineData("ConnectionStrings:Objects", "")]
    [InlineData("ConnectionStrings:Cluster", "hunter2")]
    [InlineData("ConnectionStrings:Cluster", "")]
    [InlineData("ConnectionStrings:Cluster", "Host=db;Hunter2=hunter2")]
    [InlineData("ConnectionStrings:Catalog", "Host=db;Password=hunter2")]
    [InlineData("ConnectionStrings:Catalog", "Database=catalog;Port=hunter2")]
    [InlineData("ConnectionStrings:Vault", "Database=vault;Password=hunter2")]
    [InlineData("ConnectionStrings:Vault", "Host=one,two;Database=vault;Password=hunter2")]
    [InlineData("ConnectionStrings:Vault", "Host=db;Database=vault;Password=hunter2;Multiplexing=true")]
    public void A_setting_of_the_cluster_that_is_wrong_is_named_and_not_repeated(string setting, string value)
    {
        var wrong = Assert.Throws<SettingException>(() => Settings.Read(Configured([.. Cluster, (setting, value)])));
        Assert.StartsWith(setting, wrong.Message, StringComparison.Ordinal);
        AssertOneDiscreetSentence(wrong);
    }

    [Theory]
    [InlineData("Cluster:Id", "securestore")]
    [InlineData("Cluster:Certificate", "/etc/silo.pem")]
    [InlineData("Cluster:SiloPort", "11111")]
    [InlineData("ConnectionStrings:Catalog", "Host=db;Database=catalog")]
    [InlineData("ConnectionStrings:Vault", "Host=db;Database=vault")]
    [InlineData("ConnectionStrings:Objects", "UseDevelopmentStorage=true")]
    [InlineData("Objects:Container", "securestore")]
    public void A_setting_that_would_have_no_effect_is_refused(string setting, string value) =>
        Assert.StartsWith(setting, Assert.Throws<SettingException>(() => Settings.Read(Configured((setting, value)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Catalog_and_vault_in_one_database_are_refused()
    {
        var wrong = Assert.Throws<SettingException>(
            () => Settings.Read(Configured([.. Cluster, ("ConnectionStrings:Vault", "Host=DB;Port=5432;Database=catalog;Username=vault")])));
        Assert.StartsWith("ConnectionStrings:Vault", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_do_not_print_connection_strings() =>
        Assert.DoesNotContain(Secret, Settings.Read(Configured(Cluster)).ToString(), StringComparison.Ordinal);

    private static void AssertOneDiscreetSentence(SettingException wrong)
    {
        Assert.EndsWith(".", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
        Assert.DoesNotContain(Secret, wrong.Message, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The last of a name counts.</summary>
    private static IConfiguration Configured(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.GroupBy(one => one.Key).Select(same => KeyValuePair.Create(same.Key, (string?)same.Last().Value))).Build();
}
