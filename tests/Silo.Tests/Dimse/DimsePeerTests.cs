using System.Net;
using System.Security.Cryptography.X509Certificates;
using SecureStore.Contracts.Servers;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Policy;
using SecureStore.Silo.Dimse;

namespace SecureStore.Silo.Tests.Dimse;

public sealed class DimsePeerTests : IDisposable
{
    private readonly TestAuthority authority = new();

    [Fact]
    public void Of_an_authority_s_certificates_those_count_that_are_for_clients_and_in_force()
    {
        var peer = Peer(X509Certificate2.CreateFromPem(authority.Pem));
        using var another = new TestAuthority();
        Assert.True(IsShown(peer, authority.Certify("reader")));
        Assert.True(IsShown(peer, authority.Certify("reader", purposes: TestAuthority.ClientAuthentication)));
        Assert.False(IsShown(peer, authority.Certify("web", purposes: TestAuthority.ServerAuthentication)));
        Assert.False(IsShown(peer, authority.Certify("reader", DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(-1))));
        Assert.False(IsShown(peer, authority.Certify("reader", DateTimeOffset.UtcNow.AddDays(1), DateTimeOffset.UtcNow.AddDays(9))));
        Assert.False(IsShown(peer, another.Certify("reader")));
        Assert.False(IsShown(peer, authority.CertifyWith(new X509BasicConstraintsExtension(true, false, 0, true))));
        Assert.False(peer.Is("PEER", new DicomPeer(new IPEndPoint(IPAddress.Loopback, 1), null, IsEncrypted: true)));
    }

    [Fact]
    public void A_certificate_that_is_named_itself_is_shown_itself_and_by_nobody_else_of_its_authority()
    {
        using var own = authority.Certify("reader");
        Assert.True(IsShown(Peer(own), X509CertificateLoader.LoadCertificate(own.RawData)));
        Assert.False(IsShown(Peer(own), authority.Certify("reader")));
    }

    [Theory]
    [InlineData("PEER", true)]
    [InlineData("peer", false)]
    [InlineData("PEER ", false)]
    [InlineData("PEER?", false)]
    public void An_AE_title_is_compared_letter_by_letter(string title, bool isIt) =>
        Assert.Equal(isIt, Peer(null).Is(title, new DicomPeer(new IPEndPoint(IPAddress.Loopback, 1), null, IsEncrypted: false)));

    public void Dispose() => authority.Dispose();

    private static bool IsShown(DimsePeer peer, X509Certificate2 shown)
    {
        using (shown)
        {
            return peer.Is("PEER", new DicomPeer(new IPEndPoint(IPAddress.Loopback, 1), shown, IsEncrypted: true));
        }
    }

    private static DimsePeer Peer(X509Certificate2? certificate) => new()
    {
        AeTitle = "PEER",
        Addresses = [],
        Certificate = certificate,
        Policy = PolicyActions.Store,
        Purpose = "TREAT",
        Issuer = "",
        Destination = null,
        DestinationAuthority = null,
    };
}
