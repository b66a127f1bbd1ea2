using System.Diagnostics;
using System.Security.Cryptography;
using SecureStore.Grains.Vault;

namespace SecureStore.Bench;

/// <summary>
/// Seals and opens 64 KiB chunks, and beside it encrypts and decrypts the same bytes with a bare <see cref="AesGcm"/> without
/// associated data. Both take turns, a short stretch each, so that what else the machine does meets both alike.
/// </summary>
internal static class SealBenchmark
{
    private const int ChunksAStretch = 256;
    private const int StretchesARound = 40;
    private const double MiBAStretch = ChunksAStretch * (double)SealedFormat.ChunkSize / (1 << 20);

    public static void Run(BenchOptions options, FigureTable table)
    {
        var plain = RandomNumberGenerator.GetBytes(SealedFormat.ChunkSize);
        var sealedChunk = new byte[SealedFormat.ChunkSize + SealedFormat.TagSize];
        var nonce = new byte[AesGcm.NonceByteSizes.MaxSize];
        var header = new byte[SealedFormat.HeaderSize];
        using var bare = new AesGcm(RandomNumberGenerator.GetBytes(SecretKey.Size), SealedFormat.TagSize);
        using var key = SecretKey.Generate();

        using var sealer = new ObjectSealer(key);
        sealer.WriteHeader(header);
        Measure(
            options, table, "sealing",
            () => sealer.Seal(plain, last: false, sealedChunk),
            () => bare.Encrypt(nonce, plain, sealedChunk.AsSpan(0, plain.Length), sealedChunk.AsSpan(plain.Length)));

        using var first = new ObjectSealer(key);
        first.WriteHeader(header);
        first.Seal(plain, last: false, sealedChunk);
        var encrypted = new byte[sealedChunk.Length];
        bare.Encrypt(nonce, plain, encrypted.AsSpan(0, plain.Length), encrypted.AsSpan(plain.Length));
        using var opener = ObjectOpener.Create(key, header);
        Measure(
            options, table, "opening",
            () => opener.Open(0, last: false, sealedChunk, plain),
            () => bare.Decrypt(nonce, encrypted.AsSpan(0, plain.Length), encrypted.AsSpan(plain.Length), plain));
    }

    private static void Measure(BenchOptions options, FigureTable table, string what, Action ours, Action theirs)
    {
        for (var stretch = 0; stretch < StretchesARound; stretch++)
        {
            Seconds(ours);
            Seconds(theirs);
        }

        var (sealedRates, bareRates, allocated) = (new List<double>(), new List<double>(), 0L);
        for (var stretch = 0; stretch < options.Rounds * StretchesARound; stretch++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var seconds = Seconds(ours);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            sealedRates.Add(MiBAStretch / seconds);
            bareRates.Add(MiBAStretch / Seconds(theirs));
        }

        var chunks = options.Rounds * StretchesARound * ChunksAStretch;
        table.Add(
            $"{what} 64 KiB chunks, beside bare AesGcm (MiB/s)",
            $"{Statistics.Median(sealedRates):0}", $"{Statistics.Median(bareRates):0}", Statistics.MedianRatio(sealedRates, bareRates), "≥ 0.85");
        table.Add($"{what}: bytes allocated in {chunks} chunks", $"{allocated}", "", (double)allocated / chunks, "0");
    }

    private static double Seconds(Action chunk)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < ChunksAStretch; i++)
        {
            chunk();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
