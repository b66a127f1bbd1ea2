using System.Net;

namespace SecureStore.Silo.Tests.Storage.AzureBlob;

/// <summary>Does to a request what it is told to.</summary>
internal sealed class LossyNetwork() : DelegatingHandler(new SocketsHttpHandler())
{
    /// <summary>True for a request that never arrives.</summary>
    public Func<HttpRequestMessage, bool> LosesRequest { get; set; } = _ => false;

    /// <summary>True for a request that is carried out, while its answer is lost.</summary>
    public Func<HttpRequestMessage, bool> LosesAnswer { get; set; } = _ => false;

    /// <summary>What a gateway answers in the service's stead.</summary>
    public Func<HttpRequestMessage, HttpStatusCode?> Answers { get; set; } = _ => null;

    public static bool IsCommit(HttpRequestMessage request) =>
        request.Method == HttpMethod.Put && request.RequestUri!.Query.Contains("comp=blocklist", StringComparison.Ordinal);

    public static bool IsStage(HttpRequestMessage request) =>
        request.Method == HttpMethod.Put && request.RequestUri!.Query.Contains("comp=block&", StringComparison.Ordinal);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Answers(request) is { } status)
            return new HttpResponseMessage(status) { RequestMessage = request, Content = new ByteArrayContent([]) };
        if (LosesRequest(request))
            throw new HttpRequestException("The connection was lost.");
        var answer = await base.SendAsync(request, cancellationToken);
        if (!LosesAnswer(request))
            return answer;
        answer.Dispose();
        throw new HttpRequestException("The connection was lost.");
    }
}
