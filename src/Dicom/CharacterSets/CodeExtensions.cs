using System.Buffers;

namespace SecureStore.Dicom.CharacterSets;

/// <summary>
/// Text in one or more graphic sets, switched by escape sequences (ISO 2022 as PS3.5 6.1.2.5 has it). Every delimiter
/// brings back the sets of the first term.
/// </summary>
internal sealed class CodeExtensions
{
    private const byte Escape = 0x1B;
    private const char Undefined = '\uFFFD';

    private readonly GraphicSet _initialG0;
    private readonly GraphicSet? _initialG1;
    private readonly GraphicSet[] _declared;

    public CodeExtensions(IReadOnlyList<CharacterSetTerm> terms)
    {
        var first = terms[0].Sets;
        _initialG1 = first.FirstOrDefault(set => set.IsHigh);
        _initialG0 = _initialG1 == GraphicSet.Katakana ? GraphicSet.JisRoman : GraphicSet.Ascii;
        _declared = [.. terms.SelectMany(term => term.Sets).Append(GraphicSet.Ascii).Distinct()];
    }

    /// <summary>
    /// Never throws. Bytes from 80 up are ISO 8859-1 while no set of G1 is in use; what a set does not define is
    /// U+FFFD; an escape sequence that no term declares stays as it is.
    /// </summary>
    public string Decode(ReadOnlySpan<byte> value, DicomVR vr)
    {
        var text = ArrayPool<char>.Shared.Rent(value.Length);
        var length = Decode(value, vr, text);
        var decoded = new string(text, 0, length);
        ArrayPool<char>.Shared.Return(text, clearArray: true);
        return decoded;
    }

    /// <summary>
    /// Designates a set again whenever another came between, and leaves G0 as it began before every delimiter and at
    /// the end: programs that take each escape sequence for a switch of the whole encoding read it as well.
    /// </summary>
    /// <exception cref="DicomDataException">No declared set has one of the characters.</exception>
    public byte[] Encode(string text, DicomVR vr)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + 16);
        GraphicSet? active = null;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (character < 0x80)
            {
                if (character == Escape)
                    throw NotEncodable(i);

                active = LeaveDoubleByteG0(active, output);
                output.Write([(byte)character]);
                if (IsDelimiter((byte)character, vr))
                    active = null;

                continue;
            }

            var set = SetFor(character, active, out var code) ?? throw NotEncodable(i);
            if (set != (active ?? _initialG1))
            {
                if (set.IsHigh)
                    LeaveDoubleByteG0(active, output);

                output.Write((active = set).Escape);
            }

            var high = set.IsHigh ? 0x80 : 0;
            if (set.Width == 2)
                output.Write([(byte)((code >> 8) | high)]);

            output.Write([(byte)((code & 0xFF) | high)]);
        }

        LeaveDoubleByteG0(active, output);
        return output.WrittenSpan.ToArray();
    }

    private int Decode(ReadOnlySpan<byte> value, DicomVR vr, Span<char> text)
    {
        var (g0, g1) = (_initialG0, _initialG1);
        var length = 0;
        while (!value.IsEmpty)
        {
            var code = value[0];
            var used = 1;
            if (code == Escape && Designated(value) is { } set)
            {
                (g0, g1) = set.IsHigh ? (g0, set) : (set, g1);
                value = value[set.Escape.Length..];
                continue;
            }

            if (code >= 0x80)
                text[length++] = DecodeHigh(value, g1, out used);
            else if (g0.Width == 2 && IsGraphic(code) && value.Length > 1 && IsGraphic(value[1]))
                (text[length++], used) = (g0.Decode(code, value[1]), 2);
            else if (IsDelimiter(code, vr))
                (text[length++], g0, g1) = ((char)code, _initialG0, _initialG1);
            else
                text[length++] = g0.Width == 2 && IsGraphic(code) ? Undefined : (char)code;

            value = value[used..];
        }

        return length;
    }

    private static char DecodeHigh(ReadOnlySpan<byte> value, GraphicSet? g1, out int used)
    {
        used = 1;
        if (g1 is null)
            return (char)value[0];

        if (g1 == GraphicSet.Katakana && ShiftJis.TryDecode(value, out var kanji))
        {
            used = 2;
            return kanji;
        }

        if (g1.Width == 1)
            return g1.Decode(value[0]);

        if (value[0] is < 0xA1 or 0xFF || value.Length < 2 || value[1] is < 0xA1 or 0xFF)
            return Undefined;

        used = 2;
        return g1.Decode(value[0], value[1]);
    }

    private GraphicSet? Designated(ReadOnlySpan<byte> value)
    {
        foreach (var set in _declared)
        {
            if (value.StartsWith(set.Escape))
                return set;
        }

        return null;
    }

    private GraphicSet? SetFor(char character, GraphicSet? active, out ushort code)
    {
        if (active is not null && active.TryEncode(character, out code))
            return active;

        foreach (var set in _declared)
        {
            if (set.TryEncode(character, out code))
                return set;
        }

        code = 0;
        return null;
    }

    private GraphicSet? LeaveDoubleByteG0(GraphicSet? active, ArrayBufferWriter<byte> output)
    {
        if (active is not { IsHigh: false, Width: 2 })
            return active;

        output.Write(_initialG0.Escape);
        return _initialG0;
    }

    private static bool IsGraphic(byte code) => code is >= 0x21 and <= 0x7E;

    private static bool IsDelimiter(byte code, DicomVR vr) => code switch
    {
        (byte)'\t' or (byte)'\n' or (byte)'\f' or (byte)'\r' => true,
        (byte)'\\' => vr.IsMultiValued,
        (byte)'^' or (byte)'=' => vr == DicomVR.PN,
        _ => false,
    };

    private static DicomDataException NotEncodable(int index) =>
        new($"The character at index {index} is not in the data set's Specific Character Set (0008,0005).");
}
