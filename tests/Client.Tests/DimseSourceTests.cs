using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using SecureStore.Client.Dimse;
using SecureStore.Client.Importing;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Tests;

/// <summary>Another archive by C-FIND and C-GET, which this test plays: one instance breaks the association, and some have no UID.</summary>
public sealed class DimseSourceTests
{
    const string CT = "1.2.840.10008.5.1.4.1.1.2";

    [Fact]
    public async Task What_breaks_the_association_or_has_no_UID_is_told_and_the_others_come()
    {
        await using var server = new DicomServer(new DicomServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] }, _ => new Archive(), (_, _) => { });
        server.Start();
        await using var source = new DimseSource(
            new DimsePeer { Host = "127.0.0.1", Port = server.EndPoints[0].Port, CalledAE = "PACS", CallingAE = "IMPORT" }, new SearchQuery(), null);
        var problems = new List<string>();
        var listed = Assert.Single(await source.StudiesAsync((_, reason) => problems.Add(reason), default));
        Assert.Equal(["a study is listed by what is no UID"], problems);

        var study = await source.OpenAsync(listed, default);
        Assert.Equal(["2 of its series and instances are listed by what is no UID"], study.Problems);
        Assert.Equal(["1.2.3.1", "1.2.3.2", "1.2.3.3", "1.2.3.4"], study.Instances.Select(one => one.Uid));
        var outcomes = new List<(string? Uid, string? Reason)>();
        await foreach (var fetched in source.FetchAsync(study, study.Instances, default))
        {
            using (fetched)
            {
                outcomes.Add((fetched.Source.Uid, fetched.Outcome?.Reason));
            }
        }

        Assert.Equal(["1.2.3.1", "1.2.3.2", "1.2.3.3", "1.2.3.4"], outcomes.Select(one => one.Uid).Order());
        Assert.StartsWith("its source did not send it", Assert.Single(outcomes, one => one.Reason is not null).Reason, StringComparison.Ordinal);
        Assert.Equal("1.2.3.2", outcomes.Single(one => one.Reason is not null).Uid);
    }

    sealed class Archive : IDicomServiceProvider, IDicomCFindProvider, IDicomRetrieveProvider
    {
        public ValueTask<DicomAssociationAnswer> OnAssociationRequestAsync(DicomAssociation association, CancellationToken cancellation)
        {
            foreach (var context in association.PresentationContexts)
            {
                context.Accept(context.TransferSyntaxes[0]);
            }

            return new(new DicomAssociationAnswer { Roles = association.Roles });
        }

        public async IAsyncEnumerable<DicomResponse> OnCFindRequestAsync(
            DicomMessage request, DicomDataset identifier, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.CompletedTask;
            var (tag, uids) = identifier.GetString(DicomTag.QueryRetrieveLevel) switch
            {
                "STUDY" => (DicomTag.StudyInstanceUID, new[] { "1.2", "1.2/.." }),
                "SERIES" => (DicomTag.SeriesInstanceUID, ["1.2.3", ""]),
                _ => (DicomTag.SOPInstanceUID, ["1.2.3.1", "1.2.3.2", "1.2.3.3", "1.2.3.4", "NONE"]),
            };
            foreach (var uid in uids)
            {
                yield return new DicomResponse(DicomStatus.Pending, Dataset: new DicomDataset().AddOrUpdate(tag, uid).AddOrUpdate(DicomTag.SOPClassUID, uid == "1.2.3.3" ? "?" : CT));
            }

            yield return DicomResponse.Success;
        }

        public ValueTask<DicomRetrieval> OnRetrieveRequestAsync(DicomMessage request, DicomDataset identifier, CancellationToken cancellation)
        {
            var uids = identifier.GetStrings(DicomTag.SOPInstanceUID);
            return new(new DicomRetrieval(DicomStatus.Success, uids.Length, uids.ToAsyncEnumerable().Select(Outgoing)));
        }

        public void OnAssociationEnded(Exception? failure)
        {
        }

        public ValueTask DisposeAsync() => default;

        static DicomOutgoingInstance Outgoing(string uid)
        {
            var dataset = new ArrayBufferWriter<byte>();
            DicomWriter.WriteDataset(
                dataset,
                new DicomDataset().AddOrUpdate(DicomTag.SOPInstanceUID, uid).AddOrUpdate(DicomTag.StudyInstanceUID, "1.2").AddOrUpdate(DicomTag.SeriesInstanceUID, "1.2.3"),
                DicomTransferSyntax.ExplicitVRLittleEndian);
            return new DicomOutgoingInstance(CT, uid, DicomTransferSyntax.ExplicitVRLittleEndian.UID, dataset.WrittenCount)
            {
                WriteAsync = async (output, flush, cancellation) =>
                {
                    output.Write(dataset.WrittenSpan[..(uid == "1.2.3.2" ? 10 : dataset.WrittenCount)]);
                    await flush(cancellation);
                    _ = uid == "1.2.3.2" ? throw new DicomNetworkException("It cannot be read.") : 0;
                },
            };
        }
    }
}
