using SecureStore.Client.Files;

namespace SecureStore.Client.Tests;

public sealed class SpooledFileTests
{
    [Fact]
    public async Task It_is_read_as_often_as_is_wanted_and_has_no_name()
    {
        var bytes = Enumerable.Range(0, 100_000).Select(i => (byte)i).ToArray();
        using var spool = SpooledFile.Create();
        await spool.Writer.WriteAsync(bytes);
        for (var i = 0; i < 2; i++)
        {
            using var reader = spool.OpenRead();
            Assert.Equal(bytes.Length, reader.Length);
            using var copy = new MemoryStream();
            await reader.CopyToAsync(copy);
            Assert.Equal(bytes, copy.ToArray());
            reader.Position = 50_000;
            Assert.Equal(bytes[50_000], reader.ReadByte());
            reader.Seek(-1, SeekOrigin.End);
            Assert.Equal((bytes[^1], -1), (reader.ReadByte(), reader.ReadByte()));
        }

        Assert.True(OperatingSystem.IsWindows() || !File.Exists(((FileStream)spool.Writer).Name));
    }
}
