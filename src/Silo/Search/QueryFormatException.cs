namespace SecureStore.Silo.Search;

/// <summary>A search request is malformed. The message names the parameter, never its value.</summary>
public sealed class QueryFormatException(string message) : Exception(message);
