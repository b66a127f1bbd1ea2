using System.Net.Http.Json;
using System.Text.Json;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd.Chaos;

/// <summary>
/// Callers who store, read, search and destroy by way of any silo, and hold every answer against what was acknowledged before they asked.
/// No answer and 503 are what faults may do; anything else that is not right is a wrong.
/// </summary>
internal sealed class MixedLoad(ClusterOfSilos cluster, string token, Acknowledged acknowledged, int seed)
{
    private const int Patients = 12;
    private const int LargeRows = 800;
    private const int RequestsPerSilo = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>A destruction waits for the leases of silos that do not answer: 30 s.</summary>
    private static readonly TimeSpan PatienceToDestroy = TimeSpan.FromSeconds(45);

    /// <summary>Callers of each kind and their pace, until they are stopped.</summary>
    public Task RunAsync(CancellationToken stop)
    {
        (int Callers, int Milliseconds, Func<ArchiveClient[], Random, Task> Act)[] kinds =
            [(4, 300, StoreAsync), (3, 100, ReadAsync), (2, 200, SearchAsync), (3, 1500, DestroyAsync)];
        return Task.WhenAll(kinds.SelectMany((kind, number) => Enumerable.Range(0, kind.Callers).Select(async caller =>
        {
            var random = new Random(seed * 100 + number * 10 + caller);
            var clients = Clients(kind.Act == DestroyAsync ? PatienceToDestroy : Patience);
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(kind.Milliseconds));
            while (!stop.IsCancellationRequested)
            {
                await kind.Act(clients, random);
                await pace.WaitForNextTickAsync(CancellationToken.None);
            }

            Array.ForEach(clients, client => client.Dispose());
        })));
    }

    /// <summary>One client a silo.</summary>
    public ArchiveClient[] Clients(TimeSpan patience, bool askAgain = false) =>
        [.. cluster.Silos.Select(silo =>
        {
            var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) };
            var client = new ArchiveClient(silo.Url, cluster.KeysPath, askAgain ? new AskingAgain(handler) : handler);
            client.Http.Timeout = patience;
            client.Use(token);
            return client;
        })];

    /// <summary>The answer's certificate id, or null where there is none.</summary>
    public static async Task<(int Status, string? Certificate)> DestroyAsync(ArchiveClient client, string study)
    {
        using var response = await client.Http.PostAsJsonAsync(new Uri($"/api/studies/{study}/destroy", UriKind.Relative), new { reason = "Chaos" });
        return ((int)response.StatusCode, response.IsSuccessStatusCode
            ? (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("certificate_id").GetString()
            : null);
    }

    /// <summary>Studies that a search for this study finds.</summary>
    public static async Task<(int Status, int Found)> SearchAsync(ArchiveClient client, string study)
    {
        var (status, body) = await client.JsonAsync($"/dicom-web/studies?StudyInstanceUID={study}");
        return (status, status == 200 ? body.GetArrayLength() : 0);
    }

    public static async Task<(int Status, string Hash)> FetchAsync(ArchiveClient client, TestInstance one)
    {
        var (status, body) = await client.FetchAsync(one.Study, one.Series, one.Instance);
        return (status, StoredInstance.HashOf(body));
    }

    private async Task StoreAsync(ArchiveClient[] clients, Random random)
    {
        var study = random.Next(2) == 0 && acknowledged.Draw(random) is { } known ? known : NewStudy(random);
        var files = new List<byte[]>();
        var sent = new List<StoredInstance>();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var rows = random.Next(60) == 0 ? LargeRows : 64;
            var one = study.First with { Instance = DicomUID.New(), Seed = random.Next(), Rows = rows, Columns = rows };
            files.Add(await one.FileAsync());
            sent.Add(new StoredInstance(one, StoredInstance.HashOf(files[^1])));
        }

        // Half of those who hear nothing send the same once more.
        do
        {
            var isGone = study.Certificate is not null;
            if (await AskAsync(clients, random, silo => silo.StoreAsync(null, files)) is not { } answer)
            {
                continue;
            }

            var stored = answer.Status is 200 ? sent : answer.Status is 202 ? [.. sent.Where(one => Acknowledges(answer.Result, one))] : [];
            if (stored.Count > 0)
            {
                var isNew = study.Requests == 0;
                study.Add(stored);
                if (isNew)
                {
                    acknowledged.Add(study);
                }

                acknowledged.Count("stored");
            }

            if (isGone ? stored.Count > 0 : stored.Count < sent.Count && !study.IsDoomed)
            {
                acknowledged.Wrong($"Storing into {study.First.Study} was answered with {answer.Status} {answer.Result}");
            }

            return;
        }
        while (random.Next(2) == 0);
    }

    private async Task ReadAsync(ArchiveClient[] clients, Random random)
    {
        if (acknowledged.Draw(random) is not { } study)
        {
            return;
        }

        var isGone = study.Certificate is not null;
        var one = study.Instances.ElementAt(random.Next(study.Instances.Count));
        if (await AskAsync(clients, random, silo => FetchAsync(silo, one.Instance)) is not { } answer)
        {
            return;
        }

        acknowledged.Count(isGone ? "refused to read" : "read");
        study.WasRead |= answer.Status == 200;
        if (isGone ? answer.Status != 404 : answer.Status == 200 ? answer.Result != one.Hash : !study.IsDoomed)
        {
            acknowledged.Wrong($"Reading {one.Instance.Instance} of {study.First.Study} was answered with {answer.Status}, {(isGone ? "destroyed" : "kept")}");
        }
    }

    private async Task SearchAsync(ArchiveClient[] clients, Random random)
    {
        if (acknowledged.Draw(random) is not { } study)
        {
            return;
        }

        var isGone = study.Certificate is not null;
        if (await AskAsync(clients, random, silo => SearchAsync(silo, study.First.Study)) is not { } answer)
        {
            return;
        }

        acknowledged.Count("searched");
        if (answer.Status != 200 || (isGone ? answer.Result != 0 : answer.Result != 1 && !study.IsDoomed))
        {
            acknowledged.Wrong($"Searching {study.First.Study} was answered with {answer}, {(isGone ? "destroyed" : "kept")}");
        }
    }

    /// <summary>One in two whose answer is lost is asked for again.</summary>
    private async Task DestroyAsync(ArchiveClient[] clients, Random random)
    {
        if (acknowledged.Draw(random) is not { } study || study.Certificate is not null || (study.IsDoomed && random.Next(2) == 0))
        {
            return;
        }

        study.IsDoomed = true;
        if (await AskAsync(clients, random, silo => DestroyAsync(silo, study.First.Study)) is not { } answer)
        {
            return;
        }

        acknowledged.Count("destroyed");
        if (answer.Result is null || (study.Certificate ??= answer.Result) != answer.Result)
        {
            acknowledged.Wrong($"Destroying {study.First.Study} was answered with {answer}, before with {study.Certificate}");
        }
    }

    /// <summary>Stays with a silo mostly, and goes to another where it does not serve.</summary>
    /// <returns>Null where it does not.</returns>
    private async Task<(int Status, T Result)?> AskAsync<T>(
        ArchiveClient[] clients, Random random, Func<ArchiveClient, Task<(int Status, T Result)>> ask)
    {
        if (random.Next(RequestsPerSilo) == 0)
        {
            random.Shuffle(clients);
        }

        try
        {
            var answer = await ask(clients[0]);
            if (answer.Status != 503)
            {
                return answer;
            }

            acknowledged.Count("503");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
        {
            acknowledged.Count("no answer");
        }

        random.Shuffle(clients);
        return null;
    }

    private static StoredStudy NewStudy(Random random) => new(new TestInstance { PatientId = $"P{random.Next(Patients)}" });

    /// <summary>It stands in the Referenced SOP Sequence.</summary>
    private static bool Acknowledges(JsonElement answer, StoredInstance one) =>
        answer.TryGetProperty("00081199", out var stored) && stored.GetProperty("Value").EnumerateArray()
            .Any(item => item.GetProperty("00081155").GetProperty("Value")[0].GetString() == one.Instance.Instance);
}
