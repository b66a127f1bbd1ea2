namespace SecureStore.Grains.Vault;

/// <summary>The random name of an epoch key.</summary>
public readonly record struct EpochId(Guid Value)
{
    public static EpochId New() => new(Guid.NewGuid());

    public override string ToString() => Value.ToString("N");
}
