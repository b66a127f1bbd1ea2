using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace SecureStore.Client.Tests;

public sealed class SearchTests : IDisposable
{
    const string Root = "1.2.840.113619.2.55.3.604688119.971.1320000000";

    readonly Run _run = new();

    public void Dispose() => _run.Dispose();

    static string Study(int number, string name = "Doe^Jane") => $$$"""
        {"0020000D":{"vr":"UI","Value":["{{{Root}}}.{{{number}}}"]},"00080020":{"vr":"DA","Value":["20260131"]},
         "00080061":{"vr":"CS","Value":["CT","SR"]},"00100020":{"vr":"LO","Value":["P1"]},
         "00100010":{"vr":"PN","Value":[{"Alphabetic":"{{{name}}}"}]},"00080050":{"vr":"SH"},
         "00201206":{"vr":"IS","Value":[2]},"00201208":{"vr":"IS","Value":["5"]}}
        """;

    static Task<FakeArchive> HoldingAsync(int count) => FakeArchive.StartAsync(context =>
    {
        var query = context.Request.Query;
        var (limit, offset) = (int.Parse(query["limit"]!, CultureInfo.InvariantCulture), int.Parse(query["offset"]!, CultureInfo.InvariantCulture));
        var studies = Enumerable.Range(1, count).Skip(offset).Take(limit).Select(n => Study(n)).ToArray();
        context.Response.StatusCode = 204;
        return studies.Length == 0
            ? Task.CompletedTask
            : FakeArchive.WriteAsync(context, $"[{string.Join(",", studies)}]", "application/dicom+json");
    });

    [Fact]
    public async Task Results_stand_between_tabs()
    {
        await using var archive = await HoldingAsync(2);

        Assert.Equal(0, await _run.CommandAsync(archive, "search"));

        Assert.Equal(
            $"{Root}.1\t20260131\tCT\\SR\tP1\tDoe^Jane\t\t\t2\t5\n{Root}.2\t20260131\tCT\\SR\tP1\tDoe^Jane\t\t\t2\t5\n", _run.Out);
        Assert.Equal("", _run.Error);
    }

    [Fact]
    public async Task Nothing_found_is_no_error()
    {
        await using var archive = await HoldingAsync(0);

        Assert.Equal((0, "", ""), (await _run.CommandAsync(archive, "search"), _run.Out, _run.Error));
        Assert.Equal((0, "[]\n"), (await _run.CommandAsync(archive, "search", "--json"), _run.Out));
    }

    [Fact]
    public async Task A_terminal_gets_a_table_with_headings()
    {
        await using var archive = await HoldingAsync(1);
        _run.OutIsTerminal = true;

        Assert.Equal(0, await _run.CommandAsync(archive, "search"));

        Assert.Matches(@"Study +Date +Modality", _run.Out);
        Assert.Contains(Root + ".1 ", _run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\t", _run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_DICOM_JSON()
    {
        await using var archive = await HoldingAsync(3);

        Assert.Equal(0, await _run.CommandAsync(archive, "search", "--json"));

        var results = JsonDocument.Parse(_run.Out).RootElement;
        Assert.Equal([$"{Root}.1", $"{Root}.2", $"{Root}.3"], results.EnumerateArray().Select(r => r.GetProperty("0020000D").GetProperty("Value")[0].GetString()));
    }

    [Fact]
    public async Task Every_option_becomes_its_key()
    {
        await using var archive = await HoldingAsync(0);

        await _run.CommandAsync(
            archive, "search", "--patient-id", "P&1", "--patient-name", "D?e^*", "--date", "2026-01-01..2026-01-31", "--modality", "CT",
            "--accession", "A 1", "--description", "Chest", "--study", "1.2.3");

        var query = QueryHelpers.ParseQuery(new Uri(archive.Url + archive.Requests.Single().Target).Query);
        Assert.Equal(
            ["P&1", "D?e^*", "20260101-20260131", "CT", "A 1", "Chest", "1.2.3"],
            new[] { "PatientID", "PatientName", "StudyDate", "ModalitiesInStudy", "AccessionNumber", "StudyDescription", "StudyInstanceUID" }
                .Select(key => query[key].ToString()));
    }

    [Theory]
    [InlineData("20260131", "20260131")]
    [InlineData("2026-01-31", "20260131")]
    [InlineData("2026-01-31..", "20260131-")]
    [InlineData("..20260131", "-20260131")]
    [InlineData("20260101-20260131", "20260101-20260131")]
    public async Task Dates_are_written_as_DICOM_has_them(string given, string sent)
    {
        await using var archive = await HoldingAsync(0);

        await _run.CommandAsync(archive, "search", "--date", given);

        Assert.Contains($"StudyDate={sent}&", archive.Requests.Single().Target, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--date", "yesterday")]
    [InlineData("--date", "..")]
    [InlineData("--date", "2026-02-30")]
    [InlineData("--limit", "0")]
    [InlineData("--study", "1.2/3")]
    [InlineData("--url", "ftp://x")]
    [InlineData("--url", "http://user:secret@localhost")]
    [InlineData("--token", "a b")]
    [InlineData("--what", "x")]
    public async Task Wrong_options_are_wrong_usage(string option, string value)
    {
        Assert.Equal((2, ""), (await _run.CommandAsync("search", option, value), _run.Out));
        Assert.Equal(1, _run.Error.Count(c => c == '\n'));
    }

    [Fact]
    public async Task Many_results_are_asked_for_page_by_page()
    {
        await using var archive = await HoldingAsync(1200);

        await _run.CommandAsync(archive, "search", "--limit", "5000");

        Assert.Equal(1200, _run.Out.Count(c => c == '\n'));
        Assert.Equal(3, archive.Requests.Count);
    }

    [Fact]
    public async Task More_than_the_limit_is_said()
    {
        await using var archive = await HoldingAsync(10);

        Assert.Equal(0, await _run.CommandAsync(archive, "search", "--limit", "3"));

        Assert.Equal(3, _run.Out.Count(c => c == '\n'));
        Assert.Equal("There are more than 3 studies; --limit gives more.\n", _run.Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Control_characters_never_reach_the_reader(bool terminal)
    {
        var hostile = """\u001b]0;x\u0007\u009b2J\u202e\tevil\r\n""";
        await using var archive = await FakeArchive.StartAsync(context =>
            FakeArchive.WriteAsync(context, $"[{Study(1, hostile)}]", "application/dicom+json"));
        _run.OutIsTerminal = terminal;

        Assert.Equal(0, await _run.CommandAsync(archive, "search"));

        Assert.Contains("evil", _run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(_run.Out, c => c is '\x1b' or '\x07' or '\x9b' or '\u202e' or '\r');
        Assert.Equal(terminal ? 0 : 8, _run.Out.Count(c => c == '\t'));
    }

    [Fact]
    public async Task Raw_control_characters_in_json_never_reach_a_terminal()
    {
        await using var archive = await FakeArchive.StartAsync(context =>
            FakeArchive.WriteAsync(context, $"[{Study(1, "\u009b2Jevil\u202e")}]", "application/dicom+json"));
        _run.OutIsTerminal = true;

        Assert.Equal(0, await _run.CommandAsync(archive, "search", "--json"));

        Assert.DoesNotContain(_run.Out, c => c is '\x9b' or '\u202e');
    }

    [Fact]
    public async Task A_problem_is_one_clean_line()
    {
        await using var archive = await FakeArchive.StartAsync(context =>
            FakeArchive.WriteAsync(context, """{"title":"No\u001b[2J","detail":"Really\nnot"}""", "application/problem+json", 403));

        Assert.Equal((1, ""), (await _run.CommandAsync(archive, "search"), _run.Out));
        Assert.Equal("securestore: the token does not allow this: No\uFFFD[2J: Really\uFFFDnot\n", _run.Error);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[{\"0020000D\":")]
    public async Task An_answer_that_is_no_json_is_said(string body)
    {
        await using var archive = await FakeArchive.StartAsync(context => FakeArchive.WriteAsync(context, body, "application/dicom+json"));

        Assert.Equal((1, ""), (await _run.CommandAsync(archive, "search"), _run.Out));
        Assert.Equal("securestore: the archive's answer is not the JSON that was expected\n", _run.Error);
    }

    [Fact]
    public async Task An_archive_that_is_down_is_said_in_one_sentence()
    {
        string url;
        await using (var archive = await HoldingAsync(0))
        {
            url = archive.Url;
        }

        Assert.Equal((1, ""), (await _run.CommandAsync("search", "--url", url), _run.Out));
        Assert.Equal($"securestore: cannot reach {url}: Connection refused\n", _run.Error);
    }

    [Fact]
    public async Task Without_a_token_the_way_to_one_is_named()
    {
        _run["SECURESTORE_TOKEN"] = null;

        Assert.Equal(2, await _run.CommandAsync("search"));
        Assert.Equal(
            "securestore: no token: set SECURESTORE_TOKEN or give --token ('securestore token issue' makes one)\n", _run.Error);
    }

    [Fact]
    public async Task The_token_is_in_no_output_and_in_no_address()
    {
        await using var archive = await FakeArchive.StartAsync(context => FakeArchive.WriteAsync(context, "{}", status: 500));

        await _run.CommandAsync(archive, "search", "--token", "very-secret");

        Assert.DoesNotContain("very-secret", _run.Out + _run.Error + archive.Requests.Single().Target, StringComparison.Ordinal);
        Assert.Equal("Bearer very-secret", archive.Requests.Single().Authorization);
    }
}
