namespace SecureStore.Dicom;

/// <summary>How a value representation's bytes are made up.</summary>
public enum DicomValueKind
{
    /// <summary>Characters of the default repertoire only.</summary>
    Text,

    /// <summary>Characters in the data set's Specific Character Set (PS3.5 6.1.2.3).</summary>
    LocalizedText,

    /// <summary>Binary numbers or tags, in units of <see cref="DicomVR.UnitSize"/> bytes.</summary>
    Number,

    /// <summary>Bytes or words that are not taken apart (OB, OW, UN ...).</summary>
    Bytes,

    /// <summary>Nested data sets.</summary>
    Sequence,
}

/// <summary>A value representation (PS3.5 6.2).</summary>
public sealed class DicomVR
{
    private static readonly Dictionary<ushort, DicomVR> ByCode = [];

    private DicomVR(string code, DicomValueKind kind, int unitSize = 1, bool isMultiValued = true, bool isLong = false, byte padding = 0x20)
    {
        (Code, Kind, UnitSize, IsMultiValued, HasLongLength, Padding) = (code, kind, unitSize, isMultiValued, isLong, padding);
        ByCode[Pack((byte)code[0], (byte)code[1])] = this;
    }

    /// <summary>The two letters, upper case.</summary>
    public string Code { get; }

    public DicomValueKind Kind { get; }

    /// <summary>Bytes in one number or word: the unit that is swapped between byte orders (1, 2, 4 or 8).</summary>
    public int UnitSize { get; }

    /// <summary>True where a backslash separates values, or numbers follow one another.</summary>
    public bool IsMultiValued { get; }

    /// <summary>True where explicit encoding has two reserved bytes and a 32-bit length (PS3.5 7.1.2).</summary>
    public bool HasLongLength { get; }

    /// <summary>The byte that makes a value's length even: space for text, zero for UI and bytes (PS3.5 6.2).</summary>
    public byte Padding { get; }

    public static readonly DicomVR AE = new("AE", DicomValueKind.Text);
    public static readonly DicomVR AS = new("AS", DicomValueKind.Text);
    public static readonly DicomVR AT = new("AT", DicomValueKind.Number, 2, padding: 0);
    public static readonly DicomVR CS = new("CS", DicomValueKind.Text);
    public static readonly DicomVR DA = new("DA", DicomValueKind.Text);
    public static readonly DicomVR DS = new("DS", DicomValueKind.Text);
    public static readonly DicomVR DT = new("DT", DicomValueKind.Text);
    public static readonly DicomVR FD = new("FD", DicomValueKind.Number, 8, padding: 0);
    public static readonly DicomVR FL = new("FL", DicomValueKind.Number, 4, padding: 0);
    public static readonly DicomVR IS = new("IS", DicomValueKind.Text);
    public static readonly DicomVR LO = new("LO", DicomValueKind.LocalizedText);
    public static readonly DicomVR LT = new("LT", DicomValueKind.LocalizedText, isMultiValued: false);
    public static readonly DicomVR OB = new("OB", DicomValueKind.Bytes, 1, false, true, 0);
    public static readonly DicomVR OD = new("OD", DicomValueKind.Bytes, 8, false, true, 0);
    public static readonly DicomVR OF = new("OF", DicomValueKind.Bytes, 4, false, true, 0);
    public static readonly DicomVR OL = new("OL", DicomValueKind.Bytes, 4, false, true, 0);
    public static readonly DicomVR OV = new("OV", DicomValueKind.Bytes, 8, false, true, 0);
    public static readonly DicomVR OW = new("OW", DicomValueKind.Bytes, 2, false, true, 0);
    public static readonly DicomVR PN = new("PN", DicomValueKind.LocalizedText);
    public static readonly DicomVR SH = new("SH", DicomValueKind.LocalizedText);
    public static readonly DicomVR SL = new("SL", DicomValueKind.Number, 4, padding: 0);
    public static readonly DicomVR SQ = new("SQ", DicomValueKind.Sequence, 1, false, true, 0);
    public static readonly DicomVR SS = new("SS", DicomValueKind.Number, 2, padding: 0);
    public static readonly DicomVR ST = new("ST", DicomValueKind.LocalizedText, isMultiValued: false);
    public static readonly DicomVR SV = new("SV", DicomValueKind.Number, 8, isLong: true, padding: 0);
    public static readonly DicomVR TM = new("TM", DicomValueKind.Text);
    public static readonly DicomVR UC = new("UC", DicomValueKind.LocalizedText, isLong: true);
    public static readonly DicomVR UI = new("UI", DicomValueKind.Text, padding: 0);
    public static readonly DicomVR UL = new("UL", DicomValueKind.Number, 4, padding: 0);
    public static readonly DicomVR UN = new("UN", DicomValueKind.Bytes, 1, false, true, 0);
    public static readonly DicomVR UR = new("UR", DicomValueKind.Text, isMultiValued: false, isLong: true);
    public static readonly DicomVR US = new("US", DicomValueKind.Number, 2, padding: 0);
    public static readonly DicomVR UT = new("UT", DicomValueKind.LocalizedText, isMultiValued: false, isLong: true);
    public static readonly DicomVR UV = new("UV", DicomValueKind.Number, 8, isLong: true, padding: 0);

    /// <summary>The VR with these two letters, or null where PS3.5 has none.</summary>
    public static DicomVR? Find(byte first, byte second) => ByCode.GetValueOrDefault(Pack(first, second));

    /// <summary>The VR with this two-letter code, or null.</summary>
    public static DicomVR? Find(ReadOnlySpan<char> code) =>
        code.Length == 2 && code[0] < 128 && code[1] < 128 ? Find((byte)code[0], (byte)code[1]) : null;

    public override string ToString() => Code;

    private static ushort Pack(byte first, byte second) => (ushort)((first << 8) | second);
}
