namespace SecureStore.Client.Files;

/// <summary>What a DICOM file says of itself in its first elements; null where something is absent or could not be read.</summary>
sealed record DicomIdentity(string? Study, string? Series, string? Instance)
{
    public static readonly DicomIdentity Unknown = new(null, null, null);

    /// <summary>Study Date (0008,0020), unchecked; of several the first.</summary>
    public string? StudyDate { get; init; }

    /// <summary>Modality (0008,0060), unchecked; of several the first.</summary>
    public string? Modality { get; init; }

    /// <summary>A DICOMDIR (PS3.10 8.6): it names files and is no instance.</summary>
    public bool IsDirectory { get; init; }

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
