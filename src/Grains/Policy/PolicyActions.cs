namespace SecureStore.Grains.Policy;

/// <summary>What a policy token allows (docs/policy-token.md).</summary>
[Flags]
public enum PolicyActions
{
    None = 0,
    Store = 1 << 0,
    Search = 1 << 1,
    Read = 1 << 2,
    ReadDeidentified = 1 << 3,
    Export = 1 << 4,
    Hold = 1 << 5,
    Destroy = 1 << 6,
    Audit = 1 << 7,
    Administer = 1 << 8,
}
