using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SecureStore.Client.Http;
using SecureStore.Client.Storing;

namespace SecureStore.Client;

public sealed partial class SecureStoreClient
{
    /// <summary>
    /// Stores files (STOW-RS, PS3.18 10.5) in requests of up to 50 files or 64 MB, each file streamed. Gives one outcome a file
    /// once it is known: "stored" means that the archive has acknowledged it.
    /// </summary>
    /// <param name="paths">The files; those that are not DICOM are not sent.</param>
    /// <param name="progress">Told the bytes sent; a negative number takes back bytes that are sent again.</param>
    /// <param name="cancellation">Breaks off; what was acknowledged stays stored.</param>
    public async IAsyncEnumerable<StoreOutcome> StoreAsync(
        IEnumerable<string> paths, IProgress<long>? progress = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var batch = new StoreBatch();
        foreach (var path in paths)
        {
            cancellation.ThrowIfCancellationRequested();
            var (file, outcome) = StoreFile.Look(path);
            if (file is null)
            {
                yield return outcome!;
                continue;
            }

            if (!batch.Takes(file))
            {
                foreach (var sent in await StoreAsync(batch.Drain(), progress, cancellation).ConfigureAwait(false))
                {
                    yield return sent;
                }
            }

            batch.Add(file);
        }

        foreach (var sent in await StoreAsync(batch.Drain(), progress, cancellation).ConfigureAwait(false))
        {
            yield return sent;
        }
    }

    /// <summary>Stores files in one request, or in several where one of them is in the others' way.</summary>
    internal async Task<IReadOnlyList<StoreOutcome>> StoreAsync(
        IReadOnlyList<StoreFile> files, IProgress<long>? progress, CancellationToken cancellation)
    {
        if (files.Count == 0)
        {
            return [];
        }

        using var content = new StoreContent(files, progress);
        using var request = new HttpRequestMessage(HttpMethod.Post, _web + "studies") { Content = content };
        request.Headers.Accept.ParseAdd("application/dicom+json");
        request.Headers.ExpectContinue = true; // A refusal comes before the images are sent.
        RetryPolicy.MarkRepeatable(request);
        try
        {
            using var response = await SendAsync(request, cancellation, unlimited: true).ConfigureAwait(false);
            return await OutcomesAsync(response, files, content, progress, cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.InnerException is UnreadableFileException unreadable)
        {
            content.TakeBackProgress();
            var rest = files.Where(f => f.Path != unreadable.Path).ToArray();
            var outcomes = await StoreAsync(rest, progress, cancellation).ConfigureAwait(false);
            return [new StoreOutcome(unreadable.Path, StoreStatus.Unreadable, unreadable.Message), .. outcomes];
        }
    }

    async Task<IReadOnlyList<StoreOutcome>> OutcomesAsync(
        HttpResponseMessage response,
        IReadOnlyList<StoreFile> files,
        StoreContent content,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.Conflict:
            case HttpStatusCode.Forbidden when response.Content.Headers.ContentType?.MediaType == "application/dicom+json":
                var answer = await ReadStoreResponseAsync(response, cancellation).ConfigureAwait(false);
                if (files is [var only])
                {
                    return [answer.Of(only) ?? OutcomeOfOnly(only, answer, response.StatusCode)];
                }

                var unknown = files.Where(f => answer.Of(f) is null).ToArray();
                var known = files.Select(answer.Of).OfType<StoreOutcome>();
                progress?.Report(-unknown.Sum(f => f.Length));
                return [.. known, .. await StoreSinglyAsync(unknown, progress, cancellation).ConfigureAwait(false)];

            // The body as a whole was not taken: one file may be the reason.
            case HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType
                or HttpStatusCode.InternalServerError:
                if (files is [var single])
                {
                    var reason = await Answers.SentenceAsync(response, cancellation).ConfigureAwait(false);
                    return [new StoreOutcome(single.Path, StoreStatus.Refused, reason)];
                }

                content.TakeBackProgress();
                return await StoreSinglyAsync(files, progress, cancellation).ConfigureAwait(false);

            default:
                throw new SecureStoreException(await Answers.SentenceAsync(response, cancellation).ConfigureAwait(false), response.StatusCode);
        }
    }

    /// <summary>Sends again, one a request, what an answer does not name: alone, each answer is plain. Storing twice does no harm.</summary>
    async Task<IReadOnlyList<StoreOutcome>> StoreSinglyAsync(
        IReadOnlyList<StoreFile> files, IProgress<long>? progress, CancellationToken cancellation)
    {
        var outcomes = new List<StoreOutcome>(files.Count);
        foreach (var file in files)
        {
            outcomes.AddRange(await StoreAsync([file], progress, cancellation).ConfigureAwait(false));
        }

        return outcomes;
    }

    static StoreOutcome OutcomeOfOnly(StoreFile file, StoreResponse answer, HttpStatusCode status) =>
        status is HttpStatusCode.Conflict or HttpStatusCode.Forbidden || answer.HasFailures
            ? new StoreOutcome(file.Path, StoreStatus.Refused, answer.AnyReason)
            : new StoreOutcome(file.Path, StoreStatus.Stored);

    async Task<StoreResponse> ReadStoreResponseAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        return await Reading(ParseAsync()).ConfigureAwait(false);

        async Task<StoreResponse> ParseAsync() =>
            StoreResponse.Parse(await Answers.ReadAsync(response.Content, LongestDocument, cancellation).ConfigureAwait(false));
    }
}
