using SecureStore.Contracts.Servers;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>securestore echo, send and pull against dcmtk's programs and against the archive.</summary>
public class DimseCommandTests
{
    [Fact]
    public async Task Echo_and_send_to_dcmtks_storescp()
    {
        using var folder = new TemporaryFolder();
        var port = FreePorts.Next();
        Directory.CreateDirectory(folder["in"]);
        Directory.CreateDirectory(folder["out"]);
        var sent = new List<byte[]>();
        foreach (var (number, syntax) in new[] { DicomTransferSyntax.ExplicitVRLittleEndian, DicomTransferSyntax.ImplicitVRLittleEndian, DicomTransferSyntax.ExplicitVRBigEndian }.Index())
        {
            sent.Add(await new TestInstance { Rows = 200, Columns = 300, Seed = number }.FileAsync(syntax));
            await File.WriteAllBytesAsync(folder[$"in/{number}.dcm"], sent[^1]);
        }

        await File.WriteAllTextAsync(folder["in/notes.txt"], "not DICOM, though long enough to be something");
        using (var receiver = BackgroundProgram.Start("storescp", "+xa", "+B", "-od", folder["out"], $"{port}"))
        {
            await receiver.ListensAsync(port);
            Assert.Equal(0, (await RunAsync(folder, "echo", $"127.0.0.1:{port}")).ExitCode);
            var (exitCode, output, errors) = await RunAsync(folder, "send", "in", "--to", $"127.0.0.1:{port}", "--called", "STORESCP", "--calling", "SENDER");
            Assert.True(exitCode == 0, output + errors);
            Assert.Equal("sent 3, not DICOM 1, refused 0\n", output);
        }

        // Each in its own transfer syntax, and byte for byte.
        var received = await Task.WhenAll(Directory.GetFiles(folder["out"]).Select(async file => await DataSetAsync(await File.ReadAllBytesAsync(file))));
        Assert.Equal((await Task.WhenAll(sent.Select(DataSetAsync))).Select(Convert.ToHexString).Order(), received.Select(Convert.ToHexString).Order());

        // Nobody there, and what is no address.
        var (failed, _, why) = await RunAsync(folder, "echo", $"127.0.0.1:{port}");
        Assert.True(failed == 1 && why.Contains("ConnectionRefused", StringComparison.Ordinal), why);
        Assert.Equal(2, (await RunAsync(folder, "echo", "127.0.0.1")).ExitCode);
        Assert.Equal(2, (await RunAsync(folder, "send", "in", "--to", $"127.0.0.1:{port}", "--cert", "in/0.dcm")).ExitCode);
    }

    [Fact]
    public async Task The_archive_is_sent_to_and_pulled_from_with_a_certificate_or_a_token()
    {
        var destination = FreePorts.Next();
        await using var archive = await DimseServer.StartAsync(tls: true, destination);
        var study = new TestInstance();
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["in"]);
        for (var i = 0; i < 60; i++)
        {
            await File.WriteAllBytesAsync(folder[$"in/{i}.dcm"], await (study with { Instance = $"{study.Instance}.{i}", Seed = i }).FileAsync());
        }

        string[] reader =
        [
            "--called", DimseServer.AeTitle, "--calling", "READER", "--tls", "--ca", archive.File("authority.pem"), "--cert", archive.File("reader.pem"),
            "--key", archive.File("reader.key"),
        ];
        var address = $"localhost:{archive.Port}";
        await DoneAsync(folder, "sent 60, not DICOM 0, refused 0\n", ["send", "in", "--to", address, .. reader]);
        await DoneAsync(folder, "studies 1, pulled 60, failed 0\n", ["pull", "--from", address, "-o", "out", .. reader]);
        foreach (var file in Directory.GetFiles(folder["in"]))
        {
            var stored = folder[$"out/{study.Study}/{study.Series}/{study.Instance}.{Path.GetFileNameWithoutExtension(file)}.dcm"];
            Assert.Equal(await DataSetAsync(await File.ReadAllBytesAsync(file)), await DataSetAsync(await File.ReadAllBytesAsync(stored)));
        }

        await DoneAsync(folder, "studies 0, pulled 0, failed 0\n", ["pull", "--from", address, "-o", "out2", "--patient-id", "P-99", .. reader]);
        Directory.CreateDirectory(folder["moved"]);
        using (var receiver = BackgroundProgram.Start("storescp", "-od", folder["moved"], $"{destination}"))
        {
            await receiver.ListensAsync(destination);
            await DoneAsync(folder, "studies 1, pulled 60, failed 0\n", ["pull", "--from", address, "--to", "DESTINATION", "--study", study.Study, .. reader]);
            Assert.Equal(60, Directory.GetFiles(folder["moved"]).Length);
        }

        var (exitCode, output, errors) = await RunAsync(folder, ["pull", "--from", address, "--to", "ELSEWHERE", .. reader]);
        Assert.True(exitCode == 1 && errors.Contains("A801H", StringComparison.Ordinal), output + errors);

        // A changed one is refused; and without the authority the archive is nobody.
        await File.WriteAllBytesAsync(folder["changed.dcm"], await (study with { Instance = $"{study.Instance}.1", Seed = 99 }).FileAsync());
        (exitCode, output, errors) = await RunAsync(folder, ["send", "changed.dcm", "--to", address, .. reader]);
        Assert.True(exitCode == 1 && errors.Contains("0111H", StringComparison.Ordinal), output + errors);
        (exitCode, output, errors) = await RunAsync(folder, "echo", address, "--called", DimseServer.AeTitle, "--calling", "READER", "--tls");
        Assert.True(exitCode == 1 && errors.Contains("TLS failed", StringComparison.Ordinal), output + errors);

        // STORER is known by its address. A token lets it search; the archive's own is never sent unasked.
        string[] storer = ["--called", DimseServer.AeTitle, "--calling", "STORER", "--tls", "--ca", archive.File("authority.pem")];
        using var client = await archive.ClientAsync();
        var token = await client.TokenAsync("search,read");
        string[] pull = ["pull", "--from", address, "-o", "out3", .. storer];
        (exitCode, output, errors) = await RunAsync(folder, pull, ("SECURESTORE_TOKEN", token));
        Assert.True(exitCode == 1 && errors.Contains("does not do Study Root", StringComparison.Ordinal), output + errors);
        (exitCode, output, errors) = await RunAsync(folder, pull, ("SECURESTORE_PEER_TOKEN", token));
        Assert.True(exitCode == 0 && output == "studies 1, pulled 60, failed 0\n", output + errors);

        // Beyond this machine it goes over TLS only.
        (exitCode, _, errors) = await RunAsync(folder, "echo", "192.0.2.1:104", "--token", token);
        Assert.True(exitCode == 2 && errors.Contains("over TLS only", StringComparison.Ordinal), errors);
        Assert.DoesNotContain(token, errors, StringComparison.Ordinal);
    }

    private static async Task<byte[]> DataSetAsync(byte[] file)
    {
        await using var reader = new DicomStreamReader(new MemoryStream(file));
        await reader.OpenAsync();
        return file[(int)reader.DatasetOffset..];
    }

    private static async Task DoneAsync(TemporaryFolder folder, string expected, string[] arguments)
    {
        var (exitCode, output, errors) = await RunAsync(folder, arguments);
        Assert.True(exitCode == 0, $"{string.Join(' ', arguments)}: exit code {exitCode}: {output}{errors}");
        Assert.Equal(expected, output);
    }

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(TemporaryFolder folder, params string[] arguments) =>
        RunAsync(folder, arguments, ("LANG", "C"));

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(TemporaryFolder folder, string[] arguments, (string Name, string Value) variable) =>
        Programs.RunAsync("dotnet", [Repository.ClientProgram, .. arguments], folder.Path, ("XDG_STATE_HOME", folder["state"]), variable);
}
