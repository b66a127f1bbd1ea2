using System.Diagnostics;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Tests;

public class WorkerTests
{
    private static readonly FrameDescription Small = Frames.Of(1, 4);
    private static readonly byte[] Codestream = RleEncoder.Encode([1, 2, 3, 4], Small);

    [Fact]
    public void Requests_are_answered_one_after_the_other()
    {
        var answers = Run(Decode(Codestream), Message(77, []), Decode(Codestream[..65]), Decode(Codestream, "1.2.3"), Decode(Codestream));
        Assert.Equal([MessageKind.Frame, MessageKind.Refused, MessageKind.Refused, MessageKind.Refused, MessageKind.Frame], answers.Select(answer => answer.Kind));
        foreach (var (_, body) in new[] { answers[0], answers[4] })
        {
            var reader = new WireReader(body);
            Assert.Equal(Small, FrameDescription.Read(ref reader));
            Assert.Equal(new byte[] { 1, 2, 3, 4 }, reader.Rest.ToArray());
        }
    }

    [Fact]
    public void A_description_that_cannot_be_is_refused()
    {
        foreach (var wrong in new[]
        {
            Small with { Rows = 0 }, Small with { SamplesPerPixel = 5 }, Small with { BitsAllocated = 1 }, Small with { BitsStored = 9 },
            Small with { PlanarConfiguration = 2 }, Small with { PhotometricInterpretation = "" },
            Small with { Rows = ushort.MaxValue, Columns = ushort.MaxValue, SamplesPerPixel = 4, BitsAllocated = 32 },
        })
        {
            Assert.Equal(MessageKind.Refused, Assert.Single(Run(Decode(Codestream, frame: wrong))).Kind);
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    [InlineData((uint)MessageFrame.MaxLength + 1)]
    public void A_length_that_cannot_be_ends_the_worker(uint length) =>
        Assert.Throws<CodecException>(() => Run([.. BitConverter.GetBytes(length), 1]));

    [Fact]
    public void A_message_that_is_cut_off_ends_the_worker() => Assert.Throws<EndOfStreamException>(() => Run(Decode(Codestream)[..^1]));

    [Fact]
    [Trait("Server", "yes")]
    public void Whoever_takes_a_worker_over_opens_nothing_connects_to_nothing_and_starts_nothing()
    {
        using var other = Process.Start("sleep", "60");
        try
        {
            using var locked = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "SecureStore.Locked.dll"), $"{other.Id}"])
            {
                RedirectStandardOutput = true,
            })!;
            var lines = locked.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            locked.WaitForExit();
            Assert.Equal(0, locked.ExitCode);
            Assert.Equal("missing:", lines[1].Trim());
            Assert.Equal(15, lines.Length - 2);
            Assert.All(lines[2..], line => Assert.EndsWith(": 1", line, StringComparison.Ordinal));
            Assert.False(other.HasExited);
        }
        finally
        {
            other.Kill();
        }
    }

    private static byte[] Decode(byte[] codestream, string transferSyntax = "1.2.840.10008.1.2.5", FrameDescription? frame = null)
    {
        var header = new DecodeHeader(transferSyntax, frame ?? Small);
        var head = new byte[header.EncodedLength];
        var writer = new WireWriter(head);
        header.Write(ref writer);
        return Message((byte)MessageKind.Decode, [.. head, .. codestream]);
    }

    private static byte[] Message(byte kind, byte[] body)
    {
        var message = new byte[MessageFrame.HeaderSize + body.Length];
        MessageFrame.Write(message, (MessageKind)kind, body.Length);
        body.CopyTo(message, MessageFrame.HeaderSize);
        return message;
    }

    private static List<(MessageKind Kind, byte[] Body)> Run(params byte[][] requests)
    {
        using var input = new MemoryStream([.. requests.SelectMany(one => one)]);
        using var output = new MemoryStream();
        new Worker(input, output, FrameDecoders.Load()).Run();
        var answers = new List<(MessageKind, byte[])>();
        for (var bytes = output.ToArray().AsSpan(); !bytes.IsEmpty;)
        {
            var (kind, length) = MessageFrame.Read(bytes);
            answers.Add((kind, bytes.Slice(MessageFrame.HeaderSize, length).ToArray()));
            bytes = bytes[(MessageFrame.HeaderSize + length)..];
        }

        return answers;
    }
}
