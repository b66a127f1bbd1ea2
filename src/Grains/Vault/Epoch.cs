using System.Buffers.Binary;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Vault;

/// <summary>An epoch's row, opened: its times are sealed, so that whoever can write the database cannot move its end.</summary>
/// <param name="Superseded">When another epoch took its place; null for the current one.</param>
internal sealed record Epoch(VaultRow Row, DateTimeOffset Created, DateTimeOffset? Superseded)
{
    private const int Size = 16;

    public EpochId Id => new(Row.Id);

    public static Epoch New(EpochId id, DateTimeOffset created, DateTimeOffset? superseded, SecretKey key) =>
        Sealed(new VaultRow { Kind = VaultRowKind.Epoch, Id = id.Value, Version = 1, KeyId = id.Value, Parent = Guid.Empty, WrappedKey = [] }, created, superseded, key);

    /// <exception cref="VaultIntegrityException">The row is damaged or stands in another's place.</exception>
    public static Epoch Open(VaultRow row, SecretKey key)
    {
        var times = RowSealer.Open(key, Context(row), row.Sealed);
        var superseded = BinaryPrimitives.ReadInt64LittleEndian(times.AsSpan(8));
        return new Epoch(row, At(BinaryPrimitives.ReadInt64LittleEndian(times)), superseded == 0 ? null : At(superseded));
    }

    /// <summary>The epoch as it is to be once another took its place.</summary>
    public Epoch SupersededAt(DateTimeOffset moment, SecretKey key) => Sealed(Row.Next(), Created, moment, key);

    private static Epoch Sealed(VaultRow row, DateTimeOffset created, DateTimeOffset? superseded, SecretKey key)
    {
        Span<byte> times = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64LittleEndian(times, created.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(times[8..], superseded?.UtcTicks ?? 0);
        return new Epoch(row with { Sealed = RowSealer.Seal(key, Context(row), times) }, created, superseded);
    }

    private static byte[] Context(VaultRow row) => RowContext.Of("epoch", row.Id, default, row.Version);

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
