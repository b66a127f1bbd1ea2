using SecureStore.Silo.Storage.AzureBlob;

namespace SecureStore.Silo.Tests.Storage.AzureBlob;

public sealed class BorrowedBytesTests
{
    private readonly byte[] bytes = [1, 2, 3, 4, 5];

    [Fact]
    public async Task They_can_be_read_again_from_the_start()
    {
        await using var borrowed = new BorrowedBytes(bytes);
        for (var tries = 0; tries < 2; tries++)
        {
            borrowed.Position = 0;
            using var copy = new MemoryStream();
            await borrowed.CopyToAsync(copy);
            Assert.Equal(bytes, copy.ToArray());
        }
    }

    [Fact]
    public async Task Nobody_reads_them_once_they_are_given_back()
    {
        var borrowed = new BorrowedBytes(bytes);
        Assert.Equal(2, borrowed.Read(new byte[2]));
        await borrowed.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => borrowed.ReadByte());
    }
}
