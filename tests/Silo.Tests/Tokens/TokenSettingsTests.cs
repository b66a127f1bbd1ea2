using Microsoft.Extensions.Configuration;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Hosting;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Tests.Tokens;

public sealed class TokenSettingsTests
{
    private static TokenSettings Read(params (string Key, string? Value)[] settings) => TokenSettings.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)))
        .Build());

    [Theory]
    [InlineData(null, null, "http://localhost:8080/")]
    [InlineData(null, "https://archive.example:8443;http://localhost:8080", "https://archive.example:8443/")]
    [InlineData(null, "http://0.0.0.0:8080", "http://localhost:8080/")]
    [InlineData(null, "http://*:80", "http://localhost/")]
    [InlineData("https://archive.example/issuer", "http://localhost:1", "https://archive.example/issuer")]
    public void The_issuer_is_set_or_the_first_address(string? issuer, string? urls, string expected) =>
        Assert.Equal(expected, Read(("Tokens:Issuer", issuer), ("urls", urls)).Issuer.AbsoluteUri);

    [Theory]
    [InlineData("Tokens:Issuer", "archive")]
    [InlineData("Tokens:Issuer", "ftp://archive.example/")]
    [InlineData("Tokens:Issuer", "https://archive.example/?x=1")]
    [InlineData("Tokens:Audience", "")]
    [InlineData("Tokens:Audience", "a b")]
    public void A_wrong_setting_is_named(string key, string value) =>
        Assert.StartsWith(key, Assert.Throws<SettingException>(() => Read((key, value))).Message);

    [Fact]
    public void The_signing_key_is_the_vaults_own_and_the_same_each_time()
    {
        using var vaults = SecretKey.Generate();
        using var others = SecretKey.Generate();
        using var first = new TokenSigningKey(vaults);
        using var again = new TokenSigningKey(vaults);
        using var other = new TokenSigningKey(others);
        Assert.Equal(first.PublicKey.X, again.PublicKey.X);
        Assert.Equal(first.PublicKey.Kid, again.PublicKey.Kid);
        Assert.NotEqual(first.PublicKey.Kid, other.PublicKey.Kid);
        Assert.False(first.PublicKey.HasPrivateKey);
    }
}
