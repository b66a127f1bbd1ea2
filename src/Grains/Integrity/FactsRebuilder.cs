using System.Buffers;
using SecureStore.Dicom;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Integrity;

/// <summary>Works out a study's facts anew from its instances, as the store pass worked them out.</summary>
internal sealed class FactsRebuilder(IObjectStore objects, Vault.Vault vault, RetentionOptions retention)
{
    /// <summary>
    /// Whether a legal hold stood is not known of facts that were lost: nothing is destroyed until a person has looked.
    /// </summary>
    public const string PrecautionaryHold = "Set by fsck: the study's facts were rebuilt, and whether a legal hold stood is not known.";

    private static readonly byte[] NoAttributes = "{}"u8.ToArray();

    /// <param name="row">The study's row.</param>
    /// <param name="key">The study's key.</param>
    /// <param name="old">The facts as far as they can be opened.</param>
    /// <param name="rows">The study's instances, in order.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null where there is nothing to rebuild the facts from.</returns>
    public async ValueTask<StudyFacts?> RebuildAsync(
        StudyRow row, SecretKey key, StudyFacts? old, IReadOnlyList<(InstanceRow Row, InstanceRecord Record)> rows, CancellationToken cancellation)
    {
        var known = old?.Series.ToDictionary(one => one.SeriesInstanceUid, StringComparer.Ordinal) ?? [];
        var facts = old is null ? null : old with { Series = [], Bytes = 0 };
        var grown = false;
        var samples = new Dictionary<string, InstanceCommit>(StringComparer.Ordinal);
        foreach (var of in rows.GroupBy(one => one.Record.SeriesInstanceUid, StringComparer.Ordinal))
        {
            if (!known.TryGetValue(of.Key, out var series))
            {
                grown = true;
                (samples[of.Key], var uid) = await SampleAsync(row, key, [.. of], cancellation);
                facts ??= await OpenAsync(row, samples[of.Key], uid, cancellation);
            }
            else
            {
                samples[of.Key] = Commit(of.First().Record, series.Modality, series.Attributes);
            }
        }

        if (facts is null)
        {
            return null;
        }

        var before = facts;
        foreach (var (_, record) in rows)
        {
            facts = StudyLedger.Add(facts, [samples[record.SeriesInstanceUid] with { Record = record }], retention);
        }

        // The rules may be others by now: what was decided stays, unless a modality has come to light that nobody counted.
        facts = grown ? facts : facts with { DueDay = before.DueDay, RetentionRule = before.RetentionRule };
        return facts with { Lost = rows.Count(one => one.Record.LostSince is not null) };
    }

    /// <summary>The first of a series' instances whose metadata can be read says what its series is.</summary>
    private async ValueTask<(InstanceCommit Sample, string? StudyInstanceUid)> SampleAsync(
        StudyRow row, SecretKey key, IReadOnlyList<(InstanceRow Row, InstanceRecord Record)> series, CancellationToken cancellation)
    {
        foreach (var (instance, record) in series)
        {
            using var objectKey = KeyWrap.UnwrapObjectKey(key, row.Study, instance.SopInstanceUid.Bytes.Span, record.WrappedKey);
            if (await PartCheck.ReadAsync(objects, row.Study, record.Metadata, ObjectPart.Metadata, objectKey, cancellation) is not { } json
                || Read(json) is not { } dataset)
            {
                continue;
            }

            var (output, elements) = (new ArrayBufferWriter<byte>(), new List<DicomJsonElement>());
            DicomJson.Write(output, dataset, elements: elements);
            var attributes = new InstanceAttributes(dataset, output.WrittenMemory, elements);
            var sample = Commit(record, dataset.GetString(DicomTag.Modality) ?? "", attributes.Series()) with
            {
                StudyDate = dataset.GetString(DicomTag.StudyDate),
                StudyAttributes = attributes.Study(),
            };
            return (sample, dataset.GetString(DicomTag.StudyInstanceUID));
        }

        return (Commit(series[0].Record, "", NoAttributes), null);
    }

    private async ValueTask<StudyFacts?> OpenAsync(StudyRow row, InstanceCommit first, string? studyInstanceUid, CancellationToken cancellation)
    {
        if (studyInstanceUid is not { } uid || vault.MacOfUid(uid) != row.StudyUid
            || await vault.PatientOfAsync(row.Study, cancellation) is not { } patient
            || await vault.FindIdentityAsync(patient, cancellation) is not { } identity)
        {
            return null;
        }

        return StudyLedger.Open(uid, identity, patient, first, retention) with { LegalHold = PrecautionaryHold };
    }

    private static InstanceCommit Commit(InstanceRecord record, string modality, byte[] series) => new()
    {
        Record = record,
        Patient = new PatientIdentity("", ""),
        Modality = modality,
        StudyAttributes = NoAttributes,
        SeriesAttributes = series,
    };

    private static DicomDataset? Read(byte[] json)
    {
        try
        {
            return DicomJson.Read(json);
        }
        catch (DicomDataException)
        {
            return null;
        }
    }
}
