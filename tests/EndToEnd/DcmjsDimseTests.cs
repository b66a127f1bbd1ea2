using System.Text.Json.Nodes;

namespace SecureStore.EndToEnd;

/// <summary>dcmjs-dimse (npm) stores into the archive, finds in it, and retrieves from it, over TLS with a certificate or with a policy token.</summary>
public class DcmjsDimseTests
{
    private const int Success = 0x0000;
    private const int Pending = 0xFF00;

    [Fact]
    public async Task Dcmjs_dimse_verifies_stores_finds_gets_and_is_moved_to()
    {
        var destination = ServerProcess.FreePort();
        await using var archive = await DimseServer.StartAsync(tls: true, destination, destinationTls: true);
        var study = new TestInstance { PatientName = "Dcmjs^Anne", PatientId = "P-81" };
        TestInstance[] instances = [.. Enumerable.Range(1, 2).Select(number => study with { Instance = $"{study.Instance}.{number}", Seed = number })];
        foreach (var instance in instances)
        {
            await File.WriteAllBytesAsync(archive.File(instance.Instance), await instance.FileAsync());
        }

        using var client = await archive.ClientAsync();
        var result = JsonNode.Parse(await NpmPrograms.RunAsync("dcmjs-dimse.cjs", new JsonObject
        {
            ["archive"] = new JsonObject { ["port"] = archive.Port, ["aeTitle"] = DimseServer.AeTitle },
            ["tls"] = new JsonObject { ["key"] = archive.File("reader.key"), ["cert"] = archive.File("reader.pem"), ["ca"] = archive.File("authority.pem") },
            ["reader"] = "READER",
            ["holder"] = "STORER",
            ["token"] = await client.TokenAsync("search"),
            ["destination"] = new JsonObject { ["port"] = destination, ["aeTitle"] = "DESTINATION" },
            ["files"] = new JsonArray([.. instances.Select(instance => (JsonNode)archive.File(instance.Instance))]),
            ["study"] = study.Study,
            ["folder"] = archive.Folder,
        }))!;
        Answers("echo", Success);
        Answers("store", Success, Success);
        Finds("studies", "Dcmjs^Anne");
        Finds("series", study.Series);
        Finds("instances", [.. instances.Select(instance => instance.Instance)]);
        Finds("nothing");
        Answers("get", Pending, Success);
        Answers("move", Pending, Success);
        Finds("byToken", "Dcmjs^Anne");
        foreach (var instance in instances)
        {
            // It writes anew what it sends and what it gets: Specific Character Set, no private elements.
            var before = await DataSet.ElementsAsync(await instance.FileAsync());
            var (status, stored) = await client.FetchAsync(study.Study, study.Series, instance.Instance);
            Assert.Equal(200, status);
            foreach (var file in new[] { stored, await File.ReadAllBytesAsync(archive.File($"got-{instance.Instance}")), await File.ReadAllBytesAsync(archive.File($"moved-{instance.Instance}")) })
            {
                Assert.Empty(before.Except(await DataSet.ElementsAsync(file)));
            }
        }

        void Answers(string what, params int[] expected) => Assert.Equal(expected, result[what]!.AsArray().Select(status => (int)status!));

        void Finds(string what, params string[] expected)
        {
            var found = result[what]!;
            Assert.Equal([.. expected.Select(_ => Pending), Success], found["statuses"]!.AsArray().Select(status => (int)status!));
            Assert.Equal(expected, found["values"]!.AsArray().Select(value => value is JsonArray names ? (string)names[0]!["Alphabetic"]! : (string)value!));
        }
    }
}
