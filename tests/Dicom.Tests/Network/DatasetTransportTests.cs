using System.Buffers.Binary;
using CsCheck;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>Data sets from a DatasetWriter to the stream of a message, whatever cuts them on the way.</summary>
public class DatasetTransportTests
{
    private const int Header = 6;
    private static readonly DicomNetworkLimits Limits = new();

    private static Gen<uint> PduLength => Gen.OneOf(Gen.Const(0u), Gen.UInt[256, 1000], Gen.UInt[1000, 70_000], Gen.Const(uint.MaxValue));

    [Fact]
    public void What_is_sent_arrives_however_it_is_cut() =>
        Gen.Select(Gen.Byte.Array[1, 40_000], PduLength, Cuts, Cuts, Cuts, Gen.Bool).Sample(
            (dataset, most, pieces, cuts, reads, flushes) =>
            {
                var sent = Send(dataset, most, pieces, flushes).GetAwaiter().GetResult();
                AssertPdus(sent, most);
                Assert.All(Pdus(sent), pdu => Assert.True(int.IsEvenInteger(pdu.Length)));
                Assert.Equal(int.IsOddInteger(dataset.Length) ? [.. dataset, 0] : dataset, Receive(sent, cuts, reads).GetAwaiter().GetResult());
            },
            iter: 500,
            threads: 1);

    [Fact]
    public void A_small_message_arrives_as_well() =>
        Gen.Select(Gen.Byte.Array[1, 5000], PduLength, Cuts, Cuts).Sample(
            (dataset, most, cuts, reads) =>
            {
                var wire = new Wire(default);
                Connect(wire, most).SendAsync(1, Store(), dataset).AsTask().GetAwaiter().GetResult();
                AssertPdus(wire.Sent.ToArray(), most);
                Assert.Equal(dataset, Receive(wire.Sent.ToArray(), cuts, reads).GetAwaiter().GetResult());
            },
            iter: 300,
            threads: 1);

    [Fact]
    public void What_is_left_unread_does_not_disturb_the_next_message() =>
        Gen.Select(Gen.Byte.Array[1, 5000], Gen.Int[0, 5000], PduLength, Cuts).Sample(
            (dataset, read, most, cuts) =>
            {
                var wire = new Wire(default);
                var sender = Connect(wire, most);
                sender.SendAsync(1, Store(), dataset).AsTask().GetAwaiter().GetResult();
                sender.SendAsync(1, DimseCommands.Request(DicomCommandField.CEchoRequest, "1.2", 7)).AsTask().GetAwaiter().GetResult();
                Assert.Equal(7, SecondMessageId(wire.Sent.ToArray(), read, cuts).GetAwaiter().GetResult());
            },
            iter: 300,
            threads: 1);

    [Fact]
    public async Task Several_fragments_may_share_a_pdu()
    {
        var wire = new Wire(default);
        await Connect(wire, 0).SendAsync(1, Store(), "abcd"u8.ToArray());
        var fragments = Pdus(wire.Sent.ToArray()).SelectMany(pdu => pdu[Header..]).ToArray();
        Assert.Equal("abcd"u8.ToArray(), await Receive(AssociatePdu.Pdu(PduType.DataTF, fragments), [3], [3]));
    }

    [Fact]
    public async Task A_peer_that_takes_almost_nothing_gets_small_pdus()
    {
        var wire = new Wire(default);
        await Connect(wire, 1).SendAsync(1, Store(), new byte[1000]);
        AssertPdus(wire.Sent.ToArray(), 256);
    }

    private static Gen<int[]> Cuts => Gen.OneOf(Gen.Int[1, 20].Array[1, 20], Gen.Int[1, 50_000].Array[1, 5]);

    private static DicomDataset Store() => DimseCommands.Request(DicomCommandField.CStoreRequest, "1.2.3", 1);

    private static DimseConnection Connect(Wire wire, uint most)
    {
        var context = new DicomPresentationContext(1, "1.2.3", []);
        context.Accept("1.2.840.10008.1.2");
        var association = new DicomAssociation { CalledAE = "A", CallingAE = "B", MaximumPDULength = most, PresentationContexts = [context] };
        return new DimseConnection(new PduStream(wire, Limits, TimeProvider.System), association, Limits);
    }

    private static async Task<byte[]> Send(byte[] dataset, uint most, int[] pieces, bool flushes)
    {
        var wire = new Wire(default);
        using var writer = await Connect(wire, most).BeginSendAsync(1, Store(), dataset.Length);
        for (var (at, turn) = (0, 0); at < dataset.Length; turn++)
        {
            var piece = dataset.AsMemory(at, Math.Min(pieces[turn % pieces.Length], dataset.Length - at));
            piece.CopyTo(writer.GetMemory(piece.Length));
            writer.Advance(piece.Length);
            at += piece.Length;
            if (flushes)
                await writer.FlushAsync(default);
        }

        await writer.FlushAsync(default);
        Assert.Equal(0, writer.Left);
        return wire.Sent.ToArray();
    }

    private static async Task<byte[]> Receive(byte[] sent, int[] cuts, int[] reads)
    {
        var message = await Connect(new Wire(sent, Cycle(cuts)), 0).ReadAsync(Limits.Idle);
        Assert.Equal(DicomCommandField.CStoreRequest, message!.Type);
        var received = new MemoryStream();
        var next = Cycle(reads);
        var buffer = new byte[50_000];
        for (int read; (read = await message.Dataset.ReadAsync(buffer.AsMemory(0, next()))) > 0;)
            received.Write(buffer, 0, read);

        return received.ToArray();
    }

    private static async Task<int> SecondMessageId(byte[] sent, int read, int[] cuts)
    {
        var receiver = Connect(new Wire(sent, Cycle(cuts)), 0);
        var first = await receiver.ReadAsync(Limits.Idle);
        await first!.Dataset.ReadAtLeastAsync(new byte[read], read, throwOnEndOfStream: false);
        var second = await receiver.ReadAsync(Limits.Idle);
        Assert.False(second!.HasDataset);
        Assert.Equal(0, await second.Dataset.ReadAsync(new byte[1]));
        return second.MessageID;
    }

    private static Func<int> Cycle(int[] sizes)
    {
        var turn = 0;
        return () => sizes[turn++ % sizes.Length];
    }

    /// <summary>All are data, and none is longer than was agreed.</summary>
    private static void AssertPdus(byte[] sent, uint most) => Assert.All(Pdus(sent), pdu =>
    {
        Assert.Equal((byte)PduType.DataTF, pdu[0]);
        Assert.InRange<long>(pdu.Length - Header, 6, most == 0 ? Limits.MaximumPDULength : most);
    });

    private static IEnumerable<byte[]> Pdus(byte[] sent)
    {
        for (var at = 0; at < sent.Length;)
        {
            var length = Header + (int)BinaryPrimitives.ReadUInt32BigEndian(sent.AsSpan(at + 2));
            yield return sent[at..(at + length)];
            at += length;
        }
    }
}
