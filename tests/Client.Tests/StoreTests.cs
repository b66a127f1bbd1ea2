using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace SecureStore.Client.Tests;

public sealed class StoreTests : IDisposable
{
    readonly Run _run = new();

    public void Dispose() => _run.Dispose();

    byte[] WriteInstance(int number, int pixels = 64)
    {
        var file = Dicom.File("1.2", "1.2.3", $"1.2.3.{number}", pixels);
        _run.Write($"in/{number:D4}.dcm", file);
        return file;
    }

    string In => Path.Combine(_run.Folder, "in");

    static Task AcceptAllAsync(HttpContext context, List<byte[]> parts)
    {
        return FakeArchive.AnswerStoreAsync(context, parts.Select(p => Files.DicomPeek.Read(new MemoryStream(p))!.Instance!));
    }

    static Task<FakeArchive> AcceptingAsync(List<List<byte[]>> requests) => FakeArchive.StartAsync(async context =>
    {
        var parts = await FakeArchive.PartsAsync(context);
        requests.Add(parts);
        await AcceptAllAsync(context, parts);
    });

    [Fact]
    public async Task Stores_a_folder_byte_for_byte_in_requests_of_50_files()
    {
        var requests = new List<List<byte[]>>();
        await using var archive = await AcceptingAsync(requests);
        var files = Enumerable.Range(1, 120).Select(n => WriteInstance(n, n * 10)).ToList();

        var exit = await _run.CommandAsync(archive, "store", In);

        Assert.Equal((0, "stored 120, stored before 0, not DICOM 0, refused 0\n", ""), (exit, _run.Out, _run.Error));
        Assert.Equal([50, 50, 20], requests.Select(r => r.Count));
        Assert.Equal(files, requests.SelectMany(r => r));
        Assert.All(archive.Requests, r => Assert.Equal(("POST", "/dicom-web/studies", "Bearer the.secret.token"), (r.Method, r.Target, r.Authorization)));
    }

    [Fact]
    public async Task A_second_run_sends_nothing_and_again_sends_all()
    {
        var requests = new List<List<byte[]>>();
        await using var archive = await AcceptingAsync(requests);
        WriteInstance(1);
        WriteInstance(2);
        await _run.CommandAsync(archive, "store", In);

        var exit = await _run.CommandAsync(archive, "store", In);

        Assert.Equal((0, "stored 0, stored before 2, not DICOM 0, refused 0\n"), (exit, _run.Out));
        Assert.Single(requests);

        WriteInstance(2, 100); // It changed: it is another file now.
        await _run.CommandAsync(archive, "store", In);
        Assert.Equal("stored 1, stored before 1, not DICOM 0, refused 0\n", _run.Out);

        await _run.CommandAsync(archive, "store", In, "--again");
        Assert.Equal("stored 2, stored before 0, not DICOM 0, refused 0\n", _run.Out);
    }

    [Fact]
    public async Task The_journal_is_for_its_owner_alone_and_names_nothing()
    {
        await using var archive = await AcceptingAsync([]);
        WriteInstance(1);

        await _run.CommandAsync(archive, "store", In);

        Assert.Matches("^[0-9a-f]{64}\n$", File.ReadAllText(_run.Journal));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such file modes.");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_run.Journal));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(_run.Journal)!));
    }

    [Fact]
    public async Task A_torn_journal_costs_no_more_than_sending_again()
    {
        var requests = new List<List<byte[]>>();
        await using var archive = await AcceptingAsync(requests);
        WriteInstance(1);
        await _run.CommandAsync(archive, "store", In);
        var line = File.ReadAllText(_run.Journal);
        File.WriteAllText(_run.Journal, line[..30]);

        await _run.CommandAsync(archive, "store", In);
        Assert.Equal("stored 1, stored before 0, not DICOM 0, refused 0\n", _run.Out);

        await _run.CommandAsync(archive, "store", In);
        Assert.Equal("stored 0, stored before 1, not DICOM 0, refused 0\n", _run.Out);
        Assert.Equal(line[..30] + "\n" + line, File.ReadAllText(_run.Journal));
    }

    [Fact]
    public async Task After_a_broken_run_the_next_sends_only_the_rest()
    {
        var (seen, broken) = (new List<byte[]>(), true);
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            if (broken && seen.Count >= 50)
            {
                context.Abort();
                return;
            }

            var parts = await FakeArchive.PartsAsync(context);
            seen.AddRange(parts);
            await AcceptAllAsync(context, parts);
        });
        var files = Enumerable.Range(1, 80).Select(n => WriteInstance(n)).ToList();

        Assert.Equal((1, ""), (await _run.CommandAsync(archive, "store", In), _run.Out));
        Assert.EndsWith($"securestore: the connection to {archive.Url} broke off\n", _run.Error, StringComparison.Ordinal);

        broken = false;
        Assert.Equal(0, await _run.CommandAsync(archive, "store", In));
        Assert.Equal("stored 30, stored before 50, not DICOM 0, refused 0\n", _run.Out);
        Assert.Equal(files, seen);
    }

    [Fact]
    public async Task A_connection_that_breaks_once_is_tried_again()
    {
        var (calls, requests) = (0, new List<List<byte[]>>());
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            if (++calls == 1)
            {
                _ = await context.Request.Body.ReadAsync(new byte[10]);
                context.Abort();
                return;
            }

            requests.Add(await FakeArchive.PartsAsync(context));
            await AcceptAllAsync(context, requests[^1]);
        });
        var file = WriteInstance(1, 60_000);

        Assert.Equal(0, await _run.CommandAsync(archive, "store", In));
        Assert.Equal(file, Assert.Single(Assert.Single(requests)));
    }

    [Fact]
    public async Task Busy_is_waited_for_and_then_all_is_stored()
    {
        var calls = 0;
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            if (++calls <= 2)
            {
                context.Response.Headers.RetryAfter = "0";
                context.Response.StatusCode = 503;
                return;
            }

            await AcceptAllAsync(context, await FakeArchive.PartsAsync(context));
        });
        WriteInstance(1);

        Assert.Equal(0, await _run.CommandAsync(archive, "store", In));
        Assert.Equal(3, calls);
        Assert.Equal(string.Concat(Enumerable.Repeat("The archive is busy or away; trying again in 0 s.\n", 2)), _run.Error);
    }

    [Fact]
    public async Task Busy_for_too_long_is_said()
    {
        await using var archive = await FakeArchive.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "0";
            return FakeArchive.WriteAsync(context, """{"title":"Storage is away"}""", "application/problem+json", 503);
        });
        WriteInstance(1);

        Assert.Equal(1, await _run.CommandAsync(archive, "store", In));
        Assert.EndsWith(
            "securestore: the archive cannot do this at the moment; try again later: Storage is away\n", _run.Error, StringComparison.Ordinal);
        Assert.Equal(5, archive.Requests.Count);
    }

    [Fact]
    public async Task Refused_files_are_listed_with_their_reason_and_sent_again_next_time()
    {
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            await FakeArchive.PartsAsync(context);
            await FakeArchive.AnswerStoreAsync(context, ["1.2.3.1"], [("1.2.3.2", 0x0111)]);
        });
        WriteInstance(1);
        WriteInstance(2);

        Assert.Equal(1, await _run.CommandAsync(archive, "store", In));
        Assert.Equal("stored 1, stored before 0, not DICOM 0, refused 1\n", _run.Out);
        Assert.Equal($"refused {In}/0002.dcm: another version of this instance is stored already (0111H)\n", _run.Error);

        await _run.CommandAsync(archive, "store", In, "--json");
        var summary = JsonDocument.Parse(_run.Out).RootElement;
        Assert.Equal(1, summary.GetProperty("stored_before").GetInt32());
        Assert.Equal($"{In}/0002.dcm", summary.GetProperty("refused")[0].GetProperty("path").GetString());
    }

    [Theory]
    [InlineData(409)]
    [InlineData(403)]
    public async Task The_archives_own_words_are_shown_and_the_run_goes_on(int status)
    {
        const string Answer = """
            {"00081198":{"vr":"SQ","Value":[{"00000902":{"vr":"LO","Value":["Not\u001b yours"]},
             "00081155":{"vr":"UI","Value":["1.2.3.1"]},"00081197":{"vr":"US","Value":[292]}}]}}
            """;
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            await FakeArchive.PartsAsync(context);
            await FakeArchive.WriteAsync(context, Answer, "application/dicom+json", status);
        });
        WriteInstance(1);

        Assert.Equal(1, await _run.CommandAsync(archive, "store", In));
        Assert.Equal("stored 0, stored before 0, not DICOM 0, refused 1\n", _run.Out);
        Assert.Equal($"refused {In}/0001.dcm: Not\uFFFD yours (0124H)\n", _run.Error);
    }

    [Fact]
    public async Task A_warning_is_shown_and_counts_as_stored()
    {
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            await FakeArchive.PartsAsync(context);
            await FakeArchive.WriteAsync(
                context,
                """{"00081199":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["1.2.3.1"]},"00081196":{"vr":"US","Value":[45062]}}]}}""",
                "application/dicom+json",
                202);
        });
        WriteInstance(1);

        Assert.Equal(0, await _run.CommandAsync(archive, "store", In));
        Assert.Equal("stored 1, stored before 0, not DICOM 0, refused 0\n", _run.Out);
        Assert.Equal($"stored {In}/0001.dcm, but some elements were left out (B006H)\n", _run.Error);
    }

    [Fact]
    public async Task A_file_that_the_answer_does_not_name_is_sent_alone()
    {
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            var parts = await FakeArchive.PartsAsync(context);
            var named = parts.Select(p => Files.DicomPeek.Read(new MemoryStream(p))!.Instance).OfType<string>().ToArray();
            await FakeArchive.AnswerStoreAsync(context, named, otherFailures: parts.Count - named.Length);
        });
        WriteInstance(1);
        WriteInstance(2);
        var header = new byte[140];
        "DICM"u8.CopyTo(header.AsSpan(128));
        _run.Write("in/0003.dcm", header);

        Assert.Equal(1, await _run.CommandAsync(archive, "store", In));
        Assert.Equal("stored 2, stored before 0, not DICOM 0, refused 1\n", _run.Out);
        Assert.Equal($"refused {In}/0003.dcm: it cannot be understood (C000H)\n", _run.Error);
        Assert.Equal(2, archive.Requests.Count);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(500)]
    public async Task A_file_that_spoils_a_request_costs_only_itself(int status)
    {
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            var parts = await FakeArchive.PartsAsync(context);
            await (parts.Any(p => p.Length > 1000)
                ? FakeArchive.WriteAsync(context, """{"title":"No","detail":"Not this"}""", "application/problem+json", status)
                : AcceptAllAsync(context, parts));
        });
        WriteInstance(1);
        WriteInstance(2, 2000);
        WriteInstance(3);

        Assert.Equal(1, await _run.CommandAsync(archive, "store", In));
        Assert.Equal("stored 2, stored before 0, not DICOM 0, refused 1\n", _run.Out);
        Assert.Equal($"refused {In}/0002.dcm: the archive answered {status}: No: Not this\n", _run.Error);
    }

    [Fact]
    public async Task Files_that_are_not_DICOM_are_skipped_with_a_note()
    {
        var requests = new List<List<byte[]>>();
        await using var archive = await AcceptingAsync(requests);
        WriteInstance(1);
        _run.Write("in/readme.txt", "Hello, this is a text and no image at all."u8.ToArray());
        _run.Write("in/empty", []);

        Assert.Equal(0, await _run.CommandAsync(archive, "store", In));
        Assert.Equal("stored 1, stored before 0, not DICOM 2, refused 0\n", _run.Out);
        Assert.Equal($"skipped {In}/empty: it is empty\nskipped {In}/readme.txt: it is not a DICOM file\n", _run.Error);
        Assert.Single(Assert.Single(requests));
    }

    [Fact]
    public async Task Two_versions_of_an_instance_go_in_two_requests()
    {
        var requests = new List<List<byte[]>>();
        await using var archive = await AcceptingAsync(requests);
        _run.Write("in/a.dcm", Dicom.File("1.2", "1.2.3", "1.2.3.1"));
        _run.Write("in/b.dcm", Dicom.File("1.2", "1.2.3", "1.2.3.1", 100));

        Assert.Equal(0, await _run.CommandAsync(archive, "store", In));
        Assert.Equal(2, requests.Count);
    }

    [Fact]
    public async Task A_large_file_goes_alone()
    {
        var counts = new List<int>();
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            var parts = await FakeArchive.PartsAsync(context);
            counts.Add(parts.Count);
            await AcceptAllAsync(context, parts);
        });
        WriteInstance(1);
        var large = _run.Write("in/0002.dcm", Dicom.File("1.2", "1.2.3", "1.2.3.2"));
        using (var file = File.OpenWrite(large))
        {
            file.SetLength(65_000_000);
        }

        WriteInstance(3);

        Assert.Equal(0, await _run.CommandAsync(archive, "store", In));
        Assert.Equal([1, 1, 1], counts);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_refused_and_the_others_are_stored()
    {
        await using var archive = await AcceptingAsync([]);
        WriteInstance(1);

        Assert.Equal(1, await _run.CommandAsync(archive, "store", $"{In}/none.dcm", In));
        Assert.Equal("stored 1, stored before 0, not DICOM 0, refused 1\n", _run.Out);
        Assert.Equal($"refused {In}/none.dcm: there is no such file\n", _run.Error);
    }

    [Fact]
    public async Task Links_to_folders_are_not_followed_in_circles()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        await using var archive = await AcceptingAsync([]);
        WriteInstance(1);
        Directory.CreateSymbolicLink(Path.Combine(In, "circle"), In);

        Assert.Equal(0, await _run.CommandAsync(archive, "store", In));
        Assert.Equal("stored 1, stored before 0, not DICOM 0, refused 0\n", _run.Out);
    }

    [Fact]
    public async Task A_refused_token_ends_the_run_before_an_image_is_sent()
    {
        await using var archive = await FakeArchive.StartAsync(context =>
        {
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        });
        WriteInstance(1, 60_000);

        Assert.Equal(1, await _run.CommandAsync(archive, "store", In));
        Assert.Equal("securestore: the archive does not accept this token or these credentials\n", _run.Error);
        Assert.Single(archive.Requests);
    }

    [Fact]
    public async Task On_a_terminal_a_progress_bar_shows_files_and_refusals_stand_above_it()
    {
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            await FakeArchive.PartsAsync(context);
            await FakeArchive.AnswerStoreAsync(context, ["1.2.3.1"], [("1.2.3.2", 0x0122)]);
        });
        WriteInstance(1);
        WriteInstance(2);
        _run.ErrorIsTerminal = true;

        Assert.Equal(1, await _run.CommandAsync(archive, "store", In));
        Assert.Contains("2/2 files", _run.Error, StringComparison.Ordinal);
        Assert.Contains("itsSOPclassisnotsupported", string.Concat(_run.Error.Where(c => !char.IsWhiteSpace(c))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_stopped_says_so_and_keeps_what_was_stored()
    {
        using var stop = new CancellationTokenSource();
        var calls = 0;
        await using var archive = await FakeArchive.StartAsync(async context =>
        {
            var parts = await FakeArchive.PartsAsync(context);
            if (++calls == 2)
            {
                await stop.CancelAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            await AcceptAllAsync(context, parts);
        });
        foreach (var n in Enumerable.Range(1, 60))
        {
            WriteInstance(n);
        }

        _run["SECURESTORE_URL"] = archive.Url;
        Assert.Equal(1, await _run.CommandAsync(["store", In], stop.Token));
        Assert.Equal("securestore: stopped\n", _run.Error);
        Assert.Equal(50, File.ReadAllLines(_run.Journal).Length);
    }
}
