using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>An instance as others name it (PS3.3 10.8).</summary>
public readonly record struct InstanceReference(string SopClassUid, string SopInstanceUid);

/// <summary>Whether the archive has an instance.</summary>
public enum Holding
{
    /// <summary>It does not, or not for this caller: absent, foreign, lost, expired and destroyed look the same.</summary>
    Absent,

    /// <summary>It has an instance of that UID and another SOP class.</summary>
    OtherClass,

    /// <summary>Durably stored and readable.</summary>
    Held,
}

/// <summary>Says whether instances are in the archive's keeping: what storage commitment asks (PS3.4 J). No byte of them leaves.</summary>
public sealed class Safekeeping(ICatalog catalog, IObjectStore objects, Vault.Vault vault, TimeProvider time)
{
    private const int BatchSize = 128;

    /// <summary>One answer for each that is asked for, in order. A study that the caller may not store into has none of them.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be said for now.</exception>
    public async ValueTask<IReadOnlyList<Holding>> CheckAsync(PolicyToken caller, IReadOnlyList<InstanceReference> asked, CancellationToken cancellation)
    {
        var holdings = new Holding[asked.Count];
        var questions = new Dictionary<StudyHandle, List<Question>>();

        // However often, and under how many classes, one is asked for: it is looked up once.
        foreach (var ofInstance in asked.Index().GroupBy(one => one.Item.SopInstanceUid))
        {
            var question = new Question(vault.MacOfUid(ofInstance.Key), [.. ofInstance.Select(one => (one.Index, one.Item.SopClassUid))]);
            foreach (var study in await catalog.FindStudiesOfInstanceAsync(question.Mac, cancellation))
            {
                questions.TryAdd(study, []);
                questions[study].Add(question);
            }
        }

        foreach (var (study, ofStudy) in questions)
        {
            foreach (var batch in ofStudy.Where(question => question.Asked.Any(one => holdings[one.Number] != Holding.Held)).Chunk(BatchSize))
            {
                await AnswerAsync(caller, study, batch, holdings, cancellation);
            }
        }

        return holdings;
    }

    private async ValueTask AnswerAsync(PolicyToken caller, StudyHandle study, IReadOnlyList<Question> batch, Holding[] holdings, CancellationToken cancellation)
    {
        try
        {
            using var key = await vault.OpenStudyKeyAsync(study, cancellation);
            if (key is null || await catalog.GetStudyAsync(study, cancellation) is not { State: StudyState.Active, SealedFacts.Length: > 0 } row || !IsOpenTo(caller, StudyRows.OpenFacts(key, row)))
            {
                return;
            }

            var rows = (await catalog.FindInstancesAsync(study, [.. batch.Select(question => question.Mac)], cancellation)).ToDictionary(row => row.SopInstanceUid);
            foreach (var question in batch.Where(question => rows.ContainsKey(question.Mac)))
            {
                var held = await ClassHeldAsync(study, key, rows[question.Mac], cancellation);
                foreach (var (number, sopClass) in question.Asked.Where(_ => held is not null))
                {
                    var holding = held == sopClass ? Holding.Held : Holding.OtherClass;
                    holdings[number] = (Holding)Math.Max((int)holdings[number], (int)holding);
                }
            }
        }
        catch (VaultIntegrityException)
        {
            // A row that does not open holds nothing; a check of the archive says so.
        }
    }

    private bool IsOpenTo(PolicyToken caller, StudyFacts facts) =>
        !facts.IsExpired(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)) && caller.Allows(PolicyActions.Store, facts.StudyInstanceUid, facts.Patient);

    /// <summary>The last byte of the file opens only where the keys and the header are right and nothing is cut off.</summary>
    /// <returns>The SOP class of what is held; null where nothing is.</returns>
    private async ValueTask<string?> ClassHeldAsync(StudyHandle study, SecretKey studyKey, InstanceRow row, CancellationToken cancellation)
    {
        try
        {
            var record = StudyRows.OpenInstance(studyKey, row);
            if (record.LostSince is not null)
            {
                return null;
            }

            using var objectKey = KeyWrap.UnwrapObjectKey(studyKey, study, row.SopInstanceUid.Bytes.Span, record.WrappedKey);
            using var reader = await SealedPartReader.OpenAsync(objects, study, record.Object, ObjectPart.File, objectKey, cancellation);
            await reader.ReadAsync(record.Object.Length - 1, new byte[1], cancellation);
            return record.SopClassUid;
        }
        catch (Exception damage) when (damage is SealedObjectException or ObjectMissingException or VaultIntegrityException)
        {
            return null;
        }
    }

    private sealed record Question(Mac Mac, IReadOnlyList<(int Number, string SopClassUid)> Asked);
}
