namespace SecureStore.Client;

/// <summary>Where the archive is and how to speak to it.</summary>
public sealed record SecureStoreClientOptions
{
    /// <summary>The archive's base address, http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>The policy token that goes with each request, in the Authorization header; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Told before each wait for an archive that is busy or away: how long the wait is.</summary>
    public Action<TimeSpan>? Waiting { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
