using System.Buffers;

namespace SecureStore.Dicom.Network;

/// <summary>A DIMSE message as it came: its command set, and the data set that follows it as a stream, which is read before the next message.</summary>
public sealed class DicomMessage
{
    /// <summary>(0000,0800): no data set follows.</summary>
    internal const ushort NoDataset = 0x0101;

    /// <summary>Bytes of an identifier or a report: what is kept in memory of a data set that is no object.</summary>
    private const int MaxIdentifier = 1024 * 1024;

    internal DicomMessage(DicomPresentationContext context, DicomDataset command, Stream dataset)
    {
        (Context, Command, Dataset) = (context, command, dataset);
        Type = (DicomCommandField)Number(DicomTag.CommandField);
    }

    /// <summary>What the association agreed on for it.</summary>
    public DicomPresentationContext Context { get; }

    public DicomDataset Command { get; }

    /// <summary>The data set in <see cref="TransferSyntax"/>; empty where there is none.</summary>
    public Stream Dataset { get; }

    public DicomCommandField Type { get; }

    public bool HasDataset => Number(DicomTag.CommandDataSetType) != NoDataset;

    public bool IsResponse => ((ushort)Type & 0x8000) != 0;

    public string TransferSyntax => Context.AcceptedTransferSyntax!;

    /// <summary>Of a request.</summary>
    public ushort MessageID => Number(DicomTag.MessageID);

    /// <summary>Of a response or a C-CANCEL: which request it is about.</summary>
    public ushort MessageIDBeingRespondedTo => Number(DicomTag.MessageIDBeingRespondedTo);

    public ushort Status => Number(DicomTag.Status);

    /// <summary>The affected or requested SOP class; empty where neither is given.</summary>
    public string SOPClassUID => Uid(DicomTag.AffectedSOPClassUID) ?? Uid(DicomTag.RequestedSOPClassUID) ?? "";

    /// <summary>The affected or requested SOP instance, or null.</summary>
    public string? SOPInstanceUID => Uid(DicomTag.AffectedSOPInstanceUID) ?? Uid(DicomTag.RequestedSOPInstanceUID);

    /// <summary>
    /// The data set as a file (PS3.10 7.1): preamble and group 0002 made up from the message, and the bytes as they come. To be read once.
    /// </summary>
    /// <param name="sourceAE">Who sent it.</param>
    public Stream OpenFile(string sourceAE)
    {
        var meta = new DicomDataset();
        meta.AddOrUpdate(DicomTag.MediaStorageSOPClassUID, SOPClassUID);
        meta.AddOrUpdate(DicomTag.MediaStorageSOPInstanceUID, SOPInstanceUID ?? "");
        meta.AddOrUpdate(DicomTag.SourceApplicationEntityTitle, sourceAE);
        return new PrefixedStream(FileMeta(meta), Dataset);
    }

    /// <summary>Reads the data set into memory: for identifiers and the like, of at most 1 MiB.</summary>
    /// <exception cref="DicomDataException">It is malformed, or larger.</exception>
    public async ValueTask<DicomDataset> ReadDatasetAsync(CancellationToken cancellation)
    {
        if (!HasDataset)
            return new DicomDataset();

        var options = new DicomReadOptions { MaxInlineValue = MaxIdentifier, MaxHeaderBytes = MaxIdentifier, MaxElements = 16 * 1024, MaxInflatedBytes = MaxIdentifier };
        await using var source = new PrefixedStream(FileMeta(new DicomDataset()), Dataset, MaxIdentifier);
        return (await DicomFile.OpenAsync(source, options, cancellation).ConfigureAwait(false)).Dataset;
    }

    private byte[] FileMeta(DicomDataset meta)
    {
        var head = new ArrayBufferWriter<byte>();
        meta.AddOrUpdate(DicomTag.TransferSyntaxUID, TransferSyntax);
        DicomWriter.WriteFileMeta(head, meta);
        return head.WrittenSpan.ToArray();
    }

    private ushort Number(DicomTag tag) => Command.TryGetInt32(tag, out var number) ? (ushort)number : (ushort)0;

    private string? Uid(DicomTag tag) => Command.GetString(tag);
}
