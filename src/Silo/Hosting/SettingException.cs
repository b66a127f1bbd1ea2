namespace SecureStore.Silo.Hosting;

/// <summary>A setting, or what it points to, is wrong. The message is one sentence that names the setting; the start ends with it.</summary>
public sealed class SettingException(string message) : Exception(message);
