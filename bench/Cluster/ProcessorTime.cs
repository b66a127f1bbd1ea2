using System.Diagnostics;
using System.Globalization;

namespace SecureStore.Bench.Cluster;

/// <summary>Processor seconds of the client, the silos and what they store into: who kept the machine busy (proc_stat(5)).</summary>
internal sealed record ProcessorTime(double Client, double Silos, double Postgres, double Azurite)
{
    /// <summary>Of Linux on every platform that .NET runs on.</summary>
    private const double TicksASecond = 100;

    public static ProcessorTime Now(Backends backends, MeasuredCluster cluster)
    {
        using var client = Process.GetCurrentProcess();
        return new ProcessorTime(
            Seconds(client.Id, andChildren: false), cluster.ProcessIds.Sum(silo => Seconds(silo, andChildren: false)),
            Seconds(backends.Postgres.ProcessId, andChildren: true), Seconds(backends.Azurite.ProcessId, andChildren: false));
    }

    public ProcessorTime Since(ProcessorTime before) =>
        new(Client - before.Client, Silos - before.Silos, Postgres - before.Postgres, Azurite - before.Azurite);

    public override string ToString() =>
        $"processor seconds: client {Client:0.0}, silos {Silos:0.0}, PostgreSQL {Postgres:0.0}, Azurite {Azurite:0.0}";

    /// <param name="process">Its id.</param>
    /// <param name="andChildren">Those that live now and those that have ended.</param>
    private static double Seconds(int process, bool andChildren)
    {
        // What follows the name, which may hold anything: utime, stime, cutime and cstime are fields 14 to 17 of the whole line.
        var line = File.ReadAllText($"/proc/{process}/stat");
        var ticks = line[(line.LastIndexOf(')') + 2)..].Split(' ')[11..15].Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return andChildren ? ticks.Sum() / TicksASecond + Children(process).Sum(child => Seconds(child, andChildren: false)) : (ticks[0] + ticks[1]) / TicksASecond;
    }

    private static IEnumerable<int> Children(int process) => File.ReadAllText($"/proc/{process}/task/{process}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, CultureInfo.InvariantCulture));
}
