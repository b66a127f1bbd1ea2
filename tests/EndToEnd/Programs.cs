using System.Diagnostics;

namespace SecureStore.EndToEnd;

/// <summary>Runs other programs to their end.</summary>
internal static class Programs
{
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string program, string[] arguments, string workingFolder, params (string Name, string Value)[] environment) =>
        RunWithInputAsync(program, arguments, workingFolder, null, environment);

    /// <param name="input">What it reads from its standard input; null for this process's.</param>
    public static async Task<(int ExitCode, string Output, string Errors)> RunWithInputAsync(
        string program, string[] arguments, string workingFolder, string? input, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingFolder, RedirectStandardInput = input is not null, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }

        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>The securestore command against a server, with a token of its own.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> SecureStoreAsync(
        ServerProcess server, string actions, params string[] arguments)
    {
        using var client = new ArchiveClient(server.Url, server.KeysPath);
        var token = await client.TokenAsync(actions);
        return await RunAsync(
            "dotnet", [Repository.ClientProgram, .. arguments], server.Folder,
            ("SECURESTORE_URL", server.Url), ("SECURESTORE_TOKEN", token), ("XDG_STATE_HOME", Path.Combine(server.Folder, "state")));
    }
}
