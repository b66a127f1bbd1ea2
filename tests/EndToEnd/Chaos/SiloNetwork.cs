using System.Globalization;
using System.Net;

namespace SecureStore.EndToEnd.Chaos;

/// <summary>
/// A network of three machines: each silo in a network namespace, plugged into a bridge in one more, to which this machine is plugged
/// with two addresses: of the database, and of the blob store. Its cables can be unplugged; and between two addresses packets can be
/// lost in silence, when each takes a hardware address for the other's that nobody has.
/// </summary>
internal sealed class SiloNetwork : IAsyncDisposable
{
    private const int Port = 8080;
    private const int Machine = 1;
    private const int Blobs = 2;
    private const int FirstSilo = 3;
    private const string Nobody = "02:00:00:00:00:01";

    private static readonly int Process = Environment.ProcessId;

    private readonly List<string> namespaces = [];

    private SiloNetwork()
    {
    }

    public string Database => Address(Machine);

    public string BlobStore => Address(Blobs);

    private static string Switch => $"securestore-{Process}";

    private static string Cable => $"ss{Process}";

    /// <summary>Null where this user may make no namespaces.</summary>
    public static async Task<SiloNetwork?> TryMakeAsync(int silos)
    {
        if (!Environment.IsPrivilegedProcess || (await RunAsync("netns", "add", Switch)).ExitCode != 0)
        {
            return null;
        }

        var network = new SiloNetwork();
        network.namespaces.Add(Switch);
        try
        {
            await IpAsync($"-n {Switch} link add bridge type bridge");
            await IpAsync($"-n {Switch} link set bridge up");
            await IpAsync($"link add {Cable} type veth peer name machine netns {Switch}");
            await network.PlugAsync("machine");
            await IpAsync($"address add {Address(Machine)}/28 dev {Cable}");
            await IpAsync($"address add {Address(Blobs)}/28 dev {Cable}");
            await IpAsync($"link set {Cable} up");
            for (var silo = 0; silo < silos; silo++)
            {
                var own = network.NamespaceOf(silo);
                await IpAsync($"netns add {own}");
                network.namespaces.Add(own);
                await IpAsync($"-n {own} link set lo up");
                await IpAsync($"-n {own} link add eth0 type veth peer name silo{silo} netns {Switch}");
                await network.PlugAsync($"silo{silo}");
                await IpAsync($"-n {own} address add {network.AddressOf(silo)}/28 dev eth0");
                await IpAsync($"-n {own} link set eth0 up");
            }

            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public string NamespaceOf(int silo) => $"{Switch}-{silo}";

    public string AddressOf(int silo) => Address(FirstSilo + silo);

    public string UrlOf(int silo) => $"http://{AddressOf(silo)}:{Port}";

    /// <summary>The silo reaches nobody, and nobody it.</summary>
    public Task UnplugAsync(int silo) => IpAsync($"-n {Switch} link set silo{silo} down");

    public Task PlugInAsync(int silo) => IpAsync($"-n {Switch} link set silo{silo} up");

    /// <summary>No packet goes between two silos any more; each still reaches the database, the blob store and its callers.</summary>
    public async Task PartAsync(int one, int other)
    {
        await LoseAsync(one, AddressOf(other));
        await LoseAsync(other, AddressOf(one));
    }

    public async Task JoinAsync(int one, int other)
    {
        await FindAsync(one, AddressOf(other));
        await FindAsync(other, AddressOf(one));
    }

    /// <summary>What a silo sends to the blob store is lost.</summary>
    public Task CutOffBlobStoreAsync(int silo) => LoseAsync(silo, BlobStore);

    public Task JoinBlobStoreAsync(int silo) => FindAsync(silo, BlobStore);

    public async ValueTask DisposeAsync()
    {
        // The cables go with the namespaces.
        foreach (var one in namespaces)
        {
            await RunAsync("netns", "delete", one);
        }
    }

    /// <summary>Of a network for measurements (RFC 2544), 16 addresses for each process.</summary>
    private static string Address(int host)
    {
        var address = (198 << 24) + (18 << 16) + (Process % 8192 * 16) + host;
        return new IPAddress(IPAddress.HostToNetworkOrder(address) & uint.MaxValue).ToString();
    }

    private async Task PlugAsync(string cable)
    {
        await IpAsync($"-n {Switch} link set {cable} master bridge");
        await IpAsync($"-n {Switch} link set {cable} up");
    }

    private Task LoseAsync(int silo, string address) =>
        IpAsync($"-n {NamespaceOf(silo)} neighbour replace {address} lladdr {Nobody} dev eth0 nud permanent");

    private Task FindAsync(int silo, string address) => IpAsync($"-n {NamespaceOf(silo)} neighbour delete {address} dev eth0");

    private static async Task IpAsync(string command)
    {
        var (exitCode, _, errors) = await RunAsync(command.Split(' '));
        if (exitCode != 0)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"ip {command}: {exitCode} {errors}"));
        }
    }

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) => Programs.RunAsync("ip", arguments, "/");
}
