using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecureStore.Grains.Audit;

/// <summary>An audit event as JSON: what is sealed into an entry, and what auditors are given. What is not known is left out.</summary>
public static class AuditEventJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>One JSON object in UTF-8, without line breaks.</summary>
    public static byte[] Write(AuditEvent auditEvent) => JsonSerializer.SerializeToUtf8Bytes(auditEvent, Options);

    /// <exception cref="FormatException">Not an event. The message repeats nothing of it.</exception>
    public static AuditEvent Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<AuditEvent>(json, Options) ?? throw new FormatException("This is not an audit event.");
        }
        catch (JsonException)
        {
            throw new FormatException("This is not an audit event.");
        }
    }
}
