using SecureStore.Grains.Policy;

namespace SecureStore.Silo.Tokens;

/// <summary>The caller's token as it came and as it was read: a feature of each authenticated request.</summary>
public sealed record CallerToken(string Raw, PolicyToken Token)
{
    public override string ToString() => nameof(CallerToken);
}
