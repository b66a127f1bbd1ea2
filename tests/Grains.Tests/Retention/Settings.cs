using Microsoft.Extensions.Configuration;
using SecureStore.Grains.Retention;

namespace SecureStore.Grains.Tests.Retention;

internal static class Settings
{
    public static RetentionOptions Bind(params (string Key, string? Value)[] settings) =>
        RetentionOptions.Bind(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)))
            .Build());
}
