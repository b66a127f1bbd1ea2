using System.Buffers.Binary;
using System.Text;

namespace SecureStore.Grains.Vault;

/// <summary>What a sealed row or a wrapped key is bound to. Different arguments give different contexts.</summary>
public static class RowContext
{
    /// <param name="row">The type of the row, 1 to 255 ASCII characters, such as "study facts".</param>
    /// <param name="owner">The handle of whom the row belongs to.</param>
    /// <param name="detail">Which of the owner's rows it is, such as the MAC of a SOP Instance UID.</param>
    /// <param name="number">Its version, or which one it is in a series.</param>
    public static byte[] Of(string row, Guid owner, ReadOnlySpan<byte> detail = default, long number = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(row.Length, byte.MaxValue);
        var context = new byte[1 + row.Length + 16 + 8 + detail.Length];
        context[0] = (byte)row.Length;
        Encoding.ASCII.GetBytes(row, context.AsSpan(1));
        var rest = context.AsSpan(1 + row.Length);
        owner.TryWriteBytes(rest);
        BinaryPrimitives.WriteInt64LittleEndian(rest[16..], number);
        detail.CopyTo(rest[24..]);
        return context;
    }
}
