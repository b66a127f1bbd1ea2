using Microsoft.Data.Sqlite;
using SecureStore.Contracts;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Storage.VaultStore;

namespace SecureStore.Silo.Tests.VaultStoreTests;

public sealed class SqliteVaultStoreTest : VaultStoreContract, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("securestore-").FullName;

    private string File => Path.Combine(folder, "vault.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    protected override IVaultStore Open() => SqliteVaultStore.OpenAsync(File, default).GetAwaiter().GetResult();

    [Fact]
    public async Task A_file_that_is_no_database_is_a_fault_of_storage()
    {
        await System.IO.File.WriteAllTextAsync(File, new string('x', 5000));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => SqliteVaultStore.OpenAsync(File, default));
    }

    [Fact]
    public async Task The_file_and_its_journal_are_the_owners_alone()
    {
        var store = Open();
        await store.IsEmptyAsync(default);
        var files = Directory.EnumerateFiles(folder).ToList();
        Assert.Contains(File + "-wal", files);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_a_fault_of_storage() =>
        await Assert.ThrowsAsync<StorageUnavailableException>(() => SqliteVaultStore.OpenAsync(Path.Combine(folder, "none", "vault.db"), default));

    [Fact]
    public async Task A_deleted_key_is_overwritten_in_the_file()
    {
        var store = Open();
        var key = System.Text.Encoding.ASCII.GetBytes("sixty bytes that are easy to find again in the database file");
        var row = new VaultRow { Kind = VaultRowKind.Study, Id = Guid.NewGuid(), Version = 1, KeyId = Guid.NewGuid(), Parent = Guid.NewGuid(), WrappedKey = key };
        Assert.True(await store.CommitAsync(new VaultCommit { Inserts = [row, row with { Id = Guid.NewGuid() }] }, default));
        await CheckpointAsync();
        Assert.Equal(2, Occurrences(key));
        Assert.True(await store.CommitAsync(new VaultCommit { Deletes = [row] }, default));
        await CheckpointAsync();
        Assert.Equal(1, Occurrences(key));
    }

    [Fact]
    public async Task A_table_that_is_gone_is_a_fault_of_storage_for_each_call()
    {
        var store = Open();
        await using (var connection = new SqliteConnection($"Data Source={File}"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "DROP TABLE keys";
            await command.ExecuteNonQueryAsync();
        }
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.FindStudyAsync(Guid.NewGuid(), default));
        var row = new VaultRow { Kind = VaultRowKind.Page, Id = Guid.NewGuid(), Version = 1, KeyId = Guid.NewGuid(), Parent = Guid.NewGuid(), WrappedKey = [1] };
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.CommitAsync(new VaultCommit { Inserts = [row] }, default));
    }

    [Fact]
    public async Task More_rows_than_a_slice_are_listed_once_each()
    {
        var store = Open();
        var rows = Enumerable.Range(0, 2500).Select(_ => new VaultRow
        {
            Kind = VaultRowKind.Page,
            Id = Guid.NewGuid(),
            Version = 1,
            KeyId = Guid.NewGuid(),
            Parent = Guid.NewGuid(),
            WrappedKey = [1],
        }).ToList();
        Assert.True(await store.CommitAsync(new VaultCommit { Inserts = rows }, default));
        var listed = new List<Guid>();
        await foreach (var row in store.ListAsync(VaultRowKind.Page, default))
            listed.Add(row.Id);
        Assert.Equal(rows.Select(row => row.Id).Order(), listed.Order());
    }

    private async Task CheckpointAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={File}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        await command.ExecuteNonQueryAsync();
    }

    private int Occurrences(byte[] key)
    {
        ReadOnlySpan<byte> rest = System.IO.File.ReadAllBytes(File);
        var count = 0;
        for (int at; (at = rest.IndexOf(key)) >= 0; rest = rest[(at + key.Length)..])
            count++;
        return count;
    }
}
