using System.Diagnostics;
using SecureStore.Silo.Telemetry;

namespace SecureStore.Silo.Tests.Telemetry;

/// <summary>What frameworks say of a request stays inside, whatever they call it.</summary>
public sealed class DiscreetSpansTests : IDisposable
{
    private const string Planted = "Planted^Name";

    private readonly DiscreetSpans spans = new();

    [Fact]
    public void Only_attributes_that_are_known_to_say_nothing_leave()
    {
        using var span = Span(ActivityKind.Server);
        foreach (var name in (string[])["url.path", "url.query", "server.address", "user_agent.original", "url.full", "exception.message", "orleans.grain.id", "new.one"])
        {
            span.SetTag(name, Planted);
        }

        span.SetTag("http.route", "/dicom-web/studies/{study}").SetTag("http.request.method", "GET").SetTag("http.response.status_code", 200);
        span.TraceStateString = "vendor=" + Planted;
        span.SetStatus(ActivityStatusCode.Error, Planted);
        spans.OnEnd(span);
        Assert.Equal(["http.request.method", "http.response.status_code", "http.route"], span.TagObjects.Select(tag => tag.Key).Order());
        Assert.Equal("GET /dicom-web/studies/{study}", span.DisplayName);
        Assert.Equal((ActivityStatusCode.Error, null), (span.Status, span.StatusDescription));
        Assert.Null(span.TraceStateString);
        Assert.True(span.Recorded);
    }

    [Fact]
    public void A_request_without_a_route_or_with_a_method_of_its_own_is_named_by_neither()
    {
        using var unrouted = Span(ActivityKind.Server);
        unrouted.DisplayName = "GET /" + Planted;
        spans.OnEnd(unrouted.SetTag("http.request.method", "GET"));
        Assert.Equal("GET", unrouted.DisplayName);

        using var strange = Span(ActivityKind.Server);
        spans.OnEnd(strange.SetTag("http.request.method", Planted));
        Assert.Equal(("HTTP", "_OTHER"), (strange.DisplayName, strange.GetTagItem("http.request.method")));
    }

    [Fact]
    public void A_span_with_events_is_not_exported()
    {
        using var span = Span(ActivityKind.Internal);
        span.AddException(new InvalidOperationException(Planted));
        spans.OnEnd(span);
        Assert.False(span.Recorded);
    }

    [Fact]
    public void Baggage_and_state_of_a_caller_are_not_carried_on()
    {
        var propagator = new TraceParentPropagator();
        using var span = Span(ActivityKind.Server);
        span.TraceStateString = Planted;
        span.AddBaggage("patient", Planted);
        var headers = new Dictionary<string, string>();
        propagator.Inject(span, headers, static (carrier, name, value) => ((Dictionary<string, string>)carrier!)[name] = value);
        Assert.Equal([KeyValuePair.Create("traceparent", span.Id!)], headers);

        headers["tracestate"] = headers["baggage"] = Planted;
        propagator.ExtractTraceIdAndState(
            headers,
            static (object? carrier, string name, out string? value, out IEnumerable<string>? values) =>
            {
                values = null;
                ((Dictionary<string, string>)carrier!).TryGetValue(name, out value);
            },
            out var parent,
            out var state);
        Assert.Equal((span.Id, null), (parent, state));
        Assert.Null(propagator.ExtractBaggage(headers, null));
    }

    public void Dispose() => spans.Dispose();

    private static Activity Span(ActivityKind kind)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == nameof(DiscreetSpansTests),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource(nameof(DiscreetSpansTests));
        return source.StartActivity("GET", kind)!;
    }
}
