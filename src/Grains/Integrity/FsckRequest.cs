namespace SecureStore.Grains.Integrity;

/// <summary>What a check is to do.</summary>
public sealed record FsckRequest
{
    /// <summary>Who wants it: a token's subject.</summary>
    public required string Actor { get; init; }

    /// <summary>jti of the token.</summary>
    public string? TokenId { get; init; }

    /// <summary>True repairs what can be repaired, and puts the rest into quarantine.</summary>
    public bool Repair { get; init; }

    /// <summary>True leaves stored files unopened.</summary>
    public bool Quick { get; init; }

    /// <summary>True goes on where an earlier check was cut off, where one was.</summary>
    public bool Resume { get; init; }
}
