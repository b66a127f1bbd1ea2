using System.Security.Cryptography;
using System.Text;
using CsCheck;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.VaultTests;

public sealed class BulkMacTest : IDisposable
{
    private readonly SecretKey key = Sealing.Key(Enumerable.Range(0, SecretKey.Size).Select(i => (byte)i).ToArray());

    public void Dispose() => key.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(BulkMac.BlockSize - 1)]
    [InlineData(BulkMac.BlockSize)]
    [InlineData(3 * BulkMac.BlockSize + 17)]
    public void It_is_what_the_document_says(int length)
    {
        var data = Data(length);
        var hashes = new MemoryStream();
        using (var gmac = new AesGcm(Derived("SecureStore bulk MAC v1 blocks"), 16))
        {
            for (var at = 0; at <= length; at += BulkMac.BlockSize)
            {
                var tag = new byte[16];
                gmac.Encrypt(new byte[12], [], [], tag, data.AsSpan(at, Math.Min(BulkMac.BlockSize, length - at)));
                hashes.Write(tag);
            }
        }

        hashes.Write(BitConverter.GetBytes((long)length));
        Assert.Equal(HMACSHA256.HashData(Derived("SecureStore bulk MAC v1"), hashes.ToArray()), Whole(data).ToArray());
    }

    [Fact]
    public void It_does_not_depend_on_how_the_data_is_cut()
    {
        var data = Data(5 * BulkMac.BlockSize / 2);
        var expected = Whole(data);
        Gen.Int[1, 2 * BulkMac.BlockSize].Array[1, 40].Sample(cuts =>
        {
            using var mac = new BulkMac(key);
            var rest = data.AsSpan();
            foreach (var cut in cuts)
            {
                var taken = Math.Min(cut, rest.Length);
                mac.AppendData(rest[..taken]);
                rest = rest[taken..];
            }

            mac.AppendData(rest);
            return mac.Finish() == expected;
        });
    }

    [Fact]
    public void Every_bit_the_length_and_the_key_count()
    {
        var data = Data(BulkMac.BlockSize + 100);
        var expected = Whole(data);
        foreach (var at in (int[])[0, 100, BulkMac.BlockSize - 1, BulkMac.BlockSize, data.Length - 1])
        {
            data[at] ^= 0x10;
            Assert.NotEqual(expected, Whole(data));
            data[at] ^= 0x10;
        }

        Assert.Equal(expected, Whole(data));
        Assert.NotEqual(expected, Whole([.. data, 0]));
        Assert.NotEqual(Whole(new byte[BulkMac.BlockSize]), Whole(new byte[BulkMac.BlockSize - 1]));
        using var other = SecretKey.Generate();
        using var mac = new BulkMac(other);
        mac.AppendData(data);
        Assert.NotEqual(expected, mac.Finish());
    }

    private static byte[] Data(int length)
    {
        var data = new byte[length];
        new Random(length).NextBytes(data);
        return data;
    }

    private byte[] Derived(string info) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Span.ToArray(), SecretKey.Size, info: Encoding.ASCII.GetBytes(info));

    private Mac Whole(ReadOnlySpan<byte> data)
    {
        using var mac = new BulkMac(key);
        mac.AppendData(data);
        return mac.Finish();
    }
}
