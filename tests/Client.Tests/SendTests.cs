using System.Collections.Concurrent;
using System.Net;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Tests;

/// <summary>send and echo against a receiver that is busy, breaks off, or takes only some.</summary>
public sealed class SendTests : IDisposable
{
    const string CT = "1.2.840.10008.5.1.4.1.1.2";

    readonly Run _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task A_receiver_that_is_busy_or_breaks_off_is_sent_to_again()
    {
        var answers = new ConcurrentQueue<ushort?>([DicomStatus.OutOfResources, DicomStatus.Success, null, DicomStatus.Success, DicomStatus.CoercionOfDataElements]);
        await using var receiver = new Receiver(_ => answers.TryDequeue(out var status) ? status : throw new InvalidOperationException("One too many."));
        await WriteAsync(1);
        await WriteAsync(2);
        await WriteAsync(3);
        Assert.Equal(0, await _run.CommandAsync("send", Path.Combine(_run.Folder, "in"), "--to", receiver.Address));
        Assert.Equal("sent 3, not DICOM 0, refused 0\n", _run.Out);
        Assert.Contains("3.dcm, but", _run.Error, StringComparison.Ordinal);
        Assert.Empty(answers);
    }

    [Fact]
    public async Task A_file_that_is_never_taken_does_not_stop_the_others()
    {
        await using var receiver = new Receiver(uid => uid == "1.2.3.1" ? null : uid == "1.2.3.2" ? DicomStatus.OutOfResources : DicomStatus.Success);
        await WriteAsync(1);
        await WriteAsync(2);
        await WriteAsync(3);
        await WriteAsync(4, sopClass: "1.2.840.10008.5.1.4.1.1.4");
        _run.Write("in/5.dcm", Dicom.File("1.2", "1.2.3", "1.2.3.5")); // It names no SOP class.
        Assert.Equal(1, await _run.CommandAsync("send", Path.Combine(_run.Folder, "in"), "--to", receiver.Address, "--json"));
        Assert.StartsWith("{\"sent\":1,\"not_dicom\":0,", _run.Out, StringComparison.Ordinal);
        foreach (var (file, reason) in new[] { ("1.dcm", "aborted"), ("2.dcm", "A700H"), ("4.dcm", "is not taken there"), ("5.dcm", "does not say which instance") })
        {
            Assert.Contains(_run.Error.Split('\n'), line => line.Contains(file, StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_archives_own_token_stays_here_and_another_goes_with_the_association()
    {
        await using var receiver = new Receiver(_ => DicomStatus.Success);
        Assert.Equal(0, await _run.CommandAsync("echo", receiver.Address, "--called", "THERE", "--calling", "HERE"));
        var association = receiver.Associations.Single();
        Assert.Equal(("THERE", "HERE", null), (association.CalledAE, association.CallingAE, association.UserIdentity));

        _run["SECURESTORE_PEER_TOKEN"] = "for.them";
        Assert.Equal(0, await _run.CommandAsync("echo", receiver.Address));
        Assert.Equal(0, await _run.CommandAsync("echo", receiver.Address, "--token", "typed"));
        Assert.Equal(
            [(DicomUserIdentityType.Jwt, "for.them"), (DicomUserIdentityType.Jwt, "typed")],
            receiver.Associations.Skip(1).Select(one => (one.UserIdentity!.Type, System.Text.Encoding.ASCII.GetString(one.UserIdentity.Primary.Span))));
    }

    async Task WriteAsync(int number, string sopClass = CT)
    {
        using var file = new MemoryStream();
        var dataset = new DicomDataset().AddOrUpdate(DicomTag.SOPClassUID, sopClass).AddOrUpdate(DicomTag.SOPInstanceUID, $"1.2.3.{number}")
            .AddOrUpdate(DicomTag.PatientName, "Doe^Jane");
        await new DicomFile(new DicomDataset(), dataset, DicomTransferSyntax.ExplicitVRLittleEndian).SaveAsync(file);
        _run.Write($"in/{number}.dcm", file.ToArray());
    }

    /// <summary>Answers each C-STORE as told: null ends the association.</summary>
    sealed class Receiver : IAsyncDisposable
    {
        readonly DicomServer _server;

        public Receiver(Func<string, ushort?> answer)
        {
            _server = new DicomServer(new DicomServerOptions { EndPoints = [new(IPAddress.Loopback, 0)] }, _ => new Provider(this, answer), (_, _) => { });
            _server.Start();
        }

        public ConcurrentQueue<DicomAssociation> Associations { get; } = [];

        public string Address => $"127.0.0.1:{_server.EndPoints[0].Port}";

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        sealed class Provider(Receiver receiver, Func<string, ushort?> answer) : IDicomServiceProvider, IDicomCStoreProvider
        {
            public ValueTask<DicomAssociationAnswer> OnAssociationRequestAsync(DicomAssociation association, CancellationToken cancellation)
            {
                receiver.Associations.Enqueue(association);
                foreach (var context in association.PresentationContexts.Where(context => context.AbstractSyntax is CT or "1.2.840.10008.1.1"))
                {
                    context.Accept(context.TransferSyntaxes[0]);
                }

                return ValueTask.FromResult(new DicomAssociationAnswer());
            }

            public void OnAssociationEnded(Exception? failure)
            {
            }

            public ValueTask<DicomResponse> OnCStoreRequestAsync(DicomMessage request, CancellationToken cancellation) =>
                answer(request.SOPInstanceUID!) is { } status ? ValueTask.FromResult(new DicomResponse(status)) : throw new InvalidOperationException("It breaks.");

            public ValueTask DisposeAsync() => default;
        }
    }
}
