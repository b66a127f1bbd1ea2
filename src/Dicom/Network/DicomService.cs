namespace SecureStore.Dicom.Network;

/// <summary>Serves one association from its request to its end, on the acceptor's side: one operation after the other.</summary>
internal sealed class DicomService(PduStream stream, IDicomServiceProvider provider, DicomNetworkLimits limits)
{
    private DimseConnection _connection = null!;
    private CancellationToken _stopping;

    /// <summary>The message that comes after the one that is being worked on, once it is waited for.</summary>
    private Task<DicomMessage?>? _next;

    /// <summary>An event report that was sent and is not answered, with its message ID.</summary>
    private (DicomEventReport Report, ushort MessageID)? _reported;

    private ushort _reports;

    /// <summary>Negotiates, and serves until the association is over. Whatever is wrong with it, the other end is told in the protocol's words.</summary>
    /// <param name="request">Its A-ASSOCIATE-RQ.</param>
    public async Task RunAsync(DicomAssociation request, CancellationToken stopping)
    {
        Exception? failure = null;
        _stopping = stopping;
        try
        {
            if (await NegotiateAsync(request).ConfigureAwait(false))
                await ServeAsync().ConfigureAwait(false);
        }
        catch (DicomAssociationAbortedException gone)
        {
            failure = gone;
        }
        catch (DicomNetworkException wrong)
        {
            failure = wrong;
            await AbortAsync(stream, isUser: false, wrong.Reason).ConfigureAwait(false);
        }
        catch (Exception other)
        {
            failure = other;
            await AbortAsync(stream, isUser: true, DicomAbortReason.NotSpecified).ConfigureAwait(false);
        }

        provider.OnAssociationEnded(failure);
    }

    public static Task AbortAsync(PduStream stream, bool isUser, DicomAbortReason reason) =>
        TrySendAsync(stream, AssociatePdu.Pdu(PduType.Abort, [0, 0, isUser ? (byte)0 : (byte)2, (byte)reason]));

    public static Task RejectAsync(PduStream stream, DicomRejectResult result, DicomRejectReason reason) =>
        TrySendAsync(stream, AssociatePdu.Pdu(PduType.AssociateRJ, [0, (byte)result, (byte)((ushort)reason >> 8), (byte)reason]));

    private static async Task TrySendAsync(PduStream stream, byte[] pdu)
    {
        try
        {
            await stream.WriteAsync(pdu).ConfigureAwait(false);
        }
        catch (DicomAssociationAbortedException)
        {
            // It is over anyway.
        }
    }

    private async Task<bool> NegotiateAsync(DicomAssociation request)
    {
        var answer = request.ApplicationContextName == DicomUID.DICOMApplicationContext.UID
            ? await provider.OnAssociationRequestAsync(request, _stopping).ConfigureAwait(false)
            : new() { Rejection = (DicomRejectResult.Permanent, DicomRejectReason.ApplicationContextNotSupported) };
        if (answer.Rejection is { } rejection)
        {
            await RejectAsync(stream, rejection.Result, rejection.Reason).ConfigureAwait(false);
            return false;
        }

        var accepted = request with
        {
            MaximumPDULength = limits.MaximumPDULength,
            ImplementationClassUID = DicomImplementation.ClassUID,
            ImplementationVersionName = DicomImplementation.Version,
            AsynchronousOperations = request.AsynchronousOperations is null ? null : ((ushort)1, (ushort)1),
            Roles = answer.Roles,
            ExtendedNegotiations = [],
            ConfirmsUserIdentity = answer.ConfirmsUserIdentity && request.UserIdentity is { WantsResponse: true },
        };
        await stream.WriteAsync(AssociatePdu.WriteAnswer(accepted), _stopping).ConfigureAwait(false);
        _connection = new DimseConnection(stream, request, limits);
        return true;
    }

    private async Task ServeAsync()
    {
        while (await NextAsync(limits.Idle, _stopping).ConfigureAwait(false) is { } message)
        {
            using var operation = CancellationTokenSource.CreateLinkedTokenSource(_stopping);
            await AnswerAsync(message, operation).ConfigureAwait(false);
            _stopping.ThrowIfCancellationRequested();
        }

        await _connection.AnswerReleaseAsync().ConfigureAwait(false);
    }

    /// <summary>The next message; null, however often it is asked for, where the association is to be released.</summary>
    private async ValueTask<DicomMessage?> NextAsync(TimeSpan patience, CancellationToken stop)
    {
        // One that an operation watched for has waited without a limit so far.
        var left = _next is null ? Timeout.InfiniteTimeSpan : patience;
        _next ??= ReadAsync(patience);
        var message = await stream.WaitAsync(_next, left, stop).ConfigureAwait(false);
        if (message is not null)
            _next = null;

        return message;
    }

    /// <summary>The next message that is no answer to an event report: that comes when the peer likes, beside what it asks for itself.</summary>
    private async Task<DicomMessage?> ReadAsync(TimeSpan patience)
    {
        while (await _connection.ReadAsync(patience).ConfigureAwait(false) is { } message)
        {
            if (message.Type != DicomCommandField.NEventReportResponse || _reported is not var (report, id) || message.MessageIDBeingRespondedTo != id)
                return message;

            _reported = null;
            await ((IDicomNActionProvider)provider).OnEventReportResponseAsync(report, message.Status, _stopping).ConfigureAwait(false);
        }

        return null;
    }

    private async ValueTask AnswerAsync(DicomMessage message, CancellationTokenSource operation)
    {
        // What was negotiated for one service is not to be used for another (PS3.7 7.5.1).
        if (!message.IsResponse && message.Type != DicomCommandField.CCancelRequest && message.SOPClassUID != message.Context.AbstractSyntax)
        {
            await RespondAsync(message, new(DicomStatus.SOPClassNotSupported, "The request is of another SOP class than its presentation context.")).ConfigureAwait(false);
            return;
        }

        switch (message.Type, provider)
        {
            case (DicomCommandField.CEchoRequest, _):
                await RespondAsync(message, DicomResponse.Success).ConfigureAwait(false);
                break;
            case (DicomCommandField.CStoreRequest, IDicomCStoreProvider store):
                await RespondAsync(message, await store.OnCStoreRequestAsync(message, operation.Token).ConfigureAwait(false)).ConfigureAwait(false);
                break;
            case (DicomCommandField.CFindRequest, IDicomCFindProvider find):
                await FindAsync(message, find, operation).ConfigureAwait(false);
                break;
            case (DicomCommandField.CGetRequest or DicomCommandField.CMoveRequest, IDicomRetrieveProvider retrieve):
                await RetrieveAsync(message, retrieve, operation).ConfigureAwait(false);
                break;
            case (DicomCommandField.NActionRequest, IDicomNActionProvider action):
                await ActAsync(message, action, operation.Token).ConfigureAwait(false);
                break;
            case (DicomCommandField.CCancelRequest, _):
                // What it was to cancel is done.
                break;
            default:
                if (message.IsResponse)
                    throw new DicomNetworkException("A response comes to what was not asked.") { Reason = DicomAbortReason.UnexpectedPDUParameter };

                await RespondAsync(message, new(DicomStatus.UnrecognizedOperation)).ConfigureAwait(false);
                break;
        }
    }

    private async ValueTask FindAsync(DicomMessage request, IDicomCFindProvider provider, CancellationTokenSource operation)
    {
        if (await IdentifierAsync(request, operation.Token).ConfigureAwait(false) is not { } identifier)
            return;

        WatchForCancel(request, operation);
        try
        {
            // What is there already goes out together; nobody waits for what is still being looked for.
            await using var responses = provider.OnCFindRequestAsync(request, identifier, operation.Token).ConfigureAwait(false).GetAsyncEnumerator();
            while (true)
            {
                var next = responses.MoveNextAsync();
                if (!next.GetAwaiter().IsCompleted)
                    await _connection.FlushAsync().ConfigureAwait(false);
                if (!await next)
                    break;

                var response = responses.Current;
                await _connection.SendLaterAsync(request.Context.ID, DimseCommands.Response(request, response), DatasetOf(response, request)).ConfigureAwait(false);
            }

            await _connection.FlushAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (operation.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            await CancelledAsync(request).ConfigureAwait(false);
        }
    }

    private async ValueTask ActAsync(DicomMessage request, IDicomNActionProvider provider, CancellationToken cancellation)
    {
        if (await IdentifierAsync(request, cancellation).ConfigureAwait(false) is not { } information)
            return;

        var (response, report) = await provider.OnNActionRequestAsync(request, information, cancellation).ConfigureAwait(false);
        await RespondAsync(request, response).ConfigureAwait(false);
        if (report is null)
            return;

        _reported = _reported is null ? (report, ++_reports) : throw new InvalidOperationException("An event report follows one that is not answered.");
        await _connection.SendAsync(request.Context.ID, DimseCommands.EventReport(report, _reports), Encode(report.Information, request)).ConfigureAwait(false);
    }

    private async ValueTask RetrieveAsync(DicomMessage request, IDicomRetrieveProvider provider, CancellationTokenSource operation)
    {
        if (await IdentifierAsync(request, operation.Token).ConfigureAwait(false) is not { } identifier)
            return;

        var retrieval = await provider.OnRetrieveRequestAsync(request, identifier, operation.Token).ConfigureAwait(false);
        if (retrieval.Status != DicomStatus.Success)
        {
            await RespondAsync(request, new(retrieval.Status, retrieval.Comment)).ConfigureAwait(false);
            return;
        }

        var counts = new SubOperations(retrieval.Count);
        WatchForCancel(request, operation);
        try
        {
            await using var client = retrieval.Destination is { } destination ? await DicomClient.OpenAsync(destination, operation.Token).ConfigureAwait(false) : null;
            var originator = (_connection.Association.CallingAE, request.MessageID);
            await foreach (var instance in retrieval.Instances.WithCancellation(operation.Token).ConfigureAwait(false))
            {
                operation.Token.ThrowIfCancellationRequested();

                // A C-CANCEL waits for the end of an instance on this association: a response cannot stand within a data set.
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(client is null ? _stopping : operation.Token, instance.Closing);
                var status = instance.IsLost ? DicomStatus.ProcessingFailure
                    : client is null
                    ? await StoreBackAsync(request, instance, operation, stop.Token).ConfigureAwait(false)
                    : await client.StoreAsync(instance, originator, stop.Token).ConfigureAwait(false);
                counts.Count(status, instance.SOPInstanceUID);
                if (counts.Remaining > 0)
                    await _connection.SendAsync(request.Context.ID, counts.Describe(DimseCommands.Response(request, new(DicomStatus.Pending)))).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (operation.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            await CancelledAsync(request, counts).ConfigureAwait(false);
            return;
        }
        catch (DicomClientException unreachable)
        {
            await EndRetrievalAsync(request, counts, new(DicomStatus.CannotPerformSubOperations, unreachable.Message)).ConfigureAwait(false);
            return;
        }

        await EndRetrievalAsync(request, counts, new(counts.Status)).ConfigureAwait(false);
    }

    private ValueTask EndRetrievalAsync(DicomMessage request, SubOperations counts, DicomResponse response) =>
        _connection.SendAsync(request.Context.ID, counts.DescribeEnd(DimseCommands.Response(request, response)), counts.FailedInstances is { } failed ? Encode(failed, request) : default);

    /// <summary>A sub-operation of C-GET: C-STORE to the requestor, on the same association (PS3.4 C.4.3.1). A C-CANCEL waits for its end.</summary>
    private async ValueTask<ushort> StoreBackAsync(
        DicomMessage request, DicomOutgoingInstance instance, CancellationTokenSource operation, CancellationToken stop)
    {
        if (await DimseCommands.FitAsync(_connection.Association, instance, stop).ConfigureAwait(false) is not var (context, fitting))
            return DicomStatus.SOPClassNotSupported;

        using var held = fitting.Held;
        var command = DimseCommands.Store(fitting, messageId: (ushort)(request.MessageID ^ 0x8000));
        using (var writer = await _connection.BeginSendAsync(context.ID, command, fitting.DatasetLength).ConfigureAwait(false))
        {
            await fitting.WriteAsync(writer, writer.FlushAsync, stop).ConfigureAwait(false);
            await writer.FlushAsync(stop).ConfigureAwait(false);
            if (writer.Left > 0)
                throw new InvalidOperationException("An instance is shorter than was said.");
        }

        while (true)
        {
            var answer = await NextAsync(limits.Idle, stop).ConfigureAwait(false);
            switch (answer?.Type)
            {
                case DicomCommandField.CStoreResponse:
                    WatchForCancel(request, operation);
                    return answer.Status;
                case null:
                    await operation.CancelAsync().ConfigureAwait(false);
                    throw new OperationCanceledException();
                case DicomCommandField.CCancelRequest:
                    if (IsCancelOf(answer, request))
                        await operation.CancelAsync().ConfigureAwait(false);

                    break;
                default:
                    throw new DicomNetworkException("A C-STORE was not answered.") { Reason = DicomAbortReason.UnexpectedPDUParameter };
            }
        }
    }

    /// <summary>Reads on while an operation runs: a C-CANCEL for it, or the end of the association, ends it.</summary>
    private void WatchForCancel(DicomMessage request, CancellationTokenSource operation)
    {
        var next = _next ??= ReadAsync(Timeout.InfiniteTimeSpan);
        _ = WatchAsync();

        async Task WatchAsync()
        {
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            if (!next.IsCompletedSuccessfully || next.Result is null || IsCancelOf(next.Result, request))
            {
                try
                {
                    await operation.CancelAsync().ConfigureAwait(false);
                }
                catch (ObjectDisposedException)
                {
                    // The operation was over.
                }
            }
        }
    }

    private static bool IsCancelOf(DicomMessage message, DicomMessage request) =>
        message.Type == DicomCommandField.CCancelRequest && message.MessageIDBeingRespondedTo == request.MessageID;

    /// <summary>Answers that an operation was cancelled; where the association is what ended it, says so instead.</summary>
    private async ValueTask CancelledAsync(DicomMessage request, SubOperations? counts = null)
    {
        if (_next is { IsCompleted: true } next && await next.ConfigureAwait(false) is { Type: DicomCommandField.CCancelRequest })
            _next = null;

        var command = DimseCommands.Response(request, new(DicomStatus.Cancel));
        await _connection.SendAsync(request.Context.ID, counts?.DescribeEnd(command, isCancelled: true) ?? command).ConfigureAwait(false);
    }

    /// <returns>Null where there is none that can be read; that is answered.</returns>
    private async ValueTask<DicomDataset?> IdentifierAsync(DicomMessage request, CancellationToken cancellation)
    {
        try
        {
            return await request.ReadDatasetAsync(cancellation).ConfigureAwait(false);
        }
        catch (DicomDataException wrong)
        {
            var status = request.Type == DicomCommandField.NActionRequest ? DicomStatus.InvalidArgumentValue : DicomStatus.CannotUnderstand;
            await RespondAsync(request, new(status, wrong.Message)).ConfigureAwait(false);
            return null;
        }
    }

    private ValueTask RespondAsync(DicomMessage request, DicomResponse response) =>
        _connection.SendAsync(request.Context.ID, DimseCommands.Response(request, response), DatasetOf(response, request));

    private static ReadOnlyMemory<byte> DatasetOf(DicomResponse response, DicomMessage request) =>
        response.Dataset is { } dataset ? Encode(dataset, request) : default;

    private static ReadOnlyMemory<byte> Encode(DicomDataset dataset, DicomMessage request) => DimseCommands.Encode(dataset, request.Context);
}
