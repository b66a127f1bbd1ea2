using System.Buffers;
using SecureStore.Client.Storing;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Dimse;

/// <summary>A file that is to be sent by C-STORE as it is: what is proposed for it, and where its data set begins.</summary>
sealed record OutgoingFile(string Path, string SopClass, string SopInstance, string TransferSyntax, long DatasetOffset, long DatasetLength)
{
    const int BlockSize = 64 * 1024;

    /// <summary>Reads the head of a file: either it can be sent, or its outcome is known already.</summary>
    public static async Task<(OutgoingFile? File, StoreOutcome? Outcome)> LookAsync(string path, CancellationToken cancellation)
    {
        var (found, outcome) = StoreFile.Look(path);
        if (found is null)
        {
            return (null, outcome);
        }

        try
        {
            using var stream = found.Open();
            var reader = new DicomStreamReader(stream);
            await using (reader.ConfigureAwait(false))
            {
                await reader.OpenAsync(cancellation).ConfigureAwait(false);
                await reader.ReadUntilAsync(DicomTag.StudyDate, cancellation).ConfigureAwait(false);
                return reader.Dataset.GetString(DicomTag.SOPClassUID) is { } sopClass && DicomUID.IsValid(sopClass, allowLeadingZeros: true)
                    && reader.Dataset.GetString(DicomTag.SOPInstanceUID) is { } instance && DicomUID.IsValid(instance, allowLeadingZeros: true)
                    && stream.Length > reader.DatasetOffset
                        ? (new OutgoingFile(path, sopClass, instance, reader.TransferSyntaxUID, reader.DatasetOffset, stream.Length - reader.DatasetOffset), null)
                        : (null, new StoreOutcome(path, StoreStatus.Unreadable, "it does not say which instance it is"));
            }
        }
        catch (DicomDataException e)
        {
            return (null, new StoreOutcome(path, StoreStatus.Unreadable, e.Message));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, new StoreOutcome(path, StoreStatus.Unreadable, "it cannot be read"));
        }
    }

    /// <param name="progress">Told the bytes sent.</param>
    public DicomOutgoingInstance Instance(IProgress<long> progress) => new(SopClass, SopInstance, TransferSyntax, DatasetLength)
    {
        WriteAsync = async (output, flush, cancellation) =>
        {
            using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            stream.Position = DatasetOffset;
            for (var left = DatasetLength; left > 0;)
            {
                var read = await stream.ReadAsync(output.GetMemory(BlockSize)[..(int)Math.Min(left, BlockSize)], cancellation).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new IOException("it became shorter while it was sent");
                }

                output.Advance(read);
                await flush(cancellation).ConfigureAwait(false);
                left -= read;
                progress.Report(read);
            }
        },
    };
}
