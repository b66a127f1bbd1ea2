using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Hosting;
using SecureStore.Silo.Storage;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Tests.Tokens;

/// <summary>A server with nothing but the issuer and one request that wants a token, on a port and in a folder of its own.</summary>
public sealed class IssuerFixture : IAsyncDisposable
{
    public const string Grants = """[{"type":"securestore_study","actions":["search","read"],"locations":["patient:HOSP:PLANTED%2D1"],"purpose_of_use":"TREAT"}]""";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("issuer");
    private WebApplication app = null!;
    private VaultStart vault = null!;

    public FakeTimeProvider Clock { get; } = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public InMemoryAuditStore AuditStore { get; private set; } = new();

    public HttpClient Http { get; private set; } = null!;

    public string Secret { get; private set; } = "";

    public string Log => log.ToString();

    public string AdminFile => Path.Combine(folder.FullName, "keys", "admin.json");

    private readonly StringBuilder log = new();

    public IServiceProvider Services => app.Services;

    public string DataPath => Path.Combine(folder.FullName, "data");

    public static async Task<IssuerFixture> StartAsync(params (string Key, string Value)[] settings)
    {
        var fixture = new IssuerFixture();
        await fixture.StartServerAsync(settings);
        return fixture;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartServerAsync([]);
    }

    /// <summary>Asks for a token with the admin's credentials, fields replaced or (null) left out.</summary>
    public Task<HttpResponseMessage> AskAsync(params (string Name, string? Value)[] changes) => PostAsync("/oauth2/token", new()
    {
        ["grant_type"] = "client_credentials",
        ["client_id"] = "admin",
        ["client_secret"] = Secret,
        ["authorization_details"] = Grants,
    }, changes);

    public async Task<string> TokenAsync(params (string Name, string? Value)[] changes)
    {
        using var response = await AskAsync(changes);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body + Log);
        return JsonDocument.Parse(body).RootElement.GetProperty("access_token").GetString()!;
    }

    public Task<HttpResponseMessage> RevokeAsync(string token, params (string Name, string? Value)[] changes) => PostAsync("/oauth2/revoke", new()
    {
        ["token"] = token,
        ["client_id"] = "admin",
        ["client_secret"] = Secret,
    }, changes);

    public async Task<HttpResponseMessage> CallAsync(string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/guarded");
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        return await Http.SendAsync(request);
    }

    public async Task<List<AuditEvent>> EventsAsync()
    {
        var events = new List<AuditEvent>();
        await foreach (var (_, auditEvent) in app.Services.GetRequiredService<IAuditLog>().ReadAsync(0, default))
            events.Add(auditEvent);
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, Dictionary<string, string?> fields, (string Name, string? Value)[] changes)
    {
        foreach (var (name, value) in changes)
            fields[name] = value;
        using var content = new FormUrlEncodedContent(fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Key, field.Value!)));
        return await Http.PostAsync(path, content);
    }

    private async Task StartServerAsync((string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Path"] = DataPath,
            ["Keys:Path"] = Path.Combine(folder.FullName, "keys"),
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(new LogInto(log));
        PrivateLogging.Add(builder.Services);
        vault = await VaultStart.OpenAsync(Settings.Read(builder.Configuration), Clock);
        builder.Services.AddSingleton<TimeProvider>(Clock).AddSingleton(vault.Vault);
        builder.Services.AddEmbeddedAudit(DataPath).AddSingleton<IAuditStore>(AuditStore);
        builder.Services.AddTokens(builder.Configuration);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/guarded", (HttpContext context) => context.Features.Get<CallerToken>()!.Token.Id).RequireAuthorization();
        await app.Services.OpenAuditAsync(vault.IsFirst);
        if (vault.IsFirst)
            await AdminClient.CreateAsync(Path.Combine(folder.FullName, "keys"), app.Services.GetRequiredService<TokenStore>());
        await app.StartAsync();
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Secret = JsonDocument.Parse(await File.ReadAllTextAsync(AdminFile)).RootElement.GetProperty("client_secret").GetString()!;
    }

    private async Task StopAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
        await vault.DisposeAsync();
    }

    private sealed class LogInto(StringBuilder log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (log)
                log.AppendLine(formatter(state, exception)).AppendLine(exception?.ToString());
        }

        public void Dispose()
        {
        }
    }
}
