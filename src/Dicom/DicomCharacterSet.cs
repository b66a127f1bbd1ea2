using System.Text;

namespace SecureStore.Dicom;

/// <summary>Latin 1 and UTF-8 only.</summary>
public sealed class DicomCharacterSet
{
    private readonly Encoding _encoding;

    private DicomCharacterSet(Encoding encoding) => _encoding = encoding;

    public static DicomCharacterSet FromSpecificCharacterSet(IReadOnlyList<string> values) =>
        new(values is ["ISO_IR 192"] ? Encoding.UTF8 : Encoding.Latin1);

    public string Decode(ReadOnlySpan<byte> value, DicomVR vr) => _encoding.GetString(value);

    public string[] DecodeValues(ReadOnlySpan<byte> value, DicomVR vr) => Decode(value, vr).Split('\\');

    public byte[] Encode(string value, DicomVR vr) => _encoding.GetBytes(value);
}
