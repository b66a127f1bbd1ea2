using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.ExceptionServices;

namespace SecureStore.Dicom.Network;

/// <summary>
/// DIMSE messages over an established association (PS3.8 9.3.5 and annex E, PS3.7 6.3): takes fragments apart and puts them together. A data
/// set is never in memory: it is a stream, to be read before the next message.
/// </summary>
internal sealed class DimseConnection(PduStream stream, DicomAssociation association, DicomNetworkLimits limits)
{
    private const int PduHeader = 6;
    private const int FragmentHeader = 6;
    private const int ShortestPdu = 256;
    private const int LongestPdu = 128 * 1024;

    /// <summary>Fragments without a byte, one after the other: they are allowed, and lead nowhere.</summary>
    private const int MaxEmptyFragments = 16;

    /// <summary>PDUs that are dropped on the way to a release: what was under way, not a stream that never ends.</summary>
    private const int MaxDropped = 1024;

    /// <summary>Bytes of small messages that wait for one another.</summary>
    private const int HeldAtMost = 32 * 1024;

    private readonly ArrayBufferWriter<byte> _held = new(512);
    private readonly byte[] _header = new byte[PduHeader];
    private readonly byte[] _fragment = new byte[FragmentHeader];

    /// <summary>Even, so that fragments are.</summary>
    private readonly int _sendLength = association.MaximumPDULength == 0 ? LongestPdu : (int)Math.Clamp(association.MaximumPDULength, ShortestPdu, LongestPdu) & ~1;

    private long _pduLeft;
    private int _emptyFragments;
    private DatasetStream? _dataset;

    /// <summary>What ended the association. Whoever reads a data set may have taken it for his own failure; nothing is read or sent after it.</summary>
    private volatile ExceptionDispatchInfo? _end;

    public DicomAssociation Association => association;

    /// <summary>The next message; null where the peer asks for the release of the association, which is then to be answered.</summary>
    /// <param name="patience">How long it may take until it begins.</param>
    /// <exception cref="DicomNetworkException">What comes is not what the protocol allows.</exception>
    /// <exception cref="DicomAssociationAbortedException">The peer is gone, or silent.</exception>
    public async ValueTask<DicomMessage?> ReadAsync(TimeSpan patience)
    {
        _end?.Throw();
        try
        {
            return await ReadMessageAsync(patience).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            _end ??= ExceptionDispatchInfo.Capture(failure);
            throw;
        }
    }

    /// <summary>Sends a message that has no data set, or a small one, in one write with what is held.</summary>
    /// <param name="dataset">In the context's transfer syntax; empty for none.</param>
    public ValueTask SendAsync(byte context, DicomDataset command, ReadOnlyMemory<byte> dataset = default)
    {
        Hold(context, command, dataset);
        return FlushAsync();
    }

    /// <summary>As <see cref="SendAsync"/>, but the message may wait for what is sent after it, or for <see cref="FlushAsync"/>.</summary>
    public ValueTask SendLaterAsync(byte context, DicomDataset command, ReadOnlyMemory<byte> dataset)
    {
        Hold(context, command, dataset);
        return _held.WrittenCount < HeldAtMost ? ValueTask.CompletedTask : FlushAsync();
    }

    /// <summary>Sends what is held.</summary>
    public async ValueTask FlushAsync()
    {
        if (_held.WrittenCount == 0)
            return;

        try
        {
            await stream.WriteAsync(_held.WrittenMemory).ConfigureAwait(false);
        }
        finally
        {
            _held.Clear();
        }
    }

    /// <summary>Sends a message with a data set that is copied through.</summary>
    /// <param name="length">Bytes of the data set, 1 or more.</param>
    public async ValueTask<DatasetWriter> BeginSendAsync(byte context, DicomDataset command, long length)
    {
        _end?.Throw();
        command.AddOrUpdate(DicomTag.CommandDataSetType, 0);
        WriteFragments(_held, context, isCommand: true, DimseCommandSet.Write(command));
        await FlushAsync().ConfigureAwait(false);
        return new DatasetWriter(stream, context, length, _sendLength);
    }

    /// <summary>Not while a message is being sent: one writer at a time.</summary>
    public ValueTask AnswerReleaseAsync() => stream.WriteAsync(AssociatePdu.Pdu(PduType.ReleaseRP, new byte[4]));

    /// <summary>Asks for the release of the association and waits for the answer; what comes meanwhile is dropped (PS3.8 7.2).</summary>
    public async ValueTask ReleaseAsync()
    {
        await stream.WriteAsync(AssociatePdu.Pdu(PduType.ReleaseRQ, new byte[4])).ConfigureAwait(false);
        stream.Allow(limits.Stall);
        await SkipAsync().ConfigureAwait(false);
        for (var dropped = 0; dropped < MaxDropped && await stream.ReadExactlyAsync(_header).ConfigureAwait(false) && (PduType)_header[0] == PduType.DataTF; dropped++)
        {
            _pduLeft = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(2)), limits.MaximumPDULength);
            await SkipAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<DicomMessage?> ReadMessageAsync(TimeSpan patience)
    {
        if (_dataset is { } unread)
            await unread.DrainAsync().ConfigureAwait(false);

        _dataset = null;
        if (_pduLeft == 0)
        {
            stream.Allow(patience);
            if (!await NextPduAsync(mayRelease: true).ConfigureAwait(false))
                return null;
        }

        stream.BeginMessage();
        var command = new ArrayBufferWriter<byte>(256);
        byte? context = null;
        for (var isLast = false; !isLast;)
        {
            var fragment = await NextFragmentAsync().ConfigureAwait(false);
            if (!fragment.IsCommand || fragment.Context != (context ??= fragment.Context))
                throw new DicomNetworkException("A command set is broken off by something else.") { Reason = DicomAbortReason.UnexpectedPDUParameter };
            if (command.WrittenCount + fragment.Length > DimseCommandSet.MaxLength)
                throw new DicomNetworkException("A command set is too long.");

            await ReadFragmentAsync(command.GetMemory((int)fragment.Length)[..(int)fragment.Length]).ConfigureAwait(false);
            command.Advance((int)fragment.Length);
            isLast = fragment.IsLast;
        }

        if (association.Accepted(context!.Value) is not { } accepted)
            throw new DicomNetworkException("A message comes in a presentation context that was not accepted.") { Reason = DicomAbortReason.InvalidPDUParameter };

        var dataset = new DatasetStream(this, accepted.ID);
        var message = new DicomMessage(accepted, DimseCommandSet.Read(command.WrittenMemory), dataset);
        if (message.HasDataset)
            _dataset = dataset;
        else
            dataset.End();

        return message;
    }

    private async ValueTask<Fragment> NextFragmentAsync()
    {
        if (_pduLeft == 0)
            await NextPduAsync(mayRelease: false).ConfigureAwait(false);
        if (_pduLeft < FragmentHeader)
            throw new DicomNetworkException("A P-DATA-TF PDU ends within the header of a fragment.");

        await ReadAllAsync(_fragment).ConfigureAwait(false);
        _pduLeft -= FragmentHeader;
        var length = BinaryPrimitives.ReadUInt32BigEndian(_fragment);
        if (length < 2 || length - 2 > _pduLeft)
            throw new DicomNetworkException("A fragment says another length than its PDU has room for.");

        _emptyFragments = length == 2 ? _emptyFragments + 1 : 0;
        if (_emptyFragments > MaxEmptyFragments)
            throw new DicomNetworkException("Too many fragments without a byte follow one another.");

        return new Fragment(_fragment[4], (_fragment[5] & 1) != 0, (_fragment[5] & 2) != 0, length - 2);
    }

    private async ValueTask ReadFragmentAsync(Memory<byte> target)
    {
        await ReadAllAsync(target).ConfigureAwait(false);
        _pduLeft -= target.Length;
    }

    /// <returns>False where the peer asks for the release.</returns>
    private async ValueTask<bool> NextPduAsync(bool mayRelease)
    {
        if (!await stream.ReadExactlyAsync(_header).ConfigureAwait(false))
            throw new DicomAssociationAbortedException("The peer closed the connection without a release.");

        var length = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(2));
        switch ((PduType)_header[0])
        {
            case PduType.DataTF when length > limits.MaximumPDULength:
                throw new DicomNetworkException("A P-DATA-TF PDU is longer than was agreed.");
            case PduType.DataTF:
                _pduLeft = length;
                return true;
            case PduType.ReleaseRQ when mayRelease && length == 4:
                await ReadAllAsync(_header.AsMemory(0, 4)).ConfigureAwait(false);
                return false;
            case PduType.Abort:
                throw new DicomAssociationAbortedException("The peer aborted the association.");
            case PduType.AssociateRQ or PduType.AssociateAC or PduType.AssociateRJ or PduType.ReleaseRQ or PduType.ReleaseRP:
                throw new DicomNetworkException("A PDU comes where the protocol has none of its kind.") { Reason = DicomAbortReason.UnexpectedPDU };
            default:
                throw new DicomNetworkException("A PDU is of a kind that does not exist.") { Reason = DicomAbortReason.UnrecognizedPDU };
        }
    }

    private async ValueTask ReadAllAsync(Memory<byte> target)
    {
        if (!await stream.ReadExactlyAsync(target).ConfigureAwait(false) && !target.IsEmpty)
            throw new DicomAssociationAbortedException("The connection ended within a PDU.");
    }

    private async ValueTask SkipAsync()
    {
        var waste = ArrayPool<byte>.Shared.Rent(4096);
        for (; _pduLeft > 0; _pduLeft -= Math.Min(_pduLeft, waste.Length))
            await ReadAllAsync(waste.AsMemory(0, (int)Math.Min(_pduLeft, waste.Length))).ConfigureAwait(false);

        ArrayPool<byte>.Shared.Return(waste, clearArray: true);
    }

    private void Hold(byte context, DicomDataset command, ReadOnlyMemory<byte> dataset)
    {
        _end?.Throw();
        command.AddOrUpdate(DicomTag.CommandDataSetType, dataset.IsEmpty ? DicomMessage.NoDataset : 0);
        WriteFragments(_held, context, isCommand: true, DimseCommandSet.Write(command));
        if (!dataset.IsEmpty)
            WriteFragments(_held, context, isCommand: false, dataset.Span);
    }

    private void WriteFragments(ArrayBufferWriter<byte> output, byte context, bool isCommand, ReadOnlySpan<byte> bytes)
    {
        var most = _sendLength - FragmentHeader;
        do
        {
            var part = bytes[..Math.Min(most, bytes.Length)];
            bytes = bytes[part.Length..];
            DatasetWriter.WriteHeaders(output.GetSpan(DatasetWriter.HeaderSize), context, part.Length, isCommand, isLast: bytes.IsEmpty);
            output.Advance(DatasetWriter.HeaderSize);
            output.Write(part);
        }
        while (!bytes.IsEmpty);
    }

    private readonly record struct Fragment(byte Context, bool IsCommand, bool IsLast, long Length);

    /// <summary>The data set behind a command.</summary>
    private sealed class DatasetStream(DimseConnection connection, byte context) : ForwardStream
    {
        private long _left;
        private bool _isLast;

        public void End() => _isLast = true;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            connection._end?.Throw();
            try
            {
                return await ReadFragmentsAsync(buffer).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                connection._end ??= ExceptionDispatchInfo.Capture(failure);
                throw;
            }
        }

        private async ValueTask<int> ReadFragmentsAsync(Memory<byte> buffer)
        {
            while (_left == 0)
            {
                if (_isLast)
                    return 0;

                var fragment = await connection.NextFragmentAsync().ConfigureAwait(false);
                if (fragment.IsCommand || fragment.Context != context)
                    throw new DicomNetworkException("A data set is broken off by something else.") { Reason = DicomAbortReason.UnexpectedPDUParameter };

                (_left, _isLast) = (fragment.Length, fragment.IsLast);
            }

            var read = await connection.ReadSomeAsync(buffer[..(int)Math.Min(buffer.Length, _left)]).ConfigureAwait(false);
            _left -= read;
            return read;
        }

        public async ValueTask DrainAsync()
        {
            var waste = ArrayPool<byte>.Shared.Rent(16 * 1024);
            while (await ReadAsync(waste).ConfigureAwait(false) > 0)
            {
            }

            ArrayPool<byte>.Shared.Return(waste, clearArray: true);
        }
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> target)
    {
        var read = await stream.ReadAsync(target).ConfigureAwait(false);
        _pduLeft -= read;
        return read > 0 || target.IsEmpty ? read : throw new DicomAssociationAbortedException("The connection ended within a PDU.");
    }
}
