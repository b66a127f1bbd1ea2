namespace SecureStore.Client.Output;

/// <summary>What a command reads from and writes to: results to <see cref="Out"/>, all else to <see cref="Error"/>.</summary>
sealed record CommandIo
{
    public required TextReader In { get; init; }

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public bool InIsTerminal { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    public required Func<string, string?> Environment { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public static CommandIo OfProcess() => new()
    {
        In = Console.In,
        Out = Console.Out,
        Error = Console.Error,
        InIsTerminal = !Console.IsInputRedirected,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Environment = System.Environment.GetEnvironmentVariable,
    };
}
