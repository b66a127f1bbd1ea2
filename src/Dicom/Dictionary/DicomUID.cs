using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Data = SecureStore.Dicom.DicomUIDData;

namespace SecureStore.Dicom;

/// <summary>A unique identifier; two are equal where their UIDs are.</summary>
/// <param name="UID">Components of digits, joined by dots.</param>
/// <param name="Name">The name in PS3.6 Annex A.</param>
/// <param name="Type">What it stands for.</param>
public sealed partial record DicomUID(string UID, string Name, DicomUidType Type)
{
    /// <summary>The most characters a UID may have (PS3.5 9.1).</summary>
    public const int MaxLength = 64;

    private static readonly DicomUID?[] Cache = new DicomUID?[Data.Types.Length];

    /// <summary>True where PS3.6 has retired it.</summary>
    public bool IsRetired { get; init; }

    /// <summary>The registered UID, or null.</summary>
    public static DicomUID? Find(string uid)
    {
        ArgumentNullException.ThrowIfNull(uid);
        var (low, high) = (0, Data.Types.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var candidate = Known(middle);
            var order = string.CompareOrdinal(uid, candidate.UID);
            if (order == 0)
                return candidate;

            (low, high) = order < 0 ? (low, middle - 1) : (middle + 1, high);
        }

        return null;
    }

    /// <summary>
    /// Whether text is a UID by PS3.5 9.1: 1 to 64 digits and dots, no empty component, and no component but "0" that
    /// begins with a zero, unless <paramref name="allowLeadingZeros"/>.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<char> uid, bool allowLeadingZeros = false)
    {
        if (uid.Length is 0 or > MaxLength)
            return false;

        foreach (var range in uid.Split('.'))
        {
            var component = uid[range];
            if (component.IsEmpty || component.ContainsAnyExceptInRange('0', '9'))
                return false;

            if (component is ['0', _, ..] && !allowLeadingZeros)
                return false;
        }

        return true;
    }

    /// <summary>A new UID: "2.25." and a random UUID as a decimal number (PS3.5 B.2).</summary>
    public static string New()
    {
        Span<byte> uuid = stackalloc byte[16];
        RandomNumberGenerator.Fill(uuid);
        uuid[6] = (byte)((uuid[6] & 0x0F) | 0x40);
        uuid[8] = (byte)((uuid[8] & 0x3F) | 0x80);
        var number = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(uuid);
        return string.Create(CultureInfo.InvariantCulture, $"2.25.{number}");
    }

    public bool Equals(DicomUID? other) => other is not null && UID == other.UID;

    public override int GetHashCode() => UID.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => UID;

    private static DicomUID Known(int index)
    {
        ref var uid = ref Cache[index];
        return Volatile.Read(ref uid) ?? Interlocked.CompareExchange(ref uid, Create(index), null) ?? uid;
    }

    private static DicomUID Create(int index)
    {
        var line = Data.Text[Data.Offsets[index]..(Data.Offsets[index + 1] - 1)];
        var bar = line.IndexOf((byte)'|');
        return new(
            Encoding.ASCII.GetString(line[..bar]),
            Encoding.ASCII.GetString(line[(bar + 1)..]),
            (DicomUidType)Data.Types[index]) { IsRetired = Data.Retired[index] != 0 };
    }
}
