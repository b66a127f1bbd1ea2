namespace SecureStore.Dicom;

/// <summary>Where the value of the top-level pixel data stands, in bytes.</summary>
internal readonly record struct PixelDataPlace(DicomItem Item, long Offset, long Length);

internal sealed partial class DicomParser
{
    private enum FrameKind : byte
    {
        Items,
        Sequence,
        Fragments,
    }

    /// <summary>A data set, a sequence or a list of fragments that has begun and not ended.</summary>
    private record struct Frame(FrameKind Kind, long End, bool IsImplicit, bool IsBigEndian)
    {
        public DicomDataset? Dataset;
        public DicomSequence? Sequence;
        public FragmentCollector? Fragments;
        public bool IsSigned;
    }

    /// <summary>An element's header: its size and the value's length in bytes.</summary>
    /// <param name="IsUnknown">The source did not say the VR (UN): the value is little-endian (PS3.5 6.2.2).</param>
    private readonly record struct ElementHeader(int Size, uint Length, DicomVR VR, bool IsUnknown);

    /// <summary>A value that is being passed over.</summary>
    private sealed record PendingBulk(DicomTag Tag, DicomVR VR, long Offset);

    private sealed class FragmentCollector(DicomTag tag, DicomVR vr, long offset)
    {
        private readonly List<DicomFragment> _fragments = [];

        public DicomTag Tag => tag;

        public long Offset => offset;

        public ReadOnlyMemory<byte>? OffsetTable { get; set; }

        public void Add(DicomFragment fragment) => _fragments.Add(fragment);

        public void CutLast(long end)
        {
            if (_fragments is [.., var last] && last.Offset + last.Length > end)
                _fragments[^1] = last with { Length = end - last.Offset };
        }

        public DicomFragmentItem ToItem() => new(tag, vr, OffsetTable ?? default, _fragments);
    }

    private static class Delimiters
    {
        public static readonly DicomTag Item = new(0xFFFE, 0xE000);
        public static readonly DicomTag ItemEnd = new(0xFFFE, 0xE00D);
        public static readonly DicomTag SequenceEnd = new(0xFFFE, 0xE0DD);
    }

    /// <summary>True where two capital letters stand in the VR's place (PS3.5 7.1.2).</summary>
    internal static bool HasVR(ReadOnlySpan<byte> header) =>
        header.Length >= 6 && char.IsAsciiLetterUpper((char)header[4]) && char.IsAsciiLetterUpper((char)header[5]);

    private bool TryReadHeader(ReadOnlySpan<byte> window, DicomTag tag, out ElementHeader header)
    {
        if (_frame.IsImplicit || tag.Group == 0 || !HasVR(window))
        {
            var value = DicomByteOrder.ReadUInt32(window[4..], _frame.IsBigEndian && tag.Group != 0);
            header = new(8, value, KnownVR(tag), IsUnknown: false);
            return true;
        }

        var vr = DicomVR.Find(window[4], window[5]);
        var (size, length) = (8, (uint)DicomByteOrder.ReadUInt16(window[6..], _frame.IsBigEndian));
        if (vr?.HasLongLength ?? IsLongForm(window, tag, length))
        {
            if (window.Length < 12)
            {
                header = default;
                return false;
            }

            (size, length) = (12, ReadUInt32(window[8..]));
        }

        var isUnknown = vr is null || vr == DicomVR.UN;
        if (isUnknown)
        {
            var known = KnownVR(tag);
            vr = length < ushort.MaxValue || known == DicomVR.SQ ? known : DicomVR.UN;
        }

        header = new(size, length, vr!, isUnknown);
        return true;
    }

    /// <summary>
    /// Whether a VR that PS3.5 does not have yet has a 32-bit length, as all new ones do (PS3.5 6.2.2 note), or is a
    /// mistake for one with 16 bits: then two zero bytes are an empty value, and the next tag follows.
    /// </summary>
    private bool IsLongForm(ReadOnlySpan<byte> window, DicomTag tag, uint shortLength)
    {
        if (shortLength != 0 || window.Length < 12)
            return false;

        var next = ReadTag(window[8..]);
        return next.Group != tag.Group || next.Element <= tag.Element;
    }

    /// <summary>The dictionary's VR; of those that depend on the image, the one that fits it (PS3.5 A.1, PS3.6).</summary>
    private DicomVR KnownVR(DicomTag tag)
    {
        var vr = DicomDictionary.VRFor(tag);
        if (vr != DicomVR.US && vr != DicomVR.OB || DicomDictionary.Find(tag)?.VRs is not { Count: > 1 } choices)
            return vr;

        return choices.Contains(DicomVR.OW) ? DicomVR.OW
            : _frame.IsSigned && choices.Contains(DicomVR.SS) ? DicomVR.SS
            : vr;
    }

    /// <summary>Whether an item or the end of a sequence follows; where a VR is unknown, in either byte order.</summary>
    private bool BeginsWithItem(ReadOnlySpan<byte> at, bool isUnknown, out bool isBigEndian)
    {
        isBigEndian = _frame.IsBigEndian && !isUnknown;
        if (IsItem(at, isBigEndian))
            return true;

        if (!isUnknown || !_frame.IsBigEndian || !IsItem(at, isBigEndian: true))
            return false;

        isBigEndian = true;
        return true;
    }

    private static bool IsItem(ReadOnlySpan<byte> at, bool isBigEndian)
    {
        if (at.Length < 4)
            return false;

        var tag = DicomByteOrder.ReadTag(at, isBigEndian);
        return tag == Delimiters.Item || tag == Delimiters.SequenceEnd;
    }

    private ParserState? ParseFragment(ReadOnlySpan<byte> window)
    {
        var fragments = _frame.Fragments!;
        var (tag, length) = (ReadTag(window), ReadUInt32(window[4..]));
        if (tag == Delimiters.SequenceEnd)
        {
            Leave();
            _input.Consume(8);
            return null;
        }

        if (tag != Delimiters.Item || length == Undefined)
        {
            Leave();
            _scans = true;
            return null;
        }

        if (++_elements > _options.MaxElements)
            throw new DicomDataException("The pixel data has more fragments than the limit allows.");

        var start = _input.Position + 8;
        var count = Math.Min(length, _frame.End - start);
        var isTable = fragments.OffsetTable is null;
        Memory<byte> kept = default;
        if (isTable || _options.KeepsPixelData && count <= LongestArray)
        {
            if (!TryKeep(window, ref count, out kept))
                return Need(8 + (int)count);

            _input.Consume((int)count);
        }
        else
        {
            _skip = count;
        }

        _input.Consume(8);
        if (isTable)
        {
            fragments.OffsetTable = kept;
            return null;
        }

        Charge(24);
        fragments.Add(new(start, count, kept));
        if (_outer.Count == 1 && IsPixelData(fragments.Tag))
            FragmentStartsStream.Add(StartsStream(window[8..]));

        return null;
    }

    /// <summary>Keeps the bytes behind an item's header, or says false where they have not all arrived.</summary>
    private bool TryKeep(ReadOnlySpan<byte> window, ref long count, out Memory<byte> kept)
    {
        if (count > LongestArray)
            throw new DicomDataException("An offset table is longer than the limit allows.");

        Reserve(count);
        kept = default;
        if (window.Length < 8 + count)
        {
            if (!_input.IsEnded)
                return false;

            Truncate();
            count = window.Length - 8;
        }

        Charge(count);
        kept = _arena.Keep(window.Slice(8, (int)count));
        return true;
    }

    /// <summary>The first bytes of a JPEG or JPEG-LS stream, a JPEG 2000 stream, or a JP2 file.</summary>
    private static bool StartsStream(ReadOnlySpan<byte> bytes) =>
        bytes is [0xFF, 0xD8, ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] or [0, 0, 0, 0x0C, 0x6A, 0x50, ..];

    /// <summary>Goes over a value that is not kept; false where more has to arrive.</summary>
    private bool PassOver()
    {
        if (_scans)
            return Scan();

        var count = (int)Math.Min(_skip, _input.Available);
        _input.Consume(count);
        _skip -= count;
        if (_skip == 0)
            return true;

        if (!_input.IsEnded)
        {
            Needed = 1;
            return false;
        }

        _skip = 0;
        EndWithin(0);
        return true;
    }

    /// <summary>Goes to the sequence delimiter that ends a value of undefined length.</summary>
    private bool Scan()
    {
        var window = Window();
        ReadOnlySpan<byte> delimiter = _frame.IsBigEndian ? [0xFF, 0xFE, 0xE0, 0xDD] : [0xFE, 0xFF, 0xDD, 0xE0];
        var at = window.IndexOf(delimiter);
        var isAll = _input.IsEnded || _input.Position + window.Length >= _frame.End;
        if (at < 0 && !isAll || at >= 0 && window.Length - at < 8 && !isAll)
        {
            _input.Consume(at >= 0 ? at : Math.Max(0, window.Length - 3));
            Needed = LookAhead;
            return false;
        }

        _scans = false;
        _input.Consume(at >= 0 ? at : window.Length);
        AddPending(_input.Position);
        if (at >= 0)
            _input.Consume(Math.Min(8, window.Length - at));

        return true;
    }

    /// <summary>What is left is too short to be an element: of an item it is dropped; of the source it is the end.</summary>
    private void EndWithin(int scrap)
    {
        var endsFrame = scrap == _frame.End - _input.Position;
        _input.Consume(scrap);
        if (endsFrame)
            return;

        if (_outer.Count > 0 || scrap >= 8 || _pending is not null)
            Truncate();

        AddPending(_input.Position);
        _frame.Fragments?.CutLast(_input.Position);
        while (!_isComplete)
        {
            Leave();
        }
    }

    /// <summary>
    /// A source that ends early is read as far as it goes, once it has told which instance it is; before that nobody
    /// could say what has been lost.
    /// </summary>
    private void Truncate()
    {
        if (_onlyGroup is not null || _topLevelTag <= DicomTag.SeriesInstanceUID)
            throw new DicomDataException($"The data set ends within a value of ({_topLevelTag}).");

        IsTruncated = true;
    }

    private void AddPending(long end)
    {
        if (_pending is not { } value)
            return;

        _pending = null;
        ChargePath(_outer.Count);
        Add(new DicomBulkItem(value.Tag, value.VR, value.Offset, end - value.Offset), value.Offset, end - value.Offset);
    }

    /// <summary>A value that is left in the source is named by its path in JSON: that counts, too.</summary>
    private void ChargePath(int depth) => Charge(8L * depth);

    private void Finish(FragmentCollector fragments)
    {
        var item = fragments.ToItem();
        ChargePath(_outer.Count);
        _outer.Peek().Dataset!.Append(item);
        if (_outer.Count == 1 && IsPixelData(item.Tag))
            PixelData = new(item, fragments.Offset, _input.Position - fragments.Offset);
    }

    private void Add(DicomItem item, long offset, long length)
    {
        _frame.Dataset!.Append(item);
        if (_outer.Count == 0 && IsPixelData(item.Tag))
            PixelData = new(item, offset, length);
    }
}
