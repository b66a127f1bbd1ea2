using System.Text.RegularExpressions;

namespace SecureStore.EndToEnd;

/// <summary>
/// GDCM's gdcmscu (Debian: libgdcm-tools) stores into the archive, finds in it, and retrieves from it. Version 3.0.21 aborts once it has released
/// an association, whoever the other end is (dcmtk's storescp as well), and then has not printed what it found: so these tests read in what it
/// writes for debugging which responses it took, and look at what became of the files.
/// </summary>
public partial class GdcmTests
{
    private const int Success = 0x0000;
    private const int Pending = 0xFF00;

    [Fact]
    public async Task Gdcmscu_verifies_stores_finds_and_moves()
    {
        // What C-MOVE sends, gdcmscu takes itself.
        var own = ServerProcess.FreePort();
        await using var archive = await DimseServer.StartAsync(tls: true, readerPort: own);
        using var tunnel = new TlsTunnel(archive.File("reader.pem"), archive.File("reader.key"), archive.Port);
        Assert.Equal(new[] { Success }, await RunAsync(["--echo"]));

        var study = new TestInstance { PatientName = "Gdcm^Anne", PatientId = "P-78", Rows = 200, Columns = 200 };
        TestInstance[] instances = [.. Enumerable.Range(1, 3).Select(number => study with { Instance = $"{study.Instance}.{number}", Seed = number })];
        foreach (var instance in instances)
        {
            await File.WriteAllBytesAsync(archive.File(instance.Instance), await instance.FileAsync());
        }

        Assert.Equal(new[] { Success, Success, Success }, await RunAsync(["--store"], [.. instances.Select(instance => archive.File(instance.Instance))]));
        using var client = await archive.ClientAsync();
        foreach (var instance in instances)
        {
            var (status, stored) = await client.FetchAsync(study.Study, study.Series, instance.Instance);
            Assert.Equal(200, status);
            Assert.Equal(await DataSet.OfAsync(archive.File(instance.Instance)), await DataSet.OfAsync(stored));
        }

        Assert.Equal(new[] { Pending, Success }, await RunAsync(["--find", "--patientroot", "--patient", "--key", "0010,0020=P-7*", "--key", "0010,0010="]));
        Assert.Equal(new[] { Pending, Success }, await RunAsync(["--find", "--studyroot", "--study", "--key", "0020,000d=", "--key", "0008,0020=20260101-20260131"]));
        Assert.Equal(new[] { Success }, await RunAsync(["--find", "--studyroot", "--study", "--key", "0020,000d=", "--key", "0008,0020=20260201-20260228"]));
        Assert.Equal(new[] { Pending, Success }, await RunAsync(["--find", "--studyroot", "--series", "--key", $"0020,000d={study.Study}", "--key", "0020,000e="]));
        Assert.Equal(
            new[] { Pending, Pending, Pending, Success },
            await RunAsync(["--find", "--studyroot", "--image", "--key", $"0020,000d={study.Study}", "--key", $"0020,000e={study.Series}", "--key", "0008,0018="]));

        var moved = Directory.CreateDirectory(archive.File("moved"));
        var responses = await RunAsync(["--move", "--studyroot", "--study", "--key", $"0020,000d={study.Study}", "--port-scp", $"{own}", "-o", moved.FullName]);
        Assert.Equal(Success, responses[^1]);
        Assert.Equal(instances.Length, moved.GetFiles().Length);
        foreach (var instance in instances)
        {
            Assert.Equal(await DataSet.OfAsync(archive.File(instance.Instance)), await DataSet.OfAsync(moved.GetFiles($"*{instance.Instance}*").Single().FullName));
        }

        async Task<int[]> RunAsync(string[] options, params string[] files)
        {
            var (exitCode, output, errors) = await Programs.RunAsync(
                "gdcmscu", [.. options, "-D", "--aetitle", "READER", "--call", DimseServer.AeTitle, "127.0.0.1", $"{tunnel.Port}", .. files], archive.Folder);
            Assert.True(exitCode == 0 || errors.Contains("ProtocolStream as nullptr is invalid", StringComparison.Ordinal), output + errors);
            return [.. StatusOfResponse().Matches(output + errors).Select(match => int.Parse(match.Groups[1].ValueSpan))];
        }
    }

    /// <summary>Each response is written twice: of these, that which a PDU holds.</summary>
    [GeneratedRegex(@"MessageHeader: 3\n(?:\(0000,.*\n)*\(0000,0900\) \?\? \(US\) (\d+)")]
    private static partial Regex StatusOfResponse();
}
