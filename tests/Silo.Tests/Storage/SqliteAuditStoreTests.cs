using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Storage;

namespace SecureStore.Silo.Tests.Storage;

public sealed class SqliteAuditStoreTests : AuditStoreContract, IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("audit");

    private string File => Path.Combine(folder.FullName, "data", "audit.db");

    protected override IAuditStore Open() => new SqliteAuditStore(File);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }

    private static AuditEvent Event(string actor) => new()
    {
        Id = Guid.NewGuid(),
        Time = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Action = AuditAction.StudyOpened,
        Actor = actor,
        Patient = new PatientIdentity("HOSP", "PLANTED-PATIENT-ID"),
        StudyInstanceUid = "1.2.840.99999.20260301.7",
    };

    [Fact]
    public async Task Two_logs_over_one_file_make_one_log()
    {
        using var key = SecretKey.Generate();
        await using var first = new AuditLog(Open(), new FakeTimeProvider());
        await first.InitialiseAsync(key, default);
        await using var second = new AuditLog(Open(), new FakeTimeProvider());
        await second.OpenAsync(key, default);

        AuditLog[] logs = [first, second];
        var indexes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => logs[i % 2].AppendAsync(Event($"a{i}"), default).AsTask())));
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), indexes.Order());
        Assert.Equal(201, await first.VerifyAsync(default));
    }

    [Fact]
    public async Task Nothing_of_an_event_is_readable_in_the_files()
    {
        using var key = SecretKey.Generate();
        await using var log = new AuditLog(Open(), new FakeTimeProvider());
        await log.InitialiseAsync(key, default);
        await log.AppendAsync(Event("PLANTED-ACTOR-NAME"), default);
        foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            await using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes);
            foreach (var planted in new[] { "PLANTED", "20260301", "1.2.840" })
            {
                Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(planted)));
                Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(planted)));
            }
        }
    }

    [Theory]
    [InlineData("UPDATE entries SET sealed = x'00'")]
    [InlineData("DELETE FROM entries")]
    public async Task The_tables_themselves_refuse_changes(string sql)
    {
        await Open().AppendAsync(null, new AuditHead(1, [], []), [new AuditRow(0, Guid.NewGuid(), [1], [2])], default);
        await using var connection = new SqliteConnection($"Data Source={File}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await Assert.ThrowsAsync<SqliteException>(() => command.ExecuteNonQueryAsync());
    }

    [Fact]
    public async Task A_locked_file_is_a_fault_that_passes()
    {
        var store = Open();
        await using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        await using (var lockIt = connection.CreateCommand())
        {
            lockIt.CommandText = "BEGIN EXCLUSIVE";
            await lockIt.ExecuteNonQueryAsync();
        }

        await Assert.ThrowsAsync<StorageUnavailableException>(async () =>
            await store.AppendAsync(null, new AuditHead(1, [], []), [new AuditRow(0, Guid.NewGuid(), [1], [2])], default));
    }

    [Fact]
    public async Task What_is_broken_off_leaves_nothing_behind()
    {
        var store = Open();
        AuditRow[] rows = [new(0, Guid.NewGuid(), [1], [2]), new(1, Guid.NewGuid(), [1], null!)];
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await store.AppendAsync(null, new AuditHead(2, [], []), rows, default));

        Assert.Empty(await store.FindAsync([rows[0].EventId], default));
        Assert.True(await store.AppendAsync(null, new AuditHead(1, [], []), rows[..1], default));
    }

    [Fact]
    public void What_is_no_audit_log_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, new string('x', 5000));
        Assert.Throws<InvalidDataException>(Open);
        Assert.Equal(new string('x', 5000), System.IO.File.ReadAllText(File));
    }
}
