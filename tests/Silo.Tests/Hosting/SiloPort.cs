using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Tests.Hosting;

/// <summary>
/// A real socket behind the silo port's middleware: whoever gets through is greeted, and hears his own words. The greeting is what a
/// stranger must not read.
/// </summary>
internal sealed class SiloPort : IAsyncDisposable
{
    private readonly WebApplication server;

    private SiloPort(WebApplication server) => this.server = server;

    public static byte[] Greeting => "hello from inside"u8.ToArray();

    public int Port => new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    /// <summary>How many have got through.</summary>
    public int Admitted { get; private set; }

    public static async Task<SiloPort> ListenAsync(SiloTls tls)
    {
        SiloPort? port = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Use(tls.Inbound);
            listen.Run(async connection =>
            {
                port!.Admitted++;
                await connection.Transport.Output.WriteAsync(Greeting);
                await connection.Transport.Input.CopyToAsync(connection.Transport.Output);
            });
        }));
        port = new SiloPort(builder.Build());
        await port.server.StartAsync();
        return port;
    }

    /// <summary>Connects as another silo does.</summary>
    /// <param name="tls">The other silo.</param>
    /// <param name="stay">What it does once it is connected; until that ends, the connection is open.</param>
    /// <returns>What it read first; null where it got no further than the handshake.</returns>
    public Task<byte[]?> ConnectAsync(SiloTls tls, Func<ConnectionContext, Task>? stay = null) => ConnectToAsync(Port, tls, stay);

    /// <inheritdoc cref="ConnectAsync"/>
    public static async Task<byte[]?> ConnectToAsync(int port, SiloTls tls, Func<ConnectionContext, Task>? stay = null)
    {
        byte[]? read = null;
        using var factory = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), NullLogger.Instance);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var connection = factory.Create(socket);
        await tls.Outbound(async secured =>
        {
            try
            {
                var greeting = await secured.Transport.Input.ReadAtLeastAsync(Greeting.Length);
                read = System.Buffers.BuffersExtensions.ToArray(greeting.Buffer);
                secured.Transport.Input.AdvanceTo(greeting.Buffer.End);
                await (stay?.Invoke(secured) ?? Task.CompletedTask);
            }
            catch (IOException)
            {
                read = null;
            }
        })(connection);
        return read is { Length: > 0 } ? read : null;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await server.StopAsync(now.Token);
        await server.DisposeAsync();
    }
}
