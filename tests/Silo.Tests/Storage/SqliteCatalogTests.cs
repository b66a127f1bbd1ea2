using Microsoft.Data.Sqlite;
using SecureStore.Contracts;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Storage;

namespace SecureStore.Silo.Tests.Storage;

public sealed class SqliteCatalogTests : CatalogContract, IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("catalog");
    private SqliteCatalog catalog;

    public SqliteCatalogTests() => catalog = new SqliteCatalog(File);

    protected override ICatalog Catalog => catalog;

    private string File => Path.Combine(folder.FullName, "data", "catalog.db");

    public async ValueTask DisposeAsync()
    {
        await catalog.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_restart_keeps_what_was_committed()
    {
        var study = await ClaimedAsync();
        var row = Instance(study, 1);
        await catalog.CommitAsync(Commit(study) with { Instances = [row] }, default);
        await catalog.DisposeAsync();
        catalog = new SqliteCatalog(File);

        Assert.Equal(1, await catalog.LatestChangeAsync(default));
        Assert.Equal(1, (await catalog.GetStudyAsync(study, default))!.OwnerEpoch);
        Assert.Equal(row.SopInstanceUid, Assert.Single(await catalog.ListInstancesAsync(study, default).ToListAsync()).SopInstanceUid);
    }

    [Fact]
    public async Task Another_process_that_holds_the_write_lock_makes_commits_unavailable_and_spoils_nothing()
    {
        var study = await ClaimedAsync();
        var commit = Commit(study) with { Instances = [Instance(study, 1)] };
        await using var committer = new Committer(() => new SqliteCatalogWriter($"Data Source={File};Pooling=False;Default Timeout=1"), onCallersThread: true);
        await using (var other = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            other.Open();
            Execute(other, "BEGIN IMMEDIATE");
            await Assert.ThrowsAsync<StorageUnavailableException>(
                async () => await committer.RunAsync(new StudyChange(commit), default));
            Assert.NotNull(await catalog.GetStudyAsync(study, default));
        }

        Assert.Equal(0, await catalog.LatestChangeAsync(default));
        Assert.Equal(1, await committer.RunAsync(new StudyChange(commit), default));
        Assert.Equal(1, await catalog.LatestChangeAsync(default));
    }

    [Fact]
    public async Task A_full_database_makes_commits_unavailable_and_reads_go_on()
    {
        var study = await ClaimedAsync();
        await using (var writer = new Committer(Limited, onCallersThread: true))
        {
            var large = Commit(study) with { Instances = [Instance(study, 1) with { SealedRecord = new byte[400_000] }] };
            var small = Commit(await ClaimedAsync()) with { Instances = [] };

            await Assert.ThrowsAsync<StorageUnavailableException>(
                async () => await writer.RunAsync(new StudyChange(large), default));
            Assert.Empty(await catalog.ListInstancesAsync(study, default).ToListAsync());
            Assert.Equal(1, await writer.RunAsync(new StudyChange(small), default));
        }

        Assert.Equal(1, await catalog.LatestChangeAsync(default));

        SqliteCatalogWriter Limited()
        {
            var limited = new SqliteCatalogWriter($"Data Source={File};Pooling=False");
            Execute(limited.Connection, "PRAGMA max_page_count = 40");
            return limited;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_writer_that_cannot_even_be_closed_leaves_nobody_waiting(bool onCallersThread)
    {
        var opened = 0;
        await using var committer = new Committer(
            () => opened++ == 0 ? new BrokenWriter() : new SqliteCatalogWriter($"Data Source={File};Pooling=False"), onCallersThread);
        var addition = new StudyAddition(new Mac(new byte[Mac.Size]), StudyHandle.New());
        await Assert.ThrowsAsync<NotSupportedException>(async () => await committer.RunAsync(addition, default));

        addition = new StudyAddition(addition.StudyUid, addition.Proposed);
        Assert.Equal(addition.Proposed, (await committer.RunAsync(addition, default)).Study);
    }

    private sealed class BrokenWriter : ICatalogWriter
    {
        public void Commit(IReadOnlyList<CatalogWrite> group) => throw new NotSupportedException("Broken.");

        public void Dispose() => throw new InvalidOperationException("Broken, too.");
    }

    [Fact]
    public async Task A_catalog_of_a_newer_program_is_refused()
    {
        await catalog.DisposeAsync();
        await using (var database = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            database.Open();
            Execute(database, "INSERT INTO schema_version VALUES (99)");
        }

        var refusal = Assert.Throws<InvalidDataException>(() => new SqliteCatalog(File));
        Assert.Contains("99", refusal.Message);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        var other = Path.Combine(folder.FullName, "other.db");
        System.IO.File.WriteAllText(other, new string('x', 5000));

        Assert.Throws<InvalidDataException>(() => new SqliteCatalog(other));
    }

    [Fact]
    public async Task Commits_that_wait_are_finished_before_it_closes()
    {
        var study = await ClaimedAsync();
        var commits = Enumerable.Range(1, 50)
            .Select(ordinal => catalog.CommitAsync(Commit(study) with { Instances = [Instance(study, ordinal)] }, default).AsTask())
            .ToList();
        await catalog.DisposeAsync();
        await Task.WhenAll(commits);
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await catalog.CommitAsync(Commit(study), default));

        catalog = new SqliteCatalog(File);
        Assert.Equal(50, (await catalog.ListInstancesAsync(study, default).ToListAsync()).Count);
    }

    [Theory]
    [InlineData("studies_by_due_day", "SELECT * FROM studies WHERE state = 1 OR (state = 0 AND due_day <= 5)")]
    [InlineData("studies_by_change", "SELECT * FROM studies WHERE change > 5 ORDER BY change LIMIT 9")]
    [InlineData("instances_by_uid", "SELECT * FROM instances WHERE study = x'00' AND sop_instance_uid IN (x'01', x'02', x'03', x'04', x'05', x'06', x'07', x'08', x'09')")]
    [InlineData("instances_by_uid", "SELECT study FROM instances WHERE sop_instance_uid = x'00'")]
    public void Reads_go_by_index(string index, string query)
    {
        using var database = new SqliteConnection($"Data Source={File};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + query;
        using var plan = command.ExecuteReader();
        var steps = new List<string>();
        while (plan.Read())
            steps.Add(plan.GetString(3));

        Assert.Contains(steps, step => step.Contains(index));
        Assert.DoesNotContain(steps, step => step.StartsWith("SCAN", StringComparison.Ordinal));
    }

    private static int Execute(SqliteConnection database, string sql)
    {
        using var command = database.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }
}
