using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using Xunit;

namespace SecureStore.Contracts;

/// <summary>What every <see cref="IAuditStore"/> does. A test class of an adapter inherits it.</summary>
public abstract class AuditStoreContract
{
    /// <summary>A store over this test's own ground: called again, it is the store after a restart.</summary>
    protected abstract IAuditStore Open();

    [Fact]
    public async Task A_new_store_has_no_head_and_no_rows()
    {
        var store = Open();
        Assert.Null(await store.HeadAsync(default));
        Assert.Empty(await ListAsync(store, 0));
        Assert.Empty(await store.FindAsync([Guid.NewGuid()], default));
    }

    [Fact]
    public async Task What_was_appended_is_there_after_a_restart()
    {
        var rows = new[] { Row(0), Row(1) };
        Assert.True(await Open().AppendAsync(null, Head(2), rows, default));

        var store = Open();
        Equal(Head(2), await store.HeadAsync(default));
        var read = await ListAsync(store, 0);
        Assert.Equal(2, read.Count);
        foreach (var (expected, actual) in rows.Zip(read))
        {
            Assert.Equal((expected.Index, expected.EventId), (actual.Index, actual.EventId));
            Assert.Equal(expected.Sealed, actual.Sealed);
            Assert.Equal(expected.Mac, actual.Mac);
        }
    }

    [Fact]
    public async Task Only_who_knows_the_head_moves_it()
    {
        var store = Open();
        Assert.False(await store.AppendAsync(Head(1), Head(2), [Row(1)], default));
        Assert.True(await store.AppendAsync(null, Head(1), [Row(0)], default));
        Assert.False(await store.AppendAsync(null, Head(1), [Row(0)], default));
        Assert.False(await store.AppendAsync(Head(2), Head(3), [Row(2)], default));
        Assert.False(await store.AppendAsync(Head(1) with { Mac = new byte[32] }, Head(2), [Row(1)], default));
        Assert.True(await store.AppendAsync(Head(1), Head(2), [Row(1)], default));

        Equal(Head(2), await store.HeadAsync(default));
        Assert.Equal([0, 1], (await ListAsync(store, 0)).Select(row => row.Index));
    }

    [Fact]
    public async Task Of_many_who_append_at_once_one_does()
    {
        await Open().AppendAsync(null, Head(1), [Row(0)], default);
        var stores = Enumerable.Range(0, 8).Select(_ => Open()).ToArray();
        var won = await Task.WhenAll(stores.Select(store => Task.Run(async () =>
        {
            try
            {
                return await store.AppendAsync(Head(1), Head(2), [Row(1)], default);
            }
            catch (StorageUnavailableException)
            {
                return false;
            }
        })));
        Assert.Single(won, true);
        Assert.Equal([0, 1], (await ListAsync(Open(), 0)).Select(row => row.Index));
    }

    [Fact]
    public async Task An_event_that_is_there_already_spoils_the_whole_append()
    {
        var store = Open();
        var first = Row(0);
        await store.AppendAsync(null, Head(1), [first], default);
        await Assert.ThrowsAsync<StorageUnavailableException>(async () =>
            await store.AppendAsync(Head(1), Head(3), [Row(1), Row(2) with { EventId = first.EventId }], default));
        Equal(Head(1), await store.HeadAsync(default));
        Assert.Single(await ListAsync(store, 0));
    }

    [Fact]
    public async Task Events_are_found_by_their_ids()
    {
        var store = Open();
        var rows = Enumerable.Range(0, 300).Select(i => Row(i)).ToArray();
        await store.AppendAsync(null, Head(300), rows, default);
        var found = await store.FindAsync([.. rows.Select(row => row.EventId), Guid.NewGuid()], default);
        Assert.Equal(rows.ToDictionary(row => row.EventId, row => row.Index), found);
    }

    [Fact]
    public async Task Rows_are_read_from_an_index_on()
    {
        var store = Open();
        await store.AppendAsync(null, Head(1000), [.. Enumerable.Range(0, 1000).Select(i => Row(i))], default);
        Assert.Equal(Enumerable.Range(990, 10).Select(i => (long)i), (await ListAsync(store, 990)).Select(row => row.Index));
        Assert.Equal(1000, (await ListAsync(store, 0)).Count);
        Assert.Empty(await ListAsync(store, 1000));
    }

    private static AuditHead Head(long size) => new(size, [(byte)size], [.. Enumerable.Repeat((byte)size, 32)]);

    private static AuditRow Row(long index) => new(index, Guid.NewGuid(), [1, 2, (byte)index], [.. Enumerable.Repeat((byte)index, 32)]);

    private static void Equal(AuditHead expected, AuditHead? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Size, actual.Size);
        Assert.Equal(expected.Frontier, actual.Frontier);
        Assert.Equal(expected.Mac, actual.Mac);
    }

    private static async Task<List<AuditRow>> ListAsync(IAuditStore store, long from)
    {
        var rows = new List<AuditRow>();
        await foreach (var row in store.ReadAsync(from, default))
            rows.Add(row);
        return rows;
    }
}
