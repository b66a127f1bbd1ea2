using System.Globalization;

namespace SecureStore.Silo.Search;

/// <summary>What one value of an attribute must be (PS3.4 C.2.2.2). Universal matching is no match at all and has no type here.</summary>
public abstract record ValueMatch
{
    /// <summary>Texts that every matching value contains in its indexed form: what an index can narrow by.</summary>
    public virtual IEnumerable<string> RequiredSubstrings => [];

    public abstract bool Matches(AttributeValue value);

    public sealed override string ToString() => nameof(ValueMatch);
}

/// <summary>Single value matching: equal, case included, but for spaces at the ends.</summary>
public sealed record TextMatch(string Expected) : ValueMatch
{
    public override IEnumerable<string> RequiredSubstrings => [Expected];

    public override bool Matches(AttributeValue value) => value.Text == Expected;
}

/// <summary>Wild card matching, case included.</summary>
public sealed record WildcardMatch(WildcardPattern Pattern) : ValueMatch
{
    public override IEnumerable<string> RequiredSubstrings => Pattern.Literals;

    public override bool Matches(AttributeValue value) => value.Text is { } text && Pattern.IsMatch(text);
}

/// <summary>Single value and range matching of dates and times, both ends included, each stated as precisely as the key states it.</summary>
public sealed record TemporalMatch(TemporalForm Form, long Low, long High) : ValueMatch
{
    public override bool Matches(AttributeValue value) =>
        value.Text is { } text && Form.TryParse(text, out var low, out _) && low >= Low && low <= High;
}

/// <summary>Matching by number: "007" is 7.</summary>
public sealed record NumberMatch(double Expected) : ValueMatch
{
    public override bool Matches(AttributeValue value) =>
        double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number.Equals(Expected);
}

/// <summary>List of UID matching, and multiple value matching: one of these.</summary>
public sealed record AnyMatch(IReadOnlyList<ValueMatch> Choices) : ValueMatch
{
    public override bool Matches(AttributeValue value) => Choices.Any(choice => choice.Matches(value));
}

/// <summary>Empty value matching: the attribute is absent or has no value.</summary>
public sealed record EmptyMatch : ValueMatch
{
    public override bool Matches(AttributeValue value) => value.IsEmpty;
}

/// <summary>Sequence matching: one item matches all of the keys.</summary>
public sealed record ItemMatch(IReadOnlyList<MatchKey> Keys) : ValueMatch
{
    public override bool Matches(AttributeValue value) =>
        !value.Item.IsEmpty && AttributeSet.Parse(value.Item) is var item && Keys.All(key => key.Matches(item.Values(key.Tag)));
}
