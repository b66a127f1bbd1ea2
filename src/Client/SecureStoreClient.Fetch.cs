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
        using var response = await OpenAsync(target, cancellation).ConfigureAwait(false);
        var reader = await ReaderAsync(response, cancellation).ConfigureAwait(false);
        PrivateFiles.CreateFolder(folder);
        var files = new InstanceFiles(folder, target);
        while (await Reading(reader.NextPartAsync(cancellation)).ConfigureAwait(false) is { } headers)
        {
            yield return await Reading(files.WriteAsync(reader, headers, progress, cancellation)).ConfigureAwait(false);
        }

        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            yield return new FetchOutcome(null, "the archive has lost some of the instances (see 'securestore fsck'); they are left out");
        }
    }

    /// <summary>Copies one instance as it is stored.</summary>
    /// <param name="target">An instance.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellation">Breaks off.</param>
    /// <exception cref="SecureStoreException">It has a status where there was an answer, also one that broke off or cannot be read.</exception>
    public async Task CopyInstanceAsync(FetchTarget target, Stream output, CancellationToken cancellation = default)
    {
        using var response = await OpenAsync(target, cancellation).ConfigureAwait(false);
        try
        {
            await CopyAsync().ConfigureAwait(false);
        }
        catch (SecureStoreException e) when (e.Status is null)
        {
            throw new SecureStoreException(e.Message, e) { Status = response.StatusCode };
        }

        async Task CopyAsync()
        {
            var reader = await ReaderAsync(response, cancellation).ConfigureAwait(false);
            if (await Reading(reader.NextPartAsync(cancellation)).ConfigureAwait(false) is null)
            {
                throw new SecureStoreException("the archive's answer has no instance");
            }

            await Reading(CopyPartAsync(reader)).ConfigureAwait(false);
            if (await Reading(reader.NextPartAsync(cancellation)).ConfigureAwait(false) is not null)
            {
                throw new SecureStoreException("the archive's answer has more than the instance");
            }
        }

        async Task<bool> CopyPartAsync(MultipartReader reader)
        {
            await reader.CopyPartAsync(output, null, cancellation).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>The instances of a study by their UIDs (QIDO-RS, PS3.18 10.6); none where the study is not there.</summary>
    public async IAsyncEnumerable<FetchTarget> InstancesAsync(string study, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var instance in ListedAsync(study, cancellation).ConfigureAwait(false))
        {
            yield return instance ?? throw new SecureStoreException("an instance is listed by what is no UID");
        }
    }

    /// <summary>As <see cref="InstancesAsync"/>; null for each that is listed by what is no UID.</summary>
    internal async IAsyncEnumerable<FetchTarget?> ListedAsync(string study, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = SearchAsync($"studies/{study}/instances", (limit, offset) => $"?limit={limit}&offset={offset}", null, cancellation);
        await foreach (var instance in found.ConfigureAwait(false))
        {
            yield return FetchTarget.Parse($"{study}/{DicomJson.Text(instance, DicomJson.SeriesInstanceUid)}/{DicomJson.Text(instance, DicomJson.SopInstanceUid)}");
        }
    }

    async Task<HttpResponseMessage> OpenAsync(FetchTarget target, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _web + target.Resource);
        request.Headers.TryAddWithoutValidation("Accept", "multipart/related; type=\"application/dicom\"; transfer-syntax=*");
        return await SendAsync(request, cancellation).ConfigureAwait(false);
    }

    async Task<MultipartReader> ReaderAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await Answers.ThrowUnlessSuccessAsync(response, cancellation).ConfigureAwait(false);
        var boundary = MultipartReader.BoundaryOf(response.Content.Headers.ContentType)
            ?? throw new SecureStoreException("the archive's answer is not multipart/related with a boundary");
        return new MultipartReader(await BodyAsync(response, long.MaxValue, cancellation).ConfigureAwait(false), boundary);
    }
}
