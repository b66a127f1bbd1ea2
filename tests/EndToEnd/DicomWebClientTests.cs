using System.Text.Json.Nodes;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>dicomweb-client (npm), which OHIF and others use: what it stores comes back by each of its methods.</summary>
public class DicomWebClientTests
{
    [Fact]
    public async Task Dicomweb_client_stores_searches_and_retrieves()
    {
        using var folder = new TemporaryFolder();
        await using var archive = await InProcessArchive.StartAsync();
        var study = new TestInstance { PatientId = "P-82", Rows = 64, Columns = 64 };
        TestInstance[] instances =
        [
            study with { Instance = DicomUID.New(), Seed = 1 },
            study with { Instance = DicomUID.New(), Seed = 2, Frames = 3 },
            study with { Instance = DicomUID.New(), Seed = 3, Series = DicomUID.New() },
        ];
        var native = new JsonArray();
        foreach (var instance in instances)
        {
            var file = folder[instance.Instance];
            await File.WriteAllBytesAsync(file, await instance.FileAsync());
            native.Add(new JsonObject
            {
                ["file"] = file, ["study"] = instance.Study, ["series"] = instance.Series, ["instance"] = instance.Instance,
                ["frames"] = instance.Frames, ["frameLength"] = instance.Rows * instance.Columns * 2,
            });
        }

        var image = (await Pydicom.FilesAsync()).Single(path => Path.GetFileName(path) == "JPEG2000.dcm");
        var (ofStudy, ofSeries, ofInstance) = await DataSet.UidsAsync(await File.ReadAllBytesAsync(image));
        var said = await NpmPrograms.RunAsync("dicomweb-client.cjs", new JsonObject
        {
            ["url"] = $"{archive.Url}/dicom-web",
            ["token"] = await archive.Client.TokenAsync("store,search,read"),
            ["patientId"] = study.PatientId,
            ["instances"] = native,
            ["image"] = new JsonObject
            {
                ["file"] = image, ["study"] = ofStudy, ["series"] = ofSeries, ["instance"] = ofInstance,
                ["mediaType"] = "image/jp2", ["transferSyntax"] = DicomTransferSyntax.JPEG2000.UID,
            },
        });
        Assert.Equal("22 calls", said);
    }
}
