using System.Globalization;

namespace SecureStore.Dicom;

/// <summary>
/// Turns the text of a DS or IS value (PS3.5 6.2) into a JSON number (RFC 8259 section 6) without changing its digits:
/// JSON has no plus sign, no leading zeros, and a digit on both sides of the point.
/// </summary>
internal static class JsonDecimal
{
    /// <summary>Longest number that is written, in characters; PS3.5 allows 16 for DS.</summary>
    public const int MaxLength = 64;

    private const int MostExactDigits = 15;

    /// <returns>False where the text is no number, is too large, or is no whole number where one is asked for.</returns>
    public static bool TryWrite(ReadOnlySpan<char> text, bool isWhole, Span<char> number, out int length)
    {
        length = 0;
        if (text.Length > MaxLength - 2)
            return false;

        var isNegative = text is ['-', ..];
        var rest = text is ['+' or '-', ..] ? text[1..] : text;
        var whole = TakeDigits(ref rest);
        var fraction = ReadOnlySpan<char>.Empty;
        if (rest is ['.', ..])
        {
            rest = rest[1..];
            fraction = TakeDigits(ref rest);
        }

        if (whole.IsEmpty && fraction.IsEmpty || !IsExponent(rest))
            return false;

        if (isWhole && (whole.Length != text.Length - (text[0] is '+' or '-' ? 1 : 0) || whole.TrimStart('0').Length > MostExactDigits))
            return false;

        whole = whole.TrimStart('0');
        var output = new SpanWriter(number);
        output.Add(isNegative ? "-" : "");
        output.Add(whole.IsEmpty ? "0" : whole);
        output.Add(fraction.IsEmpty ? "" : ".");
        output.Add(fraction);
        output.Add(rest);
        length = output.Length;
        return double.IsFinite(double.Parse(number[..length], NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    private static ReadOnlySpan<char> TakeDigits(scoped ref ReadOnlySpan<char> text)
    {
        var count = text.IndexOfAnyExceptInRange('0', '9');
        var digits = count < 0 ? text : text[..count];
        text = text[digits.Length..];
        return digits;
    }

    private static bool IsExponent(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return true;

        if (text[0] is not ('e' or 'E'))
            return false;

        var digits = text is [_, '+' or '-', ..] ? text[2..] : text[1..];
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9');
    }

    private ref struct SpanWriter(Span<char> target)
    {
        private readonly Span<char> _target = target;

        public int Length { get; private set; }

        public void Add(scoped ReadOnlySpan<char> text)
        {
            text.CopyTo(_target[Length..]);
            Length += text.Length;
        }
    }
}
