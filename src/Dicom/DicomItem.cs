namespace SecureStore.Dicom;

/// <summary>One data element of a data set, in whichever form its value is held.</summary>
public abstract class DicomItem
{
    private protected DicomItem(DicomTag tag, DicomVR vr) => (Tag, VR) = (tag, vr);

    public DicomTag Tag { get; }

    public DicomVR VR { get; }
}

/// <summary>An element whose value is in memory: little-endian, whatever byte order the source had.</summary>
public sealed class DicomElement(DicomTag tag, DicomVR vr, ReadOnlyMemory<byte> value) : DicomItem(tag, vr)
{
    /// <summary>The value field, its padding included.</summary>
    public ReadOnlyMemory<byte> Value { get; } = value;
}

/// <summary>A sequence of nested data sets (PS3.5 7.5).</summary>
public sealed class DicomSequence : DicomItem
{
    private readonly List<DicomDataset> _items = [];

    public DicomSequence(DicomTag tag, params IEnumerable<DicomDataset> items)
        : base(tag, DicomVR.SQ)
    {
        foreach (var item in items)
        {
            Add(item);
        }
    }

    public IReadOnlyList<DicomDataset> Items => _items;

    /// <summary>Adds an item at the end.</summary>
    public void Add(DicomDataset item)
    {
        ArgumentNullException.ThrowIfNull(item);
        _items.Add(item);
        item.Parent = Owner;
    }

    /// <summary>The data set that this sequence stands in: its character set is the items' default (PS3.5 6.1.2.5).</summary>
    internal DicomDataset? Owner
    {
        get;
        set
        {
            field = value;
            foreach (var item in _items)
            {
                item.Parent = value;
            }
        }
    }
}

/// <summary>
/// A value that was left in the source, or that DICOM JSON names by a URI. <see cref="Offset"/> and
/// <see cref="Length"/> are in bytes; the bytes are in the source's own byte order.
/// </summary>
public sealed class DicomBulkItem(DicomTag tag, DicomVR vr, long offset, long length, string? uri = null) : DicomItem(tag, vr)
{
    public long Offset { get; } = offset;

    public long Length { get; } = length;

    /// <summary>The BulkDataURI where the data set was read from JSON; otherwise null.</summary>
    public string? Uri { get; } = uri;
}

/// <summary>One fragment of encapsulated pixel data: the bytes behind its item header.</summary>
public readonly record struct DicomFragment(long Offset, long Length, ReadOnlyMemory<byte> Data = default);

/// <summary>A value made of fragments (PS3.5 A.4): a Basic Offset Table, which may be empty, then the fragments.</summary>
public sealed class DicomFragmentItem(
    DicomTag tag,
    DicomVR vr,
    ReadOnlyMemory<byte> offsetTable,
    IReadOnlyList<DicomFragment> fragments) : DicomItem(tag, vr)
{
    /// <summary>The Basic Offset Table: 32-bit little-endian offsets, or empty.</summary>
    public ReadOnlyMemory<byte> OffsetTable { get; } = offsetTable;

    public IReadOnlyList<DicomFragment> Fragments { get; } = fragments;
}
