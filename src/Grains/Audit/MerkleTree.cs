using System.Numerics;
using System.Security.Cryptography;

namespace SecureStore.Grains.Audit;

/// <summary>
/// A Merkle tree that grows at its right edge (RFC 6962 2.1), as its frontier: the roots of the largest complete subtrees
/// that its leaves divide into, from left to right. At most 63 hashes, whatever its size. Not thread-safe.
/// </summary>
public sealed class MerkleTree
{
    /// <summary>Length of a hash in bytes (SHA-256).</summary>
    public const int HashSize = SHA256.HashSizeInBytes;

    private readonly List<byte[]> frontier;

    /// <summary>The empty tree.</summary>
    public MerkleTree() => frontier = [];

    /// <summary>A tree as its size and its frontier say.</summary>
    /// <exception cref="ArgumentException">No tree of that size has a frontier of that length.</exception>
    public MerkleTree(long size, ReadOnlySpan<byte> frontier)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var count = BitOperations.PopCount((ulong)size);
        if (frontier.Length != count * HashSize)
            throw new ArgumentException("The frontier does not belong to a tree of that size.", nameof(frontier));
        Size = size;
        this.frontier = new(count + 1);
        for (var i = 0; i < count; i++)
            this.frontier.Add(frontier.Slice(i * HashSize, HashSize).ToArray());
    }

    /// <summary>Number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>The hash of a leaf: SHA-256(0x00 || entry).</summary>
    public static byte[] LeafHash(ReadOnlySpan<byte> entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(entry);
        return hash.GetHashAndReset();
    }

    /// <summary>The hash of an inner node: SHA-256(0x01 || left || right).</summary>
    public static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> node = stackalloc byte[1 + 2 * HashSize];
        node[0] = 1;
        left.CopyTo(node[1..]);
        right.CopyTo(node[(1 + HashSize)..]);
        return SHA256.HashData(node);
    }

    public void Append(byte[] leafHash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(leafHash.Length, HashSize);
        var subtree = leafHash;
        for (var size = Size; (size & 1) == 1; size >>= 1)
        {
            subtree = NodeHash(frontier[^1], subtree);
            frontier.RemoveAt(frontier.Count - 1);
        }

        frontier.Add(subtree);
        Size++;
    }

    /// <summary>The root hash over all leaves; of no leaves, SHA-256 of nothing.</summary>
    public byte[] RootHash()
    {
        if (Size == 0)
            return SHA256.HashData([]);
        var root = frontier[^1];
        for (var i = frontier.Count - 2; i >= 0; i--)
            root = NodeHash(frontier[i], root);
        return root;
    }

    /// <summary>The frontier's hashes, one after the other.</summary>
    public byte[] Frontier() => [.. frontier.SelectMany(hash => hash)];
}
