using SecureStore.Grains.Patients;
using SecureStore.Grains.Retention;

namespace SecureStore.Grains.Studies;

/// <summary>Works a study's facts forward, instance by instance. Values in, values out.</summary>
internal static class StudyLedger
{
    /// <summary>The facts of a study that its first instance has just bound.</summary>
    public static StudyFacts Open(
        string studyInstanceUid, PatientIdentity patient, PatientHandle handle, InstanceCommit first, RetentionOptions retention)
    {
        var decision = RetentionSchedule.Decide(retention, [first.Modality], first.StudyDate, first.Record.Received);
        return new StudyFacts
        {
            StudyInstanceUid = studyInstanceUid,
            Patient = patient,
            PatientHandle = handle,
            Received = first.Record.Received,
            RetentionStart = decision.Start,
            DueDay = decision.DueDay,
            RetentionRule = decision.RuleName,
            Attributes = first.StudyAttributes,
            Series = [],
        };
    }

    /// <summary>Takes instances out that were lost and have come again, to be added like new ones.</summary>
    public static StudyFacts TakeOut(StudyFacts facts, IReadOnlyCollection<InstanceRecord> lost)
    {
        if (lost.Count == 0)
        {
            return facts;
        }

        var counts = lost.CountBy(one => one.SeriesInstanceUid).ToDictionary(StringComparer.Ordinal);
        var series = facts.Series.Select(one => one with { Instances = one.Instances - counts.GetValueOrDefault(one.SeriesInstanceUid) });
        return facts with
        {
            Series = [.. series.Where(one => one.Instances > 0)],
            Bytes = facts.Bytes - lost.Sum(one => one.Object.Length),
            Lost = facts.Lost - lost.Count,
        };
    }

    /// <summary>
    /// Adds instances. A modality that is new to the study may lengthen its retention, never shorten it; the period keeps counting from
    /// the study date of the first instance.
    /// </summary>
    public static StudyFacts Add(StudyFacts facts, IReadOnlyList<InstanceCommit> added, RetentionOptions retention)
    {
        if (added.Count == 0)
        {
            return facts;
        }

        var series = facts.Series.ToDictionary(one => one.SeriesInstanceUid, StringComparer.Ordinal);
        foreach (var instance in added)
        {
            var uid = instance.Record.SeriesInstanceUid;
            var known = series.GetValueOrDefault(uid) ?? new SeriesFacts
            {
                SeriesInstanceUid = uid,
                Modality = instance.Modality,
                Attributes = instance.SeriesAttributes,
                Instances = 0,
            };
            var sopClass = instance.Record.SopClassUid;
            series[uid] = known with
            {
                Instances = known.Instances + 1,
                SopClasses = known.SopClasses.Contains(sopClass) ? known.SopClasses : [.. known.SopClasses, sopClass],
            };
        }

        var old = facts.Series.Select(one => one.Modality);
        var modalities = old.Union(added.Select(one => one.Modality), StringComparer.Ordinal).ToList();
        facts = facts with { Series = [.. series.Values], Bytes = facts.Bytes + added.Sum(one => one.Record.Object.Length) };
        var start = facts.RetentionStart.ToString("yyyyMMdd", null);
        var decision = RetentionSchedule.Decide(retention, modalities, start, facts.Received);
        return decision.DueDay > facts.DueDay ? facts with { DueDay = decision.DueDay, RetentionRule = decision.RuleName } : facts;
    }
}
