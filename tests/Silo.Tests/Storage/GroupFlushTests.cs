using SecureStore.Silo.Storage;

namespace SecureStore.Silo.Tests.Storage;

public sealed class GroupFlushTests
{
    [Fact]
    public async Task Callers_during_a_flush_share_the_next_one()
    {
        using var begun = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var flushes = 0;
        var flush = new GroupFlush(async () =>
        {
            Interlocked.Increment(ref flushes);
            begun.Release();
            await go.WaitAsync();
        });
        var first = flush.RunAsync();
        await begun.WaitAsync();
        var others = Enumerable.Range(0, 10).Select(_ => flush.RunAsync()).ToList();
        go.Release();
        await first;
        await begun.WaitAsync();

        Assert.Equal(2, flushes);
        Assert.All(others, other => Assert.False(other.IsCompleted));
        go.Release();
        await Task.WhenAll(others);
        Assert.Equal(2, flushes);
    }

    [Fact]
    public async Task A_failed_flush_fails_its_callers_and_not_the_next()
    {
        var flushes = 0;
        var flush = new GroupFlush(() =>
        {
            if (++flushes == 1)
                throw new IOException("bad medium");
            return Task.CompletedTask;
        });

        await Assert.ThrowsAsync<IOException>(flush.RunAsync);
        await flush.RunAsync();
    }
}
