using System.Buffers;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Dimse;

namespace SecureStore.Silo.Tests.Dimse;

/// <summary>What an association keeps open of the archive, over a real association.</summary>
public class DimseStoringTests
{
    private const string Class = "1.2.840.10008.5.1.4.1.1.2";

    [Theory]
    [InlineData(StoreStatus.Received, DicomStatus.Success)]
    [InlineData(StoreStatus.Forbidden, DicomStatus.NotAuthorized)]
    public async Task A_session_ends_now_and_then_however_fast_instances_come(StoreStatus status, ushort expected)
    {
        var store = new Sessions(status);
        await using var server = Serve(store);
        await using (var client = await ConnectAsync(server))
        {
            for (var i = 0; i < 1001; i++)
            {
                Assert.Equal(expected, await client.StoreAsync(Instance, default));
            }
        }

        // All of one study: what grows is what the session has of its patients.
        Assert.Equal(2, store.Begun);
        await store.AllEndedAsync();
    }

    private static DicomOutgoingInstance Instance { get; } = new(Class, "1.2.3", DicomTransferSyntax.ExplicitVRLittleEndian.UID, 8)
    {
        WriteAsync = async (output, flush, stop) =>
        {
            output.Write(new byte[8]);
            await flush(stop);
        },
    };

    private static DicomServer Serve(IStudyStore store)
    {
        var server = new DicomServer(
            new DicomServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] }, _ => new Provider(new DimseStoring(store, "PEER", null, "", forwarding: null, new FakeTimeProvider())), (_, _) => { });
        server.Start();
        return server;
    }

    private static Task<DicomClient> ConnectAsync(DicomServer server) => DicomClient.OpenAsync(
        new DicomClientOptions
        {
            Host = "127.0.0.1",
            Port = server.EndPoints[0].Port,
            CalledAE = "ARCHIVE",
            CallingAE = "PEER",
            Contexts = [(Class, [DicomTransferSyntax.ExplicitVRLittleEndian.UID])],
        },
        default);

    private sealed class Provider(DimseStoring storing) : IDicomServiceProvider, IDicomCStoreProvider
    {
        public ValueTask<DicomAssociationAnswer> OnAssociationRequestAsync(DicomAssociation association, CancellationToken cancellation)
        {
            foreach (var context in association.PresentationContexts)
            {
                context.Accept(context.TransferSyntaxes[0]);
            }

            return ValueTask.FromResult(new DicomAssociationAnswer());
        }

        public ValueTask<DicomResponse> OnCStoreRequestAsync(DicomMessage request, CancellationToken cancellation) => storing.StoreAsync(request, "token", cancellation);

        public void OnAssociationEnded(Exception? failure)
        {
        }

        public ValueTask DisposeAsync() => storing.DisposeAsync();
    }

    private sealed class Sessions(StoreStatus status) : IStudyStore
    {
        private readonly List<Session> begun = [];

        public int Begun => begun.Count;

        public Task AllEndedAsync() => Task.WhenAll(begun.Select(session => session.Ended)).WaitAsync(TimeSpan.FromSeconds(60));

        public IStoreSession Begin(string token, string? onlyStudy, string? address, string patientIdIssuer = "", bool oneByOne = false)
        {
            var session = new Session(status);
            begun.Add(session);
            return session;
        }
    }

    private sealed class Session(StoreStatus status) : IStoreSession
    {
        private readonly TaskCompletionSource ended = new();

        public Task Ended => ended.Task;

        public async ValueTask<StoreResult> ReceiveAsync(Stream source, CancellationToken cancellation)
        {
            await source.CopyToAsync(Stream.Null, cancellation);
            return new StoreResult(status, Class, "1.2.3", "1.2", "1.2.4");
        }

        public ValueTask<IReadOnlyList<StoreResult>> CommitAsync(CancellationToken cancellation) =>
            ValueTask.FromResult<IReadOnlyList<StoreResult>>([new StoreResult(StoreStatus.Stored)]);

        public ValueTask DisposeAsync()
        {
            ended.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
