using Microsoft.Data.Sqlite;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage;

/// <summary>Writes the catalog's file.</summary>
internal sealed class SqliteCatalogWriter : SqliteWriter, ICatalogWriter
{
    private readonly SqliteCommand begin;
    private readonly SqliteCommand commit;
    private readonly SqliteCommand mark;
    private readonly SqliteCommand release;
    private readonly SqliteCommand undo;
    private readonly SqliteCommand add;
    private readonly SqliteCommand find;
    private readonly SqliteCommand claim;
    private readonly SqliteCommand nextChange;
    private readonly SqliteCommand change;
    private readonly SqliteCommand remove;
    private readonly SqliteCommand insert;

    public SqliteCatalogWriter(string connectionString)
        : base(
            connectionString,
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
            PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 8000; PRAGMA temp_store = MEMORY
            """,
            CatalogSchema.Apply)
    {
        begin = Command("BEGIN IMMEDIATE");
        commit = Command("COMMIT");
        mark = Command("SAVEPOINT one");
        release = Command("RELEASE one");
        undo = Command("ROLLBACK TO one; RELEASE one");
        add = Command(
            "INSERT INTO studies VALUES ($study, $uid, 0, 0, NULL, 0, x'') ON CONFLICT (study_uid) DO NOTHING", "$study", "$uid");
        find = Command(
            "SELECT study, state, owner_epoch, due_day, change, sealed_facts FROM studies WHERE study_uid = $uid", "$uid");
        claim = Command(
            "UPDATE studies SET owner_epoch = owner_epoch + 1 WHERE study = $study AND owner_epoch = $epoch", "$study", "$epoch");
        nextChange = Command("UPDATE latest_change SET number = number + 1 RETURNING number");
        change = Command(
            """
            UPDATE studies SET state = $state, due_day = $due, change = $change, sealed_facts = $facts
            WHERE study = $study AND owner_epoch = $epoch
            """,
            "$study", "$epoch", "$state", "$due", "$change", "$facts");
        remove = Command("DELETE FROM instances WHERE study = $study", "$study");
        insert = Command("INSERT INTO instances VALUES ($study, $ordinal, $uid, $record)", "$study", "$ordinal", "$uid", "$record");
    }

    public void Commit(IReadOnlyList<CatalogWrite> group)
    {
        begin.ExecuteNonQuery();
        foreach (var write in group)
            Apart(write);
        commit.ExecuteNonQuery();
    }

    private void Apart(CatalogWrite write)
    {
        mark.ExecuteNonQuery();
        try
        {
            Do(write);
        }
        catch (SqliteException e) when (StorageFaults.IsRefusal(e))
        {
            undo.ExecuteNonQuery();
            write.Refuse(StorageFaults.Refused(e));
            return;
        }
        catch (Exception e) when (e is not SqliteException)
        {
            undo.ExecuteNonQuery();
            write.Refuse(e);
            return;
        }

        release.ExecuteNonQuery();
    }

    private void Do(CatalogWrite write)
    {
        switch (write)
        {
            case StudyAddition addition:
                addition.Succeed(AddStudy(addition.StudyUid, addition.Proposed));
                break;
            case StudyClaim wanted:
                wanted.Succeed(Claim(wanted.Study, wanted.Expected));
                break;
            case StudyChange changed:
                changed.Succeed(Change(changed.Commit));
                break;
            default:
                throw new NotSupportedException($"The catalog does not know {write.GetType().Name}.");
        }
    }

    private StudyRow AddStudy(Mac studyUid, StudyHandle proposed)
    {
        var uid = studyUid.ToArray();
        Execute(add, CatalogDbContext.Stored(proposed), uid);
        Bind(find, uid);
        using var row = find.ExecuteReader();
        row.Read();
        return new StudyRow(
            new StudyHandle(new Guid(row.GetFieldValue<byte[]>(0), bigEndian: true)),
            studyUid,
            (StudyState)row.GetInt32(1),
            row.GetInt64(2),
            row.IsDBNull(3) ? null : DateOnly.FromDayNumber(row.GetInt32(3)),
            row.GetInt64(4),
            row.GetFieldValue<byte[]>(5));
    }

    private long? Claim(StudyHandle study, long expected) =>
        Execute(claim, CatalogDbContext.Stored(study), expected) == 1 ? expected + 1 : null;

    private long Change(StudyCommit commit)
    {
        var study = CatalogDbContext.Stored(commit.Study);
        var number = (long)nextChange.ExecuteScalar()!;
        object due = commit.DueDay is { } day ? day.DayNumber : DBNull.Value;
        if (Execute(change, study, commit.OwnerEpoch, (int)commit.State, due, number, commit.SealedFacts) != 1)
            throw new StudyFencedException(commit.Study);
        if (commit.RemoveInstances)
            Execute(remove, study);
        foreach (var row in commit.Instances)
            Execute(insert, study, row.Ordinal, row.SopInstanceUid.ToArray(), row.SealedRecord);
        return number;
    }
}
