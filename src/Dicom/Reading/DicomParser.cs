namespace SecureStore.Dicom;

/// <summary>What a parser says when it returns.</summary>
internal enum ParserState
{
    /// <summary>It needs <see cref="DicomParser.Needed"/> bytes in the window, or its end.</summary>
    NeedsInput,

    /// <summary>It stands before a top-level element that it was asked not to read.</summary>
    Stopped,

    /// <summary>The data set is complete, or its source has ended.</summary>
    Done,
}

/// <summary>
/// Takes a data set apart as bytes arrive (PS3.5 section 7), on a stack of its own, without recursion. It forgives what
/// dcmtk or pydicom forgive: elements without VR in explicit data, unknown VRs, sequences in UN, missing or surplus
/// delimiters, lengths that reach over the end of what they are nested in.
/// </summary>
internal sealed partial class DicomParser
{
    private const uint Undefined = 0xFFFFFFFF;
    /// <summary>An element's longest header and the first bytes of what follows it.</summary>
    private const int LookAhead = 24;

    /// <summary>Beyond this length a value is never kept, whatever the options say.</summary>
    private const int LongestArray = 1 << 30;

    private readonly DicomReadOptions _options;
    private readonly ForwardBuffer _input;
    private readonly ushort? _onlyGroup;
    private readonly ValueArena _arena = new();
    private readonly Stack<Frame> _outer = new();
    private Frame _frame;
    private DicomTag _topLevelTag;
    private long _skip;
    private PendingBulk? _pending;
    private bool _scans;
    private bool _isComplete;
    private int _elements;

    public DicomParser(ForwardBuffer input, DicomReadOptions options, bool isImplicit, bool isBigEndian, ushort? onlyGroup = null)
    {
        (_input, _options, _onlyGroup, IsBigEndian) = (input, options, onlyGroup, isBigEndian);
        _frame = new Frame(FrameKind.Items, long.MaxValue, isImplicit, isBigEndian) { Dataset = Dataset };
    }

    public DicomDataset Dataset { get; } = new();

    /// <summary>Bytes of headers and values that were kept.</summary>
    public long Kept { get; private set; }

    /// <summary>The byte order of the data set itself.</summary>
    public bool IsBigEndian { get; }

    /// <summary>Bytes that have to be in the window before parsing can go on.</summary>
    public int Needed { get; private set; } = LookAhead;

    /// <summary>Bytes that it will not look at; 0 where it needs those that come.</summary>
    public long Skipped => _skip;

    /// <summary>True where the source ended within a value, an item or a sequence.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>The last top-level pixel data; its length is without the delimiter.</summary>
    public PixelDataPlace? PixelData { get; private set; }

    /// <summary>For each fragment of the top-level pixel data: whether a JPEG or JPEG 2000 stream begins in it.</summary>
    public List<bool> FragmentStartsStream { get; } = [];

    /// <summary>So many of the <see cref="Skipped"/> bytes are behind.</summary>
    public void PassedOver(long count) => _skip -= count;

    public ParserState Advance(DicomTag? stopBefore)
    {
        while (!_isComplete)
        {
            if (_skip > 0 || _scans)
            {
                if (!PassOver())
                    return ParserState.NeedsInput;

                continue;
            }

            if (_pending is not null)
                AddPending(_input.Position);

            if (_input.Position >= _frame.End)
            {
                Leave();
                continue;
            }

            if (_input.Available < LookAhead && !_input.IsEnded)
                return Need(LookAhead);

            var window = Window();
            if (window.Length < 8)
            {
                EndWithin(window.Length);
                continue;
            }

            var state = _frame.Kind switch
            {
                FrameKind.Items => ParseElement(window, stopBefore),
                FrameKind.Sequence => ParseItem(window),
                _ => ParseFragment(window),
            };
            if (state is { } stop)
                return stop;
        }

        return ParserState.Done;
    }

    /// <summary>The window, cut off where the present item or sequence ends.</summary>
    private ReadOnlySpan<byte> Window()
    {
        var window = _input.Window;
        var left = _frame.End - _input.Position;
        return left < window.Length ? window[..(int)left] : window;
    }

    private ParserState? ParseElement(ReadOnlySpan<byte> window, DicomTag? stopBefore)
    {
        var tag = ReadTag(window);
        var isTopLevel = _outer.Count == 0;
        if (isTopLevel)
        {
            if (_onlyGroup is { } group && tag.Group != group)
            {
                _isComplete = true;
                return null;
            }

            if (tag >= stopBefore)
                return ParserState.Stopped;

            _topLevelTag = tag;
        }

        if (tag.Group == 0xFFFE)
        {
            LeaveAtDelimiter(tag, isTopLevel);
            return null;
        }

        if (!TryReadHeader(window, tag, out var header))
        {
            EndWithin(window.Length);
            return null;
        }

        if (++_elements > _options.MaxElements)
            throw new DicomDataException("The data set has more elements than the limit allows.");

        if (tag.Value == 0 && header.Length == 0)
        {
            _input.Consume(header.Size);
            return null;
        }

        Charge(header.Size);
        if (header.Length != Undefined)
            return ReadDefined(window, tag, header);

        BeginUndefined(window, tag, header);
        return null;
    }

    private ParserState? ReadDefined(ReadOnlySpan<byte> window, DicomTag tag, ElementHeader header)
    {
        var start = _input.Position + header.Size;
        var length = Math.Min(header.Length, _frame.End - start);
        if (header.VR == DicomVR.SQ)
        {
            if (length < 8 || BeginsWithItem(window[header.Size..], header.IsUnknown, out _))
            {
                BeginItems(window, tag, header, start + length);
                return null;
            }

            header = header with { VR = DicomVR.UN };
        }

        if (!Keeps(tag, length))
        {
            _input.Consume(header.Size);
            _pending = new(tag, header.VR, start);
            _skip = length;
            return null;
        }

        if (window.Length < header.Size + length)
        {
            Reserve(length);
            if (!_input.IsEnded)
                return Need(header.Size + (int)length);

            Truncate();
            length = window.Length - header.Size;
        }

        Charge(length);
        var value = _arena.Keep(window.Slice(header.Size, (int)length));
        if (_frame.IsBigEndian && !header.IsUnknown)
            DicomByteOrder.Swap(value.Span, header.VR);

        if (tag == DicomTag.PixelRepresentation && length >= 2)
            _frame.IsSigned = value.Span[0] == 1;

        Add(new DicomElement(tag, header.VR, value), start, length);
        _input.Consume(header.Size + (int)length);
        return null;
    }

    private void BeginUndefined(ReadOnlySpan<byte> window, DicomTag tag, ElementHeader header)
    {
        var start = _input.Position + header.Size;
        var beginsWithItem = BeginsWithItem(window[header.Size..], header.IsUnknown, out var isBigEndian);
        if (header.VR == DicomVR.SQ || header.VR == DicomVR.UN && beginsWithItem)
        {
            BeginItems(window, tag, header, _frame.End);
            return;
        }

        _input.Consume(header.Size);
        if (beginsWithItem)
        {
            Enter(new Frame(FrameKind.Fragments, _frame.End, _frame.IsImplicit, isBigEndian)
            {
                Fragments = new FragmentCollector(tag, header.VR, start),
            });
            if (_outer.Count == 1 && IsPixelData(tag))
                FragmentStartsStream.Clear();
        }
        else
        {
            _pending = new(tag, header.VR, start);
            _scans = true;
        }
    }

    private void BeginItems(ReadOnlySpan<byte> window, DicomTag tag, ElementHeader header, long end)
    {
        _ = BeginsWithItem(window[header.Size..], header.IsUnknown, out var isBigEndian);
        var sequence = new DicomSequence(tag);
        _frame.Dataset!.Append(sequence);
        _input.Consume(header.Size);
        Enter(new Frame(FrameKind.Sequence, end, _frame.IsImplicit, isBigEndian) { Sequence = sequence });
    }

    private ParserState? ParseItem(ReadOnlySpan<byte> window)
    {
        var tag = ReadTag(window);
        var isBounded = _frame.End != long.MaxValue;
        if (tag == Delimiters.SequenceEnd)
        {
            _input.Consume(8);
            Leave();
        }
        else if (tag == Delimiters.ItemEnd)
        {
            _input.Consume(8);
        }
        else if (tag == Delimiters.Item)
        {
            if (++_elements > _options.MaxElements)
                throw new DicomDataException("The data set has more items than the limit allows.");

            Charge(8);
            var length = ReadUInt32(window[4..]);
            var item = new DicomDataset();
            _frame.Sequence!.Add(item);
            var start = _input.Position + 8;
            var end = length == Undefined ? _frame.End : Math.Min(start + length, _frame.End);
            var isImplicit = _frame.IsImplicit || !HasVR(window[8..]);
            _input.Consume(8);
            Enter(new Frame(FrameKind.Items, end, isImplicit, _frame.IsBigEndian) { Dataset = item });
        }
        else if (isBounded)
        {
            _skip = _frame.End - _input.Position;
        }
        else
        {
            throw new DicomDataException($"A sequence in ({_topLevelTag}) has an element where an item should begin.");
        }

        return null;
    }

    /// <summary>Ends an item at its delimiter, and forgives one that is missing or too many.</summary>
    private void LeaveAtDelimiter(DicomTag tag, bool isTopLevel)
    {
        if (isTopLevel)
        {
            if (tag == Delimiters.ItemEnd)
                _isComplete = true;
            else
                _input.Consume(8);
        }
        else
        {
            if (tag == Delimiters.ItemEnd)
                _input.Consume(8);

            Leave();
        }
    }

    private void Enter(Frame frame)
    {
        if (frame.Kind == FrameKind.Sequence && _outer.Count / 2 >= _options.MaxDepth)
            throw new DicomDataException("Sequences are nested deeper than the limit allows.");

        frame.IsSigned = _frame.IsSigned;
        _outer.Push(_frame);
        _frame = frame;
    }

    private void Leave()
    {
        if (_frame.Fragments is { } fragments)
            Finish(fragments);

        if (_outer.Count == 0)
            _isComplete = true;
        else
            _frame = _outer.Pop();
    }

    private ParserState Need(int count)
    {
        Needed = count;
        return ParserState.NeedsInput;
    }

    private bool Keeps(DicomTag tag, long length)
    {
        if (length > LongestArray)
            return false;

        return _options.KeepsPixelData
            || length <= _options.MaxInlineValue && !IsPixelData(tag)
            || tag == DicomTag.ExtendedOffsetTable
            || tag == DicomTag.ExtendedOffsetTableLengths
            || tag.Group == 2;
    }

    private static bool IsPixelData(DicomTag tag) => tag.Value is 0x7FE00008 or 0x7FE00009 or 0x7FE00010;

    private void Charge(long count)
    {
        Reserve(count);
        Kept += count;
    }

    private void Reserve(long count)
    {
        if (count > _options.MaxHeaderBytes - Kept)
            throw new DicomDataException("The data set's header is longer than the limit allows.");
    }

    private DicomTag ReadTag(ReadOnlySpan<byte> at) => DicomByteOrder.ReadTag(at, _frame.IsBigEndian);

    private uint ReadUInt32(ReadOnlySpan<byte> at) => DicomByteOrder.ReadUInt32(at, _frame.IsBigEndian);
}
