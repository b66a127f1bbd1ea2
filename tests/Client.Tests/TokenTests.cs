using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace SecureStore.Client.Tests;

public sealed class TokenTests : IDisposable
{
    readonly Run _run = new();

    public void Dispose() => _run.Dispose();

    static Task<FakeArchive> IssuerAsync() =>
        FakeArchive.StartAsync(context => FakeArchive.WriteAsync(context, """{"access_token":"eyJ.a.b","token_type":"Bearer","expires_in":3600}"""));

    [Fact]
    public async Task Issue_prints_the_token_and_nothing_else()
    {
        await using var archive = await IssuerAsync();

        var exit = await _run.CommandAsync(
            archive, "token", "issue", "--actions", "read,search", "--purpose", "TREAT", "--expires", "15m", "--admin", _run.WriteAdmin());

        Assert.Equal((0, "eyJ.a.b\n", ""), (exit, _run.Out, _run.Error));
        var request = Assert.Single(archive.Requests);
        Assert.Equal(("POST", "/oauth2/token"), (request.Method, request.Target));
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes("admin:s3cret%2B%2F%3D")), request.Authorization);
        var form = QueryHelpers.ParseQuery(request.Body);
        Assert.Equal("client_credentials", form["grant_type"]);
        Assert.Equal("900", form["expires_in"]);
        Assert.Equal(
            """[{"type":"securestore_study","actions":["read","search"],"locations":["everything"],"purpose_of_use":"TREAT"}]""",
            form["authorization_details"]);
    }

    [Theory]
    [InlineData("patient:Klinik%20%3A%201:P%2F1", "--patient", "P/1", "--issuer", "Klinik : 1")]
    [InlineData("patient::P1", "--patient", "P1")]
    [InlineData("study:1.2.3", "--study", "1.2.3")]
    public async Task Issue_names_the_location_as_the_api_does(string location, params string[] options)
    {
        await using var archive = await IssuerAsync();

        var exit = await _run.CommandAsync(
            archive, ["token", "issue", "--actions", "read", "--purpose", "TREAT", "--admin", _run.WriteAdmin(), .. options]);

        Assert.Equal(0, exit);
        var details = QueryHelpers.ParseQuery(archive.Requests.Single().Body)["authorization_details"].ToString();
        Assert.Contains($"\"locations\":[\"{location}\"]", details, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--actions", "fly", "--purpose", "TREAT")]
    [InlineData("--actions", ",", "--purpose", "TREAT")]
    [InlineData("--actions", "read")]
    [InlineData("--actions", "read", "--purpose", "TREAT", "--expires", "59s")]
    [InlineData("--actions", "read", "--purpose", "TREAT", "--expires", "25h")]
    [InlineData("--actions", "read", "--purpose", "TREAT", "--expires", "-1h")]
    [InlineData("--actions", "read", "--purpose", "TREAT", "--expires", "2147483647d")]
    [InlineData("--actions", "read", "--purpose", "TREAT", "--issuer", "X")]
    [InlineData("--actions", "read", "--purpose", "TREAT", "--study", "../1")]
    [InlineData("--actions", "read", "--purpose", "TREAT", "--study", "1.2", "--patient", "P")]
    public async Task Issue_given_wrongly_is_wrong_usage(params string[] options)
    {
        await using var archive = await IssuerAsync();

        var exit = await _run.CommandAsync(archive, ["token", "issue", "--admin", _run.WriteAdmin(), .. options]);

        Assert.Equal((2, ""), (exit, _run.Out));
        Assert.Equal(1, _run.Error.Count(c => c == '\n'));
        Assert.Empty(archive.Requests);
    }

    [Fact]
    public async Task Issue_refuses_credentials_that_others_can_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such file modes.");
        await using var archive = await IssuerAsync();
        var admin = _run.WriteAdmin(UnixFileMode.UserRead | UnixFileMode.GroupRead);

        var exit = await _run.CommandAsync(archive, "token", "issue", "--actions", "read", "--purpose", "TREAT", "--admin", admin);

        Assert.Equal((1, ""), (exit, _run.Out));
        Assert.Equal($"securestore: others can open {admin}; make it yours alone with: chmod 600 {admin}\n", _run.Error);
        Assert.Empty(archive.Requests);
    }

    [Fact]
    public async Task Issue_shows_what_the_issuer_says_and_never_the_secret()
    {
        await using var archive = await FakeArchive.StartAsync(context =>
            FakeArchive.WriteAsync(context, """{"error":"invalid_client","error_description":"Unknown client."}""", status: 401));

        var exit = await _run.CommandAsync(archive, "token", "issue", "--actions", "read", "--purpose", "TREAT", "--admin", _run.WriteAdmin());

        Assert.Equal((1, ""), (exit, _run.Out));
        Assert.Equal("securestore: the archive does not accept this token or these credentials: Unknown client.\n", _run.Error);
    }

    [Fact]
    public async Task Issue_refuses_an_admin_file_of_another_form_without_its_words()
    {
        var admin = _run.WriteAdmin();
        File.WriteAllText(admin, "{\"client_id\": \"x\", secret!");

        var exit = await _run.CommandAsync("token", "issue", "--actions", "read", "--purpose", "TREAT", "--admin", admin);

        Assert.Equal(1, exit);
        Assert.Equal($"securestore: {admin} does not hold a client_id and a client_secret\n", _run.Error);
    }

    [Fact]
    public async Task Revoke_sends_the_identifier_with_the_admin_credentials()
    {
        await using var archive = await FakeArchive.StartAsync(_ => Task.CompletedTask);

        var exit = await _run.CommandAsync(archive, "token", "revoke", "jti-1", "--admin", _run.WriteAdmin());

        Assert.Equal((0, "", "The token is revoked.\n"), (exit, _run.Out, _run.Error));
        var request = Assert.Single(archive.Requests);
        Assert.Equal(("POST", "/oauth2/revoke", "token=jti-1"), (request.Method, request.Target, request.Body));
        Assert.StartsWith("Basic ", request.Authorization, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoke_without_admin_uses_the_token()
    {
        await using var archive = await FakeArchive.StartAsync(_ => Task.CompletedTask);

        Assert.Equal(0, await _run.CommandAsync(archive, "token", "revoke", "jti-1"));

        Assert.Equal("Bearer the.secret.token", Assert.Single(archive.Requests).Authorization);
    }
}
