using System.Security.Cryptography;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.VaultTests;

public sealed class FileRootKeyTest : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string parent = Directory.CreateTempSubdirectory("securestore-").FullName;

    private string Folder => Path.Combine(parent, "keys");

    private string Root => Path.Combine(Folder, "root.key");

    public void Dispose() => Directory.Delete(parent, recursive: true);

    [Fact]
    public void What_was_wrapped_opens_after_a_restart_and_in_its_epoch_only()
    {
        var (epoch, other) = (EpochId.New(), EpochId.New());
        using var key = SecretKey.Generate();
        var wrapped = new byte[KeyWrap.Size];
        using (var keys = FileRootKey.Create(Folder))
        {
            Assert.Empty(keys.Epochs);
            keys.CreateEpoch(epoch);
            keys.CreateEpoch(other);
            keys.Wrap(epoch, key.Span, "page"u8, wrapped);
        }
        using var again = FileRootKey.Open(Folder);
        Assert.Equal(new[] { epoch, other }.OrderBy(id => id.Value), again.Epochs.OrderBy(id => id.Value));
        using var opened = again.Unwrap(epoch, wrapped, "page"u8);
        Assert.Equal(key.Span, opened.Span);
        Assert.Throws<VaultIntegrityException>(() => again.Unwrap(other, wrapped, "page"u8));
        Assert.Throws<VaultIntegrityException>(() => again.Unwrap(epoch, wrapped, "other"u8));
    }

    [Fact]
    public void Files_and_folders_are_the_owners_alone()
    {
        using var keys = FileRootKey.Create(Folder);
        keys.CreateEpoch(EpochId.New());
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(Folder, "epochs")));
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
            Assert.Equal(Owner, File.GetUnixFileMode(file));
        Assert.Equal(2, Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public void A_destroyed_epoch_is_gone_at_once_and_after_a_restart()
    {
        var epoch = EpochId.New();
        var wrapped = new byte[KeyWrap.Size];
        using (var keys = FileRootKey.Create(Folder))
        {
            keys.CreateEpoch(epoch);
            keys.Wrap(epoch, new byte[SecretKey.Size], [], wrapped);
            keys.DestroyEpoch(epoch);
            keys.DestroyEpoch(epoch);
            Assert.False(keys.HasEpoch(epoch));
            Assert.Throws<VaultException>(() => keys.Unwrap(epoch, wrapped, []));
        }
        using var again = FileRootKey.Open(Folder);
        Assert.Empty(again.Epochs);
        Assert.Throws<VaultException>(() => again.Unwrap(epoch, wrapped, []));
    }

    [Fact]
    public void An_epoch_is_not_made_twice()
    {
        using var keys = FileRootKey.Create(Folder);
        var epoch = EpochId.New();
        keys.CreateEpoch(epoch);
        var before = File.ReadAllBytes(Directory.EnumerateFiles(Path.Combine(Folder, "epochs")).Single());
        Assert.Throws<VaultException>(() => keys.CreateEpoch(epoch));
        Assert.Equal(before, File.ReadAllBytes(Directory.EnumerateFiles(Path.Combine(Folder, "epochs")).Single()));
    }

    [Fact]
    public void Opening_what_is_not_there_makes_nothing()
    {
        FailsNaming(Root);
        Assert.False(Directory.Exists(Folder));
        Directory.CreateDirectory(Folder);
        FailsNaming(Root);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder));
    }

    [Fact]
    public void Keys_that_are_there_are_not_made_anew()
    {
        FileRootKey.Create(Folder).Dispose();
        var before = File.ReadAllBytes(Root);
        Assert.Contains("Keys:Path", Assert.Throws<VaultException>(() => FileRootKey.Create(Folder)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Root));
        File.Delete(Root);
        Assert.Throws<VaultException>(() => FileRootKey.Create(Folder));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_key_that_others_can_reach_is_refused(UnixFileMode others)
    {
        using (var keys = FileRootKey.Create(Folder))
            keys.CreateEpoch(EpochId.New());
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(file, Owner | others);
            FailsNaming(file);
            File.SetUnixFileMode(file, Owner);
        }
        FileRootKey.Open(Folder).Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(100_000)]
    public void A_key_of_the_wrong_length_is_refused(int length)
    {
        FileRootKey.Create(Folder).Dispose();
        File.WriteAllBytes(Root, new byte[length]);
        FailsNaming(Root);
    }

    [Fact]
    public void A_folder_where_a_key_should_be_is_refused()
    {
        FileRootKey.Create(Folder).Dispose();
        File.Delete(Root);
        Directory.CreateDirectory(Root);
        FailsNaming(Root);
    }

    [Fact]
    public void Epochs_of_another_root_key_are_refused()
    {
        using (var keys = FileRootKey.Create(Folder))
            keys.CreateEpoch(EpochId.New());
        File.WriteAllBytes(Root, RandomNumberGenerator.GetBytes(SecretKey.Size));
        FailsNaming(Directory.EnumerateFiles(Path.Combine(Folder, "epochs")).Single());
        Directory.Delete(Path.Combine(Folder, "epochs"), recursive: true);
        FailsNaming(Path.Combine(Folder, "epochs"));
    }

    private void FailsNaming(string file)
    {
        var message = Assert.Throws<VaultException>(() => FileRootKey.Open(Folder)).Message;
        Assert.Contains("Keys:Path", message, StringComparison.Ordinal);
        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
