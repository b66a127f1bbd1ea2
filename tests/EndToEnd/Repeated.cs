using System.Diagnostics;
using System.Net;

namespace SecureStore.EndToEnd;

/// <summary>A caller who asks again until a silo answers, and takes nothing for an answer meanwhile but what says that it may be asked again.</summary>
internal static class Repeated
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends a request until it is answered with 200.</summary>
    /// <param name="request">Makes the request anew, for each attempt.</param>
    /// <returns>The body of that answer, and the time at which it was there (<see cref="Stopwatch"/>).</returns>
    public static async Task<(byte[] Body, long Answered)> SendAsync(ArchiveClient client, Func<HttpRequestMessage> request)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var pace = new PeriodicTimer(Pace);
        do
        {
            try
            {
                using var message = request();
                using var response = await client.Http.SendAsync(message, patience.Token);
                var body = await response.Content.ReadAsByteArrayAsync(patience.Token);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return (body, Stopwatch.GetTimestamp());
                }

                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
                Assert.NotNull(response.Headers.RetryAfter);
            }
            catch (HttpRequestException)
            {
                // The connection was broken: nothing was answered.
            }
        }
        while (await pace.WaitForNextTickAsync(patience.Token));
        throw new UnreachableException();
    }

    public static Task<(byte[] Body, long Answered)> FetchAsync(ArchiveClient client, TestInstance instance) => SendAsync(client, () =>
    {
        var path = $"/dicom-web/studies/{instance.Study}/series/{instance.Series}/instances/{instance.Instance}";
        var message = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        message.Headers.TryAddWithoutValidation("Accept", "application/dicom; transfer-syntax=*");
        return message;
    });

    public static Task<(byte[] Body, long Answered)> StoreAsync(ArchiveClient client, params IEnumerable<byte[]> files) => SendAsync(client, () =>
        new HttpRequestMessage(HttpMethod.Post, new Uri("/dicom-web/studies", UriKind.Relative)) { Content = ArchiveClient.Multipart(files) });
}
