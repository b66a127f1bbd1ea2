using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecureStore.Grains.Retention;

/// <summary>
/// What remains of a destroyed study: what it was, why and when it went, and from when on nobody can open it any more
/// (docs/retention.md). It says nothing of the patient.
/// </summary>
public sealed record DestructionCertificate
{
    public const int CurrentVersion = 1;

    /// <summary>What the certificate can say of the key's end when the root key is a file.</summary>
    public const string FileProviderStatement =
        "The keys of the study were destroyed in the live system. The root keys are files: unlinking a file does not erase the medium it was on.";

    private static readonly JsonSerializerOptions Canonical = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        Converters = { new UtcConverter() },
    };

    [JsonPropertyOrder(0)] public int Version { get; init; } = CurrentVersion;

    [JsonPropertyOrder(1)] public required Guid CertificateId { get; init; }

    [JsonPropertyOrder(2)] public required string StudyInstanceUid { get; init; }

    [JsonPropertyOrder(3), JsonIgnore(Condition = JsonIgnoreCondition.Never)] public required int Series { get; init; }

    [JsonPropertyOrder(4), JsonIgnore(Condition = JsonIgnoreCondition.Never)] public required long Instances { get; init; }

    /// <summary>Bytes as they were received.</summary>
    [JsonPropertyOrder(5), JsonIgnore(Condition = JsonIgnoreCondition.Never)] public required long Bytes { get; init; }

    [JsonPropertyOrder(6)] public required DateTimeOffset Received { get; init; }

    [JsonPropertyOrder(7)] public required DateOnly RetentionStart { get; init; }

    [JsonPropertyOrder(8)] public required DateOnly DueDay { get; init; }

    /// <summary>The retention rule that gave the due day.</summary>
    [JsonPropertyOrder(9)] public required string Rule { get; init; }

    /// <summary>Why it was destroyed: the retention period was over, or a caller's reason.</summary>
    [JsonPropertyOrder(10)] public required string Reason { get; init; }

    /// <summary>Who destroyed it: a token's subject, or "retention".</summary>
    [JsonPropertyOrder(11)] public required string Actor { get; init; }

    /// <summary>jti of the token that asked for it; absent for the sweep.</summary>
    [JsonPropertyOrder(12)] public string? TokenId { get; init; }

    /// <summary>From then on the live system could not open it.</summary>
    [JsonPropertyOrder(13)] public required DateTimeOffset DestroyedAt { get; init; }

    /// <summary>From then on no backup can open it either: the end of the last epoch that wrapped its keys, the backup window and the provider's delay.</summary>
    [JsonPropertyOrder(14)] public required DateTimeOffset BeyondBackupsAt { get; init; }

    /// <summary>The root key provider.</summary>
    [JsonPropertyOrder(15)] public required string KeyProvider { get; init; }

    /// <summary>What this destruction is worth, in words: <see cref="FileProviderStatement"/>.</summary>
    [JsonPropertyOrder(16)] public required string Statement { get; init; }

    /// <summary>
    /// The certificate of a destruction that begins: its time is that of the beginning, what the study was is not in it yet.
    /// </summary>
    public static DestructionCertificate Begun(
        Guid id, string studyInstanceUid, string reason, string actor, string? tokenId, DateTimeOffset at) => new()
    {
        CertificateId = id,
        StudyInstanceUid = studyInstanceUid,
        Series = 0,
        Instances = 0,
        Bytes = 0,
        Received = at,
        RetentionStart = DateOnly.FromDateTime(at.UtcDateTime),
        DueDay = DateOnly.FromDateTime(at.UtcDateTime),
        Rule = "unknown",
        Reason = reason,
        Actor = actor,
        TokenId = tokenId,
        DestroyedAt = at,
        BeyondBackupsAt = DateTimeOffset.MaxValue,
        KeyProvider = "",
        Statement = FileProviderStatement,
    };

    /// <summary>The one written form: members in this order, no white space, times in UTC to the second.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Canonical);

    /// <exception cref="FormatException">Not a certificate of a version that is known.</exception>
    public static DestructionCertificate FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<DestructionCertificate>(json, Canonical) is { Version: CurrentVersion } certificate
                ? certificate
                : throw new FormatException("The certificate is of an unknown version.");
        }
        catch (JsonException)
        {
            throw new FormatException("This is not a destruction certificate.");
        }
    }

    /// <summary>Nothing but the type's name: a certificate names a study.</summary>
    public override string ToString() => nameof(DestructionCertificate);

    private sealed class UtcConverter : JsonConverter<DateTimeOffset>
    {
        private const string Form = "yyyy-MM-dd'T'HH:mm:ss'Z'";

        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DateTimeOffset.TryParseExact(reader.GetString(), Form, null, System.Globalization.DateTimeStyles.AssumeUniversal, out var time)
                ? time
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToUniversalTime().ToString(Form, System.Globalization.CultureInfo.InvariantCulture));
    }
}
