using System.Net;
using System.Runtime.CompilerServices;
using SecureStore.Client.Fetching;
using SecureStore.Client.Files;
using SecureStore.Client.Http;

namespace SecureStore.Client;

public sealed partial class SecureStoreClient
{
    /// <summary>
    /// Fetches the instances of a study, a series, or one instance, as they are stored (WADO-RS, PS3.18 10.4), each streamed to
    /// <paramref name="folder"/>/study/series/instance.dcm. A file has its name only once it is whole.
    /// </summary>
    /// <param name="target">What to fetch.</param>
    /// <param name="folder">Made, for its owner alone, where it does not exist.</param>
    /// <param name="progress">Told the bytes received.</param>
    /// <param name="cancellation">Breaks off; files that are whole stay.</param>
    public async IAsyncEnumerable<FetchOutcome> FetchAsync(
        FetchTarget target,
        string folder,
        IProgress<long>? progress = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "dicom-web/" + target.Resource);
        request.Headers.TryAddWithoutValidation("Accept", "multipart/related; type=\"application/dicom\"; transfer-syntax=*");
        using var response = await SendAsync(request, cancellation).ConfigureAwait(false);
        await Answers.ThrowUnlessSuccessAsync(response, cancellation).ConfigureAwait(false);
        var boundary = MultipartReader.BoundaryOf(response.Content.Headers.ContentType)
            ?? throw new SecureStoreException("the archive's answer is not multipart/related with a boundary");

        PrivateFiles.CreateFolder(folder);
        var files = new InstanceFiles(folder, target);
        var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var reader = new MultipartReader(body, boundary);
        while (await Reading(reader.NextPartAsync(cancellation)).ConfigureAwait(false) is { } headers)
        {
            yield return await Reading(files.WriteAsync(reader, headers, progress, cancellation)).ConfigureAwait(false);
        }

        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            yield return new FetchOutcome(null, "the archive has lost some of the instances (see 'securestore fsck'); they are left out");
        }
    }
}
