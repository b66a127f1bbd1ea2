using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SecureStore.Client.Files;

/// <summary>
/// Looks at the beginning of a file: is it DICOM (PS3.10, with or without its preamble), and which instance is it? It reads
/// the first attributes only, skips values unread, and stops at a bounded count and depth, whatever the file says.
/// </summary>
sealed class DicomPeek
{
    const int PreambleLength = 128;
    const int MostElements = 100_000;
    const int DeepestSequence = 32;
    const int LongestText = 128;
    const int MostInflated = 16 * 1024 * 1024;
    const uint Undefined = 0xFFFFFFFF;
    const uint Item = 0xFFFEE000;
    const uint ItemEnd = 0xFFFEE00D;
    const uint SequenceEnd = 0xFFFEE0DD;
    const uint MediaSopClassUid = 0x00020002;
    const uint MediaSopInstanceUid = 0x00020003;
    const uint TransferSyntaxUid = 0x00020010;
    const uint SopInstanceUid = 0x00080018;
    const uint StudyDate = 0x00080020;
    const uint Modality = 0x00080060;
    const uint StudyInstanceUid = 0x0020000D;
    const uint SeriesInstanceUid = 0x0020000E;
    const string MediaStorageDirectory = "1.2.840.10008.1.3.10";
    const string DeflatedLittleEndian = "1.2.840.10008.1.2.1.99";
    const string ExplicitBigEndian = "1.2.840.10008.1.2.2";

    readonly Stream _input;
    readonly byte[] _scratch = new byte[LongestText];
    bool _explicit = true;
    bool _bigEndian;
    int _elements;
    long _skipped;
    string? _study, _series, _instance, _mediaClass, _mediaInstance, _transferSyntax, _studyDate, _modality;

    DicomPeek(Stream input) => _input = input;

    /// <summary>Null where the file is not DICOM; <see cref="DicomIdentity.Unknown"/> where it is, but does not say which.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static DicomIdentity? Read(Stream file)
    {
        var start = new byte[PreambleLength + 4];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (length == start.Length && start.AsSpan(PreambleLength).SequenceEqual("DICM"u8))
        {
            return new DicomPeek(file).ReadFile(file);
        }

        if (length < 16 || !LooksLikeDataSet(start, file.Length, out var isExplicit, out var bigEndian))
        {
            return null;
        }

        file.Position = 0;
        var peek = new DicomPeek(file) { _explicit = isExplicit, _bigEndian = bigEndian };
        return start[0] == 2 ? peek.ReadFile(file) : peek.ReadDataSet();
    }

    static bool LooksLikeDataSet(ReadOnlySpan<byte> start, long fileLength, out bool isExplicit, out bool bigEndian)
    {
        isExplicit = char.IsAsciiLetterUpper((char)start[4]) && char.IsAsciiLetterUpper((char)start[5]);
        bigEndian = isExplicit && start[0] == 0 && start[1] == 8;
        if (bigEndian)
        {
            return start[2] == 0;
        }

        var group = BinaryPrimitives.ReadUInt16LittleEndian(start);
        var element = BinaryPrimitives.ReadUInt16LittleEndian(start[2..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(start[4..]);
        return (group is 8 || (group is 2 && isExplicit)) && element < 0x0100 && (isExplicit || length <= fileLength - 8);
    }

    DicomIdentity ReadFile(Stream file)
    {
        try
        {
            var end = ReadMetaInformation(file);
            file.Position = end;
            if (_transferSyntax == DeflatedLittleEndian)
            {
                using var inflated = new DeflateStream(file, CompressionMode.Decompress, leaveOpen: true);
                var inner = new DicomPeek(inflated) { _mediaClass = _mediaClass, _mediaInstance = _mediaInstance };
                return inner.ReadDataSet();
            }

            _bigEndian = _transferSyntax == ExplicitBigEndian;
            _explicit = _bigEndian || NamesItsVr(file);
            return ReadDataSet();
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            return Found();
        }
    }

    /// <summary>Explicit VR, told by the first element: some files are not in the transfer syntax that they name.</summary>
    static bool NamesItsVr(Stream file)
    {
        Span<byte> start = stackalloc byte[6];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position -= length;
        return char.IsAsciiLetterUpper((char)start[4]) && char.IsAsciiLetterUpper((char)start[5]);
    }

    /// <summary>Reads group 0002, explicit little endian (PS3.10 7.1), and returns the position after it.</summary>
    long ReadMetaInformation(Stream file)
    {
        while (true)
        {
            var position = file.Position;
            if (file.Length - position < 8)
            {
                return position;
            }

            var (tag, vr, length) = ReadHeader();
            if (tag >> 16 != 2 || ++_elements > MostElements)
            {
                return position;
            }

            switch (tag)
            {
                case MediaSopClassUid:
                    _mediaClass = ReadText(length);
                    break;
                case MediaSopInstanceUid:
                    _mediaInstance = ReadText(length);
                    break;
                case TransferSyntaxUid:
                    _transferSyntax = ReadText(length);
                    break;
                default:
                    SkipValue(vr, length, 0);
                    break;
            }
        }
    }

    DicomIdentity ReadDataSet()
    {
        try
        {
            while (++_elements <= MostElements)
            {
                var (tag, vr, length) = ReadHeader();
                switch (tag)
                {
                    case SopInstanceUid:
                        _instance = ReadText(length);
                        break;
                    case StudyDate:
                        _studyDate = FirstOf(ReadText(length));
                        break;
                    case Modality:
                        _modality = FirstOf(ReadText(length));
                        break;
                    case StudyInstanceUid:
                        _study = ReadText(length);
                        break;
                    case SeriesInstanceUid:
                        _series = ReadText(length);
                        return Found();
                    case > SeriesInstanceUid:
                        return Found();
                    default:
                        SkipValue(vr, length, 0);
                        break;
                }
            }
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            // A damaged file: what was found so far is what it says of itself.
        }

        return Found();
    }

    DicomIdentity Found() => new(_study, _series, _instance ?? _mediaInstance)
    {
        StudyDate = _studyDate,
        Modality = _modality,
        IsDirectory = _mediaClass == MediaStorageDirectory,
    };

    (uint Tag, int Vr, uint Length) ReadHeader()
    {
        var tag = ((uint)ReadUInt16() << 16) | ReadUInt16();
        if (!_explicit || tag is Item or ItemEnd or SequenceEnd)
        {
            return (tag, 0, ReadUInt32());
        }

        var vr = BinaryPrimitives.ReadUInt16BigEndian(ReadBytes(2));
        if (!HasLongLength(vr))
        {
            return (tag, vr, ReadUInt16());
        }

        ReadUInt16();
        return (tag, vr, ReadUInt32());
    }

    /// <summary>PS3.5 7.1.2: OB OD OF OL OV OW SQ SV UC UN UR UT UV.</summary>
    static bool HasLongLength(int vr) => ((char)(vr >> 8), (char)(vr & 0xFF)) is
        ('O', 'B' or 'D' or 'F' or 'L' or 'V' or 'W') or ('S', 'Q' or 'V') or ('U', 'C' or 'N' or 'R' or 'T' or 'V');

    string? ReadText(uint length)
    {
        if (length > LongestText)
        {
            SkipValue(0, length, 0);
            return null;
        }

        var value = _scratch.AsSpan(0, (int)length);
        _input.ReadExactly(value);
        var text = Encoding.Latin1.GetString(value).Trim('\0', ' ');
        return text.Length == 0 ? null : text;
    }

    /// <summary>Of several values the first, as the archive reads it.</summary>
    static string? FirstOf(string? values) => values?.Split('\\')[0].Trim('\0', ' ') is { Length: > 0 } first ? first : null;

    void SkipValue(int vr, uint length, int depth)
    {
        if (length != Undefined)
        {
            Skip(length);
            return;
        }

        // A UN of undefined length holds an implicit little endian sequence (PS3.5 6.2.2).
        var (wasExplicit, wasBigEndian) = (_explicit, _bigEndian);
        if (vr == (('U' << 8) | 'N'))
        {
            (_explicit, _bigEndian) = (false, false);
        }

        SkipItems(depth + 1);
        (_explicit, _bigEndian) = (wasExplicit, wasBigEndian);
    }

    void SkipItems(int depth)
    {
        if (depth > DeepestSequence)
        {
            throw new InvalidDataException("Too deep.");
        }

        while (++_elements <= MostElements)
        {
            var (tag, _, length) = ReadHeader();
            switch (tag)
            {
                case SequenceEnd:
                    return;
                case Item when length == Undefined:
                    SkipElements(depth);
                    break;
                case Item:
                    Skip(length);
                    break;
                default:
                    throw new InvalidDataException("Not an item.");
            }
        }
    }

    void SkipElements(int depth)
    {
        while (++_elements <= MostElements)
        {
            var (tag, vr, length) = ReadHeader();
            if (tag == ItemEnd)
            {
                return;
            }

            SkipValue(vr, length, depth);
        }
    }

    void Skip(long length)
    {
        if (_input.CanSeek)
        {
            if (length > _input.Length - _input.Position)
            {
                throw new EndOfStreamException();
            }

            _input.Seek(length, SeekOrigin.Current);
            return;
        }

        if (length > MostInflated - _skipped)
        {
            throw new InvalidDataException("Too much to inflate.");
        }

        _skipped += length;
        while (length > 0)
        {
            var part = (int)Math.Min(length, _scratch.Length);
            _input.ReadExactly(_scratch, 0, part);
            length -= part;
        }
    }

    ushort ReadUInt16()
    {
        var bytes = ReadBytes(sizeof(ushort));
        return _bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    uint ReadUInt32()
    {
        var bytes = ReadBytes(sizeof(uint));
        return _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    ReadOnlySpan<byte> ReadBytes(int count)
    {
        var bytes = _scratch.AsSpan(0, count);
        _input.ReadExactly(bytes);
        return bytes;
    }
}
