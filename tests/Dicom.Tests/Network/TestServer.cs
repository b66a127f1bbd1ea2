using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>A server on the loopback interface, with one provider for all its associations.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly DicomServer _server;

    public TestServer(TestProvider? provider = null, int maxAssociations = 10, int maxPending = 10, SslServerAuthenticationOptions? tls = null)
    {
        Provider = provider ?? new();
        var options = new DicomServerOptions
        {
            EndPoints = [new(IPAddress.Loopback, 0)],
            MaxAssociations = maxAssociations,
            MaxPending = maxPending,
            Tls = tls,
        };
        _server = new DicomServer(options, _ => Provider, (_, failure) => Refused.Enqueue(failure));
        _server.Start();
    }

    public TestProvider Provider { get; }

    public ConcurrentQueue<Exception> Refused { get; } = [];

    public int Port => _server.EndPoints[0].Port;

    public int Associations => _server.Associations;

    public Task<TestPeer> ConnectAsync() => TestPeer.ConnectAsync(Port);

    /// <summary>A peer with contexts 1 (verification), 3 (storage), 5 (find), 7 (get) and 9, which is not accepted.</summary>
    public async Task<TestPeer> AssociateAsync(uint maxPduLength = 0)
    {
        var peer = await ConnectAsync();
        await peer.AssociateAsync(maxPduLength);
        return peer;
    }

    public static DicomClientOptions ClientOptions(int port) => new()
    {
        Host = "127.0.0.1",
        Port = port,
        CalledAE = "ARCHIVE",
        CallingAE = "TEST",
        Contexts = [(TestProvider.Verification, [TestProvider.Implicit]), (TestProvider.Storage, [TestProvider.Implicit])],
    };

    public Task<DicomClient> OpenClientAsync() => DicomClient.OpenAsync(ClientOptions(Port), default);

    public Task StopAsync(CancellationToken patience) => _server.StopAsync(patience);

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
