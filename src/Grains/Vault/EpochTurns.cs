using SecureStore.Grains.Audit;
using SecureStore.Grains.Cluster;

namespace SecureStore.Grains.Vault;

/// <summary>
/// Keeps the vault's epochs in order, together with all other silos: a turn is done, and recorded, when every live one has acknowledged it,
/// and only then the epochs whose window is over are destroyed. A silo that does not answer delays that, and nothing else.
/// </summary>
public sealed class EpochTurns(Vault vault, IOtherSilos others, IAuditLog audit, TimeProvider time)
{
    private const string Actor = "securestore";

    /// <inheritdoc cref="Vault.MaintainAsync(CancellationToken)"/>
    public ValueTask<DateTimeOffset> MaintainAsync(CancellationToken cancellation) => vault.MaintainAsync(CompleteAsync, cancellation);

    /// <inheritdoc cref="Vault.TurnEpochAsync(CancellationToken)"/>
    public ValueTask TurnAsync(CancellationToken cancellation) => vault.TurnEpochAsync(CompleteAsync, cancellation);

    private async Task<bool> CompleteAsync(EpochTurn turn, CancellationToken cancellation)
    {
        if (!await others.AcknowledgeAsync(turn))
        {
            return false;
        }

        if (turn.HasPredecessor)
        {
            // Whoever of the silos completes the turn, and however often: it is recorded once.
            await audit.AppendAsync(
                new AuditEvent
                {
                    Id = turn.Current,
                    Time = time.GetUtcNow(),
                    Action = AuditAction.KeysTurned,
                    Actor = Actor,
                    Detail = "acknowledged by every silo",
                },
                cancellation);
        }

        return true;
    }
}
