using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.VaultTests;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>What all silos of a cluster share: databases, objects, keys, tokens, and a clock that stands until a test turns it.</summary>
internal sealed class World : IDisposable
{
    private TaskCompletionSource? delayed;
    private int timers;

    private World(VaultFixture keys, Vault.Vault vault, RetentionOptions retention)
    {
        (Keys, Vault, Retention) = (keys, vault, retention);
        Tokens = new FakeTokens(Time);
        Clock = new TurnedTime(Time);
        Clock.TimerCreated += () =>
        {
            if (Interlocked.Decrement(ref timers) == 0)
            {
                delayed?.TrySetResult();
            }
        };
    }

    public VaultFixture Keys { get; }

    /// <summary>A process of its own over the same vault: no silo's.</summary>
    public Vault.Vault Vault { get; }

    public RetentionOptions Retention { get; }

    public HookedCatalog Catalog { get; } = new();

    public HookedObjects Objects { get; } = new();

    public MemoryAuditLog Audit { get; } = new();

    public FakeTokens Tokens { get; }

    public FakeTimeProvider Time => Keys.Time;

    public TurnedTime Clock { get; }

    public static async Task<World> CreateAsync(RetentionOptions? retention = null, VaultOptions? options = null)
    {
        var (keys, vault) = await VaultFixture.InitialisedAsync(options);
        return new World(keys, vault, retention ?? new RetentionOptions());
    }

    /// <summary>Whoever waits for it goes on where he was, and not on a grain's thread.</summary>
    public static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A token for everything.</summary>
    public string Anything() => Tokens.Issue(StudyArchive.AnyAction, new PolicyLocation.Everything());

    public async Task<StudyRow> RowAsync(string study) => (await Catalog.FindStudyAsync(Vault.MacOfUid(study), default))!;

    public bool HasKey(StudyHandle study) => Keys.Store.Rows.Any(row => row.Kind == VaultRowKind.Study && row.Id == study.Value);

    /// <summary>Ends when grains, or who asks for them, have begun to wait for the clock so many times more.</summary>
    public Task NextDelay(int count = 1)
    {
        delayed = Signal();
        timers = count;
        return delayed.Task;
    }

    /// <summary>So many viewing sessions from now on whose end the audit log has.</summary>
    public Task Closings(int count) => Recorded(AuditAction.StudyClosed, count);

    /// <summary>So many studies from now on whose destruction the audit log has.</summary>
    public Task Destructions(int count) => Recorded(AuditAction.StudyDestroyed, count);

    public void Dispose() => Keys.Dispose();

    private Task Recorded(AuditAction action, int count)
    {
        var all = Signal();
        Audit.Appended += one =>
        {
            if (one.Action == action && Interlocked.Decrement(ref count) == 0)
            {
                all.TrySetResult();
            }
        };
        return all.Task;
    }
}
