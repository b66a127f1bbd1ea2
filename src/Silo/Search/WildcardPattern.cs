namespace SecureStore.Silo.Search;

/// <summary>A pattern with <c>*</c> (any run of characters) and <c>?</c> (any one character), PS3.4 C.2.2.2.4. Takes time in proportion to both lengths.</summary>
public sealed class WildcardPattern(string pattern)
{
    public static bool IsPattern(string text) => text.AsSpan().ContainsAny('*', '?');

    /// <summary>The runs between the wildcards: each matching text contains all of them.</summary>
    public IEnumerable<string> Literals => pattern.Split(['*', '?'], StringSplitOptions.RemoveEmptyEntries);

    public bool IsMatch(string text)
    {
        var (at, next, star, retry) = (0, 0, -1, 0);
        while (at < text.Length)
        {
            if (next < pattern.Length && pattern[next] == '*')
            {
                (star, retry) = (next++, at);
            }
            else if (next < pattern.Length && (pattern[next] == '?' || pattern[next] == text[at]))
            {
                at += pattern[next] == '?' ? CharacterLength(text, at) : 1;
                next++;
            }
            else if (star >= 0)
            {
                retry += CharacterLength(text, retry);
                (at, next) = (retry, star + 1);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(next).TrimStart('*').IsEmpty;
    }

    private static int CharacterLength(string text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
}
