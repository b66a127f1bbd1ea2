using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using SecureStore.Grains.Policy;

namespace SecureStore.Grains.Tests.Policy;

/// <summary>Makes tokens, right and wrong ones, without the code under test.</summary>
internal static class Minted
{
    public const string Issuer = "https://issuer.example/";
    public const string Audience = "securestore";
    public const string Grants = """[{"type":"securestore_study","actions":["search","read"],"locations":["everything"],"purpose_of_use":"TREAT"}]""";

    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public const string Header = """{"alg":"ES256","typ":"at+jwt","kid":"k1"}""";

    public static JsonWebKey PublicKey(ECDsa? key = null, string kid = "k1")
    {
        var parameters = (key ?? Key).ExportParameters(false);
        return new JsonWebKey
        {
            Kty = "EC",
            Crv = "P-256",
            Kid = kid,
            X = Base64Url.EncodeToString(parameters.Q.X),
            Y = Base64Url.EncodeToString(parameters.Q.Y),
        };
    }

    public static PolicyTokenReader Reader(TimeSpan? skew = null) => new([new TrustedIssuer(Issuer, [PublicKey()])], Audience, skew);

    /// <summary>A payload that is right, with members replaced (a raw JSON value) or left out (null).</summary>
    public static string Payload(params (string Name, string? Json)[] changes)
    {
        var members = new Dictionary<string, string?>
        {
            ["iss"] = $"\"{Issuer}\"",
            ["aud"] = $"\"{Audience}\"",
            ["sub"] = "\"someone\"",
            ["client_id"] = "\"program\"",
            ["jti"] = "\"t-1\"",
            ["iat"] = Seconds(Now),
            ["exp"] = Seconds(Now.AddHours(1)),
            ["authorization_details"] = Grants,
        };
        foreach (var (name, json) in changes)
            members[name] = json;
        return "{" + string.Join(',', members.Where(member => member.Value is not null).Select(member => $"\"{member.Key}\":{member.Value}")) + "}";
    }

    public static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString();

    public static string Token(string? payload = null, string header = Header, ECDsa? key = null)
    {
        var signed = Part(header) + "." + Part(payload ?? Payload());
        return signed + "." + Base64Url.EncodeToString((key ?? Key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256));
    }

    public static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    public static string Quoted(string text) => JsonSerializer.Serialize(text);
}
