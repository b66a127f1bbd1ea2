namespace SecureStore.Codecs.Protocol;

/// <summary>The first byte of a message (docs/codecs.md).</summary>
public enum MessageKind : byte
{
    /// <summary>The worker's first message: <see cref="WorkerReport"/>.</summary>
    Hello = 0,

    /// <summary>A frame to be decompressed: <see cref="DecodeHeader"/>, then the codestream. Answered by <see cref="Frame"/> or <see cref="Refused"/>.</summary>
    Decode = 1,

    /// <summary>A frame to be rendered: <see cref="RenderHeader"/>, then its bytes. Answered by <see cref="Image"/> or <see cref="Refused"/>.</summary>
    Render = 2,

    /// <summary>A native frame: its <see cref="FrameDescription"/>, then its bytes.</summary>
    Frame = 0x81,

    /// <summary>A JPEG or PNG file.</summary>
    Image = 0x82,

    /// <summary>Why a request cannot be done: a sentence.</summary>
    Refused = 0xFF,
}
