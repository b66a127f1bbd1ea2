namespace SecureStore.Dicom.Tests.Network;

/// <summary>Sends pieces, each after a while, and then nothing any more. The clock stands still but while it is waited for.</summary>
internal sealed class SlowPeer(WatchedTime time, IEnumerable<(TimeSpan After, byte[] Bytes)> pieces) : ForwardStream
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly IEnumerator<(TimeSpan After, byte[] Bytes)> _pieces = pieces.GetEnumerator();
    private ReadOnlyMemory<byte> _piece;

    /// <summary>Takes nothing of what is sent to it.</summary>
    public bool IsStuck { get; init; }

    public override bool CanWrite => true;

    /// <summary>All at once, without a wait.</summary>
    public static (TimeSpan, byte[])[] AtOnce(byte[] bytes) => [(TimeSpan.Zero, bytes)];

    /// <summary>A byte, or as many as are said, every so often.</summary>
    public static IEnumerable<(TimeSpan, byte[])> Trickle(byte[] bytes, TimeSpan every, int count = 1) => bytes.Chunk(count).Select(piece => (every, piece));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_piece.IsEmpty)
        {
            var isSilent = !_pieces.MoveNext();

            // The reader sets its limit after it has asked to read.
            time.ForgetWaits();
            if (isSilent || _pieces.Current.After > TimeSpan.Zero)
                await time.WaitedForAsync();

            Pass(isSilent ? TimeSpan.MaxValue : _pieces.Current.After, cancellationToken);
            _piece = _pieces.Current.Bytes;
        }

        var read = Math.Min(buffer.Length, _piece.Length);
        _piece[..read].CopyTo(buffer);
        _piece = _piece[read..];
        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (IsStuck)
            Pass(TimeSpan.MaxValue, cancellationToken);

        return default;
    }

    private void Pass(TimeSpan wait, CancellationToken cancellation)
    {
        for (var passed = TimeSpan.Zero; passed < wait; passed += Tick)
        {
            time.Pass(Tick);
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
