using System.Runtime.CompilerServices;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Search;

namespace SecureStore.Silo.Dimse;

/// <summary>C-GET and C-MOVE (PS3.4 C.4.2 and C.4.3): each study is opened under the peer's token, and its instances go out.</summary>
internal sealed class DimseRetrieving(DimseServices services, string address)
{
    private const int MostStudies = 10_000;

    public async Task<DicomRetrieval> RetrieveAsync(DicomMessage request, DicomDataset dataset, string token, CancellationToken cancellation)
    {
        var isMove = request.Type == DicomCommandField.CMoveRequest;
        var isPatientRoot = request.SOPClassUID == DicomUID.PatientRootQueryRetrieveInformationModelMove.UID
            || request.SOPClassUID == DicomUID.PatientRootQueryRetrieveInformationModelGet.UID;
        if (QueryIdentifier.Read(dataset, isPatientRoot) is not { } identifier || await StudiesAsync(identifier, token, cancellation) is not { } studies)
        {
            return DicomRetrieval.Refused(DicomStatus.DataSetDoesNotMatchSOPClass, "The level, or a unique key that it needs, is missing.");
        }

        DimsePeer? destination = null;
        if (isMove)
        {
            var title = request.Command.GetString(DicomTag.MoveDestination);
            destination = services.Settings.Peers.FirstOrDefault(peer => peer.AeTitle == title && peer.Destination is not null);
            if (destination is null)
            {
                return DicomRetrieval.Refused(DicomStatus.MoveDestinationUnknown, "The move destination is not configured.");
            }
        }

        var count = 0;
        var contexts = new HashSet<(string SopClass, string TransferSyntax)>();
        await foreach (var (_, instance) in InstancesAsync(identifier, studies, token, cancellation))
        {
            count++;
            contexts.Add((instance.SopClassUid, instance.TransferSyntaxUid));
        }

        return new(DicomStatus.Success, count, OutgoingAsync(identifier, studies, token, cancellation))
        {
            // Nothing to send needs no association.
            Destination = destination is null || count == 0 ? null
                : DimseDestination.Reach(services.Settings, destination, OutgoingInstances.Contexts(contexts), services.Clock),
        };
    }

    /// <summary>The studies that are meant, or null where the identifier does not say.</summary>
    private async ValueTask<IReadOnlyList<string>?> StudiesAsync(QueryIdentifier identifier, string raw, CancellationToken cancellation)
    {
        if (identifier.Level != "PATIENT")
        {
            var studies = identifier.Uids(DicomTag.StudyInstanceUID);
            return studies.Count == 0 || (identifier.Level != "STUDY" && studies.Count > 1) ? null
                : identifier.Level == "SERIES" && identifier.Uids(DicomTag.SeriesInstanceUID).Count == 0 ? null
                : identifier.Level == "IMAGE" && identifier.Uids(DicomTag.SOPInstanceUID).Count == 0 ? null
                : studies;
        }

        if (identifier.PatientId is not { Length: > 0 } patient || patient.AsSpan().ContainsAny('*', '?') || identifier.IssuerOfPatientId.AsSpan().ContainsAny('*', '?'))
        {
            return null;
        }

        if (await services.Tokens.CheckAsync(raw, cancellation) is not { Token: { } token } || SearchScope.Of(token) is not { } scope)
        {
            return [];
        }

        // One ID is many patients' where it has many issuers.
        List<KeyValuePair<string, string>> keys = [new(DicomTag.PatientID.ToString(), patient)];
        if (identifier.IssuerOfPatientId is { } issuer)
        {
            keys.Add(new(DicomTag.IssuerOfPatientID.ToString(), issuer));
        }

        var query = StudyQueryParser.Parse(QueryLevel.Study, null, null, keys);
        var hits = await services.Search.BeginAsync(query with { Limit = MostStudies }, scope, cancellation);
        await services.Audit.AppendAsync(SearchEvents.Of(token, query, address, services.Clock), cancellation);
        return await hits.Select(hit => hit.Study.StudyInstanceUid).ToListAsync(cancellation);
    }

    private async IAsyncEnumerable<(IReadSession Session, InstanceRecord Instance)> InstancesAsync(
        QueryIdentifier identifier, IReadOnlyList<string> studies, string token, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var study in studies)
        {
            // What the token does not cover is not there.
            if ((await services.Reader.OpenAsync(token, study, PolicyActions.Read, address, cancellation)).Session is not { } session)
            {
                continue;
            }

            await using (session)
            {
                await foreach (var instance in OfStudyAsync(identifier, session, cancellation))
                {
                    yield return (session, instance);
                }
            }
        }
    }

    private static async IAsyncEnumerable<InstanceRecord> OfStudyAsync(
        QueryIdentifier identifier, IReadSession session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (identifier.Level == "IMAGE")
        {
            foreach (var uid in identifier.Uids(DicomTag.SOPInstanceUID).Distinct())
            {
                if (await session.FindAsync(null, uid, cancellation) is { } instance)
                {
                    yield return instance;
                }
            }

            yield break;
        }

        IEnumerable<string?> series = [null];
        if (identifier.Level == "SERIES")
        {
            series = identifier.Uids(DicomTag.SeriesInstanceUID).Distinct();
        }

        foreach (var uid in series)
        {
            await foreach (var instance in session.InstancesAsync(uid, cancellation))
            {
                yield return instance;
            }
        }
    }

    private async IAsyncEnumerable<DicomOutgoingInstance> OutgoingAsync(
        QueryIdentifier identifier, IReadOnlyList<string> studies, string token, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (session, instance) in InstancesAsync(identifier, studies, token, cancellation))
        {
            yield return services.Outgoing.Of(session, instance);
        }
    }
}
