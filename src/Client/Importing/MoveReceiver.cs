using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using SecureStore.Client.Dimse;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Importing;

/// <summary>
/// Takes what another archive sends because of a C-MOVE: from its addresses only, under the AE title that the C-MOVE names, and of the
/// instances only that are awaited at the moment.
/// </summary>
sealed class MoveReceiver : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, Arrivals> _awaited = new(StringComparer.Ordinal);
    readonly DimsePeer _source;
    readonly HashSet<IPAddress> _addresses;
    readonly DicomServer _server;

    MoveReceiver(DimsePeer source, IEnumerable<IPAddress> addresses, IPEndPoint listensAt, SslServerAuthenticationOptions? tls)
    {
        _source = source;
        _addresses = [.. addresses.Select(Plain)];
        _server = new DicomServer(
            new DicomServerOptions { EndPoints = [listensAt], Tls = tls }, peer => new Association(this, peer), (_, _) => { });
    }

    /// <exception cref="SecureStoreException">It cannot listen there, or the source's name is not known.</exception>
    public static async Task<MoveReceiver> StartAsync(DimsePeer source, IPEndPoint listensAt, SslServerAuthenticationOptions? tls, CancellationToken cancellation)
    {
        try
        {
            var receiver = new MoveReceiver(source, await Dns.GetHostAddressesAsync(source.Host, cancellation).ConfigureAwait(false), listensAt, tls);
            receiver._server.Start();
            return receiver;
        }
        catch (SocketException e)
        {
            throw new SecureStoreException($"cannot listen at {listensAt}, or {source.Host} is not known: {e.SocketErrorCode}", e);
        }
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _server.EndPoints[0];

    /// <summary>Takes these instances until what is returned is disposed.</summary>
    public IDisposable Await(IEnumerable<string> uids, Arrivals arrivals)
    {
        string[] all = [.. uids];
        foreach (var uid in all)
        {
            _awaited[uid] = arrivals;
        }

        return new Awaiting(this, all);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    sealed class Awaiting(MoveReceiver receiver, string[] uids) : IDisposable
    {
        public void Dispose()
        {
            foreach (var uid in uids)
            {
                receiver._awaited.TryRemove(uid, out _);
            }
        }
    }

    sealed class Association(MoveReceiver receiver, DicomPeer peer) : IDicomServiceProvider, IDicomCStoreProvider
    {
        string _callingAE = "";

        public ValueTask<DicomAssociationAnswer> OnAssociationRequestAsync(DicomAssociation association, CancellationToken cancellation)
        {
            _callingAE = association.CallingAE;
            if (!receiver._addresses.Contains(Plain(peer.EndPoint.Address)))
            {
                return Reject(DicomRejectReason.CallingAENotRecognized);
            }

            if (association.CalledAE != receiver._source.CallingAE)
            {
                return Reject(DicomRejectReason.CalledAENotRecognized);
            }

            foreach (var context in association.PresentationContexts)
            {
                // It is kept as it is sent: the other end's first choice is the best one.
                if (context.TransferSyntaxes is [var first, ..])
                {
                    context.Accept(context.TransferSyntaxes.FirstOrDefault(uid => DicomTransferSyntax.Find(uid) is not null) ?? first);
                }
                else
                {
                    context.Reject(DicomPresentationContextResult.RejectTransferSyntaxesNotSupported);
                }
            }

            return ValueTask.FromResult(new DicomAssociationAnswer());
        }

        public void OnAssociationEnded(Exception? failure)
        {
        }

        public async ValueTask<DicomResponse> OnCStoreRequestAsync(DicomMessage request, CancellationToken cancellation) =>
            receiver._awaited.TryGetValue(request.SOPInstanceUID ?? "", out var arrivals)
                ? new DicomResponse(await arrivals.TakeAsync(request, _callingAE, cancellation).ConfigureAwait(false))
                : new DicomResponse(DicomStatus.NotAuthorized, "It was not asked for.");

        public ValueTask DisposeAsync() => default;

        static ValueTask<DicomAssociationAnswer> Reject(DicomRejectReason reason) =>
            ValueTask.FromResult(new DicomAssociationAnswer { Rejection = (DicomRejectResult.Permanent, reason) });
    }
}
