using System.Security.Cryptography;
using SecureStore.Client.Fetching;
using SecureStore.Client.Files;
using SecureStore.Client.Storing;
using SecureStore.Dicom;

namespace SecureStore.Client.Importing;

/// <summary>Reads instances back from the archive and compares them with what the source gave.</summary>
sealed class ReadBack(SecureStoreClient archive)
{
    /// <summary>
    /// Null where the archive gives back the same bytes, or the same data set in the same transfer syntax behind another preamble and
    /// group 0002 (as where a modality sent it); otherwise why not.
    /// </summary>
    /// <exception cref="SecureStoreException">The archive is away, or the token is not good for reading.</exception>
    public async Task<string?> DifferenceAsync(StoreFile file, CancellationToken cancellation)
    {
        var (study, series, instance) = (file.Identity.Study, file.Identity.Series, file.Identity.Instance);
        if (FetchTarget.Parse($"{study}/{series}/{instance}") is not { } target)
        {
            return "it cannot be read back without its UIDs";
        }

        try
        {
            var stored = await HashAsync(output => archive.CopyInstanceAsync(target, output, cancellation)).ConfigureAwait(false);
            if (stored == await HashAsync(file.Open, 0, cancellation).ConfigureAwait(false))
            {
                return null;
            }

            using var spool = SpooledFile.Create();
            await archive.CopyInstanceAsync(target, spool.Writer, cancellation).ConfigureAwait(false);
            return await IsSameDatasetAsync(file.Open, spool.OpenRead, cancellation).ConfigureAwait(false) ? null : "what the archive gives back is not what the source gave";
        }
        catch (SecureStoreException e) when (e.Status is System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.Gone or System.Net.HttpStatusCode.InternalServerError)
        {
            return $"it cannot be read back: {e.Message}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DicomDataException)
        {
            return "it cannot be read again, to be compared";
        }
    }

    static async Task<bool> IsSameDatasetAsync(Func<Stream> one, Func<Stream> other, CancellationToken cancellation)
    {
        var (start, syntax) = await DatasetAsync(one, cancellation).ConfigureAwait(false);
        var (otherStart, otherSyntax) = await DatasetAsync(other, cancellation).ConfigureAwait(false);
        return syntax == otherSyntax
            && await HashAsync(one, start, cancellation).ConfigureAwait(false) == await HashAsync(other, otherStart, cancellation).ConfigureAwait(false);
    }

    static async Task<(long Start, string TransferSyntax)> DatasetAsync(Func<Stream> open, CancellationToken cancellation)
    {
        using var stream = open();
        var reader = new DicomStreamReader(stream);
        await using (reader.ConfigureAwait(false))
        {
            await reader.OpenAsync(cancellation).ConfigureAwait(false);
            return (reader.DatasetOffset, reader.TransferSyntaxUID);
        }
    }

    static Task<string> HashAsync(Func<Stream> open, long start, CancellationToken cancellation) => HashAsync(async output =>
    {
        using var stream = open();
        stream.Position = start;
        await stream.CopyToAsync(output, cancellation).ConfigureAwait(false);
    });

    static async Task<string> HashAsync(Func<Stream, Task> write)
    {
        using var hash = SHA256.Create();
        var output = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write);
        await using (output.ConfigureAwait(false))
        {
            await write(output).ConfigureAwait(false);
            await output.FlushFinalBlockAsync().ConfigureAwait(false);
        }

        return Convert.ToHexStringLower(hash.Hash!);
    }
}
