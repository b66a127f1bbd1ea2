using System.Runtime.CompilerServices;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.DicomWeb;

/// <summary>One request to read from an opened study, and the response that is being made.</summary>
internal sealed class WadoRequest(HttpContext context, IReadSession session, CodecPool codecs, bool strict) : IDisposable
{
    private readonly CancellationTokenSource aborted = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, session.Closing);

    public HttpContext Context { get; } = context;

    public IReadSession Session { get; } = session;

    public CodecPool Codecs { get; } = codecs;

    /// <summary>What is written here goes out; the handler flushes it at the end.</summary>
    public ResponseBody Body { get; } = new(context.Response);

    /// <summary>Whether a request that names no transfer syntax means the default of PS3.18 8.7.3.</summary>
    public bool Strict { get; } = strict;

    /// <summary>What the caller accepts.</summary>
    public IReadOnlyList<MediaRange> Accepted { get; set; } = MediaTypeNegotiation.Accepted(context.Request);

    public string BaseUrl { get; } = DicomWebAddress.Base(context.Request);

    public string Study => Route("study")!;

    public string? Series => Route("series");

    public string? Instance => Route("instance");

    /// <summary>Cancelled when the caller goes, or the study is closed.</summary>
    public CancellationToken Aborted => aborted.Token;

    public string? Route(string name) => Context.GetRouteValue(name) as string;

    public string Url(InstanceRecord instance) =>
        DicomWebAddress.Instance(BaseUrl, Study, instance.SeriesInstanceUid, instance.SopInstanceUid);

    /// <summary>The instances that the URL names, in the order they were stored.</summary>
    public async IAsyncEnumerable<InstanceRecord> InstancesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (Instance is null)
        {
            await foreach (var record in Session.InstancesAsync(Series, cancellation))
            {
                yield return record;
            }
        }
        else if (await Session.FindAsync(Series, Instance, cancellation) is { } record)
        {
            yield return record;
        }
    }

    public ValueTask<InstanceRecord?> InstanceAsync() => Session.FindAsync(Series, Instance!, Aborted);

    /// <summary>The form that the caller likes best, or null.</summary>
    public Representation? Select(IEnumerable<Representation> offers) =>
        MediaTypeNegotiation.Select(Accepted, offers, Strict);

    public Task RefuseAsync(int status, string detail) => ProblemResults.WriteAsync(Context, status, detail);

    public Task RefuseAbsentAsync() => RefuseAsync(StatusCodes.Status404NotFound, "The study has no such instances.");

    public void Dispose()
    {
        aborted.Dispose();
        Body.Dispose();
    }

    public Task RefuseFormAsync() =>
        RefuseAsync(StatusCodes.Status406NotAcceptable, "What is asked for can be had in none of the accepted media types and transfer syntaxes.");
}
