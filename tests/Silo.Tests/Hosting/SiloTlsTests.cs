using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts.Servers;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Tests.Hosting;

/// <summary>Who gets through the silo port, on real sockets with certificates of real authorities.</summary>
public sealed class SiloTlsTests : IDisposable
{
    private const string Id = "hospital-7";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("silo-tls");
    private readonly TestAuthority authority = new();
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Two_silos_of_one_cluster_hear_each_other()
    {
        await using var port = await SiloPort.ListenAsync(Silo("one"));
        Assert.Equal(SiloPort.Greeting, await port.ConnectAsync(Silo("two")));
    }

    [Theory]
    [InlineData("of another authority")]
    [InlineData("expired")]
    [InlineData("not yet good")]
    [InlineData("of another cluster")]
    [InlineData("without a name")]
    [InlineData("for servers only")]
    [InlineData("self-signed")]
    [InlineData("none")]
    public async Task A_stranger_reads_nothing(string certificate)
    {
        using var another = new TestAuthority();
        using var shown = certificate switch
        {
            "of another authority" => another.Certify(Id),
            "expired" => authority.Certify(Id, until: DateTimeOffset.UtcNow.AddMinutes(-1)),
            "not yet good" => authority.Certify(Id, from: DateTimeOffset.UtcNow.AddHours(1)),
            "of another cluster" => authority.Certify("hospital-8"),
            "without a name" => authority.Certify(null),
            "for servers only" => authority.Certify(Id, null, null, TestAuthority.ServerAuthentication),
            "self-signed" => SelfSigned(),
            _ => null,
        };
        await using var port = await SiloPort.ListenAsync(Silo("one"));
        Assert.Empty(await ReadAsStrangerAsync(port.Port, shown));
        Assert.Equal(0, port.Admitted);
    }

    [Fact]
    public async Task Not_even_a_member_gets_in_by_TLS_1_2_or_in_the_clear()
    {
        using var member = authority.Certify(Id);
        await using var port = await SiloPort.ListenAsync(Silo("one"));
        Assert.Empty(await ReadAsStrangerAsync(port.Port, member, SslProtocols.Tls12));
        Assert.Equal(SiloPort.Greeting, await ReadAsStrangerAsync(port.Port, member));

        using var plain = new TcpClient();
        await plain.ConnectAsync(IPAddress.Loopback, port.Port);
        await plain.GetStream().WriteAsync(new byte[64]);
        Assert.DoesNotContain(SiloPort.Greeting[0], await ReadToEndAsync(plain.GetStream()));
        Assert.Equal(1, port.Admitted);
    }

    [Theory]
    [InlineData("of another authority")]
    [InlineData("expired")]
    [InlineData("of another cluster")]
    [InlineData("for clients only")]
    public async Task A_silo_says_nothing_to_a_server_that_is_none_of_the_cluster(string certificate)
    {
        using var another = new TestAuthority();
        using var shown = certificate switch
        {
            "of another authority" => another.Certify(Id),
            "expired" => authority.Certify(Id, until: DateTimeOffset.UtcNow.AddMinutes(-1)),
            "of another cluster" => authority.Certify("hospital-8"),
            _ => authority.Certify(Id, null, null, TestAuthority.ClientAuthentication),
        };
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var stranger = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(client.GetStream());
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await tls.AuthenticateAsServerAsync(shown, clientCertificateRequired: true, SslProtocols.Tls13, checkCertificateRevocation: false);
                Assert.NotEqual(0, await tls.ReadAsync(new byte[64]));
            });
        });
        await using var port = await SiloPort.ListenAsync(Silo("one"));
        Assert.Null(await SiloPort.ConnectToAsync(((IPEndPoint)listener.LocalEndpoint).Port, Silo("two")));
        await stranger;
    }

    [Fact]
    public async Task A_silo_that_stands_alone_lets_nobody_in()
    {
        using var alone = new ProcessIdentity(time);
        using var other = new ProcessIdentity(time);
        using var tls = new SiloTls(alone, time, NullLogger<SiloTls>.Instance);
        using var stranger = new SiloTls(other, time, NullLogger<SiloTls>.Instance);
        await using var port = await SiloPort.ListenAsync(tls);
        Assert.Null(await port.ConnectAsync(stranger));
        Assert.Null(await port.ConnectAsync(Silo("two")));
        Assert.Equal(SiloPort.Greeting, await port.ConnectAsync(tls));
    }

    [Fact]
    public async Task A_new_authority_and_new_certificates_count_without_a_restart()
    {
        var (one, two) = (Silo("one"), Silo("two"));
        await using var port = await SiloPort.ListenAsync(one);
        Assert.NotNull(await port.ConnectAsync(two));

        // First both authorities are trusted, then certificates are exchanged, then the old authority goes.
        using var next = new TestAuthority();
        foreach (var silo in new[] { "one", "two" })
        {
            await File.WriteAllTextAsync(AuthorityFile(silo), authority.Pem + "\n" + next.Pem);
        }

        TestAuthority.Write(folder.FullName, "one", next.Certify(Id));
        Assert.NotNull(await port.ConnectAsync(two));
        TestAuthority.Write(folder.FullName, "two", next.Certify(Id));
        await File.WriteAllTextAsync(AuthorityFile("one"), next.Pem);
        Assert.NotNull(await port.ConnectAsync(two));
        Assert.Null(await port.ConnectAsync(Silo("three")));
    }

    [Fact]
    public async Task Files_that_cannot_be_used_leave_those_before_in_use()
    {
        var (one, two) = (Silo("one"), Silo("two"));
        await using var port = await SiloPort.ListenAsync(one);
        using var another = new TestAuthority();
        foreach (var useless in new[] { "", "half a certif", another.Certify(Id).ExportCertificatePem(), authority.Certify("hospital-8").ExportCertificatePem() })
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "two.pem"), useless);
            Assert.NotNull(await port.ConnectAsync(two));
        }
    }

    [Fact]
    public async Task A_connection_ends_when_its_authority_is_not_trusted_any_more()
    {
        var (one, two) = (Silo("one"), Silo("two"));
        await using var port = await SiloPort.ListenAsync(one);
        Assert.NotNull(await port.ConnectAsync(two, async connection =>
        {
            time.Advance(SiloTls.CheckInterval);
            await connection.Transport.Output.WriteAsync("still there"u8.ToArray());
            connection.Transport.Input.AdvanceTo((await connection.Transport.Input.ReadAsync()).Buffer.End);

            using var next = new TestAuthority();
            TestAuthority.Write(folder.FullName, "one", next.Certify(Id));
            await File.WriteAllTextAsync(AuthorityFile("one"), next.Pem);
            time.Advance(SiloTls.CheckInterval);
            await Assert.ThrowsAnyAsync<IOException>(async () =>
            {
                var end = await connection.Transport.Input.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
                throw end.IsCompleted && end.Buffer.IsEmpty ? new IOException() : new InvalidOperationException("The connection is still open.");
            });
        }));
    }

    [Fact]
    public async Task A_connection_ends_with_its_certificate()
    {
        var (one, two) = (Silo("one"), Silo("two"));
        await using var port = await SiloPort.ListenAsync(one);
        await port.ConnectAsync(two, async connection =>
        {
            time.Advance(TimeSpan.FromDays(2));
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                var end = await connection.Transport.Input.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
                throw end.IsCompleted && end.Buffer.IsEmpty ? new IOException() : new InvalidOperationException("The connection is still open.");
            });
        });
        Assert.Null(await port.ConnectAsync(two));
    }

    [Theory]
    [InlineData("expired", "Cluster:Certificate:")]
    [InlineData("another authority", "Cluster:Certificate:")]
    [InlineData("another name", "Cluster:Certificate:")]
    [InlineData("clients only", "Cluster:Certificate:")]
    [InlineData("no certificate", "Cluster:Certificate:")]
    [InlineData("no key", "Cluster:CertificateKey:")]
    [InlineData("another key", "Cluster:CertificateKey:")]
    [InlineData("open key", "Cluster:CertificateKey:")]
    [InlineData("no authority", "Cluster:Authority:")]
    [InlineData("garbage", "Cluster:Authority:")]
    public void A_certificate_that_the_others_would_refuse_stops_the_start(string what, string setting)
    {
        var settings = Settings("one");
        using var another = new TestAuthority();
        using var shown = what switch
        {
            "expired" => authority.Certify(Id, until: DateTimeOffset.UtcNow.AddMinutes(-1)),
            "another authority" => another.Certify(Id),
            "another name" => authority.Certify("hospital-8"),
            "clients only" => authority.Certify(Id, null, null, TestAuthority.ClientAuthentication),
            _ => authority.Certify(Id),
        };
        TestAuthority.Write(folder.FullName, "one", shown);
        switch (what)
        {
            case "no certificate": File.Delete(settings.Certificate); break;
            case "no key": File.Delete(settings.CertificateKey); break;
            case "another key": File.Copy(Settings("two").CertificateKey, settings.CertificateKey, overwrite: true); break;
            case "open key": File.SetUnixFileMode(settings.CertificateKey, (UnixFileMode)0b110_000_100); break;
            case "no authority": File.Delete(settings.Authority); break;
            case "garbage": File.WriteAllText(settings.Authority, "-----BEGIN CERTIFICATE-----\nZ\n-----END CERTIFICATE-----"); break;
        }

        var wrong = Assert.Throws<SettingException>(() => new ClusterIdentity(settings, time, NullLogger<ClusterIdentity>.Instance));
        Assert.StartsWith(setting, wrong.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Delete(recursive: true);
    }

    private SiloTls Silo(string name) =>
        new(new ClusterIdentity(Settings(name), time, NullLogger<ClusterIdentity>.Instance), time, NullLogger<SiloTls>.Instance);

    private ClusterSettings Settings(string name)
    {
        using var certificate = authority.Certify(Id);
        var (certificateFile, keyFile) = TestAuthority.Write(folder.FullName, name, certificate);
        return new ClusterSettings
        {
            Id = Id, Database = "", Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Certificate = certificateFile, CertificateKey = keyFile,
            Authority = authority.WriteAuthority(folder.FullName, name + "-authority"),
        };
    }

    private string AuthorityFile(string silo) => Path.Combine(folder.FullName, silo + "-authority.pem");

    private static X509Certificate2 SelfSigned()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        var request = new CertificateRequest("CN=silo", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Id);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>Connects with TLS of its own, trusting everybody.</summary>
    private static async Task<byte[]> ReadAsStrangerAsync(int port, X509Certificate2? certificate, SslProtocols protocols = SslProtocols.Tls13)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = Id,
                EnabledSslProtocols = protocols,
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            });
            var buffer = new byte[SiloPort.Greeting.Length];
            return buffer[..await tls.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false).AsTask().WaitAsync(TimeSpan.FromSeconds(30))];
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            return [];
        }
    }

    private static async Task<byte[]> ReadToEndAsync(Stream stream)
    {
        using var read = new MemoryStream();
        try
        {
            await stream.CopyToAsync(read).WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (IOException)
        {
        }

        return read.ToArray();
    }
}
