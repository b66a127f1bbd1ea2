using System.Buffers.Binary;
using CsCheck;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

public class AssociatePduTests
{
    private const int Header = 6;

    /// <summary>Where items begin: behind version, titles and reserved bytes.</summary>
    private const int Items = 68;

    [Fact]
    public void A_request_that_was_written_is_read() => NetworkGen.Request.Sample(
        request =>
        {
            var (read, isSupported) = AssociatePdu.ReadRequest(AssociatePdu.WriteRequest(request).AsSpan(Header));
            Assert.True(isSupported);
            Assert.Equal(NetworkGen.Dump(request), NetworkGen.Dump(read));
        },
        iter: 2000,
        threads: 1);

    [Fact]
    public void An_answer_that_was_written_is_read() =>
        NetworkGen.Request.SelectMany(request => NetworkGen.AnswerTo(request).Select(answer => (request, answer))).Sample(
            (request, answer) =>
            {
                var read = AssociatePdu.ReadAnswer(AssociatePdu.WriteAnswer(answer).AsSpan(Header), request);
                Assert.Equal(NetworkGen.Dump(answer), NetworkGen.Dump(read));
            },
            iter: 2000,
            threads: 1);

    [Fact]
    public void A_pdu_says_its_type_and_length() => NetworkGen.Request.Sample(
        request =>
        {
            var pdu = AssociatePdu.WriteRequest(request);
            Assert.Equal((byte)PduType.AssociateRQ, pdu[0]);
            Assert.Equal(pdu.Length - Header, (int)BinaryPrimitives.ReadUInt32BigEndian(pdu.AsSpan(2)));
        },
        iter: 100,
        threads: 1);

    [Fact]
    public void Every_truncation_of_a_request_is_refused_unless_it_ends_between_items() => NetworkGen.Request.Sample(
        request =>
        {
            var body = AssociatePdu.WriteRequest(request)[Header..];
            var ends = ItemEnds(body);
            for (var length = 0; length < body.Length; length++)
            {
                if (ends.Contains(length))
                    AssociatePdu.ReadRequest(body.AsSpan(0, length));
                else
                    Assert.Throws<DicomNetworkException>(() => AssociatePdu.ReadRequest(body.AsSpan(0, length)));
            }
        },
        iter: 20,
        threads: 1);

    [Fact]
    public async Task A_connection_that_ends_anywhere_in_a_request_is_reported_as_such()
    {
        var limits = new DicomNetworkLimits();
        var pdu = AssociatePdu.WriteRequest(TestPeer.Request());
        for (var length = 0; length < pdu.Length; length++)
        {
            await using var stream = new PduStream(new Wire(pdu.AsMemory(0, length)), limits, TimeProvider.System);
            await Assert.ThrowsAsync<DicomAssociationAbortedException>(() => AssociationPdus.ReadAsync(stream, limits).AsTask());
        }
    }

    [Fact]
    public async Task A_request_that_says_it_is_longer_than_allowed_is_not_read()
    {
        var limits = new DicomNetworkLimits();
        await using var stream = new PduStream(new Wire(new byte[] { 1, 0, 0xFF, 0xFF, 0xFF, 0xFF }), limits, TimeProvider.System);
        await Assert.ThrowsAsync<DicomNetworkException>(() => AssociationPdus.ReadAsync(stream, limits).AsTask());
    }

    [Fact]
    public void The_service_class_of_an_unknown_sop_class_is_read()
    {
        var item = Item(0x57, [0, 7, .. "1.2.3.4"u8, 0, 5, .. "1.2.3"u8, 0, 0]);
        Assert.Equal([("1.2.3.4", "1.2.3")], Read(Item(0x50, item)).CommonExtendedNegotiations);
    }

    [Fact]
    public void Unknown_items_are_passed_over()
    {
        var request = Read([.. Item(0x99, [1, 2, 3]), .. Item(0x50, [.. Item(0x77, []), .. Item(0x55, "V1"u8)])]);
        Assert.Equal("V1", request.ImplementationVersionName);
    }

    [Fact]
    public void Titles_and_uids_lose_their_padding()
    {
        var body = Body([.. Item(0x10, "1.2.3\0"u8)]);
        "  ARCHIVE \0\0    "u8.CopyTo(body.AsSpan(4));
        var (request, _) = AssociatePdu.ReadRequest(body);
        Assert.Equal("ARCHIVE", request.CalledAE);
        Assert.Equal("1.2.3", request.ApplicationContextName);
    }

    [Fact]
    public void A_request_of_another_version_says_so()
    {
        var body = Body([]);
        body[1] = 2;
        Assert.False(AssociatePdu.ReadRequest(body).IsVersionSupported);
    }

    [Fact]
    public void A_context_has_an_odd_number() => Refused(Context(2));

    [Fact]
    public void Two_contexts_have_two_numbers() => Refused([.. Context(1), .. Context(1)]);

    [Fact]
    public void A_context_names_what_it_is_for() => Refused(Item(0x20, [1, 0, 0, 0]));

    [Fact]
    public void More_transfer_syntaxes_than_there_can_be_are_refused()
    {
        var syntax = Item(0x40, "1.2"u8);
        Refused(Item(0x20, [1, 0, 0, 0, .. Item(0x30, "1.2"u8), .. Enumerable.Repeat(syntax, 257).SelectMany(bytes => bytes)]));
    }

    [Fact]
    public void A_flood_of_small_items_is_refused()
    {
        var flood = Enumerable.Repeat(Item(0x50, []), 200_000).SelectMany(bytes => bytes).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(flood);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * 1024 * 1024);
    }

    [Fact]
    public void An_answer_does_not_accept_what_was_not_proposed()
    {
        var request = Read(Context(1));
        var answered = new DicomPresentationContext(1, "", []);
        answered.Accept("1.2.3.4.5");
        var read = AssociatePdu.ReadAnswer(AssociatePdu.WriteAnswer(request with { PresentationContexts = [answered] }).AsSpan(Header), request);
        Assert.Null(read.Accepted(1));
    }

    [Fact]
    public void A_context_that_was_not_answered_is_not_accepted()
    {
        var request = Read(Context(1));
        var read = AssociatePdu.ReadAnswer(AssociatePdu.WriteAnswer(request with { PresentationContexts = [] }).AsSpan(Header), request);
        Assert.Equal(DicomPresentationContextResult.RejectNoReason, Assert.Single(read.PresentationContexts).Result);
    }

    private static void Refused(byte[] items) => Assert.Throws<DicomNetworkException>(() => Read(items));

    private static DicomAssociation Read(byte[] items) => AssociatePdu.ReadRequest(Body(items)).Association;

    private static byte[] Body(byte[] items) => [0, 1, .. new byte[Items - 2], .. items];

    private static byte[] Context(byte id) => Item(0x20, [id, 0, 0, 0, .. Item(0x30, "1.2.3"u8), .. Item(0x40, "1.2.840.10008.1.2"u8)]);

    private static byte[] Item(byte type, ReadOnlySpan<byte> value) => [type, 0, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    private static HashSet<int> ItemEnds(byte[] body)
    {
        var ends = new HashSet<int>();
        for (var at = Items; at < body.Length; at += 4 + BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at + 2)))
            ends.Add(at);

        return ends;
    }
}
