using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Microsoft.IdentityModel.Tokens;
using SecureStore.Grains.Policy;
using static SecureStore.Grains.Tests.Policy.Minted;

namespace SecureStore.Grains.Tests.Policy;

public sealed class PolicyTokenReaderTests
{
    private readonly PolicyTokenReader reader = Reader();

    private static TokenRefusal Refusal(string token) => Reader().Read(token, Now).Refusal;

    [Fact]
    public void A_token_that_is_right_is_believed_with_all_it_says()
    {
        var result = reader.Read(Token(Payload(("nbf", Seconds(Now.AddSeconds(5))))), Now);

        Assert.True(result.IsValid, result.Refusal.ToString());
        Assert.Equal("t-1", result.Token.Id);
        Assert.Equal("someone", result.Token.Subject);
        Assert.Equal(Issuer, result.Token.Issuer);
        Assert.Equal(Now.AddHours(1), result.Token.Expires);
        Assert.Equal(Now.AddSeconds(5), result.Token.NotBefore);
        Assert.True(result.Token.AllowsEverywhere(PolicyActions.Read));
        Assert.False(result.Token.AllowsSomewhere(PolicyActions.Destroy));
    }

    [Fact]
    public void A_token_believed_once_expires_all_the_same()
    {
        var token = Token();
        Assert.True(reader.Read(token, Now).IsValid);
        Assert.True(reader.Read(token, Now.AddHours(1).AddTicks(-1)).IsValid);
        Assert.Equal(TokenRefusal.Expired, reader.Read(token, Now.AddHours(1)).Refusal);
        Assert.Equal(TokenRefusal.NotYetValid, reader.Read(token, Now.AddMinutes(-1)).Refusal);
    }

    [Fact]
    public void The_start_has_an_allowance_for_clocks_and_the_end_has_none()
    {
        var token = Token();
        Assert.True(reader.Read(token, Now.AddSeconds(-30)).IsValid);
        Assert.Equal(TokenRefusal.NotYetValid, reader.Read(token, Now.AddSeconds(-31)).Refusal);
        Assert.Equal(TokenRefusal.NotYetValid, Reader(TimeSpan.Zero).Read(token, Now.AddSeconds(-1)).Refusal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Reader(TimeSpan.FromSeconds(61)));
    }

    [Fact]
    public void No_changed_character_is_believed() =>
        Gen.Select(Gen.Int[0, Token().Length - 1], Gen.Char["ABCDwxyz0189-_."]).Sample((at, character) =>
        {
            var token = Token();
            at %= token.Length;
            if (token[at] == character)
                return true;
            var changed = token[..at] + character + token[(at + 1)..];
            return !reader.Read(changed, Now).IsValid;
        }, iter: 2_000);

    [Fact]
    public void Nothing_that_is_no_token_does_harm() =>
        Gen.Select(Gen.String, Gen.String, Gen.String).Sample((header, payload, signature) =>
        {
            Assert.False(reader.Read(header, Now).IsValid);
            Assert.False(reader.Read($"{Part(header)}.{Part(payload)}.{Part(signature)}", Now).IsValid);
            Assert.False(reader.Read($"{Part(Header)}.{Part(Payload())}.{Part(signature)}", Now).IsValid);
        }, iter: 2_000);

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d.e")]
    [InlineData("e30.e30.e30")]
    public void Broken_forms_are_refused(string token) => Assert.False(reader.Read(token, Now).IsValid);

    [Fact]
    public void A_token_over_16_KiB_is_refused_unread()
    {
        Assert.Equal(TokenRefusal.None, Refusal(Token(Payload(("x", Quoted(new string('a', 8_000)))))));
        Assert.Equal(TokenRefusal.Malformed, Refusal(Token(Payload(("x", Quoted(new string('a', 16_384)))))));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    [InlineData("EdDSA")]
    [InlineData("")]
    public void Only_listed_algorithms_are_looked_at(string algorithm) =>
        Assert.Equal(TokenRefusal.WrongAlgorithm, Refusal(Token(header: $$"""{"alg":"{{algorithm}}","typ":"at+jwt","kid":"k1"}""")));

    [Fact]
    public void An_unsigned_token_is_refused()
    {
        var payload = Part(Payload());
        Assert.Equal(TokenRefusal.WrongAlgorithm, Refusal($"{Part("""{"alg":"none","typ":"at+jwt"}""")}.{payload}."));
        Assert.Equal(TokenRefusal.BadSignature, Refusal($"{Part(Header)}.{payload}."));
        Assert.Equal(TokenRefusal.Malformed, Refusal($"{Part(Header)}.{payload}"));
    }

    [Fact]
    public void The_public_key_is_no_shared_secret()
    {
        var signed = $"{Part("""{"alg":"HS256","typ":"at+jwt","kid":"k1"}""")}.{Part(Payload())}";
        foreach (var secret in new[] { Key.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(Key.ExportSubjectPublicKeyInfoPem()) })
            Assert.Equal(TokenRefusal.WrongAlgorithm, Refusal($"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}"));
    }

    [Theory]
    [InlineData("""{"alg":"ES256","kid":"k1"}""")]
    [InlineData("""{"alg":"ES256","typ":"JWT","kid":"k1"}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt ","kid":"k1"}""")]
    [InlineData("""{"alg":"ES256","typ":"logout+jwt","kid":"k1"}""")]
    public void Only_access_tokens_are_access_tokens(string header) => Assert.Equal(TokenRefusal.WrongType, Refusal(Token(header: header)));

    [Fact]
    public void The_long_form_of_the_type_is_the_same_type() =>
        Assert.Equal(TokenRefusal.None, Refusal(Token(header: """{"alg":"ES256","typ":"application/at+jwt","kid":"k1"}""")));

    [Theory]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","kid":"k1","kid":"k1"}""")]
    [InlineData("""{"alg":"none","typ":"at+jwt","alg":"ES256"}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","kid":7}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","kid":null}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","kid":"k1","crit":["x"],"x":1}""")]
    [InlineData("""["alg","ES256"]""")]
    public void Headers_with_tricks_are_refused(string header) => Assert.Equal(TokenRefusal.Malformed, Refusal(Token(header: header)));

    [Fact]
    public void A_key_the_token_brings_along_is_not_used()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var brought = PublicKey(other);
        Assert.Equal(TokenRefusal.BadSignature, Refusal(Token(key: other, header:
            $$$"""{"alg":"ES256","typ":"at+jwt","kid":"k1","jku":"https://evil.example/","jwk":{"kty":"EC","crv":"P-256","x":"{{{brought.X}}}","y":"{{{brought.Y}}}"}}""")));
    }

    [Theory]
    [InlineData("k2")]
    [InlineData("")]
    [InlineData("../../k1")]
    [InlineData("K1")]
    public void A_key_id_that_the_issuer_does_not_have_is_refused(string kid) =>
        Assert.Equal(TokenRefusal.BadSignature, Refusal(Token(header: $$"""{"alg":"ES256","typ":"at+jwt","kid":"{{kid}}"}""")));

    [Fact]
    public void A_key_id_chooses_the_key_and_without_one_each_is_tried()
    {
        using var second = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var two = new PolicyTokenReader([new TrustedIssuer(Issuer, [PublicKey(), PublicKey(second, "k2")])], Audience);

        Assert.True(two.Read(Token(key: second, header: """{"alg":"ES256","typ":"at+jwt","kid":"k2"}"""), Now).IsValid);
        Assert.True(two.Read(Token(key: second, header: """{"alg":"ES256","typ":"at+jwt"}"""), Now).IsValid);
        Assert.Equal(TokenRefusal.BadSignature, two.Read(Token(key: second), Now).Refusal);
    }

    [Fact]
    public void One_issuer_cannot_speak_for_another()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var two = new PolicyTokenReader([new TrustedIssuer(Issuer, [PublicKey()]), new TrustedIssuer("https://other.example/", [PublicKey(other)])], Audience);

        Assert.Equal(TokenRefusal.BadSignature, two.Read(Token(key: other), Now).Refusal);
        Assert.True(two.Read(Token(Payload(("iss", "\"https://other.example/\"")), key: other), Now).IsValid);
    }

    [Theory]
    [InlineData("https://issuer.example")]
    [InlineData("https://ISSUER.example/")]
    [InlineData("")]
    public void An_issuer_is_its_exact_name(string issuer) => Assert.Equal(TokenRefusal.UnknownIssuer, Refusal(Token(Payload(("iss", Quoted(issuer))))));

    [Theory]
    [InlineData("\"other\"", TokenRefusal.WrongAudience)]
    [InlineData("\"SecureStore\"", TokenRefusal.WrongAudience)]
    [InlineData("[]", TokenRefusal.WrongAudience)]
    [InlineData("[\"other\"]", TokenRefusal.WrongAudience)]
    [InlineData("7", TokenRefusal.WrongAudience)]
    [InlineData(null, TokenRefusal.WrongAudience)]
    [InlineData("[\"other\",\"securestore\"]", TokenRefusal.None)]
    public void The_audience_is_this_archive(string? audience, TokenRefusal expected) =>
        Assert.Equal(expected, Refusal(Token(Payload(("aud", audience)))));

    [Theory]
    [InlineData("exp", null)]
    [InlineData("exp", "\"1900000000\"")]
    [InlineData("exp", "-1")]
    [InlineData("exp", "1e300")]
    [InlineData("iat", null)]
    [InlineData("iat", "true")]
    [InlineData("nbf", "\"x\"")]
    [InlineData("jti", null)]
    [InlineData("jti", "\"\"")]
    [InlineData("jti", "5")]
    [InlineData("sub", "[]")]
    [InlineData("iss", "[\"https://issuer.example/\"]")]
    public void Claims_that_are_missing_or_of_the_wrong_kind_are_refused(string name, string? json) =>
        Assert.Equal(TokenRefusal.Malformed, Refusal(Token(Payload((name, json)))));

    [Fact]
    public void Either_subject_or_client_must_be_named()
    {
        Assert.Equal("program", reader.Read(Token(Payload(("sub", null))), Now).Token!.Subject);
        Assert.Equal(TokenRefusal.Malformed, Refusal(Token(Payload(("sub", null), ("client_id", null)))));
        Assert.Equal(TokenRefusal.Malformed, Refusal(Token(Payload(("sub", Quoted(new string('a', 257)))))));
    }

    [Theory]
    [InlineData(""","exp":9999999999}""")]
    [InlineData(""","\u0065xp":9999999999}""")]
    [InlineData(""","aud":"securestore"}""")]
    public void A_claim_that_stands_twice_is_refused(string tail) => Assert.Equal(TokenRefusal.Malformed, Refusal(Token(Payload()[..^1] + tail)));

    [Theory]
    [InlineData(null, TokenRefusal.NoGrants)]
    [InlineData("[]", TokenRefusal.NoGrants)]
    [InlineData("""[{"type":"payment_initiation","amount":7}]""", TokenRefusal.NoGrants)]
    [InlineData("{}", TokenRefusal.BadGrants)]
    [InlineData("""[{"actions":["read"]}]""", TokenRefusal.BadGrants)]
    [InlineData("""[{"type":"securestore_study","actions":["read","fly"],"locations":["everything"],"purpose_of_use":"TREAT"}]""", TokenRefusal.BadGrants)]
    [InlineData("""[{"type":"securestore_study","actions":["read"],"locations":["everything"],"purpose_of_use":"FUN"}]""", TokenRefusal.BadGrants)]
    [InlineData("""[{"type":"securestore_study","actions":["read"],"locations":["everything"],"purpose_of_use":"TREAT","only_on":"monday"}]""", TokenRefusal.BadGrants)]
    [InlineData("""[{"type":"securestore_study","actions":["read"],"locations":["everything"],"purpose_of_use":"TREAT","purpose_of_use":"TREAT"}]""", TokenRefusal.Malformed)]
    public void Grants_fail_closed(string? details, TokenRefusal expected) =>
        Assert.Equal(expected, Refusal(Token(Payload(("authorization_details", details)))));

    [Fact]
    public void A_bad_grant_spoils_the_good_one_beside_it() =>
        Assert.Equal(TokenRefusal.BadGrants, Refusal(Token(Payload(("authorization_details",
            Grants[..^1] + """,{"type":"securestore_study","actions":[],"locations":["everything"],"purpose_of_use":"TREAT"}]""")))));

    [Fact]
    public void Nesting_is_bounded() =>
        Assert.Equal(TokenRefusal.Malformed, Refusal(Token(Payload(("x", new string('[', 2_000) + new string(']', 2_000))))));

    [Fact]
    public void RSA_issuers_are_believed_by_both_paddings_and_by_nothing_else()
    {
        using var rsa = RSA.Create(2048);
        var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(rsa.ExportParameters(false)) { KeyId = "r1" });
        var rsaReader = new PolicyTokenReader([new TrustedIssuer(Issuer, [key])], Audience);

        Assert.True(rsaReader.Read(Signed("RS256", RSASignaturePadding.Pkcs1), Now).IsValid);
        Assert.True(rsaReader.Read(Signed("PS256", RSASignaturePadding.Pss), Now).IsValid);
        Assert.Equal(TokenRefusal.BadSignature, rsaReader.Read(Signed("PS256", RSASignaturePadding.Pkcs1), Now).Refusal);
        Assert.Equal(TokenRefusal.BadSignature, rsaReader.Read(Signed("ES256", RSASignaturePadding.Pkcs1), Now).Refusal);

        string Signed(string algorithm, RSASignaturePadding padding)
        {
            var signed = $"{Part($$"""{"alg":"{{algorithm}}","typ":"at+jwt","kid":"r1"}""")}.{Part(Payload())}";
            return $"{signed}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, padding))}";
        }
    }

    [Fact]
    public void Weak_or_unfit_issuer_keys_are_not_taken()
    {
        using var rsa = RSA.Create(1024);
        var weak = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(rsa.ExportParameters(false)));
        Assert.Throws<ArgumentException>(() => new TrustedIssuer(Issuer, [weak]));
        var forEncryption = PublicKey();
        forEncryption.Use = "enc";
        Assert.Throws<ArgumentException>(() => new TrustedIssuer(Issuer, [forEncryption]));
        var offTheCurve = PublicKey();
        offTheCurve.Y = offTheCurve.X;
        Assert.Throws<ArgumentException>(() => new TrustedIssuer(Issuer, [offTheCurve]));
        Assert.Throws<ArgumentException>(() => new TrustedIssuer(Issuer, [new JsonWebKey { Kty = "oct", K = "AAAA" }]));
    }

    [Fact]
    public void Many_tokens_are_remembered_within_bounds_and_each_stays_right()
    {
        var tokens = Enumerable.Range(0, 3_000).Select(i => Token(Payload(("jti", $"\"t{i}\"")))).ToArray();
        for (var round = 0; round < 2; round++)
            for (var i = 0; i < tokens.Length; i++)
                Assert.Equal($"t{i}", reader.Read(tokens[i], Now).Token!.Id);
    }
}
