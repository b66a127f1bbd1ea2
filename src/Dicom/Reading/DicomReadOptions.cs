namespace SecureStore.Dicom;

/// <summary>What a reader keeps in memory, and how much of it; all bounds hold whatever the source says.</summary>
public sealed record DicomReadOptions
{
    /// <summary>
    /// Longest value, in bytes, that is kept; a longer one, and pixel data of any length, becomes a
    /// <see cref="DicomBulkItem"/>. With <see cref="int.MaxValue"/> pixel data is kept, too.
    /// </summary>
    public int MaxInlineValue { get; init; } = 16 * 1024;

    /// <summary>Sum of the headers and values that are kept, in bytes. More is a <see cref="DicomDataException"/>.</summary>
    public long MaxHeaderBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Sequences within sequences.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Elements, items and fragments together.</summary>
    public int MaxElements { get; init; } = 1_000_000;

    /// <summary>Bytes that a deflated data set may grow to.</summary>
    public long MaxInflatedBytes { get; init; } = 8L * 1024 * 1024 * 1024;

    /// <summary>Keeps every value: for files that are known to fit in memory.</summary>
    public static DicomReadOptions KeepAll { get; } = new()
    {
        MaxInlineValue = int.MaxValue,
        MaxHeaderBytes = long.MaxValue,
        MaxElements = int.MaxValue,
    };

    internal bool KeepsPixelData => MaxInlineValue == int.MaxValue;
}
