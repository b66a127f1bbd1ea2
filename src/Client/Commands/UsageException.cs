namespace SecureStore.Client.Commands;

/// <summary>The command was given wrongly: exit code 2.</summary>
sealed class UsageException(string message) : Exception(message);
