using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SecureStore.Grains.Policy;

/// <summary>authorization_details (RFC 9396) as grants, both ways (docs/policy-token.md).</summary>
public static class AuthorizationDetails
{
    /// <summary>The "type" of the entries that speak of this archive.</summary>
    public const string StudyType = "securestore_study";

    /// <summary>The most entries in an array, and the most locations in an entry.</summary>
    public const int MaxItems = 128;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>
    /// The grants of the entries of type <see cref="StudyType"/>. Entries of other types are passed over. Entries of this
    /// type must say only what is understood: an unknown field, action, location or purpose refuses the whole array.
    /// </summary>
    /// <exception cref="FormatException">It is not that. The message says why and repeats nothing of the input.</exception>
    public static IReadOnlyList<PolicyGrant> Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return Parse(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new FormatException("authorization_details is not JSON in valid UTF-8, is too deep, or repeats a name");
        }
    }

    /// <summary>What a request to the issuer asks for: as <see cref="Parse(string)"/>, but entries of other types are refused (RFC 9396 5), and none is too few.</summary>
    /// <exception cref="FormatException">It is not that. The message says why and repeats nothing of the input.</exception>
    public static IReadOnlyList<PolicyGrant> ParseRequest(string json)
    {
        var grants = Parse(json);
        using var document = JsonDocument.Parse(json, Strict);
        return grants.Count > 0 && grants.Count == document.RootElement.GetArrayLength()
            ? grants
            : throw new FormatException($"authorization_details asks for entries of type \"{StudyType}\", one at least");
    }

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="array">From a document that was parsed without duplicate names.</param>
    public static IReadOnlyList<PolicyGrant> Parse(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > MaxItems)
            throw new FormatException($"authorization_details is an array of at most {MaxItems} objects");
        var grants = new List<PolicyGrant>(array.GetArrayLength());
        foreach (var entry in array.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
                throw new FormatException("an entry of authorization_details is an object with a \"type\"");
            if (type.ValueEquals(StudyType))
                grants.Add(ParseEntry(entry));
        }

        return grants;
    }

    /// <summary>The array that <see cref="Parse(string)"/> reads back as the same grants.</summary>
    /// <exception cref="ArgumentException">A grant without actions or locations, or with an unknown purpose.</exception>
    public static string Write(IEnumerable<PolicyGrant> grants)
    {
        ArgumentNullException.ThrowIfNull(grants);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartArray();
            foreach (var grant in grants)
                WriteEntry(writer, grant);
            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static PolicyGrant ParseEntry(JsonElement entry)
    {
        var actions = PolicyActions.None;
        IReadOnlyList<PolicyLocation> locations = [];
        var purpose = "";
        foreach (var field in entry.EnumerateObject())
        {
            switch (field.Name)
            {
                case "type":
                    break;
                case "actions":
                    actions = Strings(field).Aggregate(actions, (set, name) => set | ParseAction(name));
                    break;
                case "locations":
                    locations = [.. Strings(field).Select(PolicyLocationSyntax.Parse)];
                    break;
                case "purpose_of_use" when field.Value.ValueKind == JsonValueKind.String:
                    purpose = field.Value.GetString()!;
                    break;
                default:
                    throw new FormatException("an entry has \"type\", \"actions\", \"locations\" and \"purpose_of_use\", and nothing else");
            }
        }

        if (actions == PolicyActions.None || locations.Count == 0)
            throw new FormatException("an entry names at least one action and one location");
        if (!PurposeOfUse.IsKnown(purpose))
            throw new FormatException("\"purpose_of_use\" is not a code of HL7's PurposeOfUse value set");
        return new PolicyGrant(actions, locations, purpose);
    }

    private static PolicyActions ParseAction(string name) =>
        PolicyActionNames.Parse(name) is var action and not PolicyActions.None
            ? action
            : throw new FormatException("an entry names an action that does not exist");

    private static IEnumerable<string> Strings(JsonProperty field)
    {
        if (field.Value.ValueKind != JsonValueKind.Array || field.Value.GetArrayLength() > MaxItems
            || field.Value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            throw new FormatException($"\"actions\" and \"locations\" are arrays of at most {MaxItems} strings");
        return field.Value.EnumerateArray().Select(item => item.GetString()!);
    }

    private static void WriteEntry(Utf8JsonWriter writer, PolicyGrant grant)
    {
        if (grant.Actions == PolicyActions.None || grant.Locations.Count == 0 || !PurposeOfUse.IsKnown(grant.PurposeOfUse))
            throw new ArgumentException("A grant names actions, locations and a purpose.", nameof(grant));
        writer.WriteStartObject();
        writer.WriteString("type", StudyType);
        writer.WriteStartArray("actions");
        foreach (var name in PolicyActionNames.Of(grant.Actions))
            writer.WriteStringValue(name);
        writer.WriteEndArray();
        writer.WriteStartArray("locations");
        foreach (var location in grant.Locations)
            writer.WriteStringValue(PolicyLocationSyntax.Write(location));
        writer.WriteEndArray();
        writer.WriteString("purpose_of_use", grant.PurposeOfUse);
        writer.WriteEndObject();
    }
}
