using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SecureStore.Grains.Policy;

/// <summary>
/// Tokens whose signature has been verified, by the SHA-256 of their raw text: a bounded memory of two generations, so
/// that what is in use stays. Nothing unverified ever enters. Thread-safe.
/// </summary>
internal sealed class VerifiedTokens(int generationSize = 1024)
{
    private volatile ConcurrentDictionary<TokenHash, PolicyToken> young = new();
    private volatile ConcurrentDictionary<TokenHash, PolicyToken> old = new();

    public PolicyToken? Find(TokenHash hash)
    {
        if (young.TryGetValue(hash, out var token))
            return token;
        if (old.TryGetValue(hash, out token))
            Add(hash, token);
        return token;
    }

    public void Add(TokenHash hash, PolicyToken token)
    {
        if (young.Count >= generationSize)
        {
            old = young;
            young = new();
        }

        young[hash] = token;
    }
}

/// <summary>SHA-256 of a raw token.</summary>
internal readonly record struct TokenHash(UInt128 High, UInt128 Low)
{
    public static TokenHash Of(ReadOnlySpan<byte> raw)
    {
        Span<UInt128> hash = stackalloc UInt128[2];
        SHA256.HashData(raw, MemoryMarshal.AsBytes(hash));
        return new(hash[0], hash[1]);
    }
}
