using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Silo.DicomWeb;
using SecureStore.Silo.Tests.Search;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Tests.Qido;

/// <summary>QIDO-RS on a port of its own, over a catalog in memory.</summary>
internal sealed class QidoServer : IAuditLog, IPolicyTokens, IAsyncDisposable
{
    private readonly WebApplication app;

    public QidoServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IAuditLog>(this);
        builder.Services.AddSingleton<IPolicyTokens>(this);
        builder.Services.AddSingleton<TimeProvider>(Archive.Clock);
        builder.Services.AddSingleton(Archive.Search);
        app = builder.Build();
        app.Use((context, next) =>
        {
            if (Token is not null)
                context.Features.Set(new CallerToken("raw", Token));

            return next(context);
        });
        app.MapQido();
    }

    public SearchArchive Archive { get; } = new();

    public PolicyToken? Token { get; set; } = SearchArchive.Token(new PolicyLocation.Everything());

    public List<AuditEvent> Events { get; } = [];

    /// <summary>Whether the token that requests come with was revoked since they began.</summary>
    public bool IsRevoked { get; set; }

    public bool AuditIsAway { get; set; }

    public string Address { get; private set; } = "";

    public HttpClient Client { get; } = new();

    public ValueTask<PolicyTokenResult> CheckAsync(string raw, CancellationToken cancellation) =>
        ValueTask.FromResult(IsRevoked || Token is null ? PolicyTokenResult.Refused(TokenRefusal.Revoked) : PolicyTokenResult.Valid(Token));

    public static async Task<QidoServer> StartAsync()
    {
        var server = new QidoServer();
        await server.app.StartAsync();
        server.Address = server.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        server.Client.BaseAddress = new($"{server.Address}/dicom-web/");
        return server;
    }

    public async Task<HttpResponseMessage> GetAsync(string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);

        return await Client.SendAsync(request);
    }

    public ValueTask<long> AppendAsync(AuditEvent auditEvent, CancellationToken cancellation)
    {
        if (AuditIsAway)
            throw new StorageUnavailableException("away");

        Events.Add(auditEvent);
        return ValueTask.FromResult(Events.Count - 1L);
    }

    public IAsyncEnumerable<(long Index, AuditEvent Event)> ReadAsync(long from, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<(long Size, byte[] RootHash)> HeadAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        Client.Dispose();
        Archive.Dispose();
    }
}
