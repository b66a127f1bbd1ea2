namespace SecureStore.Grains.Vault;

/// <summary>A turn of the epoch as its silo sees it: to be acknowledged by every other live one.</summary>
[GenerateSerializer, Immutable, Alias("securestore.EpochTurn")]
public sealed record EpochTurn
{
    /// <summary>The epoch that is current.</summary>
    [Id(0)] public required Guid Current { get; init; }

    /// <summary>Earlier epochs whose window is not over.</summary>
    [Id(1)] public required Guid[] Superseded { get; init; }

    /// <summary>Earlier epochs that no page stands under and whose window is over: their keys are destroyed next.</summary>
    [Id(2)] public required Guid[] Ended { get; init; }

    /// <summary>False for an archive's first epoch, which none was before.</summary>
    public bool HasPredecessor => Superseded.Length + Ended.Length > 0;
}

/// <summary>A page that was given a new key: from this version of its row on, the key is another.</summary>
[GenerateSerializer, Immutable, Alias("securestore.RotatedPage")]
public readonly record struct RotatedPage([property: Id(0)] Guid Page, [property: Id(1)] long Version);
