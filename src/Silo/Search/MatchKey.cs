using SecureStore.Dicom;

namespace SecureStore.Silo.Search;

/// <summary>A matching key of a search.</summary>
/// <param name="Tag">The attribute.</param>
/// <param name="Match">What one of its values must be.</param>
/// <param name="IsSingleValued">True where a backslash in the stored value is part of it (VM 1).</param>
public sealed record MatchKey(DicomTag Tag, ValueMatch Match, bool IsSingleValued)
{
    public bool Matches(IReadOnlyList<AttributeValue> values) => Match switch
    {
        EmptyMatch => values.All(value => value.IsEmpty),
        _ when IsSingleValued && values is [{ Text: not null }, _, ..] => Match.Matches(AttributeValue.Joined(values)),
        _ => values.Any(Match.Matches),
    };

    public override string ToString() => nameof(MatchKey);
}
