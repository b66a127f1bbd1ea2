namespace SecureStore.Grains.Storage;

/// <summary>A keyed MAC (HMAC-SHA-256, 32 bytes) that stands for a UID in a look-up column.</summary>
[GenerateSerializer, Immutable, Alias("securestore.Mac")]
public readonly record struct Mac
{
    public const int Size = 32;

    [Id(0)]
    private readonly byte[] bytes;

    /// <param name="bytes">32 bytes, taken over, not copied.</param>
    public Mac(byte[] bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        this.bytes = bytes;
    }

    public ReadOnlyMemory<byte> Bytes => bytes;

    public byte[] ToArray() => [.. bytes];

    public bool Equals(Mac other) => bytes.AsSpan().SequenceEqual(other.bytes);

    public override int GetHashCode() => BitConverter.ToInt32(bytes, 0);

    public override string ToString() => nameof(Mac);
}
