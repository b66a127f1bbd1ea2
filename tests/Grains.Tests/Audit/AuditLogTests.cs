using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Audit;

public sealed class AuditLogTests : IDisposable
{
    private readonly SecretKey key = SecretKey.Generate();
    private readonly InMemoryAuditStore store = new();

    public void Dispose() => key.Dispose();

    private async Task<AuditLog> FoundAsync()
    {
        var log = new AuditLog(store, new FakeTimeProvider());
        await log.InitialiseAsync(key, default);
        return log;
    }

    private async Task<AuditLog> OpenAsync()
    {
        var log = new AuditLog(store, new FakeTimeProvider());
        await log.OpenAsync(key, default);
        return log;
    }

    private static async Task<List<(long Index, AuditEvent Event)>> ListAsync(AuditLog log, long from = 0)
    {
        var list = new List<(long, AuditEvent)>();
        await foreach (var entry in log.ReadAsync(from, default))
            list.Add(entry);
        return list;
    }

    [Fact]
    public async Task A_log_begins_with_its_founding()
    {
        await using var log = await FoundAsync();
        Assert.Equal(AuditAction.Founded, Assert.Single(await ListAsync(log)).Event.Action);
        Assert.Equal(1, (await log.HeadAsync(default)).Size);
    }

    [Fact]
    public async Task Events_come_back_in_order_after_a_restart()
    {
        var events = Enumerable.Range(0, 20).Select(i => Events.New($"actor {i}")).ToArray();
        await using (var log = await FoundAsync())
        {
            for (var i = 0; i < events.Length; i++)
                Assert.Equal(i + 1, await log.AppendAsync(events[i], default));
        }

        await using var again = await OpenAsync();
        Assert.Equal(events, (await ListAsync(again, 1)).Select(entry => entry.Event));
        Assert.Equal(21, await again.VerifyAsync(default));
    }

    [Fact]
    public async Task The_root_is_over_the_sealed_entries()
    {
        await using var log = await FoundAsync();
        for (var i = 0; i < 6; i++)
            await log.AppendAsync(Events.New(), default);
        var tree = new MerkleTree();
        foreach (var row in store.Rows)
            tree.Append(MerkleTree.LeafHash(row.Sealed));
        var (size, root) = await log.HeadAsync(default);
        Assert.Equal(7, size);
        Assert.Equal(tree.RootHash(), root);
    }

    [Fact]
    public async Task An_event_written_twice_is_one_entry()
    {
        await using var log = await FoundAsync();
        var auditEvent = Events.New();
        var first = await log.AppendAsync(auditEvent, default);
        Assert.Equal(first, await log.AppendAsync(auditEvent, default));
        var both = await Task.WhenAll(Enumerable.Repeat(Events.New(), 10).Select(same => log.AppendAsync(same, default).AsTask()));
        Assert.Single(both.Distinct());
        Assert.Equal(3, (await log.HeadAsync(default)).Size);
    }

    [Fact]
    public async Task What_waits_together_is_committed_together()
    {
        await using var log = await FoundAsync();
        var gate = new TaskCompletionSource();
        store.BeforeAppend = () => gate.Task;
        var waiting = Enumerable.Range(0, 100).Select(_ => log.AppendAsync(Events.New(), default).AsTask()).ToArray();
        gate.SetResult();
        var indexes = await Task.WhenAll(waiting);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), indexes.Order());
        Assert.InRange(store.Commits, 2, 3);
    }

    [Fact]
    public async Task Nothing_counts_as_recorded_before_the_store_has_it()
    {
        await using var log = await FoundAsync();
        var gate = new TaskCompletionSource();
        store.BeforeAppend = () => gate.Task;
        var append = log.AppendAsync(Events.New(), default).AsTask();
        Assert.False(append.IsCompleted);
        gate.SetResult();
        await append;
        Assert.Equal(2, store.Rows.Count);
    }

    [Fact]
    public async Task A_failure_fails_all_that_waited_and_the_log_goes_on()
    {
        await using var log = await FoundAsync();
        store.BeforeAppend = () => throw new StorageUnavailableException("full");
        var waiting = Enumerable.Range(0, 10).Select(_ => log.AppendAsync(Events.New(), default).AsTask()).ToArray();
        foreach (var append in waiting)
            await Assert.ThrowsAsync<StorageUnavailableException>(() => append);
        store.BeforeAppend = null;
        Assert.Equal(1, await log.AppendAsync(Events.New(), default));
        await log.VerifyAsync(default);
    }

    [Fact]
    public async Task After_an_answer_that_got_lost_the_same_event_is_found()
    {
        await using var log = await FoundAsync();
        var auditEvent = Events.New();
        store.AfterAppend = () => throw new StorageUnavailableException("lost");
        await Assert.ThrowsAsync<StorageUnavailableException>(() => log.AppendAsync(auditEvent, default).AsTask());
        store.AfterAppend = null;
        Assert.Equal(1, await log.AppendAsync(auditEvent, default));
        Assert.Equal(2, await log.AppendAsync(Events.New(), default));
        Assert.Equal(3, await log.VerifyAsync(default));
    }

    [Fact]
    public async Task Several_logs_over_one_store_never_fork_it()
    {
        await using var first = await FoundAsync();
        await using var second = await OpenAsync();
        await using var third = await OpenAsync();
        AuditLog[] logs = [first, second, third];
        var indexes = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(() => logs[i % 3].AppendAsync(Events.New(), default).AsTask())));
        Assert.Equal(Enumerable.Range(1, 300).Select(i => (long)i), indexes.Order());
        foreach (var log in logs)
            Assert.Equal(301, await log.VerifyAsync(default));
    }

    [Fact]
    public async Task A_cancelled_caller_does_not_disturb_the_others()
    {
        await using var log = await FoundAsync();
        var gate = new TaskCompletionSource();
        store.BeforeAppend = () => gate.Task;
        using var impatient = new CancellationTokenSource();
        var cancelled = log.AppendAsync(Events.New(), impatient.Token).AsTask();
        var other = log.AppendAsync(Events.New(), default).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        gate.SetResult();
        Assert.InRange(await other, 1, 2);
    }

    [Fact]
    public async Task Another_key_opens_nothing()
    {
        await using var log = await FoundAsync();
        using var wrong = SecretKey.Generate();
        await Assert.ThrowsAsync<AuditLogDamagedException>(async () => await new AuditLog(store, TimeProvider.System).OpenAsync(wrong, default));
    }

    [Fact]
    public async Task A_log_is_neither_made_anew_nor_opened_out_of_nothing()
    {
        await Assert.ThrowsAsync<AuditLogDamagedException>(OpenAsync);
        await using var log = await FoundAsync();
        await Assert.ThrowsAsync<AuditLogDamagedException>(FoundAsync);
    }

    public static TheoryData<string, Action<InMemoryAuditStore>> Tampering => new()
    {
        { "an entry is removed", store => store.Rows.RemoveAt(3) },
        { "the last entry is removed", store => store.Rows.RemoveAt(store.Rows.Count - 1) },
        { "an entry is changed", store => store.Rows[2].Sealed[100] ^= 1 },
        { "two entries change places", store => (store.Rows[2], store.Rows[3]) = (store.Rows[3] with { Index = 2 }, store.Rows[2] with { Index = 3 }) },
        { "an entry gets another event's id", store => store.Rows[4] = store.Rows[4] with { EventId = Guid.NewGuid() } },
        { "the head is set back", store => store.Head = store.Head! with { Size = 4, Frontier = store.Head.Frontier[..32] } },
        { "the head's frontier is changed", store => store.Head!.Frontier[0] ^= 1 },
        { "the head is removed", store => store.Head = null },
    };

    [Theory]
    [MemberData(nameof(Tampering))]
    public async Task Tampering_is_found_when_the_log_opens_and_when_it_is_verified(string what, Action<InMemoryAuditStore> tamper)
    {
        Assert.NotEmpty(what);
        await using var log = await FoundAsync();
        for (var i = 0; i < 6; i++)
            await log.AppendAsync(Events.New(), default);
        tamper(store);
        await Assert.ThrowsAsync<AuditLogDamagedException>(OpenAsync);
        await Assert.ThrowsAsync<AuditLogDamagedException>(async () => await log.VerifyAsync(default));
        await Assert.ThrowsAsync<AuditLogDamagedException>(() => ListAsync(log));
    }

    [Fact]
    public async Task A_running_log_does_not_follow_a_store_that_was_rolled_back()
    {
        await using var log = await FoundAsync();
        await log.AppendAsync(Events.New(), default);
        var (head, rows) = (store.Head, store.Rows.ToArray());
        await log.AppendAsync(Events.New(), default);
        store.Head = head;
        store.Rows.Clear();
        store.Rows.AddRange(rows);

        await Assert.ThrowsAsync<StorageUnavailableException>(() => log.AppendAsync(Events.New(), default).AsTask());
        await Assert.ThrowsAsync<AuditLogDamagedException>(async () => await log.HeadAsync(default));
    }

    [Fact]
    public async Task Reading_stops_at_the_head_and_starts_anywhere()
    {
        await using var log = await FoundAsync();
        for (var i = 0; i < 5; i++)
            await log.AppendAsync(Events.New(), default);
        Assert.Equal([4, 5], (await ListAsync(log, 4)).Select(entry => entry.Index));
        Assert.Empty(await ListAsync(log, 6));
        Assert.Empty(await ListAsync(log, 100));
    }

    [Fact]
    public async Task A_log_goes_on_from_a_head_that_was_seen()
    {
        AuditHead seen;
        await using (var log = await FoundAsync())
        {
            await log.AppendAsync(Events.New("before"), default);
            seen = await log.StoredHeadAsync(default);
            await log.AppendAsync(Events.New("after"), default);
        }

        await using var again = new AuditLog(store, new FakeTimeProvider());
        await again.OpenAsync(key, seen);
        Assert.Equal(3, (await again.HeadAsync(default)).Size);
    }

    [Fact]
    public async Task A_log_older_than_one_that_was_seen_is_opened_only_on_a_word_that_names_its_size()
    {
        var log = await FoundAsync();
        await log.AppendAsync(Events.New("kept"), default);
        var (rows, head) = (store.Rows.ToList(), store.Head);
        await log.AppendAsync(Events.New("lost"), default);
        var seen = await log.StoredHeadAsync(default);
        await log.DisposeAsync();
        (store.Head, _) = (head, store.Rows.RemoveAll(row => !rows.Contains(row)));

        foreach (var accepted in (long?[])[null, 1, 3])
        {
            await using var refused = new AuditLog(store, new FakeTimeProvider());
            var damage = await Assert.ThrowsAsync<AuditLogDamagedException>(async () => await refused.OpenAsync(key, seen, accepted));
            Assert.Contains("Audit:AcceptHead=2", damage.Message, StringComparison.Ordinal);
        }

        await using var again = new AuditLog(store, new FakeTimeProvider());
        await again.OpenAsync(key, seen, 2);
        Assert.Equal(2, await again.AppendAsync(Events.New("on"), default));
    }

    [Fact]
    public async Task A_log_that_went_another_way_since_a_head_was_seen_is_not_opened()
    {
        var log = await FoundAsync();
        var (rows, head) = (store.Rows.ToList(), store.Head);
        await log.AppendAsync(Events.New("one way"), default);
        var seen = await log.StoredHeadAsync(default);
        await log.DisposeAsync();
        (store.Head, _) = (head, store.Rows.RemoveAll(row => !rows.Contains(row)));
        await using (var other = await OpenAsync())
        {
            await other.AppendAsync(Events.New("another"), default);
            await other.AppendAsync(Events.New("and on"), default);
        }

        await using var again = new AuditLog(store, new FakeTimeProvider());
        await Assert.ThrowsAsync<AuditLogDamagedException>(async () => await again.OpenAsync(key, seen));
    }
}
