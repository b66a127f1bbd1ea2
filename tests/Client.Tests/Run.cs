using SecureStore.Client.Commands;
using SecureStore.Client.Output;

namespace SecureStore.Client.Tests;

/// <summary>Runs the command in this process, in a folder and with an environment of its own.</summary>
public sealed class Run : IDisposable
{
    readonly Dictionary<string, string> _environment = [];

    public Run()
    {
        Folder = Directory.CreateTempSubdirectory("securestore-client-").FullName;
        _environment["XDG_STATE_HOME"] = Path.Combine(Folder, "state");
        _environment["SECURESTORE_TOKEN"] = "the.secret.token";
    }

    public string Folder { get; }

    public string Journal => Path.Combine(Folder, "state", "securestore", ".securestore-journal");

    public string? Input { get; set; }

    public bool OutIsTerminal { get; set; }

    public bool ErrorIsTerminal { get; set; }

    public string Out { get; private set; } = "";

    public string Error { get; private set; } = "";

    public string? this[string variable]
    {
        set
        {
            if (value is null)
            {
                _environment.Remove(variable);
            }
            else
            {
                _environment[variable] = value;
            }
        }
    }

    public Task<int> CommandAsync(FakeArchive archive, params string[] arguments)
    {
        this["SECURESTORE_URL"] = archive.Url;
        return CommandAsync(arguments);
    }

    public async Task<int> CommandAsync(params string[] arguments) => await CommandAsync(arguments, CancellationToken.None);

    public async Task<int> CommandAsync(string[] arguments, CancellationToken cancellation)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var io = new CommandIo
        {
            In = new StringReader(Input ?? ""),
            Out = output,
            Error = error,
            InIsTerminal = Input is not null,
            OutIsTerminal = OutIsTerminal,
            ErrorIsTerminal = ErrorIsTerminal,
            TimeProvider = new HurriedTime(),
            Environment = name => _environment.GetValueOrDefault(name),
        };
        var exit = await SecureStoreCommand.RunAsync(arguments, io, cancellation);
        (Out, Error) = (output.ToString(), error.ToString());
        return exit;
    }

    /// <summary>Writes a file below the folder and returns its path.</summary>
    public string Write(string name, byte[] content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string WriteAdmin(UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var path = Write("admin.json", """{"client_id":"admin","client_secret":"s3cret+/="}"""u8.ToArray());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }

        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>Waits between attempts take no time; longer time-outs stay as they are.</summary>
sealed class HurriedTime : TimeProvider
{
    static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero && dueTime <= LongestWait ? TimeSpan.Zero : dueTime, period);
}
