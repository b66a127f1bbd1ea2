using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SecureStore.Grains.Patients;

namespace SecureStore.Grains.Vault;

/// <summary>An identity as bytes, each identity as its own: its three strings in UTF-16 with their lengths; -1 for none.</summary>
internal static class IdentityBytes
{
    public static byte[] Encode(PatientIdentity identity)
    {
        string?[] parts = [identity.Issuer, identity.Id, identity.OnlyStudy];
        var bytes = new byte[parts.Sum(part => 4 + 2 * (part?.Length ?? 0))];
        var rest = bytes.AsSpan();
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, part?.Length ?? -1);
            MemoryMarshal.AsBytes(part.AsSpan()).CopyTo(rest[4..]);
            rest = rest[(4 + 2 * (part?.Length ?? 0))..];
        }
        return bytes;
    }

    /// <param name="bytes">What <see cref="Encode"/> gave, and authentic.</param>
    public static PatientIdentity Decode(ReadOnlySpan<byte> bytes)
    {
        var issuer = Next(ref bytes);
        var id = Next(ref bytes);
        return new PatientIdentity(issuer ?? "", id ?? "") { OnlyStudy = Next(ref bytes) };
    }

    private static string? Next(ref ReadOnlySpan<byte> bytes)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        bytes = bytes[4..];
        if (length < 0)
            return null;
        var text = new string(MemoryMarshal.Cast<byte, char>(bytes[..(2 * length)]));
        bytes = bytes[(2 * length)..];
        return text;
    }
}
