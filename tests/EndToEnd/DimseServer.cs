using SecureStore.Contracts.Servers;

namespace SecureStore.EndToEnd;

/// <summary>An archive that listens for associations, and the peers that others' programs play.</summary>
internal sealed class DimseServer : IAsyncDisposable
{
    public const string AeTitle = "SECURESTORE";

    private readonly TemporaryFolder folder;
    private readonly TestAuthority authority;

    private readonly string[] settings;

    private DimseServer(TemporaryFolder folder, TestAuthority authority, ServerProcess server, int port, string[] settings) =>
        (this.folder, this.authority, Server, Port, this.settings) = (folder, authority, server, port, settings);

    public ServerProcess Server { get; private set; }

    public int Port { get; }

    /// <summary>For what the programs read and write.</summary>
    public string Folder => folder.Path;

    /// <summary>STORER is known by AE title and address; READER by its certificate; DESTINATION takes what C-MOVE sends.</summary>
    /// <param name="destinationPort">Where DESTINATION listens; 0 for no such peer.</param>
    /// <param name="readerPort">Where READER takes what C-MOVE sends; 0 for nowhere.</param>
    /// <param name="destinationTls">Whether they listen with TLS.</param>
    /// <param name="more">Section:Key=value.</param>
    public static async Task<DimseServer> StartAsync(
        bool tls = false, int destinationPort = 0, int readerPort = 0, bool destinationTls = false, params string[] more)
    {
        var folder = new TemporaryFolder();
        var authority = new TestAuthority();
        var authorityFile = authority.WriteAuthority(folder.Path);
        using var own = authority.Certify("localhost");
        using var readers = authority.Certify("localhost");
        using var elsewhere = authority.Certify("elsewhere");
        var (certificate, key) = TestAuthority.Write(folder.Path, "archive", own);
        var (reader, _) = TestAuthority.Write(folder.Path, "reader", readers);
        TestAuthority.Write(folder.Path, "elsewhere", elsewhere);
        var port = ServerProcess.FreePort();
        string[] settings =
        [
            $"Dimse:Port={port}",
            "Dimse:Peers:0:AeTitle=STORER", "Dimse:Peers:0:Addresses:0=127.0.0.1",
            .. tls
                ? new[]
                {
                    $"Dimse:Certificate={certificate}", $"Dimse:CertificateKey={key}",
                    "Dimse:Peers:1:AeTitle=READER", $"Dimse:Peers:1:Certificate={reader}", "Dimse:Peers:1:Policy=store,search,read",
                }
                : [],
            .. Destination(1, readerPort),
            .. destinationPort > 0 ? new[] { "Dimse:Peers:2:AeTitle=DESTINATION", "Dimse:Peers:2:Addresses:0=127.0.0.1" } : [],
            .. Destination(2, destinationPort),
            .. more,
        ];
        return new DimseServer(folder, authority, await ServerProcess.StartAsync(folder.Path, settings), port, settings);

        string[] Destination(int peer, int at) => at == 0 ? []
            : [$"Dimse:Peers:{peer}:Host=localhost", $"Dimse:Peers:{peer}:Port={at}", .. destinationTls ? new[] { $"Dimse:Peers:{peer}:DestinationAuthority={authorityFile}" } : []];
    }

    /// <summary>Starts it again after its end.</summary>
    public async Task StartAgainAsync()
    {
        await Server.DisposeAsync();
        Server = await ServerProcess.StartAsync(folder.Path, settings);
    }

    public string File(string name) => Path.Combine(folder.Path, name);

    /// <summary>Runs one of dcmtk's programs against the archive.</summary>
    /// <param name="callingAE">What it calls itself.</param>
    /// <param name="options">What goes before the host and the port.</param>
    /// <param name="files">What goes after them.</param>
    public Task<(int ExitCode, string Output)> RunAsync(string program, string callingAE, string[] options, params string[] files) =>
        RunAsync(Port, program, callingAE, options, files);

    /// <summary>As the other, by way of another port.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(int port, string program, string callingAE, string[] options, params string[] files)
    {
        var (exitCode, output, errors) = await Programs.RunAsync(
            program, ["-aec", AeTitle, "-aet", callingAE, .. options, "127.0.0.1", $"{port}", .. files], folder.Path);
        return (exitCode, output + errors);
    }

    /// <summary>Options of a TLS connection with the certificate of that name.</summary>
    public string[] Tls(string name) => ["+tls", File(name + ".key"), File(name + ".pem"), "+cf", File("authority.pem")];

    public async Task<ArchiveClient> ClientAsync() => await new ArchiveClient(Server.Url, Server.KeysPath).WithTokenAsync();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        authority.Dispose();
        folder.Dispose();
    }
}
