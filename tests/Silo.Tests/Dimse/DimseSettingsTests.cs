using System.Security.Authentication;
using Microsoft.Extensions.Configuration;
using SecureStore.Contracts.Servers;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Dimse;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Tests.Dimse;

public sealed class DimseSettingsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("dimse-settings");
    private readonly TestAuthority authority = new();
    private readonly string certificate;
    private readonly string key;

    public DimseSettingsTests()
    {
        using var own = authority.Certify("localhost");
        (certificate, key) = TestAuthority.Write(folder.FullName, "archive", own);
    }

    [Fact]
    public void A_list_that_is_written_as_one_value_does_not_let_a_peer_call_from_anywhere() =>
        Assert.StartsWith("Dimse:Peers:0:Addresses is a list", Refused(("Addresses", "10.0.0.1"), ("Certificate", certificate)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Certificate:0")]
    [InlineData("Policy:0")]
    [InlineData("DestinationAuthority:File")]
    public void A_value_that_is_written_as_a_list_does_not_leave_a_peer_with_less_to_show(string setting) =>
        Assert.Contains("is one value, not a list", Refused(("Addresses:0", "10.0.0.1"), (setting, "search")), StringComparison.Ordinal);

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    public void All_the_addresses_there_are_make_nobody_known(string network)
    {
        Assert.StartsWith("Dimse:Peers:0:Addresses takes in everybody", Refused(("Addresses:0", network)), StringComparison.Ordinal);
        Assert.Single(Read(("Addresses:0", network), ("Certificate", certificate)).Peers);
    }

    [Fact]
    public void Images_are_not_sent_unencrypted_beyond_this_machine_unless_a_setting_says_so()
    {
        (string, string)[] far = [("Addresses:0", "10.0.0.1"), ("Host", "pacs.example"), ("Port", "104")];
        Assert.Contains("unencrypted beyond this machine", Refused(far), StringComparison.Ordinal);
        var settings = Read([.. far, ("DestinationAuthority", authority.WriteAuthority(folder.FullName))]);
        var tls = DimseDestination.Reach(settings, settings.Peers.Single(), [], TimeProvider.System).Tls!;
        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, tls.EnabledSslProtocols);
        Assert.Equal(OperatingSystem.IsWindows(), tls.CipherSuitesPolicy is null);
        Assert.Single(Read([.. far, ("../../AllowPlaintextBeyondLoopback", "true")]).Peers);
        Assert.Single(Read(("Addresses:0", "10.0.0.1"), ("Host", "127.0.0.1"), ("Port", "104")).Peers);
    }

    [Theory]
    [InlineData("0:To", "NOBODY", "0:To must be the AE title of a peer that has Host and Port")]
    [InlineData("0:From:0", "NOBODY", "0:From: NOBODY is no peer")]
    [InlineData("0:From", "PEER", "0:From is a list")]
    [InlineData("0:Modalities", "CT", "0:Modalities is a list")]
    [InlineData("0:Modalities:0", "", "0:Modalities:0 is empty")]
    [InlineData("0:Modality:0", "CT", "0:Modality is not a setting")]
    public void A_rule_of_forwarding_that_is_written_wrong_sends_nothing(string name, string value, string reason)
    {
        (string, string)[] peer = [("Addresses:0", "10.0.0.1"), ("Host", "127.0.0.1"), ("Port", "104"), ("../../Forward:0:To", "PEER")];
        Assert.Contains("Dimse:Forward:" + reason, Refused([.. peer.Where(one => "../../Forward:" + name != one.Item1), ("../../Forward:" + name, value)]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_of_forwarding_takes_what_it_names_and_nothing_from_where_it_goes()
    {
        (string, string)[] peers = [("Addresses:0", "10.0.0.1"), ("Host", "127.0.0.1"), ("Port", "104"), ("../../Peers:1:AeTitle", "CT1"), ("../../Peers:1:Addresses:0", "10.0.0.2"), ("../../Forward:0:To", "PEER")];
        var ct = new StoreResult(StoreStatus.Stored) { Modality = "CT" };
        var all = Assert.Single(Read(peers).Forward);
        Assert.True(all.Takes("CT1", ct));
        Assert.False(all.Takes("PEER", ct));
        var some = Assert.Single(Read([.. peers, ("../../Forward:0:From:0", "CT1"), ("../../Forward:0:Modalities:0", "CT"), ("../../Forward:0:Modalities:1", "MR")]).Forward);
        Assert.True(some.Takes("CT1", ct));
        Assert.False(some.Takes("CT2", ct));
        Assert.False(some.Takes("CT1", new StoreResult(StoreStatus.Stored)));
        Assert.Empty(Read(peers[..^1]).Forward);
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Delete(recursive: true);
    }

    private string Refused(params (string Name, string Value)[] peer) => Assert.Throws<SettingException>(() => Read(peer)).Message;

    private DimseSettings Read(params (string Name, string Value)[] peer) => DimseSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(
    [
        new("Dimse:Certificate", certificate), new("Dimse:CertificateKey", key), new("Dimse:Peers:0:AeTitle", "PEER"),
        .. peer.Select(one => KeyValuePair.Create(one.Name.StartsWith("../", StringComparison.Ordinal) ? "Dimse:" + one.Name["../../".Length..] : "Dimse:Peers:0:" + one.Name, (string?)one.Value)),
    ]).Build());
}
