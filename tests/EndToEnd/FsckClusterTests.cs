using Azure.Storage.Blobs;
using Npgsql;
using SecureStore.Silo.Storage.AzureBlob;

namespace SecureStore.EndToEnd;

/// <summary>securestore fsck on three silos: whichever is asked checks what all of them stored.</summary>
public sealed class FsckClusterTests
{
    [Fact]
    public async Task Damage_in_the_databases_and_the_blob_store_is_found_and_repaired_and_a_second_check_is_clean()
    {
        await using var cluster = await ClusterOfSilos.StartAsync();
        var (whole, lost, moved) = (
            new TestInstance { PatientId = "A" }, new TestInstance { PatientId = "B", Rows = 400, Columns = 400 }, new TestInstance { PatientId = "C" });
        foreach (var (silo, one) in new[] { whole, lost, moved }.Index())
        {
            using var client = await cluster.ClientAsync(silo);
            Assert.Equal(200, (await client.StoreAsync(null, await one.FileAsync())).Status);
        }

        var clean = await Programs.SecureStoreAsync(cluster.Silos[0], "administer", "fsck");
        Assert.Equal((0, ""), (clean.ExitCode, clean.Output));

        var container = new BlobContainerClient(cluster.Azurite.ConnectionString, "securestore", BlobCalls.Options(new AzureBlobLimits()));
        var largest = await container.GetBlobsAsync().MaxByAsync(blob => blob.Properties.ContentLength);
        await container.DeleteBlobAsync(largest!.Name);
        await ExecuteAsync(cluster.Databases["Catalog"], """
            UPDATE catalog.studies SET due_day = due_day + 4000 WHERE study = (SELECT study FROM catalog.studies WHERE study <> $1 ORDER BY study LIMIT 1)
            """, Convert.FromHexString(largest.Name.Split('/')[1]));

        var found = await Programs.SecureStoreAsync(cluster.Silos[1], "administer", "fsck");
        Assert.Equal(1, found.ExitCode);
        Assert.Equal(["missing_segment found", "wrong_due_day found"], Kinds(found.Output));
        var repaired = await Programs.SecureStoreAsync(cluster.Silos[2], "administer", "fsck", "--repair");
        Assert.Equal(0, repaired.ExitCode);
        Assert.Equal(["missing_segment quarantined", "wrong_due_day repaired"], Kinds(repaired.Output));
        var second = await Programs.SecureStoreAsync(cluster.Silos[0], "administer", "fsck");
        Assert.Equal(0, second.ExitCode);
        Assert.Contains(" 0 findings", second.Errors, StringComparison.Ordinal);

        for (var silo = 0; silo < ClusterOfSilos.Size; silo++)
        {
            using var client = await cluster.ClientAsync(silo);
            foreach (var one in new[] { whole, moved })
            {
                Assert.Equal(await one.FileAsync(), (await client.FetchAsync(one.Study, one.Series, one.Instance)).Body);
            }

            Assert.Equal(410, (await client.FetchAsync(lost.Study, lost.Series, lost.Instance)).Status);
        }
    }

    private static string[] Kinds(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split('\t').Take(2))).Order()];

    private static async Task ExecuteAsync(string database, string change, byte[] handle)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(change);
        command.Parameters.Add(new NpgsqlParameter { Value = handle });
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }
}
