using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using SecureStore.Contracts.Servers;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Tests.Hosting;

/// <summary>The tables and queries of ours, as Orleans' own packages use them on a real PostgreSQL.</summary>
public class ClusterDatabaseTests(PostgresServer postgres)
{
    private static readonly DateTime Now = new(2026, 5, 4, 3, 2, 1, DateTimeKind.Utc);

    [Fact]
    public async Task Ten_silos_may_make_the_schema_at_once()
    {
        var database = await postgres.CreateDatabaseAsync();
        var opened = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => ClusterDatabase.Open(database))));
        await using var command = opened[0].CreateCommand("SELECT count(*) FROM OrleansQuery");
        Assert.Equal(17L, await command.ExecuteScalarAsync());
        foreach (var one in opened)
        {
            await one.DisposeAsync();
        }
    }

    [Fact]
    public void A_database_that_does_not_answer_is_named_by_its_setting()
    {
        var wrong = Assert.Throws<SettingException>(() => ClusterDatabase.Open("Host=127.0.0.1;Port=1;Database=cluster;Password=hunter2"));
        Assert.StartsWith("ConnectionStrings:Cluster", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_change_only_under_the_version_that_was_read()
    {
        await using var members = await OpenAsync();
        var table = members.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(true);
        await table.InitializeMembershipTableAsync(true);
        var empty = await table.ReadAllAsync();
        Assert.Empty(empty.Members);

        var (one, two) = (Member(1), Member(2));
        Assert.True(await table.InsertRowAsync(one, empty.Version.Next()));
        Assert.False(await table.InsertRowAsync(two, empty.Version.Next()));
        var first = await table.ReadAllAsync();
        Assert.False(await table.InsertRowAsync(one, first.Version.Next()));
        Assert.Equal(first.Version.Version, (await table.ReadAllAsync()).Version.Version);
        Assert.True(await table.InsertRowAsync(two, first.Version.Next()));

        var both = await table.ReadAllAsync();
        Assert.Equal([one.SiloAddress, two.SiloAddress], both.Members.Select(member => member.Item1.SiloAddress).Order());
        var read = (await table.ReadRowAsync(two.SiloAddress)).Members.Single().Item1;
        Assert.Equal((two.SiloName, two.HostName, two.Status, two.ProxyPort, two.StartTime, two.IAmAliveTime), (read.SiloName, read.HostName, read.Status, read.ProxyPort, read.StartTime, read.IAmAliveTime));
        Assert.Null(read.SuspectTimes);
        Assert.Empty((await table.ReadRowAsync(Member(3).SiloAddress)).Members);

        two.AddSuspector(one.SiloAddress, Now);
        two.Status = SiloStatus.Dead;
        Assert.False(await table.UpdateRowAsync(two, both.Members[0].Item2, first.Version.Next()));
        Assert.True(await table.UpdateRowAsync(two, both.Members[0].Item2, both.Version.Next()));
        Assert.False(await table.UpdateRowAsync(Member(3), both.Members[0].Item2, (await table.ReadAllAsync()).Version.Next()));
        one.IAmAliveTime = Now.AddMinutes(1);
        await table.UpdateIAmAliveAsync(one);
        var changed = await table.ReadAllAsync();
        Assert.Equal(both.Version.Version + 1, changed.Version.Version);
        Assert.Equal(one.SiloAddress, changed.Members.Single(member => member.Item1.Status == SiloStatus.Dead).Item1.SuspectTimes!.Single().Item1);
        Assert.Equal(Now.AddMinutes(1), changed.Members.Single(member => member.Item1.Status == SiloStatus.Active).Item1.IAmAliveTime);
    }

    [Fact]
    public async Task Of_writers_at_once_one_wins_each_version()
    {
        await using var members = await OpenAsync();
        var table = members.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(true);
        var version = (await table.ReadAllAsync()).Version.Next();
        var won = await Task.WhenAll(Enumerable.Range(1, 20).Select(port => Task.Run(() => table.InsertRowAsync(Member(port), version))));
        Assert.Single(won, true);
        Assert.Equal(version.Version, (await table.ReadAllAsync()).Version.Version);
        Assert.Single((await table.ReadAllAsync()).Members);
    }

    [Fact]
    public async Task Only_members_that_are_long_dead_are_forgotten()
    {
        await using var members = await OpenAsync();
        var table = members.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(true);
        foreach (var (port, status, alive) in new[] { (1, SiloStatus.Dead, Now), (2, SiloStatus.Dead, Now.AddHours(2)), (3, SiloStatus.Active, Now) })
        {
            var member = Member(port);
            (member.Status, member.IAmAliveTime) = (status, alive);
            Assert.True(await table.InsertRowAsync(member, (await table.ReadAllAsync()).Version.Next()));
        }

        await table.CleanupDefunctSiloEntriesAsync(Now.AddHours(1));
        Assert.Equal([2, 3], (await table.ReadAllAsync()).Members.Select(member => member.Item1.SiloAddress.Endpoint.Port).Order());
        await table.DeleteMembershipTableEntriesAsync("hospital-7");
        Assert.Empty((await table.ReadAllAsync()).Members);
    }

    [Fact]
    public async Task Clusters_in_one_database_do_not_see_each_other()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var seven = await OpenAsync("hospital-7", database);
        await using var eight = await OpenAsync("hospital-8", database);
        var (one, other) = (seven.Services.GetRequiredService<IMembershipTable>(), eight.Services.GetRequiredService<IMembershipTable>());
        await one.InitializeMembershipTableAsync(true);
        await other.InitializeMembershipTableAsync(true);
        Assert.True(await one.InsertRowAsync(Member(1), (await one.ReadAllAsync()).Version.Next()));
        Assert.Empty((await other.ReadAllAsync()).Members);
    }

    [Fact]
    public async Task Reminders_are_kept_found_by_range_and_removed_by_version()
    {
        await using var members = await OpenAsync();
        var table = members.Services.GetRequiredService<IReminderTable>();
        await table.StartAsync();
        var grains = Enumerable.Range(0, 20).Select(number => GrainId.Create("study", $"{number}")).ToArray();
        var versions = new Dictionary<GrainId, string>();
        foreach (var grain in grains)
        {
            versions[grain] = await table.UpsertRow(Reminder(grain, TimeSpan.FromHours(1))) ?? "";
        }

        var kept = await table.ReadRow(grains[0], "sweep");
        Assert.NotNull(kept);
        Assert.Equal((grains[0], "sweep", Now, TimeSpan.FromHours(1), versions[grains[0]]), (kept.GrainId, kept.ReminderName, kept.StartAt, kept.Period, kept.ETag));
        Assert.Null(await table.ReadRow(grains[0], "other"));
        Assert.NotEqual(versions[grains[0]], await table.UpsertRow(Reminder(grains[0], TimeSpan.FromDays(40))));
        Assert.Equal(TimeSpan.FromDays(40), Assert.Single((await table.ReadRows(grains[0])).Reminders).Period);

        foreach (var (begin, end) in new[] { (0u, 0x8000_0000u), (0x8000_0000u, 0u), (0x4000_0000u, 0xC000_0000u), (0xC000_0000u, 0x4000_0000u), (7u, 7u) })
        {
            var expected = grains.Where(grain => IsBetween(grain.GetUniformHashCode(), begin, end)).Order();
            Assert.Equal(expected, (await table.ReadRows(begin, end)).Reminders.Select(reminder => reminder.GrainId).Order());
        }

        Assert.False(await table.RemoveRow(grains[0], "sweep", versions[grains[0]]));
        Assert.True(await table.RemoveRow(grains[1], "sweep", versions[grains[1]]));
        Assert.Null(await table.ReadRow(grains[1], "sweep"));
        await table.TestOnlyClearTable();
        Assert.Empty((await table.ReadRows(0, 0)).Reminders);
    }

    /// <summary>From begin, without it, to end, with it, on the ring of all hashes.</summary>
    private static bool IsBetween(uint hash, uint begin, uint end) => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;

    private static ReminderEntry Reminder(GrainId grain, TimeSpan period) => new() { GrainId = grain, ReminderName = "sweep", StartAt = Now, Period = period };

    private static MembershipEntry Member(int port) => new()
    {
        SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Parse("10.1.2.3"), port), 12345), SiloName = $"silo {port}", HostName = "o'host",
        Status = SiloStatus.Active, ProxyPort = 0, StartTime = Now.AddMinutes(-1), IAmAliveTime = Now,
    };

    private async Task<Members> OpenAsync(string cluster = "hospital-7", string? database = null) =>
        new(ClusterDatabase.Open(database ?? await postgres.CreateDatabaseAsync()), cluster);

    /// <summary>Orleans' own tables over our queries, without a silo.</summary>
    private sealed class Members : IAsyncDisposable
    {
        private readonly NpgsqlDataSource database;
        private readonly IHost host;

        public Members(NpgsqlDataSource database, string cluster)
        {
            this.database = database;
            host = new HostBuilder().UseOrleans(silo =>
            {
                silo.Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = cluster);
                silo.UseAdoNetClustering(options => (options.Invariant, options.DataSource) = (ClusterDatabase.Invariant, database));
                silo.UseAdoNetReminderService(options => (options.Invariant, options.DataSource) = (ClusterDatabase.Invariant, database));
            }).Build();
        }

        public IServiceProvider Services => host.Services;

        public async ValueTask DisposeAsync()
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            await database.DisposeAsync();
        }
    }
}
