using System.Globalization;

namespace SecureStore.Bench;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchOptions
{
    private static readonly string[] Throughput = ["archive", "seal", "frames"];

    private static readonly string[] Benchmarks = [.. Throughput, "all", "dimse", "cluster", "search", "rows", "capacity"];

    public required string Benchmark { get; init; }

    /// <summary>Rounds that the medians are of, 1 or more.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Slices of the CT study: a multiple of <see cref="ArchiveBenchmark.SlicesARequest"/>.</summary>
    public int Slices { get; init; } = 1000;

    /// <summary>Studies in the catalog that is searched, 1000 or more.</summary>
    public int Studies { get; init; } = 1_000_000;

    /// <summary>Where the servers' folders are made.</summary>
    public string Folder { get; init; } = Path.GetTempPath();

    public bool Runs(string benchmark) => Benchmark == benchmark || (Benchmark == "all" && Throughput.Contains(benchmark));

    /// <returns>Null where the arguments are wrong.</returns>
    public static BenchOptions? Parse(IReadOnlyList<string> args)
    {
        if (args.Count % 2 == 0 || !Benchmarks.Contains(args[0]))
        {
            return null;
        }

        var options = new BenchOptions { Benchmark = args[0] };
        for (var i = 1; i < args.Count; i += 2)
        {
            var value = args[i + 1];
            var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;
            switch (args[i])
            {
                case "--rounds" when isNumber:
                    options = options with { Rounds = number };
                    break;
                case "--slices" when isNumber && number % ArchiveBenchmark.SlicesARequest == 0:
                    options = options with { Slices = number };
                    break;
                case "--studies" when isNumber && number >= 1000:
                    options = options with { Studies = number };
                    break;
                case "--folder" when Directory.Exists(value):
                    options = options with { Folder = value };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
