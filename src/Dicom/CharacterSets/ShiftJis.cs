namespace SecureStore.Dicom.CharacterSets;

/// <summary>
/// Double-byte characters of Shift JIS. ISO_IR 13 does not allow them; programs write them under it all the same, in
/// byte positions that JIS X 0201 leaves empty.
/// </summary>
internal static class ShiftJis
{
    public static bool TryDecode(ReadOnlySpan<byte> value, out char character)
    {
        character = default;
        if (value.Length < 2
            || value[0] is not (>= 0x81 and <= 0x9F or >= 0xE0 and <= 0xEF)
            || value[1] is not (>= 0x40 and <= 0x7E or >= 0x80 and <= 0xFC))
            return false;

        var (lead, trail) = (value[0] - (value[0] < 0xA0 ? 0x81 : 0xC1), value[1]);
        var isSecondRow = trail >= 0x9F;
        var row = 0x21 + (lead * 2) + (isSecondRow ? 1 : 0);
        var cell = isSecondRow ? trail - 0x7E : trail - (trail > 0x7F ? 0x20 : 0x1F);
        character = GraphicSet.Kanji.Decode((byte)row, (byte)cell);
        return character != '\uFFFD';
    }
}
