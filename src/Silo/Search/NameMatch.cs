namespace SecureStore.Silo.Search;

/// <summary>
/// Matching of person names (PS3.4 C.2.2.2.1): case and accents do not count, trailing empty components neither. A key of
/// one component group is matched against each group of the value (alphabetic, ideographic, phonetic); a key of several
/// against the group in the same place.
/// </summary>
public sealed record NameMatch : ValueMatch
{
    private const string EmptyComponents = "^^^^";
    private const int Groups = 3;

    private readonly Group[] groups;

    /// <exception cref="FormatException">More than three component groups.</exception>
    public NameMatch(string key)
    {
        groups = [.. Split(key).Select(group => new Group(group))];
        if (groups.Length > Groups)
            throw new FormatException("A name has at most three component groups.");
    }

    /// <summary>A name's group folded for matching: components trimmed, empty ones at the end dropped.</summary>
    public static string Normalize(string group) =>
        string.Join('^', NameFolding.Fold(group).Split('^', StringSplitOptions.TrimEntries)).TrimEnd('^');

    /// <summary>The form in which a normalized group contains whatever a key may ask for.</summary>
    public static string Pad(string normalized) =>
        normalized + EmptyComponents[..Math.Max(0, EmptyComponents.Length - normalized.AsSpan().Count('^'))];

    public override IEnumerable<string> RequiredSubstrings => groups.SelectMany(group => group.Literals);

    /// <summary>With what the padded form of a matching group begins; empty where that may be anything.</summary>
    public string Prefix => groups is [var only] ? only.Prefix : "";

    /// <summary>Whether each group whose padded form begins with <see cref="Prefix"/> matches.</summary>
    public bool IsPrefixOnly => groups is [{ IsPrefixOnly: true }];

    public override bool Matches(AttributeValue value) => groups switch
    {
        [var only] => value.NameGroups.Any(only.Matches),
        _ => groups.Index().All(pair => pair.Item.IsAny || pair.Item.Matches(value.NameGroups.ElementAtOrDefault(pair.Index) ?? "")),
    };

    private static string[] Split(string key) => key.Split('=');

    private sealed class Group
    {
        private readonly string text;
        private readonly WildcardPattern? pattern;

        public Group(string key)
        {
            text = Normalize(key);
            pattern = WildcardPattern.IsPattern(text) ? new(text) : null;
        }

        public bool IsAny => text.AsSpan().Trim('*').IsEmpty;

        public bool IsPrefixOnly => pattern is not null && text.TrimEnd('*') == Prefix;

        public string Prefix => text.AsSpan().IndexOfAny('*', '?') is var end and >= 0 ? text[..end] : text;

        public IEnumerable<string> Literals => pattern?.Literals ?? (text.Length == 0 ? [] : [text]);

        public bool Matches(string group)
        {
            if (group.Length == 0)
                return false;

            var name = Normalize(group);
            return pattern is null ? name == text : pattern.IsMatch(name) || pattern.IsMatch(Pad(name));
        }
    }
}

/// <summary>
/// Fuzzy matching of names: each word of the key begins a word of the value, all in the same component group, in any
/// order. What the key matches literally it matches fuzzily too.
/// </summary>
public sealed record FuzzyNameMatch(string Key) : ValueMatch
{
    private static readonly char[] Separators = [' ', '^', '=', ',', '-', '*', '?'];

    private readonly NameMatch literal = new(Key);
    private readonly string[] words = Words(Key);

    public override IEnumerable<string> RequiredSubstrings => words;

    public override bool Matches(AttributeValue value) =>
        literal.Matches(value) || value.NameGroups.Any(group => Words(group) is var present
            && words.All(word => present.Any(other => other.StartsWith(word, StringComparison.Ordinal))));

    private static string[] Words(string text) => NameFolding.Fold(text).Split(Separators, StringSplitOptions.RemoveEmptyEntries);
}
