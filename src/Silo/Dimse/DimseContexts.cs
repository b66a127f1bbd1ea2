using System.Collections.Frozen;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Policy;

namespace SecureStore.Silo.Dimse;

/// <summary>Which presentation contexts are accepted, from whom, and in which transfer syntax (docs/dimse.md).</summary>
internal static class DimseContexts
{
    private static readonly FrozenDictionary<string, PolicyActions> Services = new Dictionary<string, PolicyActions>
    {
        [DicomUID.PatientRootQueryRetrieveInformationModelFind.UID] = PolicyActions.Search,
        [DicomUID.StudyRootQueryRetrieveInformationModelFind.UID] = PolicyActions.Search,
        [DicomUID.PatientRootQueryRetrieveInformationModelMove.UID] = PolicyActions.Read,
        [DicomUID.StudyRootQueryRetrieveInformationModelMove.UID] = PolicyActions.Read,
        [DicomUID.PatientRootQueryRetrieveInformationModelGet.UID] = PolicyActions.Read,
        [DicomUID.StudyRootQueryRetrieveInformationModelGet.UID] = PolicyActions.Read,
        [DicomUID.StorageCommitmentPushModel.UID] = PolicyActions.Store,
    }.ToFrozenDictionary();

    /// <summary>Accepts or rejects each context.</summary>
    /// <param name="mayDo">Whether the peer may do this somewhere.</param>
    /// <param name="acceptUnknown">Whether what PS3.6 does not list is taken for a storage class.</param>
    /// <returns>The roles that the peer may play.</returns>
    public static List<DicomRoleSelection> Negotiate(DicomAssociation association, Func<PolicyActions, bool> mayDo, bool acceptUnknown)
    {
        var roles = association.Roles.DistinctBy(role => role.SOPClassUID).ToDictionary(role => role.SOPClassUID);
        var granted = new Dictionary<string, DicomRoleSelection>();
        foreach (var context in association.PresentationContexts)
        {
            var abstractSyntax = context.AbstractSyntax;
            if (abstractSyntax == DicomUID.Verification.UID)
            {
                AcceptUncompressed(context);
            }
            else if (Services.TryGetValue(abstractSyntax, out var action))
            {
                // Of these, the archive is the provider.
                var asked = roles.GetValueOrDefault(abstractSyntax);
                if (!mayDo(action) || asked is { IsUser: false })
                {
                    context.Reject(DicomPresentationContextResult.RejectUser);
                    continue;
                }

                if (asked is not null)
                {
                    granted[abstractSyntax] = new(abstractSyntax, IsUser: true, IsProvider: false);
                }

                AcceptUncompressed(context);
            }
            else if (!IsStorage(abstractSyntax, association, acceptUnknown))
            {
                context.Reject(DicomPresentationContextResult.RejectAbstractSyntaxNotSupported);
            }
            else
            {
                // Whoever names no roles stores; whoever is to be sent instances by C-GET plays the provider.
                var asked = roles.GetValueOrDefault(abstractSyntax) ?? new(abstractSyntax, true, false);
                var role = new DicomRoleSelection(abstractSyntax, asked.IsUser && mayDo(PolicyActions.Store), asked.IsProvider && mayDo(PolicyActions.Read));
                if (!role.IsUser && !role.IsProvider)
                {
                    context.Reject(DicomPresentationContextResult.RejectUser);
                    continue;
                }

                if (roles.ContainsKey(abstractSyntax))
                {
                    granted[abstractSyntax] = role;
                }

                AcceptAsSent(context);
            }
        }

        return [.. granted.Values];
    }

    /// <summary>The storage SOP classes of PS3.6: not storage commitment, and no directory.</summary>
    private static bool IsStorage(string uid, DicomAssociation association, bool acceptUnknown)
    {
        // Of a class that PS3.6 lists, nobody needs to be told what it is.
        return DicomUID.Find(uid) is not { } known
            ? acceptUnknown || association.CommonExtendedNegotiations.Any(one => one.SOPClassUID == uid && one.ServiceClassUID == DicomUID.Storage.UID)
            : known.Type == DicomUidType.SOPClass && known.Name.Contains("Storage", StringComparison.Ordinal)
              && !known.Name.StartsWith("Storage Commitment", StringComparison.Ordinal) && !known.Name.StartsWith("Media Storage", StringComparison.Ordinal);
    }

    /// <summary>What the peer sends is stored as it comes, so its own first choice is the best one; one that PS3.6 lists goes before one that it does not.</summary>
    private static void AcceptAsSent(DicomPresentationContext context)
    {
        if (context.TransferSyntaxes.FirstOrDefault(uid => DicomTransferSyntax.Find(uid) is not null) is { } known)
        {
            context.Accept(known);
        }
        else if (context.TransferSyntaxes is [var first, ..])
        {
            context.Accept(first);
        }
        else
        {
            context.Reject(DicomPresentationContextResult.RejectTransferSyntaxesNotSupported);
        }
    }

    private static void AcceptUncompressed(DicomPresentationContext context)
    {
        string[] ours = [DicomTransferSyntax.ExplicitVRLittleEndian.UID, DicomTransferSyntax.ImplicitVRLittleEndian.UID, DicomTransferSyntax.ExplicitVRBigEndian.UID];
        if (ours.FirstOrDefault(context.TransferSyntaxes.Contains) is { } syntax)
        {
            context.Accept(syntax);
        }
        else
        {
            context.Reject(DicomPresentationContextResult.RejectTransferSyntaxesNotSupported);
        }
    }
}
