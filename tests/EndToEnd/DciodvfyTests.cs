using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>dciodvfy (Debian: dicom3tools) finds nothing in what the archive returns that it does not find in what came in.</summary>
public class DciodvfyTests
{
    /// <summary>What getscu calls the transfer syntax that it is to propose first. It has a name for the implicit one, and proposes another all the same.</summary>
    private static readonly Dictionary<DicomTransferSyntax, string> Proposals = new()
    {
        [DicomTransferSyntax.ImplicitVRLittleEndian] = "+xe",
        [DicomTransferSyntax.ExplicitVRLittleEndian] = "+xe",
        [DicomTransferSyntax.ExplicitVRBigEndian] = "+xb",
        [DicomTransferSyntax.DeflatedExplicitVRLittleEndian] = "+xd",
        [DicomTransferSyntax.JPEGBaseline8Bit] = "+xy",
        [DicomTransferSyntax.JPEGExtended12Bit] = "+xx",
        [DicomTransferSyntax.JPEGLosslessSV1] = "+xs",
        [DicomTransferSyntax.JPEGLSLossless] = "+xt",
        [DicomTransferSyntax.JPEG2000Lossless] = "+xv",
        [DicomTransferSyntax.JPEG2000] = "+xw",
        [DicomTransferSyntax.RLELossless] = "+xr",
    };

    [Fact]
    public async Task What_is_returned_has_no_finding_that_what_came_in_has_not()
    {
        var destination = ServerProcess.FreePort();
        await using var archive = await DimseServer.StartAsync(tls: true, destination);
        using var client = await archive.ClientAsync();
        using var tunnel = new TlsTunnel(archive.File("reader.pem"), archive.File("reader.key"), archive.Port);
        var stowed = await StowAsync(client);
        var sent = await SendAsync(archive, tunnel.Port, stowed);
        Instance[] all = [.. stowed, .. sent];

        // As files, by WADO-RS (byte for byte what STOW-RS brought), by C-GET and by C-MOVE.
        var came = await FindingsAsync(archive, all, one => one.Path);
        foreach (var one in sent)
        {
            var (status, file) = await client.GetAsync(one.Address, "application/dicom; transfer-syntax=*");
            Assert.Equal(200, status);
            await File.WriteAllBytesAsync(archive.File("wado-" + one.Uid), file);
        }

        AssertNoneMore(came, await FindingsAsync(archive, sent, one => archive.File("wado-" + one.Uid)));
        Instance[] gettable = [.. all.Where(one => Proposals.ContainsKey(one.Syntax))];
        Assert.True(gettable.Length > 45, $"{gettable.Length} of {all.Length}");
        var got = await GetAsync(archive, tunnel.Port, gettable, "got", syntax => Proposals[syntax]);
        AssertNoneMore(came, await FindingsAsync(archive, gettable, one => Path.Combine(got, one.Uid)));
        Instance[] compressed = [.. gettable.Where(one => one.Syntax.IsEncapsulated)];
        var native = await GetAsync(archive, tunnel.Port, compressed, "native", _ => "+xe");
        Instance[] decompressed = [.. compressed.Where(one => File.Exists(Path.Combine(native, one.Uid)))];
        Assert.True(decompressed.Length > 20, $"{decompressed.Length} of {compressed.Length}");
        AssertNoneMore(came, await FindingsAsync(archive, decompressed, one => Path.Combine(native, one.Uid)));
        var moved = await MoveAsync(archive, tunnel.Port, destination, all);
        AssertNoneMore(came, await FindingsAsync(archive, all, one => moved[one.Uid]));

        // As metadata and bulk data, which pydicom makes files of.
        var rebuilt = await RebuildAsync(archive, client, stowed);
        Assert.True(rebuilt.Length > 25, $"{rebuilt.Length} of {stowed.Length}");
        AssertNoneMore(came, await FindingsAsync(archive, rebuilt, one => archive.File("rebuilt-" + one.Uid)));
    }

    private static void AssertNoneMore(IReadOnlyDictionary<Instance, HashSet<string>> before, IReadOnlyDictionary<Instance, HashSet<string>> after) =>
        Assert.Empty(after.SelectMany(one => one.Value.Except(before[one.Key]).Select(finding => $"{one.Key.Path}: {finding}")));

    private static async Task<IReadOnlyDictionary<Instance, HashSet<string>>> FindingsAsync(DimseServer archive, Instance[] instances, Func<Instance, string> path)
    {
        Assert.All(instances, one => Assert.True(File.Exists(path(one)), $"{one.Path} ({one.Syntax.UID}) has not come back."));
        var folder = Directory.CreateDirectory(archive.File(Guid.NewGuid().ToString("N"))).FullName;
        const string each = """number=0; for file; do dciodvfy "$file" > $number 2>&1; number=$((number + 1)); done""";
        await Programs.RunAsync("sh", ["-c", each, "sh", .. instances.Select(path)], folder);
        var findings = new Dictionary<Instance, HashSet<string>>();
        foreach (var (number, one) in instances.Index())
        {
            // dciodvfy prints values as they are, in whatever encoding.
            findings.Add(one, [.. await File.ReadAllLinesAsync(Path.Combine(folder, $"{number}"), Encoding.Latin1)]);
        }

        Assert.True(findings.Values.Sum(found => found.Count) > findings.Count);
        return findings;
    }

    /// <summary>Stores the files that come with pydicom by STOW-RS, one for each SOP Instance UID.</summary>
    private static async Task<Instance[]> StowAsync(ArchiveClient client)
    {
        var stored = new Dictionary<string, Instance>();
        foreach (var path in (await Pydicom.FilesAsync()).Where(path => path.EndsWith(".dcm", StringComparison.Ordinal)))
        {
            if (await Instance.ReadAsync(path) is { } one && !stored.ContainsKey(one.Uid)
                && (await client.StoreAsync(null, await File.ReadAllBytesAsync(path))).Status is 200 or 202)
            {
                stored.Add(one.Uid, one);
            }
        }

        Assert.True(stored.Count > 25);
        return [.. stored.Values];
    }

    /// <summary>Sends copies of them, with UIDs of their own, by C-STORE.</summary>
    private static async Task<Instance[]> SendAsync(DimseServer archive, int port, Instance[] instances)
    {
        var copies = Directory.CreateDirectory(archive.File("copies"));
        foreach (var one in instances)
        {
            File.Copy(one.Path, Path.Combine(copies.FullName, one.Uid));
        }

        // It leaves as they are those few that it cannot read.
        await Programs.RunAsync("dcmodify", ["-ie", "-nb", "-gst", "-gse", "-gin", .. copies.GetFiles().Select(file => file.FullName)], archive.Folder);
        var changed = new List<Instance>();
        foreach (var file in copies.GetFiles())
        {
            // dcmsend turns big-endian data sets round.
            if (await Instance.ReadAsync(file.FullName) is { } copy && copy.Uid != file.Name && !copy.Syntax.IsBigEndian)
            {
                changed.Add(copy);
            }
        }

        Assert.True(changed.Count > 20);
        var (exitCode, output) = await archive.RunAsync(port, "dcmsend", "READER", ["-nh", "-dn", "--no-uid-checks"], [.. changed.Select(copy => copy.Path)]);
        Assert.True(exitCode == 0, output);
        return [.. changed];
    }

    /// <summary>Gets all by C-GET, those of a transfer syntax at a time.</summary>
    /// <returns>The folder that then has a file for each SOP Instance UID.</returns>
    private static async Task<string> GetAsync(
        DimseServer archive, int port, Instance[] instances, string name, Func<DicomTransferSyntax, string> proposal)
    {
        var folder = Directory.CreateDirectory(archive.File(name)).FullName;
        foreach (var alike in instances.GroupBy(one => one.Syntax))
        {
            await archive.RunAsync(port, "getscu", "READER", ["+B", proposal(alike.Key), "-od", folder, "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", Studies(alike)]);
        }

        return folder;
    }

    /// <summary>Has all sent by C-MOVE.</summary>
    /// <returns>Their files by SOP Instance UID.</returns>
    private static async Task<IReadOnlyDictionary<string, string>> MoveAsync(DimseServer archive, int port, int destination, Instance[] instances)
    {
        var folder = Directory.CreateDirectory(archive.File("moved"));
        using var receiver = BackgroundProgram.Start("storescp", ["+xa", "+B", "-od", folder.FullName, $"{destination}"]);
        await receiver.ListensAsync(destination);
        var (exitCode, output) = await archive.RunAsync(
            port, "movescu", "READER", ["-aem", "DESTINATION", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", Studies(instances)]);
        Assert.True(exitCode == 0, output);

        // It puts the modality in front.
        return folder.GetFiles().ToDictionary(file => file.Name[(file.Name.IndexOf('.', StringComparison.Ordinal) + 1)..], file => file.FullName);
    }

    private static string Studies(IEnumerable<Instance> instances) => $"StudyInstanceUID={string.Join('\\', instances.Select(one => one.Study).Distinct())}";

    private static async Task<Instance[]> RebuildAsync(DimseServer archive, ArchiveClient client, Instance[] instances)
    {
        var task = new JsonArray();
        foreach (var one in instances)
        {
            var (status, metadata) = await client.JsonAsync(one.Address + "/metadata");
            Assert.Equal(200, status);
            var bulk = new JsonObject();
            foreach (var uri in BulkDataUris(metadata).Where(uri => !one.Syntax.IsEncapsulated || !uri.EndsWith("/7FE00010", StringComparison.Ordinal)))
            {
                (status, var value) = await client.GetAsync(new Uri(uri).AbsolutePath, "application/octet-stream");
                Assert.Equal(200, status);
                bulk.Add(uri, Convert.ToBase64String(value));
            }

            task.Add(new JsonObject { ["file"] = one.Path, ["metadata"] = JsonNode.Parse(metadata[0].GetRawText()), ["bulk"] = bulk, ["to"] = archive.File("rebuilt-" + one.Uid) });
        }

        await Pydicom.RunAsync("rebuild", JsonSerializer.SerializeToUtf8Bytes(task));
        return [.. instances.Where(one => File.Exists(archive.File("rebuilt-" + one.Uid)))];
    }

    private static IEnumerable<string> BulkDataUris(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(
            member => member.Name == "BulkDataURI" ? [member.Value.GetString()!] : BulkDataUris(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(BulkDataUris),
        _ => [],
    };

    private sealed record Instance(string Path, string Study, string Series, string Uid, DicomTransferSyntax Syntax)
    {
        public string Address => $"/dicom-web/studies/{Study}/series/{Series}/instances/{Uid}";

        /// <returns>Null where it is not a file whose transfer syntax and UIDs can be read.</returns>
        public static async Task<Instance?> ReadAsync(string path)
        {
            try
            {
                var file = await DicomFile.OpenAsync(path);
                return file.Syntax is { } syntax && file.Dataset.GetString(DicomTag.StudyInstanceUID) is { Length: > 0 } study
                    && file.Dataset.GetString(DicomTag.SeriesInstanceUID) is { Length: > 0 } series && file.Dataset.GetString(DicomTag.SOPInstanceUID) is { Length: > 0 } uid
                    ? new(path, study, series, uid, syntax)
                    : null;
            }
            catch (DicomDataException)
            {
                return null;
            }
        }
    }
}
