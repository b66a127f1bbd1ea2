using System.Diagnostics;
using SecureStore.Dicom;
using SecureStore.Silo.DicomWeb;
using SecureStore.Silo.Search;
using static SecureStore.Silo.Tests.Search.SearchArchive;

namespace SecureStore.Silo.Tests.Search;

/// <summary>Run by name: <c>-explicit only -class '*SearchMeasurement' -showLiveOutput</c>, built for release.</summary>
public sealed class SearchMeasurement(ITestOutputHelper output)
{
    private const int Studies = 1_000_000;
    private const int Runs = 50;
    private const int ManyRuns = 1000;

    [Fact(Explicit = true)]
    public async Task Searching_a_million_studies()
    {
        using var archive = new SearchArchive();
        var random = new Random(1);
        string[] modalities = ["CT", "MR", "DX", "US", "CR"];
        for (var i = 0; i < Studies; i++)
        {
            var date = new DateOnly(2010, 1, 1).AddDays(random.Next(5000));
            archive.Add(Facts($"1.2.840.{i}", $"PAT{i / 3:000000}", Json(
                (DicomTag.StudyDate, $"{date:yyyyMMdd}"), (DicomTag.StudyTime, $"{random.Next(24):00}{random.Next(60):00}{random.Next(60):00}"),
                (DicomTag.AccessionNumber, $"A{i:00000000}"), (DicomTag.ReferringPhysicianName, $"Ref{random.Next(300)}^Dr"),
                (DicomTag.StudyDescription, $"{modalities[random.Next(5)]} Thorax {random.Next(50)}"),
                (DicomTag.PatientName, $"{Word(random)}^{Word(random)}"), (DicomTag.PatientID, $"PAT{i / 3:000000}"),
                (DicomTag.PatientBirthDate, "19700101"), (DicomTag.PatientSex, "F"), (DicomTag.StudyID, $"{i}")),
                Series($"1.2.840.{i}.1", i % 20_000 == 0 ? "PT" : modalities[random.Next(5)]), Series($"1.2.840.{i}.2", "SR")));
        }

        GC.Collect();
        var before = Process.GetCurrentProcess().WorkingSet64;
        var watch = Stopwatch.StartNew();
        await archive.Follower.CatchUpAsync(CancellationToken.None);
        GC.Collect();
        output.WriteLine($"fill {watch.Elapsed.TotalSeconds:0.0} s, {(Process.GetCurrentProcess().WorkingSet64 - before) >> 20} MiB");

        foreach (var text in (string[])
            ["limit=101", "PatientID=PAT012345", "AccessionNumber=A00123456", "StudyInstanceUID=1.2.840.777",
            "StudyDate=20200101-20200107&ModalitiesInStudy=CT&limit=101", "PatientName=BAKO*&limit=101", "PatientName=*ako*&limit=101",
            "PatientName=*BAKOMI*&limit=101", "PatientName=*ab*&limit=101", "PatientName=*zq*&limit=101", "PatientName=*zqx*&limit=101",
            "StudyDescription=*Thorax*&limit=101", "ModalitiesInStudy=PT&limit=101", "PatientSex=M&limit=101", "limit=101&offset=100000",
            "fuzzymatching=true&PatientName=bako miru&limit=101"])
        {
            var times = new List<double>();
            var found = 0;
            for (var run = 0; run < (text.Contains("offset=1", StringComparison.Ordinal) || text.Contains("Sex", StringComparison.Ordinal) ? 3 : Runs); run++)
            {
                watch.Restart();
                found = await AnswerAsync(archive, text);
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            times.Sort();
            output.WriteLine($"{text,-70} {found,5} found, median {times[times.Count / 2],8:0.00} ms, worst {times[^1],8:0.00} ms");
        }

        foreach (var (name, text) in new (string, Func<string>)[]
        {
            ("patient ID", () => $"PatientID=PAT{random.Next(Studies / 3):000000}"),
            ("accession number", () => $"AccessionNumber=A{random.Next(Studies):00000000}"),
            ("study date range with modality", () => Range(random) + "&ModalitiesInStudy=CT&limit=101"),
            ("name prefix", () => $"PatientName={Word(random)[..4]}*&limit=101"),
        })
        {
            var times = new List<double>();
            for (var run = 0; run < ManyRuns; run++)
            {
                var asked = text();
                watch.Restart();
                await AnswerAsync(archive, asked);
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            times.Sort();
            output.WriteLine($"{name}: median {times[ManyRuns / 2]:0.00} ms, p99 {times[ManyRuns * 99 / 100]:0.00} ms, worst {times[^1]:0.00} ms");
        }

        watch.Restart();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
                await AnswerAsync(archive, $"PatientID=PAT{client * 500 + i:000000}");
        })));
        output.WriteLine($"8 clients at once, by Patient ID: {4000 / watch.Elapsed.TotalSeconds:0} searches/s");
    }

    private static async Task<int> AnswerAsync(SearchArchive archive, string text)
    {
        var query = archive.Query(QueryLevel.Study, text);
        var writer = new QidoWriter(query, "http://archive/dicom-web");
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        await using var json = new System.Text.Json.Utf8JsonWriter(buffer);
        json.WriteStartArray();
        var count = 0;
        await foreach (var hit in await archive.Search.BeginAsync(query, Everything, CancellationToken.None))
        {
            writer.Write(json, hit);
            count++;
        }

        return count;
    }

    private static string Range(Random random)
    {
        var from = new DateOnly(2010, 1, 1).AddDays(random.Next(5000));
        return $"StudyDate={from:yyyyMMdd}-{from.AddDays(6):yyyyMMdd}";
    }

    private static string Word(Random random) => string.Concat(Enumerable.Range(0, 2 + random.Next(2)).Select(_ =>
        $"{"BDKLMNRSTVZ"[random.Next(11)]}{"AEIOU"[random.Next(5)]}"));
}
