using SecureStore.Codecs;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Silo.Imaging;

/// <summary>A decompressed frame, by pixel in little endian; to be disposed of.</summary>
internal sealed class NativeFrame : IDisposable
{
    private readonly CodecAnswer answer;

    private NativeFrame(CodecAnswer answer, FrameDescription description, int offset) =>
        (this.answer, Description, Pixels) = (answer, description, answer.Body[offset..]);

    /// <summary>What it is now: another photometric interpretation or planar configuration than it was stored with, maybe.</summary>
    public FrameDescription Description { get; }

    public ReadOnlyMemory<byte> Pixels { get; }

    /// <exception cref="CodecException">The answer is not the frame that was asked for.</exception>
    public static NativeFrame Read(CodecAnswer answer, FrameDescription asked)
    {
        try
        {
            if (answer.Kind != MessageKind.Frame)
            {
                throw new CodecException("A codec worker answers with something else than a frame.");
            }

            var reader = new WireReader(answer.Body.Span);
            var description = FrameDescription.Read(ref reader);
            var isOfItsKind = description.PhotometricInterpretation is "RGB" or "YBR_FULL" || description.PhotometricInterpretation == asked.PhotometricInterpretation;
            var isOfItsShape = asked == description with { PhotometricInterpretation = asked.PhotometricInterpretation, PlanarConfiguration = asked.PlanarConfiguration };
            return isOfItsKind && isOfItsShape && reader.Rest.Length == asked.NativeLength
                ? new NativeFrame(answer, description, answer.Body.Length - reader.Rest.Length)
                : throw new CodecException("A codec worker answers with another frame than was asked for.");
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    public void Dispose() => answer.Dispose();
}
