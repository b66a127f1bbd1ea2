using System.Buffers;
using CsCheck;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.VaultTests;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Studies;

public sealed class SealedPartTests
{
    private const int Chunk = SealedFormat.MinChunkSize;

    private static Gen<(byte[] Plain, int Offset, int Count)> PlainAndRange =>
        Gen.Int[0, 40 * Chunk].SelectMany(length => Gen.Select(Gen.Int[0, 1000], Gen.Int[0, length], Gen.Int[0, length]).Select((seed, a, b) =>
        {
            var plain = new byte[length];
            new Random(seed).NextBytes(plain);
            return (plain, Math.Min(a, b), Math.Abs(a - b));
        }));

    [Fact]
    public Task Any_range_is_the_slice_of_what_was_sealed() => PlainAndRange.SampleAsync(async one =>
    {
        var (plain, offset, count) = one;
        using var key = SecretKey.Generate();
        var (objects, study, part) = await StoredAsync(key, plain);
        using var reader = await SealedPartReader.OpenAsync(objects, study, part, ObjectPart.File, key, default);

        var output = new ArrayBufferWriter<byte>();
        await reader.CopyAsync(offset, count, output, static _ => default, default);
        var memory = new byte[count];
        await reader.ReadAsync(offset, memory, default);

        Assert.True(output.WrittenSpan.SequenceEqual(plain.AsSpan(offset, count)));
        Assert.True(memory.AsSpan().SequenceEqual(plain.AsSpan(offset, count)));
    });

    [Fact]
    public async Task A_part_that_is_shorter_than_its_record_says_is_cut_off()
    {
        using var key = SecretKey.Generate();
        var (objects, study, part) = await StoredAsync(key, new byte[3 * Chunk]);
        using var reader = await SealedPartReader.OpenAsync(objects, study, part with { Length = 5 * Chunk }, ObjectPart.File, key, default);
        var output = new ArrayBufferWriter<byte>();

        await Assert.ThrowsAsync<SealedObjectException>(
            async () => await reader.CopyAsync(3 * Chunk, 2 * Chunk, output, static _ => default, default));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public async Task A_part_is_not_opened_as_another()
    {
        using var key = SecretKey.Generate();
        var (objects, study, part) = await StoredAsync(key, new byte[10]);

        await Assert.ThrowsAsync<SealedObjectException>(
            async () => await SealedPartReader.OpenAsync(objects, study, part, ObjectPart.Metadata, key, default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    public async Task What_passes_is_sealed_and_its_MAC_leaves_out_the_header(int header)
    {
        var file = new byte[300_000];
        new Random(1).NextBytes(file);
        foreach (var readSize in (int[])[1000, 65_536, 300_000])
        {
            using var key = SecretKey.Generate();
            using var macKey = Sealing.Key(new byte[32]);
            var (objects, study) = (new InMemoryObjectStore(), StudyHandle.New());
            await using var sink = new SealedSink(objects, 1 << 16) { Study = study };
            await using var passing = new SealingStream(new MemoryStream(file), sink, key, macKey);
            var buffer = new byte[readSize];
            await passing.ReadExactlyAsync(new byte[330]);
            var read = await passing.ReadAsync(buffer);
            passing.DataSetOffset = header;
            while (read > 0)
            {
                read = await passing.ReadAsync(buffer);
            }

            var mac = Convert.ToHexString((await passing.EndAsync(default)).ToArray());
            var (segment, offset, _) = await sink.EndAsync(default);
            using var reader = await SealedPartReader.OpenAsync(
                objects, study, new SealedPart(segment, offset, passing.Length), ObjectPart.File, key, default);
            var opened = new byte[file.Length];
            await reader.ReadAsync(0, opened, default);
            Assert.True(opened.AsSpan().SequenceEqual(file));
            using var expected = new BulkMac(macKey);
            expected.AppendData(file.AsSpan(header <= 16_384 ? header : 0));
            Assert.Equal(Convert.ToHexString(expected.Finish().ToArray()), mac);
        }
    }

    [Fact]
    public async Task Buffers_go_back_to_their_pool_once()
    {
        using var key = SecretKey.Generate();
        var sink = new SealedSink(new InMemoryObjectStore(), 1 << 20);
        var passing = new SealingStream(Stream.Null, sink, key, key);
        await passing.DisposeAsync();
        await passing.DisposeAsync();
        await sink.DisposeAsync();
        await sink.DisposeAsync();

        foreach (var size in (int[])[SealedFormat.ChunkSize, 1 << 20])
        {
            var (one, other) = (ArrayPool<byte>.Shared.Rent(size), ArrayPool<byte>.Shared.Rent(size));
            Assert.NotSame(one, other);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => passing.CopyToAsync(Stream.Null));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await sink.TakeAsync(1, default));
    }

    private static async Task<(IObjectStore Objects, StudyHandle Study, SealedPart Part)> StoredAsync(SecretKey key, byte[] plain)
    {
        var (objects, study) = (new InMemoryObjectStore(), StudyHandle.New());
        await objects.AppendAsync(study, new byte[100], default);
        var (segment, offset) = await objects.AppendAsync(study, Sealing.Seal(key, plain, Chunk), default);
        return (objects, study, new SealedPart(segment, offset, plain.Length));
    }
}
