using System.Collections.Concurrent;
using SecureStore.Client.Output;

namespace SecureStore.Client.Importing;

/// <summary>Asks the archive what its retention rules say of studies that it does not have, each combination of date and modalities once.</summary>
sealed class RetentionRules(SecureStoreClient archive)
{
    const int MostModalities = 20; // In one request, whose line must not become too long.
    const int LongestModality = 16; // PS3.5 6.2, CS.
    const int LongestDate = 16;

    readonly ConcurrentDictionary<string, Lazy<Task<(bool IsExpired, string Due)>>> _answers = new(StringComparer.Ordinal);

    /// <summary>The day on which the period of such a study was over; null where it is not over.</summary>
    /// <param name="dates">Its study dates: any of them that is past its period decides.</param>
    /// <param name="modalities">The modalities of its series: the one that is kept longest decides.</param>
    /// <param name="cancellation">Breaks off.</param>
    public async Task<string?> ExpiredSinceAsync(IEnumerable<string?> dates, IEnumerable<string> modalities, CancellationToken cancellation)
    {
        // What a source says may be anything, and what is longer is neither: no rule names it.
        string[] all = [.. modalities.Where(one => one.Length <= LongestModality).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach (var date in dates.Select(one => one is { Length: > LongestDate } ? "" : one ?? "").Distinct(StringComparer.Ordinal))
        {
            var isExpired = true;
            var latest = "";
            foreach (var some in all.Chunk(MostModalities).DefaultIfEmpty([]))
            {
                var asked = string.Join('\\', some.Prepend(date));
                var (isOver, due) = await _answers.GetOrAdd(asked, _ => new(() => AskAsync(date, some))).Value.WaitAsync(cancellation).ConfigureAwait(false);
                isExpired &= isOver;
                latest = string.CompareOrdinal(latest, due) < 0 ? due : latest;
            }

            if (isExpired)
            {
                return latest;
            }
        }

        return null;
    }

    async Task<(bool IsExpired, string Due)> AskAsync(string date, string[] modalities)
    {
        var answer = JsonFields.Objects(await archive.RetentionDueAsync(date, modalities).ConfigureAwait(false)) is [var one] ? one : default;
        return (JsonFields.Text(answer, "expired"), JsonFields.Text(answer, "due")) switch
        {
            ("true", var due) => (true, due),
            ("false", var due) => (false, due),
            _ => throw new SecureStoreException("the archive does not say whether a study has expired: it may be older than this command"),
        };
    }
}
