using System.Diagnostics;
using SecureStore.Dicom;

namespace SecureStore.Bench;

/// <summary>
/// A CT study stored by STOW-RS, retrieved whole by WADO-RS, and its series' metadata, by SecureStore and by Orthanc: the same bytes
/// from the same client, in turns.
/// </summary>
internal static class ArchiveBenchmark
{
    public const int SlicesARequest = 50;

    /// <summary>Rounds before anything is measured: .NET compiles what is used often once more, and better.</summary>
    private const int WarmUpRounds = 2;

    private const int ReadsARound = 3;

    public static async Task RunAsync(BenchOptions options, FigureTable table)
    {
        await using var ours = await MeasuredServer.StartSecureStoreAsync(options.Folder);
        await using var theirs = await MeasuredServer.StartOrthancAsync(options.Folder);
        DicomWebClient[] servers = [ours.Client, theirs.Client];
        byte[][] pixels = [.. Enumerable.Range(0, options.Slices).AsParallel().AsOrdered().Select(CtInstance.Noise)];
        var rounds = new List<Round>();
        for (var i = 1 - WarmUpRounds; i <= options.Rounds; i++)
        {
            var round = await RoundAsync(servers, pixels);
            await Console.Error.WriteLineAsync($"{(i > 0 ? "round" : "warming")} {i}: {round}");
            if (i > 0)
            {
                rounds.Add(round);
            }
        }

        var slices = options.Slices;
        Report(table, $"STOW-RS of {slices} CT slices, {SlicesARequest} a request (MiB/s)", rounds, round => round.Store, "≥ 5.00");
        Report(table, $"WADO-RS of that study, warm (MiB/s)", rounds, round => round.Retrieve, "≥ 1.00");
        Report(table, $"metadata of that series (ms)", rounds, round => round.Metadata, "≤ 0.20");
    }

    private static void Report(FigureTable table, string what, List<Round> rounds, Func<Round, double[]> figure, string wanted)
    {
        double[][] both = [[.. rounds.Select(round => figure(round)[0])], [.. rounds.Select(round => figure(round)[1])]];
        table.Add(
            what, $"{Statistics.Median(both[0]):0.0}", $"Orthanc {Statistics.Median(both[1]):0.0}", Statistics.MedianRatio(both[0], both[1]), wanted);
    }

    private static async Task<Round> RoundAsync(DicomWebClient[] servers, byte[][] pixels)
    {
        var (study, series) = (DicomUID.New(), DicomUID.New());
        var instances = new List<CtInstance>();
        for (var i = 0; i < pixels.Length; i++)
        {
            instances.Add(await CtInstance.CreateAsync(study, series, $"{series}.{i + 1}", i + 1, pixels[i]));
        }

        var total = instances.Sum(instance => instance.Length);
        var mebibytes = total / (double)(1 << 20);
        var store = new double[servers.Length];
        foreach (var (number, request) in instances.Chunk(SlicesARequest).Index())
        {
            await InTurnsAsync(servers, number, async (server, which) =>
            {
                using var body = new MultipartInstances(request);
                store[which] += await SecondsAsync(() => server.StoreAsync(body));
            });
        }

        var retrieve = await ReadAsync(servers, async server => Require(await server.RetrieveAsync(study) >= total));
        var metadata = await ReadAsync(servers, server => server.MetadataAsync(study, series));
        foreach (var server in servers)
        {
            Require(await server.CountMetadataAsync(study, series) == pixels.Length);
        }

        return new Round(
            [.. store.Select(seconds => mebibytes / seconds)], [.. retrieve.Select(seconds => mebibytes / seconds)],
            [.. metadata.Select(seconds => 1000 * seconds)]);
    }

    /// <summary>The median of a few reads, after one that warms.</summary>
    private static async Task<double[]> ReadAsync(DicomWebClient[] servers, Func<DicomWebClient, Task> read)
    {
        List<double>[] seconds = [.. servers.Select(_ => new List<double>())];
        for (var turn = 0; turn <= ReadsARound; turn++)
        {
            await InTurnsAsync(servers, turn, async (server, which) =>
            {
                var taken = await SecondsAsync(() => read(server));
                if (turn > 0)
                {
                    seconds[which].Add(taken);
                }
            });
        }

        return [.. seconds.Select(Statistics.Median)];
    }

    /// <summary>Each server once; who goes first changes from turn to turn.</summary>
    private static async Task InTurnsAsync(DicomWebClient[] servers, int turn, Func<DicomWebClient, int, Task> work)
    {
        for (var i = 0; i < servers.Length; i++)
        {
            var which = (turn + i) % servers.Length;
            await work(servers[which], which);
        }
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Require(bool isWhole)
    {
        if (!isWhole)
        {
            throw new InvalidDataException("An answer is not whole: its time says nothing.");
        }
    }

    /// <param name="Store">MiB/s, each server's.</param>
    /// <param name="Retrieve">MiB/s, each server's.</param>
    /// <param name="Metadata">Milliseconds, each server's.</param>
    private sealed record Round(double[] Store, double[] Retrieve, double[] Metadata)
    {
        public override string ToString() =>
            $"STOW {Store[0]:0.0} beside {Store[1]:0.0} MiB/s, WADO {Retrieve[0]:0.0} beside {Retrieve[1]:0.0} MiB/s, " +
            $"metadata {Metadata[0]:0.0} beside {Metadata[1]:0.0} ms";
    }
}
