using System.Globalization;
using System.Text;

namespace SecureStore.Client.Output;

/// <summary>
/// Makes text that came from elsewhere harmless to a terminal: control characters, which steer it, and format characters, which
/// reorder what a reader sees, become U+FFFD.
/// </summary>
static class PlainText
{
    /// <summary>One line: line breaks and tabs are replaced as well.</summary>
    public static string Line(string text) => Clean(text, keepLayout: false);

    /// <summary>A text of several lines.</summary>
    public static string Lines(string text) => Clean(text, keepLayout: true);

    static string Clean(string text, bool keepLayout)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append((keepLayout && rune.Value is '\n' or '\t') || !IsUnsafe(rune) ? rune.ToString() : "\uFFFD");
        }

        return clean.ToString();
    }

    static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate;
}
