using System.Diagnostics;
using SecureStore.Dicom;

namespace SecureStore.Bench;

/// <summary>One frame, asked for at random, of a 1 GiB object and of a 10 MiB one, in turns: the object's size must not matter.</summary>
internal static class FrameBenchmark
{
    private const int LargeFrames = 2048;
    private const int SmallFrames = 20;
    private const int RequestsARound = 500;

    public static async Task RunAsync(BenchOptions options, FigureTable table)
    {
        await using var server = await MeasuredServer.StartSecureStoreAsync(options.Folder);
        var pixels = CtInstance.Noise(1);
        var large = await StoredObject.CreateAsync(server.Client, pixels, LargeFrames);
        var small = await StoredObject.CreateAsync(server.Client, pixels, SmallFrames);
        var random = new Random(1);
        await RoundAsync(large, small, random);

        var (largeP99, smallP99, largeMedian, smallMedian) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var i = 1; i <= options.Rounds; i++)
        {
            var (ofLarge, ofSmall) = await RoundAsync(large, small, random);
            largeP99.Add(Statistics.Percentile(ofLarge, 99));
            smallP99.Add(Statistics.Percentile(ofSmall, 99));
            largeMedian.Add(Statistics.Median(ofLarge));
            smallMedian.Add(Statistics.Median(ofSmall));
            await Console.Error.WriteLineAsync(
                $"round {i}: p99 {largeP99[^1]:0.00} beside {smallP99[^1]:0.00} ms, median {largeMedian[^1]:0.00} beside {smallMedian[^1]:0.00} ms");
        }

        Report("p99", largeP99, smallP99);
        Report("median", largeMedian, smallMedian);

        void Report(string what, List<double> ofLarge, List<double> ofSmall) => table.Add(
            $"a frame of 1 GiB, beside one of 10 MiB: {what} of {RequestsARound} (ms)",
            $"{Statistics.Median(ofLarge):0.00}", $"{Statistics.Median(ofSmall):0.00}", Statistics.MedianRatio(ofLarge, ofSmall), "≤ 1.00");
    }

    private static async Task<(List<double> Large, List<double> Small)> RoundAsync(StoredObject large, StoredObject small, Random random)
    {
        var (ofLarge, ofSmall) = (new List<double>(), new List<double>());
        for (var i = 0; i < RequestsARound; i++)
        {
            if (i % 2 == 0)
            {
                ofLarge.Add(await large.MillisecondsAsync(random));
                ofSmall.Add(await small.MillisecondsAsync(random));
            }
            else
            {
                ofSmall.Add(await small.MillisecondsAsync(random));
                ofLarge.Add(await large.MillisecondsAsync(random));
            }
        }

        return (ofLarge, ofSmall);
    }

    private sealed record StoredObject(DicomWebClient Server, string Study, string Series, string Instance, int Frames)
    {
        /// <summary>Stores it and reads it once.</summary>
        public static async Task<StoredObject> CreateAsync(DicomWebClient server, byte[] frame, int frames)
        {
            var (study, series, instance) = (DicomUID.New(), DicomUID.New(), DicomUID.New());
            using (var body = new MultipartInstances([await CtInstance.CreateAsync(study, series, instance, 1, frame, frames)]))
            {
                await server.StoreAsync(body);
            }

            await server.RetrieveAsync(study);
            return new StoredObject(server, study, series, instance, frames);
        }

        public async Task<double> MillisecondsAsync(Random random)
        {
            var frame = random.Next(Frames) + 1;
            var start = Stopwatch.GetTimestamp();
            var length = await Server.FrameAsync(Study, Series, Instance, frame);
            var taken = Stopwatch.GetElapsedTime(start);
            return length >= CtInstance.FrameBytes ? taken.TotalMilliseconds : throw new InvalidDataException("A frame is not whole.");
        }
    }
}
