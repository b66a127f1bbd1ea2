using System.Text;
using SecureStore.Dicom.CharacterSets;

namespace SecureStore.Dicom;

/// <summary>How a data set's text is written as bytes: its Specific Character Set (0008,0005), PS3.5 6.1.</summary>
public sealed class DicomCharacterSet
{
    private const int MaxTerms = 32;

    private readonly StandAloneEncoding? _standAlone;
    private readonly CodeExtensions _extensions;

    private DicomCharacterSet(CodeExtensions extensions, StandAloneEncoding? standAlone = null) =>
        (_extensions, _standAlone) = (extensions, standAlone);

    /// <summary>ISO_IR 6. Bytes from 80 up, which it does not have, are read as ISO 8859-1 and never written.</summary>
    public static DicomCharacterSet Default { get; } = new(new CodeExtensions([CharacterSetTerm.Ascii]));

    /// <summary>
    /// The character set of these values of (0008,0005). Misspelt terms are understood where their meaning is plain;
    /// others count as ISO_IR 6. After UTF-8, GB18030 or GBK as the first value others are ignored, as they are
    /// anywhere but first (PS3.5 6.1.2.5.4).
    /// </summary>
    public static DicomCharacterSet FromSpecificCharacterSet(IReadOnlyList<string> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        var found = terms.Take(MaxTerms).Select(term => CharacterSetTerm.Find(term) ?? CharacterSetTerm.Ascii).ToList();
        if (found.Count == 0)
            return Default;

        if (found[0].IsStandAlone)
            return new(Default._extensions, new StandAloneEncoding(found[0].CodePage));

        found.RemoveAll(term => term.IsStandAlone);
        return found.TrueForAll(term => term == CharacterSetTerm.Ascii) ? Default : new(new CodeExtensions(found));
    }

    /// <summary>
    /// The text of a value field; never throws. Padding stays. A backslash in the text of a multi-valued VR separates
    /// values. Bytes that the character set does not define become U+FFFD. VRs that Specific Character Set does not
    /// apply to are read as ISO 8859-1.
    /// </summary>
    public string Decode(ReadOnlySpan<byte> value, DicomVR vr)
    {
        ArgumentNullException.ThrowIfNull(vr);
        if (vr.Kind != DicomValueKind.LocalizedText || (Ascii.IsValid(value) && !value.Contains((byte)0x1B)))
            return Encoding.Latin1.GetString(value);

        return _standAlone?.Decode(value) ?? _extensions.Decode(value, vr);
    }

    /// <summary>The texts of a value field's values, padding and all; none for an empty field.</summary>
    public string[] DecodeValues(ReadOnlySpan<byte> value, DicomVR vr)
    {
        ArgumentNullException.ThrowIfNull(vr);
        if (value.IsEmpty)
            return [];

        var text = Decode(value, vr);
        return vr.IsMultiValued ? text.Split('\\') : [text];
    }

    /// <summary>The bytes of a text, values joined by backslashes, without padding.</summary>
    /// <exception cref="DicomDataException">The character set or the VR has no room for a character.</exception>
    public byte[] Encode(string text, DicomVR vr)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(vr);
        if (vr.Kind != DicomValueKind.LocalizedText)
        {
            return Ascii.IsValid(text)
                ? Encoding.ASCII.GetBytes(text)
                : throw new DicomDataException($"Text of VR {vr} has a character outside the default repertoire.");
        }

        return _standAlone?.Encode(text) ?? _extensions.Encode(text, vr);
    }
}
