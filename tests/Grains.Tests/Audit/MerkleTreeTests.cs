using System.Security.Cryptography;
using System.Text;
using CsCheck;
using SecureStore.Grains.Audit;

namespace SecureStore.Grains.Tests.Audit;

public sealed class MerkleTreeTests
{
    // The reference leaves and roots that implementations of Certificate Transparency share.
    private static readonly string[] Leaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Roots_are_those_of_certificate_transparency()
    {
        var tree = new MerkleTree();
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Convert.ToHexStringLower(tree.RootHash()));
        for (var i = 0; i < Leaves.Length; i++)
        {
            tree.Append(MerkleTree.LeafHash(Convert.FromHexString(Leaves[i])));
            Assert.Equal(i + 1, tree.Size);
            Assert.Equal(Roots[i], Convert.ToHexStringLower(tree.RootHash()));
        }
    }

    [Fact]
    public void Growing_gives_the_root_that_the_definition_gives() => Gen.Int[1, 300].Sample(size =>
    {
        var leaves = Enumerable.Range(0, size).Select(i => MerkleTree.LeafHash(Encoding.ASCII.GetBytes($"{i}"))).ToArray();
        var tree = new MerkleTree();
        foreach (var leaf in leaves)
            tree.Append(leaf);
        Assert.Equal(Root(leaves), tree.RootHash());

        static byte[] Root(ReadOnlySpan<byte[]> leaves)
        {
            if (leaves.Length == 1)
                return leaves[0];
            var split = 1;
            while (split * 2 < leaves.Length)
                split *= 2;
            return SHA256.HashData([1, .. Root(leaves[..split]), .. Root(leaves[split..])]);
        }
    }, iter: 50);

    [Fact]
    public void A_tree_goes_on_from_its_frontier() => Gen.Select(Gen.Int[0, 100], Gen.Int[0, 100]).Sample((before, after) =>
    {
        var whole = new MerkleTree();
        for (var i = 0; i < before; i++)
            whole.Append(MerkleTree.LeafHash([(byte)i]));
        var resumed = new MerkleTree(whole.Size, whole.Frontier());
        for (var i = 0; i < after; i++)
        {
            whole.Append(MerkleTree.LeafHash([(byte)i]));
            resumed.Append(MerkleTree.LeafHash([(byte)i]));
        }

        Assert.Equal(whole.RootHash(), resumed.RootHash());
        Assert.Equal(whole.Frontier(), resumed.Frontier());
    });

    [Fact]
    public void A_frontier_of_another_size_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new MerkleTree(3, new byte[32]));
        Assert.Throws<ArgumentException>(() => new MerkleTree(0, new byte[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MerkleTree(-1, []));
    }
}
