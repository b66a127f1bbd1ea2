using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>Associations over TLS, which takes one write at a time.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly SslClientAuthenticationOptions TrustsAll = new() { TargetHost = "archive", RemoteCertificateValidationCallback = (_, _, _, _) => true };

    private readonly X509Certificate2 _certificate = SelfSigned();

    [Fact]
    public async Task An_echo_is_answered()
    {
        await using var server = Serve();
        await using var client = await DicomClient.OpenAsync(TestServer.ClientOptions(server.Port) with { Tls = TrustsAll }, default);
        Assert.Equal(DicomStatus.Success, await client.EchoAsync(default));
    }

    [Fact]
    public async Task A_client_that_does_not_trust_the_server_has_no_association()
    {
        await using var server = Serve();
        var options = TestServer.ClientOptions(server.Port) with { Tls = new() { TargetHost = "archive" } };
        await Assert.ThrowsAsync<DicomClientException>(() => DicomClient.OpenAsync(options, default));
    }

    [Fact]
    public async Task A_release_while_a_find_writes_is_granted()
    {
        await using var server = Serve();
        await using var peer = await TestPeer.ConnectAsync(server.Port, TrustsAll);
        await peer.AssociateAsync();
        await peer.QueryAsync(5, DicomCommandField.CFindRequest, messageId: 1);
        for (var i = 0; i < 100; i++)
            await (await peer.ReceiveAsync()).ReadDatasetAsync(default);

        var last = (await peer.ReleaseAsync())[^1];
        Assert.Equal(DicomStatus.Cancel, last);
        Assert.Null(await server.Provider.Ended);
    }

    public void Dispose() => _certificate.Dispose();

    private TestServer Serve() => new(new TestProvider { OnFind = Endless }, tls: new() { ServerCertificate = _certificate });

    /// <summary>Matches for as long as nobody says otherwise.</summary>
    private static async IAsyncEnumerable<DicomResponse> Endless([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
            yield return TestProvider.Match;
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=archive", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
