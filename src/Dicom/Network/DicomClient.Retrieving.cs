using System.Runtime.CompilerServices;

namespace SecureStore.Dicom.Network;

/// <summary>C-FIND, C-GET and C-MOVE as their user (PS3.4 C.4).</summary>
public sealed partial class DicomClient
{
    /// <summary>Searches. Whoever stops before the end has given up the association.</summary>
    /// <param name="model">The SOP class: an information model's FIND.</param>
    /// <param name="identifier">Level, keys to match by and keys to be told (PS3.4 C.4.1.1.3).</param>
    /// <returns>A data set for each match.</returns>
    /// <exception cref="DicomClientException">The association broke, or the search failed.</exception>
    public async IAsyncEnumerable<DicomDataset> FindAsync(
        string model, DicomDataset identifier, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var messageId = await BeginAsync(DicomCommandField.CFindRequest, model, identifier).ConfigureAwait(false);
        while (await NextAsync().ConfigureAwait(false) is { } match)
            yield return match;

        _isOver = false;

        async Task<DicomDataset?> NextAsync()
        {
            var answer = await ResponseAsync(DicomCommandField.CFindResponse, messageId, cancellation).ConfigureAwait(false);
            if (DicomStatus.IsPending(answer.Status))
                return await ReadDatasetAsync(answer, cancellation).ConfigureAwait(false);

            return answer.Status == DicomStatus.Success ? null : throw new DicomClientException($"The search failed with status {answer.Status:X4}.");
        }
    }

    /// <summary>Has instances sent to another application entity.</summary>
    /// <param name="model">The SOP class: an information model's MOVE.</param>
    /// <param name="destination">The AE title that they are to be sent to.</param>
    /// <param name="progress">Told the counts of each pending response, or null.</param>
    /// <exception cref="DicomClientException">The association broke.</exception>
    public async Task<DicomRetrieveResult> MoveAsync(
        string model, DicomDataset identifier, string destination, Action<DicomRetrieveResult>? progress, CancellationToken cancellation)
    {
        var messageId = await BeginAsync(DicomCommandField.CMoveRequest, model, identifier, destination).ConfigureAwait(false);
        while (true)
        {
            var result = DicomRetrieveResult.Of(await ResponseAsync(DicomCommandField.CMoveResponse, messageId, cancellation).ConfigureAwait(false));
            if (!DicomStatus.IsPending(result.Status))
                return Ended(result);

            progress?.Invoke(result);
        }
    }

    /// <summary>Has instances sent back on this association, in the contexts for which it has the provider's role (PS3.7 D.3.3.4).</summary>
    /// <param name="model">The SOP class: an information model's GET.</param>
    /// <param name="store">Takes the data set of a C-STORE and gives its status.</param>
    /// <exception cref="DicomClientException">The association broke.</exception>
    public async Task<DicomRetrieveResult> GetAsync(
        string model, DicomDataset identifier, Func<DicomMessage, CancellationToken, ValueTask<ushort>> store, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        var messageId = await BeginAsync(DicomCommandField.CGetRequest, model, identifier).ConfigureAwait(false);
        while (true)
        {
            var message = await ReceiveAsync(cancellation).ConfigureAwait(false);
            if (message.Type == DicomCommandField.CStoreRequest && message.HasDataset)
            {
                var status = await TranslateAsync(() => store(message, cancellation).AsTask()).ConfigureAwait(false);
                await SendAsync(message.Context.ID, DimseCommands.Response(message, new(status)), default).ConfigureAwait(false);
                continue;
            }

            var result = DicomRetrieveResult.Of(Checked(message, DicomCommandField.CGetResponse, messageId));
            if (!DicomStatus.IsPending(result.Status))
                return Ended(result);
        }
    }

    private DicomRetrieveResult Ended(DicomRetrieveResult result)
    {
        _isOver = false;
        return result;
    }

    /// <returns>The message ID. Until the operation has ended, the association is good for nothing else.</returns>
    private async Task<ushort> BeginAsync(DicomCommandField type, string model, DicomDataset identifier, string? destination = null)
    {
        if (_isOver)
            throw new DicomClientException("The association is over.");

        var context = Association.Accepted(ContextOf(model))!;
        var messageId = ++_messageId;
        var command = DimseCommands.Request(type, model, messageId).AddOrUpdate(DicomTag.Priority, 0);
        if (destination is not null)
            command.AddOrUpdate(DicomTag.MoveDestination, destination);

        _isOver = true;
        await SendAsync(context.ID, command, DimseCommands.Encode(identifier, context)).ConfigureAwait(false);
        return messageId;
    }

    private async Task<DicomMessage> ResponseAsync(DicomCommandField type, ushort messageId, CancellationToken cancellation) =>
        Checked(await ReceiveAsync(cancellation).ConfigureAwait(false), type, messageId);

    private static DicomMessage Checked(DicomMessage message, DicomCommandField type, ushort messageId) =>
        message.Type == type && message.MessageIDBeingRespondedTo == messageId ? message : throw new DicomClientException("What was asked was not answered.");

    private Task<DicomMessage> ReceiveAsync(CancellationToken cancellation) => TranslateAsync(async () =>
        await _connection.ReadAsync(_limits.Idle).AsTask().WaitAsync(cancellation).ConfigureAwait(false)
        ?? throw new DicomNetworkException("The other end asks for the release of an association that is not its own."));

    private static Task<DicomDataset> ReadDatasetAsync(DicomMessage message, CancellationToken cancellation) => TranslateAsync(async () =>
    {
        try
        {
            return await message.ReadDatasetAsync(cancellation).ConfigureAwait(false);
        }
        catch (DicomDataException wrong)
        {
            throw new DicomClientException("A match cannot be read: " + wrong.Message, wrong);
        }
    });

    private Task<bool> SendAsync(byte context, DicomDataset command, ReadOnlyMemory<byte> dataset) => TranslateAsync(async () =>
    {
        await _connection.SendAsync(context, command, dataset).ConfigureAwait(false);
        return true;
    });
}

/// <summary>How far a C-GET or C-MOVE has come (PS3.4 C.4.2.1.6 to C.4.2.1.9); counts that were not said are 0.</summary>
public sealed record DicomRetrieveResult(ushort Status, int Remaining, int Completed, int Failed, int Warnings)
{
    /// <summary>Error Comment (0000,0902): the other end's own words, or null.</summary>
    public string? Comment { get; init; }

    internal static DicomRetrieveResult Of(DicomMessage response) => new(
        response.Status,
        Count(response, DicomTag.NumberOfRemainingSuboperations),
        Count(response, DicomTag.NumberOfCompletedSuboperations),
        Count(response, DicomTag.NumberOfFailedSuboperations),
        Count(response, DicomTag.NumberOfWarningSuboperations)) { Comment = response.Command.GetString(DicomTag.ErrorComment) };

    private static int Count(DicomMessage response, DicomTag tag) => response.Command.TryGetInt32(tag, out var count) ? count : 0;
}
