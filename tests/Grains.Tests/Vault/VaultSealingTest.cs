using System.Security.Cryptography;
using System.Text;
using CsCheck;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.VaultTests;

public class VaultSealingTest
{
    [Fact]
    public void A_row_opens_with_its_key_and_context_only() => Gen.Byte.Array[0, 1000].Sample(plain =>
    {
        using var key = SecretKey.Generate();
        using var other = SecretKey.Generate();
        var owner = Guid.NewGuid();
        var context = RowContext.Of("row", owner, [1], 2);
        var row = RowSealer.Seal(key, context, plain);
        Assert.Equal(plain, RowSealer.Open(key, context, row));
        Assert.Throws<VaultIntegrityException>(() => RowSealer.Open(other, context, row));
        foreach (var wrong in new[]
        {
            RowContext.Of("rox", owner, [1], 2), RowContext.Of("row", Guid.NewGuid(), [1], 2), RowContext.Of("row", owner, [2], 2),
            RowContext.Of("row", owner, [1], 3), RowContext.Of("row", owner, [1, 0], 2), [],
        })
            Assert.Throws<VaultIntegrityException>(() => RowSealer.Open(key, wrong, row));
    });

    [Fact]
    public void A_damaged_or_cut_row_is_an_error() => Gen.Byte.Array[0, 600].Select(Gen.Double.Unit, Gen.Int[0, 7]).Sample((plain, where, bit) =>
    {
        using var key = SecretKey.Generate();
        var row = RowSealer.Seal(key, [], plain);
        var at = (int)(where * row.Length);
        Assert.Throws<VaultIntegrityException>(() => RowSealer.Open(key, [], row.AsSpan(0, at)));
        row[at] ^= (byte)(1 << bit);
        Assert.Throws<VaultIntegrityException>(() => RowSealer.Open(key, [], row));
    });

    [Fact]
    public void Rows_of_similar_length_look_the_same()
    {
        using var key = SecretKey.Generate();
        Assert.Equal(
            [1 + 16 + 256 + 16, 1 + 16 + 256 + 16, 1 + 16 + 512 + 16],
            new[] { 0, 252, 253 }.Select(length => RowSealer.Seal(key, [], new byte[length]).Length));
        Assert.NotEqual(RowSealer.Seal(key, [], [1]), RowSealer.Seal(key, [], [1]));
    }

    [Fact]
    public void Contexts_of_different_arguments_differ()
    {
        var owner = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        byte[][] contexts =
        [
            RowContext.Of("a", owner), RowContext.Of("ab", owner), RowContext.Of("a", default), RowContext.Of("a", owner, [0]),
            RowContext.Of("a", owner, [0, 0]), RowContext.Of("a", owner, default, 1), RowContext.Of("a", owner, [0], 1),
        ];
        Assert.Equal(contexts.Length, contexts.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void An_object_key_opens_for_its_study_and_instance_only()
    {
        using var studyKey = SecretKey.Generate();
        using var objectKey = SecretKey.Generate();
        var study = StudyHandle.New();
        var wrapped = KeyWrap.WrapObjectKey(studyKey, study, [1], objectKey);
        using var opened = KeyWrap.UnwrapObjectKey(studyKey, study, [1], wrapped);
        Assert.Equal(objectKey.Span, opened.Span);
        Assert.Throws<VaultIntegrityException>(() => KeyWrap.UnwrapObjectKey(studyKey, study, [2], wrapped));
        Assert.Throws<VaultIntegrityException>(() => KeyWrap.UnwrapObjectKey(studyKey, StudyHandle.New(), [1], wrapped));
        Assert.Throws<VaultIntegrityException>(() => KeyWrap.UnwrapObjectKey(objectKey, study, [1], wrapped));
    }

    [Fact]
    public void A_disposed_key_is_zeroed_and_useless()
    {
        var key = SecretKey.Generate();
        var bytes = key.Span;
        Assert.True(bytes.ContainsAnyExcept((byte)0));
        key.Dispose();
        Assert.False(bytes.ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => SecretKey.Derive(key, "x"u8));
        Assert.Throws<ObjectDisposedException>(() => key.Mac([]));
        Assert.Throws<ObjectDisposedException>(() => SecretKey.Copy(key));
    }

    [Fact]
    public void Macs_and_derived_keys_are_those_of_the_standards()
    {
        using var key = Sealing.Key(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
        var data = Encoding.ASCII.GetBytes("what is to be authenticated");
        Assert.Equal(HMACSHA256.HashData(key.Span, data), key.Mac(data).ToArray());
        using var mac = key.BeginMac();
        mac.AppendData(data.AsSpan(0, 5));
        mac.AppendData(data.AsSpan(5));
        Assert.Equal(key.Mac(data), mac.Finish());
        mac.AppendData(data);
        Assert.Equal(key.Mac(data), mac.Finish());
        using var derived = SecretKey.Derive(key, "info"u8);
        Assert.Equal(HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Span.ToArray(), 32, info: Encoding.ASCII.GetBytes("info")), derived.Span);
    }
}
