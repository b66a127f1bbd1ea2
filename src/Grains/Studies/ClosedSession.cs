using SecureStore.Grains.Policy;

namespace SecureStore.Grains.Studies;

/// <summary>A viewing session that has ended: its read lease, whose it was, and what went out under it.</summary>
[GenerateSerializer, Immutable, Alias("securestore.ClosedSession")]
public sealed record ClosedSession
{
    [Id(0)] public required Guid Lease { get; init; }

    /// <summary>The token's subject.</summary>
    [Id(1)] public required string Subject { get; init; }

    [Id(2)] public required string TokenId { get; init; }

    [Id(3)] public required string TokenIssuer { get; init; }

    [Id(4)] public required PolicyActions Action { get; init; }

    [Id(5)] public required Released Released { get; init; }

    public static ClosedSession Of(Guid lease, PolicyToken caller, PolicyActions action, Released released = default) => new()
    {
        Lease = lease, Subject = caller.Subject, TokenId = caller.Id, TokenIssuer = caller.Issuer, Action = action, Released = released,
    };

    public override string ToString() => nameof(ClosedSession);
}
