using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>
/// Seals and opens the catalog's rows. What a row is and whose it is goes into the seal, so a row put in another's place does not open.
/// </summary>
public static class StudyRows
{
    public static byte[] Seal(SecretKey studyKey, StudyHandle study, Mac studyInstanceUid, StudyFacts facts) =>
        Seal(studyKey, FactsContext(study, studyInstanceUid), facts, StudyJson.Default.StudyFacts);

    /// <exception cref="VaultIntegrityException">The row is damaged, or another's.</exception>
    public static StudyFacts OpenFacts(SecretKey studyKey, StudyRow row)
    {
        var facts = OpenFactsWhateverTheDay(studyKey, row);
        return row.DueDay == facts.SweepDay ? facts : throw new VaultIntegrityException("A study's due day was altered outside the archive.");
    }

    /// <summary>As <see cref="OpenFacts"/>, though the row may show another due day: for whoever is to put that right.</summary>
    /// <inheritdoc cref="OpenFacts" path="/exception"/>
    internal static StudyFacts OpenFactsWhateverTheDay(SecretKey studyKey, StudyRow row) =>
        Open(studyKey, FactsContext(row.Study, row.StudyUid), row.SealedFacts, StudyJson.Default.StudyFacts);

    public static byte[] Seal(SecretKey studyKey, StudyHandle study, Mac sopInstanceUid, InstanceRecord record) =>
        Seal(studyKey, InstanceContext(study, sopInstanceUid), record, StudyJson.Default.InstanceRecord);

    /// <inheritdoc cref="OpenFacts"/>
    public static InstanceRecord OpenInstance(SecretKey studyKey, InstanceRow row) =>
        Open(studyKey, InstanceContext(row.Study, row.SopInstanceUid), row.SealedRecord, StudyJson.Default.InstanceRecord);

    public static byte[] Seal(SecretKey tombstoneKey, StudyHandle study, Mac studyInstanceUid, Tombstone tombstone) =>
        Seal(tombstoneKey, TombstoneContext(study, studyInstanceUid), tombstone, StudyJson.Default.Tombstone);

    /// <inheritdoc cref="OpenFacts"/>
    public static Tombstone OpenTombstone(SecretKey tombstoneKey, StudyRow row)
    {
        var tombstone = Open(tombstoneKey, TombstoneContext(row.Study, row.StudyUid), row.SealedFacts, StudyJson.Default.Tombstone);
        return tombstone.IsFinal == (row.State == StudyState.Destroyed)
            ? tombstone
            : throw new VaultIntegrityException("A study's state was altered outside the archive.");
    }

    private static byte[] Seal<T>(SecretKey key, ReadOnlySpan<byte> context, T value, JsonTypeInfo<T> type) =>
        RowSealer.Seal(key, context, JsonSerializer.SerializeToUtf8Bytes(value, type));

    private static T Open<T>(SecretKey key, ReadOnlySpan<byte> context, byte[] row, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(RowSealer.Open(key, context, row), type) ?? throw new VaultIntegrityException("A catalog row is empty.");
        }
        catch (JsonException)
        {
            throw new VaultIntegrityException("A catalog row is of an unknown form.");
        }
    }

    private static byte[] FactsContext(StudyHandle study, Mac uid) => RowContext.Of("catalog study", study.Value, uid.Bytes.Span);

    private static byte[] InstanceContext(StudyHandle study, Mac sop) => RowContext.Of("catalog instance", study.Value, sop.Bytes.Span);

    private static byte[] TombstoneContext(StudyHandle study, Mac uid) => RowContext.Of("catalog tombstone", study.Value, uid.Bytes.Span);
}
