using SecureStore.Contracts.Servers;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Tests.Storage.AzureBlob;

/// <summary>It measures what the process allocates, so nothing else runs beside it.</summary>
[CollectionDefinition(nameof(LargeBlobTests), DisableParallelization = true)]
[Collection(nameof(LargeBlobTests))]
[Trait("Server", "yes")]
public sealed class LargeBlobTests(SharedAzurite azurite)
{
    private const int Size = 64 << 20;

    [Fact]
    public async Task An_object_of_64_MiB_passes_through_a_small_part_of_its_size_in_memory()
    {
        var study = StudyHandle.New();
        await using var store = new TestContainer(await azurite.GetAsync()).Open(TimeProvider.System);
        var (warm, _) = await store.AppendAsync(study, new byte[100], default);
        await store.FlushAsync(study, [warm], default);
        var chunk = new byte[256 << 10];
        var read = new byte[chunk.Length];
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await using var writer = await store.CreateSegmentAsync(study, default);
        for (var i = 0; i < Size / chunk.Length; i++)
        {
            Fill(chunk, i);
            await writer.WriteAsync(chunk, default);
        }

        await writer.CompleteAsync(default);
        for (var i = 0; i < Size / chunk.Length; i++)
        {
            Fill(chunk, i);
            Assert.Equal(chunk.Length, await store.ReadAsync(study, writer.Segment, (long)i * chunk.Length, read, default));
            Assert.True(chunk.AsSpan().SequenceEqual(read));
        }

        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, Size / 2);
    }

    private static void Fill(byte[] chunk, int seed) => new Random(seed).NextBytes(chunk);
}
