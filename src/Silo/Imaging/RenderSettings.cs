using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Imaging;

/// <summary>The section Rendering of the configuration.</summary>
internal sealed record RenderSettings
{
    private const int Most = 1 << 27;

    /// <summary>Most pixels, of a frame that is rendered and of the image that it becomes.</summary>
    public uint MaxPixels { get; init; } = 1 << 25;

    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static RenderSettings Read(IConfiguration configuration) =>
        new() { MaxPixels = (uint)configuration.Number("Rendering:MaxPixels", 1 << 25, 1, Most) };
}
