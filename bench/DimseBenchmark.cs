using System.Diagnostics;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.Bench;

/// <summary>
/// C-STORE of CT slices by dcmtk's dcmsend, into SecureStore and into Orthanc, in turns: over one association, and over four at once. Then one
/// association for each slice, by the client of src/Dicom, as a modality does that opens one for each image.
/// </summary>
internal static class DimseBenchmark
{
    private const string Sender = "BENCH";

    /// <summary>Rounds of SecureStore alone before anything is measured: .NET compiles what is used often once more, and better.</summary>
    private const int WarmUpRounds = 3;

    private static readonly string CtImageStorage = DicomUID.CTImageStorage.UID;

    private static readonly string[] Ways = ["one association", "four associations", "an association for each slice"];

    public static async Task RunAsync(BenchOptions options, FigureTable table)
    {
        var (ourPort, theirPort) = (MeasuredServer.FreePort(), MeasuredServer.FreePort());
        await using var ours = await MeasuredServer.StartSecureStoreAsync(
            options.Folder, $"Dimse:Port={ourPort}", $"Dimse:Peers:0:AeTitle={Sender}", "Dimse:Peers:0:Addresses:0=127.0.0.1");
        await using var theirs = await MeasuredServer.StartOrthancAsync(options.Folder, theirPort);
        var rounds = new List<double[][]>();
        for (var round = 1 - WarmUpRounds; round <= options.Rounds; round++)
        {
            int[] ports = round <= 0 ? [ourPort] : round % 2 == 0 ? [ourPort, theirPort] : [theirPort, ourPort];
            var figures = new double[Ways.Length][];
            for (var way = 0; way < Ways.Length; way++)
            {
                figures[way] = await InTurnsAsync(options, ports, way, ourPort);
            }

            await Console.Error.WriteLineAsync(
                $"{(round > 0 ? "round" : "warming")} {round}: " + string.Join(", ", figures.Select((figure, way) => $"{Ways[way]} {figure[0]:0.0} beside {figure[1]:0.0} a second")));
            if (round > 0)
            {
                rounds.Add(figures);
            }
        }

        string[] wanted = ["≥ 15.00", "≥ 5.00", "≥ 1.00"];
        for (var way = 0; way < Ways.Length; way++)
        {
            double[][] both = [[.. rounds.Select(round => round[way][0])], [.. rounds.Select(round => round[way][1])]];
            table.Add(
                $"C-STORE of {options.Slices} CT slices, {Ways[way]} (a second)", $"{Statistics.Median(both[0]):0.0}", $"Orthanc {Statistics.Median(both[1]):0.0}",
                Statistics.MedianRatio(both[0], both[1]), wanted[way]);
        }
    }

    /// <returns>Instances a second, ours and theirs; NaN where one is left out.</returns>
    private static async Task<double[]> InTurnsAsync(BenchOptions options, int[] ports, int way, int ourPort)
    {
        var folder = Directory.CreateTempSubdirectory("securestore-dimse-");
        try
        {
            var files = await WriteStudyAsync(folder.FullName, options.Slices);
            double[] figures = [double.NaN, double.NaN];
            foreach (var port in ports)
            {
                var began = Stopwatch.GetTimestamp();
                await (way switch
                {
                    0 => SendAsync(port, files),
                    1 => Task.WhenAll(files.Chunk((files.Length + 3) / 4).Select(part => SendAsync(port, part))),
                    _ => SendEachAsync(port, files),
                });
                figures[port == ourPort ? 0 : 1] = files.Length / Stopwatch.GetElapsedTime(began).TotalSeconds;
            }

            return figures;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string[]> WriteStudyAsync(string folder, int slices)
    {
        var (study, series) = (DicomUID.New(), DicomUID.New());
        var files = new string[slices];
        for (var i = 0; i < slices; i++)
        {
            var instance = await CtInstance.CreateAsync(study, series, $"{series}.{i + 1}", i + 1, CtInstance.Noise(i));
            files[i] = Path.Combine(folder, $"{i:00000}.dcm");
            await using var file = File.Create(files[i]);
            await file.WriteAsync(instance.Header);
            await file.WriteAsync(instance.Frame);
        }

        return files;
    }

    private static async Task SendAsync(int port, string[] files)
    {
        using var sending = Process.Start(new ProcessStartInfo("dcmsend", ["-nh", "-aet", Sender, "-aec", "SECURESTORE", "127.0.0.1", $"{port}", .. files]))!;
        await sending.WaitForExitAsync();
        if (sending.ExitCode != 0)
        {
            throw new InvalidDataException("dcmsend has not sent everything: its time says nothing.");
        }
    }

    private static async Task SendEachAsync(int port, string[] files)
    {
        var options = new DicomClientOptions
        {
            Host = "127.0.0.1", Port = port, CalledAE = "SECURESTORE", CallingAE = Sender,
            Contexts = [(CtImageStorage, [DicomTransferSyntax.ExplicitVRLittleEndian.UID])],
        };
        foreach (var file in files)
        {
            var bytes = await File.ReadAllBytesAsync(file);
            await using var reader = new DicomStreamReader(new MemoryStream(bytes));
            await reader.OpenAsync();
            await reader.ReadUntilAsync(DicomTag.StudyDate);
            var start = (int)reader.DatasetOffset;
            var instance = new DicomOutgoingInstance(
                CtImageStorage, reader.Dataset.GetString(DicomTag.SOPInstanceUID)!, DicomTransferSyntax.ExplicitVRLittleEndian.UID, bytes.Length - start)
            {
                WriteAsync = async (output, flush, cancellation) =>
                {
                    bytes.AsMemory(start).CopyTo(output.GetMemory(bytes.Length - start));
                    output.Advance(bytes.Length - start);
                    await flush(cancellation);
                },
            };
            await using var client = await DicomClient.OpenAsync(options, default);
            if (await client.StoreAsync(instance, default) != DicomStatus.Success)
            {
                throw new InvalidDataException("A slice was not stored: the time says nothing.");
            }
        }
    }
}
