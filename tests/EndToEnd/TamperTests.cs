using System.Text.Json;
using Microsoft.Data.Sqlite;
using SecureStore.Grains.Storage;

namespace SecureStore.EndToEnd;

/// <summary>Whoever changes what lies on the disk gets no wrong byte served, and does not keep other studies from being served.</summary>
public sealed class TamperTests : IAsyncLifetime
{
    private const int Instances = 3;
    private static readonly byte[] ObjectMagic = [0x89, 0x53, 0x45, 0x41, 0x4C, 0x0D, 0x0A, 0x1A];

    private readonly TemporaryFolder folder = new();
    private readonly TestInstance victim = new() { PatientId = "VICTIM", Rows = 200, Columns = 200 };
    private readonly TestInstance other = new() { PatientId = "OTHER", Rows = 200, Columns = 200 };
    private readonly Dictionary<string, byte[]> answers = [];

    public async ValueTask InitializeAsync()
    {
        await using var archive = await InProcessArchive.StartAsync(null, folder.Path);
        var client = await archive.Client.WithTokenAsync();
        foreach (var study in new[] { victim, other })
        {
            var files = await Task.WhenAll(Of(study).Select(one => one.FileAsync()));
            Assert.Equal(200, (await client.StoreAsync(null, files)).Status);
            foreach (var path in PathsOf(study))
            {
                var (status, body) = await client.GetAsync(path, Accept(path));
                Assert.Equal(200, status);
                answers.Add(path, Comparable(path, body, archive.Url));
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return default;
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_in_a_segment_is_never_served()
    {
        await using var archive = await InProcessArchive.StartAsync(null, folder.Path);
        var client = await archive.Client.WithTokenAsync();
        var segment = Segment(archive, victim);
        var whole = await File.ReadAllBytesAsync(segment);
        var headers = Headers(whole);
        Assert.True(headers.Count >= 2 * Instances);

        // Every part of the first header and what follows it, the ends of each object, and places all over.
        var places = Enumerable.Range(0, 80).Concat(headers.Skip(1).SelectMany(at => new[] { at - 1, at - 16, at - 17, at, at + 20, at + 40, at + 64 }))
            .Append(whole.Length - 1).Concat(Enumerable.Range(1, 40).Select(i => whole.Length / 41 * i)).Where(at => at < whole.Length)
            .Select(at => BeforePadding(whole, at)).Distinct();
        foreach (var place in places)
        {
            await WriteAsync(segment, place, [(byte)(whole[place] ^ 0x10)]);
            Assert.True(await FailuresAsync(archive, victim) > 0, $"A bit flipped at {place} of {whole.Length} was not noticed.");
            await WriteAsync(segment, place, [whole[place]]);
        }

        Assert.Equal(0, await FailuresAsync(archive, victim));
        Assert.Equal(0, await FailuresAsync(archive, other));
    }

    /// <summary>The place itself, or the last byte before the zeros that fill up its block: they are no part of an object.</summary>
    private static int BeforePadding(byte[] segment, int place)
    {
        var end = Math.Min(segment.Length, (place / BlockMemory.BlockSize + 1) * BlockMemory.BlockSize);
        return segment.AsSpan(place..end).ContainsAnyExcept((byte)0) ? place : segment.AsSpan(0, place).LastIndexOfAnyExcept((byte)0);
    }

    [Fact]
    public async Task Cut_extended_and_swapped_segments_and_objects_are_never_served()
    {
        await using var archive = await InProcessArchive.StartAsync(null, folder.Path);
        var (mine, theirs) = (Segment(archive, victim), Segment(archive, other));
        var (whole, foreign) = (await File.ReadAllBytesAsync(mine), await File.ReadAllBytesAsync(theirs));

        var last = BeforePadding(whole, whole.Length - 1);
        foreach (var length in new[] { 0, 1, 63, 64, 100, BeforePadding(whole, whole.Length / 2), last - 16, last })
        {
            await WriteAsync(mine, 0, whole[..length], length);
            Assert.True(await FailuresAsync(archive, victim) > 0, $"A cut at {length} was not noticed.");
        }

        await WriteAsync(mine, 0, [.. whole, .. whole], 2 * whole.Length);
        Assert.Equal(0, await FailuresAsync(archive, victim));

        await WriteAsync(mine, 0, foreign, foreign.Length);
        await WriteAsync(theirs, 0, whole, whole.Length);
        Assert.Equal(answers.Count, await FailuresAsync(archive, victim) + await FailuresAsync(archive, other));
        await WriteAsync(theirs, 0, foreign, foreign.Length);

        // Two objects of one study, and two chunks of one object.
        var headers = Headers(whole);
        var each = headers.Count / Instances;
        var length1 = headers[1] - headers[0];
        Assert.Equal(length1, headers[each + 1] - headers[each]);
        await WriteAsync(mine, 0, Swapped(whole, headers[0], headers[each], length1), whole.Length);
        Assert.True(await FailuresAsync(archive, victim) > 0);
        await WriteAsync(mine, 0, Swapped(whole, headers[0] + 64, headers[0] + 64 + 65552, 65552 / 8), whole.Length);
        Assert.True(await FailuresAsync(archive, victim) > 0);

        await WriteAsync(mine, 0, whole, whole.Length);
        Assert.Equal(0, await FailuresAsync(archive, victim));
        Assert.Equal(0, await FailuresAsync(archive, other));
    }

    [Theory]
    [InlineData("catalog.db", "CREATE TEMP TABLE old AS SELECT study, ordinal, sealed_record FROM instances; UPDATE instances SET sealed_record = (SELECT sealed_record FROM old WHERE old.study = $victim AND old.ordinal <> instances.ordinal ORDER BY ordinal LIMIT 1) WHERE study = $victim")]
    [InlineData("catalog.db", "UPDATE instances SET sealed_record = (SELECT sealed_record FROM instances i WHERE i.study = $other LIMIT 1) WHERE study = $victim")]
    [InlineData("catalog.db", "UPDATE studies SET sealed_facts = (SELECT sealed_facts FROM studies s WHERE s.study = $other) WHERE study = $victim")]
    [InlineData("catalog.db", "UPDATE studies SET due_day = due_day - 4000 WHERE study = $victim")]
    [InlineData("catalog.db", "UPDATE studies SET due_day = due_day + 4000 WHERE study = $victim")]
    [InlineData("catalog.db", "UPDATE studies SET due_day = NULL WHERE study = $victim")]
    [InlineData("catalog.db", "UPDATE instances SET sealed_record = substr(sealed_record, 1, length(sealed_record) - 1) || x'00' WHERE study = $victim")]
    [InlineData("vault.db", "UPDATE keys SET WrappedKey = (SELECT WrappedKey FROM keys k WHERE k.Kind = $study AND k.Id = $other) WHERE Kind = $study AND Id = $victim")]
    [InlineData("vault.db", "UPDATE keys SET WrappedKey = (SELECT WrappedKey FROM keys k WHERE k.Kind = $study AND k.Id = $other), Sealed = (SELECT Sealed FROM keys k WHERE k.Kind = $study AND k.Id = $other), Parent = (SELECT Parent FROM keys k WHERE k.Kind = $study AND k.Id = $other), KeyId = (SELECT KeyId FROM keys k WHERE k.Kind = $study AND k.Id = $other), Version = (SELECT Version FROM keys k WHERE k.Kind = $study AND k.Id = $other) WHERE Kind = $study AND Id = $victim")]
    [InlineData("vault.db", "UPDATE keys SET WrappedKey = (SELECT WrappedKey FROM keys k WHERE k.Kind = $patient AND k.Id <> keys.Id) WHERE Kind = $patient AND Id = (SELECT Parent FROM keys k WHERE k.Kind = $study AND k.Id = $victim)")]
    public async Task A_row_in_anothers_place_or_altered_opens_nothing(string database, string change)
    {
        await using (var before = await InProcessArchive.StartAsync(null, folder.Path))
        {
            await ChangeAsync(before, database, change);
        }

        await using var archive = await InProcessArchive.StartAsync(null, folder.Path);
        Assert.True(await FailuresAsync(archive, victim) > 0);
        Assert.Equal(0, await FailuresAsync(archive, other));
    }

    [Fact]
    public async Task Studies_whose_names_are_swapped_in_the_catalog_are_not_served_for_one_another()
    {
        await using (var before = await InProcessArchive.StartAsync(null, folder.Path))
        {
            await ChangeAsync(before, "catalog.db", """
                CREATE TEMP TABLE names AS SELECT study, study_uid FROM studies;
                UPDATE studies SET study_uid = zeroblob(32) WHERE study = $victim;
                UPDATE studies SET study_uid = (SELECT study_uid FROM names WHERE names.study = $victim) WHERE study = $other;
                UPDATE studies SET study_uid = (SELECT study_uid FROM names WHERE names.study = $other) WHERE study = $victim
                """);
        }

        await using var archive = await InProcessArchive.StartAsync(null, folder.Path);
        Assert.Equal(answers.Count, await FailuresAsync(archive, victim) + await FailuresAsync(archive, other));
    }

    [Fact]
    public async Task A_damaged_page_key_opens_nothing()
    {
        await using (var before = await InProcessArchive.StartAsync(null, folder.Path))
        {
            await ChangeAsync(before, "vault.db", "UPDATE keys SET WrappedKey = substr(WrappedKey, 1, length(WrappedKey) - 1) || x'5A' WHERE Kind = $page");
        }

        await using var archive = await InProcessArchive.StartAsync(null, folder.Path);
        Assert.Equal(answers.Count, await FailuresAsync(archive, victim) + await FailuresAsync(archive, other));
    }

    private static IEnumerable<TestInstance> Of(TestInstance study) =>
        Enumerable.Range(1, Instances).Select(i => study with { Instance = $"{study.Instance}.{i}", Seed = i });

    private static IEnumerable<string> PathsOf(TestInstance study) =>
        Of(study).Select(one => $"/dicom-web/studies/{one.Study}/series/{one.Series}/instances/{one.Instance}")
            .SelectMany(path => new[] { path, path + "/metadata", path + "/frames/1" }).Append($"/dicom-web/studies/{study.Study}/metadata");

    private static string Accept(string path) => path switch
    {
        _ when path.EndsWith("metadata", StringComparison.Ordinal) => "application/dicom+json",
        _ when path.Contains("/frames/", StringComparison.Ordinal) => "application/octet-stream",
        _ => "application/dicom; transfer-syntax=*",
    };

    /// <summary>Metadata names the server's address, which changes with each start.</summary>
    private static byte[] Comparable(string path, byte[] body, string url) => path.EndsWith("metadata", StringComparison.Ordinal)
        ? JsonSerializer.SerializeToUtf8Bytes(System.Text.Encoding.UTF8.GetString(body).Replace(url, "", StringComparison.Ordinal))
        : body;

    /// <summary>Asks for everything of a study with a token of its own. What is answered must be right; the rest is counted.</summary>
    private async Task<int> FailuresAsync(InProcessArchive archive, TestInstance study)
    {
        using var client = await new ArchiveClient(archive.Url, archive.KeysPath).WithTokenAsync("read,search");
        var failures = 0;
        foreach (var path in PathsOf(study))
        {
            try
            {
                var (status, body) = await client.GetAsync(path, Accept(path));
                if (status == 200)
                {
                    Assert.Equal(answers[path], Comparable(path, body, archive.Url));
                }
                else
                {
                    Assert.InRange(status, 400, 599);
                    failures++;
                }
            }
            catch (HttpRequestException)
            {
                failures++;
            }
        }

        return failures;
    }

    private static async Task<string> HandleAsync(InProcessArchive archive, TestInstance study)
    {
        var vault = archive.Services.GetService(typeof(Grains.Vault.Vault)) as Grains.Vault.Vault;
        var catalog = archive.Services.GetService(typeof(ICatalog)) as ICatalog;
        return (await catalog!.FindStudyAsync(vault!.MacOfUid(study.Study), CancellationToken.None))!.Study.ToString();
    }

    private async Task ChangeAsync(InProcessArchive archive, string database, string change)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(archive.DataPath, database)};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = change;
        foreach (var (name, study) in new[] { ("$victim", victim), ("$other", other) })
        {
            var handle = Guid.ParseExact(await HandleAsync(archive, study), "N");
            command.Parameters.AddWithValue(name, handle.ToByteArray(bigEndian: database == "catalog.db"));
        }

        command.Parameters.AddWithValue("$study", (int)VaultRowKind.Study);
        command.Parameters.AddWithValue("$patient", (int)VaultRowKind.Patient);
        command.Parameters.AddWithValue("$page", (int)VaultRowKind.Page);
        Assert.True(await command.ExecuteNonQueryAsync() > 0);
    }

    private static string Segment(InProcessArchive archive, TestInstance study) => Assert.Single(
        Directory.GetFiles(Path.Combine(archive.DataPath, "objects"), "*.seg", SearchOption.AllDirectories),
        file => file.Contains(HandleAsync(archive, study).GetAwaiter().GetResult(), StringComparison.Ordinal));

    private static List<int> Headers(byte[] segment)
    {
        var found = new List<int>();
        for (var at = 0; segment.AsSpan(at).IndexOf(ObjectMagic) is var next and >= 0; at += next + 1)
        {
            found.Add(at + next);
        }

        return found;
    }

    private static byte[] Swapped(byte[] whole, int first, int second, int length)
    {
        var changed = (byte[])whole.Clone();
        whole.AsSpan(first, length).CopyTo(changed.AsSpan(second));
        whole.AsSpan(second, length).CopyTo(changed.AsSpan(first));
        return changed;
    }

    /// <summary>Writes in place, as a failing disk would; with a length, the file has that length then.</summary>
    private static async Task WriteAsync(string path, long offset, byte[] bytes, long? length = null)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = offset;
        await file.WriteAsync(bytes);
        file.SetLength(length ?? file.Length);
    }
}
