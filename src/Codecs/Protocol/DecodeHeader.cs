namespace SecureStore.Codecs.Protocol;

/// <summary>What stands before the codestream in a request to decompress it.</summary>
/// <param name="TransferSyntax">The transfer syntax UID that says how it is compressed.</param>
/// <param name="Frame">What the data set says of it.</param>
public sealed record DecodeHeader(string TransferSyntax, FrameDescription Frame)
{
    public int EncodedLength => 1 + TransferSyntax.Length + Frame.EncodedLength;

    public void Write(ref WireWriter writer)
    {
        writer.Write(TransferSyntax);
        Frame.Write(ref writer);
    }

    public static DecodeHeader Read(ref WireReader reader) => new(reader.ReadText(), FrameDescription.Read(ref reader));
}
