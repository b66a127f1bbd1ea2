using System.Text.Json;

namespace SecureStore.Client.Tests;

public sealed class FetchTests : IDisposable
{
    readonly Run _run = new();

    public void Dispose() => _run.Dispose();

    string Out => Path.Combine(_run.Folder, "out");

    static Task<FakeArchive> SendingAsync(params byte[][] instances) =>
        FakeArchive.StartAsync(context => FakeArchive.AnswerInstancesAsync(context, instances));

    string[] Files() => Directory.Exists(Out)
        ? [.. Directory.EnumerateFiles(Out, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Out, f)).Order(StringComparer.Ordinal)]
        : [];

    [Fact]
    public async Task A_study_is_written_byte_for_byte_under_its_uids()
    {
        var (first, second) = (Dicom.File("1.2", "1.2.3", "1.2.3.1", 60_000), Dicom.File("1.2", "1.2.4", "1.2.4.1", 1));
        await using var archive = await SendingAsync(first, second);

        var exit = await _run.CommandAsync(archive, "fetch", "1.2", "-o", Out);

        Assert.Equal((0, "fetched 2, failed 0\n", ""), (exit, _run.Out, _run.Error));
        Assert.Equal(["1.2/1.2.3/1.2.3.1.dcm", "1.2/1.2.4/1.2.4.1.dcm"], Files());
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(Out, "1.2/1.2.3/1.2.3.1.dcm")));
        Assert.Equal(second, File.ReadAllBytes(Path.Combine(Out, "1.2/1.2.4/1.2.4.1.dcm")));
        Assert.Equal("/dicom-web/studies/1.2", Assert.Single(archive.Requests).Target);
    }

    [Theory]
    [InlineData("1.2/1.2.3", "/dicom-web/studies/1.2/series/1.2.3")]
    [InlineData("1.2/1.2.3/1.2.3.1", "/dicom-web/studies/1.2/series/1.2.3/instances/1.2.3.1")]
    public async Task A_series_and_an_instance_have_their_resource(string target, string resource)
    {
        await using var archive = await SendingAsync(Dicom.File("1.2", "1.2.3", "1.2.3.1"));

        Assert.Equal(0, await _run.CommandAsync(archive, "fetch", target, "-o", Out, "--json"));

        Assert.Equal(resource, Assert.Single(archive.Requests).Target);
        Assert.Equal(1, JsonDocument.Parse(_run.Out).RootElement.GetProperty("fetched").GetInt32());
    }

    [Fact]
    public async Task What_is_written_is_for_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such file modes.");
        await using var archive = await SendingAsync(Dicom.File("1.2", "1.2.3", "1.2.3.1"));

        await _run.CommandAsync(archive, "fetch", "1.2", "-o", Out);

        const UnixFileMode Others = (UnixFileMode)0b111_111;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(Out, "1.2/1.2.3/1.2.3.1.dcm")) & Others);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(Out, "1.2/1.2.3")) & Others);
    }

    [Theory]
    [InlineData("1.2", "../../x", "1.2.3.1")]
    [InlineData("1.2", "1.2.3", "../../../x")]
    [InlineData("1.2", "1.2.3", "/etc/x")]
    [InlineData("1.2", "..", "1")]
    [InlineData("1.2", ".", "1")]
    [InlineData("1.2", "1.2.3", "1..2")]
    [InlineData("1.2", "1.2.3", "a\\b")]
    public async Task Names_that_are_no_uids_are_not_written(string study, string series, string instance)
    {
        await using var archive = await SendingAsync(Dicom.File(study, series, instance), Dicom.File("1.2", "1.2.3", "1.2.3.9"));

        Assert.Equal(1, await _run.CommandAsync(archive, "fetch", "1.2", "-o", Out));

        Assert.Equal("fetched 1, failed 1\n", _run.Out);
        Assert.Equal("securestore: an instance came without UIDs that a file could be named by\n", _run.Error);
        Assert.Equal(["1.2/1.2.3/1.2.3.9.dcm"], Files());
        Assert.Equal(["out"], Directory.EnumerateFileSystemEntries(_run.Folder).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("1.3/1.2.3/1.2.3.1")]
    [InlineData("1.2/1.2.4/1.2.3.1")]
    [InlineData("1.2/1.2.3/1.2.3.2")]
    public async Task An_instance_that_was_not_asked_for_is_not_written(string target)
    {
        await using var archive = await SendingAsync(Dicom.File("1.2", "1.2.3", "1.2.3.1"));

        Assert.Equal(1, await _run.CommandAsync(archive, "fetch", target, "-o", Out));

        Assert.Equal("securestore: an instance came that was not asked for\n", _run.Error);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task An_answer_that_breaks_off_leaves_only_whole_files()
    {
        var (first, second) = (Dicom.File("1.2", "1.2.3", "1.2.3.1"), Dicom.File("1.2", "1.2.3", "1.2.3.2", 60_000));
        await using var archive = await FakeArchive.StartAsync(context => FakeArchive.AnswerInstancesAsync(context, [first, second], closed: false));

        Assert.Equal(1, await _run.CommandAsync(archive, "fetch", "1.2", "-o", Out));

        Assert.Equal(("", "securestore: the archive's answer broke off\n"), (_run.Out, _run.Error));
        Assert.Equal(["1.2/1.2.3/1.2.3.1.dcm"], Files());
    }

    [Fact]
    public async Task A_connection_that_breaks_is_said_and_leaves_only_whole_files()
    {
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            context.Response.ContentLength = 1_000_000; // Less comes: the connection is cut.
            await FakeArchive.AnswerInstancesAsync(context, [Dicom.File("1.2", "1.2.3", "1.2.3.1"), Dicom.File("1.2", "1.2.3", "1.2.3.2")], closed: false);
        });

        Assert.Equal(1, await _run.CommandAsync(archive, "fetch", "1.2", "-o", Out));

        Assert.Equal($"securestore: the connection to {archive.Url} broke off\n", _run.Error);
        Assert.Equal(["1.2/1.2.3/1.2.3.1.dcm"], Files());
    }

    [Fact]
    public async Task A_study_that_is_not_there_is_said_with_the_problem()
    {
        await using var archive = await FakeArchive.StartAsync(context =>
            FakeArchive.WriteAsync(context, """{"title":"Not found","detail":"No such study."}""", "application/problem+json", 404));

        Assert.Equal(1, await _run.CommandAsync(archive, "fetch", "1.2", "-o", Out));

        Assert.Equal("securestore: no such study for this token: Not found: No such study.\n", _run.Error);
        Assert.False(Directory.Exists(Out));
    }

    [Theory]
    [InlineData("1.2/../3")]
    [InlineData("")]
    [InlineData("1.2/3/4/5")]
    [InlineData("1.2?x=1")]
    public async Task Targets_that_are_no_uids_are_wrong_usage(string target) =>
        Assert.Equal(2, await _run.CommandAsync("fetch", target, "-o", Out));
}
