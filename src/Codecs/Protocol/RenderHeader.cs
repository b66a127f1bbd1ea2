namespace SecureStore.Codecs.Protocol;

/// <summary>What stands before the bytes of a frame in a request to render it. On the wire: docs/codecs.md.</summary>
/// <param name="TransferSyntax">The transfer syntax UID that says how the frame is compressed; empty for a native one.</param>
/// <param name="Attributes">What the data set says of it.</param>
/// <param name="Options">What the caller asks for.</param>
public sealed record RenderHeader(string TransferSyntax, ImageAttributes Attributes, RenderOptions Options)
{
    private const byte IsBitPacked = 1;
    private const byte IsInverse = 2;
    private const int PaletteSize = 3;

    /// <summary>Bytes of what is always there or takes few, the longest texts among them.</summary>
    private const int MostBesideTables = 1024;

    /// <summary>Pixels that are not square may take as many times more room.</summary>
    public const int MaxAspect = 16;

    /// <summary>Most bytes of the image's file: twice its samples, and what stands before them.</summary>
    public long MaxImageLength
    {
        get
        {
            var (frame, (width, height)) = (Attributes.Frame, Options.Viewport);
            var shown = width > 0 ? (long)width * height : (long)frame.Rows * frame.Columns * (Attributes.PixelAspect == 1 ? 1 : MaxAspect);
            return (2 * 3 * Math.Min(shown, Options.MaxPixels)) + (64 * 1024);
        }
    }

    /// <summary>The header as it goes out.</summary>
    public byte[] Encode()
    {
        IEnumerable<LookupTable?> tables = [Attributes.ModalityTable, Attributes.VoiTable, .. Attributes.Palette];
        var buffer = new byte[MostBesideTables + tables.Sum(table => table?.Data.Length ?? 0)];
        var writer = new WireWriter(buffer);
        writer.Write(TransferSyntax);
        Attributes.Frame.Write(ref writer);
        writer.Write(Attributes.HighBit);
        writer.Write((byte)((Attributes.IsBitPacked ? IsBitPacked : 0) | (Attributes.IsInverse ? IsInverse : 0)));
        writer.Write(Attributes.Slope);
        writer.Write(Attributes.Intercept);
        writer.Write(Attributes.PixelAspect);
        Write(ref writer, Attributes.Window);
        writer.Write((byte)(Attributes.Padding is null ? 0 : 1));
        if (Attributes.Padding is var (value, limit))
        {
            writer.Write(value);
            writer.Write(limit);
        }

        Write(ref writer, Attributes.ModalityTable);
        Write(ref writer, Attributes.VoiTable);
        writer.Write((byte)Attributes.Palette.Count);
        foreach (var table in Attributes.Palette)
            Write(ref writer, table);

        writer.Write((byte)Options.Format);
        writer.Write(Options.Quality);
        writer.Write(Options.Viewport.Width);
        writer.Write(Options.Viewport.Height);
        writer.Write(Options.Region.X);
        writer.Write(Options.Region.Y);
        writer.Write(Options.Region.Width);
        writer.Write(Options.Region.Height);
        Write(ref writer, Options.Window);
        writer.Write(Options.MaxPixels);
        return buffer[..writer.Written];
    }

    /// <exception cref="CodecException">It is damaged.</exception>
    public static RenderHeader Read(ref WireReader reader)
    {
        var transferSyntax = reader.ReadText();
        var frame = FrameDescription.Read(ref reader);
        var highBit = reader.ReadUInt16();
        var flags = reader.ReadByte();
        var attributes = new ImageAttributes
        {
            Frame = frame,
            HighBit = highBit,
            IsBitPacked = (flags & IsBitPacked) != 0,
            IsInverse = (flags & IsInverse) != 0,
            Slope = reader.ReadDouble(),
            Intercept = reader.ReadDouble(),
            PixelAspect = reader.ReadDouble(),
            Window = ReadWindow(ref reader),
            Padding = reader.ReadByte() == 0 ? null : (reader.ReadInt32(), reader.ReadInt32()),
            ModalityTable = ReadTable(ref reader),
            VoiTable = ReadTable(ref reader),
            Palette = ReadPalette(ref reader),
        };
        var options = new RenderOptions
        {
            Format = reader.ReadByte() == (byte)ImageFormat.Png ? ImageFormat.Png : ImageFormat.Jpeg,
            Quality = Math.Clamp(reader.ReadByte(), (byte)1, (byte)100),
            Viewport = (reader.ReadUInt16(), reader.ReadUInt16()),
            Region = new SourceRegion(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32()),
            Window = ReadWindow(ref reader),
            MaxPixels = reader.ReadUInt32(),
        };
        return new RenderHeader(transferSyntax, attributes, options);
    }

    private static void Write(ref WireWriter writer, Window? window)
    {
        writer.Write((byte)(window is null ? 0 : 1));
        if (window is { } known)
        {
            writer.Write(known.Center);
            writer.Write(known.Width);
            writer.Write((byte)known.Function);
        }
    }

    private static Window? ReadWindow(ref WireReader reader) =>
        reader.ReadByte() == 0 ? null : new Window(reader.ReadDouble(), reader.ReadDouble(), (WindowFunction)reader.ReadByte());

    private static void Write(ref WireWriter writer, LookupTable? table)
    {
        writer.Write((byte)(table is null ? 0 : 1));
        if (table is not null)
        {
            writer.Write(table.Count);
            writer.Write(table.First);
            writer.Write(table.Bits);
            writer.Write((byte)(table.IsSegmented ? 1 : 0));
            writer.Write(table.Data.Span);
        }
    }

    private static LookupTable? ReadTable(ref WireReader reader)
    {
        if (reader.ReadByte() == 0)
            return null;

        var (count, first, bits, isSegmented) = (reader.ReadUInt16(), reader.ReadInt32(), reader.ReadUInt16(), reader.ReadByte() == 1);
        return new LookupTable(count, first, bits, reader.ReadBytes(LookupTable.MaxDataLength), isSegmented);
    }

    private static LookupTable[] ReadPalette(ref WireReader reader)
    {
        if (reader.ReadByte() is not PaletteSize)
            return [];

        var tables = new LookupTable[PaletteSize];
        for (var i = 0; i < tables.Length; i++)
            tables[i] = ReadTable(ref reader) ?? throw new CodecException("A palette has three tables.");

        return tables;
    }
}
