namespace SecureStore.Client.Tests;

/// <summary>fsck: what the archive tells line by line becomes rows, a summary and an exit code.</summary>
public sealed class FsckTests : IDisposable
{
    const string Begin = """{"type":"begin","resumed":false}""";
    const string Progress = """{"type":"progress","phase":"studies","share":0.5,"counts":{"studies":1,"findings":0}}""";
    const string Found = """{"type":"finding","kind":"damaged_object","outcome":"quarantined","study":"ab","study_instance_uid":"1.2","sop_instance_uid":"1.2.3","segment":"cd"}""";
    const string Known = """{"type":"quarantined","kind":"study_without_key","study":"ef","since":"2026-01-01T00:00:00Z"}""";

    readonly Run _run = new();

    public void Dispose() => _run.Dispose();

    static string End(int left) =>
        $$$"""{"type":"end","counts":{"studies":7,"instances":9,"bytes":100,"findings":1,"repaired":0,"quarantined":1,"left":{{{left}}},"quarantined_before":1}}""";

    static Task<FakeArchive> TellingAsync(params string[] lines) =>
        FakeArchive.StartAsync(context => FakeArchive.WriteAsync(context, string.Join('\n', lines) + "\n", "application/x-ndjson"));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 1)]
    public async Task Findings_are_rows_and_what_is_left_decides(int left, int exit)
    {
        await using var archive = await TellingAsync(Begin, Progress, Found, Known, End(left));

        Assert.Equal(exit, await _run.CommandAsync(archive, "fsck", "--repair"));
        Assert.Equal("damaged_object\tquarantined\t1.2\t1.2.3\tcd\t\tab\nstudy_without_key\tin_quarantine\t\t\t\t\tef\n", _run.Out);
        Assert.Equal(
            $"7 studies, 9 instances, 100 bytes verified: 1 findings, 0 repaired, 1 put into quarantine, {left} left; 1 in quarantine from before\n",
            _run.Error);
        Assert.Equal("/api/fsck?repair=true&quick=false&resume=false", Assert.Single(archive.Requests).Target);
    }

    [Fact]
    public async Task As_json_it_is_what_the_archive_told_but_for_the_progress()
    {
        await using var archive = await TellingAsync(Begin, Progress, Found, End(0));

        Assert.Equal(0, await _run.CommandAsync(archive, "fsck", "--quick", "--resume", "--json"));
        Assert.Equal($"{Begin}\n{Found}\n{End(0)}\n", _run.Out);
        Assert.Equal("/api/fsck?repair=false&quick=true&resume=true", Assert.Single(archive.Requests).Target);
    }

    [Theory]
    [InlineData("""{"type":"stopped","reason":"The check was cut off; it can be resumed."}""")]
    [InlineData(Progress)]
    public async Task A_check_that_does_not_end_has_failed(string last)
    {
        await using var archive = await TellingAsync(Begin, last);

        Assert.Equal(1, await _run.CommandAsync(archive, "fsck"));
        Assert.EndsWith("--resume goes on with it\n", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_it_shows_how_far_it_is()
    {
        await using var archive = await TellingAsync(Begin, Progress, End(0));
        _run.ErrorIsTerminal = true;

        Assert.Equal(0, await _run.CommandAsync(archive, "fsck"));
        Assert.Contains("studies: 1 studies", _run.Error, StringComparison.Ordinal);
    }
}
