using SecureStore.Codecs;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.Dimse;

/// <summary>Stored instances on their way out: as they are stored, or in a native transfer syntax where the other side takes no other.</summary>
internal sealed class OutgoingInstances(CodecPool codecs, ILogger<OutgoingInstances> logger)
{
    /// <summary>What instances can be turned into, the better one first.</summary>
    private static readonly DicomTransferSyntax[] Native = [DicomTransferSyntax.ExplicitVRLittleEndian, DicomTransferSyntax.ImplicitVRLittleEndian];

    /// <summary>
    /// What to propose for instances that are stored so: each SOP class natively, and then as it is stored, of which the other side takes what it has.
    /// GDCM keeps one transfer syntax for an association, the last that it accepted: that is to be the one that is used.
    /// </summary>
    public static IEnumerable<(string SopClass, IReadOnlyList<string> TransferSyntaxes)> Contexts(IEnumerable<(string SopClass, string TransferSyntax)> stored)
    {
        var asStored = stored.Distinct().Take(DimseDestination.MostContexts).ToList();
        var native = asStored.Select(one => one.SopClass).Distinct().Take(DimseDestination.MostContexts - asStored.Count);
        return native.Select(sopClass => (sopClass, (IReadOnlyList<string>)[.. Native.Select(one => one.UID)]))
            .Concat(asStored.Select(one => (one.SopClass, (IReadOnlyList<string>)[one.TransferSyntax])));
    }

    /// <summary>The data set of an instance on its way out of a session.</summary>
    public DicomOutgoingInstance Of(IReadSession session, InstanceRecord instance)
    {
        var length = instance.Object.Length - instance.DataSetOffset;
        return new(instance.SopClassUid, instance.SopInstanceUid, instance.TransferSyntaxUid, length)
        {
            IsLost = instance.LostSince is not null || length <= 0,
            Closing = session.Closing,
            ConvertAsync = (syntaxes, stop) => ConvertAsync(session, instance, syntaxes, stop),
            WriteAsync = (output, flush, stop) => session.CopyAsync(instance, instance.DataSetOffset, length, output, flush, stop),
        };
    }

    private async ValueTask<DicomOutgoingInstance?> ConvertAsync(
        IReadSession session, InstanceRecord instance, IReadOnlyList<string> syntaxes, CancellationToken cancellation)
    {
        if (Array.Find(Native, one => syntaxes.Contains(one.UID)) is not { } syntax)
        {
            return null;
        }

        try
        {
            if (!await NativeInstance.IsPossibleAsync(codecs, instance, cancellation))
            {
                return null;
            }

            var native = await NativeInstance.OpenAsync(codecs, session, instance, syntax, cancellation);
            return new(instance.SopClassUid, instance.SopInstanceUid, syntax.UID, native.DatasetLength)
            {
                Closing = session.Closing,
                Held = native,
                WriteAsync = native.WriteDatasetAsync,
            };
        }
        catch (Exception failure) when (failure is CodecException or CodecUnavailableException)
        {
            // Not why: what a worker says of what it was given is not for the log.
            logger.LogWarning("An instance stored as {TransferSyntax} cannot be sent in a native transfer syntax.", DicomTransferSyntax.Find(instance.TransferSyntaxUid));
            return null;
        }
    }
}
