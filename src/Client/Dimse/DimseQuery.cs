using System.Runtime.CompilerServices;
using System.Text;
using SecureStore.Client.Files;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Dimse;

/// <summary>C-FIND in the Study Root model (PS3.4 C.6.2): an association, and one search after the other.</summary>
sealed class DimseQuery : IAsyncDisposable
{
    static readonly string Model = DicomUID.StudyRootQueryRetrieveInformationModelFind.UID;

    readonly DicomClient _client;

    DimseQuery(DicomClient client) => _client = client;

    public static readonly IReadOnlyList<string> Uncompressed = [DicomTransferSyntax.ExplicitVRLittleEndian.UID, DicomTransferSyntax.ImplicitVRLittleEndian.UID];

    /// <exception cref="DicomClientException">No association.</exception>
    public static async Task<DimseQuery> OpenAsync(DimsePeer peer, CancellationToken cancellation) =>
        new(await peer.OpenAsync([(Model, Uncompressed)], [], cancellation).ConfigureAwait(false));

    /// <summary>Studies that match: UID, date, modalities (where they are told) and number of instances (where it is told).</summary>
    public IAsyncEnumerable<DicomDataset> StudiesAsync(SearchQuery query, CancellationToken cancellation)
    {
        var identifier = Level("STUDY");
        if (!Ascii.IsValid(query.PatientName + query.PatientId))
        {
            identifier.AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 192");
        }

        identifier
            .AddOrUpdate(DicomTag.StudyDate, query.StudyDate ?? "")
            .AddOrUpdate(DicomTag.ModalitiesInStudy, query.Modality ?? "")
            .AddOrUpdate(DicomTag.PatientID, query.PatientId ?? "")
            .AddOrUpdate(DicomTag.StudyInstanceUID, query.StudyInstanceUid ?? "")
            .AddOrUpdate(DicomTag.NumberOfStudyRelatedInstances, "");
        if (query.PatientName is { } name)
        {
            identifier.AddOrUpdate(DicomTag.PatientName, name);
        }

        return _client.FindAsync(Model, identifier, cancellation);
    }

    /// <summary>Series of a study: UID and modality.</summary>
    public IAsyncEnumerable<DicomDataset> SeriesAsync(string study, CancellationToken cancellation) => _client.FindAsync(
        Model,
        Level("SERIES").AddOrUpdate(DicomTag.StudyInstanceUID, study).AddOrUpdate(DicomTag.SeriesInstanceUID, "").AddOrUpdate(DicomTag.Modality, ""),
        cancellation);

    /// <summary>Instances of a series: UID and SOP class (where it is told).</summary>
    public IAsyncEnumerable<DicomDataset> InstancesAsync(string study, string series, CancellationToken cancellation) => _client.FindAsync(
        Model,
        Level("IMAGE").AddOrUpdate(DicomTag.StudyInstanceUID, study).AddOrUpdate(DicomTag.SeriesInstanceUID, series)
            .AddOrUpdate(DicomTag.SOPInstanceUID, "").AddOrUpdate(DicomTag.SOPClassUID, ""),
        cancellation);

    /// <summary>The UIDs that a listing gives under one name, each once.</summary>
    /// <param name="matches">The listing.</param>
    /// <param name="tag">The name.</param>
    /// <param name="unnamed">Told of each match that has no UID there.</param>
    /// <param name="cancellation">Breaks off.</param>
    public static async IAsyncEnumerable<(string Uid, DicomDataset Match)> UidsAsync(
        IAsyncEnumerable<DicomDataset> matches, DicomTag tag, Action unnamed, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var match in matches.WithCancellation(cancellation).ConfigureAwait(false))
        {
            if (UidOf(match, tag) is not { } uid)
            {
                unnamed();
            }
            else if (seen.Add(uid))
            {
                yield return (uid, match);
            }
        }
    }

    /// <summary>Null where it is absent, or no UID.</summary>
    public static string? UidOf(DicomDataset match, DicomTag tag) => match.GetString(tag) is { } uid && DicomIdentity.IsUid(uid) ? uid : null;

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    public static DicomDataset Level(string level) => new DicomDataset().AddOrUpdate(DicomTag.QueryRetrieveLevel, level);
}
