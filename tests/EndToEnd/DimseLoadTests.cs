using System.Buffers;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.EndToEnd;

/// <summary>Many associations, and much over one: what they take of the archive's memory, and what they leave.</summary>
public class DimseLoadTests(ITestOutputHelper output)
{
    private const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";
    private const long MiB = 1 << 20;

    [Fact]
    public async Task A_hundred_associations_store_at_once_and_none_fails()
    {
        const int associations = 100, instances = 3;
        await using var archive = await DimseServer.StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, associations).Select(_ => OpenAsync(archive)));
        var slice = new TestInstance { Rows = 512, Columns = 512 };
        var pixels = await DataSetAsync(slice);
        await Task.WhenAll(clients.Select(async (client, number) =>
        {
            var study = new TestInstance();
            for (var i = 0; i < instances; i++)
            {
                var one = slice with { Study = study.Study, Series = study.Series, Instance = $"1.2.3.{number}.{i}" };
                Assert.Equal(0, await client.StoreAsync(Outgoing(one.Instance, await DataSetAsync(one)), default));
            }
        }));
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        Report(archive, $"{associations} associations, {instances} instances of {pixels.Length / 1024} KiB each");
        Assert.InRange(archive.Server.PeakResidentSet / MiB, 1, 600);
    }

    [Fact]
    [Trait("Long", "yes")]
    public async Task An_instance_of_two_GiB_is_stored_in_under_400_MB()
    {
        const int frames = 1024;
        await using var archive = await DimseServer.StartAsync();
        var one = new TestInstance { Rows = 1024, Columns = 1024 };
        var header = await DataSetAsync(await LargeInstance.HeaderAsync(one, frames));
        var frame = new byte[2 * one.Rows * one.Columns];
        new Random(3).NextBytes(frame);
        await using (var client = await OpenAsync(archive))
        {
            var instance = new DicomOutgoingInstance(CtStorage, one.Instance, DicomTransferSyntax.ExplicitVRLittleEndian.UID, header.Length + ((long)frames * frame.Length))
            {
                WriteAsync = async (target, flush, stop) =>
                {
                    target.Write(header);
                    for (var i = 0; i < frames; i++)
                    {
                        target.Write(frame);
                        await flush(stop);
                    }
                },
            };
            Assert.Equal(0, await client.StoreAsync(instance, default));
        }

        Report(archive, "an instance of 2 GiB");
        Assert.InRange(archive.Server.PeakResidentSet / MiB, 1, 400);
        using var reader = await archive.ClientAsync();
        Assert.True((await LargeInstance.HashAsync(reader, one)).Length > frames * (long)frame.Length);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1000, Traits = new[] { "Long", "yes" })]
    public async Task A_modality_that_opens_an_association_for_each_image_leaves_one_segment(int images)
    {
        await using var archive = await DimseServer.StartAsync();
        var study = new TestInstance();
        for (var number = 0; number < images; number++)
        {
            await using var client = await OpenAsync(archive);
            var one = study with { Instance = $"1.2.3.{number}" };
            Assert.Equal(0, await client.StoreAsync(Outgoing(one.Instance, await DataSetAsync(one)), default));
        }

        Assert.Single(await new FolderHoldings(archive.Server.DataPath).SegmentsAsync());
        using var reader = await archive.ClientAsync();
        var (_, found) = await reader.JsonAsync($"/dicom-web/studies/{study.Study}/instances?limit=2000");
        Assert.Equal(images, found.GetArrayLength());
    }

    private void Report(DimseServer archive, string what) => output.WriteLine($"{what}: resident set {archive.Server.PeakResidentSet / MiB} MiB at its peak");

    private static Task<DicomClient> OpenAsync(DimseServer archive) => DicomClient.OpenAsync(
        new DicomClientOptions
        {
            Host = "127.0.0.1",
            Port = archive.Port,
            CalledAE = DimseServer.AeTitle,
            CallingAE = "STORER",
            Contexts = [(CtStorage, [DicomTransferSyntax.ExplicitVRLittleEndian.UID])],
        },
        default);

    private static async Task<byte[]> DataSetAsync(TestInstance instance) => await DataSetAsync(await instance.FileAsync());

    private static async Task<byte[]> DataSetAsync(byte[] file)
    {
        await using var reader = new DicomStreamReader(new MemoryStream(file));
        await reader.OpenAsync();
        return file[(int)reader.DatasetOffset..];
    }

    private static DicomOutgoingInstance Outgoing(string uid, byte[] dataset) => new(CtStorage, uid, DicomTransferSyntax.ExplicitVRLittleEndian.UID, dataset.Length)
    {
        WriteAsync = async (target, flush, stop) =>
        {
            target.Write(dataset);
            await flush(stop);
        },
    };
}
