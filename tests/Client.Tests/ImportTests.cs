using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SecureStore.Client.Files;
using SecureStore.Client.Importing;

namespace SecureStore.Client.Tests;

/// <summary>import against an archive that this test plays, and from a source that it plays.</summary>
public sealed class ImportTests : IDisposable
{
    const string None = "imported 0, identical 0, done before 0, expired 0, not DICOM 0, refused 0\n";

    readonly Run _run = new();
    readonly ConcurrentDictionary<string, byte[]> _stored = new();
    int _stows;

    /// <summary>What the archive gives back, where that is not what it was given.</summary>
    readonly ConcurrentDictionary<string, byte[]> _damaged = new();

    public void Dispose() => _run.Dispose();

    string In => Path.Combine(_run.Folder, "in");

    void WriteInstance(int number, string study = "1.2") => _run.Write($"in/{number:D4}.dcm", Dicom.File(study, study + ".3", $"1.2.3.{number}"));

    Task<FakeArchive> StartAsync(string expired = "19990101") => FakeArchive.StartAsync(async context =>
    {
        var path = context.Request.Path.Value!;
        switch (path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            case ["api", "retention", "due"]:
                var isExpired = context.Request.Query["study_date"] == expired;
                await FakeArchive.WriteAsync(context, $$"""{"due":"2009-01-01","rule":"default","expired":{{(isExpired ? "true" : "false")}}}""");
                break;
            case ["dicom-web", "studies"] when context.Request.Method == "POST":
                Interlocked.Increment(ref _stows);
                var parts = await FakeArchive.PartsAsync(context);
                await FakeArchive.AnswerStoreAsync(context, parts.Select(Keep).ToArray());
                break;
            case ["dicom-web", "studies", var study, "instances"]:
                await AnswerListAsync(context, _stored.Where(one => DicomPeek.Read(new MemoryStream(one.Value))!.Study == study).Select(one => one.Value));
                break;
            case ["dicom-web", "studies", _, "series", _, "instances", var instance]:
                await FakeArchive.AnswerInstancesAsync(context, [_damaged.GetValueOrDefault(instance) ?? _stored[instance]]);
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    });

    string Keep(byte[] file)
    {
        var uid = DicomPeek.Read(new MemoryStream(file))!.Instance!;
        _stored[uid] = file;
        return uid;
    }

    static Task AnswerListAsync(HttpContext context, IEnumerable<byte[]> files) => FakeArchive.WriteAsync(
        context,
        "[" + string.Join(',', files.Select(file => DicomPeek.Read(new MemoryStream(file))!).Select(one =>
            $$$"""{"0020000E":{"vr":"UI","Value":["{{{one.Series}}}"]},"00080018":{"vr":"UI","Value":["{{{one.Instance}}}"]}}""")) + "]",
        "application/dicom+json");

    /// <summary>A DICOMweb service with one study, of these files.</summary>
    static Task<FakeArchive> SourceAsync(IReadOnlyDictionary<string, byte[]> files, string date = "20260101", X509Certificate2? certificate = null) => FakeArchive.StartAsync(
        context => context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["web", "studies"] => FakeArchive.WriteAsync(
                context, $$$"""[{"0020000D":{"vr":"UI","Value":["1.2"]},"00080020":{"vr":"DA","Value":["{{{date}}}"]},"00201208":{"vr":"IS","Value":[{{{files.Count}}}]}}]""", "application/dicom+json"),
            ["web", "studies", "1.2", "instances"] => FakeArchive.WriteAsync(
                context,
                "[" + string.Join(',', files.Keys.Select(uid => $$$"""{"0020000E":{"vr":"UI","Value":["1.2.3"]},"00080018":{"vr":"UI","Value":["{{{uid}}}"]}}""")) + "]",
                "application/dicom+json"),
            [.., var instance] => FakeArchive.AnswerInstancesAsync(context, [files[instance]]),
            _ => Task.CompletedTask,
        },
        certificate);

    [Fact]
    public async Task A_folder_is_stored_read_back_and_not_looked_at_again()
    {
        await using var archive = await StartAsync();
        for (var i = 0; i < 120; i++)
        {
            WriteInstance(i);
        }

        Assert.Equal((0, "imported 120, identical 0, done before 0, expired 0, not DICOM 0, refused 0\n"), (await _run.CommandAsync(archive, "import", In), _run.Out));
        Assert.Equal(120, archive.Requests.Count(request => request.Target.Contains("/instances/", StringComparison.Ordinal)));
        Assert.Equal(3, _stows);
        archive.Requests.Clear();
        Assert.Equal((0, None.Replace("before 0", "before 120", StringComparison.Ordinal)), (await _run.CommandAsync(archive, "import", In), _run.Out));
        Assert.Empty(archive.Requests);
        Assert.Equal(121, (await File.ReadAllTextAsync(_run.Journal)).Split('\n').Length);

        // Without its journal it compares, and sends nothing.
        File.Delete(_run.Journal);
        Assert.Equal((0, None.Replace("identical 0", "identical 120", StringComparison.Ordinal)), (await _run.CommandAsync(archive, "import", In), _run.Out));
        Assert.Equal(3, _stows);
    }

    [Fact]
    public async Task What_is_read_back_damaged_is_refused_and_comes_again()
    {
        await using var archive = await StartAsync();
        WriteInstance(1);
        WriteInstance(2);
        _damaged["1.2.3.2"] = Dicom.File("1.2", "1.2.3", "1.2.3.2", pixels: 66);

        Assert.Equal(1, await _run.CommandAsync(archive, "import", In, "--json"));
        var summary = JsonDocument.Parse(_run.Out).RootElement;
        Assert.Equal((1, 1), (summary.GetProperty("imported").GetInt32(), summary.GetProperty("refused").GetInt32()));
        Assert.Contains("0002.dcm: what the archive gives back is not what the source gave", _run.Error, StringComparison.Ordinal);

        _damaged.Clear();
        Assert.Equal((0, None.Replace("identical 0, done before 0", "identical 1, done before 1", StringComparison.Ordinal)), (await _run.CommandAsync(archive, "import", In), _run.Out));
    }

    [Fact]
    public async Task What_has_expired_is_neither_fetched_nor_sent()
    {
        await using var archive = await StartAsync(expired: "20010101");
        await using var source = await SourceAsync(new Dictionary<string, byte[]> { ["1.2.3.1"] = Dicom.File("1.2", "1.2.3", "1.2.3.1") }, date: "20010101");

        var exit = await _run.CommandAsync(archive, "import", "--from", $"{source.Url}/web", "--report", Path.Combine(_run.Folder, "report.csv"));

        Assert.Equal((0, None.Replace("expired 0", "expired 1", StringComparison.Ordinal)), (exit, _run.Out));
        Assert.Equal(2, source.Requests.Count);
        Assert.Equal(0, _stows);
        Assert.Equal(
            "outcome,study,series,instance,source,reason\r\nexpired,1.2,1.2.3,1.2.3.1,1.2/1.2.3/1.2.3.1,its retention period ended on 2009-01-01\r\n",
            await File.ReadAllTextAsync(Path.Combine(_run.Folder, "report.csv")));
    }

    [Fact]
    public async Task A_listing_that_hides_its_date_does_not_get_an_expired_instance_in()
    {
        await using var archive = await StartAsync(expired: "");
        await using var source = await SourceAsync(new Dictionary<string, byte[]> { ["1.2.3.1"] = Dicom.File("1.2", "1.2.3", "1.2.3.1") });

        // The file itself names no date, which this archive takes for expired.
        Assert.Equal(0, await _run.CommandAsync(archive, "import", "--from", $"{source.Url}/web"));
        Assert.Equal((None.Replace("expired 0", "expired 1", StringComparison.Ordinal), 0), (_run.Out, _stows));
        Assert.Equal(0, await _run.CommandAsync(archive, "import", "--from", $"{source.Url}/web", "--include-expired"));
        Assert.Equal((None.Replace("imported 0", "imported 1", StringComparison.Ordinal), 1), (_run.Out, _stows));
    }

    [Fact]
    public async Task Another_instance_than_was_listed_is_refused()
    {
        await using var archive = await StartAsync();
        await using var source = await SourceAsync(new Dictionary<string, byte[]>
        {
            ["1.2.3.1"] = Dicom.File("1.2", "1.2.3", "1.2.3.9"), ["1.2.3.2"] = Dicom.File("9.9", "1.2.3", "1.2.3.2"), ["1.2.3.3"] = Dicom.File("1.2", "1.2.3", "1.2.3.3"),
        });

        Assert.Equal(1, await _run.CommandAsync(archive, "import", "--from", $"{source.Url}/web"));
        Assert.Equal("imported 1, identical 0, done before 0, expired 0, not DICOM 0, refused 2\n", _run.Out);
        Assert.Equal(["1.2.3.3"], _stored.Keys);
    }

    [Fact]
    public async Task What_a_source_gives_or_lists_wrongly_is_refused_and_holds_up_no_other()
    {
        await using var archive = await StartAsync();
        await using var source = await FakeArchive.StartAsync(context => context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["web", "studies"] => FakeArchive.WriteAsync(context, "[" + string.Join(',', new[] { "1.1", "1.2", "1.3" }.Select(uid => $$$"""{"0020000D":{"vr":"UI","Value":["{{{uid}}}"]}}""")) + "]"),
            ["web", "studies", "1.1", ..] => FakeArchive.WriteAsync(context, "", status: 500),
            ["web", "studies", "1.2", "instances"] => FakeArchive.WriteAsync(
                context, "[" + string.Join(',', new[] { "1.2.3.1", "1.2.3.2", "../1", "1.2.3.3" }.Select(uid => $$$"""{"0020000E":{"vr":"UI","Value":["1.2.3"]},"00080018":{"vr":"UI","Value":["{{{uid}}}"]}}""")) + "]"),
            ["web", "studies", "1.3", ..] => FakeArchive.WriteAsync(context, "[{"),
            [.., "1.2.3.1"] => FakeArchive.WriteAsync(context, "no images today"),
            [.., "1.2.3.2"] => FakeArchive.AnswerInstancesAsync(context, [Dicom.File("1.2", "1.2.3", "1.2.3.2")], closed: false),
            _ => FakeArchive.AnswerInstancesAsync(context, [Dicom.File("1.2", "1.2.3", "1.2.3.3")]),
        });

        Assert.Equal(1, await _run.CommandAsync(archive, "import", "--from", $"{source.Url}/web"));
        Assert.Equal("imported 1, identical 0, done before 0, expired 0, not DICOM 0, refused 5\n", _run.Out);
        foreach (var refused in new[] { "1.1: its source does not list it", "1.3: its source does not list it", "1.2: 1 of its series and instances", "1.2/1.2.3/1.2.3.1: ", "1.2/1.2.3/1.2.3.2: " })
        {
            Assert.Contains("refused " + refused, _run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task However_much_a_source_says_of_a_study_the_archive_is_asked_in_short_requests()
    {
        await using var archive = await StartAsync(expired: "");
        string[] modalities = [.. Enumerable.Range(0, 150).Select(number => $"M{number}"), new string('M', 10_000)];
        await using var source = await FakeArchive.StartAsync(context => context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["web", "studies"] => FakeArchive.WriteAsync(
                context,
                $$$"""[{"0020000D":{"vr":"UI","Value":["1.2"]},"00080020":{"vr":"DA","Value":["{{{new string('1', 10_000)}}}"]},"00080061":{"vr":"CS","Value":["{{{string.Join("\",\"", modalities)}}}"]}}]"""),
            _ => FakeArchive.WriteAsync(context, """[{"0020000E":{"vr":"UI","Value":["1.2.3"]},"00080018":{"vr":"UI","Value":["1.2.3.1"]}}]"""),
        });

        // A date that is none is not asked for, which this archive takes for expired.
        Assert.Equal((0, None.Replace("expired 0", "expired 1", StringComparison.Ordinal)), (await _run.CommandAsync(archive, "import", "--from", $"{source.Url}/web"), _run.Out));
        Assert.Equal(8, archive.Requests.Count);
    }

    [Fact]
    public async Task Each_archive_is_told_its_own_token_only()
    {
        await using var archive = await StartAsync();
        await using var source = await SourceAsync(new Dictionary<string, byte[]> { ["1.2.3.1"] = Dicom.File("1.2", "1.2.3", "1.2.3.1") });
        Assert.Equal(0, await _run.CommandAsync(archive, "import", "--from", $"{source.Url}/web"));
        Assert.All(source.Requests, request => Assert.Equal("", request.Authorization ?? ""));

        _run["SECURESTORE_PEER_TOKEN"] = "other.token";
        Assert.Equal(0, await _run.CommandAsync(archive, "import", "--again", "--from", $"{source.Url}/web"));
        Assert.Equal("Bearer other.token", source.Requests.Last().Authorization);
        Assert.All(archive.Requests, request => Assert.Equal("Bearer the.secret.token", request.Authorization));
    }

    [Fact]
    public async Task A_source_that_knows_no_offsets_is_listed_once()
    {
        var page = string.Join(',', Enumerable.Range(0, 500).Select(i => $$$"""{"0020000D":{"vr":"UI","Value":["1.2.{{{i}}}"]}}"""));
        await using var archive = await StartAsync();
        await using var source = await FakeArchive.StartAsync(context =>
            FakeArchive.WriteAsync(context, context.Request.Path == "/web/studies" ? $"[{page}]" : "[]", "application/dicom+json"));
        Assert.Equal((0, None), (await _run.CommandAsync(archive, "import", "--from", $"{source.Url}/web"), _run.Out));
        Assert.Equal(2, source.Requests.Count(request => request.Target.StartsWith("/web/studies?", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_source_over_https_is_the_one_that_the_authority_certifies()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=source", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var authority = _run.Write("source.pem", System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
        await using var archive = await StartAsync();
        await using var source = await SourceAsync(new Dictionary<string, byte[]> { ["1.2.3.1"] = Dicom.File("1.2", "1.2.3", "1.2.3.1") }, certificate: certificate);

        Assert.Equal(1, await _run.CommandAsync(archive, "import", "--from", $"{source.Url}/web"));
        Assert.Contains("no trusted TLS connection", _run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _run.CommandAsync(archive, "import", "--from", $"{source.Url}/web", "--ca", authority));
        Assert.Equal(None.Replace("imported 0", "imported 1", StringComparison.Ordinal), _run.Out);
    }

    [Theory]
    [InlineData]
    [InlineData("in", "--from", "http://localhost/web")]
    [InlineData("--from", "localhost")]
    [InlineData("--from", "localhost:104", "--move", "11113")]
    [InlineData("--from", "http://localhost/web", "--move", "127.0.0.1:11113")]
    [InlineData("--from", "localhost:104", "--called", "an AE title too long")]
    public async Task Wrong_usage_is_told(params string[] arguments)
    {
        await using var archive = await StartAsync();
        Assert.Equal(2, await _run.CommandAsync(archive, ["import", .. arguments]));
        Assert.Empty(archive.Requests);
    }

    [Fact]
    public async Task A_token_does_not_go_to_another_machine_unencrypted()
    {
        await using var archive = await StartAsync();
        _run["SECURESTORE_PEER_TOKEN"] = "other.token";
        Assert.Equal(2, await _run.CommandAsync(archive, "import", "--from", "http://192.0.2.1/web"));
        Assert.Equal(2, await _run.CommandAsync(archive, "import", "--from", "192.0.2.1:104"));
        Assert.DoesNotContain("other.token", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_is_no_formula_and_stays_in_its_column()
    {
        var path = _run.Write("r.csv", "of others"u8.ToArray());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        }

        using (var report = ImportReport.Create(path))
        {
            report.Write(ImportOutcome.Refused, DicomIdentity.Unknown, "=1+1.dcm", "it says \"no\", and\nmore");
        }

        Assert.Equal("outcome,study,series,instance,source,reason\r\nrefused,,,,'=1+1.dcm,\"it says \"\"no\"\", and\nmore\"\r\n", await File.ReadAllTextAsync(path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }
}
