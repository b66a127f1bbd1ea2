using System.Diagnostics;
using Xunit;

namespace SecureStore.Contracts.Fuzzing;

/// <summary>
/// Something that reads bytes from outside. Whatever they are, it reads or refuses them, soon and in little memory. Its corpus is the files
/// of a folder, all of which it reads.
/// </summary>
/// <param name="corpus">What is damaged.</param>
/// <param name="read">Reads an input whole, on the calling thread.</param>
/// <param name="refusals">How it refuses; any other exception is a defect.</param>
public sealed class FuzzTarget(IReadOnlyList<byte[]> corpus, Func<byte[], Task> read, params Type[] refusals)
{
    private const long MostMemory = 64 * 1024 * 1024;

    /// <summary>Wide: a machine may stand still for longer than any input takes.</summary>
    private static readonly TimeSpan LongestOfOne = TimeSpan.FromSeconds(10);

    /// <param name="folder">Relative to the repository: tests/vectors/fuzz/...</param>
    public static IReadOnlyList<byte[]> Corpus(string folder) =>
        [.. Directory.GetFiles(RepositoryFiles.PathOf(folder)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    /// <summary>Reads damaged inputs.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">The same seed, the same inputs.</param>
    /// <returns>The figures of the run.</returns>
    public string Run(int count, int seed = 1)
    {
        Assert.NotEmpty(corpus);
        Assert.All(corpus, bytes => Assert.Null(Record(bytes)));
        var mutator = new Mutator(seed);
        var (refused, largest, slowest, all) = (0, 0L, TimeSpan.Zero, Stopwatch.StartNew());
        for (var i = 0; i < count; i++)
        {
            var input = mutator.Damage(mutator.OneOf(corpus));
            var (memory, started) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            var failure = Record(input);
            var (allocated, taken) = (GC.GetAllocatedBytesForCurrentThread() - memory, Stopwatch.GetElapsedTime(started));
            largest = Math.Max(largest, allocated);
            slowest = taken > slowest ? taken : slowest;
            refused += failure is null ? 0 : 1;
            if ((failure is not null && !refusals.Contains(failure.GetType())) || allocated > MostMemory || taken > LongestOfOne)
                Assert.Fail($"Input {i} of seed {seed}: {allocated} bytes, {taken.TotalMilliseconds} ms, {failure}\n{Convert.ToHexString(input)}");
        }

        return $"{count} inputs, {refused} refused, in {all.Elapsed.TotalSeconds:F1} s; largest allocation {largest} bytes, slowest {slowest.TotalMilliseconds:F1} ms";
    }

    /// <summary>How an input is refused, or null.</summary>
    public Exception? Record(byte[] input)
    {
        try
        {
            var reading = read(input);
            Assert.True(reading.IsCompleted, "It went on on another thread, whose memory nobody counts.");
            reading.GetAwaiter().GetResult();
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
