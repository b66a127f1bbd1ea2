using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SecureStore.EndToEnd.Deploy;

/// <summary>The dashboard and the alarms ask for metrics that there are, and for all that are the archive's own.</summary>
public class DashboardTests
{
    private static readonly string[] LabelsThatLookLikeMetrics = ["http_route", "http_response_status_code"];

    [Fact]
    public async Task The_dashboard_and_the_alarms_ask_for_what_is_exported_and_leave_nothing_of_ours_out()
    {
        using var folder = new TemporaryFolder();
        await using var archive = await ServerProcess.StartAsync(folder.Path);
        using var client = new ArchiveClient(archive.Url, archive.KeysPath);
        await client.WithTokenAsync();
        Assert.Equal(200, (await client.StoreAsync(null, await new TestInstance().FileAsync())).Status);
        Assert.Equal(200, (await client.JsonAsync("/dicom-web/studies")).Status);
        var scraped = Regex.Matches(await MetricsTests.ScrapeAsync(archive), @"^# TYPE (\S+) \S+", RegexOptions.Multiline).Select(one => one.Groups[1].Value).ToHashSet();

        var ours = Instruments().Select(Exported).ToHashSet();
        Assert.Superset(scraped.Where(IsOurs).ToHashSet(), ours);
        Assert.True(scraped.Count(IsOurs) > 20);

        var dashboard = Asked(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy/grafana/securestore.json")));
        var alarms = Asked(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy/prometheus/securestore.rules.yml")));
        Assert.Empty(dashboard.Union(alarms).Except(ours).Except(scraped.Where(name => !IsOurs(name))));
        Assert.Empty(ours.Except(dashboard));
        Assert.NotEmpty(alarms);
    }

    [Fact]
    public async Task The_dashboard_is_one_and_every_alarm_is_in_the_handbook()
    {
        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy/grafana/securestore.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(panels.Where(panel => panel.GetProperty("type").GetString() != "row"), panel => Assert.NotEmpty(panel.GetProperty("targets").EnumerateArray()));
        var alarms = Regex.Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy/prometheus/securestore.rules.yml")), @"alert: (\S+)");
        var handbook = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/operations.md"));
        Assert.All(alarms, alarm => Assert.Contains($"`{alarm.Groups[1].Value}`", handbook, StringComparison.Ordinal));
    }

    private static bool IsOurs(string metric) => metric.StartsWith("securestore_", StringComparison.Ordinal);

    /// <summary>The metrics that queries name, without what Prometheus adds to a histogram's name.</summary>
    private static HashSet<string> Asked(string text) =>
    [
        .. Regex.Matches(text, @"\b(securestore|http|orleans|dotnet|target)_[a-z_]+\b").Select(one => Regex.Replace(one.Value, "_(bucket|count|sum)$", ""))
            .Except(LabelsThatLookLikeMetrics).Except(["securestore_study"]),
    ];

    /// <summary>An instrument's name as Prometheus has it: unit and, for a counter, "total" behind it.</summary>
    private static string Exported(Instrument instrument)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        var total = instrument.GetType().GetGenericTypeDefinition() == typeof(Counter<>) ? "_total" : "";
        return instrument.Name.Replace('.', '_') + unit + total;
    }

    /// <summary>Every instrument that the archive has, used or not.</summary>
    private static List<Instrument> Instruments()
    {
        var found = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name is "SecureStore.Grains" or "SecureStore.Silo")
                {
                    lock (found)
                    {
                        found.Add(instrument);
                    }
                }
            },
        };
        foreach (var type in ((Assembly[])[typeof(Grains.Studies.IStudyStore).Assembly, typeof(Silo.Storage.StorageServices).Assembly])
                 .SelectMany(assembly => assembly.GetTypes())
                 .Where(type => type.Namespace?.EndsWith(".Telemetry", StringComparison.Ordinal) == true && type.Name.EndsWith("Metrics", StringComparison.Ordinal)))
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        listener.Start();
        return found;
    }
}
