using System.Threading.Channels;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Tests.Tokens;

public sealed class GatheredLookUpTests
{
    private readonly Channel<(IReadOnlyCollection<int> Keys, TaskCompletionSource<HashSet<int>> Answer)> asked =
        Channel.CreateUnbounded<(IReadOnlyCollection<int>, TaskCompletionSource<HashSet<int>>)>();

    private readonly GatheredLookUp<int> lookUp;

    public GatheredLookUpTests() => lookUp = new(keys =>
    {
        var answer = new TaskCompletionSource<HashSet<int>>(TaskCreationOptions.RunContinuationsAsynchronously);
        asked.Writer.TryWrite(([.. keys], answer));
        return answer.Task;
    });

    [Fact]
    public async Task Who_comes_while_one_is_on_its_way_waits_for_the_next_and_shares_it()
    {
        var first = lookUp.ContainsAsync(1, default).AsTask();
        var begun = await asked.Reader.ReadAsync();
        var second = lookUp.ContainsAsync(2, default).AsTask();
        var third = lookUp.ContainsAsync(3, default).AsTask();
        var again = lookUp.ContainsAsync(1, default).AsTask();
        Assert.Equal([1], begun.Keys);
        Assert.False(asked.Reader.TryRead(out _));

        begun.Answer.SetResult([]);
        Assert.False(await first);
        var next = await asked.Reader.ReadAsync();
        Assert.Equal([1, 2, 3], next.Keys.Order());
        next.Answer.SetResult([1, 3]);
        Assert.Equal((false, true, true), (await second, await third, await again));
        Assert.False(asked.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_look_up_that_fails_fails_for_those_who_share_it_and_not_for_the_next()
    {
        var first = lookUp.ContainsAsync(1, default).AsTask();
        var begun = await asked.Reader.ReadAsync();
        var second = lookUp.ContainsAsync(2, default).AsTask();
        begun.Answer.SetException(new StorageUnavailableException("away"));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => first);
        (await asked.Reader.ReadAsync()).Answer.SetResult([2]);
        Assert.True(await second);
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_others_their_answer()
    {
        using var cancelled = new CancellationTokenSource();
        var first = lookUp.ContainsAsync(1, cancelled.Token).AsTask();
        var begun = await asked.Reader.ReadAsync();
        var second = lookUp.ContainsAsync(2, default).AsTask();
        var third = lookUp.ContainsAsync(3, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        begun.Answer.SetResult([]);
        (await asked.Reader.ReadAsync()).Answer.SetResult([2]);
        Assert.True(await second);
    }
}
