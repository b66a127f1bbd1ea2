namespace SecureStore.Client.Fetching;

/// <param name="Path">Where the instance was written; null where it was not.</param>
/// <param name="Problem">Why it was not.</param>
public sealed record FetchOutcome(string? Path, string? Problem = null);
