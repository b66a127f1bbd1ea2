using System.Buffers;
using System.Globalization;
using SecureStore.Dicom;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Studies;

namespace SecureStore.Bench.Search;

/// <summary>
/// A study of a made-up hospital, the same for the same number and the same total: three studies a patient, 15 years, names as unevenly frequent as
/// names are (of families the first has 1.3 %, of given names the first 2.6 %).
/// </summary>
internal sealed record GeneratedStudy
{
    private const int StudiesAPatient = 3;
    private const int Days = 15 * 365;

    private static readonly DateOnly FirstDay = new(2011, 1, 1);
    private static readonly string[] Modalities = ["DX", "CT", "MR", "US", "CR"];
    private static readonly string[] Regions = ["Thorax", "Abdomen", "Skull", "Knee", "Spine", "Pelvis"];
    private static readonly NameList Families = new(20_000, seed: 1);
    private static readonly NameList GivenNames = new(500, seed: 2);

    public required int Number { get; init; }

    public required int PatientNumber { get; init; }

    public required string Family { get; init; }

    public required string Given { get; init; }

    public required DateOnly Date { get; init; }

    public required string Modality { get; init; }

    public string Uid => $"1.2.840.99999.{Number}";

    public string PatientId => $"PAT{PatientNumber:0000000}";

    public string Accession => $"A{Number:00000000}";

    public string Name => $"{Family}^{Given}";

    /// <param name="number">From 0 to <paramref name="total"/> - 1.</param>
    /// <param name="total">Studies of the hospital.</param>
    public static GeneratedStudy Of(int number, int total)
    {
        var random = new Random(number);
        var patient = random.Next(Math.Max(1, total / StudiesAPatient));
        var ofPatient = new Random(-1 - patient);
        return new GeneratedStudy
        {
            Number = number,
            PatientNumber = patient,
            Family = Families.Next(ofPatient),
            Given = GivenNames.Next(ofPatient),
            Date = FirstDay.AddDays(random.Next(Days)),
            Modality = Modalities[random.Next(Modalities.Length)],
        };
    }

    public StudyFacts Facts(PatientHandle patient) => new()
    {
        StudyInstanceUid = Uid,
        Patient = new PatientIdentity("", PatientId),
        PatientHandle = patient,
        Received = new DateTimeOffset(Date, new TimeOnly(12, 0), TimeSpan.Zero),
        RetentionStart = Date,
        DueDay = Date.AddYears(80),
        RetentionRule = "default",
        Attributes = Json(new DicomDataset()
            .AddOrUpdate(DicomTag.StudyDate, $"{Date:yyyyMMdd}")
            .AddOrUpdate(DicomTag.StudyTime, $"{Number % 24:00}{Number % 60:00}{Number % 59:00}")
            .AddOrUpdate(DicomTag.AccessionNumber, Accession)
            .AddOrUpdate(DicomTag.ReferringPhysicianName, $"{Families[Number % 300]}^{GivenNames[Number % 100]}")
            .AddOrUpdate(DicomTag.StudyDescription, $"{Modality} {Regions[Number % Regions.Length]} {Number % 7}")
            .AddOrUpdate(DicomTag.PatientName, Name)
            .AddOrUpdate(DicomTag.PatientID, PatientId)
            .AddOrUpdate(DicomTag.PatientBirthDate, $"{1930 + PatientNumber % 90}0{1 + PatientNumber % 9}15")
            .AddOrUpdate(DicomTag.PatientSex, PatientNumber % 2 == 0 ? "F" : "M")
            .AddOrUpdate(DicomTag.StudyInstanceUID, Uid)
            .AddOrUpdate(DicomTag.StudyID, Number.ToString(CultureInfo.InvariantCulture))),
        Series = [Series(1, Modality, 1 + Number % 200), Series(2, "SR", 1)],
        Bytes = 100L << 20,
    };

    private SeriesFacts Series(int number, string modality, int instances) => new()
    {
        SeriesInstanceUid = $"{Uid}.{number}",
        Modality = modality,
        Attributes = Json(new DicomDataset()
            .AddOrUpdate(DicomTag.Modality, modality)
            .AddOrUpdate(DicomTag.SeriesDescription, $"{modality} {number}")
            .AddOrUpdate(DicomTag.SeriesInstanceUID, $"{Uid}.{number}")
            .AddOrUpdate(DicomTag.SeriesNumber, number.ToString(CultureInfo.InvariantCulture))),
        Instances = instances,
        SopClasses = ["1.2.840.10008.5.1.4.1.1.2"],
    };

    private static byte[] Json(DicomDataset dataset)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        DicomJson.Write(output, dataset);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Names of two and three syllables; the n-th is as frequent as 1 / (n + 10).</summary>
    private sealed class NameList
    {
        private const string Consonants = "BDFGHKLMNPRSTVWZ";
        private const string Vowels = "AEIOU";
        private const string Endings = "NRSLT";

        private readonly string[] names;
        private readonly double[] sums;

        public NameList(int count, int seed)
        {
            var random = new Random(seed);
            var distinct = new HashSet<string>();
            while (distinct.Count < count)
            {
                distinct.Add(string.Concat(Enumerable.Range(0, 2 + random.Next(2)).Select(_ =>
                    $"{Consonants[random.Next(Consonants.Length)]}{Vowels[random.Next(Vowels.Length)]}")) + Endings[random.Next(Endings.Length)]);
            }

            names = [.. distinct];
            sums = new double[count];
            var sum = 0.0;
            for (var i = 0; i < count; i++)
            {
                sums[i] = sum += 1.0 / (i + 10);
            }
        }

        public string this[int index] => names[index];

        public string Next(Random random)
        {
            var index = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
            return names[index < 0 ? ~index : index];
        }
    }
}
