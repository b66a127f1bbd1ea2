using System.Collections.Frozen;
using System.Diagnostics;
using OpenTelemetry;

namespace SecureStore.Silo.Telemetry;

/// <summary>
/// Frameworks write paths, queries, addresses, messages of exceptions and what callers sent into their spans. Only the attributes named
/// here leave, by name, whoever wrote them; a span that says more in its events is not exported.
/// </summary>
internal sealed class DiscreetSpans : BaseProcessor<Activity>
{
    private static readonly FrozenSet<string> Kept = FrozenSet.Create(
        StringComparer.Ordinal,
        "http.request.method", "http.response.status_code", "http.route", "url.scheme", "network.protocol.version", "error.type",
        "http.request.resend_count", "rpc.system", "rpc.system.name", "rpc.service", "orleans.rpc.service", "rpc.method", "az.namespace",
        "status", "exception.type");

    private static readonly FrozenSet<string> Methods = FrozenSet.Create(
        StringComparer.Ordinal, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    public override void OnEnd(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Events.Any() || data.Links.Any(link => link.Tags?.Any() == true))
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }

        foreach (var (name, _) in data.TagObjects.Where(tag => !Kept.Contains(tag.Key)).ToList())
        {
            data.SetTag(name, null);
        }

        if (data.GetTagItem("http.request.method") is string method && data.Kind is ActivityKind.Server)
        {
            var known = Methods.Contains(method) ? method : "HTTP";
            data.SetTag("http.request.method", known == method ? method : "_OTHER");
            data.DisplayName = data.GetTagItem("http.route") is string route ? $"{known} {route}" : known;
        }

        data.SetStatus(data.Status);
        data.TraceStateString = null;
    }
}
