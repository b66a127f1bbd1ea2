using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Integrity;

/// <summary>Counts a study's instances as its facts count them.</summary>
internal sealed class StudyTally
{
    private readonly Dictionary<string, int> series = new(StringComparer.Ordinal);
    private long bytes;
    private int lost;

    public int Instances { get; private set; }

    /// <summary>Rows that cannot be opened: which series they are of is not known.</summary>
    public int Unopened { get; private set; }

    public void Add(InstanceRecord? record)
    {
        Instances++;
        if (record is null)
        {
            Unopened++;
            return;
        }

        series[record.SeriesInstanceUid] = series.GetValueOrDefault(record.SeriesInstanceUid) + 1;
        bytes += record.Object.Length;
        lost += record.LostSince is null ? 0 : 1;
    }

    public bool Fits(StudyFacts facts) =>
        Unopened > 0
            ? facts.Instances == Instances
            : facts.Bytes == bytes && facts.Lost == lost && facts.Series.Count == series.Count
                && facts.Series.All(one => series.GetValueOrDefault(one.SeriesInstanceUid) == one.Instances);
}
