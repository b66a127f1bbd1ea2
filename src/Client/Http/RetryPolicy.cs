using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;

namespace SecureStore.Client.Http;

/// <summary>
/// Which requests are sent again, and when. 503 always: the archive did nothing. A connection that broke, 502 and 504 only for
/// requests that may be repeated (RFC 9110 9.2.2; storing the same instance twice is one of them). A connection that never came
/// about is reported at once.
/// </summary>
static class RetryPolicy
{
    public const int Attempts = 5;

    /// <summary>The longest wait, whatever Retry-After asks for.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(2);

    static readonly HttpRequestOptionsKey<bool> RepeatableKey = new("securestore.repeatable");

    public static void MarkRepeatable(HttpRequestMessage request) => request.Options.Set(RepeatableKey, true);

    public static DelegatingHandler CreateHandler(SecureStoreClientOptions options)
    {
        var repeatable = Pipeline(options, repeatable: true);
        var once = Pipeline(options, repeatable: false);
        return new ResilienceHandler(request => IsRepeatable(request) ? repeatable : once);
    }

    /// <summary>What Retry-After asks for (RFC 9110 10.2.3), or 0.5 s doubled with each attempt (0, 1, 2 ...).</summary>
    public static TimeSpan Delay(HttpResponseMessage? response, int attempt, DateTimeOffset now)
    {
        var wanted = response?.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => TimeSpan.FromSeconds(0.5 * (1 << Math.Min(attempt, 10))),
        };
        return wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted > LongestDelay ? LongestDelay : wanted;
    }

    static bool IsRepeatable(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get || request.Method == HttpMethod.Put || request.Method == HttpMethod.Delete
        || (request.Options.TryGetValue(RepeatableKey, out var marked) && marked);

    static ResiliencePipeline<HttpResponseMessage> Pipeline(SecureStoreClientOptions options, bool repeatable) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = options.TimeProvider }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = Attempts - 1,
                ShouldHandle = arguments => ValueTask.FromResult(MayRetry(arguments.Outcome, repeatable)),
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(
                    Delay(arguments.Outcome.Result, arguments.AttemptNumber, options.TimeProvider.GetUtcNow())),
                OnRetry = arguments =>
                {
                    options.Waiting?.Invoke(arguments.RetryDelay);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();

    static bool MayRetry(Outcome<HttpResponseMessage> outcome, bool repeatable) => outcome switch
    {
        { Result.StatusCode: HttpStatusCode.ServiceUnavailable } => true,
        { Result.StatusCode: HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout } => repeatable,
        { Exception: HttpRequestException e } => repeatable && IsBrokenConnection(e),
        _ => false,
    };

    static bool IsBrokenConnection(HttpRequestException e) =>
        e.InnerException is not UnreadableFileException
        && e.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse
            or HttpRequestError.HttpProtocolError or HttpRequestError.Unknown;
}
