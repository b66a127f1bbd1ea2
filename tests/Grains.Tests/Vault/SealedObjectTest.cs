using CsCheck;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.VaultTests;

public class SealedObjectTest
{
    private const int Chunk = SealedFormat.MinChunkSize;

    private static readonly Gen<byte[]> Plains = Gen.OneOf(
        Gen.Int[0, 3], Gen.Int[Chunk - 2, Chunk + 2], Gen.Int[3 * Chunk - 2, 3 * Chunk + 2], Gen.Int[0, 5 * Chunk])
        .SelectMany(Bytes);

    [Fact]
    public void What_was_sealed_opens() => Plains.Select(Gen.Int[12, 20]).Sample((plain, log) =>
    {
        using var key = SecretKey.Generate();
        var sealedObject = Sealing.Seal(key, plain, 1 << log);
        return sealedObject.Length == SealedFormat.SealedLength(plain.Length, 1 << log)
            && plain.AsSpan().SequenceEqual(Sealing.Open(key, sealedObject, plain.Length));
    });

    [Fact]
    public void Any_flipped_bit_is_an_error_before_its_chunk_is_released() => Plains.Select(Gen.Double.Unit, Gen.Int[0, 7]).Sample((plain, where, bit) =>
    {
        using var key = SecretKey.Generate();
        var damaged = Sealing.Seal(key, plain, Chunk);
        var at = (int)(where * damaged.Length);
        damaged[at] ^= (byte)(1 << bit);
        FailsWithin(key, damaged, plain, at);
    });

    [Fact]
    public void Each_flipped_bit_of_the_header_is_an_error()
    {
        using var key = SecretKey.Generate();
        var sealedObject = Sealing.Seal(key, [1, 2, 3], Chunk);
        for (var bit = 0; bit < 8 * SealedFormat.HeaderSize; bit++)
        {
            var header = sealedObject[..SealedFormat.HeaderSize];
            header[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<SealedObjectException>(() => ObjectOpener.Create(key, header));
        }
    }

    [Fact]
    public void Truncation_is_an_error() => Plains.Select(Gen.Double.Unit).Sample((plain, where) =>
    {
        using var key = SecretKey.Generate();
        var sealedObject = Sealing.Seal(key, plain, Chunk);
        var length = (int)(where * sealedObject.Length);
        FailsWithin(key, sealedObject[..length], plain, length);
    });

    [Fact]
    public void Truncation_at_a_chunk_is_an_error_even_for_who_was_told_the_shorter_length() =>
        Gen.Int[2 * Chunk, 5 * Chunk].SelectMany(Bytes).Select(Gen.Int[1, 2]).Sample((plain, chunks) =>
        {
            using var key = SecretKey.Generate();
            var sealedObject = Sealing.Seal(key, plain, Chunk);
            var shorter = chunks * Chunk - (plain.Length == chunks * Chunk ? Chunk : 0);
            Assert.Throws<SealedObjectException>(() => Sealing.Open(key, sealedObject.AsSpan(0, (int)SealedFormat.SealedLength(shorter, Chunk)), shorter));
        });

    [Fact]
    public void Extension_is_an_error() => Plains.Select(Gen.Byte.Array[1, 100]).Sample((plain, more) =>
    {
        using var key = SecretKey.Generate();
        byte[] longer = [.. Sealing.Seal(key, plain, Chunk), .. more];
        Assert.Throws<SealedObjectException>(() => Sealing.Open(key, longer, plain.Length));
        Assert.Throws<SealedObjectException>(() => Sealing.Open(key, longer, plain.Length + more.Length));
    });

    [Fact]
    public void Swapped_chunks_are_an_error() => Bytes(4 * Chunk).Select(Gen.Int[0, 3], Gen.Int[0, 3]).Where(x => x.Item2 < x.Item3).Sample((plain, one, two) =>
    {
        using var key = SecretKey.Generate();
        var sealedObject = Sealing.Seal(key, plain, Chunk);
        var swapped = sealedObject.ToArray();
        ChunkOf(sealedObject, one).CopyTo(ChunkOf(swapped, two));
        ChunkOf(sealedObject, two).CopyTo(ChunkOf(swapped, one));
        FailsWithin(key, swapped, plain, SealedFormat.HeaderSize + one * (Chunk + SealedFormat.TagSize));
    });

    [Fact]
    public void Chunks_of_another_object_under_the_same_key_are_an_error() => Bytes(3 * Chunk).Select(Gen.Int[0, 2]).Sample((plain, index) =>
    {
        using var key = SecretKey.Generate();
        var sealedObject = Sealing.Seal(key, plain, Chunk);
        ChunkOf(Sealing.Seal(key, plain, Chunk), index).CopyTo(ChunkOf(sealedObject, index));
        FailsWithin(key, sealedObject, plain, SealedFormat.HeaderSize + index * (Chunk + SealedFormat.TagSize));
    });

    [Fact]
    public void Another_key_or_another_part_fails_at_the_header()
    {
        using var key = SecretKey.Generate();
        using var other = SecretKey.Generate();
        var sealedObject = Sealing.Seal(key, new byte[100], Chunk, ObjectPart.Metadata);
        Assert.Equal(new byte[100], Sealing.Open(key, sealedObject, 100, ObjectPart.Metadata));
        Assert.Throws<SealedObjectException>(() => ObjectOpener.Create(other, sealedObject.AsSpan(0, SealedFormat.HeaderSize), ObjectPart.Metadata));
        Assert.Throws<SealedObjectException>(() => ObjectOpener.Create(key, sealedObject.AsSpan(0, SealedFormat.HeaderSize), ObjectPart.File));
    }

    [Fact]
    public void No_header_of_any_length_or_content_crashes() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        using var key = SecretKey.Generate();
        Assert.Throws<SealedObjectException>(() => ObjectOpener.Create(key, bytes));
    });

    [Fact]
    public void A_range_needs_its_chunks_only_and_equals_the_slice() => Gen.Int[1, 5 * Chunk].SelectMany(Bytes).Select(Gen.Double.Unit, Gen.Double.Unit).Sample((plain, a, b) =>
    {
        var offset = (int)(a * plain.Length);
        var count = 1 + (int)(b * (plain.Length - offset));
        using var key = SecretKey.Generate();
        var sealedObject = Sealing.Seal(key, plain, Chunk);
        using var opener = ObjectOpener.Create(key, sealedObject.AsSpan(0, SealedFormat.HeaderSize));
        var (first, last) = SealedFormat.ChunksOf(offset, count, plain.Length, Chunk);
        var opened = new List<byte>();
        for (var i = first; i <= last; i++)
        {
            var chunk = SealedFormat.ChunkAt(i, plain.Length, Chunk);
            var buffer = new byte[chunk.PlainLength];
            opener.Open(i, chunk.IsLast, sealedObject.AsSpan((int)chunk.SealedOffset, chunk.SealedLength), buffer);
            opened.AddRange(buffer);
        }
        var skip = offset - (int)SealedFormat.ChunkAt(first, plain.Length, Chunk).PlainOffset;
        Assert.Equal(plain.AsSpan(offset, count), opened.ToArray().AsSpan(skip, count));
        Assert.True(opened.Count < count + 2 * Chunk);
    });

    [Fact]
    public void Sealing_and_opening_allocate_nothing_a_chunk()
    {
        using var key = SecretKey.Generate();
        using var sealer = new ObjectSealer(key);
        var header = new byte[SealedFormat.HeaderSize];
        var plain = new byte[SealedFormat.ChunkSize];
        var chunk = new byte[SealedFormat.ChunkSize + SealedFormat.TagSize];
        sealer.WriteHeader(header);
        using var opener = ObjectOpener.Create(key, header);
        SealAndOpen(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1; i <= 1000; i++)
            SealAndOpen(i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void SealAndOpen(int index)
        {
            sealer.Seal(plain, last: false, chunk);
            opener.Open(index, last: false, chunk, plain);
        }
    }

    [Fact]
    public void A_sealer_that_is_misused_seals_nothing()
    {
        using var key = SecretKey.Generate();
        using var sealer = new ObjectSealer(key, chunkSize: Chunk);
        var header = new byte[SealedFormat.HeaderSize];
        Assert.Throws<InvalidOperationException>(() => sealer.Seal(new byte[Chunk], false, new byte[Chunk + 16]));
        sealer.WriteHeader(header);
        Assert.Throws<InvalidOperationException>(() => sealer.WriteHeader(header));
        Assert.Throws<ArgumentException>(() => sealer.Seal(new byte[Chunk - 1], false, new byte[Chunk + 15]));
        Assert.Throws<ArgumentException>(() => sealer.Seal(new byte[Chunk + 1], true, new byte[Chunk + 17]));
        Assert.Throws<ArgumentException>(() => sealer.Seal(new byte[Chunk], false, new byte[Chunk + 17]));
        var chunk = new byte[Chunk + 16];
        sealer.Seal(new byte[Chunk], false, chunk);
        Assert.Throws<ArgumentException>(() => sealer.Seal([], true, new byte[16]));
        sealer.Seal([7], true, new byte[17]);
        Assert.Throws<InvalidOperationException>(() => sealer.Seal([7], true, new byte[17]));
        using var opener = ObjectOpener.Create(key, header);
        opener.Open(0, false, chunk, new byte[Chunk]);
        sealer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sealer.Seal([7], true, new byte[17]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2048)]
    [InlineData(5000)]
    [InlineData(2097152)]
    [InlineData(-4096)]
    public void A_chunk_size_is_a_power_of_two_within_bounds(int chunkSize)
    {
        using var key = SecretKey.Generate();
        Assert.Throws<ArgumentOutOfRangeException>(() => new ObjectSealer(key, chunkSize: chunkSize));
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedFormat.SealedLength(1, chunkSize));
    }

    [Fact]
    public void Layout_beyond_63_bits_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedFormat.SealedLength(long.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedFormat.SealedLength(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedFormat.ChunkAt(1, SealedFormat.ChunkSize));
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedFormat.ChunkAt(-1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedFormat.ChunksOf(long.MaxValue, 1, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedFormat.ChunksOf(5, long.MaxValue, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedFormat.ChunksOf(5, 6, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedFormat.ChunksOf(0, 0, 10));
        const long large = 1L << 62;
        var last = SealedFormat.ChunkAt(SealedFormat.Chunks(large) - 1, large);
        Assert.True(last.IsLast);
        Assert.Equal(SealedFormat.SealedLength(large), last.SealedOffset + last.SealedLength);
    }

    private static Gen<byte[]> Bytes(int length) => Gen.Int.Select(seed =>
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    });

    private static Span<byte> ChunkOf(byte[] sealedObject, int index) =>
        sealedObject.AsSpan(SealedFormat.HeaderSize + index * (Chunk + SealedFormat.TagSize), Chunk + SealedFormat.TagSize);

    /// <summary>Opening fails, and what was released before is whole chunks that stand before the damage, and true.</summary>
    private static void FailsWithin(SecretKey key, byte[] damaged, byte[] plain, int at)
    {
        var released = new List<byte>();
        Assert.Throws<SealedObjectException>(() => Sealing.Open(key, damaged, plain.Length, released));
        var intact = Math.Max(0, at - SealedFormat.HeaderSize) / (Chunk + SealedFormat.TagSize) * Chunk;
        Assert.Equal(Math.Min(intact, plain.Length), released.Count);
        Assert.Equal(plain[..released.Count], released);
    }
}
