using System.Buffers;
using System.Buffers.Binary;

namespace SecureStore.Dicom.Network;

/// <summary>Reads the PDUs with which an association begins; they are the only ones that are held in memory whole.</summary>
internal static class AssociationPdus
{
    private const int Piece = 16 * 1024;

    /// <exception cref="DicomNetworkException">It is no PDU, or too long.</exception>
    /// <exception cref="DicomAssociationAbortedException">The other end is gone, or silent.</exception>
    public static async ValueTask<(PduType Type, byte[] Body)> ReadAsync(PduStream stream, DicomNetworkLimits limits)
    {
        var header = new byte[6];
        if (!await stream.ReadExactlyAsync(header).ConfigureAwait(false))
            throw new DicomAssociationAbortedException("The connection ended before an association.");

        var type = (PduType)header[0];
        if (type is < PduType.AssociateRQ or > PduType.Abort)
            throw new DicomNetworkException("A PDU is of a kind that does not exist.") { Reason = DicomAbortReason.UnrecognizedPDU };

        var length = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(2));
        if (length > limits.MaxAssociationPdu)
            throw new DicomNetworkException("An association PDU is too long.");

        // Memory is taken as bytes arrive, not as they are announced.
        var body = new ArrayBufferWriter<byte>();
        while (body.WrittenCount < length)
        {
            var piece = body.GetMemory(Piece)[..(int)Math.Min(Piece, length - body.WrittenCount)];
            if (!await stream.ReadExactlyAsync(piece).ConfigureAwait(false))
                throw new DicomAssociationAbortedException("The connection ended within a PDU.");

            body.Advance(piece.Length);
        }

        return (type, body.WrittenSpan.ToArray());
    }
}
