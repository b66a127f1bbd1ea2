using System.Text;

namespace SecureStore.Client.Tests;

/// <summary>Makes small DICOM files of our own.</summary>
static class Dicom
{
    /// <summary>A file with its preamble, explicit little endian, and so many bytes of pixels.</summary>
    public static byte[] File(string study, string series, string instance, int pixels = 64)
    {
        using var file = new MemoryStream();
        file.Write(new byte[128]);
        file.Write("DICM"u8);
        Explicit(file, 0x00020010, "UI", "1.2.840.10008.1.2.1");
        DataSet(file, study, series, instance, pixels, Explicit);
        return file.ToArray();
    }

    public static void DataSet(
        Stream output, string study, string series, string instance, int pixels, Action<Stream, uint, string, string> element)
    {
        element(output, 0x00080018, "UI", instance);
        element(output, 0x00100010, "PN", "Doe^Jane");
        element(output, 0x0020000D, "UI", study);
        element(output, 0x0020000E, "UI", series);
        element(output, 0x00204000, "LT", new string('x', pixels));
    }

    public static void Explicit(Stream output, uint tag, string vr, string value)
    {
        var bytes = Padded(value);
        Number(output, (ushort)(tag >> 16));
        Number(output, (ushort)tag);
        output.Write(Encoding.ASCII.GetBytes(vr));
        Number(output, (ushort)bytes.Length);
        output.Write(bytes);
    }

    public static void Implicit(Stream output, uint tag, string vr, string value)
    {
        var bytes = Padded(value);
        Number(output, (ushort)(tag >> 16));
        Number(output, (ushort)tag);
        Number(output, (ushort)bytes.Length);
        Number(output, 0);
        output.Write(bytes);
    }

    public static void ExplicitBigEndian(Stream output, uint tag, string vr, string value)
    {
        var bytes = Padded(value);
        output.Write([(byte)(tag >> 24), (byte)(tag >> 16), (byte)(tag >> 8), (byte)tag]);
        output.Write(Encoding.ASCII.GetBytes(vr));
        output.Write([(byte)(bytes.Length >> 8), (byte)bytes.Length]);
        output.Write(bytes);
    }

    static byte[] Padded(string value) => Encoding.ASCII.GetBytes(value.Length % 2 == 0 ? value : value + "\0");

    static void Number(Stream output, ushort value) => output.Write([(byte)value, (byte)(value >> 8)]);
}
