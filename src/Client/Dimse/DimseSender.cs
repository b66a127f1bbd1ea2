using SecureStore.Client.Http;
using SecureStore.Client.Storing;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Dimse;

/// <summary>
/// Sends files by C-STORE, in as few associations as their SOP classes and transfer syntaxes have room in. An association that breaks is
/// opened again and the file sent again; a file with which it breaks each time is left out.
/// </summary>
sealed class DimseSender(DimsePeer peer, TimeProvider time, Action<TimeSpan> waiting) : IAsyncDisposable
{
    const int Attempts = 3;

    DicomClient? _client;

    /// <summary>One outcome a file, as it is known.</summary>
    /// <exception cref="DicomClientException">There is no association to be had.</exception>
    public async IAsyncEnumerable<StoreOutcome> SendAsync(
        IReadOnlyList<OutgoingFile> files, IProgress<long> progress, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var contexts = files.Select(file => (file.SopClass, file.TransferSyntax)).Distinct().Chunk(DimsePeer.MostContexts);
        foreach (var some in contexts)
        {
            var proposed = some.ToHashSet();
            foreach (var file in files.Where(file => proposed.Contains((file.SopClass, file.TransferSyntax))))
            {
                yield return await SendAsync(file, some, progress, cancellation).ConfigureAwait(false);
            }

            await CloseAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    async Task<StoreOutcome> SendAsync(
        OutgoingFile file, IReadOnlyList<(string SopClass, string TransferSyntax)> contexts, IProgress<long> progress, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            // Where there is none to be had, the next file has none either.
            _client ??= await OpenAsync(contexts, cancellation).ConfigureAwait(false);
            var counted = new Counted(progress);
            try
            {
                var status = await _client.StoreAsync(file.Instance(counted), cancellation).ConfigureAwait(false);
                if ((status >> 8) != 0xA7 || attempt + 1 >= Attempts)
                {
                    return Outcome(file, status);
                }
            }
            catch (DicomClientException broken)
            {
                await CloseAsync().ConfigureAwait(false);
                if (attempt + 1 >= Attempts)
                {
                    return new StoreOutcome(file.Path, StoreStatus.Refused, broken.Message);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                await CloseAsync().ConfigureAwait(false);
                return new StoreOutcome(file.Path, StoreStatus.Unreadable, "it cannot be read");
            }

            counted.TakeBack();
            await WaitAsync(attempt, cancellation).ConfigureAwait(false);
        }
    }

    async Task<DicomClient> OpenAsync(IReadOnlyList<(string SopClass, string TransferSyntax)> contexts, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await peer.OpenAsync([.. contexts.Select(one => (one.SopClass, (IReadOnlyList<string>)[one.TransferSyntax]))], [], cancellation).ConfigureAwait(false);
            }
            catch (DicomClientException) when (attempt + 1 < Attempts)
            {
                await WaitAsync(attempt, cancellation).ConfigureAwait(false);
            }
        }
    }

    static StoreOutcome Outcome(OutgoingFile file, ushort status) =>
        status == DicomStatus.Success ? new StoreOutcome(file.Path, StoreStatus.Stored)
        : DicomStatus.IsSuccessOrWarning(status) ? new StoreOutcome(file.Path, StoreStatus.StoredWithWarning, StoreReasons.Warning(status))
        : status == DicomStatus.SOPClassNotSupported
            ? new StoreOutcome(file.Path, StoreStatus.Refused, $"its SOP class or transfer syntax is not taken there ({file.SopClass}, {file.TransferSyntax})")
        : new StoreOutcome(file.Path, StoreStatus.Refused, StoreReasons.Failure(status));

    Task WaitAsync(int attempt, CancellationToken cancellation)
    {
        var delay = RetryPolicy.Delay(null, attempt, time.GetUtcNow());
        waiting(delay);
        return Task.Delay(delay, time, cancellation);
    }

    async Task CloseAsync()
    {
        if (_client is { } client)
        {
            _client = null;
            await client.DisposeAsync().ConfigureAwait(false);
        }
    }

    sealed class Counted(IProgress<long> progress) : IProgress<long>
    {
        long _reported;

        public void Report(long value)
        {
            _reported += value;
            progress.Report(value);
        }

        public void TakeBack()
        {
            progress.Report(-_reported);
            _reported = 0;
        }
    }
}
