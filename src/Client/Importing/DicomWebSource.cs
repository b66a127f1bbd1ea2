using System.Net;
using System.Runtime.CompilerServices;
using SecureStore.Client.Fetching;
using SecureStore.Client.Files;

namespace SecureStore.Client.Importing;

/// <summary>Another archive, by DICOMweb: QIDO-RS and WADO-RS (PS3.18 10.6 and 10.4).</summary>
sealed class DicomWebSource(SecureStoreClient client, string url, SearchQuery query) : IImportSource
{
    public string Name => url;

    public async Task<IReadOnlyList<SourceStudy>> StudiesAsync(Action<string, string> problem, CancellationToken cancellation)
    {
        var studies = new Dictionary<string, SourceStudy>(StringComparer.Ordinal);
        await foreach (var found in Named(client.SearchAsync(query, cancellation)).ConfigureAwait(false))
        {
            var uid = DicomJson.Text(found, DicomJson.StudyInstanceUid);
            if (!DicomIdentity.IsUid(uid))
            {
                problem(url, "a study is listed by what is no UID");
                continue;
            }

            var modalities = DicomJson.Text(found, DicomJson.ModalitiesInStudy).Split('\\', StringSplitOptions.RemoveEmptyEntries);
            var count = Math.Max(0, DicomJson.Number(found, DicomJson.NumberOfStudyRelatedInstances) ?? 0);
            studies[uid] = new SourceStudy(uid, [DicomJson.Text(found, DicomJson.StudyDate)], modalities, count, []);
        }

        return [.. studies.Values];
    }

    public async Task<SourceStudy> OpenAsync(SourceStudy study, CancellationToken cancellation)
    {
        var unnamed = 0;
        var instances = new Dictionary<string, SourceInstance>(StringComparer.Ordinal);
        try
        {
            await foreach (var one in client.ListedAsync(study.Uid!, cancellation).ConfigureAwait(false))
            {
                if (one is null)
                {
                    unnamed++;
                    continue;
                }

                string[] uids = [one.Study, one.Series!, one.Instance!];
                instances[string.Join('/', uids)] = new SourceInstance(string.Join('/', uids), uids, one.Series, one.Instance);
            }
        }
        catch (SecureStoreException e) when (e.Status is not (null or HttpStatusCode.Unauthorized))
        {
            return study with { Problems = [$"its source does not list it: {e.Message}"] };
        }
        catch (SecureStoreException e)
        {
            throw Named(e);
        }

        return (study with { Instances = [.. instances.Values] }).WithUnnamed(unnamed);
    }

    public async IAsyncEnumerable<FetchedInstance> FetchAsync(
        SourceStudy study, IReadOnlyList<SourceInstance> instances, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var instance in instances)
        {
            yield return await FetchAsync(instance, cancellation).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return default;
    }

    async Task<FetchedInstance> FetchAsync(SourceInstance instance, CancellationToken cancellation)
    {
        var spool = SpooledFile.Create();
        try
        {
            await client.CopyInstanceAsync(FetchTarget.Parse(instance.Name)!, spool.Writer, cancellation).ConfigureAwait(false);
            var fetched = FetchedInstance.Spooled(instance, spool);
            spool = null;
            return fetched;
        }
        catch (SecureStoreException e) when (e.Status is not null)
        {
            return FetchedInstance.Failed(instance, $"its source does not give it: {e.Message}");
        }
        catch (SecureStoreException e)
        {
            throw Named(e);
        }
        finally
        {
            spool?.Dispose();
        }
    }

    async IAsyncEnumerable<T> Named<T>(IAsyncEnumerable<T> listing)
    {
        var items = listing.GetAsyncEnumerator();
        await using (items.ConfigureAwait(false))
        {
            while (await MoveNextAsync().ConfigureAwait(false))
            {
                yield return items.Current;
            }
        }

        async Task<bool> MoveNextAsync()
        {
            try
            {
                return await items.MoveNextAsync().ConfigureAwait(false);
            }
            catch (SecureStoreException e)
            {
                throw Named(e);
            }
        }
    }

    /// <summary>There are two archives here.</summary>
    SecureStoreException Named(SecureStoreException e) => new($"the source {url}: {e.Message}", e);
}
