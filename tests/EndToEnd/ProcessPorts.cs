namespace SecureStore.EndToEnd;

/// <summary>The TCP ports at a process's end of its sockets (proc(5)).</summary>
internal static class ProcessPorts
{
    private const string Listening = "0A";

    public static Task<HashSet<int>> ListeningAsync(int process) => OfAsync(process, state => state == Listening);

    /// <summary>Those of its connections as well.</summary>
    public static Task<HashSet<int>> AllAsync(int process) => OfAsync(process, _ => true);

    private static async Task<HashSet<int>> OfAsync(int process, Func<string, bool> isWanted)
    {
        var inodes = Directory.GetFiles($"/proc/{process}/fd").Select(Target)
            .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target[8..^1]).ToHashSet();
        var ports = new HashSet<int>();
        foreach (var table in new[] { "tcp", "tcp6" })
        {
            foreach (var line in (await File.ReadAllLinesAsync($"/proc/{process}/net/{table}")).Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (isWanted(fields[3]) && inodes.Contains(fields[9]))
                {
                    ports.Add(Convert.ToInt32(fields[1].Split(':')[1], 16));
                }
            }
        }

        return ports;
    }

    /// <summary>Empty where the file was closed meanwhile.</summary>
    private static string Target(string file)
    {
        try
        {
            return File.ResolveLinkTarget(file, false)?.Name ?? "";
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }
}
