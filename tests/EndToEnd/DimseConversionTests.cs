using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>dcmtk's programs are sent what they take.</summary>
public class DimseConversionTests
{
    private static readonly string[] Names =
    [
        "rtdose_rle.dcm", "JPGExtended.dcm", "SC_rgb_jpeg_gdcm.dcm", "SC_rgb_dcmtk_+eb+cy+np.dcm", "MR_small_jpeg_ls_lossless.dcm", "693_J2KI.dcm",
    ];

    [Fact]
    public async Task Receivers_of_native_transfer_syntaxes_are_sent_decompressed_instances()
    {
        var destination = ServerProcess.FreePort();
        await using var archive = await DimseServer.StartAsync(tls: true, destination);
        using var client = await archive.ClientAsync();
        var stored = new Dictionary<string, (string Path, string Study)>();
        foreach (var path in (await Pydicom.FilesAsync()).Where(path => Names.Contains(Path.GetFileName(path))))
        {
            var (status, _) = await client.StoreAsync(null, await File.ReadAllBytesAsync(path));
            Assert.True(status == 200, path);
            var dataset = (await DicomFile.OpenAsync(path)).Dataset;
            stored.Add(dataset.GetString(DicomTag.SOPInstanceUID)!, (path, dataset.GetString(DicomTag.StudyInstanceUID)!));
        }

        Assert.Equal(Names.Length, stored.Count);
        using var tunnel = new TlsTunnel(archive.File("reader.pem"), archive.File("reader.key"), archive.Port);
        var got = Directory.CreateDirectory(archive.File("got"));
        var moved = Directory.CreateDirectory(archive.File("moved"));
        using var receiver = BackgroundProgram.Start("storescp", ["+xi", "-od", moved.FullName, $"{destination}"]);
        await receiver.ListensAsync(destination);
        foreach (var study in stored.Values.Select(one => one.Study).Distinct())
        {
            string[] keys = ["-S", "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={study}"];
            var (exitCode, output) = await archive.RunAsync(tunnel.Port, "getscu", "READER", ["-v", "-od", got.FullName, .. keys]);
            Assert.True(exitCode == 0, output);
            (exitCode, output) = await archive.RunAsync(tunnel.Port, "movescu", "READER", ["-v", "-aem", "DESTINATION", .. keys]);
            Assert.True(exitCode == 0, output);
        }

        await ComparedAsync(got, DicomTransferSyntax.ExplicitVRLittleEndian);
        await ComparedAsync(moved, DicomTransferSyntax.ImplicitVRLittleEndian);

        async Task ComparedAsync(DirectoryInfo folder, DicomTransferSyntax syntax)
        {
            var decompressed = new Dictionary<string, string?>();
            foreach (var file in folder.GetFiles())
            {
                var received = await DicomFile.OpenAsync(file.FullName);
                Assert.Equal(syntax, received.Syntax);
                decompressed.Add(stored[received.Dataset.GetString(DicomTag.SOPInstanceUID)!].Path, file.FullName);
            }

            Assert.Equal($"{Names.Length} files, {Names.Length} decoded by others", (await Pydicom.ComparePixelsAsync(decompressed)).TrimEnd());
        }
    }
}
