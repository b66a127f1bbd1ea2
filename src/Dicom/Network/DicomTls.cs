using System.Net.Security;

namespace SecureStore.Dicom.Network;

/// <summary>What DICOM asks of TLS (PS3.15 B.12: BCP 195).</summary>
public static class DicomTls
{
    private static readonly TlsCipherSuite[] Suites =
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    /// <summary>Ephemeral keys and authenticated encryption only (RFC 9325 4.2); null on Windows, where the system says so.</summary>
    public static CipherSuitesPolicy? CipherSuites() => OperatingSystem.IsWindows() ? null : new CipherSuitesPolicy(Suites);
}
