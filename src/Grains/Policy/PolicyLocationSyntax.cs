using System.Buffers;
using System.Text;
using SecureStore.Grains.Patients;

namespace SecureStore.Grains.Policy;

/// <summary>
/// A location as tokens write it: <c>everything</c>, <c>study:UID</c>, <c>patient:ISSUER:ID</c>, issuer and ID
/// percent-encoded so that only RFC 3986's unreserved characters stand in the open.
/// </summary>
public static class PolicyLocationSyntax
{
    private const string EverythingWord = "everything";
    private const string StudyPrefix = "study:";
    private const string PatientPrefix = "patient:";

    /// <summary>The longest issuer or ID, in UTF-8 bytes: eight times what DICOM's LO allows in characters.</summary>
    private const int MaxIdentifierBytes = 512;

    private static readonly SearchValues<char> UidCharacters = SearchValues.Create("0123456789.");
    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    /// <exception cref="FormatException">The text is no location. The message repeats nothing of it.</exception>
    public static PolicyLocation Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == EverythingWord)
            return new PolicyLocation.Everything();
        if (text.StartsWith(StudyPrefix, StringComparison.Ordinal))
            return new PolicyLocation.OfStudy(ParseUid(text[StudyPrefix.Length..]));
        if (!text.StartsWith(PatientPrefix, StringComparison.Ordinal))
            throw new FormatException("a location is \"everything\", \"study:UID\" or \"patient:ISSUER:ID\"");

        var parts = text[PatientPrefix.Length..].Split(':');
        if (parts.Length != 2 || parts[1].Length == 0)
            throw new FormatException("a patient is named as \"patient:ISSUER:ID\", the issuer empty where there is none");
        return new PolicyLocation.OfPatient(new PatientIdentity(Decode(parts[0]), Decode(parts[1])));
    }

    /// <exception cref="ArgumentException">A patient without an ID, or a study whose UID is no UID, has no written form.</exception>
    public static string Write(PolicyLocation location) => location switch
    {
        PolicyLocation.Everything => EverythingWord,
        PolicyLocation.OfStudy study when IsUid(study.StudyInstanceUid) => StudyPrefix + study.StudyInstanceUid,
        PolicyLocation.OfPatient { Patient: { OnlyStudy: null, Id.Length: > 0 } patient } =>
            $"{PatientPrefix}{Uri.EscapeDataString(patient.Issuer)}:{Uri.EscapeDataString(patient.Id)}",
        _ => throw new ArgumentException("The location has no written form.", nameof(location)),
    };

    private static bool IsUid(string text) => text.Length is > 0 and <= 64 && !text.AsSpan().ContainsAnyExcept(UidCharacters);

    private static string ParseUid(string text) =>
        IsUid(text) ? text : throw new FormatException("a study is named by its UID: 1 to 64 digits and dots");

    private static string Decode(string encoded)
    {
        Span<byte> bytes = stackalloc byte[MaxIdentifierBytes];
        var length = 0;
        for (var at = 0; at < encoded.Length; length++)
        {
            if (length == bytes.Length)
                throw new FormatException("an issuer or patient ID is longer than 512 bytes");
            var c = encoded[at];
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~')
            {
                bytes[length] = (byte)c;
                at++;
            }
            else if (c == '%' && at + 2 < encoded.Length && char.IsAsciiHexDigit(encoded[at + 1]) && char.IsAsciiHexDigit(encoded[at + 2]))
            {
                bytes[length] = Convert.FromHexString(encoded.AsSpan(at + 1, 2))[0];
                at += 3;
            }
            else
            {
                throw new FormatException("an issuer or patient ID is not percent-encoded (RFC 3986 2.1)");
            }
        }

        try
        {
            return StrictUtf8.GetString(bytes[..length]);
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException("an issuer or patient ID is not UTF-8");
        }
    }
}
