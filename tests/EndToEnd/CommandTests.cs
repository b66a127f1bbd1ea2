using System.Text.Json;

namespace SecureStore.EndToEnd;

/// <summary>The securestore command against a running archive, as its users type it.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_three_commands_of_the_banner_work_as_printed()
    {
        await using var server = await ServerProcess.StartInAsync(
            Repository.Root, folder.Path, null, $"Data:Path={folder["data"]}", $"Keys:Path={folder["keys"]}");
        var commands = server.Output.Split('\n', StringSplitOptions.TrimEntries)
            .SkipWhile(line => !line.StartsWith("Next", StringComparison.Ordinal)).Skip(1).Take(3).ToArray();
        Assert.All(commands, command => Assert.Contains("dotnet run --project src/Client -- ", command, StringComparison.Ordinal));

        // Built already: the same program without the SDK's build.
        var script = string.Join('\n', ["set -e", .. commands])
            .Replace("dotnet run --project src/Client -- ", $"dotnet {Repository.ClientProgram} ", StringComparison.Ordinal);
        var (exitCode, output, errors) = await RunAsync("/bin/bash", ["-c", script], Repository.Root);
        Assert.True(exitCode == 0, errors);
        Assert.Contains("2.25.262626262626262626262626262626262626.1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_study_is_stored_found_fetched_and_destroyed_by_commands()
    {
        await using var server = await ServerProcess.StartAsync(folder.Path);
        var study = new TestInstance { PatientId = "P-1001", PatientName = "Command^Patient" };
        Directory.CreateDirectory(folder["images/deeper"]);
        var files = new Dictionary<string, byte[]>();
        for (var i = 1; i <= 4; i++)
        {
            var one = study with { Instance = $"{study.Instance}.{i}", Seed = i };
            var path = folder[$"images/{(i > 2 ? "deeper/" : "")}{i}.dcm"];
            files.Add(one.Instance, await one.FileAsync());
            await File.WriteAllBytesAsync(path, files[one.Instance]);
        }

        await File.WriteAllTextAsync(folder["images/notes.txt"], "not DICOM");
        var token = await IssueAsync(server, "store,search,read,destroy,hold,administer,audit");

        var last = folder["images/deeper/4.dcm"];
        File.Move(last, folder["4.dcm"]);
        Assert.StartsWith("stored 3, stored before 0, not DICOM 1, refused 0", await DoneAsync(server, token, "store", "images"), StringComparison.Ordinal);
        File.Move(folder["4.dcm"], last);
        Assert.StartsWith("stored 1, stored before 3, not DICOM 1, refused 0", await DoneAsync(server, token, "store", "images"), StringComparison.Ordinal);

        var found = JsonDocument.Parse(await DoneAsync(server, token, "search", "--patient-id", "P-1001", "--json")).RootElement;
        Assert.Equal(study.Study, Assert.Single(found.EnumerateArray()).GetProperty("0020000D").GetProperty("Value")[0].GetString());
        Assert.Contains(study.Study, await DoneAsync(server, token, "search", "--patient-name", "Comm*", "--date", "2026-01-01..", "--modality", "CT"), StringComparison.Ordinal);
        Assert.DoesNotContain(study.Study, await DoneAsync(server, token, "search", "--patient-id", "P-1002"), StringComparison.Ordinal);

        await DoneAsync(server, token, "fetch", study.Study, "-o", "out");
        foreach (var (instance, file) in files)
        {
            Assert.Equal(file, await File.ReadAllBytesAsync(folder[$"out/{study.Study}/{study.Series}/{instance}.dcm"]));
        }

        Assert.Contains(study.Study, await DoneAsync(server, token, "retention", "plan", "--until", "2099-12-31"), StringComparison.Ordinal);
        Assert.DoesNotContain(study.Study, await DoneAsync(server, token, "retention", "plan"), StringComparison.Ordinal);
        Assert.Contains("P-1001", await DoneAsync(server, token, "retention", "show", study.Study), StringComparison.Ordinal);
        await DoneAsync(server, token, "retention", "run");
        await DoneAsync(server, token, "retention", "hold", study.Study, "--reason", "Lawsuit 12/26");
        Assert.Equal(1, (await CommandAsync(server, token, "destroy", study.Study, "--reason", "Consent withdrawn", "--yes")).ExitCode);
        await DoneAsync(server, token, "retention", "release", study.Study);

        var destroyed = await DoneAsync(server, token, "destroy", study.Study, "--reason", "Consent withdrawn", "--yes");
        Assert.Equal(4, JsonDocument.Parse(destroyed).RootElement.GetProperty("instances").GetInt32());
        Assert.Equal(destroyed, await DoneAsync(server, token, "certificate", study.Study));
        Assert.Equal(1, (await CommandAsync(server, token, "fetch", study.Study, "-o", "again")).ExitCode);
        var again = await CommandAsync(server, token, "store", "--again", "images");
        Assert.Equal(1, again.ExitCode);
        Assert.StartsWith("stored 0, stored before 0, not DICOM 1, refused 4", again.Output, StringComparison.Ordinal);

        var log = (await DoneAsync(server, token, "audit", "show", "--json")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("action").GetString()).ToList();
        foreach (var action in new[] { "InstancesStored", "Query", "StudyOpened", "LegalHoldSet", "LegalHoldReleased", "StudyDestroyed", "TokenIssued" })
        {
            Assert.Contains(action, log);
        }
    }

    [Fact]
    public async Task A_token_for_one_patient_and_wrong_usage()
    {
        await using var server = await ServerProcess.StartAsync(folder.Path);
        var study = new TestInstance { PatientId = "P 7:e" };
        await File.WriteAllBytesAsync(folder["one.dcm"], await study.FileAsync());
        await DoneAsync(server, await IssueAsync(server, "store"), "store", "one.dcm");

        var covered = await IssueAsync(server, "search,read", "--patient", "P 7:e");
        Assert.Contains(study.Study, await DoneAsync(server, covered, "search"), StringComparison.Ordinal);
        await DoneAsync(server, covered, "fetch", $"{study.Study}/{study.Series}/{study.Instance}", "-o", "out");
        var other = await IssueAsync(server, "search,read", "--patient", "P 8");
        Assert.DoesNotContain(study.Study, await DoneAsync(server, other, "search"), StringComparison.Ordinal);
        Assert.Equal(1, (await CommandAsync(server, other, "fetch", study.Study, "-o", "out2")).ExitCode);

        Assert.Equal(2, (await CommandAsync(server, covered, "obliterate")).ExitCode);
        Assert.Equal(2, (await CommandAsync(server, "", "search")).ExitCode);
        Assert.Equal(1, (await CommandAsync(server, "no-token", "search")).ExitCode);
    }

    private async Task<string> IssueAsync(ServerProcess server, string actions, params string[] more)
    {
        var token = await DoneAsync(server, "", ["token", "issue", "--actions", actions, "--purpose", "TREAT", .. more]);
        Assert.Matches(@"\A[\w-]+\.[\w-]+\.[\w-]+\n\z", token);
        return token.TrimEnd();
    }

    private async Task<string> DoneAsync(ServerProcess server, string token, params string[] arguments)
    {
        var (exitCode, output, errors) = await CommandAsync(server, token, arguments);
        Assert.True(exitCode == 0, $"{string.Join(' ', arguments)}: exit code {exitCode}: {errors}");
        return output;
    }

    private Task<(int ExitCode, string Output, string Errors)> CommandAsync(ServerProcess server, string token, params string[] arguments) =>
        RunAsync("dotnet", [Repository.ClientProgram, .. arguments], folder.Path, ("SECURESTORE_URL", server.Url), ("SECURESTORE_TOKEN", token));

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string program, string[] arguments, string workingFolder, params (string Name, string Value)[] environment) =>
        Programs.RunAsync(program, arguments, workingFolder, [("XDG_STATE_HOME", folder["state"]), .. environment]);
}
