using System.Net;

namespace SecureStore.EndToEnd.Chaos;

/// <summary>Sends a request that was answered with 503 again, for a minute: right after a silo was lost, the others may still say so.</summary>
internal sealed class AskingAgain(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var pace = new PeriodicTimer(Pace);
        while (true)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || patience.IsCancellationRequested)
            {
                return response;
            }

            response.Dispose();
            await pace.WaitForNextTickAsync(cancellationToken);
        }
    }
}
