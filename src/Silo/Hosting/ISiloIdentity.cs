using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace SecureStore.Silo.Hosting;

/// <summary>Who this silo is to the others, and whom it takes for one of them.</summary>
internal interface ISiloIdentity
{
    /// <summary>The DNS name that every silo's certificate carries.</summary>
    string ClusterName { get; }

    /// <summary>This silo's certificate, with its key and what leads up to the authority; for one handshake, the next may want another.</summary>
    SslStreamCertificateContext Certificate { get; }

    /// <summary>A policy of its own for each handshake: whom to trust, and that nothing is fetched from an address that a certificate names.</summary>
    X509ChainPolicy NewPolicy();

    /// <summary>Whether the other end is one of us. <paramref name="errors"/> is what the policy found.</summary>
    bool IsMember(X509Certificate2 certificate, SslPolicyErrors errors);

    /// <summary>Whether a silo that was one of us when it connected still is.</summary>
    bool IsStillMember(SiloPeer peer);
}

/// <summary>The other end of a connection: its certificate, and those that led up from it.</summary>
internal sealed record SiloPeer(byte[] Certificate, IReadOnlyList<byte[]> Chain);
