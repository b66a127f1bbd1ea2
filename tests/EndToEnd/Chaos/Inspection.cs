using System.Text;
using System.Text.Json;

namespace SecureStore.EndToEnd.Chaos;

/// <summary>What has to hold when everything is whole again and nobody stores any more.</summary>
internal sealed class Inspection(Acknowledged acknowledged, ArchiveClient[] silos)
{
    private const int AtOnce = 8;
    private const int EntriesAtOnce = 10_000;

    /// <summary>What breaking off leaves behind, and a later check or sweep cleans up.</summary>
    private static readonly string[] Leftovers = ["orphan_segment", "objects_without_study", "key_without_study", "patient_without_studies"];

    public async Task RunAsync()
    {
        await Parallel.ForEachAsync(acknowledged.Kept.SelectMany(study => study.Instances).Index(), Options, async (one, _) =>
        {
            var (status, hash) = await MixedLoad.FetchAsync(silos[one.Index % silos.Length], one.Item.Instance);
            Require(status == 200 && hash == one.Item.Hash, $"Instance {one.Item.Instance.Instance} of {one.Item.Instance.Study} came back with {status}");
        });
        await Parallel.ForEachAsync(acknowledged.Kept, Options, async (study, _) =>
        {
            study.WasRead = true;
            foreach (var silo in silos)
            {
                Require(await MixedLoad.SearchAsync(silo, study.First.Study) == (200, 1), $"Study {study.First.Study} is not found by each silo");
            }
        });
        await Parallel.ForEachAsync(acknowledged.Doomed, Options, async (study, _) => await DestroyedAsync(study));
        await FsckAsync();
        await LogAsync();
    }

    private static ParallelOptions Options => new() { MaxDegreeOfParallelism = AtOnce };

    /// <summary>Gone, or in doubt and then the same to all silos; in the end gone for all, for good.</summary>
    private async Task DestroyedAsync(StoredStudy study)
    {
        var uid = study.First.Study;
        if (study.Certificate is null)
        {
            acknowledged.Count("destructions in doubt");
            Require((await LookAsync(study)).Distinct().Count() == 1, $"The silos do not agree whether study {uid} was destroyed");
            (_, study.Certificate) = await MixedLoad.DestroyAsync(silos[0], uid);
            Require(study.Certificate is not null, $"Study {uid} cannot be destroyed");
        }

        Require((await LookAsync(study)).All(look => look == (404, 200, 0)), $"Study {uid} was destroyed, and is there");
        Require((await MixedLoad.DestroyAsync(silos[^1], uid)).Certificate == study.Certificate, $"Study {uid} has two certificates");
        var first = study.Instances.First().Instance;
        foreach (var silo in silos)
        {
            Require((await silo.StoreAsync(null, await first.FileAsync())).Status == 409, $"Study {uid} was destroyed, and is stored again");
        }
    }

    /// <summary>How each silo answers who reads the study, and who searches it.</summary>
    private async Task<IReadOnlyList<(int Read, int Search, int Found)>> LookAsync(StoredStudy study)
    {
        var looks = new List<(int Read, int Search, int Found)>();
        foreach (var silo in silos)
        {
            var reads = await Task.WhenAll(study.Instances.Select(one => MixedLoad.FetchAsync(silo, one.Instance)));
            var (status, found) = await MixedLoad.SearchAsync(silo, study.First.Study);
            looks.AddRange(reads.Select(read => (read.Status, status, found)).Distinct());
        }

        return looks;
    }

    private async Task FsckAsync()
    {
        using var answer = await silos[0].Http.PostAsync(new Uri("/api/fsck", UriKind.Relative), null);
        var lines = Lines(await answer.Content.ReadAsStringAsync());
        foreach (var finding in lines.Where(line => line.GetProperty("type").GetString() is "finding" or "quarantined"))
        {
            Require(Leftovers.Contains(finding.GetProperty("kind").GetString()), $"fsck: {finding}");
        }

        Require(lines[^1].GetProperty("type").GetString() == "end", $"fsck: {lines[^1]}");
    }

    /// <summary>Each acknowledged store, release and destruction is in the log; the archive opens each entry and finds it in its place.</summary>
    private async Task LogAsync()
    {
        var entries = new List<(string Action, string Study, string Detail, string Id)>();
        int last;
        do
        {
            last = entries.Count;
            var (_, body) = await silos[0].GetAsync($"/api/audit/entries?from={entries.Count}&limit={EntriesAtOnce}", "application/x-ndjson");
            foreach (var line in Lines(Encoding.UTF8.GetString(body)))
            {
                Require(line.GetProperty("index").GetInt32() == entries.Count, $"Entry {entries.Count} of the audit log is {line}");
                entries.Add((Text(line, "action"), Text(line, "study_instance_uid"), Text(line, "detail"), Text(line, "id")));
            }
        }
        while (entries.Count == last + EntriesAtOnce);

        var stored = entries.Where(entry => entry is { Action: "InstancesStored", Detail: "begin" }).CountBy(entry => entry.Study).ToDictionary();
        var opened = entries.Where(entry => entry.Action == "StudyOpened").Select(entry => entry.Study).ToHashSet();
        var destroyed = entries.Where(entry => entry.Action == "StudyDestroyed").ToLookup(entry => entry.Study, entry => entry.Id);
        foreach (var study in acknowledged.Studies)
        {
            var uid = study.First.Study;
            Require(stored.GetValueOrDefault(uid) >= study.Requests, $"{study.Requests} stores into {uid} are {stored.GetValueOrDefault(uid)} in the log");
            Require(!study.WasRead || opened.Contains(uid), $"Study {uid} was read, which is not in the log");
            Require(destroyed[uid].SequenceEqual(study.Certificate is null ? [] : [study.Certificate]), $"The log tells of the end of {uid} otherwise");
        }
    }

    private void Require(bool holds, string wrong)
    {
        if (!holds)
        {
            acknowledged.Wrong(wrong);
        }
    }

    private static string Text(JsonElement line, string member) => line.TryGetProperty(member, out var value) ? value.GetString()! : "";

    private static JsonElement[] Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
