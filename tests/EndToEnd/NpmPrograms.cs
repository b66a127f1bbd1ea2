using System.Text.Json.Nodes;

namespace SecureStore.EndToEnd;

/// <summary>Programs of tests/npm, which use others' libraries for Node.js.</summary>
internal static class NpmPrograms
{
    /// <summary>Runs one to its end.</summary>
    /// <param name="program">Its name in tests/npm.</param>
    /// <param name="task">What it reads from its standard input.</param>
    /// <returns>The last line that it printed.</returns>
    public static async Task<string> RunAsync(string program, JsonObject task)
    {
        var (exitCode, output, errors) = await Programs.RunWithInputAsync(
            "node", [Path.Combine(Repository.Root, "tests", "npm", program)], Repository.Root, task.ToJsonString());
        Assert.True(exitCode == 0, output + errors);
        return output.TrimEnd().Split('\n')[^1];
    }
}
