using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using SecureStore.Contracts.Servers;
using static SecureStore.EndToEnd.RawAssociation;

namespace SecureStore.EndToEnd;

/// <summary>Peers, and those who would be, that do what no peer does.</summary>
public class DimseHostileTests
{
    private const string Verification = "1.2.840.10008.1.1";
    private const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";
    private const string StudyRootFind = "1.2.840.10008.5.1.4.1.2.2.1";
    private const string StudyRootGet = "1.2.840.10008.5.1.4.1.2.2.3";
    private const string PatientRootGet = "1.2.840.10008.5.1.4.1.2.1.3";
    private const ushort Store = 0x0001;
    private const ushort Get = 0x0010;
    private const ushort Find = 0x0020;
    private const ushort Echo = 0x0030;
    private const ushort Cancel = 0x0FFF;

    [Fact]
    public async Task Who_falls_silent_after_an_operation_or_within_one_is_not_waited_for_without_an_end()
    {
        await using var archive = await DimseServer.StartAsync(more: "Dimse:IdleTimeout=00:00:02");
        using var client = await archive.ClientAsync();
        var instance = new TestInstance();
        await client.StoreAsync(null, await instance.FileAsync());
        var token = await client.TokenAsync("search,read");

        // After a search, for which the archive reads ahead.
        using var finder = await ConnectAsync(archive.Port);
        Assert.Equal(2, await finder.AssociateAsync("STORER", [StudyRootFind], token));
        await finder.SendMessageAsync(1, Command(Find, 1, StudyRootFind, true), [.. Element(8, 0x52, "STUDY"), .. Element(0x20, 0xD, "")]);
        Assert.Equal(0xFF00, await finder.StatusAsync());
        Assert.Equal(0, await finder.StatusAsync());

        // And where a C-GET has sent an instance, and hears nothing of it.
        using var getter = await ConnectAsync(archive.Port);
        await BeginGetAsync(getter, instance, token);
        Assert.Equal(Store, Number((await getter.ReadMessageAsync()).Command, 0x0100));
        Assert.Equal(0, (await finder.ReadPduAsync().WaitAsync(TimeSpan.FromSeconds(20))).Type);
        Assert.Equal(0, (await getter.ReadPduAsync().WaitAsync(TimeSpan.FromSeconds(20))).Type);
    }

    [Fact]
    public async Task An_archive_stops_though_an_association_is_idle()
    {
        await using var archive = await DimseServer.StartAsync();
        using var idle = await ConnectAsync(archive.Port);
        Assert.Equal(2, await idle.AssociateAsync("STORER", [Verification]));
        var ended = idle.ReadPduAsync();
        await archive.Server.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(Abort, (await ended).Type);
    }

    [Fact]
    public async Task What_was_negotiated_for_one_SOP_class_is_not_used_for_another()
    {
        await using var archive = await DimseServer.StartAsync();
        using var peer = await ConnectAsync(archive.Port);
        Assert.Equal(2, await peer.AssociateAsync("STORER", [Verification, CtStorage]));
        foreach (var (context, sopClass) in new[] { ((byte)3, "1.2.3.4.5"), ((byte)1, CtStorage) })
        {
            byte[] dataset =
            [
                .. Element(8, 0x16, sopClass), .. Element(8, 0x18, "1.2.99"), .. Element(0x10, 0x20, "P1"), .. Element(0x20, 0xD, "1.2.97"), .. Element(0x20, 0xE, "1.2.98"),
            ];
            await peer.SendMessageAsync(context, Command(Store, 7, sopClass, true, Element(0, 0x1000, "1.2.99")), dataset);
            Assert.Equal(0x0122, await peer.StatusAsync());
        }

        await peer.SendMessageAsync(1, Command(Find, 8, StudyRootFind, true), Element(8, 0x52, "STUDY"));
        Assert.Equal(0x0122, await peer.StatusAsync());
        await peer.SendMessageAsync(1, Command(Echo, 9, Verification, false));
        Assert.Equal(0, await peer.StatusAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fragments_without_a_byte_are_not_read_for_ever(bool ofCommand)
    {
        await using var archive = await DimseServer.StartAsync();
        using var peer = await ConnectAsync(archive.Port);
        Assert.Equal(2, await peer.AssociateAsync("STORER", [CtStorage]));
        if (!ofCommand)
            await peer.SendMessageAsync(1, Command(Store, 1, CtStorage, true, Element(0, 0x1000, "1.2.99")));

        await peer.SendAsync(4, [.. Enumerable.Repeat(Fragment(1, [], ofCommand, isLast: false), 100).SelectMany(one => one)]);
        Assert.Equal(Abort, (await peer.ReadPduAsync().WaitAsync(TimeSpan.FromSeconds(10))).Type);
    }

    [Fact]
    public async Task A_flood_from_one_address_leaves_the_others_their_connections_and_associations()
    {
        await using var archive = await DimseServer.StartAsync(more: ["Dimse:MaxAssociations=4", "Dimse:Peers:0:Addresses:1=127.0.0.2"]);
        using var slow = await ConnectAsync(archive.Port);
        var flood = new List<RawAssociation>();
        try
        {
            for (var i = 0; i < 300; i++)
                flood.Add(await ConnectAsync(archive.Port, "127.0.0.2"));

            for (var i = 296; i < 299; i++)
                Assert.Equal(2, await flood[i].AssociateAsync("STORER", [Verification]));

            Assert.Equal(3, await flood[299].AssociateAsync("STORER", [Verification]));
            Assert.Equal(2, await slow.AssociateAsync("STORER", [Verification]));
        }
        finally
        {
            flood.ForEach(one => one.Dispose());
        }
    }

    [Fact]
    public async Task A_cancel_or_a_release_within_an_instance_puts_nothing_into_its_data_set()
    {
        await using var archive = await DimseServer.StartAsync();
        using var client = await archive.ClientAsync();

        // More than the sockets between the two hold.
        var instance = new TestInstance { Rows = 4000, Columns = 3000 };
        await client.StoreAsync(null, await instance.FileAsync(), await (instance with { Instance = "2.25.4711" }).FileAsync());
        var token = await client.TokenAsync("read");
        using var getter = await ConnectAsync(archive.Port);
        await BeginGetAsync(getter, instance, token);
        var command = (await getter.ReadPduAsync()).Body[6..];
        Assert.Equal(Store, Number(command, 0x0100));
        await getter.SendMessageAsync(1, Command(Cancel, 1, "", false));
        var (context, _, dataset) = await getter.ReadMessageAsync();
        Assert.True(dataset.Length > 24_000_000);
        await getter.SendMessageAsync(context, Command(0x8001, (ushort)Number(command, 0x0110), CtStorage, false, Element(0, 0x0900, (ushort)0)));
        var status = await getter.StatusAsync();
        Assert.True((status == 0xFF00 ? await getter.StatusAsync() : status) == 0xFE00);

        // The association is as good as before.
        await BeginGetAsync(getter, instance, token, isNew: false);
        Assert.Equal(Store, Number((await getter.ReadMessageAsync()).Command, 0x0100));
        await getter.SendAsync(Release, 0, 0, 0, 0);
        Assert.Equal(0xFE00, await getter.StatusAsync());
        Assert.Equal(6, (await getter.ReadPduAsync()).Type);
    }

    [Fact]
    public async Task A_receiver_that_is_silent_does_not_put_off_the_destruction_of_what_it_was_sent()
    {
        await using var archive = await DimseServer.StartAsync(more: "Retention:Grace=0.00:00:00");
        using var client = await archive.ClientAsync();
        var instance = new TestInstance();
        await client.StoreAsync(null, await instance.FileAsync());
        using var getter = await ConnectAsync(archive.Port);
        await BeginGetAsync(getter, instance, await client.TokenAsync("read"));
        Assert.Equal(Store, Number((await getter.ReadMessageAsync()).Command, 0x0100));

        // It could hold a lease for as long as one lasts, which is 30 s.
        client.Use(await client.TokenAsync("destroy"));
        using var reason = JsonContent.Create(new { reason = "test" });
        using var destroyed = await client.Http.PostAsync(new Uri($"/api/studies/{instance.Study}/destroy", UriKind.Relative), reason).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(HttpStatusCode.OK, destroyed.StatusCode);
        Assert.Equal(Abort, (await getter.ReadPduAsync()).Type);
    }

    [Fact]
    public async Task One_patient_ID_of_two_issuers_is_two_patients()
    {
        await using var archive = await DimseServer.StartAsync(more: "Dimse:Peers:0:Issuer=HERE");
        using var client = await archive.ClientAsync();
        var elsewhere = new TestInstance { PatientId = "4711" };
        await client.StoreAsync(null, await elsewhere.FileAsync());
        var token = await client.TokenAsync("search,read");
        using var getter = await ConnectAsync(archive.Port);
        Assert.Equal(2, await getter.AssociateAsync("STORER", [PatientRootGet, CtStorage], token, CtStorage));
        await getter.SendMessageAsync(
            1, Command(Get, 1, PatientRootGet, true), [.. Element(8, 0x52, "PATIENT"), .. Element(0x10, 0x20, "4711"), .. Element(0x10, 0x21, "OTHER")]);
        Assert.Equal(0, await getter.StatusAsync());
        await getter.SendMessageAsync(1, Command(Get, 2, PatientRootGet, true), [.. Element(8, 0x52, "PATIENT"), .. Element(0x10, 0x20, "4711")]);
        Assert.Equal(Store, Number((await getter.ReadMessageAsync()).Command, 0x0100));
    }

    [Fact]
    public async Task Nothing_is_fetched_that_a_stranger_s_certificate_points_to()
    {
        await using var archive = await DimseServer.StartAsync(tls: true, ServerProcess.FreePort());
        using var bait = new TcpListener(IPAddress.Loopback, 0);
        bait.Start();
        var bite = bait.AcceptTcpClientAsync();
        using var authority = new TestAuthority();
        using var shown = authority.CertifyWith(new X509AuthorityInformationAccessExtension(null, [$"http://127.0.0.1:{((IPEndPoint)bait.LocalEndpoint).Port}/ca.crt"]));
        using var stranger = await ConnectAsync(archive.Port);
        await using var secure = new SslStream(stranger.Stream);
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificateContext = SslStreamCertificateContext.Create(shown, null, offline: true),
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });

        // In TLS 1.3 the archive looks at the certificate after that; an answer to nonsense says that it has.
        await secure.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        var answer = new byte[1];
        await secure.ReadExactlyAsync(answer);
        Assert.Equal(Abort, answer[0]);
        Assert.False(bite.IsCompleted);
        bait.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => bite);
    }

    [Fact]
    public async Task An_AE_title_forges_no_line_of_the_log_and_no_command_to_paste()
    {
        await using var archive = await DimseServer.StartAsync();
        foreach (var title in new[] { "$(reboot)", "A\r\nwarn: x", "`id`", "\u001b[31mX", "{0}", "A;B" })
        {
            using var stranger = await ConnectAsync(archive.Port);
            Assert.Equal(3, await stranger.AssociateAsync(title, [Verification]));
        }

        using (var honest = await ConnectAsync(archive.Port))
            Assert.Equal(3, await honest.AssociateAsync("CT-ROOM_1", [Verification]));

        // All that it has printed is there once it has stopped.
        await archive.Server.StopAsync();
        Assert.Contains("Dimse:Peers:1:AeTitle=CT-ROOM_1", archive.Server.Output, StringComparison.Ordinal);
        Assert.Single(archive.Server.Output.Split('\n'), line => line.Contains("To let it store", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', archive.Server.Output);
        Assert.DoesNotContain("\nwarn: x", archive.Server.Output, StringComparison.Ordinal);
    }

    private static async Task BeginGetAsync(RawAssociation getter, TestInstance instance, string token, bool isNew = true)
    {
        if (isNew)
            Assert.Equal(2, await getter.AssociateAsync("STORER", [StudyRootGet, CtStorage], token, CtStorage));

        await getter.SendMessageAsync(1, Command(Get, 1, StudyRootGet, true), [.. Element(8, 0x52, "STUDY"), .. Element(0x20, 0xD, instance.Study)]);
    }
}
