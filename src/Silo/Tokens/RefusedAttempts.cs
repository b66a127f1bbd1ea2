using System.Net;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Telemetry;

namespace SecureStore.Silo.Tokens;

/// <summary>
/// Records attempts that were refused for want of a valid token or client. Anybody can make them, so at most one entry a
/// second is written, and it says how many were left out before it.
/// </summary>
internal sealed class RefusedAttempts(IAuditLog audit, TimeProvider clock, ILogger<RefusedAttempts> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private DateTimeOffset next = DateTimeOffset.MinValue;
    private long leftOut;

    /// <param name="what">The action that was asked for: "token", "revoke", "request".</param>
    /// <param name="why">Why it was refused; nothing that the caller sent.</param>
    /// <param name="address">The caller's.</param>
    /// <param name="cancellation">Ends the wait for the record.</param>
    public async ValueTask RecordAsync(string what, string why, IPAddress? address, CancellationToken cancellation)
    {
        RefusalMetrics.Attempt();
        var now = clock.GetUtcNow();
        long before;
        lock (gate)
        {
            if (now < next)
            {
                leftOut++;
                return;
            }

            next = now + Interval;
            (before, leftOut) = (leftOut, 0);
        }

        try
        {
            await audit.AppendAsync(
                new AuditEvent
                {
                    Id = Guid.NewGuid(),
                    Time = now,
                    Action = AuditAction.AccessRefused,
                    Actor = "unknown",
                    PolicyAction = what,
                    Detail = before == 0 ? why : $"{why}; {before} refused before it",
                    Address = address?.ToString(),
                },
                cancellation);
        }
        catch (StorageUnavailableException)
        {
            logger.LogWarning("A refused attempt could not be recorded in the audit log.");
        }
    }
}
