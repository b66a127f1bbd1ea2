using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.VaultTests;

/// <summary>The vectors were made by a third implementation from the document alone.</summary>
public class SealedVectorTest
{
    public static TheoryData<string> Vectors => SealedVector.Names;

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Sealing_gives_the_vector(string name)
    {
        var vector = SealedVector.Read(name);
        var sealedObject = Seal(vector);
        if (vector.Sealed is not null)
            Assert.Equal(vector.Sealed, sealedObject);
        else
            Assert.Equal(vector.SealedSha256, SHA256.HashData(sealedObject));
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_vector_opens(string name)
    {
        var vector = SealedVector.Read(name);
        using var key = Sealing.Key(vector.Key);
        Assert.Equal(vector.Plain, Sealing.Open(key, vector.Sealed ?? Seal(vector), vector.Plain.Length, vector.Part));
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void BouncyCastle_opens_what_was_sealed(string name)
    {
        var vector = SealedVector.Read(name);
        Assert.Equal(vector.Plain, OpenWithBouncyCastle(vector.Key, vector.Sealed ?? Seal(vector)));
    }

    private static byte[] Seal(SealedVector vector)
    {
        using var key = Sealing.Key(vector.Key);
        using var sealer = new ObjectSealer(key, vector.Part, vector.ChunkSize, vector.ObjectId);
        return Sealing.Seal(sealer, vector.Plain);
    }

    private static byte[] OpenWithBouncyCastle(byte[] key, byte[] sealedObject)
    {
        var header = sealedObject[..64];
        var hmac = new HMac(new Sha256Digest());
        hmac.Init(new KeyParameter(Derive(key, header[16..32], "SecureStore sealed object v1 commitment")));
        hmac.BlockUpdate(header, 0, 32);
        var commitment = new byte[32];
        hmac.DoFinal(commitment, 0);
        Assert.Equal(commitment, header[32..]);

        var chunkSize = 1 << header[10];
        var chunkKey = new KeyParameter(Derive(key, header[16..32], "SecureStore sealed object v1 chunks"));
        var plain = new List<byte>();
        var rest = sealedObject.AsSpan(64);
        for (var i = 0L; !rest.IsEmpty; i++)
        {
            var chunk = rest[..Math.Min(rest.Length, chunkSize + 16)];
            rest = rest[chunk.Length..];
            var nonce = new byte[12];
            BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(3), i);
            nonce[11] = rest.IsEmpty ? (byte)1 : (byte)0;
            var cipher = new GcmBlockCipher(new AesEngine());
            cipher.Init(false, new AeadParameters(chunkKey, 128, nonce, SHA256.HashData(header)));
            var output = new byte[cipher.GetOutputSize(chunk.Length)];
            var length = cipher.ProcessBytes(chunk, output);
            length += cipher.DoFinal(output.AsSpan(length));
            Assert.Equal(output.Length, length);
            plain.AddRange(output);
        }
        return [.. plain];
    }

    private static byte[] Derive(byte[] key, byte[] salt, string info)
    {
        var hkdf = new HkdfBytesGenerator(new Sha256Digest());
        hkdf.Init(new HkdfParameters(key, salt, Encoding.ASCII.GetBytes(info)));
        var derived = new byte[32];
        hkdf.GenerateBytes(derived, 0, 32);
        return derived;
    }
}
