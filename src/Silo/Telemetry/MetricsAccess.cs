using System.Net;
using SecureStore.Grains.Policy;
using SecureStore.Silo.Hosting;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Telemetry;

/// <summary>
/// Who may read /metrics: there is no patient in it, but how much goes on. A token with the action administer, everywhere; and callers of
/// this machine without one, where Metrics:Loopback says so.
/// </summary>
internal sealed record MetricsAccess(bool Loopback)
{
    public const string Policy = "Metrics";

    private const string Setting = "Metrics:Loopback";

    /// <summary>What a proxy on this machine adds to the requests of others.</summary>
    private static readonly string[] Forwarded = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    /// <exception cref="SettingException">The setting is neither true nor false.</exception>
    public static MetricsAccess Read(IConfiguration configuration) => configuration[Setting] is not { } value
        ? new MetricsAccess(false)
        : bool.TryParse(value, out var loopback)
            ? new MetricsAccess(loopback)
            : throw new SettingException($"{Setting} must be false or true, not '{value}'.");

    public void AddPolicy(IServiceCollection services) => services.AddAuthorizationBuilder().AddPolicy(
        Policy, policy => policy.RequireAssertion(context => context.Resource is HttpContext request && Allows(request)));

    internal bool Allows(HttpContext request) =>
        request.Features.Get<CallerToken>() is { } caller
            ? caller.Token.AllowsEverywhere(PolicyActions.Administer)
            : Loopback && IsLoopback(request.Connection.RemoteIpAddress) && !Forwarded.Any(request.Request.Headers.ContainsKey);

    private static bool IsLoopback(IPAddress? address) =>
        address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
