using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SecureStore.Dicom;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Search;

/// <summary>Answers queries: SQL narrows by what it has columns for, the matching keys decide, page by page in bounded memory.</summary>
public sealed class StudySearch(
    ReadModel model, CatalogFollower follower, IInstanceLister instances, TimeProvider clock, ILogger<StudySearch> logger)
{
    private const int FirstPage = 128;
    private const int FirstPageOfAll = 256;
    private const int LargestPage = 2048;

    /// <summary>Pages of studies that come with all their series are this many times smaller.</summary>
    private const int SeriesFactor = 8;

    /// <summary>
    /// Brings the read model up to date and gives the results in a stable order: study date, time and handle descending, series
    /// by number and UID, instances as they were stored. A study that is expired (and not on hold) or out of scope does not exist.
    /// What is destroyed while the results are read is left out of the pages that come after.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The catalog cannot be read for now; from the enumeration too.</exception>
    public async ValueTask<IAsyncEnumerable<SearchHit>> BeginAsync(StudyQuery query, SearchScope scope, CancellationToken cancellation)
    {
        await follower.CatchUpAsync(cancellation);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var filter = new ModelFilter(query, scope, today, await CandidatesAsync(query, cancellation));
        return Results(query, filter, cancellation);
    }

    private async IAsyncEnumerable<SearchHit> Results(
        StudyQuery query, ModelFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (skip, left) = (query.Offset, query.Limit ?? long.MaxValue);
        if (left == 0)
            yield break;

        await foreach (var hit in Matches(query, filter, cancellation))
        {
            if (skip-- > 0)
                continue;

            yield return hit;
            if (--left == 0)
                yield break;
        }
    }

    private async IAsyncEnumerable<SearchHit> Matches(
        StudyQuery query, ModelFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var withSeries = query.Level != QueryLevel.Study;
        ResultPosition? after = null;
        for (var size = FirstSize(query); ; size = Math.Min(size * 2, LargestPage))
        {
            cancellation.ThrowIfCancellationRequested();
            if (after is not null)
                await follower.CatchUpAsync(cancellation);
            var count = withSeries ? size / SeriesFactor : size;
            var page = model.Page(filter, after, count, withSeries);
            foreach (var study in page)
            {
                if (query.Level == QueryLevel.Instance)
                {
                    await foreach (var hit in InstancesOf(query, study, cancellation))
                        yield return hit;
                }
                else
                {
                    foreach (var hit in withSeries ? SeriesOf(query, study, query.Keys) : StudyOf(query, study))
                        yield return hit;
                }
            }

            if (page.Count < count)
                yield break;

            after = page[^1].Position;
        }
    }

    /// <summary>Larger where all are wanted; what is wanted, where that is less than a page: as a rule what SQL leaves over matches.</summary>
    private static int FirstSize(StudyQuery query) =>
        query.Limit is not { } limit ? FirstPageOfAll
        : query.Level != QueryLevel.Study ? FirstPage
        : (int)Math.Min(FirstPage, Math.Min(FirstPage, query.Offset) + Math.Min(FirstPage, limit));

    private List<SearchHit> StudyOf(StudyQuery query, StudyEntry study) => Readable(study, () =>
        SearchHit.Of(study) is var hit && Match(query.Keys, hit) ? [hit] : []);

    private List<SearchHit> SeriesOf(StudyQuery query, StudyEntry study, IReadOnlyList<MatchKey> keys) => Readable(study, () =>
    {
        var above = SearchHit.Of(study);
        return
        [
            .. study.Series.Where(series => query.SeriesUid is null || series.SeriesInstanceUid == query.SeriesUid)
                .Select(above.With).Where(hit => Match(keys, hit))
                .OrderBy(Number).ThenBy(hit => hit.Series!.SeriesInstanceUid, StringComparer.Ordinal),
        ];
    });

    private async IAsyncEnumerable<SearchHit> InstancesOf(
        StudyQuery query, StudyEntry study, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var series = SeriesOf(query, study, [.. query.Keys.Where(key => !SearchFields.IsOfInstance(key.Tag))])
            .ToDictionary(hit => hit.Series!.SeriesInstanceUid);
        if (series.Count == 0)
            yield break;

        await foreach (var record in instances.ListAsync(study.Handle, cancellation))
        {
            if (!series.TryGetValue(record.SeriesInstanceUid, out var above))
                continue;

            foreach (var hit in Readable(study, () => above.With(record) is var hit && Match(query.Keys, hit) ? [hit] : []))
                yield return hit;
        }
    }

    private async ValueTask<HashSet<StudyHandle>?> CandidatesAsync(StudyQuery query, CancellationToken cancellation)
    {
        if (query.Level != QueryLevel.Instance || query.Keys.FirstOrDefault(key => key.Tag == DicomTag.SOPInstanceUID) is not { } key)
            return null;

        var uids = key.Match switch
        {
            TextMatch text => [text],
            AnyMatch any => any.Choices.OfType<TextMatch>(),
            _ => [],
        };
        var candidates = new HashSet<StudyHandle>();
        foreach (var uid in uids)
            candidates.UnionWith(await instances.FindStudiesOfInstanceAsync(uid.Expected, cancellation));

        return candidates;
    }

    private List<SearchHit> Readable(StudyEntry study, Func<List<SearchHit>> read)
    {
        try
        {
            return read();
        }
        catch (JsonException)
        {
            logger.LogError("Study {Study} is left out of an answer: its attributes cannot be read", study.Handle);
            return [];
        }
    }

    private static bool Match(IReadOnlyList<MatchKey> keys, SearchHit hit)
    {
        foreach (var key in keys)
        {
            if (!key.Matches(hit.Values(key.Tag)))
                return false;
        }

        return true;
    }

    private static long Number(SearchHit hit) =>
        hit.Values(DicomTag.SeriesNumber) is [{ Text: { } text }, ..]
        && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : long.MaxValue;
}
