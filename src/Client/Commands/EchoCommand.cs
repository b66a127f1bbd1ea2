using System.CommandLine;
using SecureStore.Client.Dimse;
using SecureStore.Client.Storing;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Commands;

/// <summary><c>echo</c>: C-ECHO (PS3.7 9.1.5).</summary>
static class EchoCommand
{
    public static Command Create(CommandContext context)
    {
        var address = new Argument<string>("HOST:PORT") { Description = "Where the other system takes associations." };
        var peers = new PeerOptions(context);
        var command = new Command("echo", "Ask another DICOM system whether it answers (C-ECHO).") { address };
        peers.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var peer = peers.Peer(parsed, parsed.GetValue(address)!, takesToken: true);
            var client = await peer.OpenAsync([(DicomUID.Verification.UID, DimseQuery.Uncompressed)], [], cancellation).ConfigureAwait(false);
            await using (client.ConfigureAwait(false))
            {
                var status = await client.EchoAsync(cancellation).ConfigureAwait(false);
                context.Results.Line(status == DicomStatus.Success ? $"{peer} answers" : $"{peer} answers: {StoreReasons.Failure(status)}");
                return SecureStoreCommand.ExitCode(status == DicomStatus.Success);
            }
        });
        return command;
    }
}
