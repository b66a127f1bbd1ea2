using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace SecureStore.Dicom.Network;

/// <summary>What a <see cref="DicomServer"/> is made of.</summary>
public sealed record DicomServerOptions
{
    /// <summary>Where it listens; port 0 takes any that is free.</summary>
    public required IReadOnlyList<IPEndPoint> EndPoints { get; init; }

    /// <summary>Null where it speaks without TLS.</summary>
    public SslServerAuthenticationOptions? Tls { get; init; }

    /// <summary>Associations at once; one more is rejected for now (PS3.8: local limit exceeded). No address has the last quarter of them for itself.</summary>
    public int MaxAssociations { get; init; } = 500;

    /// <summary>Connections that have not asked for an association yet; one more, and the oldest from the address that has most of them is dropped.</summary>
    public int MaxPending { get; init; } = 200;

    public DicomNetworkLimits Limits { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Who has connected. The certificate is the other end's of TLS, or null.</summary>
public sealed record DicomPeer(IPEndPoint EndPoint, X509Certificate2? Certificate, bool IsEncrypted);

/// <summary>Takes associations (PS3.8), each served by a provider of its own. No peer can hold up another.</summary>
public sealed class DicomServer : IAsyncDisposable
{
    private readonly DicomServerOptions _options;
    private readonly Func<DicomPeer, IDicomServiceProvider> _serve;
    private readonly Action<IPEndPoint?, Exception> _refused;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<TcpListener> _listeners = [];
    private readonly ConcurrentDictionary<Task, Socket?> _running = new();
    private readonly LinkedList<(Socket Socket, IPAddress From)> _pending = [];
    private readonly Dictionary<IPAddress, int> _callers = [];
    private int _associations;

    /// <param name="serve">Makes the provider of one association.</param>
    /// <param name="refused">Hears of connections that end before their association begins.</param>
    public DicomServer(DicomServerOptions options, Func<DicomPeer, IDicomServiceProvider> serve, Action<IPEndPoint?, Exception> refused) =>
        (_options, _serve, _refused) = (options, serve, refused);

    /// <summary>Associations now.</summary>
    public int Associations => Volatile.Read(ref _associations);

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _listeners.Select(listener => (IPEndPoint)listener.LocalEndpoint)];

    /// <exception cref="SocketException">An address cannot be listened on.</exception>
    public void Start()
    {
        foreach (var endPoint in _options.EndPoints)
        {
            var listener = new TcpListener(endPoint);
            listener.Start(backlog: 512);
            _listeners.Add(listener);
            Track(AcceptAsync(listener));
        }
    }

    /// <summary>Takes no more associations; those that are there may end what they are at, for as long as the token allows, and are then cut off.</summary>
    public async Task StopAsync(CancellationToken patience)
    {
        foreach (var listener in _listeners)
            listener.Stop();

        await _stopping.CancelAsync().ConfigureAwait(false);
        lock (_pending)
        {
            foreach (var (socket, _) in _pending)
                socket.Dispose();
        }

        await Task.WhenAll(_running.Keys).WaitAsync(patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var socket in _running.Values)
            socket?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        foreach (var listener in _listeners)
            listener.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptSocketAsync(_stopping.Token).ConfigureAwait(false);
                socket.NoDelay = true;
                Track(ReceiveAsync(socket), socket);
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One that went before it was accepted; or the end. Where there are no file handles left, the next try waits a little.
                if (failure is SocketException { SocketErrorCode: not (SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.OperationAborted) })
                    await Task.Delay(TimeSpan.FromMilliseconds(100), _options.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Track(Task task, Socket? socket = null)
    {
        _running.TryAdd(task, socket);
        _ = task.ContinueWith(ended => _running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task ReceiveAsync(Socket socket)
    {
        Stream transport = new PromptStream(socket);
        var from = Caller(socket);
        var pending = Wait(socket, from?.Address ?? IPAddress.None);
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            X509Certificate2? certificate = null;
            if (_options.Tls is { } tls)
            {
                var secure = new SslStream(transport);
                transport = secure;
                using var limit = new CancellationTokenSource(_options.Limits.Association, _options.Time);
                await secure.AuthenticateAsServerAsync(tls, limit.Token).ConfigureAwait(false);
                certificate = secure.RemoteCertificate as X509Certificate2;
            }

            var stream = new PduStream(transport, _options.Limits, _options.Time);
            await using (stream.ConfigureAwait(false))
            {
                if (await RequestAsync(stream).ConfigureAwait(false) is { } request)
                {
                    Established(pending);
                    await ServeAsync(stream, request, new DicomPeer(from!, certificate, _options.Tls is not null)).ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure)
        {
            _refused(from, failure);
        }
        finally
        {
            Established(pending);
            await transport.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <returns>Null where what came was no request, which was answered.</returns>
    private async ValueTask<DicomAssociation?> RequestAsync(PduStream stream)
    {
        try
        {
            var (type, body) = await AssociationPdus.ReadAsync(stream, _options.Limits).ConfigureAwait(false);
            if (type != PduType.AssociateRQ)
                throw new DicomNetworkException("The first PDU is no A-ASSOCIATE-RQ.") { Reason = DicomAbortReason.UnexpectedPDU };

            var (request, isSupported) = AssociatePdu.ReadRequest(body);
            if (isSupported)
                return request;

            await DicomService.RejectAsync(stream, DicomRejectResult.Permanent, DicomRejectReason.ProtocolVersionNotSupported).ConfigureAwait(false);
            return null;
        }
        catch (DicomNetworkException wrong)
        {
            await DicomService.AbortAsync(stream, isUser: false, wrong.Reason).ConfigureAwait(false);
            throw;
        }
    }

    private async Task ServeAsync(PduStream stream, DicomAssociation request, DicomPeer peer)
    {
        if (_stopping.IsCancellationRequested || !MayAssociate(peer.EndPoint.Address))
        {
            await DicomService.RejectAsync(stream, DicomRejectResult.Transient, DicomRejectReason.LocalLimitExceeded).ConfigureAwait(false);
            throw new DicomNetworkException("There are as many associations as there may be.");
        }

        try
        {
            var provider = _serve(peer);
            await using (provider.ConfigureAwait(false))
                await new DicomService(stream, provider, _options.Limits).RunAsync(request, _stopping.Token).ConfigureAwait(false);
        }
        finally
        {
            Ended(peer.EndPoint.Address);
        }
    }

    /// <summary>Counts an association, unless it is one too many: those that are rejected take nobody's place.</summary>
    private bool MayAssociate(IPAddress from)
    {
        lock (_callers)
        {
            var ofCaller = _callers.GetValueOrDefault(from);
            if (_associations >= _options.MaxAssociations || ofCaller >= _options.MaxAssociations - (_options.MaxAssociations / 4))
                return false;

            _callers[from] = ofCaller + 1;
            _associations++;
            return true;
        }
    }

    private void Ended(IPAddress from)
    {
        lock (_callers)
        {
            _associations--;
            if (--_callers[from] == 0)
                _callers.Remove(from);
        }
    }

    private static IPEndPoint? Caller(Socket socket)
    {
        try
        {
            return (IPEndPoint?)socket.RemoteEndPoint;
        }
        catch (SocketException)
        {
            // It is gone; whoever reads from it will hear so.
            return null;
        }
    }

    /// <summary>A flood of connections that say nothing throws out its own, and leaves associations and other addresses alone.</summary>
    private LinkedListNode<(Socket Socket, IPAddress From)> Wait(Socket socket, IPAddress from)
    {
        lock (_pending)
        {
            if (_stopping.IsCancellationRequested)
                socket.Dispose();

            if (_pending.Count >= _options.MaxPending)
            {
                var dropped = _pending.GroupBy(one => one.From).MaxBy(crowd => crowd.Count())!.First();
                dropped.Socket.Dispose();
                _pending.Remove(dropped);
            }

            return _pending.AddLast((socket, from));
        }
    }

    private void Established(LinkedListNode<(Socket Socket, IPAddress From)> pending)
    {
        lock (_pending)
        {
            if (pending.List is not null)
                _pending.Remove(pending);
        }
    }
}
