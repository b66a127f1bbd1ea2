using SecureStore.Codecs.Protocol;
using SecureStore.Codecs.Rendering;

namespace SecureStore.Codecs;

/// <summary>Answers one request after the other until there are no more (docs/codecs.md).</summary>
internal sealed class Worker(Stream input, Stream output, FrameDecoders decoders)
{
    private const int MinBuffer = 64 * 1024;
    private const int MaxKept = 16 * 1024 * 1024;

    private readonly byte[] header = new byte[MessageFrame.HeaderSize];
    private byte[] request = [];
    private byte[] answer = new byte[MinBuffer];

    /// <summary>Called with true before a request is worked on, and with false once it is answered.</summary>
    public Action<bool> Watch { get; init; } = static _ => { };

    public void Greet(WorkerReport report)
    {
        var writer = new WireWriter(answer.AsSpan(MessageFrame.HeaderSize));
        report.Write(ref writer);
        Send(MessageKind.Hello, 0, writer.Written);
    }

    /// <exception cref="CodecException">What comes is no message: there is no way to go on.</exception>
    /// <exception cref="EndOfStreamException">A message is cut off.</exception>
    public void Run()
    {
        while (input.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length)
        {
            var (kind, length) = MessageFrame.Read(header);
            request = Room(request, length);
            input.ReadExactly(request, 0, length);
            Watch(true);
            Answer(kind, request.AsSpan(0, length));
            Watch(false);

            // Nothing of a patient's image waits for the next one's, and a large frame does not keep its room.
            request.AsSpan(0, length).Clear();
            request = request.Length <= MaxKept ? request : [];
            answer = answer.Length <= MaxKept ? answer : new byte[MinBuffer];
        }
    }

    private void Answer(MessageKind kind, ReadOnlySpan<byte> body)
    {
        int start, length;
        try
        {
            (kind, (start, length)) = kind switch
            {
                MessageKind.Decode => (MessageKind.Frame, Decode(body)),
                MessageKind.Render => (MessageKind.Image, (0, Render(body))),
                _ => throw new CodecException("The worker knows no such request."),
            };
        }
        catch (Exception failure)
        {
            // Whatever a decoder of ours throws at damaged input, the worker goes on; what a library does ends the process.
            Refuse(failure is CodecException ? failure.Message : "The frame cannot be decompressed.");
            return;
        }

        Send(kind, start, length);
        answer.AsSpan(start, MessageFrame.HeaderSize + length).Clear();
    }

    /// <returns>Where the message begins, and the length of its body.</returns>
    private (int Start, int Length) Decode(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var (transferSyntax, frame) = DecodeHeader.Read(ref reader);
        if (frame.NativeLength > MessageFrame.MaxPixels)
            throw new CodecException("The frame is larger than what is decompressed here.");

        var decoder = decoders.Find(transferSyntax) ?? throw new CodecException("The transfer syntax is not decompressed here.");
        var native = (int)frame.NativeLength;

        // What the pixels have become stands before them, and how long that is is known last: the message begins where it then has to.
        answer = Room(answer, MessageFrame.HeaderSize + FrameDescription.MaxEncodedLength + native);
        var pixels = answer.AsSpan(MessageFrame.HeaderSize + FrameDescription.MaxEncodedLength, native);
        pixels.Clear();
        var described = decoder(reader.Rest, frame, pixels);
        var start = FrameDescription.MaxEncodedLength - described.EncodedLength;
        var writer = new WireWriter(answer.AsSpan(start + MessageFrame.HeaderSize));
        described.Write(ref writer);
        return (start, described.EncodedLength + native);
    }

    private int Render(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var request = RenderHeader.Read(ref reader);
        var image = request.TransferSyntax.Length == 0
            ? FrameRenderer.Render(reader.Rest, request.Attributes, request.Options)
            : RenderDecoded(request, reader.Rest);
        answer = Room(answer, MessageFrame.HeaderSize + image.Length);
        image.CopyTo(answer.AsSpan(MessageFrame.HeaderSize));
        image.AsSpan().Clear();
        return image.Length;
    }

    private byte[] RenderDecoded(RenderHeader request, ReadOnlySpan<byte> codestream)
    {
        var frame = request.Attributes.Frame;
        if (frame.NativeLength > MessageFrame.MaxPixels || (long)frame.Rows * frame.Columns > request.Options.MaxPixels)
            throw new CodecException("The frame is larger than what is rendered here.");

        var decoder = decoders.Find(request.TransferSyntax) ?? throw new CodecException("The transfer syntax is not decompressed here.");
        var native = new byte[frame.NativeLength];
        try
        {
            var described = decoder(codestream, frame, native);
            return FrameRenderer.Render(native, request.Attributes with { Frame = described }, request.Options);
        }
        finally
        {
            native.AsSpan().Clear();
        }
    }

    private void Refuse(string reason)
    {
        answer.AsSpan().Clear();
        var writer = new WireWriter(answer.AsSpan(MessageFrame.HeaderSize));
        writer.Write(reason);
        Send(MessageKind.Refused, 0, writer.Written);
    }

    /// <param name="start">Where the message begins in the answer's buffer.</param>
    private void Send(MessageKind kind, int start, int bodyLength)
    {
        MessageFrame.Write(answer.AsSpan(start), kind, bodyLength);
        output.Write(answer, start, MessageFrame.HeaderSize + bodyLength);
        output.Flush();
    }

    /// <summary>A buffer of this size; the one that is there, where it is as large.</summary>
    private static byte[] Room(byte[] buffer, int size) => buffer.Length >= size ? buffer : GC.AllocateUninitializedArray<byte>(Math.Max(size, MinBuffer));
}
