using System.IO.Compression;

namespace SecureStore.Dicom;

/// <summary>
/// Reads a DICOM file (PS3.10) or a bare data set from a stream, once and forwards, in reads of about 64 KiB; what it
/// keeps is bounded by the options. Long values and pixel data are passed over, and told by their place. Offsets are
/// in bytes from where the stream stood at the start. Every method throws <see cref="DicomDataException"/> for bytes
/// that cannot be DICOM or go beyond a limit. It does not dispose the source.
/// </summary>
public sealed class DicomStreamReader(Stream source, DicomReadOptions? options = null) : IAsyncDisposable
{
    private const int PreambleLength = 128;

    private readonly DicomReadOptions _options = options ?? new();
    private readonly ForwardBuffer _file = new(source);
    private ForwardBuffer? _inflated;
    private DeflateStream? _deflate;
    private DicomParser? _parser;
    private long _keptOfMeta;

    /// <summary>Group 0002; empty where the file has none.</summary>
    public DicomDataset FileMeta { get; private set; } = new();

    /// <summary>The file's Transfer Syntax UID (0002,0010); where it has none that is a UID, that of the encoding that was found.</summary>
    public string TransferSyntaxUID { get; private set; } = "";

    /// <summary>Null for a transfer syntax that PS3.6 does not list; it is read as explicit VR little endian.</summary>
    public DicomTransferSyntax? Syntax { get; private set; }

    /// <summary>Bytes of the source before the data set.</summary>
    public long DatasetOffset { get; private set; }

    /// <summary>What has been read so far.</summary>
    public DicomDataset Dataset => _parser?.Dataset ?? throw NotOpen();

    /// <summary>Bytes of headers and values that are kept, as <see cref="DicomReadOptions.MaxHeaderBytes"/> counts them.</summary>
    public long KeptBytes => _keptOfMeta + (_parser?.Kept ?? 0);

    /// <summary>Where the frames are; null before <see cref="ReadToEndAsync"/> and where there are no pixels.</summary>
    public DicomPixelLayout? PixelData { get; private set; }

    /// <summary>True where offsets count from the start of the inflated data set (PS3.5 A.5), not of the source.</summary>
    public bool OffsetsAreInflated => _inflated is not null;

    /// <summary>True where the source ended within a value or a sequence behind the Series Instance UID.</summary>
    public bool IsTruncated => _parser?.IsTruncated ?? false;

    /// <summary>Bytes parsed: of the source, or of the inflated data set.</summary>
    public long Position => (_inflated ?? _file).Position;

    /// <summary>Reads the preamble and group 0002, where the file has them, and finds out the transfer syntax.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellation = default)
    {
        if (_parser is not null)
            throw new InvalidOperationException("The reader is open already.");

        await _file.FillAsync(PreambleLength + 4, cancellation).ConfigureAwait(false);
        if (_file.Available == 0)
            throw new DicomDataException("There are no bytes.");

        if (_file.Available >= PreambleLength + 4 && _file.Window.Slice(PreambleLength, 4).SequenceEqual("DICM"u8))
            _file.Consume(PreambleLength + 4);
        else if (!CouldBeDataSet(_file.Window))
            throw new DicomDataException("This is no DICOM file.");

        await _file.FillAsync(8, cancellation).ConfigureAwait(false);
        if (_file.Available >= 8 && DicomByteOrder.ReadUInt16(_file.Window, isBigEndian: false) == 2)
        {
            var isImplicit = !DicomParser.HasVR(_file.Window);
            var meta = new DicomParser(_file, _options, isImplicit, isBigEndian: false, onlyGroup: 2);
            await RunAsync(meta, _file, null, cancellation).ConfigureAwait(false);
            (FileMeta, _keptOfMeta) = (meta.Dataset, meta.Kept);
        }

        DatasetOffset = _file.Position;
        await _file.FillAsync(8, cancellation).ConfigureAwait(false);
        TransferSyntaxUID = FileMeta.GetString(DicomTag.TransferSyntaxUID) is { } named && DicomUID.IsValid(named, allowLeadingZeros: true)
            ? named
            : Guess(_file.Window).UID;
        Syntax = DicomTransferSyntax.Find(TransferSyntaxUID);
        var input = Syntax is { IsDeflated: true } ? BeginInflating() : _file;
        _parser = await CreateParserAsync(input, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads the elements of the data set that come before one whose tag is <paramref name="stopBefore"/> or greater.
    /// </summary>
    /// <returns>False where the data set ended first.</returns>
    public async ValueTask<bool> ReadUntilAsync(DicomTag stopBefore, CancellationToken cancellation = default) =>
        await RunAsync(Opened(), _inflated ?? _file, stopBefore, cancellation).ConfigureAwait(false) == ParserState.Stopped;

    /// <summary>Reads what is left, to the end of the source, and works out <see cref="PixelData"/>.</summary>
    public async ValueTask ReadToEndAsync(CancellationToken cancellation = default)
    {
        var parser = Opened();
        await RunAsync(parser, _inflated ?? _file, null, cancellation).ConfigureAwait(false);
        PixelData ??= DicomPixelLayout.Create(parser);
        if (_inflated is { } inflated)
            await GuardAsync(inflated.DrainAsync(cancellation)).ConfigureAwait(false);

        await _file.DrainAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _inflated?.Dispose();
        if (_deflate is not null)
            await _deflate.DisposeAsync().ConfigureAwait(false);

        _file.Dispose();
    }

    private static async ValueTask<ParserState> RunAsync(
        DicomParser parser, ForwardBuffer input, DicomTag? stopBefore, CancellationToken cancellation)
    {
        while (true)
        {
            var state = parser.Advance(stopBefore);
            if (state != ParserState.NeedsInput)
                return state;

            if (parser.Skipped > 0)
                await GuardAsync(PassOverAsync(parser, input, cancellation)).ConfigureAwait(false);
            else
                await GuardAsync(input.FillAsync(parser.Needed, cancellation)).ConfigureAwait(false);
        }
    }

    private static async ValueTask PassOverAsync(DicomParser parser, ForwardBuffer input, CancellationToken cancellation) =>
        parser.PassedOver(await input.PassOverAsync(parser.Skipped, cancellation).ConfigureAwait(false));

    private static async ValueTask GuardAsync(ValueTask reading)
    {
        try
        {
            await reading.ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new DicomDataException("The deflated data set is damaged.", e);
        }
    }

    private ForwardBuffer BeginInflating()
    {
        _deflate = new DeflateStream(new BufferedRestStream(_file), CompressionMode.Decompress);
        return _inflated = new ForwardBuffer(_deflate, _options.MaxInflatedBytes);
    }

    /// <summary>Files often say one VR encoding and have the other: the first element tells.</summary>
    private async ValueTask<DicomParser> CreateParserAsync(ForwardBuffer input, CancellationToken cancellation)
    {
        await GuardAsync(input.FillAsync(8, cancellation)).ConfigureAwait(false);
        var isImplicit = Syntax is { IsExplicitVR: false };
        if (input.Available >= 8 && DicomByteOrder.ReadUInt16(input.Window, isBigEndian: false) != 0)
            isImplicit = !DicomParser.HasVR(input.Window);

        return new DicomParser(input, _options, isImplicit, Syntax is { IsBigEndian: true });
    }

    /// <summary>The encoding of a data set that nothing describes: a known VR, and a group that is low in one byte order.</summary>
    private static DicomTransferSyntax Guess(ReadOnlySpan<byte> start)
    {
        if (start.Length < 8 || !DicomParser.HasVR(start))
            return DicomTransferSyntax.ImplicitVRLittleEndian;

        return DicomByteOrder.ReadUInt16(start, isBigEndian: false) >= 0x0400
            ? DicomTransferSyntax.ExplicitVRBigEndian
            : DicomTransferSyntax.ExplicitVRLittleEndian;
    }

    /// <summary>Without a preamble: the first element is of a low, even group, in either byte order.</summary>
    private static bool CouldBeDataSet(ReadOnlySpan<byte> start)
    {
        if (start.Length < 8)
            return false;

        var group = DicomByteOrder.ReadUInt16(start, isBigEndian: false);
        var swapped = DicomByteOrder.ReadUInt16(start, isBigEndian: true);
        return Math.Min(group, swapped) is <= 0x0040 and var lower && lower % 2 == 0;
    }

    private DicomParser Opened() => _parser ?? throw NotOpen();

    private static InvalidOperationException NotOpen() => new("OpenAsync comes first.");
}
