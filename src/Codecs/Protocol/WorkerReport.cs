namespace SecureStore.Codecs.Protocol;

/// <summary>What a worker says of itself before its first request.</summary>
public sealed record WorkerReport
{
    public const byte Version = 1;

    /// <summary>UIDs of the transfer syntaxes that it decompresses.</summary>
    public required IReadOnlyList<string> TransferSyntaxes { get; init; }

    /// <summary>Debian's names of the packages whose libraries it has not found.</summary>
    public required IReadOnlyList<string> MissingPackages { get; init; }

    /// <summary>Which of its own restrictions the kernel did not grant.</summary>
    public required IReadOnlyList<string> MissingRestrictions { get; init; }

    public int EncodedLength => 1 + Length(TransferSyntaxes) + Length(MissingPackages) + Length(MissingRestrictions);

    public void Write(ref WireWriter writer)
    {
        writer.Write(Version);
        Write(ref writer, TransferSyntaxes);
        Write(ref writer, MissingPackages);
        Write(ref writer, MissingRestrictions);
    }

    public static WorkerReport Read(ref WireReader reader) => reader.ReadByte() == Version
        ? new WorkerReport { TransferSyntaxes = ReadList(ref reader), MissingPackages = ReadList(ref reader), MissingRestrictions = ReadList(ref reader) }
        : throw new CodecException("The worker is of another version.");

    private static int Length(IReadOnlyList<string> texts) => 1 + texts.Sum(text => 1 + text.Length);

    private static void Write(ref WireWriter writer, IReadOnlyList<string> texts)
    {
        writer.Write(checked((byte)texts.Count));
        foreach (var text in texts)
            writer.Write(text);
    }

    private static string[] ReadList(ref WireReader reader)
    {
        var texts = new string[reader.ReadByte()];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = reader.ReadText();

        return texts;
    }
}
