using System.Text.Json;

namespace SecureStore.Client;

/// <summary>The policy token that is asked for (RFC 9396, type securestore_study).</summary>
public sealed record TokenRequest
{
    /// <summary>The actions that can be asked for.</summary>
    public static readonly IReadOnlyList<string> KnownActions =
        ["store", "search", "read", "read_deidentified", "export", "hold", "destroy", "audit", "administer"];

    public required IReadOnlyList<string> Actions { get; init; }

    /// <summary>HL7 v3 PurposeOfUse code: TREAT, ETREAT, HRESCH, HOPERAT, PATRQT ...</summary>
    public required string PurposeOfUse { get; init; }

    /// <summary>Where the token holds; see <see cref="Everything"/>, <see cref="OfStudy"/> and <see cref="OfPatient"/>.</summary>
    public required string Location { get; init; }

    /// <summary>60 seconds to 24 hours.</summary>
    public required TimeSpan Expires { get; init; }

    public static string Everything => "everything";

    public static string OfStudy(string studyInstanceUid) => $"study:{studyInstanceUid}";

    public static string OfPatient(string? issuer, string patientId) =>
        $"patient:{Uri.EscapeDataString(issuer ?? "")}:{Uri.EscapeDataString(patientId)}";

    internal string AuthorizationDetails() => JsonSerializer.Serialize(new[]
    {
        new { type = "securestore_study", actions = Actions, locations = new[] { Location }, purpose_of_use = PurposeOfUse },
    });
}
