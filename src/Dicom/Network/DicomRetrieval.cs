using System.Buffers;

namespace SecureStore.Dicom.Network;

/// <summary>What a C-GET or C-MOVE is to send.</summary>
/// <param name="Status"><see cref="DicomStatus.Success"/>, or why nothing can be sent.</param>
/// <param name="Count">How many instances there are.</param>
/// <param name="Instances">The instances, one after the other; each is sent before the next is asked for.</param>
public sealed record DicomRetrieval(ushort Status, int Count, IAsyncEnumerable<DicomOutgoingInstance> Instances)
{
    public string? Comment { get; init; }

    /// <summary>Of a C-MOVE: where to, with the presentation contexts that the instances need.</summary>
    public DicomClientOptions? Destination { get; init; }

    public static DicomRetrieval Refused(ushort status, string comment) => new(status, 0, AsyncEnumerable.Empty<DicomOutgoingInstance>()) { Comment = comment };
}

/// <summary>An instance on its way out.</summary>
public sealed record DicomOutgoingInstance(string SOPClassUID, string SOPInstanceUID, string TransferSyntaxUID, long DatasetLength)
{
    /// <summary>Its bytes are not there any more: it counts as failed.</summary>
    public bool IsLost { get; init; }

    /// <summary>Cancelled when it is not to be sent any more: whatever is waited for on its behalf ends.</summary>
    public CancellationToken Closing { get; init; }

    /// <summary>
    /// Gives the same instance in one of some transfer syntaxes, or null where it cannot be had so. It is asked where the other end takes its SOP class
    /// in these only; what comes of it is sent, or let go.
    /// </summary>
    public Func<IReadOnlyList<string>, CancellationToken, ValueTask<DicomOutgoingInstance?>>? ConvertAsync { get; init; }

    /// <summary>What it holds; whoever sends it, or lets it go, disposes of that.</summary>
    public IDisposable? Held { get; init; }

    /// <summary>Writes the data set's bytes, flushing now and then.</summary>
    public required Func<IBufferWriter<byte>, Func<CancellationToken, ValueTask>, CancellationToken, ValueTask> WriteAsync { get; init; }
}
