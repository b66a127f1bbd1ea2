using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SecureStore.Contracts.Servers;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Storage;
using SecureStore.Silo.Storage.PostgreSql;
using SecureStore.Silo.Storage.VaultStore;

namespace SecureStore.Bench.Search;

/// <summary>How long a search takes, from the request to the last result, over a catalog that <see cref="CatalogGenerator"/> filled.</summary>
internal static class SearchBenchmark
{
    private const string Caller = "BENCH";
    private const int Searches = 1000;
    private const int WarmUpSearches = 500;
    private const int Clients = 8;

    /// <summary>What OHIF asks for at a time. DIMSE knows no limit: its keys match fewer.</summary>
    private const int Limit = 101;

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(30);

    private static readonly string[] Kinds = ["patient ID", "accession number", "study date range with modality", "name prefix"];

    public static async Task<string> RunAsync(BenchOptions options)
    {
        var table = new StringBuilder("| studies | by | searches | p50 ms | p99 ms | worst ms | wanted p99 | results, median | most |\n|---:|---|---|---:|---:|---:|---:|---:|---:|\n");
        await MeasureAsync(options, table, "SQLite", [], async (data, fill) =>
        {
            using var vault = await SqliteVaultStore.OpenAsync(Path.Combine(data, "vault.db"), CancellationToken.None);
            await using var catalog = new SqliteCatalog(Path.Combine(data, "catalog.db"));
            await fill(catalog, vault);
        });
        await using var postgres = new PostgresServer();
        var (forCatalog, forVault) = (await postgres.CreateDatabaseAsync(), await postgres.CreateDatabaseAsync());
        string[] settings = ["Catalog:Provider=PostgreSql", $"ConnectionStrings:Catalog={forCatalog}", $"ConnectionStrings:Vault={forVault}"];
        await MeasureAsync(options, table, "PostgreSQL", settings, async (_, fill) =>
        {
            using var vault = await PostgresVaultStore.OpenAsync(forVault, CancellationToken.None);
            await using var catalog = new PostgresCatalog(forCatalog);
            await fill(catalog, vault);
        });
        return table.ToString();
    }

    private static async Task MeasureAsync(
        BenchOptions options, StringBuilder table, string catalog, string[] stores, Func<string, Func<ICatalog, IVaultStore, Task>, Task> open)
    {
        var (folder, port) = (MeasuredServer.NewFolder(options.Folder), MeasuredServer.FreePort());
        var (data, keys) = (Path.Combine(folder, "data"), Path.Combine(folder, "keys"));
        string[] settings =
            [$"Data:Path={data}", $"Dimse:Port={port}", $"Dimse:Peers:0:AeTitle={Caller}", "Dimse:Peers:0:Addresses:0=127.0.0.1", .. stores];

        // The first start makes keys and tables.
        await using (await MeasuredServer.StartSecureStoreAsync(MeasuredServer.NewFolder(options.Folder), keys, settings))
        {
        }

        await open(data, (rows, vault) => FillAsync(rows, vault, keys, options.Studies));
        var began = Stopwatch.GetTimestamp();
        await using var server = await MeasuredServer.StartSecureStoreAsync(folder, keys, settings, StartLimit);
        await Console.Error.WriteLineAsync($"{catalog}: served {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s after the start");
        await using var client = await OpenAsync(port, server.Client.Token);
        var (alone, together) = stores.Length == 0 ? ("≤ 10", "") : ("", "≤ 50");
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            var which = kind;
            await AddAsync($"{Kinds[kind]}, QIDO-RS, {catalog}", alone, 1, random => AskAsync(server.Client, Qido(which, Any(random, options))));
            await AddAsync($"{Kinds[kind]}, C-FIND, {catalog}", alone, 1, random => FindAsync(client, Identifier(which, Any(random, options))));
        }

        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            var which = kind;
            await AddAsync(
                $"{Kinds[kind]}, QIDO-RS, {catalog}, {Clients} clients", together, Clients, random => AskAsync(server.Client, Qido(which, Any(random, options))));
        }

        await AddAsync(
            $"any of these, QIDO-RS, {catalog}, {Clients} clients", together, Clients,
            random => AskAsync(server.Client, Qido(random.Next(Kinds.Length), Any(random, options))));

        async Task AddAsync(string what, string wanted, int clients, Func<Random, Task<(double, int)>> search)
        {
            var answers = await SearchAsync(clients, search);
            var (times, counts) = (answers.Select(answer => answer.Milliseconds), answers.Select(answer => (double)answer.Results));
            table.Append(
                CultureInfo.InvariantCulture,
                $"| {options.Studies:N0} | {what} | {answers.Count} | {Statistics.Median(times):0.00} | {Statistics.Percentile(times, 99):0.00} | {times.Max():0.00} | {wanted} | {Statistics.Median(counts):0} | {counts.Max():0} |\n");
            await Console.Error.WriteLineAsync($"{what}: p99 {Statistics.Percentile(times, 99):0.00} ms");
        }
    }

    private static async Task FillAsync(ICatalog catalog, IVaultStore vault, string keys, int studies)
    {
        var began = Stopwatch.GetTimestamp();
        await CatalogGenerator.FillAsync(
            catalog, vault, keys, studies, done => Console.Error.Write($"\r{done:N0} studies, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s"));
        await Console.Error.WriteLineAsync($"\r{studies:N0} studies generated in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
    }

    private static async Task<List<(double Milliseconds, int Results)>> SearchAsync(int clients, Func<Random, Task<(double, int)>> search)
    {
        var each = await Task.WhenAll(Enumerable.Range(0, clients).Select(number => Task.Run(async () =>
        {
            var random = new Random(number);
            var answers = new List<(double, int)>();
            for (var i = -WarmUpSearches / clients; i < Searches / clients; i++)
            {
                var answer = await search(random);
                if (i >= 0)
                {
                    answers.Add(answer);
                }
            }

            return answers;
        })));
        return [.. each.SelectMany(answers => answers)];
    }

    private static GeneratedStudy Any(Random random, BenchOptions options) => GeneratedStudy.Of(random.Next(options.Studies), options.Studies);

    private static string Qido(int kind, GeneratedStudy study) => kind switch
    {
        0 => $"PatientID={study.PatientId}",
        1 => $"AccessionNumber={study.Accession}",
        2 => $"StudyDate={study.Date:yyyyMMdd}-{study.Date.AddDays(6):yyyyMMdd}&ModalitiesInStudy={study.Modality}",
        _ => $"PatientName={study.Name[..(3 + study.Number % 3)]}*",
    } + $"&limit={Limit}";

    private static DicomDataset Identifier(int kind, GeneratedStudy study)
    {
        var identifier = new DicomDataset()
            .AddOrUpdate(DicomTag.QueryRetrieveLevel, "STUDY")
            .AddOrUpdate(DicomTag.StudyTime, "")
            .AddOrUpdate(DicomTag.StudyInstanceUID, "")
            .AddOrUpdate(DicomTag.PatientName, kind == 3 ? $"{study.Family}^{study.Given[..3]}*" : "")
            .AddOrUpdate(DicomTag.PatientID, kind == 0 ? study.PatientId : "")
            .AddOrUpdate(DicomTag.AccessionNumber, kind == 1 ? study.Accession : "")
            .AddOrUpdate(DicomTag.StudyDate, kind == 2 ? $"{study.Date:yyyyMMdd}-{study.Date:yyyyMMdd}" : "")
            .AddOrUpdate(DicomTag.ModalitiesInStudy, kind == 2 ? study.Modality : "");
        return identifier;
    }

    private static async Task<(double Milliseconds, int Results)> AskAsync(DicomWebClient client, string query)
    {
        var began = Stopwatch.GetTimestamp();
        var answer = await client.SearchAsync(query);
        var taken = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        using var json = answer.Length == 0 ? null : JsonDocument.Parse(answer);
        return (taken, AtLeastOne(json?.RootElement.GetArrayLength() ?? 0));
    }

    private static async Task<(double Milliseconds, int Results)> FindAsync(DicomClient client, DicomDataset identifier)
    {
        var (began, count) = (Stopwatch.GetTimestamp(), 0);
        await foreach (var _ in client.FindAsync(DicomUID.StudyRootQueryRetrieveInformationModelFind.UID, identifier, CancellationToken.None))
        {
            count++;
        }

        return (Stopwatch.GetElapsedTime(began).TotalMilliseconds, AtLeastOne(count));
    }

    private static int AtLeastOne(int results) =>
        results > 0 ? results : throw new InvalidDataException("A study that was generated is not found: the time says nothing.");

    private static Task<DicomClient> OpenAsync(int port, string token) => DicomClient.OpenAsync(
        new DicomClientOptions
        {
            Host = "127.0.0.1",
            Port = port,
            CalledAE = "SECURESTORE",
            CallingAE = Caller,
            Contexts = [(DicomUID.StudyRootQueryRetrieveInformationModelFind.UID, [DicomTransferSyntax.ExplicitVRLittleEndian.UID])],
            UserIdentity = new DicomUserIdentity(DicomUserIdentityType.Jwt, false, Encoding.ASCII.GetBytes(token), default),
        },
        CancellationToken.None);
}
