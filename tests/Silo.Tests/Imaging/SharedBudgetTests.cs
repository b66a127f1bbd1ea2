using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.Tests.Imaging;

public class SharedBudgetTests
{
    [Fact]
    public async Task One_reader_has_half_and_waits_for_his_own_alone()
    {
        var budget = new SharedBudget(10);
        var slow = await TakeAsync(budget, "slow", 5);
        var waiting = TakeAsync(budget, "slow", 1);
        Assert.False(waiting.IsCompleted);
        (await TakeAsync(budget, "other", 2)).Dispose();
        Assert.False(waiting.IsCompleted);
        slow.Keep(4);
        slow.Keep(9);
        (await waiting).Dispose();
        slow.Dispose();
        slow.Dispose();
        (await TakeAsync(budget, "slow", 5)).Dispose();
    }

    [Fact]
    public async Task Each_further_reader_has_half_of_what_the_others_leave()
    {
        var budget = new SharedBudget(80);
        using var first = await TakeAsync(budget, "first", 40);
        var second = await TakeAsync(budget, "second", 20);
        Assert.False(TakeAsync(budget, "second", 1).IsCompleted);
        using var third = await TakeAsync(budget, "third", 10);
        using var fourth = await TakeAsync(budget, "fourth", 5);
        var more = TakeAsync(budget, "third", 1);
        Assert.False(more.IsCompleted);
        second.Dispose();
        (await more).Dispose();
    }

    [Fact]
    public async Task A_piece_that_is_larger_than_half_goes_alone()
    {
        var budget = new SharedBudget(10);
        var whole = await TakeAsync(budget, "one", 10);
        var next = TakeAsync(budget, "one", 6);
        Assert.False(next.IsCompleted);
        whole.Dispose();
        (await next).Dispose();
    }

    [Fact]
    public async Task Who_goes_gives_way()
    {
        var budget = new SharedBudget(10, places: 1);
        var first = await TakeAsync(budget, "first", 1);
        using var gone = new CancellationTokenSource();
        var second = budget.TakeAsync("second", 1, gone.Token);
        var third = TakeAsync(budget, "third", 1);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first.Dispose();
        (await third).Dispose();
        (await TakeAsync(budget, "first", 5)).Dispose();
    }

    [Fact]
    public async Task A_place_goes_to_the_reader_who_has_the_fewest()
    {
        var budget = new SharedBudget(100, places: 4);
        var held = new List<SharedBudget.Share>();
        foreach (var reader in new[] { "busy", "busy", "other", "busy" })
        {
            held.Add(await TakeAsync(budget, reader, 1));
        }

        var (busyAgain, otherAgain, third, fourth) =
            (TakeAsync(budget, "busy", 1), TakeAsync(budget, "other", 1), TakeAsync(budget, "third", 1), TakeAsync(budget, "fourth", 1));
        Task[] inTurn = [third, fourth, otherAgain, busyAgain];
        for (var i = 0; i < inTurn.Length; i++)
        {
            held[i].LeavePlace();
            held[i].LeavePlace();
            await inTurn[i];
            Assert.All(inTurn[(i + 1)..], one => Assert.False(one.IsCompleted));
        }
    }

    [Fact]
    public async Task Who_finds_no_room_holds_no_place()
    {
        var budget = new SharedBudget(10, places: 1);
        var slow = await TakeAsync(budget, "slow", 5);
        var stuck = TakeAsync(budget, "slow", 5);
        var other = TakeAsync(budget, "other", 2);
        slow.LeavePlace();
        (await other).Dispose();
        Assert.False(stuck.IsCompleted);
        slow.Dispose();
        (await stuck).Dispose();
    }

    [Fact]
    public void Some_readers_cannot_fill_the_queue()
    {
        var queue = new CodecQueue(8);
        foreach (var (reader, most) in new[] { ("first", 4), ("second", 2), ("third", 1), ("fourth", 1) })
        {
            for (var i = 0; i < most; i++)
            {
                queue.Enter(reader);
            }

            Assert.Throws<CodecUnavailableException>(() => queue.Enter(reader));
        }

        Assert.Throws<CodecUnavailableException>(() => queue.Enter("fifth"));
        queue.Leave("first");
        queue.Enter("fifth");
    }

    private static Task<SharedBudget.Share> TakeAsync(SharedBudget budget, string reader, long bytes) =>
        budget.TakeAsync(reader, bytes, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
}
