using System.Text;

namespace SecureStore.Silo.Search;

/// <summary>An expression for the full-text index that finds the rows whose columns have all trigrams of some texts.</summary>
public static class TrigramExpression
{
    /// <summary>Characters (Unicode scalar values) in a term of the index.</summary>
    public const int Size = 3;

    private const int MaxTerms = 24;

    public static string Of(IEnumerable<(string Column, string Text)> contains) => string.Join(
        " AND ",
        contains.SelectMany(item => Trigrams(item.Text).Select(trigram => (item.Column, Trigram: trigram))).Distinct().Take(MaxTerms)
            .Select(term => $"{term.Column}:\"{term.Trigram.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));

    private static IEnumerable<string> Trigrams(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        for (var i = 0; i + Size <= runes.Length; i++)
            yield return string.Concat(runes.AsSpan(i, Size).ToArray());
    }
}
