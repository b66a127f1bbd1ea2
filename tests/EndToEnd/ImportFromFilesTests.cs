using System.Text.Json;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>securestore import from a folder, from a DICOMDIR, and from another SecureStore.</summary>
public sealed class ImportFromFilesTests(ImportFromFilesTests.Target target) : IClassFixture<ImportFromFilesTests.Target>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    private ServerProcess Server => target.Server;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Each_file_has_its_outcome_and_its_line_in_the_report()
    {
        var old = new TestInstance { StudyDate = "20100101" };
        var report = new TestInstance { Modality = "SR" };
        var mixed = new TestInstance();
        var there = new TestInstance();
        await WriteAsync("in/new.dcm", new TestInstance());
        await WriteAsync("in/old-1.dcm", old);
        await WriteAsync("in/old-2.dcm", old with { Instance = DicomUID.New(), StudyDate = "" });
        await WriteAsync("in/report.dcm", report);
        await WriteAsync("in/mixed-sr.dcm", mixed with { Modality = "SR" }); // Kept as long as the study's other modality.
        await WriteAsync("in/mixed-ct.dcm", mixed with { Instance = DicomUID.New(), Series = DicomUID.New() });
        await WriteAsync("in/there.dcm", there);
        await WriteAsync("in/other-header.dcm", there with { Instance = there.Instance + ".1" });
        await WriteAsync("in/changed.dcm", there with { Instance = there.Instance + ".2" });
        await WriteAsync("in/twice-1.dcm", there with { Instance = there.Instance + ".3" });
        await WriteAsync("in/twice-2.dcm", there with { Instance = there.Instance + ".3" });
        await WriteAsync("in/other-patient.dcm", there with { Instance = there.Instance + ".4", PatientId = "P2" });
        await File.WriteAllTextAsync(folder["in/notes.txt"], "not DICOM, though long enough to be something");
        var whole = await new TestInstance().FileAsync();
        await File.WriteAllBytesAsync(folder["in/cut.dcm"], whole[..320]);
        using (var client = await new ArchiveClient(Server.Url, Server.KeysPath).WithTokenAsync())
        {
            var withHeader = await DicomFile.OpenAsync(folder["in/other-header.dcm"], DicomReadOptions.KeepAll);
            withHeader.FileMeta.AddOrUpdate(DicomTag.SourceApplicationEntityTitle, "MODALITY");
            using var other = new MemoryStream();
            await withHeader.SaveAsync(other);
            var (status, _) = await client.StoreAsync(
                null, await there.FileAsync(), other.ToArray(), await (there with { Instance = there.Instance + ".2", Seed = 9 }).FileAsync());
            Assert.Equal(200, status);
        }

        var (exitCode, text, errors) = await ImportAsync("in", "--report", "report.jsonl");
        Assert.True(exitCode == 1, text + errors);
        Assert.Equal("imported 4, identical 3, done before 0, expired 3, not DICOM 1, refused 3\n", text);
        var lines = File.ReadLines(folder["report.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(line => Path.GetFileName(line.GetProperty("source").GetString()!), line => (line.GetProperty("outcome").GetString(), line.GetProperty("reason").GetString()));
        Assert.Equal(14, lines.Count);
        foreach (var (file, outcome) in new[]
        {
            ("new.dcm", "imported"), ("old-1.dcm", "expired"), ("old-2.dcm", "expired"), ("report.dcm", "expired"), ("mixed-sr.dcm", "imported"),
            ("mixed-ct.dcm", "imported"), ("there.dcm", "identical"), ("other-header.dcm", "identical"), ("changed.dcm", "refused"),
            ("other-patient.dcm", "refused"), ("notes.txt", "not DICOM"), ("cut.dcm", "refused"),
        })
        {
            Assert.Equal(outcome, lines[file].Item1);
        }

        Assert.Equal(["identical", "imported"], new[] { lines["twice-1.dcm"].Item1, lines["twice-2.dcm"].Item1 }.Order());
        Assert.Contains("ended on 2020-01-01", lines["old-2.dcm"].Item2, StringComparison.Ordinal);
        Assert.Contains("0111H", lines["changed.dcm"].Item2, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["report.jsonl"]));

        // What was done is done; what was not comes again. Asked for, the expired come too.
        (_, text, _) = await ImportAsync("in");
        Assert.Equal("imported 0, identical 0, done before 7, expired 3, not DICOM 1, refused 3\n", text);
        (_, text, _) = await ImportAsync("in", "--include-expired");
        Assert.Equal("imported 3, identical 0, done before 7, expired 0, not DICOM 1, refused 3\n", text);
    }

    [Fact]
    public async Task A_DICOMDIR_brings_the_files_that_it_names_and_no_others()
    {
        var study = new TestInstance();
        for (var i = 1; i <= 3; i++)
        {
            await WriteAsync($"cd/IMAGES/IM{i}", study with { Instance = $"{study.Instance}.{i}", Seed = i });
        }

        await WriteAsync("cd/EXTRA", new TestInstance());
        var (made, output, problems) = await Programs.RunAsync("dcmmkdir", ["-Pgp", "+I", "+r", "+id", "cd", "+D", "cd/DICOMDIR", "IMAGES/IM1", "IMAGES/IM2", "IMAGES/IM3"], folder.Path);
        Assert.True(made == 0 && File.Exists(folder["cd/DICOMDIR"]), output + problems);

        var (exitCode, text, errors) = await ImportAsync("cd/DICOMDIR");
        Assert.True(exitCode == 0, text + errors);
        Assert.Equal("imported 3, identical 0, done before 0, expired 0, not DICOM 0, refused 0\n", text);

        // As a folder, it is everything but the directory itself.
        (_, text, _) = await ImportAsync("cd");
        Assert.Equal("imported 1, identical 0, done before 3, expired 0, not DICOM 1, refused 0\n", text);
    }

    [Fact]
    public async Task From_one_SecureStore_into_another_with_a_token_for_each()
    {
        using var second = new TemporaryFolder();
        await using var source = await ServerProcess.StartAsync(second.Path);
        var study = new TestInstance { PatientId = "P-9" };
        using var client = await new ArchiveClient(source.Url, source.KeysPath).WithTokenAsync();
        await client.StoreAsync(null, await study.FileAsync(), await new TestInstance().FileAsync());
        string[] import = ["--from", $"{source.Url}/dicom-web", "--patient-id", "P-9"];

        var (exitCode, text, errors) = await ImportAsync(import);
        Assert.True(exitCode == 1 && errors.Contains("the source", StringComparison.Ordinal), text + errors);

        // A token that finds and may not read.
        (exitCode, text, errors) = await ImportAsync(import, ("SECURESTORE_PEER_TOKEN", await client.TokenAsync("search")));
        Assert.Equal((1, "imported 0, identical 0, done before 0, expired 0, not DICOM 0, refused 1\n"), (exitCode, text));
        Assert.Contains("its source does not give it", errors, StringComparison.Ordinal);

        var token = await client.TokenAsync("search,read", $"study:{study.Study}");
        (exitCode, text, errors) = await ImportAsync(import, ("SECURESTORE_PEER_HEADERS", $"Authorization: Bearer {token}"));
        Assert.True(exitCode == 0, text + errors);
        Assert.Equal("imported 1, identical 0, done before 0, expired 0, not DICOM 0, refused 0\n", text);
        using var here = await new ArchiveClient(Server.Url, Server.KeysPath).WithTokenAsync();
        Assert.Equal(await study.FileAsync(), (await here.FetchAsync(study.Study, study.Series, study.Instance)).Body);
    }

    /// <summary>An archive that keeps reports for a day, and takes no patient for another.</summary>
    public sealed class Target : IAsyncLifetime
    {
        private readonly TemporaryFolder folder = new();

        internal ServerProcess Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await ServerProcess.StartAsync(
            folder.Path, "Retention:Rules:0:Name=reports", "Retention:Rules:0:Modality=SR", "Retention:Rules:0:Keep=P1D", "Identity:OnMismatch=Refuse");

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            folder.Dispose();
        }
    }

    private async Task WriteAsync(string name, TestInstance instance)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        await File.WriteAllBytesAsync(folder[name], await instance.FileAsync());
    }

    private Task<(int ExitCode, string Output, string Errors)> ImportAsync(params string[] arguments) => ImportAsync(arguments, ("LANG", "C"));

    private async Task<(int ExitCode, string Output, string Errors)> ImportAsync(string[] arguments, (string Name, string Value) variable)
    {
        using var client = new ArchiveClient(Server.Url, Server.KeysPath);
        return await Programs.RunAsync(
            "dotnet", [Repository.ClientProgram, "import", .. arguments], folder.Path,
            ("SECURESTORE_URL", Server.Url), ("SECURESTORE_TOKEN", await client.TokenAsync("store,search,read")), ("XDG_STATE_HOME", folder["state"]), variable);
    }
}
