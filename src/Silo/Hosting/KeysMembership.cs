using Npgsql;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Hosting;

/// <summary>
/// Sees to it that the silos of one vault use one folder of keys. Each holds, while it lives, a lock on the vault's database and one on the file
/// <c>lock</c> in the folder. A silo that joins looks at both, one silo at a time: where others hold the database and nobody holds the
/// folder, its folder is its own (a copy, or a volume that is not shared), and it must not join: it would miss each new epoch key and keep each
/// destroyed one. A silo that stands alone holds both for itself.
/// </summary>
internal sealed class KeysMembership : IAsyncDisposable
{
    /// <summary>The advisory lock that each silo holds: any number that nobody else locks in the vault's database.</summary>
    internal const long Members = 0x5365_6375_7265_1001;

    private const long Joining = 0x5365_6375_7265_1002;
    private const int LongestQueue = 600;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly string connectionString;
    private readonly bool alone;
    private readonly TimeProvider time;
    private readonly FileStream folder;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NpgsqlConnection connection;
    private Task keeping = Task.CompletedTask;

    private KeysMembership(string connectionString, bool alone, TimeProvider time, NpgsqlConnection connection, FileStream folder) =>
        (this.connectionString, this.alone, this.time, this.connection, this.folder) = (connectionString, alone, time, connection, folder);

    /// <summary>How long a joining silo waits for what contradicts itself to pass: locks that outlive their silo, or that a restarted database lost.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Ends when another silo took the vault for itself while this one could not reach the database: this one has to stop.</summary>
    public Task Lost => lost.Task;

    /// <summary>Joins the silos of a vault. Until <see cref="CompleteAsync"/> no other can, so that the first may make what is not there.</summary>
    /// <param name="keysPath">Keys:Path; made where it is missing and no other silo is there.</param>
    /// <param name="connectionString">The vault's database.</param>
    /// <param name="alone">Whether this silo needs the vault for itself.</param>
    /// <param name="patience">As <see cref="Patience"/>.</param>
    /// <exception cref="VaultException">The folder is not the others', or is another vault's, or the vault is taken.</exception>
    /// <exception cref="StorageUnavailableException">The database does not answer.</exception>
    public static async Task<KeysMembership> JoinAsync(
        string keysPath, string connectionString, bool alone, TimeProvider time, TimeSpan patience, CancellationToken cancellation = default)
    {
        var complete = Complete(connectionString);
        NpgsqlConnection? connection = null;
        try
        {
            connection = await OpenAsync(complete, cancellation);
            await AskAsync(connection, $"SELECT true FROM pg_advisory_lock({Joining})", cancellation);
            for (var start = time.GetTimestamp(); ; await Task.Delay(Pause, time, cancellation))
            {
                var (refusal, folder) = await TryAsync(keysPath, connection, alone, cancellation);
                if (folder is not null)
                {
                    return new KeysMembership(complete, alone, time, connection, folder);
                }

                if (time.GetElapsedTime(start) >= patience)
                {
                    throw new VaultException(refusal);
                }
            }
        }
        catch (Exception fault)
        {
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw fault is NpgsqlException or TimeoutException ? new StorageUnavailableException("The vault's database does not answer.", fault) : fault;
        }
    }

    /// <summary>Lets the next silo join, and keeps the membership from here on, through restarts of the database.</summary>
    public async Task CompleteAsync()
    {
        try
        {
            await AskAsync(connection, $"SELECT pg_advisory_unlock({Joining})", CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // With its connection the lock is gone too.
        }

        keeping = KeepAsync(stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await keeping;
        await connection.DisposeAsync();
        await folder.DisposeAsync();
        stopping.Dispose();
    }

    private static async Task<(string Refusal, FileStream? Folder)> TryAsync(
        string keysPath, NpgsqlConnection connection, bool alone, CancellationToken cancellation)
    {
        var file = Path.Combine(keysPath, FileRootKey.LockFile);
        var isFirst = await AskAsync(connection, $"SELECT pg_try_advisory_lock({Members})", cancellation);
        if (isFirst)
        {
            Durable.CreateFolder(keysPath);
            if (Lock(file, FileAccess.ReadWrite, FileShare.None) is not { } exclusive)
            {
                await AskAsync(connection, $"SELECT pg_advisory_unlock({Members})", cancellation);
                return ($"Keys:Path: {keysPath} is in use by silos of another vault than ConnectionStrings:Vault names.", null);
            }

            if (alone)
            {
                return ("", exclusive);
            }

            // Nobody else can join meanwhile.
            await exclusive.DisposeAsync();
            await AskAsync(connection, $"SELECT true FROM pg_advisory_lock_shared({Members})", cancellation);
            await AskAsync(connection, $"SELECT pg_advisory_unlock({Members})", cancellation);
            return ("", Lock(file, FileAccess.Read, FileShare.Read));
        }

        if (alone || !await AskAsync(connection, $"SELECT pg_try_advisory_lock_shared({Members})", cancellation))
        {
            return ("ConnectionStrings:Vault names a vault that another silo has open, and one of the two is not a silo of a cluster.", null);
        }

        if (IsHeld(file))
        {
            return ("", Lock(file, FileAccess.Read, FileShare.Read));
        }

        await AskAsync(connection, $"SELECT pg_advisory_unlock_shared({Members})", cancellation);
        return ($"Keys:Path: {keysPath} is this silo's own; the silos of a cluster must share one folder of keys.", null);
    }

    private static bool IsHeld(string file)
    {
        if (!File.Exists(file))
        {
            return false;
        }

        using var unheld = Lock(file, FileAccess.ReadWrite, FileShare.None);
        return unheld is null;
    }

    /// <summary>Null where another process holds the lock in a way that does not go with this one.</summary>
    private static FileStream? Lock(string file, FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, access, share);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The database forgets the locks of a connection that breaks: they are taken again as soon as it answers.</summary>
    private async Task KeepAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested && !lost.Task.IsCompleted)
        {
            try
            {
                await connection.WaitAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is NpgsqlException or IOException or InvalidOperationException or TimeoutException or OperationCanceledException)
            {
                await TakeAgainAsync(cancellation);
            }
        }
    }

    private async Task TakeAgainAsync(CancellationToken cancellation)
    {
        await connection.DisposeAsync();
        await Task.Delay(Pause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            connection = await OpenAsync(connectionString, cancellation);
            if (!await AskAsync(connection, $"SELECT pg_try_advisory_lock{(alone ? "" : "_shared")}({Members})", cancellation))
            {
                lost.TrySetResult();
            }
        }
        catch (Exception fault) when (fault is NpgsqlException or IOException or TimeoutException or OperationCanceledException)
        {
            // The loop finds the connection closed, and comes back here.
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string question, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(question, connection) { CommandTimeout = LongestQueue };
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>A connection of its own, whose end the server notices within seconds, whatever ended the silo.</summary>
    private static string Complete(string connectionString)
    {
        var complete = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, KeepAlive = 3, Timeout = 5, ApplicationName = "securestore keys" };
        complete.Options = $"{complete.Options} -c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3".Trim();
        return complete.ConnectionString;
    }
}
