using System.Globalization;
using SecureStore.Dicom;
using SecureStore.Silo.DicomWeb;

namespace SecureStore.Silo.Search;

/// <summary>
/// Reads the query part of a search (PS3.18 8.3.4, 10.6.1.2). A parameter that begins with a capital letter, or is eight
/// hexadecimal digits, names an attribute: one that does not exist is an error, so that a slip of the pen does not list
/// everybody. Any other parameter that is not known is ignored with a warning.
/// </summary>
public sealed class StudyQueryParser
{
    private const int MaxParameters = 256;
    private const int MaxValueLength = 4096;
    private const int MaxPathLength = 8;

    private readonly QueryLevel level;
    private readonly List<string> warnings = [];
    private readonly SortedSet<DicomTag> returned;
    private readonly HashSet<DicomTag> returnEmpty;
    private readonly Dictionary<string, string> keys = [];
    private bool fuzzy;
    private bool multiple;
    private bool empty;
    private long offset;
    private long? limit;

    private StudyQueryParser(QueryLevel level, bool studyIsNamed, bool seriesIsNamed)
    {
        this.level = level;
        returned = [.. SearchFields.Required(level, studyIsNamed, seriesIsNamed)];
        returnEmpty = [.. returned.Where(tag => !SearchFields.IsConditional(tag))];
    }

    /// <param name="parameters">Name and value of each parameter, decoded, in any order; a name may occur again.</param>
    /// <exception cref="QueryFormatException">A name, a value or a count is malformed.</exception>
    public static StudyQuery Parse(
        QueryLevel level, string? studyUid, string? seriesUid, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        CheckUid(studyUid);
        CheckUid(seriesUid);
        var parser = new StudyQueryParser(level, studyUid is not null, seriesUid is not null);
        var count = 0;
        foreach (var (name, value) in parameters)
        {
            if (++count > MaxParameters)
                throw new QueryFormatException("There are too many parameters.");
            if (value.Length > MaxValueLength || value.Any(char.IsControl))
                throw new QueryFormatException($"The value of {Printable(name)} is too long or has control characters.");

            parser.Take(name, value);
        }

        var matches = parser.Keys();
        return new()
        {
            Level = level,
            StudyUid = studyUid,
            SeriesUid = seriesUid,
            Keys = matches,
            Return = [.. parser.returned],
            ReturnEmpty = parser.returnEmpty,
            Offset = parser.offset,
            Limit = parser.limit,
            Warnings = parser.warnings,
            KeyNames = string.Join(' ', parser.keys.Keys.Order(StringComparer.Ordinal)),
        };
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "includefield":
                Include(value);
                break;
            case "fuzzymatching":
                fuzzy = Flag(name, value);
                break;
            case "multiplevaluematching":
                multiple = Flag(name, value);
                break;
            case "emptyvaluematching":
                empty = Flag(name, value);
                break;
            case "limit":
                limit = Count(name, value);
                break;
            case "offset":
                offset = Count(name, value);
                break;
            case "accept" or "charset":
                break;
            case [>= 'A' and <= 'Z' or >= '0' and <= '9', ..]:
                AddKey(string.Join('.', Path(name)), value);
                break;
            default:
                warnings.Add($"The parameter {Printable(name)} is not supported and was ignored.");
                break;
        }
    }

    private void AddKey(string path, string value)
    {
        if (keys.TryGetValue(path, out var before))
        {
            var last = DicomDictionary.VRFor(path.Length >= 8 && DicomTag.TryParse(path.AsSpan(path.Length - 8), out var tag) ? tag : default);
            if (last != DicomVR.UI && last != DicomVR.CS)
                throw new QueryFormatException($"The attribute {path} is named twice.");

            value = $"{before}\\{value}";
        }

        keys[path] = value;
    }

    private List<MatchKey> Keys()
    {
        var reader = new ValueMatchReader(fuzzy, multiple, empty);
        var root = new List<PathKey>();
        foreach (var (name, value) in keys)
        {
            DicomTag[] path = [.. name.Split('.').Select(part => DicomTag.TryParse(part, out var tag) ? tag : default)];
            var vr = DicomDictionary.VRFor(path[^1]);
            if (path.Length > 1 && path[..^1].Any(tag => DicomDictionary.VRFor(tag) != DicomVR.SQ))
                throw new QueryFormatException($"The path {name} leads through an attribute that is no sequence.");

            if (!SearchFields.CanMatch(level, path[0]))
            {
                warnings.Add($"Matching by {name} is not supported at this level; it was ignored.");
                continue;
            }

            returned.Add(path[0]);
            returnEmpty.Add(path[0]);
            if (Match(reader, name, vr, value) is { } match)
                root.Add(new(path, match, IsSingleValued(path[^1])));
        }

        return Tree(root, 0);
    }

    private static List<MatchKey> Tree(IEnumerable<PathKey> paths, int depth) =>
    [
        .. paths.GroupBy(path => path.Tags[depth]).SelectMany(group => group
            .Where(path => path.Tags.Length == depth + 1)
            .Select(path => new MatchKey(group.Key, path.Match, path.IsSingleValued))
            .Concat(Tree(group.Where(path => path.Tags.Length > depth + 1), depth + 1) is { Count: > 0 } nested
                ? [new MatchKey(group.Key, new ItemMatch(nested), false)]
                : [])),
    ];

    private ValueMatch? Match(ValueMatchReader reader, string name, DicomVR vr, string value)
    {
        if (!ValueMatchReader.CanMatch(vr))
        {
            if (value.Length > 0)
                warnings.Add($"Matching by {name} itself is not supported; it was ignored.");

            return null;
        }

        try
        {
            return reader.Read(vr, value);
        }
        catch (FormatException)
        {
            throw new QueryFormatException($"The value of {name} is not one of its representation, {vr}.");
        }
    }

    private void Include(string value)
    {
        foreach (var field in value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (field == "all")
                returned.UnionWith(SearchFields.All(level));
            else if (TryTag(field.AsSpan(0, field.IndexOf('.') is >= 0 and var dot ? dot : field.Length), out var tag)
                && SearchFields.All(level).Contains(tag))
                returned.Add(tag);
            else
                warnings.Add($"The field {Printable(field)} cannot be included at this level.");
        }
    }

    private static IEnumerable<DicomTag> Path(string name)
    {
        var parts = name.Split('.', MaxPathLength + 1);
        if (parts.Length > MaxPathLength)
            throw new QueryFormatException("A path is too deep.");

        return parts.Select(part => TryTag(part, out var tag)
            ? tag
            : throw new QueryFormatException($"{Printable(name)} is no attribute of PS3.6."));
    }

    private static bool TryTag(ReadOnlySpan<char> text, out DicomTag tag) =>
        DicomTag.TryParse(text, out tag) || DicomDictionary.TryFindKeyword(text, out tag);

    private static bool IsSingleValued(DicomTag tag) => DicomDictionary.Find(tag)?.VM == "1";

    private static bool Flag(string name, string value) => value switch
    {
        "true" => true,
        "false" => false,
        _ => throw new QueryFormatException($"{name} is true or false."),
    };

    private static long Count(string name, string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new QueryFormatException($"{name} is a whole number, 0 or more.");

    private static void CheckUid(string? uid)
    {
        if (!DicomWebAddress.IsUid(uid))
            throw new QueryFormatException("The path has a malformed UID.");
    }

    /// <summary>A caller's word made fit for a header and a message: letters, digits and a few signs, at most 64.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Take(64).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '?'));

    private sealed record PathKey(DicomTag[] Tags, ValueMatch Match, bool IsSingleValued);
}
