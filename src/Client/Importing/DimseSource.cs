using System.Runtime.CompilerServices;
using System.Threading.Channels;
using SecureStore.Client.Dimse;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Importing;

/// <summary>Another archive, by C-FIND and C-GET (PS3.4 C.4.1 and C.4.3), or C-MOVE to a receiver of this program.</summary>
/// <param name="peer">The archive.</param>
/// <param name="query">Which studies.</param>
/// <param name="receiver">Takes what C-MOVE brings; null for C-GET.</param>
sealed class DimseSource(DimsePeer peer, SearchQuery query, MoveReceiver? receiver) : IImportSource
{
    static readonly string Get = DicomUID.StudyRootQueryRetrieveInformationModelGet.UID;
    static readonly string Move = DicomUID.StudyRootQueryRetrieveInformationModelMove.UID;

    public string Name => $"dicom://{peer.CalledAE}@{peer.Host}:{peer.Port}";

    public async Task<IReadOnlyList<SourceStudy>> StudiesAsync(Action<string, string> problem, CancellationToken cancellation)
    {
        var studies = new List<SourceStudy>();
        var search = await DimseQuery.OpenAsync(peer, cancellation).ConfigureAwait(false);
        await using (search.ConfigureAwait(false))
        {
            var found = DimseQuery.UidsAsync(search.StudiesAsync(query, cancellation), DicomTag.StudyInstanceUID, () => problem(Name, "a study is listed by what is no UID"), cancellation);
            await foreach (var (uid, match) in found.ConfigureAwait(false))
            {
                var count = match.TryGetInt32(DicomTag.NumberOfStudyRelatedInstances, out var number) ? Math.Max(0, number) : 0;
                studies.Add(new SourceStudy(uid, [match.GetString(DicomTag.StudyDate)], match.GetStrings(DicomTag.ModalitiesInStudy), count, []));
            }
        }

        return studies;
    }

    public async Task<SourceStudy> OpenAsync(SourceStudy study, CancellationToken cancellation)
    {
        var search = await DimseQuery.OpenAsync(peer, cancellation).ConfigureAwait(false);
        await using (search.ConfigureAwait(false))
        {
            try
            {
                return await OpenAsync(search, study, cancellation).ConfigureAwait(false);
            }
            catch (DicomClientException e)
            {
                return study with { Problems = [$"its source does not list it: {e.Message}"] };
            }
        }
    }

    static async Task<SourceStudy> OpenAsync(DimseQuery search, SourceStudy study, CancellationToken cancellation)
    {
        var unnamed = 0;
        var modalities = new HashSet<string>(study.Modalities, StringComparer.Ordinal);
        var series = new List<string>();
        var instances = new Dictionary<string, SourceInstance>(StringComparer.Ordinal);
        var found = DimseQuery.UidsAsync(search.SeriesAsync(study.Uid!, cancellation), DicomTag.SeriesInstanceUID, () => unnamed++, cancellation);
        await foreach (var (uid, match) in found.ConfigureAwait(false))
        {
            series.Add(uid);
            _ = match.GetString(DicomTag.Modality) is { } modality && modalities.Add(modality);
        }

        foreach (var one in series)
        {
            found = DimseQuery.UidsAsync(search.InstancesAsync(study.Uid!, one, cancellation), DicomTag.SOPInstanceUID, () => unnamed++, cancellation);
            await foreach (var (uid, match) in found.ConfigureAwait(false))
            {
                string[] uids = [study.Uid!, one, uid];
                instances[uid] = new SourceInstance(string.Join('/', uids), uids, one, uid, DimseQuery.UidOf(match, DicomTag.SOPClassUID));
            }
        }

        return (study with { Modalities = [.. modalities], Instances = [.. instances.Values] }).WithUnnamed(unnamed);
    }

    public async IAsyncEnumerable<FetchedInstance> FetchAsync(
        SourceStudy study, IReadOnlyList<SourceInstance> instances, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var series in instances.GroupBy(one => one.Series!))
        {
            // One waits to be taken while the next comes; then the other archive waits.
            var channel = Channel.CreateBounded<FetchedInstance>(1);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var retrieving = RetrieveAllAsync(study, series.Key, [.. series], channel.Writer, stop.Token);
            try
            {
                await foreach (var fetched in channel.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
                {
                    yield return fetched;
                }

                await retrieving.ConfigureAwait(false);
            }
            finally
            {
                await stop.CancelAsync().ConfigureAwait(false);
                await retrieving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                while (channel.Reader.TryRead(out var left))
                {
                    left.Dispose();
                }
            }
        }
    }

    /// <summary>Has a study sent to another application entity.</summary>
    /// <exception cref="DicomClientException">The association broke, or was not to be had.</exception>
    public async Task<DicomRetrieveResult> MoveAsync(string study, string destination, Action<DicomRetrieveResult> progress, CancellationToken cancellation)
    {
        var client = await OpenForMoveAsync(cancellation).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            var identifier = DimseQuery.Level("STUDY").AddOrUpdate(DicomTag.StudyInstanceUID, study);
            return await client.MoveAsync(Move, identifier, destination, progress, cancellation).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => receiver?.DisposeAsync() ?? default;

    async Task RetrieveAllAsync(
        SourceStudy study, string series, IReadOnlyList<SourceInstance> instances, ChannelWriter<FetchedInstance> output, CancellationToken cancellation)
    {
        try
        {
            await RetrieveAsync(study, series, instances, output, cancellation).ConfigureAwait(false);
        }
        finally
        {
            output.Complete();
        }
    }

    /// <summary>Where an instance breaks the association, those that have not come are asked for one by one.</summary>
    async Task RetrieveAsync(
        SourceStudy study, string series, IReadOnlyList<SourceInstance> instances, ChannelWriter<FetchedInstance> output, CancellationToken cancellation)
    {
        var arrivals = new Arrivals(instances, output);
        var identifier = DimseQuery.Level("IMAGE")
            .AddOrUpdate(DicomTag.StudyInstanceUID, study.Uid!)
            .AddOrUpdate(DicomTag.SeriesInstanceUID, series)
            .AddOrUpdate(DicomTag.SOPInstanceUID, [.. instances.Select(one => one.Uid!)]);
        var (reason, isBroken) = receiver is null
            ? await GetAsync(identifier, instances, arrivals, cancellation).ConfigureAwait(false)
            : await MoveAsync(identifier, instances, arrivals, cancellation).ConfigureAwait(false);
        foreach (var missing in await arrivals.EndAsync(cancellation).ConfigureAwait(false))
        {
            await (isBroken && instances.Count > 1
                ? RetrieveAsync(study, series, [missing], output, cancellation)
                : output.WriteAsync(FetchedInstance.Failed(missing, $"its source did not send it: {reason}"), cancellation).AsTask()).ConfigureAwait(false);
        }
    }

    async Task<(string Reason, bool IsBroken)> GetAsync(
        DicomDataset identifier, IReadOnlyList<SourceInstance> instances, Arrivals arrivals, CancellationToken cancellation)
    {
        var contexts = StorageContexts.For(Get, [.. instances.Select(one => one.SopClass)], out var roles);
        var client = await peer.OpenAsync(contexts, roles, cancellation).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            return await EndAsync(client.GetAsync(Get, identifier, (store, stop) => arrivals.TakeAsync(store, peer.CalledAE, stop), cancellation)).ConfigureAwait(false);
        }
    }

    async Task<(string Reason, bool IsBroken)> MoveAsync(
        DicomDataset identifier, IReadOnlyList<SourceInstance> instances, Arrivals arrivals, CancellationToken cancellation)
    {
        using var awaited = receiver!.Await(instances.Select(one => one.Uid!), arrivals);
        var client = await OpenForMoveAsync(cancellation).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            return await EndAsync(client.MoveAsync(Move, identifier, peer.CallingAE, null, cancellation)).ConfigureAwait(false);
        }
    }

    /// <summary>Why something has not come, and whether the association broke.</summary>
    static async Task<(string Reason, bool IsBroken)> EndAsync(Task<DicomRetrieveResult> retrieving)
    {
        try
        {
            return (RetrieveReasons.Of(await retrieving.ConfigureAwait(false)), false);
        }
        catch (DicomClientException e)
        {
            return (e.Message, true);
        }
    }

    Task<DicomClient> OpenForMoveAsync(CancellationToken cancellation) => peer.OpenAsync([(Move, DimseQuery.Uncompressed)], [], cancellation);
}
