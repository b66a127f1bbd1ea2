using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using SecureStore.Contracts.Servers;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.EndToEnd;

/// <summary>What peers store is sent on by the rules of Dimse:Forward.</summary>
public class DimseForwardTests
{
    private const string CtStorage = "1.2.840.10008.5.1.4.1.1.2";

    [Fact]
    public async Task What_a_rule_names_is_sent_on_after_a_kill_and_nothing_else_is()
    {
        var port = ServerProcess.FreePort();
        using var folder = new TemporaryFolder();
        using var authority = new TestAuthority();
        await using var archive = await DimseServer.StartAsync(
            more:
            [
                "Dimse:Peers:1:AeTitle=OTHER", "Dimse:Peers:1:Addresses:0=127.0.0.1", "Dimse:Peers:2:AeTitle=DESTINATION", "Dimse:Peers:2:Addresses:0=127.0.0.1",
                "Dimse:Peers:2:Host=localhost", $"Dimse:Peers:2:Port={port}", $"Dimse:Peers:2:DestinationAuthority={authority.WriteAuthority(folder.Path)}",
                "Dimse:Forward:0:To=DESTINATION", "Dimse:Forward:0:From:0=STORER", "Dimse:Forward:0:Modalities:0=CT", "Retention:Grace=0.00:00:00",
            ]);
        var (sent, gone, held, other) = (new TestInstance(), new TestInstance(), new TestInstance(), new TestInstance());
        await StoreAsync(archive, "STORER", sent, gone, held, new TestInstance { Modality = "MR" });
        await StoreAsync(archive, "OTHER", other);
        using (var client = await archive.ClientAsync())
        {
            client.Use(await client.TokenAsync("destroy,hold"));
            await AskAsync(client, HttpMethod.Post, $"/api/studies/{gone.Study}/destroy");
            await AskAsync(client, HttpMethod.Put, $"/api/studies/{held.Study}/hold");
        }

        await archive.Server.KillAsync();
        using var certificate = authority.Certify("localhost");
        await using var destination = new Destination(port, certificate);
        await archive.StartAgainAsync();

        // The audit log has the export before the first byte leaves.
        using var auditor = await archive.ClientAsync();
        auditor.Use(await auditor.TokenAsync("audit"));
        var (uid, dataset) = await destination.NextAsync();
        var (_, log) = await auditor.GetAsync("/api/audit/entries?limit=1000", "application/x-ndjson");
        Assert.Contains(
            Encoding.UTF8.GetString(log).Split('\n'),
            line => line.Contains("forward:DESTINATION", StringComparison.Ordinal) && line.Contains(sent.Study, StringComparison.Ordinal) && line.Contains("StudyOpened", StringComparison.Ordinal) && line.Contains("Export", StringComparison.Ordinal));
        destination.Answer(DicomStatus.Success);
        Assert.Equal(sent.Instance, uid);
        Assert.Equal(await DataSetAsync(sent), dataset);

        // What is stored from now on follows at once; the rest has been looked at by then.
        var next = new TestInstance();
        await StoreAsync(archive, "STORER", next);
        Assert.Equal(next.Instance, (await destination.NextAsync()).Uid);
        destination.Answer(DicomStatus.Success);
        await archive.Server.StopAsync();
        Assert.Equal(0, destination.Waiting);
        Assert.Contains("1 instances are not forwarded: their study has expired or is destroyed.", archive.Server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(sent.Study, archive.Server.Output, StringComparison.Ordinal);
    }

    private static async Task AskAsync(ArchiveClient client, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Content = new StringContent("{\"reason\":\"test\"}", Encoding.UTF8, "application/json");
        using var answer = await client.Http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
    }

    private static async Task StoreAsync(DimseServer archive, string callingAE, params TestInstance[] instances)
    {
        await using var client = await DicomClient.OpenAsync(
            new DicomClientOptions
            {
                Host = "127.0.0.1",
                Port = archive.Port,
                CalledAE = DimseServer.AeTitle,
                CallingAE = callingAE,
                Contexts = [(CtStorage, [DicomTransferSyntax.ExplicitVRLittleEndian.UID])],
            },
            default);
        foreach (var instance in instances)
        {
            var dataset = await DataSetAsync(instance);
            var outgoing = new DicomOutgoingInstance(CtStorage, instance.Instance, DicomTransferSyntax.ExplicitVRLittleEndian.UID, dataset.Length)
            {
                WriteAsync = async (target, flush, stop) =>
                {
                    target.Write(dataset);
                    await flush(stop);
                },
            };
            Assert.Equal(0, await client.StoreAsync(outgoing, default));
        }
    }

    private static async Task<byte[]> DataSetAsync(TestInstance instance)
    {
        var file = await instance.FileAsync();
        await using var reader = new DicomStreamReader(new MemoryStream(file));
        await reader.OpenAsync();
        return file[(int)reader.DatasetOffset..];
    }

    /// <summary>Takes instances over TLS, and answers each when the test says so.</summary>
    private sealed class Destination : IAsyncDisposable
    {
        private readonly DicomServer server;
        private readonly Channel<(string Uid, byte[] DataSet)> received = Channel.CreateUnbounded<(string, byte[])>();
        private readonly Channel<ushort> answers = Channel.CreateUnbounded<ushort>();

        public Destination(int port, X509Certificate2 certificate)
        {
            server = new DicomServer(
                new DicomServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, port)], Tls = new SslServerAuthenticationOptions { ServerCertificate = certificate } },
                _ => new Provider(this), (_, _) => { });
            server.Start();
        }

        public int Waiting => received.Reader.Count;

        public async Task<(string Uid, byte[] DataSet)> NextAsync() => await received.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        public void Answer(ushort status) => answers.Writer.TryWrite(status);

        public ValueTask DisposeAsync() => server.DisposeAsync();

        private sealed class Provider(Destination destination) : IDicomServiceProvider, IDicomCStoreProvider
        {
            public ValueTask<DicomAssociationAnswer> OnAssociationRequestAsync(DicomAssociation association, CancellationToken cancellation)
            {
                Assert.Equal(("DESTINATION", DimseServer.AeTitle), (association.CalledAE, association.CallingAE));
                foreach (var context in association.PresentationContexts)
                    context.Accept(context.TransferSyntaxes[0]);

                return new(new DicomAssociationAnswer());
            }

            public async ValueTask<DicomResponse> OnCStoreRequestAsync(DicomMessage request, CancellationToken cancellation)
            {
                var dataset = new MemoryStream();
                await request.Dataset.CopyToAsync(dataset, cancellation);
                destination.received.Writer.TryWrite((request.SOPInstanceUID!, dataset.ToArray()));
                return new DicomResponse(await destination.answers.Reader.ReadAsync(cancellation));
            }

            public void OnAssociationEnded(Exception? failure)
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
