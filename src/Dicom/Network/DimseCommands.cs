using System.Buffers;

namespace SecureStore.Dicom.Network;

/// <summary>Command sets of the messages that this side sends (PS3.7 9.3 and 10.3).</summary>
internal static class DimseCommands
{
    private const int MaxComment = 64;

    public static DicomDataset Request(DicomCommandField type, string sopClass, ushort messageId) => new DicomDataset()
        .AddOrUpdate(DicomTag.AffectedSOPClassUID, sopClass)
        .AddOrUpdate(DicomTag.CommandField, (ushort)type)
        .AddOrUpdate(DicomTag.MessageID, messageId);

    public static DicomDataset Store(DicomOutgoingInstance instance, ushort messageId) => Request(DicomCommandField.CStoreRequest, instance.SOPClassUID, messageId)
        .AddOrUpdate(DicomTag.Priority, 0)
        .AddOrUpdate(DicomTag.AffectedSOPInstanceUID, instance.SOPInstanceUID);

    /// <summary>Says of a C-STORE on whose behalf it is (PS3.7 9.1.1.1).</summary>
    public static DicomDataset OnBehalfOf(this DicomDataset store, string moveOriginator, ushort messageId) => store
        .AddOrUpdate(DicomTag.MoveOriginatorApplicationEntityTitle, moveOriginator)
        .AddOrUpdate(DicomTag.MoveOriginatorMessageID, messageId);

    public static DicomDataset EventReport(DicomEventReport report, ushort messageId) => Request(DicomCommandField.NEventReportRequest, report.SOPClassUID, messageId)
        .AddOrUpdate(DicomTag.AffectedSOPInstanceUID, report.SOPInstanceUID)
        .AddOrUpdate(DicomTag.EventTypeID, report.EventTypeID);

    public static DicomDataset Response(DicomMessage request, DicomResponse response)
    {
        var command = new DicomDataset()
            .AddOrUpdate(DicomTag.CommandField, (ushort)request.Type | 0x8000)
            .AddOrUpdate(DicomTag.MessageIDBeingRespondedTo, request.MessageID)
            .AddOrUpdate(DicomTag.Status, response.Status);
        if (request.SOPClassUID.Length > 0)
            command.AddOrUpdate(DicomTag.AffectedSOPClassUID, request.SOPClassUID);
        if (request.SOPInstanceUID is { } instance)
            command.AddOrUpdate(DicomTag.AffectedSOPInstanceUID, instance);
        if (request.Command.TryGetInt32(DicomTag.ActionTypeID, out var action))
            command.AddOrUpdate(DicomTag.ActionTypeID, action);
        if (response.Comment is { Length: > 0 } comment)
            command.AddOrUpdate(DicomTag.ErrorComment, comment.Length > MaxComment ? comment[..MaxComment] : comment);

        return command;
    }

    /// <summary>The accepted context for an instance, as it is or else in a transfer syntax that the other end takes; null where there is none.</summary>
    public static async ValueTask<(DicomPresentationContext Context, DicomOutgoingInstance Instance)?> FitAsync(
        DicomAssociation association, DicomOutgoingInstance instance, CancellationToken cancellation)
    {
        var contexts = association.PresentationContexts
            .Where(context => context.Result == DicomPresentationContextResult.Accept && context.AbstractSyntax == instance.SOPClassUID).ToList();
        if (contexts.Find(context => context.AcceptedTransferSyntax == instance.TransferSyntaxUID) is { } asItIs)
            return (asItIs, instance);

        if (contexts.Count == 0 || instance.ConvertAsync is not { } convert
            || await convert([.. contexts.Select(context => context.AcceptedTransferSyntax!)], cancellation).ConfigureAwait(false) is not { } converted)
        {
            return null;
        }

        return (contexts.First(context => context.AcceptedTransferSyntax == converted.TransferSyntaxUID), converted);
    }

    /// <summary>A small data set in a context's transfer syntax.</summary>
    public static ReadOnlyMemory<byte> Encode(DicomDataset dataset, DicomPresentationContext context)
    {
        var output = new ArrayBufferWriter<byte>();
        DicomWriter.WriteDataset(output, dataset, DicomTransferSyntax.Find(context.AcceptedTransferSyntax!) ?? DicomTransferSyntax.ExplicitVRLittleEndian);
        return output.WrittenMemory;
    }
}
