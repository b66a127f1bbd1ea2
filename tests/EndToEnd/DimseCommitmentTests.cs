using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SecureStore.Dicom;
using static SecureStore.EndToEnd.RawAssociation;

namespace SecureStore.EndToEnd;

/// <summary>Storage commitment (PS3.4 J): what is asked for, and how the peer hears of it.</summary>
public class DimseCommitmentTests
{
    private const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";
    private const string MrStorage = "1.2.840.10008.5.1.4.1.1.4";
    private const string Model = "1.2.840.10008.1.20.1";
    private const string WellKnown = "1.2.840.10008.1.20.1.1";
    private const string Verification = "1.2.840.10008.1.1";
    private const ushort Action = 0x0130;
    private const ushort Report = 0x0100;
    private const ushort ReportResponse = 0x8100;

    [Fact]
    public async Task A_peer_hears_on_its_own_association_what_is_held_and_what_is_not()
    {
        await using var archive = await DimseServer.StartAsync(more: "Retention:Grace=0.00:00:00");
        using var client = await archive.ClientAsync();
        var one = new TestInstance { PatientId = "COMMIT-1" };
        var two = one with { Instance = DicomUID.New() };
        var gone = new TestInstance();
        await client.StoreAsync(null, await one.FileAsync(), await two.FileAsync(), await gone.FileAsync());
        client.Use(await client.TokenAsync("destroy"));
        using (var reason = new StringContent("{\"reason\":\"test\"}", Encoding.UTF8, "application/json"))
        using (var destroyed = await client.Http.PostAsync(new Uri($"/api/studies/{gone.Study}/destroy", UriKind.Relative), reason))
            Assert.Equal(HttpStatusCode.OK, destroyed.StatusCode);

        using var peer = await ConnectAsync(archive.Port);
        Assert.Equal(2, await peer.AssociateAsync("STORER", [Model, Verification]));
        Assert.Equal(0, await AskAsync(peer, "1.2.3.1", (CtStorage, one.Instance), (CtStorage, two.Instance), (CtStorage, one.Instance)));
        var (type, report) = await ReportAsync(peer, "1.2.3.1");
        Assert.Equal(1, type);
        Assert.Equal([(CtStorage, one.Instance), (CtStorage, two.Instance)], References(report, DicomTag.ReferencedSOPSequence));
        Assert.False(report.Contains(DicomTag.FailedSOPSequence));

        Assert.Equal(0, await AskAsync(peer, "1.2.3.2", (CtStorage, one.Instance), (MrStorage, two.Instance), (CtStorage, "1.2.3.99"), (CtStorage, gone.Instance)));
        (type, report) = await ReportAsync(peer, "1.2.3.2");
        Assert.Equal(2, type);
        Assert.Equal([(CtStorage, one.Instance)], References(report, DicomTag.ReferencedSOPSequence));
        Assert.Equal([(MrStorage, two.Instance), (CtStorage, "1.2.3.99"), (CtStorage, gone.Instance)], References(report, DicomTag.FailedSOPSequence));
        Assert.Equal([0x0119, 0x0112, 0x0112], report.GetSequence(DicomTag.FailedSOPSequence)!.Items.Select(item => item.GetInt32(DicomTag.FailureReason)));

        // What was asked, and what was answered, is in the audit log, with no UID.
        client.Use(await client.TokenAsync("audit"));
        var (_, log) = await client.GetAsync("/api/audit/entries?limit=1000", "application/x-ndjson");
        var asked = Encoding.UTF8.GetString(log).Split('\n').Where(line => line.Contains("Storage commitment", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, asked.Count);
        Assert.Contains("Storage commitment: 1 of 4 instances held", asked[1], StringComparison.Ordinal);
        Assert.Contains("dimse:STORER", asked[1], StringComparison.Ordinal);

        // The association goes on; nothing that was asked for is in the log's lines.
        await peer.SendMessageAsync(3, Command(0x0030, 9, Verification, false));
        Assert.Equal(0, await peer.StatusAsync());
        Assert.DoesNotContain(one.Instance, archive.Server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_none_is_refused_and_so_is_one_for_more_than_the_peer_may_know()
    {
        await using var archive = await DimseServer.StartAsync();
        using var peer = await ConnectAsync(archive.Port);
        Assert.Equal(2, await peer.AssociateAsync("STORER", [Model]));
        (string, string)[] some = [(CtStorage, "1.2.3")];
        Assert.Equal(0x0123, await AskAsync(peer, Request("1.2.3.1", some), action: 2));
        Assert.Equal(0x0112, await AskAsync(peer, Request("1.2.3.1", some), instance: "1.2.3"));
        foreach (var wrong in new[]
                 {
                     Request("", some), Request("1.2.x", some), Request("1.2.3.1"), Request("1.2.3.1", (CtStorage, "")), Request("1.2.3.1", ("", "1.2.3")),
                     Request("1.2.3.1", (CtStorage, "1.2.3\\1.2.4")), [1, 2, 3],
                 })
        {
            Assert.Equal(0x0115, await AskAsync(peer, wrong));
        }

        Assert.Equal(0x0213, await AskAsync(peer, "1.2.3.1", [.. Enumerable.Range(1, 5001).Select(number => (CtStorage, $"1.2.{number}"))]));
        Assert.Equal(0, await AskAsync(peer, "1.2.3.1", [.. Enumerable.Range(1, 5000).Select(number => (CtStorage, $"1.2.{number}"))]));
        Assert.Equal(5000, (await ReportAsync(peer, "1.2.3.1")).Information.GetSequence(DicomTag.FailedSOPSequence)!.Items.Count);

        // What a token does not reach is not there; who may not store has nothing to ask for.
        using var client = await archive.ClientAsync();
        var (mine, theirs) = (new TestInstance(), new TestInstance());
        await client.StoreAsync(null, await mine.FileAsync(), await theirs.FileAsync());
        using var bounded = await ConnectAsync(archive.Port);
        Assert.Equal(2, await bounded.AssociateAsync("STORER", [Model], await client.TokenAsync("store", $"study:{mine.Study}")));
        Assert.Equal(0, await AskAsync(bounded, "1.2.3.2", (CtStorage, mine.Instance), (CtStorage, theirs.Instance), (MrStorage, theirs.Instance)));
        var (_, report) = await ReportAsync(bounded, "1.2.3.2");
        Assert.Equal([(CtStorage, mine.Instance)], References(report, DicomTag.ReferencedSOPSequence));
        Assert.All(report.GetSequence(DicomTag.FailedSOPSequence)!.Items, item => Assert.Equal(0x0112, item.GetInt32(DicomTag.FailureReason)));
        using var reader = await ConnectAsync(archive.Port);
        Assert.Equal(2, await reader.AssociateAsync("STORER", [Model], await client.TokenAsync("search,read")));
        await SendAsync(reader, Request("1.2.3.1", some));
        Assert.Equal(Abort, (await reader.ReadPduAsync()).Type);
    }

    [Fact]
    public async Task A_peer_that_has_left_is_called_though_the_archive_was_killed_in_between()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using var archive = await DimseServer.StartAsync(more: ["Dimse:Peers:0:Host=127.0.0.1", $"Dimse:Peers:0:Port={port}"]);
        using var client = await archive.ClientAsync();
        var instance = new TestInstance();
        await client.StoreAsync(null, await instance.FileAsync());
        using (var peer = await ConnectAsync(archive.Port))
        {
            Assert.Equal(2, await peer.AssociateAsync("STORER", [Model]));
            Assert.Equal(0, await AskAsync(peer, "1.2.3.1", (CtStorage, instance.Instance)));
            await archive.Server.KillAsync();
        }

        var restarting = archive.StartAgainAsync();
        using var reborn = new TcpListener(IPAddress.Loopback, port);
        reborn.Start();
        var (caller, context, request) = await AcceptAsync(reborn);
        await restarting;
        using (caller)
        {
            // The archive calls as the provider, and says so.
            Assert.Equal(("STORER", "SECURESTORE"), (Encoding.ASCII.GetString(request, 4, 16).Trim(), Encoding.ASCII.GetString(request, 20, 16).Trim()));
            byte[] role = [0x54, 0, 0, 24, 0, 20, .. Encoding.ASCII.GetBytes(Model), 0, 1];
            Assert.True(request.AsSpan().IndexOf(role) > 0);
            var (type, report) = await ReportAsync(caller, "1.2.3.1", context, DicomTransferSyntax.ExplicitVRLittleEndian);
            Assert.Equal(1, type);
            Assert.Equal([(CtStorage, instance.Instance)], References(report, DicomTag.ReferencedSOPSequence));
            Assert.Equal(Release, (await caller.ReadPduAsync()).Type);
        }

        // One that is not answered on the peer's association comes at once on another, unless the peer does not let the archive be the provider.
        using (var peer = await ConnectAsync(archive.Port))
        {
            Assert.Equal(2, await peer.AssociateAsync("STORER", [Model]));
            Assert.Equal(0, await AskAsync(peer, "1.2.3.1", (CtStorage, "1.2.3.99")));
            Assert.Equal(Report, Number((await peer.ReadMessageAsync()).Command, 0x0100));
            Assert.Equal(0x0115, await AskAsync(peer, "1.2.3.1", (CtStorage, "1.2.3.98")));
            await peer.SendAsync(Release, 0, 0, 0, 0);
            Assert.Equal(6, (await peer.ReadPduAsync()).Type);
        }

        (caller, _, _) = await AcceptAsync(reborn, role: false);
        using (caller)
            Assert.Equal(Release, (await caller.ReadPduAsync()).Type);
    }

    /// <returns>The status of the answer.</returns>
    private static Task<int> AskAsync(RawAssociation peer, string transaction, params (string Class, string Instance)[] references) =>
        AskAsync(peer, Request(transaction, references));

    private static async Task<int> AskAsync(RawAssociation peer, byte[] request, ushort action = 1, string instance = WellKnown)
    {
        await SendAsync(peer, request, action, instance);
        var (_, command, _) = await peer.ReadMessageAsync();
        Assert.Equal(0x8130, Number(command, 0x0100));
        return Number(command, 0x0900);
    }

    private static async Task SendAsync(RawAssociation peer, byte[] request, ushort action = 1, string instance = WellKnown)
    {
        byte[] command =
        [
            .. Element(0, 0x0003, Model), .. Element(0, 0x0100, Action), .. Element(0, 0x0110, 7), .. Element(0, 0x0800, 0), .. Element(0, 0x1001, instance), .. Element(0, 0x1008, action),
        ];

        // In PDUs that the archive takes.
        await peer.SendAsync(4, Fragment(1, command, isCommand: true));
        foreach (var part in request.Chunk(65536).Index())
            await peer.SendAsync(4, Fragment(1, part.Item, isCommand: false, isLast: (part.Index + 1) * 65536 >= request.Length));
    }

    private static byte[] Request(string transaction, params (string Class, string Instance)[] references)
    {
        var request = new DicomDataset().AddOrUpdate(DicomTag.TransactionUID, transaction);
        request.AddOrUpdate(
            DicomTag.ReferencedSOPSequence,
            [
                .. references.Select(one => new DicomDataset()
                    .AddOrUpdate(DicomTag.ReferencedSOPClassUID, one.Class).AddOrUpdate(DicomTag.ReferencedSOPInstanceUID, one.Instance.Split('\\'))),
            ]);
        var bytes = new ArrayBufferWriter<byte>();
        DicomWriter.WriteDataset(bytes, request, DicomTransferSyntax.ImplicitVRLittleEndian);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Takes a report, and answers it with success.</summary>
    private static async Task<(int EventType, DicomDataset Information)> ReportAsync(
        RawAssociation peer, string transaction, byte context = 1, DicomTransferSyntax? syntax = null)
    {
        var (_, command, dataset) = await peer.ReadMessageAsync();
        Assert.Equal(Report, Number(command, 0x0100));
        var uid = Encoding.ASCII.GetBytes((syntax ?? DicomTransferSyntax.ImplicitVRLittleEndian).UID);
        byte[] file = [.. new byte[128], .. "DICM"u8, 2, 0, 0x10, 0, .. "UI"u8, (byte)(uid.Length + (uid.Length % 2)), 0, .. uid, .. new byte[uid.Length % 2], .. dataset];
        var information = (await DicomFile.OpenAsync(new MemoryStream(file))).Dataset;
        Assert.Equal(transaction, information.GetString(DicomTag.TransactionUID));
        await peer.SendMessageAsync(context, Command(ReportResponse, (ushort)Number(command, 0x0110), Model, false, Element(0, 0x0900, (ushort)0)));
        return (Number(command, 0x1002), information);
    }

    private static IEnumerable<(string, string)> References(DicomDataset information, DicomTag sequence) => information.GetSequence(sequence)!.Items
        .Select(item => (item.GetString(DicomTag.ReferencedSOPClassUID)!, item.GetString(DicomTag.ReferencedSOPInstanceUID)!));
}
