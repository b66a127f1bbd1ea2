namespace SecureStore.Grains.Integrity;

/// <summary>Another check of the archive runs, or has taken this one's turn.</summary>
public sealed class FsckBusyException() : Exception("Another check of the archive runs.");
