using System.Buffers.Binary;

namespace SecureStore.Dicom;

/// <summary>A run of bytes in the source.</summary>
public readonly record struct DicomByteRange(long Offset, long Length);

/// <summary>
/// Where the pixel data and each of its frames stand (PS3.5 8.2, A.4). Offsets and lengths are in bytes of the source,
/// or of the inflated data set. Lengths of encapsulated frames include the padding of their last fragment, unless the
/// Extended Offset Table says them exactly.
/// </summary>
public sealed class DicomPixelLayout
{
    private readonly int[]? _firstFragments;
    private readonly long[]? _exactLengths;
    private readonly long _frameLength;

    private DicomPixelLayout(PixelDataPlace place, int declared, bool isBigEndian)
    {
        (Tag, VR, Offset, Length) = (place.Item.Tag, place.Item.VR, place.Offset, place.Length);
        (NumberOfFrames, IsBigEndian) = (declared, isBigEndian);
        Fragments = [];
    }

    private DicomPixelLayout(PixelDataPlace place, int declared, DicomFragmentItem item, FrameTable? table)
        : this(place, declared, isBigEndian: false)
    {
        IsEncapsulated = true;
        Fragments = item.Fragments;
        (_firstFragments, _exactLengths) = (table?.FirstFragments, table?.ExactLengths);
        FrameCount = table?.FirstFragments.Length ?? 0;
    }

    private DicomPixelLayout(PixelDataPlace place, int declared, bool isBigEndian, long frameLength, int frameCount)
        : this(place, declared, isBigEndian)
    {
        _frameLength = frameLength;
        FrameCount = frameCount;
    }

    /// <summary>Pixel Data, Float Pixel Data or Double Float Pixel Data.</summary>
    public DicomTag Tag { get; }

    public DicomVR VR { get; }

    /// <summary>Where the value begins; of encapsulated data, the Basic Offset Table's item header.</summary>
    public long Offset { get; }

    /// <summary>The value's length; of encapsulated data, with item headers and without the sequence delimiter.</summary>
    public long Length { get; }

    public bool IsEncapsulated { get; }

    /// <summary>True where native pixels are big-endian.</summary>
    public bool IsBigEndian { get; }

    /// <summary>Number of Frames (0028,0008) as declared, or 1.</summary>
    public int NumberOfFrames { get; }

    /// <summary>Frames that can be told apart: 0 where the data and its description do not fit together.</summary>
    public int FrameCount { get; }

    /// <summary>All fragments of encapsulated data, without the Basic Offset Table.</summary>
    public IReadOnlyList<DicomFragment> Fragments { get; }

    /// <summary>The bytes of a frame, in order.</summary>
    /// <param name="index">From 0 to <see cref="FrameCount"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    public IReadOnlyList<DicomByteRange> GetFrame(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, FrameCount);
        if (_firstFragments is null)
            return [new(Offset + index * _frameLength, _frameLength)];

        var first = _firstFragments[index];
        var end = index + 1 < _firstFragments.Length ? _firstFragments[index + 1] : Fragments.Count;
        var ranges = new List<DicomByteRange>(end - first);
        var left = _exactLengths?[index] ?? long.MaxValue;
        for (var i = first; i < end && left > 0; i++)
        {
            var length = Math.Min(Fragments[i].Length, left);
            ranges.Add(new(Fragments[i].Offset, length));
            left -= length;
        }

        return ranges;
    }

    internal static DicomPixelLayout? Create(DicomParser parser)
    {
        if (parser.PixelData is not { } place)
            return null;

        var dataset = parser.Dataset;
        var declared = dataset.TryGetInt32(DicomTag.NumberOfFrames, out var number) && number > 0 ? number : 1;
        if (place.Item is DicomFragmentItem item)
            return new(place, declared, item, FrameTable.Create(dataset, item, declared, parser.FragmentStartsStream));

        var frameLength = NativeFrameLength(dataset, place, declared);
        var frameCount = frameLength > 0 ? (int)Math.Min(declared, place.Length / frameLength) : 0;
        return new(place, declared, parser.IsBigEndian, frameLength, frameCount);
    }

    /// <summary>0 where it cannot be told, or a frame does not begin at a byte (bits packed over frames, PS3.5 8.1.1).</summary>
    private static long NativeFrameLength(DicomDataset dataset, PixelDataPlace place, int frames)
    {
        if (frames == 1)
            return place.Length;

        if (!dataset.TryGetInt32(DicomTag.Rows, out var rows)
            || !dataset.TryGetInt32(DicomTag.Columns, out var columns)
            || !dataset.TryGetInt32(DicomTag.BitsAllocated, out var bits)
            || rows < 0 || columns < 0 || bits < 0)
        {
            return 0;
        }

        if (!dataset.TryGetInt32(DicomTag.SamplesPerPixel, out var samples) || samples < 1)
            samples = 1;

        var pixelBits = (decimal)bits * samples;
        pixelBits = dataset.GetString(DicomTag.PhotometricInterpretation) switch
        {
            "YBR_FULL_422" or "YBR_PARTIAL_422" when samples == 3 => bits * 2m,
            "YBR_PARTIAL_420" when samples == 3 => bits * 1.5m,
            _ => pixelBits,
        };
        var frameBits = pixelBits * rows * columns;
        return frameBits > 0 && frameBits % 8 == 0 && frameBits / 8 <= place.Length ? (long)(frameBits / 8) : 0;
    }

    /// <summary>For each frame the index of its first fragment, and its exact length where a table says it.</summary>
    private sealed record FrameTable(int[] FirstFragments, long[]? ExactLengths)
    {
        public static FrameTable? Create(DicomDataset dataset, DicomFragmentItem item, int frames, List<bool> starts)
        {
            var fragments = item.Fragments;
            if (fragments.Count == 0)
                return null;

            return FromExtendedTable(dataset, fragments)
                ?? (FromBasicTable(item) is { } basic && basic.FirstFragments.Length == frames ? basic : null)
                ?? (frames == 1 ? new FrameTable([0], null) : null)
                ?? (fragments.Count(fragment => fragment.Length > 0) == frames ? OneEach(fragments, frames) : null)
                ?? FromStreamStarts(starts, frames)
                ?? FromBasicTable(item);
        }

        private static FrameTable? FromExtendedTable(DicomDataset dataset, IReadOnlyList<DicomFragment> fragments)
        {
            if (dataset.Find(DicomTag.ExtendedOffsetTable) is not DicomElement { Value.Length: > 0 } offsets)
                return null;

            var table = FromOffsets(fragments, offsets.Value.Span, sizeof(ulong));
            var lengths = dataset.Find(DicomTag.ExtendedOffsetTableLengths) as DicomElement;
            if (table is null || lengths?.Value.Length != offsets.Value.Length)
                return table;

            var exact = new long[table.FirstFragments.Length];
            for (var i = 0; i < exact.Length; i++)
            {
                exact[i] = BinaryPrimitives.ReadInt64LittleEndian(lengths.Value.Span[(i * 8)..]);
                if (exact[i] <= 0)
                    return table;
            }

            return table with { ExactLengths = exact };
        }

        private static FrameTable? FromBasicTable(DicomFragmentItem item) =>
            FromOffsets(item.Fragments, item.OffsetTable.Span, sizeof(uint));

        /// <summary>Offsets count from the first fragment's item header; each has to meet one.</summary>
        private static FrameTable? FromOffsets(IReadOnlyList<DicomFragment> fragments, ReadOnlySpan<byte> offsets, int size)
        {
            if (offsets.IsEmpty || offsets.Length % size != 0 || offsets.Length / size > fragments.Count)
                return null;

            var first = new int[offsets.Length / size];
            var fragment = 0;
            for (var i = 0; i < first.Length; i++)
            {
                var at = offsets[(i * size)..];
                var offset = size == sizeof(uint)
                    ? BinaryPrimitives.ReadUInt32LittleEndian(at)
                    : BinaryPrimitives.ReadUInt64LittleEndian(at);
                while (fragment < fragments.Count && (ulong)(fragments[fragment].Offset - fragments[0].Offset) < offset)
                {
                    fragment++;
                }

                if (fragment == fragments.Count || (ulong)(fragments[fragment].Offset - fragments[0].Offset) != offset)
                    return null;

                if (i > 0 && fragment == first[i - 1])
                    return null;

                first[i] = fragment;
            }

            return first[0] == 0 ? new(first, null) : null;
        }

        private static FrameTable OneEach(IReadOnlyList<DicomFragment> fragments, int frames)
        {
            var first = new int[frames];
            var frame = 0;
            for (var i = 0; i < fragments.Count; i++)
            {
                if (fragments[i].Length > 0)
                    first[frame++] = i;
            }

            return new(first, null);
        }

        private static FrameTable? FromStreamStarts(List<bool> starts, int frames)
        {
            var first = new List<int>();
            for (var i = 0; i < starts.Count; i++)
            {
                if (starts[i])
                    first.Add(i);
            }

            return first.Count == frames && first[0] == 0 ? new([.. first], null) : null;
        }
    }
}
