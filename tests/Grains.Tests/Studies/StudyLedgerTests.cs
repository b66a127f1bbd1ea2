using CsCheck;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Retention;

namespace SecureStore.Grains.Tests.Studies;

public sealed class StudyLedgerTests
{
    private static readonly RetentionOptions Rules = Settings.Bind(
        ("Retention:Default", "P5Y"), ("Retention:Grace", "1.00:00:00"),
        ("Retention:Rules:0:Name", "breasts"), ("Retention:Rules:0:Modality", "MG"), ("Retention:Rules:0:Keep", "P30Y"),
        ("Retention:Rules:1:Name", "scouts"), ("Retention:Rules:1:Modality", "CR"), ("Retention:Rules:1:Keep", "P1Y"));

    private static Gen<InstanceCommit> Instance =>
        Gen.Select(Gen.Int[1, 4], Gen.OneOfConst("CT", "MG", "CR"), Gen.Long[1, 1L << 40], Gen.OneOfConst("20291231", "20200101", "x", null))
            .Select((series, modality, bytes, date) => Commit($"1.2.{series}", modality, bytes, date));

    [Fact]
    public void Counts_and_bytes_add_up_and_retention_is_never_shortened() =>
        Instance.Array[1, 5].Array[1, 5].Sample(batches =>
        {
            var first = batches[0][0];
            var facts = StudyLedger.Open("1.2", new PatientIdentity("", "P1"), PatientHandle.New(), first, Rules);
            foreach (var batch in batches)
            {
                var next = StudyLedger.Add(facts, batch, Rules);
                Assert.True(next.DueDay >= facts.DueDay);
                Assert.Equal((facts.Received, facts.RetentionStart, facts.Patient), (next.Received, next.RetentionStart, next.Patient));
                facts = next;
            }

            var all = batches.SelectMany(batch => batch).ToList();
            Assert.Equal((all.Count, all.Sum(one => one.Record.Object.Length)), (facts.Instances, facts.Bytes));
            Assert.Equal(all.Select(one => one.Record.SeriesInstanceUid).Distinct(), facts.Series.Select(one => one.SeriesInstanceUid));
            var decided = RetentionSchedule.Decide(Rules, all.Select(one => one.Modality), first.StudyDate, first.Record.Received);
            Assert.Equal((decided.DueDay, decided.RuleName), (facts.DueDay, facts.RetentionRule));
        });

    [Fact]
    public void Each_modality_of_the_first_commit_counts()
    {
        var (scout, breast) = (Commit("1.2.1", "CR", 1, "20291231"), Commit("1.2.2", "MG", 1, "20291231"));
        var facts = StudyLedger.Add(
            StudyLedger.Open("1.2", new PatientIdentity("", "P1"), PatientHandle.New(), scout, Rules), [scout, breast], Rules);

        Assert.Equal((new DateOnly(2059, 12, 31), "breasts"), (facts.DueDay, facts.RetentionRule));
    }

    private static InstanceCommit Commit(string series, string modality, long bytes, string? date) => new()
    {
        Record = new InstanceRecord
        {
            SopClassUid = "1.2.3",
            SopInstanceUid = "1.2.4",
            SeriesInstanceUid = series,
            TransferSyntaxUid = "1.2.840.10008.1.2",
            Object = new SealedPart(SegmentId.New(), 0, bytes),
            Metadata = new SealedPart(SegmentId.New(), 0, 1),
            WrappedKey = [],
            DataSetMac = [],
            AttributesMac = [],
            Attributes = [],
            Received = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero),
        },
        Patient = new PatientIdentity("", "P1"),
        StudyDate = date,
        Modality = modality,
        StudyAttributes = [],
        SeriesAttributes = [],
    };
}
