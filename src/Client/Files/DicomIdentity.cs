namespace SecureStore.Client.Files;

/// <summary>The UIDs that a DICOM file names itself with; null where one is absent or could not be read.</summary>
sealed record DicomIdentity(string? Study, string? Series, string? Instance)
{
    public static readonly DicomIdentity Unknown = new(null, null, null);

    public bool IsComplete => Study is not null && Series is not null && Instance is not null;

    /// <summary>
    /// True for 1 to 64 digits and dots (PS3.5 9.1) that begin and end with a digit and hold no two dots in a row: such a text
    /// is also a safe file name. Leading zeros, which the standard forbids and devices write, are let through.
    /// </summary>
    public static bool IsUid(string? text) =>
        text is { Length: >= 1 and <= 64 }
        && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[^1])
        && text.All(c => c == '.' || char.IsAsciiDigit(c))
        && !text.Contains("..", StringComparison.Ordinal);
}
