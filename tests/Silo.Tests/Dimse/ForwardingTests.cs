using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Dimse;

namespace SecureStore.Silo.Tests.Dimse;

/// <summary>What is to be sent on, and when it is tried.</summary>
public sealed class ForwardingTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("forwards");
    private readonly FakeTimeProvider clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly List<IDisposable> opened = [];
    private readonly List<string> sent = [];
    private readonly HashSet<string> stored = [];
    private readonly DimseSettings settings = Settings("PACS");
    private Func<string, bool> takes = _ => true;
    private bool isThere = true;
    private Vault vault = null!;

    public async ValueTask InitializeAsync()
    {
        var keys = FileRootKey.Create(Path.Combine(folder.FullName, "keys"));
        vault = new Vault(new InMemoryVaultStore(), keys, clock, new VaultOptions());
        opened.AddRange([keys, vault]);
        await vault.InitialiseAsync(default);
    }

    [Fact]
    public async Task Instances_of_a_study_go_together_and_are_forgotten_once_they_are_taken()
    {
        using var forwarding = Forwarding();
        await AddAsync(forwarding, "1.2", 1, 2, 3);
        await AddAsync(forwarding, "1.3", 1);
        await AddAsync(forwarding, "1.2", 1);
        takes = instance => instance != "1.2.3";
        await AssertSentAsync(forwarding, "1.2: 1.2.1 1.2.2 1.2.3", "1.3: 1.3.1");
        await AssertSentAsync(forwarding);
        takes = _ => true;
        clock.Advance(Errands.FirstRetry);
        await AssertSentAsync(forwarding, "1.2: 1.2.3");
        Assert.Equal(0, await KeptAsync());
    }

    [Fact]
    public async Task What_was_there_before_is_not_sent_unless_it_still_is_to_be()
    {
        using var forwarding = Forwarding();
        stored.Add("1.2.1");
        Assert.Empty(await PrepareAsync(forwarding, "1.2", 1));
        Assert.Equal(0, await KeptAsync());

        // Stored by a silo that died before it could say so; its sender has come again.
        Assert.Single(await PrepareAsync(forwarding, "1.2", 3));
        stored.Add("1.2.3");
        forwarding.Settle(await PrepareAsync(forwarding, "1.2", 3), StoreStatus.Duplicate);
        await AssertSentAsync(forwarding);
        clock.Advance(TimeSpan.FromMinutes(15));
        await AssertSentAsync(forwarding, "1.2: 1.2.3");

        // Or whether it is stored is not known.
        forwarding.Settle(await PrepareAsync(forwarding, "1.2", 4), StoreStatus.Unavailable);
        await AssertSentAsync(forwarding);
        sent.Clear();
        await forwarding.SendDueAsync(settings.Forward[0].To, leftBefore: clock.GetUtcNow().AddSeconds(1), default);
        Assert.Equal(["1.2: 1.2.4"], sent);
    }

    [Fact]
    public async Task What_was_kept_before_the_clock_was_set_back_does_not_wait_for_that_time()
    {
        using var forwarding = Forwarding();
        await PrepareAsync(forwarding, "1.2", 1);
        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromDays(3000));
        await AssertSentAsync(forwarding, "1.2: 1.2.1");
    }

    [Fact]
    public async Task What_two_associations_store_at_once_is_sent()
    {
        using var forwarding = Forwarding();
        var (first, second) = (await PrepareAsync(forwarding, "1.2", 1), await PrepareAsync(forwarding, "1.2", 1));
        forwarding.Settle(second, StoreStatus.Stored);
        forwarding.Settle(first, StoreStatus.Duplicate);
        clock.Advance(TimeSpan.FromMinutes(15));
        await AssertSentAsync(forwarding, "1.2: 1.2.1");
    }

    [Fact]
    public async Task What_is_not_taken_is_tried_at_longer_and_longer_intervals_and_given_up_after_a_week()
    {
        using var forwarding = Forwarding();
        await AddAsync(forwarding, "1.2", 1);
        takes = _ => false;
        await AssertSentAsync(forwarding, "1.2: 1.2.1");
        foreach (var minutes in new[] { 1, 2, 4, 8, 15, 15 })
        {
            clock.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
            await AssertSentAsync(forwarding);
            clock.Advance(TimeSpan.FromSeconds(1));
            await AssertSentAsync(forwarding, "1.2: 1.2.1");
        }

        clock.Advance(Silo.Dimse.Forwarding.Lifetime);
        await AssertSentAsync(forwarding);
        Assert.Equal(0, await KeptAsync());
    }

    [Fact]
    public async Task What_one_silo_sends_no_other_sends_meanwhile()
    {
        using var one = Forwarding();
        using var other = Forwarding();
        await AddAsync(one, "1.2", 1);
        var meanwhile = new List<string>();
        takes = instance =>
        {
            // In the middle of it, however slow it is.
            meanwhile.AddRange(sent);
            clock.Advance(TimeSpan.FromMinutes(14));
            other.SendDueAsync(settings.Forward[0].To, leftBefore: default, default).GetAwaiter().GetResult();
            return true;
        };
        await AssertSentAsync(one, "1.2: 1.2.1");
        Assert.Equal(["1.2: 1.2.1"], meanwhile);
        Assert.Equal(0, await KeptAsync());
    }

    [Fact]
    public async Task What_one_silo_has_sent_is_done_also_where_another_has_begun_with_it()
    {
        using var one = Forwarding();
        using var other = Forwarding();
        await AddAsync(one, "1.2", 1);
        await AddAsync(one, "1.2", 2);
        var isFirst = true;
        takes = instance =>
        {
            if (isFirst)
            {
                // It takes so long that another silo tries, in vain.
                isFirst = false;
                var before = takes;
                takes = _ => false;
                clock.Advance(TimeSpan.FromMinutes(16));
                other.SendDueAsync(settings.Forward[0].To, leftBefore: default, default).GetAwaiter().GetResult();
                takes = before;
            }

            return true;
        };
        await AssertSentAsync(one, "1.2: 1.2.1 1.2.2", "1.2: 1.2.1 1.2.2");
        Assert.Equal(0, await KeptAsync());
    }

    [Fact]
    public async Task A_study_that_cannot_be_read_holds_up_no_other()
    {
        using var forwarding = Forwarding();
        await AddAsync(forwarding, "1.2", 1);
        await AddAsync(forwarding, "1.3", 1);
        takes = instance => instance == "1.2.1" ? throw new VaultIntegrityException("damaged") : true;
        await AssertSentAsync(forwarding, "1.2: 1.2.1", "1.3: 1.3.1");
        Assert.Equal(1, await KeptAsync());
    }

    [Fact]
    public async Task One_that_cannot_be_read_holds_up_no_other()
    {
        using var forwarding = Forwarding();
        foreach (var number in Enumerable.Range(1, 5))
            await vault.ChangeErrandAsync(VaultRowKind.Forward, Guid.NewGuid(), _ => "{}"u8.ToArray(), default);

        await AddAsync(forwarding, "1.2", 1);
        await forwarding.ForgetOthersAsync(default);
        await AssertSentAsync(forwarding, "1.2: 1.2.1");
    }

    [Fact]
    public async Task A_destination_that_is_not_there_is_tried_with_one_study_alone()
    {
        using var forwarding = Forwarding();
        await AddAsync(forwarding, "1.2", 1);
        await AddAsync(forwarding, "1.3", 1);
        (takes, isThere) = (_ => false, false);
        Assert.Equal(ForwardOutcome.Unreachable, await forwarding.SendDueAsync(settings.Forward[0].To, leftBefore: default, default));
        Assert.Single(sent);
    }

    [Fact]
    public async Task What_no_rule_sends_any_more_is_forgotten()
    {
        using (var forwarding = Forwarding())
            await AddAsync(forwarding, "1.2", 1);

        using var changed = Forwarding(Settings("OTHER"));
        await changed.ForgetOthersAsync(default);
        Assert.Equal(0, await KeptAsync());
    }

    public ValueTask DisposeAsync()
    {
        opened.AsEnumerable().Reverse().ToList().ForEach(one => one.Dispose());
        folder.Delete(recursive: true);
        return default;
    }

    private static DimseSettings Settings(string destination) => DimseSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Dimse:Peers:0:AeTitle"] = "CT1", ["Dimse:Peers:0:Addresses:0"] = "127.0.0.1",
        ["Dimse:Peers:1:AeTitle"] = destination, ["Dimse:Peers:1:Addresses:0"] = "127.0.0.1", ["Dimse:Peers:1:Host"] = "127.0.0.1", ["Dimse:Peers:1:Port"] = "104",
        ["Dimse:Forward:0:To"] = destination,
    }).Build());

    private static async Task AddAsync(Forwarding forwarding, string study, params int[] instances)
    {
        foreach (var number in instances)
            forwarding.Settle(await PrepareAsync(forwarding, study, number), StoreStatus.Stored);
    }

    private static ValueTask<IReadOnlyList<(string To, Guid Id)>> PrepareAsync(Forwarding forwarding, string study, int number) =>
        forwarding.PrepareAsync("CT1", new StoreResult(StoreStatus.Received, "1.2.840.10008.5.1.4.1.1.2", $"{study}.{number}", study, $"{study}.0"));

    private async Task AssertSentAsync(Forwarding forwarding, params string[] expected)
    {
        sent.Clear();
        await forwarding.SendDueAsync(settings.Forward[0].To, leftBefore: default, default);
        Assert.Equal(expected, sent.Order());
    }

    private async Task<int> KeptAsync() => await vault.ErrandsAsync(VaultRowKind.Forward, default).CountAsync();

    private Forwarding Forwarding(DimseSettings? others = null) => new(others ?? settings, SendAsync, (_, instance) => new(stored.Contains(instance)), vault, clock, NullLogger<Forwarding>.Instance, isAlone: false);

    private Task<bool> SendAsync(DimsePeer destination, string study, IReadOnlyList<string> instances, Action<string> settled, CancellationToken cancellation)
    {
        Assert.Equal("PACS", destination.AeTitle);
        sent.Add($"{study}: {string.Join(' ', instances.Order())}");
        foreach (var instance in instances.Where(takes))
            settled(instance);

        return Task.FromResult(isThere);
    }
}
