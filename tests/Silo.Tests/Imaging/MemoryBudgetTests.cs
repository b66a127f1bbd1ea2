using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.Tests.Imaging;

public class MemoryBudgetTests
{
    [Fact]
    public async Task Who_finds_no_room_waits_for_those_before()
    {
        var budget = new MemoryBudget(10);
        using var first = await budget.TakeAsync(7, CancellationToken.None);
        var second = budget.TakeAsync(5, CancellationToken.None).AsTask();
        var third = budget.TakeAsync(1, CancellationToken.None).AsTask();
        Assert.False(second.IsCompleted || third.IsCompleted);
        first.Dispose();
        first.Dispose();
        (await second).Dispose();
        (await third).Dispose();
        (await budget.TakeAsync(10, CancellationToken.None)).Dispose();
    }

    [Fact]
    public async Task Who_goes_lets_those_behind_go_on()
    {
        var budget = new MemoryBudget(10);
        using var first = await budget.TakeAsync(7, CancellationToken.None);
        using var gone = new CancellationTokenSource();
        var second = budget.TakeAsync(5, gone.Token).AsTask();
        var third = budget.TakeAsync(3, CancellationToken.None).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        (await third).Dispose();
        first.Dispose();
        (await budget.TakeAsync(10, CancellationToken.None)).Dispose();
    }

    [Fact]
    public async Task Who_needs_less_gives_the_rest_back_once()
    {
        var budget = new MemoryBudget(10);
        using var first = await budget.TakeAsync(7, CancellationToken.None);
        var second = budget.TakeAsync(8, CancellationToken.None).AsTask();
        first.Keep(3);
        first.Keep(9);
        Assert.False(second.IsCompleted);
        first.Keep(2);
        (await second).Dispose();
        first.Dispose();
        using var all = await budget.TakeAsync(10, CancellationToken.None);
        Assert.False(budget.TakeAsync(1, CancellationToken.None).AsTask().IsCompleted);
    }

    [Fact]
    public async Task One_caller_has_half_and_waits_for_his_own_alone()
    {
        var budget = new SharedBudget(10);
        var slow = await budget.TakeAsync("slow", 5, CancellationToken.None);
        var waiting = budget.TakeAsync("slow", 1, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        (await budget.TakeAsync("other", 5, CancellationToken.None)).Dispose();
        Assert.False(waiting.IsCompleted);
        slow.Keep(4);
        (await waiting).Dispose();
        slow.Dispose();
        slow.Dispose();
        (await budget.TakeAsync("slow", 5, CancellationToken.None)).Dispose();
    }
}
