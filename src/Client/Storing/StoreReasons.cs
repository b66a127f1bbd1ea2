using System.Globalization;
using System.Text.Json;

namespace SecureStore.Client.Storing;

/// <summary>What the reasons of PS3.18 10.5.3, PS3.7 C and PS3.3 C.12.1.1.12 say, in words.</summary>
static class StoreReasons
{
    /// <summary>The archive's own words (Error Comment) where it has some, and the code.</summary>
    public static string Failure(JsonElement item)
    {
        var code = DicomJson.Number(item, DicomJson.FailureReason);
        return DicomJson.Text(item, DicomJson.ErrorComment) is { Length: > 0 } comment
            ? comment + (code is null ? "" : $" ({Hex(code)})")
            : Failure(code);
    }

    public static string Failure(int? code) => code switch
    {
        null => "no reason was given",
        0x0110 => "the archive failed while processing it (0110H)",
        0x0111 => "another version of this instance is stored already (0111H)",
        0x0117 => "its SOP Instance UID is not valid (0117H)",
        0x0118 => "its SOP Class UID is not known (0118H)",
        0x0119 => "it contradicts itself about its SOP class and instance (0119H)",
        0x0122 => "its SOP class is not supported (0122H)",
        0x0124 => "this token may not store it (0124H)",
        0x0213 => "the archive lacks the resources (0213H)",
        >= 0xA700 and <= 0xA7FF => $"the archive lacks the resources ({Hex(code)})",
        >= 0xA900 and <= 0xA9FF => $"its content does not fit its SOP class or the study it was sent to ({Hex(code)})",
        >= 0xC000 and <= 0xCFFF => $"it cannot be understood ({Hex(code)})",
        _ => $"failure reason {Hex(code)}",
    };

    public static string Warning(int code) => code switch
    {
        0xB000 => "the archive changed some values, or has it already in another transfer syntax (B000H)",
        0xB006 => "some elements were left out (B006H)",
        0xB007 => "it does not fit its SOP class, or names another patient than its study (B007H)",
        _ => $"warning {Hex(code)}",
    };

    static string Hex(int? code) => code!.Value.ToString("X4", CultureInfo.InvariantCulture) + "H";
}
