namespace SecureStore.Grains.Audit;

/// <summary>The audit log is not what it was: rows were changed, moved, added or removed. Nothing is appended to it until that is cleared up.</summary>
public sealed class AuditLogDamagedException(string message) : Exception(message);
