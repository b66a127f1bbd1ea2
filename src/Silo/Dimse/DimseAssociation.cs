using System.Net;
using System.Text;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.Dimse;

/// <summary>One peer's association: who it is decides what it may do, and each study's grain decides again.</summary>
internal sealed class DimseAssociation(DimseServices services, DicomPeer caller)
    : IDicomServiceProvider, IDicomCStoreProvider, IDicomCFindProvider, IDicomRetrieveProvider, IDicomNActionProvider
{
    private DimsePeer peer = null!;
    private string callingAE = "";

    /// <summary>The token that the peer brought, or null where it has one of its configured policy.</summary>
    private CallerToken? brought;
    private DimseStoring? storing;

    /// <summary>A report of storage commitment that this association is to take, or has been sent.</summary>
    private CommitmentReport? reporting;

    private string Address => caller.EndPoint.Address.ToString();

    public async ValueTask<DicomAssociationAnswer> OnAssociationRequestAsync(DicomAssociation association, CancellationToken cancellation)
    {
        callingAE = association.CallingAE;
        if (association.CalledAE != services.Settings.AeTitle)
        {
            return await RefuseAsync(DicomRejectReason.CalledAENotRecognized, "it calls another AE title", cancellation);
        }

        if (services.Settings.Peers.FirstOrDefault(one => one.Is(association.CallingAE, caller)) is not { } known)
        {
            services.Strangers.Write(log => LogStranger(log, association.CallingAE));
            return await RefuseAsync(DicomRejectReason.CallingAENotRecognized, "unknown peer", cancellation);
        }

        peer = known;
        try
        {
            if (association.UserIdentity is { Type: DicomUserIdentityType.Jwt } identity && !await TakeTokenAsync(identity, cancellation))
            {
                return await RefuseAsync(DicomRejectReason.NoReasonGiven, "its policy token is not believed", cancellation);
            }
        }
        catch (StorageUnavailableException)
        {
            return new() { Rejection = (DicomRejectResult.Transient, DicomRejectReason.TemporaryCongestion) };
        }

        var roles = DimseContexts.Negotiate(association, MayDo, services.Settings.AcceptUnknownSopClasses);
        services.Logger.LogInformation("{Peer} associates from {Address}.", peer.AeTitle, Address);
        return new() { Roles = roles, ConfirmsUserIdentity = brought is not null };
    }

    public async ValueTask<DicomResponse> OnCStoreRequestAsync(DicomMessage request, CancellationToken cancellation)
    {
        try
        {
            storing ??= new(services.Store, callingAE, Address, peer.Issuer, services.Forwarding, services.Clock);
            return await storing.StoreAsync(request, await TokenAsync(cancellation), cancellation);
        }
        catch (StorageUnavailableException)
        {
            return new(DicomStatus.OutOfResources, "The archive cannot store for now.");
        }
    }

    public async IAsyncEnumerable<DicomResponse> OnCFindRequestAsync(
        DicomMessage request, DicomDataset identifier, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var response in new DimseFinding(services, Address).FindAsync(request, identifier, TokenAsync, cancellation))
        {
            yield return response;
        }
    }

    public async ValueTask<DicomRetrieval> OnRetrieveRequestAsync(DicomMessage request, DicomDataset identifier, CancellationToken cancellation)
    {
        try
        {
            return await new DimseRetrieving(services, Address).RetrieveAsync(request, identifier, await TokenAsync(cancellation), cancellation);
        }
        catch (Exception failure) when (DimseStatuses.Of(failure) is not null)
        {
            return DicomRetrieval.Refused(DicomStatus.CannotCalculateMatches, "The archive cannot read for now.");
        }
    }

    public async ValueTask<(DicomResponse Response, DicomEventReport? Report)> OnNActionRequestAsync(
        DicomMessage request, DicomDataset information, CancellationToken cancellation)
    {
        try
        {
            var (response, report) = await new DimseCommitment(services, peer, Address).RequestAsync(request, information, await TokenAsync(cancellation), cancellation);
            if (report is null)
            {
                return (response, null);
            }

            if (reporting is not null)
            {
                services.Reports.Release(report);
                return (response, null);
            }

            reporting = report;
            return (response, report.ToEvent());
        }
        catch (Exception failure) when (DimseStatuses.Of(failure) is not null)
        {
            return (new(DicomStatus.ProcessingFailure, "The archive cannot say for now."), null);
        }
    }

    public async ValueTask OnEventReportResponseAsync(DicomEventReport report, ushort status, CancellationToken cancellation)
    {
        var answered = reporting!;
        reporting = null;
        await services.Reports.AnsweredAsync(answered, status);
    }

    public void OnAssociationEnded(Exception? failure)
    {
        if (failure is not null)
        {
            services.Logger.LogWarning("The association of {AeTitle} from {Address} ended early: {Reason}", Printable(callingAE), Address, Describe(failure));
        }
    }

    public ValueTask DisposeAsync()
    {
        if (reporting is not null)
        {
            services.Reports.Release(reporting);
        }

        return storing?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    /// <summary>What of a failure may be logged: sentences of ours, and otherwise its kind.</summary>
    public static string Describe(Exception failure) =>
        failure is DicomNetworkException or DicomAssociationAbortedException or DicomClientException ? failure.Message : failure.GetType().Name;

    /// <summary>A token may come over TLS, or on this machine: anywhere else it would be seen.</summary>
    private async ValueTask<bool> TakeTokenAsync(DicomUserIdentity identity, CancellationToken cancellation)
    {
        if (!caller.IsEncrypted && !IPAddress.IsLoopback(caller.EndPoint.Address))
        {
            return false;
        }

        var raw = Encoding.ASCII.GetString(identity.Primary.Span);
        if (await services.Tokens.CheckAsync(raw, cancellation) is not { Token: { } token })
        {
            return false;
        }

        brought = new CallerToken(raw, token);
        return true;
    }

    private bool MayDo(PolicyActions action) => brought is { } own ? own.Token.AllowsSomewhere(action) : peer.Policy.HasFlag(action);

    private ValueTask<string> TokenAsync(CancellationToken cancellation) =>
        brought is { } own ? ValueTask.FromResult(own.Raw) : services.PeerTokens.ForAsync(peer, cancellation);

    private async ValueTask<DicomAssociationAnswer> RefuseAsync(DicomRejectReason reason, string why, CancellationToken cancellation)
    {
        await services.Refused.RecordAsync("association", why, caller.EndPoint.Address, cancellation);
        return new() { Rejection = (DicomRejectResult.Permanent, reason) };
    }

    /// <summary>Who it is, and the settings that would let it in; only where the title is one that does nothing when it is pasted into a shell.</summary>
    private void LogStranger(ILogger log, string title)
    {
        if (title.Length == 0 || !title.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or ' '))
        {
            log.LogWarning("An association from {Address} as {AeTitle} was rejected: it is no peer of this archive.", Address, Printable(title));
            return;
        }

        var number = services.Settings.Peers.Count;
        log.LogWarning(
            "An association from {Address} as {AeTitle} was rejected: it is no peer of this archive. To let it store, set Dimse:Peers:{Number}:AeTitle={AeTitle} and Dimse:Peers:{Number}:Addresses:0={Address}.",
            Address, title, number, title, number, Address);
    }

    /// <summary>An AE title as it may be logged: it comes from anybody.</summary>
    private static string Printable(string title) => string.Concat(title.Select(letter => letter is >= ' ' and <= '~' ? letter : '?'));
}
