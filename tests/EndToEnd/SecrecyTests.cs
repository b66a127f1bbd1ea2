using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>Nothing of a study is readable in what the archive keeps, prints or traces.</summary>
public class SecrecyTests
{
    private static readonly (string CharacterSet, string Word)[] Encodings =
    [
        ("ISO_IR 100", "Überplanté"), ("ISO_IR 192", "Żółwplanted日本"), ("ISO_IR 144", "Люксембург"), ("GB18030", "王小东王小东王小"), (@"\ISO 2022 IR 87", "山田太郎山田太郎"),
    ];

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task No_value_and_no_pixel_run_is_found_in_the_data_or_in_what_is_printed_or_exported(Mode mode)
    {
        var planted = await PlantedAsync();
        var files = new List<byte[]>(planted.Select(one => one.File));
        foreach (var path in (await Pydicom.FilesAsync()).Where(path => path.EndsWith(".dcm", StringComparison.Ordinal)))
        {
            files.Add(await File.ReadAllBytesAsync(path));
        }

        var secrets = new List<byte[]>();
        foreach (var file in files)
        {
            secrets.AddRange(await SecretsOf.FindAsync(file));
        }

        secrets.AddRange(planted.SelectMany(one => one.Values.SelectMany(SecretsOf.Forms)));
        await using var collector = await OtlpCollector.StartAsync();
        await using var silos = await ISilos.StartAsync(
            mode, ["Logging:LogLevel:Default=Trace", "Logging:LogLevel:Microsoft.AspNetCore=Trace", .. collector.Settings]);

        // PostgreSQL comes with words of its own.
        var texts = secrets.Select(Encoding.Latin1.GetString).Distinct().ToList();
        var all = texts.Count;
        foreach (var path in FilesOf(silos))
        {
            try
            {
                Forget(texts, Encoding.Latin1.GetString(await File.ReadAllBytesAsync(path)));
            }
            catch (IOException)
            {
                // It is locked, or gone by now.
            }
        }

        Assert.True(texts.Count > 1000);
        Assert.InRange(all - texts.Count, 0, 20);
        var search = SearchValues.Create([.. texts], StringComparison.Ordinal);
        Assert.All(planted, one => Assert.True(Encoding.Latin1.GetString(one.File).AsSpan().ContainsAny(search)));

        using var client = await silos.ClientAsync(0);
        client.Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", planted[0].Values[1]);
        client.Http.DefaultRequestHeaders.TryAddWithoutValidation("baggage", "patient=" + planted[0].Values[1]);
        client.Http.DefaultRequestHeaders.TryAddWithoutValidation("tracestate", "patient=" + planted[0].Values[1]);
        await UseAsync(client, files, planted);
        foreach (var (signal, expected) in new[]
                 {
                     ("traces", "POST /dicom-web/studies"), ("traces", "GET /dicom-web/studies/{study}/series/{series}/instances/{instance}"),
                     ("traces", "BeginStoreAsync"), ("traces", "POST /api/retention/run"), ("metrics", "securestore.store.instances"),
                     ("metrics", "securestore.destructions"), ("logs", "SecureStore."),
                 })
        {
            await collector.ReceivedAsync(signal, expected);
        }

        var (metricsStatus, metrics) = await client.GetAsync("/metrics", "text/plain");
        Assert.Equal(200, metricsStatus);
        await silos.EndAsync();
        AssertClean("the metrics", Encoding.Latin1.GetString(metrics), search);
        AssertClean("what is exported", Encoding.Latin1.GetString(collector.Everything), search);

        foreach (var silo in silos.Silos)
        {
            Assert.Contains("SecureStore is ready", silo.Output, StringComparison.Ordinal);
            AssertClean("what is printed", Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(silo.Output)), search);
        }

        var kept = FilesOf(silos);
        var (objects, log) = mode == Mode.Embedded ? (".seg", "-wal") : ("/__blobstorage__/", "/pg_wal/");
        Assert.Contains(kept, path => path.Contains(objects, StringComparison.Ordinal) && new FileInfo(path).Length > 0);
        Assert.Contains(kept, path => path.Contains(log, StringComparison.Ordinal) && new FileInfo(path).Length > 0);
        foreach (var path in kept)
        {
            AssertClean(Path.GetFileName(path), Encoding.Latin1.GetString(await File.ReadAllBytesAsync(path)), search);
            Assert.False(path.AsSpan().ContainsAny(search));
        }
    }

    /// <summary>Everything that a caller may do, with names in every place where one can stand.</summary>
    private static async Task UseAsync(ArchiveClient client, List<byte[]> files, List<Planted> planted)
    {
        await client.WithTokenAsync("store,search,read,destroy,hold,administer,audit");
        foreach (var file in files)
        {
            await client.StoreAsync(null, file);
        }

        // Of a broken request too, and of a study that the URL contradicts.
        using (var broken = new ByteArrayContent(files[0][..^100]))
        {
            broken.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/related; type=\"application/dicom\"; boundary=no");
            using (await client.Http.PostAsync(new Uri("/dicom-web/studies", UriKind.Relative), broken))
            {
            }
        }

        await client.StoreAsync(planted[0].Instance.Study, files[1][..(files[1].Length / 3)], files[1]);
        foreach (var (instance, values, _) in planted)
        {
            foreach (var value in values)
            {
                var text = Uri.EscapeDataString(value);
                Assert.Equal(200, (await client.JsonAsync($"/dicom-web/studies?PatientName={text}&fuzzymatching=true")).Status);
                Assert.Equal(200, (await client.JsonAsync($"/dicom-web/instances?PatientID={text}&AccessionNumber=*{text}*&includefield=all")).Status);
                await client.JsonAsync($"/dicom-web/studies?{text}={text}");
                await client.JsonAsync($"/dicom-web/studies/{text}/metadata");
                await client.JsonAsync($"/no/such/{text}?q={text}");
            }

            var address = $"/dicom-web/studies/{instance.Study}/series/{instance.Series}/instances/{instance.Instance}";
            Assert.Equal(200, (await client.JsonAsync(address + "/metadata")).Status);
            Assert.Equal(200, (await client.GetAsync(address + "/frames/1", "*/*")).Status);
            Assert.Equal(200, (await client.FetchAsync(instance.Study, instance.Series, instance.Instance)).Status);
            Assert.Equal(200, (await client.JsonAsync($"/dicom-web/studies?StudyInstanceUID={instance.Study}")).Status);
            await client.JsonAsync($"/api/studies/{instance.Study}/retention", "application/json");
            var token = await client.TokenAsync("search,read", $"patient::{Uri.EscapeDataString(instance.PatientId)}");
            using var foreign = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative)) { Headers = { Authorization = new("Bearer", token + "x") } };
            using (await client.Http.SendAsync(foreign))
            {
            }
        }

        var doomed = planted[^1].Instance.Study;
        using var reason = new StringContent(JsonSerializer.Serialize(new { reason = planted[^1].Values[0] }), Encoding.UTF8, "application/json");
        using var destroyed = await client.Http.PostAsync(new Uri($"/api/studies/{doomed}/destroy", UriKind.Relative), reason);
        Assert.Equal(200, (int)destroyed.StatusCode);
        Assert.Equal(200, (await client.GetAsync("/api/audit/entries?limit=100000", "application/x-ndjson")).Status);
        using (await client.Http.PostAsync(new Uri("/api/retention/run", UriKind.Relative), null))
        {
        }
    }

    private static async Task<List<Planted>> PlantedAsync()
    {
        var planted = new List<Planted>();
        foreach (var (characterSet, word) in Encodings)
        {
            var number = 1000 + planted.Count;
            string[] values =
            [
                $"{word}^Namepart{number}", $"PlantedId{number}XYZ", $"PlantAcc{number}ABCD", $"{word} Desc{number}", $"{word} Inst{number}", $"{word} Serie{number}",
            ];
            var instance = new TestInstance { PatientId = values[1], Rows = 128, Columns = 128, Seed = number };
            using var source = new MemoryStream(await instance.FileAsync());
            var dataset = (await DicomFile.OpenAsync(source)).Dataset;
            dataset.AddOrUpdate(DicomTag.SpecificCharacterSet, characterSet.Split('\\'));
            dataset.AddOrUpdate(DicomTag.PatientName, characterSet.StartsWith('\\') ? $"Latin{number}={values[0]}" : values[0])
                .AddOrUpdate(DicomTag.AccessionNumber, values[2]).AddOrUpdate(DicomTag.StudyDescription, values[3])
                .AddOrUpdate(DicomTag.InstitutionName, values[4]).AddOrUpdate(DicomTag.SeriesDescription, values[5]);
            var pixels = new byte[128 * 128 * 2];
            new Random(number).NextBytes(pixels);
            dataset.AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OW, pixels));
            using var file = new MemoryStream();
            await new DicomFile(new DicomDataset(), dataset, DicomTransferSyntax.ExplicitVRLittleEndian).SaveAsync(file);
            planted.Add(new Planted(instance, values, file.ToArray()));
        }

        return planted;
    }

    private static string[] FilesOf(ISilos silos) =>
        [.. silos.Folders.SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories))];

    /// <summary>Takes out what stands in a text.</summary>
    private static void Forget(List<string> secrets, string text)
    {
        for (var at = 0; text.AsSpan(at).IndexOfAny(SearchValues.Create([.. secrets], StringComparison.Ordinal)) is var next and >= 0;)
        {
            at += next;
            secrets.RemoveAll(secret => text.AsSpan(at).StartsWith(secret, StringComparison.Ordinal));
        }
    }

    private static void AssertClean(string where, string text, SearchValues<string> secrets)
    {
        var at = text.AsSpan().IndexOfAny(secrets);
        Assert.True(at < 0, at < 0 ? "" : $"{where} at {at}: {text[Math.Max(0, at - 60)..Math.Min(text.Length, at + 60)]}");
    }

    private sealed record Planted(TestInstance Instance, string[] Values, byte[] File);
}
