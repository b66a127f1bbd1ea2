using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage.PostgreSql;

/// <summary>
/// What a group of writes makes of the studies that it touches, reckoned in memory while their rows are locked: who is
/// refused, and one last state for each study. What an instance clashes with was read under the same locks.
/// </summary>
internal sealed class CatalogGroup
{
    private readonly Dictionary<StudyHandle, Draft> drafts = [];
    private readonly List<StudyChange> changes = [];

    /// <summary>How many change numbers the group takes.</summary>
    public long Changes => changes.Count;

    public IEnumerable<Draft> Drafts => drafts.Values;

    /// <summary>A row that is locked.</summary>
    public void Add(StudyHandle study, long ownerEpoch) => drafts[study] = new Draft(study, ownerEpoch);

    /// <summary>A stored instance that has a SOP Instance UID or an ordinal which the group wants for another.</summary>
    public void AddStored(StudyHandle study, Mac uid, long ordinal) => drafts[study].Take(uid, ordinal);

    public void Do(StudyClaim claim)
    {
        if (drafts.GetValueOrDefault(claim.Study) is { } draft && draft.OwnerEpoch == claim.Expected)
        {
            draft.Claim();
            claim.Succeed(draft.OwnerEpoch);
        }
        else
        {
            claim.Succeed(null);
        }
    }

    public void Do(StudyChange change)
    {
        var commit = change.Commit;
        if (drafts.GetValueOrDefault(commit.Study) is not { } draft || draft.OwnerEpoch != commit.OwnerEpoch)
            change.Refuse(new StudyFencedException(commit.Study));
        else if (!draft.TryChange(commit, Changes + 1))
            change.Refuse(new InvalidOperationException("The catalog has such a row already."));
        else
            changes.Add(change);
    }

    /// <summary>Gives each change its number, where the last of them has this one.</summary>
    public void Number(long latest)
    {
        for (var i = 0; i < changes.Count; i++)
            changes[i].Succeed(latest - changes.Count + 1 + i);
    }

    /// <summary>A study's row and what is to become of it.</summary>
    internal sealed class Draft(StudyHandle study, long ownerEpoch)
    {
        private readonly HashSet<Mac> uids = [];
        private readonly HashSet<long> ordinals = [];

        public StudyHandle Study => study;

        public long OwnerEpoch { get; private set; } = ownerEpoch;

        public bool IsClaimed { get; private set; }

        /// <summary>The last change, and its number within the group, from 1; null and 0 where there is none.</summary>
        public StudyCommit? Last { get; private set; }

        /// <inheritdoc cref="Last"/>
        public long Change { get; private set; }

        /// <summary>True where the rows that are stored go.</summary>
        public bool RemovesStored { get; private set; }

        public List<InstanceRow> Instances { get; } = [];

        public void Take(Mac uid, long ordinal)
        {
            uids.Add(uid);
            ordinals.Add(ordinal);
        }

        public void Claim() => (OwnerEpoch, IsClaimed) = (OwnerEpoch + 1, true);

        public bool TryChange(StudyCommit commit, long number)
        {
            var (newUids, newOrdinals) = (new HashSet<Mac>(), new HashSet<long>());
            foreach (var row in commit.Instances)
            {
                if (!newUids.Add(row.SopInstanceUid) || !newOrdinals.Add(row.Ordinal)
                    || (!commit.RemoveInstances && (uids.Contains(row.SopInstanceUid) || ordinals.Contains(row.Ordinal))))
                    return false;
            }

            if (commit.RemoveInstances)
            {
                RemovesStored = true;
                Instances.Clear();
                uids.Clear();
                ordinals.Clear();
            }

            Instances.AddRange(commit.Instances);
            uids.UnionWith(newUids);
            ordinals.UnionWith(newOrdinals);
            (Last, Change) = (commit, number);
            return true;
        }
    }
}
