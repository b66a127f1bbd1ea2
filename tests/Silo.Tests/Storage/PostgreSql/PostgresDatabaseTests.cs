using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Storage;
using SecureStore.Silo.Storage.PostgreSql;

namespace SecureStore.Silo.Tests.Storage.PostgreSql;

public sealed class PostgresDatabaseTests
{
    private const string Address = "Host=127.0.0.1;Port=1;Username=nobody;Database=none";

    private static readonly NpgsqlException Lost = new("lost", new SocketException());

    [Theory]
    [InlineData("08006", true, true)]
    [InlineData("08P01", true, true)]
    [InlineData("53300", true, true)]
    [InlineData("53100", true, true)]
    [InlineData("57P01", true, true)]
    [InlineData("57P03", true, true)]
    [InlineData("57014", true, false)]
    [InlineData("40001", true, true)]
    [InlineData("40P01", true, true)]
    [InlineData("55P03", true, false)]
    [InlineData("25P03", true, true)]
    [InlineData("25006", true, true)]
    [InlineData("28P01", true, false)]
    [InlineData("23505", false, false)]
    [InlineData("42P01", false, false)]
    [InlineData("26000", true, true)]
    [InlineData("42P05", true, true)]
    public void The_code_of_a_fault_says_whether_it_may_pass_and_is_worth_another_try(string state, bool mayPass, bool isWorthRepeating)
    {
        // Entity Framework wraps faults that it takes for passing.
        foreach (var fault in new Exception[] { Fault(state), new InvalidOperationException("", Fault(state)) })
        {
            Assert.Equal(mayPass, StorageFaults.DatabaseMayRecover(fault));
            Assert.Equal(isWorthRepeating, StorageFaults.IsWorthRepeating(fault));
        }
    }

    [Fact]
    public void A_lost_connection_may_pass_and_what_the_caller_gave_up_is_no_fault()
    {
        Assert.True(StorageFaults.DatabaseMayRecover(Lost));
        Assert.True(StorageFaults.IsWorthRepeating(Lost));
        var late = new NpgsqlException("late", new TimeoutException());
        Assert.True(StorageFaults.DatabaseMayRecover(late));
        Assert.False(StorageFaults.IsWorthRepeating(late));
        Assert.False(StorageFaults.DatabaseMayRecover(new OperationCanceledException("", Fault("57014"))));
        Assert.False(StorageFaults.DatabaseMayRecover(new InvalidOperationException()));
        Assert.True(StorageFaults.IsWorthRepeating(new InvalidOperationException { Source = "Npgsql" }));
        Assert.False(StorageFaults.DatabaseMayRecover(new InvalidOperationException { Source = "SecureStore.Silo" }));
        Assert.False(StorageFaults.IsAstray(new NpgsqlException("lost", new ObjectDisposedException("") { Source = "Npgsql" })));
    }

    [Fact]
    public void A_connection_that_speaks_out_of_turn_is_astray_and_its_server_is_not_away()
    {
        Assert.True(StorageFaults.IsAstray(Fault("08P01")));
        Assert.False(StorageFaults.IsOutage(Fault("08P01")));
        Assert.True(StorageFaults.IsOutage(Fault("08006")));
    }

    [Fact]
    public async Task A_read_is_asked_again_and_a_commit_is_not()
    {
        using var database = new PostgresDatabase(Address, PostgresSchemas.Catalog, 1);
        var reads = 0;
        Assert.Equal(3, await database.AgainAsync(_ => ++reads < 3 ? throw Lost : ValueTask.FromResult(reads), default));
        var commits = 0;
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await database.OnceAsync<int>(_ => ++commits > 0 ? throw Lost : ValueTask.FromResult(0), default));
        Assert.Equal(1, commits);
    }

    [Fact]
    public async Task A_lost_server_is_left_alone_until_its_time_is_over()
    {
        var clock = new FakeTimeProvider();
        using var database = new PostgresDatabase(Address, PostgresSchemas.Catalog, 1, clock);
        var calls = 0;
        var isAway = true;
        async Task AskAsync() => await database.OnceAsync(
            _ =>
            {
                calls++;
                return isAway ? throw Lost : ValueTask.FromResult(0);
            },
            default);
        for (var i = 0; i < 50; i++)
            await Assert.ThrowsAsync<StorageUnavailableException>(AskAsync);
        Assert.InRange(calls, 2, 20);

        isAway = false;
        var before = calls;
        await Assert.ThrowsAsync<StorageUnavailableException>(AskAsync);
        Assert.Equal(before, calls);
        clock.Advance(TimeSpan.FromSeconds(2));
        await AskAsync();
        await AskAsync();
        Assert.Equal(before + 2, calls);
    }

    [Fact]
    public async Task Commits_that_others_roll_back_do_not_open_the_circuit()
    {
        using var database = new PostgresDatabase(Address, PostgresSchemas.Catalog, 1);
        var calls = 0;
        for (var i = 0; i < 50; i++)
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(
                async () => await database.OnceAsync<int>(_ => ++calls > 0 ? throw Fault("40001") : ValueTask.FromResult(0), default));
        }

        Assert.Equal(50, calls);
    }

    [Fact]
    public void Times_and_counts_that_the_operator_gives_hold_and_durability_is_ours()
    {
        var plain = new NpgsqlConnectionStringBuilder(PostgresConnection.Complete(Address, "catalog", 12));
        Assert.Equal((5, 10, 12, "catalog"), (plain.Timeout, plain.CommandTimeout, plain.MaxPoolSize, plain.SearchPath));
        var given = new NpgsqlConnectionStringBuilder(PostgresConnection.Complete(
            Address + ";Timeout=9;Command Timeout=30;Maximum Pool Size=40;Options=-c synchronous_commit=off;Include Error Detail=true", "catalog", 12));
        Assert.Equal((9, 30, 40, false), (given.Timeout, given.CommandTimeout, given.MaxPoolSize, given.IncludeErrorDetail));
        Assert.Matches("synchronous_commit=off .*synchronous_commit=on .*statement_timeout=30s", given.Options);
    }

    private static PostgresException Fault(string state) => new("", "ERROR", "ERROR", state);
}
