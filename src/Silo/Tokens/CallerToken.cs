using SecureStore.Grains.Policy;

namespace SecureStore.Silo.Tokens;

/// <summary>The caller's policy token: as it came, and as it was read and checked at the edge. A request feature.</summary>
public sealed record CallerToken(string Raw, PolicyToken Token)
{
    /// <summary>The caller of a request that authentication let pass.</summary>
    public static CallerToken Of(HttpContext context) =>
        context.Features.Get<CallerToken>() ?? throw new InvalidOperationException("The request was not authenticated.");

    /// <summary>Nothing but the type's name: a token is never printed.</summary>
    public override string ToString() => nameof(CallerToken);
}
