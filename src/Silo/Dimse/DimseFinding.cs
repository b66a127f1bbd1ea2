using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Policy;
using SecureStore.Silo.DicomWeb;
using SecureStore.Silo.Search;

namespace SecureStore.Silo.Dimse;

/// <summary>C-FIND (PS3.4 C.4.1): the search of QIDO-RS in DIMSE's words.</summary>
internal sealed class DimseFinding(DimseServices services, string address)
{
    /// <summary>Responses after which the token is looked at again.</summary>
    private const int TokenPeriod = 128;

    /// <param name="tokenOf">The peer's raw policy token.</param>
    public async IAsyncEnumerable<DicomResponse> FindAsync(
        DicomMessage request, DicomDataset dataset, Func<CancellationToken, ValueTask<string>> tokenOf, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var responses = AnswerAsync(request, dataset, tokenOf, cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            DicomResponse response;
            try
            {
                if (!await responses.MoveNextAsync())
                {
                    break;
                }

                response = responses.Current;
            }
            catch (QueryFormatException wrong)
            {
                response = new(DicomStatus.CannotUnderstand, wrong.Message);
            }
            catch (Exception failure) when (DimseStatuses.Of(failure) is { } status)
            {
                response = new(status, "The archive cannot search for now.");
            }

            yield return response;
            if (!DicomStatus.IsPending(response.Status))
            {
                yield break;
            }
        }

        yield return DicomResponse.Success;
    }

    private async IAsyncEnumerable<DicomResponse> AnswerAsync(
        DicomMessage request, DicomDataset dataset, Func<CancellationToken, ValueTask<string>> tokenOf, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (QueryIdentifier.Read(dataset, request.SOPClassUID == DicomUID.PatientRootQueryRetrieveInformationModelFind.UID) is not { } identifier)
        {
            yield return new(DicomStatus.DataSetDoesNotMatchSOPClass, "Query/Retrieve Level (0008,0052) is none of this information model.");
            yield break;
        }

        var raw = await tokenOf(cancellation);
        if (await services.Tokens.CheckAsync(raw, cancellation) is not { Token: { } token } || SearchScope.Of(token) is not { } scope)
        {
            yield return new(DicomStatus.NotAuthorized);
            yield break;
        }

        var (query, hasUnsupportedKeys) = identifier.ToQuery();
        var hits = await services.Search.BeginAsync(query, scope, cancellation);
        await services.Audit.AppendAsync(SearchEvents.Of(token, query, address, services.Clock), cancellation);
        var pending = hasUnsupportedKeys ? DicomStatus.PendingWithUnsupportedKeys : DicomStatus.Pending;
        var writer = new HitDatasets(query, identifier);
        var patients = new HashSet<(string, string)>();
        var count = 0;
        await foreach (var hit in hits.WithCancellation(cancellation))
        {
            if (identifier.Level == "PATIENT" && !patients.Add(HitDatasets.PatientOf(hit)))
            {
                continue;
            }

            if (++count % TokenPeriod == 0 && !(await services.Tokens.CheckAsync(raw, cancellation)).IsValid)
            {
                yield return new(DicomStatus.NotAuthorized, "The policy token is over.");
                yield break;
            }

            yield return new(pending, Dataset: writer.Of(hit));
        }
    }

    /// <summary>Results of a search as the data sets of responses (PS3.4 C.4.1.1.3.2): what was asked for, and the level.</summary>
    private sealed class HitDatasets(StudyQuery query, QueryIdentifier identifier)
    {
        private readonly QidoWriter results = new(query, "");
        private readonly ArrayBufferWriter<byte> buffer = new();

        public static (string, string) PatientOf(SearchHit hit) => (First(hit, DicomTag.PatientID), First(hit, DicomTag.IssuerOfPatientID));

        public DicomDataset Of(SearchHit hit)
        {
            buffer.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
            {
                results.Write(json, hit);
            }

            var all = DicomJson.Read(buffer.WrittenSpan);
            var response = new DicomDataset();
            response.AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 192");
            response.AddOrUpdate(DicomTag.QueryRetrieveLevel, identifier.Level);
            foreach (var tag in identifier.Requested)
            {
                if (all.Find(tag) is { } item and not DicomBulkItem)
                {
                    response.AddOrUpdate(item);
                }
                else if (DicomDictionary.VRFor(tag) != DicomVR.UN)
                {
                    response.AddOrUpdate(tag);
                }
            }

            return response;
        }

        private static string First(SearchHit hit, DicomTag tag) => hit.Values(tag) is [{ Text: { } text }, ..] ? text : "";
    }
}
