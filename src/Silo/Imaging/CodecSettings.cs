using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Imaging;

/// <summary>The section Codecs of the configuration (docs/codecs.md).</summary>
internal sealed record CodecSettings
{
    /// <summary>Worker processes at most; 0: nothing is decompressed.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>How long a worker may take over one frame, and a request may wait for one.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests that wait for a worker at most; one more is refused.</summary>
    public int Queue { get; init; } = 64;

    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static CodecSettings Read(IConfiguration configuration) => new()
    {
        Workers = configuration.Number("Codecs:Workers", 2, 0, 256),
        Queue = configuration.Number("Codecs:Queue", 64, 1, 10_000),
        TimeLimit = configuration.Period("Codecs:TimeLimit", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1)),
    };
}
