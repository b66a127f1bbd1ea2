using System.Text.Json;
using SecureStore.Grains.Storage;

namespace SecureStore.EndToEnd;

/// <summary>Whoever changes what is kept gets no wrong byte served, and does not keep other studies from being served.</summary>
[Collection(nameof(RunsAlone))]
public sealed class TamperTests(OwnSilos own) : IClassFixture<OwnSilos>
{
    private const int Instances = 3;
    private static readonly byte[] ObjectMagic = [0x89, 0x53, 0x45, 0x41, 0x4C, 0x0D, 0x0A, 0x1A];

    private static readonly (string Database, string Sql)[] RowChanges =
    [
        ("Catalog", "CREATE TEMP TABLE old AS SELECT study, ordinal, sealed_record FROM instances; UPDATE instances SET sealed_record = (SELECT sealed_record FROM old WHERE old.study = @victim AND old.ordinal <> instances.ordinal ORDER BY ordinal LIMIT 1) WHERE study = @victim"),
        ("Catalog", "UPDATE instances SET sealed_record = (SELECT sealed_record FROM instances i WHERE i.study = @other LIMIT 1) WHERE study = @victim"),
        ("Catalog", "UPDATE studies SET sealed_facts = (SELECT sealed_facts FROM studies s WHERE s.study = @other) WHERE study = @victim"),
        ("Catalog", "UPDATE studies SET due_day = due_day - 4000 WHERE study = @victim"),
        ("Catalog", "UPDATE studies SET due_day = due_day + 4000 WHERE study = @victim"),
        ("Catalog", "UPDATE studies SET due_day = NULL WHERE study = @victim"),
        ("Catalog", "UPDATE instances SET sealed_record = substr(sealed_record, 1, length(sealed_record) - 4) || @junk WHERE study = @victim"),
        ("Vault", "UPDATE keys SET wrapped_key = (SELECT wrapped_key FROM keys k WHERE k.kind = @study AND k.id = @other) WHERE kind = @study AND id = @victim"),
        ("Vault", "UPDATE keys SET wrapped_key = (SELECT wrapped_key FROM keys k WHERE k.kind = @study AND k.id = @other), sealed = (SELECT sealed FROM keys k WHERE k.kind = @study AND k.id = @other), parent = (SELECT parent FROM keys k WHERE k.kind = @study AND k.id = @other), key_id = (SELECT key_id FROM keys k WHERE k.kind = @study AND k.id = @other), version = (SELECT version FROM keys k WHERE k.kind = @study AND k.id = @other) WHERE kind = @study AND id = @victim"),
        ("Vault", "UPDATE keys SET wrapped_key = (SELECT wrapped_key FROM keys k WHERE k.kind = @patient AND k.id <> keys.id LIMIT 1) WHERE kind = @patient AND id = (SELECT parent FROM keys k WHERE k.kind = @study AND k.id = @victim)"),
    ];

    private static readonly (string Database, string Sql) SwappedNames = ("Catalog", """
        CREATE TEMP TABLE names AS SELECT study, study_uid FROM studies;
        UPDATE studies SET study_uid = @nobody WHERE study = @victim;
        UPDATE studies SET study_uid = (SELECT study_uid FROM names WHERE names.study = @victim) WHERE study = @other;
        UPDATE studies SET study_uid = (SELECT study_uid FROM names WHERE names.study = @other) WHERE study = @victim
        """);

    [Theory]
    [InlineData(Mode.Embedded, 1)]
    [InlineData(Mode.Cluster, 8)]
    public async Task A_flipped_bit_anywhere_in_a_segment_is_never_served(Mode mode, int step)
    {
        var silos = await own.InAsync(mode);
        var (victim, other) = (await StoredStudy.StoreAsync(silos), await StoredStudy.StoreAsync(silos));
        var whole = await silos.Holdings.ReadAsync(victim.Segment);
        var headers = Headers(whole);
        Assert.True(headers.Count >= 2 * Instances);

        // Every part of the first header and what follows it, the ends of each object, and places all over.
        var places = Enumerable.Range(0, 80).Concat(headers.Skip(1).SelectMany(at => new[] { at - 1, at - 16, at - 17, at, at + 20, at + 40, at + 64 }))
            .Append(whole.Length - 1).Concat(Enumerable.Range(1, 40).Select(i => whole.Length / 41 * i)).Where(at => at < whole.Length)
            .Select(at => BeforePadding(whole, at)).Distinct().Where((_, i) => i % step == 0);
        foreach (var place in places)
        {
            var changed = (byte[])whole.Clone();
            changed[place] ^= 0x10;
            await silos.Holdings.WriteAsync(victim.Segment, changed);
            Assert.True(await victim.FailuresAsync(silos) > 0, $"A bit flipped at {place} of {whole.Length} was not noticed.");
        }

        await silos.Holdings.WriteAsync(victim.Segment, whole);
        Assert.Equal(0, await victim.FailuresAsync(silos));
        Assert.Equal(0, await other.FailuresAsync(silos));
    }

    /// <summary>The place itself, or the last byte before the zeros that fill up its block: they are no part of an object.</summary>
    private static int BeforePadding(byte[] segment, int place)
    {
        var end = Math.Min(segment.Length, (place / BlockMemory.BlockSize + 1) * BlockMemory.BlockSize);
        return segment.AsSpan(place..end).ContainsAnyExcept((byte)0) ? place : segment.AsSpan(0, place).LastIndexOfAnyExcept((byte)0);
    }

    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Cut_extended_and_swapped_segments_and_objects_are_never_served(Mode mode)
    {
        var silos = await own.InAsync(mode);
        var (victim, other) = (await StoredStudy.StoreAsync(silos), await StoredStudy.StoreAsync(silos));
        var (whole, foreign) = (await silos.Holdings.ReadAsync(victim.Segment), await silos.Holdings.ReadAsync(other.Segment));

        var last = BeforePadding(whole, whole.Length - 1);
        foreach (var length in new[] { 0, 1, 63, 64, 100, BeforePadding(whole, whole.Length / 2), last - 16, last })
        {
            await silos.Holdings.WriteAsync(victim.Segment, whole[..length]);
            Assert.True(await victim.FailuresAsync(silos) > 0, $"A cut at {length} was not noticed.");
        }

        await silos.Holdings.WriteAsync(victim.Segment, [.. whole, .. whole]);
        Assert.Equal(0, await victim.FailuresAsync(silos));

        await silos.Holdings.WriteAsync(victim.Segment, foreign);
        await silos.Holdings.WriteAsync(other.Segment, whole);
        Assert.Equal(StoredStudy.Answers, await victim.FailuresAsync(silos));
        Assert.Equal(StoredStudy.Answers, await other.FailuresAsync(silos));
        await silos.Holdings.WriteAsync(other.Segment, foreign);

        // Two objects of one study, and two chunks of one object.
        var headers = Headers(whole);
        var each = headers.Count / Instances;
        var length1 = headers[1] - headers[0];
        Assert.Equal(length1, headers[each + 1] - headers[each]);
        await silos.Holdings.WriteAsync(victim.Segment, Swapped(whole, headers[0], headers[each], length1));
        Assert.True(await victim.FailuresAsync(silos) > 0);
        await silos.Holdings.WriteAsync(victim.Segment, Swapped(whole, headers[0] + 64, headers[0] + 64 + 65552, 65552 / 8));
        Assert.True(await victim.FailuresAsync(silos) > 0);

        await silos.Holdings.WriteAsync(victim.Segment, whole);
        Assert.Equal(0, await victim.FailuresAsync(silos));
        Assert.Equal(0, await other.FailuresAsync(silos));
    }

    /// <summary>Each change is made to a study of its own; all of them while no silo runs, so that none has in memory what was there.</summary>
    [Theory]
    [InlineData(Mode.Embedded)]
    [InlineData(Mode.Cluster)]
    public async Task Rows_in_anothers_place_or_altered_open_nothing(Mode mode)
    {
        var silos = await own.InAsync(mode);
        var cases = new List<(string Database, string Sql, StoredStudy Victim, StoredStudy Other)>();
        foreach (var (database, sql) in RowChanges.Append(SwappedNames))
        {
            cases.Add((database, sql, await StoredStudy.StoreAsync(silos), await StoredStudy.StoreAsync(silos)));
        }

        await RestartAfterAsync(silos, async () =>
        {
            foreach (var one in cases)
            {
                await ChangeAsync(silos, one.Database, one.Sql, one.Victim, one.Other);
            }
        });
        foreach (var one in cases)
        {
            var (victim, other) = (await one.Victim.FailuresAsync(silos), await one.Other.FailuresAsync(silos));
            if (one.Sql == SwappedNames.Sql)
            {
                Assert.Equal((StoredStudy.Answers, StoredStudy.Answers), (victim, other));
            }
            else
            {
                Assert.True(victim > 0, $"Not noticed: {one.Sql}");
                Assert.True(other == 0, $"Keeps others from being served: {one.Sql}");
            }
        }
    }

    [Fact]
    public async Task A_damaged_page_key_opens_nothing()
    {
        await using var silos = await ISilos.StartAsync(Mode.Embedded);
        var (one, two) = (await StoredStudy.StoreAsync(silos), await StoredStudy.StoreAsync(silos));
        await RestartAfterAsync(silos, () => ChangeAsync(
            silos, "Vault", "UPDATE keys SET wrapped_key = substr(wrapped_key, 1, length(wrapped_key) - 4) || @junk WHERE kind = @page", one, two));
        Assert.Equal(StoredStudy.Answers, await one.FailuresAsync(silos));
        Assert.Equal(StoredStudy.Answers, await two.FailuresAsync(silos));
    }

    private static async Task RestartAfterAsync(ISilos silos, Func<Task> change)
    {
        await Task.WhenAll(silos.Silos.Select(silo => silo.StopAsync()));
        await change();
        await Task.WhenAll(Enumerable.Range(0, silos.Silos.Count).Select(silos.RestartAsync));
    }

    private static async Task ChangeAsync(ISilos silos, string database, string sql, StoredStudy victim, StoredStudy other)
    {
        Func<string, byte[]> key = database == "Catalog" ? Holdings.CatalogKey : Holdings.VaultKey;
        var changed = await silos.Holdings.ExecuteAsync(
            database, sql, ("victim", key(victim.Handle)), ("other", key(other.Handle)), ("nobody", new byte[32]), ("junk", "junk"u8.ToArray()),
            ("study", (int)VaultRowKind.Study), ("patient", (int)VaultRowKind.Patient), ("page", (int)VaultRowKind.Page));
        Assert.True(changed > 0);
    }

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

    /// <summary>A study of a patient of its own, with what the archive has answered about it.</summary>
    private sealed class StoredStudy
    {
        private readonly Dictionary<string, byte[]> answers = [];

        private StoredStudy(string segment) => Segment = segment;

        /// <summary>How many answers there are about a study.</summary>
        public static int Answers => Instances * 3 + 1;

        public string Segment { get; }

        public string Handle => Segment.Split('/')[^2];

        public static async Task<StoredStudy> StoreAsync(ISilos silos)
        {
            var study = new TestInstance { PatientId = Guid.NewGuid().ToString("N"), Rows = 200, Columns = 200 };
            using var client = await silos.ClientAsync(0);
            var before = await silos.Holdings.SegmentsAsync();
            var files = await Task.WhenAll(Of(study).Select(one => one.FileAsync()));
            Assert.Equal(200, (await client.StoreAsync(null, files)).Status);
            var stored = new StoredStudy(Assert.Single((await silos.Holdings.SegmentsAsync()).Except(before)));
            foreach (var path in PathsOf(study))
            {
                var (status, body) = await client.GetAsync(path, Accept(path));
                Assert.Equal(200, status);
                stored.answers.Add(path, Comparable(path, body, client));
            }

            Assert.Equal(Answers, stored.answers.Count);
            return stored;
        }

        /// <summary>Asks for everything of the study with a token of its own. What is answered must be right; the rest is counted.</summary>
        public async Task<int> FailuresAsync(ISilos silos)
        {
            using var client = await silos.ClientAsync(silos.Silos.Count - 1, "read,search");
            var failures = 0;
            foreach (var (path, answer) in answers)
            {
                try
                {
                    var (status, body) = await client.GetAsync(path, Accept(path));
                    if (status == 200)
                    {
                        Assert.Equal(answer, Comparable(path, body, client));
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
        private static byte[] Comparable(string path, byte[] body, ArchiveClient client) => path.EndsWith("metadata", StringComparison.Ordinal)
            ? JsonSerializer.SerializeToUtf8Bytes(
                System.Text.Encoding.UTF8.GetString(body).Replace(client.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), "", StringComparison.Ordinal))
            : body;
    }
}
