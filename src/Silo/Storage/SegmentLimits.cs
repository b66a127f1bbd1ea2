namespace SecureStore.Silo.Storage;

/// <summary>How segments are written, and when they are closed.</summary>
public sealed record SegmentLimits
{
    /// <summary>Segments open for appending at once; the one used longest ago gives way.</summary>
    public int Writers { get; init; } = 256;

    /// <summary>Segments open for reading at once.</summary>
    public int Readers { get; init; } = 512;

    /// <summary>Bytes after which a segment takes no more.</summary>
    public long Size { get; init; } = 1L << 30;

    /// <summary>Time without an append after which a segment is closed (within twice this time).</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether segments are written past the page cache where the file system can (docs/decisions/0006-past-the-page-cache.md).</summary>
    public bool PastCache { get; init; } = true;
}
