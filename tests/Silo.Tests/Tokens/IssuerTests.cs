using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Hosting;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Tests.Tokens;

public sealed class IssuerTests : IAsyncLifetime
{
    private IssuerFixture issuer = null!;

    public async ValueTask InitializeAsync() => issuer = await IssuerFixture.StartAsync();

    public ValueTask DisposeAsync() => issuer.DisposeAsync();

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string error)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.StatusCode} {body}");
        Assert.Equal(error, JsonDocument.Parse(body).RootElement.GetProperty("error").GetString());
    }

    private static JsonElement Part(string token, int part) => JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[part])).RootElement;

    [Fact]
    public async Task A_token_has_the_documented_form()
    {
        using var response = await issuer.AskAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.NoStore);
        var answer = await JsonAsync(response);
        Assert.Equal("Bearer", answer.GetProperty("token_type").GetString());
        Assert.Equal(3600, answer.GetProperty("expires_in").GetInt32());
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(IssuerFixture.Grants.Replace("%2D", "-")).RootElement, answer.GetProperty("authorization_details")));

        var token = answer.GetProperty("access_token").GetString()!;
        var header = Part(token, 0);
        Assert.Equal("at+jwt", header.GetProperty("typ").GetString());
        Assert.Equal("ES256", header.GetProperty("alg").GetString());
        var payload = Part(token, 1);
        Assert.Equal("http://localhost:8080/", payload.GetProperty("iss").GetString());
        Assert.Equal("securestore", payload.GetProperty("aud").GetString());
        Assert.Equal("admin", payload.GetProperty("sub").GetString());
        Assert.Equal("admin", payload.GetProperty("client_id").GetString());
        Assert.Equal(22, payload.GetProperty("jti").GetString()!.Length);
        Assert.Equal(issuer.Clock.GetUtcNow().ToUnixTimeSeconds(), payload.GetProperty("iat").GetInt64());
        Assert.Equal(issuer.Clock.GetUtcNow().ToUnixTimeSeconds() + 3600, payload.GetProperty("exp").GetInt64());
        Assert.Equal(JsonValueKind.Array, payload.GetProperty("authorization_details").ValueKind);
        Assert.Equal(
            ["aud", "authorization_details", "client_id", "exp", "iat", "iss", "jti", "sub"],
            payload.EnumerateObject().Select(claim => claim.Name).Order());
    }

    [Fact]
    public async Task A_token_opens_what_is_guarded_until_it_expires()
    {
        var token = await issuer.TokenAsync(("expires_in", "60"));
        using (var response = await issuer.CallAsync(token))
            Assert.Equal(Part(token, 1).GetProperty("jti").GetString(), await response.Content.ReadAsStringAsync());
        issuer.Clock.Advance(TimeSpan.FromSeconds(60));
        using var late = await issuer.CallAsync(token);
        Assert.Equal(HttpStatusCode.Unauthorized, late.StatusCode);
        Assert.Contains("error=\"invalid_token\"", late.Headers.WwwAuthenticate.ToString());
        Assert.Equal("application/problem+json", late.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Without_a_token_there_is_a_challenge_and_no_error()
    {
        using var response = await issuer.CallAsync(null);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer realm=\"securestore\"", response.Headers.WwwAuthenticate.ToString());
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("")]
    public async Task A_broken_token_is_refused(string token)
    {
        using var response = await issuer.CallAsync(token);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_changed_token_is_refused()
    {
        var parts = (await issuer.TokenAsync()).Split('.');
        var more = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("\"read\"", "\"destroy\"");
        Assert.Contains("destroy", more);
        using var response = await issuer.CallAsync($"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(more))}.{parts[2]}");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("invalid_token", response.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData("client_secret", "wrong")]
    [InlineData("client_id", "nobody")]
    public async Task A_client_that_is_none_gets_401(string name, string value)
    {
        using var response = await issuer.AskAsync((name, value));
        await AssertErrorAsync(response, HttpStatusCode.Unauthorized, "invalid_client");
    }

    [Fact]
    public async Task The_secret_may_come_by_basic_authentication()
    {
        issuer.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"admin:{issuer.Secret}")));
        using var response = await issuer.AskAsync(("client_id", null), ("client_secret", null));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""[{"type":"payment_initiation"}]""")]
    [InlineData("""[{"type":"securestore_study","actions":["fly"],"locations":["everything"],"purpose_of_use":"TREAT"}]""")]
    [InlineData("""[{"type":"securestore_study","actions":["read"],"locations":["nowhere"],"purpose_of_use":"TREAT"}]""")]
    [InlineData("""[{"type":"securestore_study","actions":["read"],"locations":["everything"],"purpose_of_use":"TREAT"},{"type":"other"}]""")]
    public async Task Details_that_are_not_understood_are_refused(string? details)
    {
        using var response = await issuer.AskAsync(("authorization_details", details));
        await AssertErrorAsync(response, HttpStatusCode.BadRequest, "invalid_authorization_details");
    }

    [Theory]
    [InlineData("59")]
    [InlineData("86401")]
    [InlineData("-60")]
    [InlineData("1h")]
    [InlineData("99999999999999999999")]
    public async Task Lifetimes_have_bounds(string seconds)
    {
        using var response = await issuer.AskAsync(("expires_in", seconds));
        await AssertErrorAsync(response, HttpStatusCode.BadRequest, "invalid_request");
    }

    [Theory]
    [InlineData("password")]
    [InlineData("authorization_code")]
    [InlineData("refresh_token")]
    public async Task There_is_no_other_grant(string grantType)
    {
        using var response = await issuer.AskAsync(("grant_type", grantType));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task The_longest_details_make_a_token_that_is_believed()
    {
        var locations = string.Join(',', Enumerable.Repeat($"\"study:{new string('1', 55)}\"", 120));
        var token = await issuer.TokenAsync(("authorization_details", $$"""[{"type":"securestore_study","actions":["read"],"locations":[{{locations}}],"purpose_of_use":"TREAT"}]"""));
        using var response = await issuer.CallAsync(token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Each_token_is_in_the_audit_log_before_it_leaves()
    {
        var token = await issuer.TokenAsync();
        var issued = Assert.Single(await issuer.EventsAsync(), one => one.Action == AuditAction.TokenIssued);
        Assert.Equal(Part(token, 1).GetProperty("jti").GetString(), issued.TokenId);
        Assert.Equal("admin", issued.Actor);
        Assert.Equal("TREAT", issued.PurposeOfUse);

        issuer.AuditStore.BeforeAppend = () => throw new StorageUnavailableException("full");
        using var response = await issuer.AskAsync();
        Assert.False(response.IsSuccessStatusCode);
        Assert.DoesNotContain("access_token", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Refused_attempts_are_recorded_one_a_second()
    {
        for (var i = 0; i < 20; i++)
            (await issuer.AskAsync(("client_secret", "wrong"))).Dispose();
        Assert.Single(await issuer.EventsAsync(), one => one.Action == AuditAction.AccessRefused);
        issuer.Clock.Advance(TimeSpan.FromSeconds(1));
        (await issuer.CallAsync("a.b.c")).Dispose();
        var refused = (await issuer.EventsAsync()).FindAll(one => one.Action == AuditAction.AccessRefused);
        Assert.Equal(2, refused.Count);
        Assert.Contains("19 refused before it", refused[1].Detail);
    }

    [Fact]
    public async Task A_revoked_token_is_refused_and_stays_so_after_a_restart()
    {
        var token = await issuer.TokenAsync();
        var other = await issuer.TokenAsync();
        using (var response = await issuer.RevokeAsync(token))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await AssertRevokedAsync();
        await issuer.RestartAsync();
        await AssertRevokedAsync();
        Assert.Single(await issuer.EventsAsync(), one => one.Action == AuditAction.TokenRevoked);

        async Task AssertRevokedAsync()
        {
            using var refused = await issuer.CallAsync(token);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Contains("revoked", refused.Headers.WwwAuthenticate.ToString());
            using var accepted = await issuer.CallAsync(other);
            Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        }
    }

    [Fact]
    public async Task A_token_is_revoked_by_its_identifier_alone()
    {
        var token = await issuer.TokenAsync();
        using (var response = await issuer.RevokeAsync(Part(token, 1).GetProperty("jti").GetString()!))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var refused = await issuer.CallAsync(token);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Only_clients_revoke()
    {
        var token = await issuer.TokenAsync();
        using (var response = await issuer.RevokeAsync(token, ("client_secret", "wrong")))
            await AssertErrorAsync(response, HttpStatusCode.Unauthorized, "invalid_client");
        using var accepted = await issuer.CallAsync(token);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [Fact]
    public async Task Revoking_what_is_no_token_is_no_error()
    {
        using var response = await issuer.RevokeAsync("a.b.c");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var nothing = await issuer.RevokeAsync("");
        await AssertErrorAsync(nothing, HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task Tokens_outlive_a_restart()
    {
        var token = await issuer.TokenAsync();
        await issuer.RestartAsync();
        using var response = await issuer.CallAsync(token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await issuer.TokenAsync();
    }

    [Fact]
    public async Task Metadata_and_keys_are_open_to_all_and_enough_to_check_a_token()
    {
        var metadata = JsonDocument.Parse(await issuer.Http.GetStringAsync("/.well-known/openid-configuration")).RootElement;
        Assert.Equal("http://localhost:8080/", metadata.GetProperty("issuer").GetString());
        Assert.EndsWith("/oauth2/token", metadata.GetProperty("token_endpoint").GetString());
        Assert.EndsWith("/oauth2/revoke", metadata.GetProperty("revocation_endpoint").GetString());
        var keys = await issuer.Http.GetStringAsync(new Uri(metadata.GetProperty("jwks_uri").GetString()!).AbsolutePath);
        Assert.DoesNotContain("\"d\"", keys);
        var elsewhere = new PolicyTokenReader([TrustedIssuer.FromKeySet("http://localhost:8080/", keys)], "securestore");
        Assert.True(elsewhere.Read(await issuer.TokenAsync(), issuer.Clock.GetUtcNow()).IsValid);
    }

    [Fact]
    public async Task Nothing_of_a_request_is_logged()
    {
        var token = await issuer.TokenAsync();
        (await issuer.CallAsync(token)).Dispose();
        (await issuer.AskAsync(("authorization_details", "[PLANTED"))).Dispose();
        (await issuer.RevokeAsync(token)).Dispose();
        Assert.DoesNotContain("PLANTED", issuer.Log);
        Assert.DoesNotContain(issuer.Secret, issuer.Log);
        Assert.DoesNotContain(token.Split('.')[2], issuer.Log);
    }

    [Fact]
    public async Task Only_the_owner_reads_the_admins_credentials_and_the_database_does_not_hold_them()
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(issuer.AdminFile));
        foreach (var file in Directory.EnumerateFiles(issuer.DataPath, "tokens.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(issuer.Secret)));
        }
    }

    [Fact]
    public async Task A_request_that_is_far_too_long_is_refused()
    {
        using var response = await issuer.AskAsync(("authorization_details", new string('[', 100_000)));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_first_start_that_was_cut_off_goes_on_with_the_credentials_it_made()
    {
        var folder = Directory.CreateTempSubdirectory("admin");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "admin.json"), """{"client_id":"admin","client_secret":"from-the-first-try"}""");
            await AdminClient.CreateAsync(folder.FullName, issuer.Services.GetRequiredService<TokenStore>());
            await issuer.TokenAsync(("client_secret", "from-the-first-try"));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "admin.json"), "{}");
            await Assert.ThrowsAsync<SettingException>(() => AdminClient.CreateAsync(folder.FullName, issuer.Services.GetRequiredService<TokenStore>()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
