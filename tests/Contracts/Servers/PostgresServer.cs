using System.Diagnostics;

namespace SecureStore.Contracts.Servers;

/// <summary>
/// A real PostgreSQL as a process of its own on a free port, with its data in a temporary folder: one for all
/// tests of an assembly (<c>[assembly: AssemblyFixture(typeof(PostgresServer))]</c>), each in databases of its own. It
/// starts when the first database is asked for.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private const string Owner = "postgres";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim starting = new(1);
    private readonly string folder = Directory.CreateTempSubdirectory("postgres-").FullName;
    private int databases;
    private Process? server;

    /// <summary>Where it listens; it trusts whoever is on a network of this machine.</summary>
    public string Address { get; init; } = "127.0.0.1";

    public int Port { get; private set; }

    /// <summary>Of the server itself; each of its backends is a process of its own below it.</summary>
    public int ProcessId => server?.Id ?? throw new InvalidOperationException("PostgreSQL is not running.");

    /// <summary>Where it keeps everything.</summary>
    public string Data => Path.Combine(folder, "data");

    /// <summary>An Npgsql connection string to a database of the server.</summary>
    public string ConnectionString(string database) => $"Host={Address};Port={Port};Username={Owner};Database={database};GSS Encryption Mode=Disable;SSL Mode=Disable";

    /// <summary>Makes an empty database, starting the server first where it has never been started.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        await EnsureStartedAsync();
        var name = $"test_{Interlocked.Increment(ref databases)}";
        await RunAsync("createdb", "-h", Address, "-p", $"{Port}", "-U", Owner, name);
        return ConnectionString(name);
    }

    /// <summary>Starts the server on its data, on the same port each time, and waits until it accepts connections.</summary>
    public async Task StartAsync()
    {
        if (server is not null)
            throw new InvalidOperationException("PostgreSQL is running.");
        Port = Port == 0 ? FreePorts.Next() : Port;

        var start = AsOwner("postgres", "-D", Data, "-p", $"{Port}", "-c", $"listen_addresses={Address}", "-c", "unix_socket_directories=",
            "-c", "max_connections=200", "-c", "log_min_messages=log", "-c", "logging_collector=off", "-c", "lc_messages=C");
        server = Start(start.Program, start.Arguments);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new Queue<string>();
        server.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                ready.TrySetException(new InvalidOperationException("PostgreSQL ended: " + string.Join('\n', log)));
                return;
            }

            log.Enqueue(line.Data);
            if (log.Count > 20)
                log.Dequeue();
            if (line.Data.Contains("database system is ready to accept connections", StringComparison.Ordinal))
                ready.TrySetResult();
        };
        server.BeginErrorReadLine();
        server.BeginOutputReadLine();
        await ready.Task.WaitAsync(Patience);
    }

    /// <summary>Stops it as an operator does (fast shutdown): connections are cut, commits are kept.</summary>
    public async Task StopAsync()
    {
        using var process = Take();
        await RunProcessAsync("kill", ["-INT", $"{process.Id}"]);
        await process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>kill -9 of the server and of all its backends.</summary>
    public async Task KillAsync()
    {
        using var process = Take();

        // Each backend is a process group of its own. While the server stands still it makes no more of them.
        Signals.Pause(process);
        var backends = (await File.ReadAllTextAsync($"/proc/{process.Id}/task/{process.Id}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await RunProcessAsync("sh", ["-c", $"kill -9 {process.Id} {string.Join(' ', backends)} 2>/dev/null; true"]);
        await process.WaitForExitAsync().WaitAsync(Patience);

        // The next start finds its shared memory free only when the last of them has ended.
        while (backends.Any(IsAlive))
            await Task.Yield();
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await KillAsync();
        Directory.Delete(folder, recursive: true);
        starting.Dispose();
    }

    private async Task EnsureStartedAsync()
    {
        await starting.WaitAsync();
        try
        {
            if (Directory.Exists(Data))
                return;
            if (Environment.IsPrivilegedProcess)
                await RunProcessAsync("chown", [Owner, folder]);
            await RunAsync("initdb", "-D", Data, "-U", Owner, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
            await File.AppendAllTextAsync(Path.Combine(Data, "pg_hba.conf"), "host all all samenet trust\n");
            await StartAsync();
        }
        finally
        {
            starting.Release();
        }
    }

    private Process Take() => Interlocked.Exchange(ref server, null) ?? throw new InvalidOperationException("PostgreSQL is not running.");

    private static bool IsAlive(string process)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{process}/stat");
            return status[status.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>PostgreSQL refuses to run as root: then it runs as its Debian user.</summary>
    private static (string Program, string[] Arguments) AsOwner(string program, params string[] arguments)
    {
        var path = Path.Combine(Programs, program);
        return Environment.IsPrivilegedProcess
            ? ("setpriv", ["--reuid", Owner, "--regid", Owner, "--init-groups", path, .. arguments])
            : (path, arguments);
    }

    private static Task RunAsync(string program, params string[] arguments)
    {
        var start = AsOwner(program, arguments);
        return RunProcessAsync(start.Program, start.Arguments);
    }

    private static async Task RunProcessAsync(string program, string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed: {await output}{await errors}");
    }

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = "/",
    })!;
}
