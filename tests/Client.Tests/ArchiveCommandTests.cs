using Microsoft.AspNetCore.Http;

namespace SecureStore.Client.Tests;

/// <summary>retention, destroy, certificate and audit.</summary>
public sealed class ArchiveCommandTests : IDisposable
{
    const string Plan = """[{"study":"1.2","patient_id":"P1","issuer":null,"due":"2026-01-31","rule":"default","hold":null,"state":"Active"}]""";
    const string Certificate = """{ "study": "1.2", "destroyed": true }""";

    readonly Run _run = new();

    public void Dispose() => _run.Dispose();

    static Task<FakeArchive> AnsweringAsync(string body, int status = 200) =>
        FakeArchive.StartAsync(context =>
        {
            if (status == 204)
            {
                context.Response.StatusCode = status;
                return Task.CompletedTask;
            }

            return FakeArchive.WriteAsync(context, body, status: status);
        });

    static (string, string, string) Seen(FakeArchive archive)
    {
        var request = Assert.Single(archive.Requests);
        Assert.Equal("Bearer the.secret.token", request.Authorization);
        return (request.Method, request.Target, request.Body);
    }

    [Fact]
    public async Task Plan_lists_what_is_due()
    {
        await using var archive = await AnsweringAsync(Plan);

        var exit = await _run.CommandAsync(archive, "retention", "plan", "--until", "2026-12-31");

        Assert.Equal((0, "2026-01-31\t1.2\tP1\t\tdefault\t\tActive\n", ""), (exit, _run.Out, _run.Error));
        Assert.Equal(("GET", "/api/retention/plan?until=2026-12-31", ""), Seen(archive));
    }

    [Fact]
    public async Task Plan_as_json_is_what_the_archive_wrote()
    {
        await using var archive = await AnsweringAsync(Plan);

        Assert.Equal((0, Plan + "\n"), (await _run.CommandAsync(archive, "retention", "plan", "--json"), _run.Out));
        Assert.Equal(("GET", "/api/retention/plan", ""), Seen(archive));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 1)]
    public async Task Run_counts_and_fails_where_something_failed(int failed, int exit)
    {
        await using var archive = await AnsweringAsync($$"""{"destroyed":3,"skipped":1,"failed":{{failed}}}""");

        Assert.Equal(exit, await _run.CommandAsync(archive, "retention", "run"));
        Assert.Equal($"destroyed 3, skipped 1, failed {failed}\n", _run.Out);
        Assert.Equal(("POST", "/api/retention/run", ""), Seen(archive));
    }

    [Fact]
    public async Task Hold_gives_its_reason()
    {
        await using var archive = await AnsweringAsync("", 204);

        var exit = await _run.CommandAsync(archive, "retention", "hold", "1.2", "--reason", "Lawsuit");

        Assert.Equal((0, "", "The study is on hold.\n"), (exit, _run.Out, _run.Error));
        Assert.Equal(("PUT", "/api/studies/1.2/hold", """{"reason":"Lawsuit"}"""), Seen(archive));
    }

    [Fact]
    public async Task Release_takes_the_hold_away()
    {
        await using var archive = await AnsweringAsync("", 204);

        Assert.Equal(0, await _run.CommandAsync(archive, "retention", "release", "1.2"));
        Assert.Equal(("DELETE", "/api/studies/1.2/hold", ""), Seen(archive));
    }

    [Fact]
    public async Task Show_writes_one_study()
    {
        await using var archive = await AnsweringAsync(Plan[1..^1]);

        Assert.Equal((0, "2026-01-31\t1.2\tP1\t\tdefault\t\tActive\n"), (await _run.CommandAsync(archive, "retention", "show", "1.2"), _run.Out));
        Assert.Equal(("GET", "/api/studies/1.2/retention", ""), Seen(archive));
    }

    [Fact]
    public async Task Destroy_with_yes_prints_the_certificate_as_it_came()
    {
        await using var archive = await AnsweringAsync(Certificate);

        var exit = await _run.CommandAsync(archive, "destroy", "1.2", "--reason", "Consent withdrawn", "--yes");

        Assert.Equal((0, Certificate + "\n", ""), (exit, _run.Out, _run.Error));
        Assert.Equal(("POST", "/api/studies/1.2/destroy", """{"reason":"Consent withdrawn"}"""), Seen(archive));
    }

    [Theory]
    [InlineData("yes\n", 0)]
    [InlineData("y\n", 1)]
    [InlineData("\n", 1)]
    [InlineData("", 1)]
    public async Task Destroy_asks_on_a_terminal(string answer, int exit)
    {
        await using var archive = await AnsweringAsync(Certificate);
        _run.Input = answer;

        Assert.Equal(exit, await _run.CommandAsync(archive, "destroy", "1.2", "--reason", "x"));
        Assert.StartsWith("Study 1.2 will be destroyed for ever. Type yes to go on: ", _run.Error, StringComparison.Ordinal);
        Assert.Equal(exit == 0 ? 1 : 0, archive.Requests.Count);
    }

    [Fact]
    public async Task Destroy_without_a_terminal_needs_yes()
    {
        await using var archive = await AnsweringAsync(Certificate);

        Assert.Equal((2, ""), (await _run.CommandAsync(archive, "destroy", "1.2", "--reason", "x"), _run.Out));
        Assert.Equal("securestore: destroying needs --yes where there is no terminal to ask on\n", _run.Error);
        Assert.Empty(archive.Requests);
    }

    [Fact]
    public async Task Destroy_is_not_sent_again_when_the_connection_breaks()
    {
        await using var archive = await FakeArchive.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        Assert.Equal(1, await _run.CommandAsync(archive, "destroy", "1.2", "--reason", "x", "--yes"));
        Assert.Equal($"securestore: the connection to {archive.Url} broke off\n", _run.Error);
        Assert.Single(archive.Requests);
    }

    [Fact]
    public async Task A_legal_hold_is_said()
    {
        await using var archive = await FakeArchive.StartAsync(context => FakeArchive.WriteAsync(
            context, """{"title":"Legal hold","detail":"The study is on hold."}""", "application/problem+json", StatusCodes.Status409Conflict));

        Assert.Equal((1, ""), (await _run.CommandAsync(archive, "destroy", "1.2", "--reason", "x", "--yes"), _run.Out));
        Assert.Equal("securestore: the archive answered 409: Legal hold: The study is on hold.\n", _run.Error);
    }

    [Fact]
    public async Task Certificate_prints_json_as_it_came()
    {
        await using var archive = await AnsweringAsync(Certificate);

        Assert.Equal((0, Certificate + "\n"), (await _run.CommandAsync(archive, "certificate", "1.2"), _run.Out));
        Assert.Equal(("GET", "/api/studies/1.2/certificate", ""), Seen(archive));
    }

    [Theory]
    [InlineData("retention", "show", "1.2/../../x")]
    [InlineData("retention", "release", "x")]
    [InlineData("certificate", "..")]
    [InlineData("destroy", "1.2?", "--reason", "x", "--yes")]
    public async Task What_is_no_uid_is_wrong_usage(params string[] arguments)
    {
        await using var archive = await AnsweringAsync("{}");

        Assert.Equal(2, await _run.CommandAsync(archive, arguments));
        Assert.Empty(archive.Requests);
    }

    [Fact]
    public async Task Audit_shows_entries()
    {
        const string Lines = """
            {"index":5,"time":"2026-01-31T10:00:00Z","action":"StudyOpened","actor":"dr","purposeOfUse":"TREAT","studyInstanceUid":"1.2"}
            {"index":6,"time":"2026-01-31T10:00:01Z","action":"StudyDestroyed","actor":"retention","reason":"x\u001b[2J"}

            """;
        await using var archive = await FakeArchive.StartAsync(context => FakeArchive.WriteAsync(context, Lines.ReplaceLineEndings("\n"), "application/x-ndjson"));

        Assert.Equal(0, await _run.CommandAsync(archive, "audit", "show", "--from", "5", "--limit", "2"));

        Assert.Equal(
            "5\t2026-01-31T10:00:00Z\tStudyOpened\tdr\tTREAT\t1.2\t\t\n6\t2026-01-31T10:00:01Z\tStudyDestroyed\tretention\t\t\tx\uFFFD[2J\t\n",
            _run.Out);
        Assert.Equal(("GET", "/api/audit/entries?from=5&limit=2", ""), Seen(archive));

        await _run.CommandAsync(archive, "audit", "show", "--json");
        Assert.Equal(Lines.ReplaceLineEndings("\n"), _run.Out);
    }

    [Fact]
    public async Task An_endless_line_is_an_error()
    {
        await using var archive = await FakeArchive.StartAsync(context =>
            FakeArchive.WriteAsync(context, new string('x', 2_000_000), "application/x-ndjson"));

        Assert.Equal((1, ""), (await _run.CommandAsync(archive, "audit", "show", "--json"), _run.Out));
        Assert.Equal("securestore: a line of the archive's answer is too long\n", _run.Error);
    }
}
