using System.Text.Json;

namespace SecureStore.Client.Output;

/// <summary>Reads the archive's own JSON leniently: what is absent is empty, and a name's case and underscores do not matter.</summary>
static class JsonFields
{
    /// <summary>The objects of an array, or the one object.</summary>
    /// <exception cref="SecureStoreException">It is no JSON.</exception>
    public static IReadOnlyList<JsonElement> Objects(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement.Clone();
            return root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : [root];
        }
        catch (JsonException e)
        {
            throw new SecureStoreException("the archive's answer is not the JSON that was expected", e);
        }
    }

    public static string Text(JsonElement json, string name)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return "";
        }

        var value = json.EnumerateObject().FirstOrDefault(p => Plain(p.Name) == Plain(name)).Value;
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Undefined or JsonValueKind.Null => "",
            _ => value.GetRawText(),
        };
    }

    static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
