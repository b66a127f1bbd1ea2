using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Dimse;

/// <summary>The request of storage commitment (PS3.4 J.3.2): what is asked for is looked up at once, and the report on it is kept until the peer has it.</summary>
internal sealed class DimseCommitment(DimseServices services, DimsePeer peer, string address)
{
    private const int RequestCommitment = 1;
    private const int MaxReferences = 5000;

    /// <returns>The report is null where the request was refused; otherwise the caller has it in hand (<see cref="CommitmentReports"/>).</returns>
    public async Task<(DicomResponse Response, CommitmentReport? Report)> RequestAsync(
        DicomMessage request, DicomDataset information, string raw, CancellationToken cancellation)
    {
        if (request.SOPClassUID != DicomUID.StorageCommitmentPushModel.UID)
        {
            return Refused(DicomStatus.UnrecognizedOperation, "There are no actions on this SOP class.");
        }

        if (request.SOPInstanceUID != DicomUID.StorageCommitmentPushModelInstance.UID)
        {
            return Refused(DicomStatus.NoSuchSOPInstance, "It is not the well-known SOP instance.");
        }

        if (!request.Command.TryGetInt32(DicomTag.ActionTypeID, out var action) || action != RequestCommitment)
        {
            return Refused(DicomStatus.NoSuchAction, "The Action Type ID is not 1.");
        }

        if (Uid(information, DicomTag.TransactionUID) is not { } transaction || References(information) is not { } references)
        {
            return Refused(DicomStatus.InvalidArgumentValue, "A UID, or the Referenced SOP Sequence, is missing or malformed.");
        }

        if (references.Count > MaxReferences)
        {
            return Refused(DicomStatus.ResourceLimitation, $"More than {MaxReferences} instances are asked for at once.");
        }

        if (await services.Tokens.CheckAsync(raw, cancellation) is not { Token: { } token } || !token.AllowsSomewhere(PolicyActions.Store))
        {
            return Refused(DicomStatus.NotAuthorized, "");
        }

        var holdings = await services.Safekeeping.CheckAsync(token, references, cancellation);
        var now = services.Clock.GetUtcNow();
        var report = new CommitmentReport
        {
            Peer = peer.AeTitle,
            TransactionUid = transaction,
            Since = now,
            Next = now + Errands.FirstRetry,
            Held = [.. references.Where((_, number) => holdings[number] == Holding.Held)],
            Failed = [.. references.Index().Where(one => holdings[one.Index] != Holding.Held).Select(one => new FailedReference(one.Item, Reason(holdings[one.Index])))],
        };
        await services.Audit.AppendAsync(EventOf(token, report), cancellation);
        return await services.Reports.AddAsync(report, cancellation) switch
        {
            ReportIntake.Kept => (DicomResponse.Success, report),
            ReportIntake.UidInUse => Refused(DicomStatus.InvalidArgumentValue, "The Transaction UID is in use for other instances."),
            _ => Refused(DicomStatus.ResourceLimitation, "Too many reports wait for the peer."),
        };
    }

    private static (DicomResponse, CommitmentReport?) Refused(ushort status, string comment) => (new(status, comment), null);

    /// <summary>Failure Reason (0008,1197) of PS3.3 C.14.</summary>
    private static ushort Reason(Holding holding) => holding == Holding.OtherClass ? DicomStatus.ClassInstanceConflict : DicomStatus.NoSuchSOPInstance;

    /// <summary>Each once; null where there is none, or one is malformed.</summary>
    private static List<InstanceReference>? References(DicomDataset information)
    {
        if (information.GetSequence(DicomTag.ReferencedSOPSequence) is not { Items.Count: > 0 } sequence)
        {
            return null;
        }

        var references = new HashSet<InstanceReference>();
        foreach (var item in sequence.Items)
        {
            if (Uid(item, DicomTag.ReferencedSOPClassUID) is not { } sopClass || Uid(item, DicomTag.ReferencedSOPInstanceUID) is not { } sopInstance)
            {
                return null;
            }

            references.Add(new(sopClass, sopInstance));
        }

        return [.. references];
    }

    private static string? Uid(DicomDataset dataset, DicomTag tag) =>
        dataset.GetStrings(tag) is [var uid] && DicomUID.IsValid(uid, allowLeadingZeros: true) ? uid : null;

    private AuditEvent EventOf(PolicyToken token, CommitmentReport report) => new()
    {
        Id = Guid.NewGuid(),
        Time = report.Since,
        Action = AuditAction.Query,
        Actor = token.Subject,
        TokenId = token.Id,
        TokenIssuer = token.Issuer,
        PurposeOfUse = token.Grants.First(grant => grant.Allows(PolicyActions.Store)).PurposeOfUse,
        PolicyAction = "store",
        Detail = $"Storage commitment: {report.Held.Count} of {report.Count} instances held",
        Address = address,
    };
}
