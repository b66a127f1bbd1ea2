using Npgsql;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using SecureStore.Grains.Storage;
using SecureStore.Silo.Telemetry;

namespace SecureStore.Silo.Storage.PostgreSql;

/// <summary>
/// A database as its stores reach it: what may be asked twice is asked again after a fault that may pass, and while the
/// server is away everything fails at once.
/// </summary>
internal sealed class PostgresDatabase : IDisposable
{
    private const int Retries = 3;

    private readonly ResiliencePipeline once;
    private readonly ResiliencePipeline again;

    /// <param name="connectionString">As <see cref="PostgresConnection.Complete"/> takes it.</param>
    /// <param name="schema">The schema and its migrations.</param>
    /// <param name="connections">The most connections, where the string does not say.</param>
    /// <param name="clock">Times the waits between attempts.</param>
    public PostgresDatabase(string connectionString, PostgresSchema schema, int connections, TimeProvider? clock = null)
    {
        ConnectionString = PostgresConnection.Complete(connectionString, schema.Name, connections);
        Schema = schema;
        once = new ResiliencePipelineBuilder { TimeProvider = clock }.AddCircuitBreaker(Breaker().Observed(schema.Name)).Build();
        again = new ResiliencePipelineBuilder { TimeProvider = clock }.AddRetry(Retry()).AddPipeline(once).Build();
    }

    public string ConnectionString { get; }

    public PostgresSchema Schema { get; }

    /// <summary>Brings the schema up to date; safe where many do it at once.</summary>
    /// <exception cref="InvalidDataException">The schema is a newer program's, or no schema of ours.</exception>
    /// <exception cref="StorageUnavailableException">The database does not answer.</exception>
    public void Migrate()
    {
        try
        {
            again.Execute(() => Schema.Apply(ConnectionString));
        }
        catch (PostgresException fault) when (!StorageFaults.IsOutage(fault))
        {
            throw new InvalidDataException($"{Schema.Title} cannot be used: the database server says {fault.SqlState} ({fault.MessageText}).", fault);
        }
        catch (Exception fault) when (IsPassing(fault))
        {
            throw Unavailable(fault);
        }
    }

    /// <summary>Does what may be done twice: a read, or what has not been committed.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be done for now.</exception>
    public async ValueTask<T> AgainAsync<T>(Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await again.ExecuteAsync(work, cancellation).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsPassing(fault))
        {
            throw Unavailable(fault);
        }
    }

    /// <inheritdoc cref="AgainAsync"/>
    public void Again(Action work)
    {
        try
        {
            again.Execute(work);
        }
        catch (Exception fault) when (IsPassing(fault))
        {
            throw Unavailable(fault);
        }
    }

    /// <summary>Does what must not be done twice.</summary>
    /// <exception cref="StorageUnavailableException">Not done, or uncertain.</exception>
    public async ValueTask<T> OnceAsync<T>(Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await once.ExecuteAsync(work, cancellation).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsPassing(fault))
        {
            throw Unavailable(fault);
        }
    }

    /// <inheritdoc cref="OnceAsync"/>
    public void Once(Action work)
    {
        try
        {
            once.Execute(work);
        }
        catch (Exception fault) when (IsPassing(fault))
        {
            throw Unavailable(fault);
        }
    }

    /// <summary>An open connection from the pool.</summary>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes the connections that wait in the pool.</summary>
    public void Dispose() => Clear();

    private void Clear()
    {
        using var connection = new NpgsqlConnection(ConnectionString);
        NpgsqlConnection.ClearPool(connection);
    }

    private StorageUnavailableException Unavailable(Exception fault)
    {
        ClearIfAstray(fault);
        return StorageFaults.Unavailable(fault);
    }

    /// <summary>The next attempt is to get a new connection; those in use are closed when they are given back.</summary>
    private void ClearIfAstray(Exception? fault)
    {
        if (StorageFaults.IsAstray(fault))
            Clear();
    }

    private static bool IsPassing(Exception fault) => fault is BrokenCircuitException || StorageFaults.DatabaseMayRecover(fault);

    private RetryStrategyOptions Retry() => new()
    {
        ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Exception is { } fault && StorageFaults.IsWorthRepeating(fault)),
        OnRetry = attempt =>
        {
            ClearIfAstray(attempt.Outcome.Exception);
            return ValueTask.CompletedTask;
        },
        MaxRetryAttempts = Retries,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = TimeSpan.FromMilliseconds(50),
        MaxDelay = TimeSpan.FromSeconds(1),
    };

    private static CircuitBreakerStrategyOptions Breaker() => new()
    {
        ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Exception is { } fault && StorageFaults.IsOutage(fault)),
        FailureRatio = 0.5,
        MinimumThroughput = 8,
        SamplingDuration = TimeSpan.FromSeconds(10),
        BreakDuration = TimeSpan.FromSeconds(1),
    };
}
