using System.Net.Security;
using System.Net.Sockets;

namespace SecureStore.Dicom.Network;

/// <summary>Where to, and what to propose.</summary>
public sealed record DicomClientOptions
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string CalledAE { get; init; }

    public required string CallingAE { get; init; }

    /// <summary>SOP classes, each with transfer syntaxes of which one is to be taken: a context for each.</summary>
    public required IReadOnlyList<(string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes)> Contexts { get; init; }

    /// <summary>Null for no TLS.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    public DicomUserIdentity? UserIdentity { get; init; }

    /// <summary>Roles to ask for: who has instances sent back by C-GET plays the provider of their SOP classes, and who reports on storage commitment that of the model (PS3.7 D.3.3.4).</summary>
    public IReadOnlyList<DicomRoleSelection> Roles { get; init; } = [];

    public DicomNetworkLimits Limits { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>An association could not be had, or broke. The message says why, in the standard's words where the peer gave a reason.</summary>
public sealed class DicomClientException : Exception
{
    public DicomClientException()
    {
    }

    public DicomClientException(string message)
        : base(message)
    {
    }

    public DicomClientException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>An association as its requestor: one operation after the other.</summary>
public sealed partial class DicomClient : IAsyncDisposable
{
    private readonly PduStream _stream;
    private readonly DimseConnection _connection;
    private readonly DicomNetworkLimits _limits;
    private ushort _messageId;
    private bool _isOver;

    private DicomClient(PduStream stream, DimseConnection connection, DicomNetworkLimits limits) =>
        (_stream, _connection, _limits) = (stream, connection, limits);

    /// <summary>What was agreed on.</summary>
    public DicomAssociation Association => _connection.Association;

    /// <exception cref="DicomClientException">No association.</exception>
    public static async Task<DicomClient> OpenAsync(DicomClientOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? transport = null;
        try
        {
            using var time = new CancellationTokenSource(options.Limits.Association, options.Time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, time.Token);
            await socket.ConnectAsync(options.Host, options.Port, limit.Token).ConfigureAwait(false);
            transport = new PromptStream(socket);
            if (options.Tls is { } tls)
            {
                var secure = new SslStream(transport);
                transport = secure;
                await secure.AuthenticateAsClientAsync(tls, limit.Token).ConfigureAwait(false);
            }

            var stream = new PduStream(transport, options.Limits, options.Time);
            return new DicomClient(stream, await NegotiateAsync(stream, options).ConfigureAwait(false), options.Limits);
        }
        catch (Exception failure)
        {
            if (transport is not null)
                await transport.DisposeAsync().ConfigureAwait(false);

            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            throw failure is DicomClientException ? failure : new DicomClientException("No association: " + Reason(failure), failure);
        }
    }

    /// <returns>The status.</returns>
    /// <exception cref="DicomClientException">The association broke.</exception>
    public async Task<ushort> EchoAsync(CancellationToken cancellation)
    {
        var verification = DicomUID.Verification.UID;
        var context = ContextOf(verification);
        return await GuardAsync(async () =>
        {
            await _connection.SendAsync(context, DimseCommands.Request(DicomCommandField.CEchoRequest, verification, ++_messageId)).ConfigureAwait(false);
            return await AnswerAsync(DicomCommandField.CEchoResponse).ConfigureAwait(false);
        }).WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends an instance as it is, or as it can be had where the other end takes it otherwise only.</summary>
    /// <returns>The status: SOP class not supported where the other end takes none of its kind.</returns>
    /// <exception cref="DicomClientException">The association broke.</exception>
    public Task<ushort> StoreAsync(DicomOutgoingInstance instance, CancellationToken cancellation) => StoreAsync(instance, null, cancellation);

    internal async Task<ushort> StoreAsync(DicomOutgoingInstance instance, (string AE, ushort MessageID)? moveOriginator, CancellationToken cancellation)
    {
        if (await DimseCommands.FitAsync(Association, instance, cancellation).ConfigureAwait(false) is not var (context, fitting))
            return DicomStatus.SOPClassNotSupported;

        using var held = fitting.Held;
        return await GuardAsync(async () =>
        {
            var command = DimseCommands.Store(fitting, ++_messageId);
            if (moveOriginator is var (ae, message))
                command.OnBehalfOf(ae, message);

            using var writer = await _connection.BeginSendAsync(context.ID, command, fitting.DatasetLength).ConfigureAwait(false);
            await fitting.WriteAsync(writer, writer.FlushAsync, cancellation).ConfigureAwait(false);
            await writer.FlushAsync(cancellation).ConfigureAwait(false);
            return writer.Left == 0
                ? await AnswerAsync(DicomCommandField.CStoreResponse).WaitAsync(cancellation).ConfigureAwait(false)
                : throw new InvalidOperationException("An instance is shorter than was said.");
        }).ConfigureAwait(false);
    }

    /// <returns>The status.</returns>
    /// <exception cref="DicomClientException">The association broke.</exception>
    public async Task<ushort> ReportAsync(DicomEventReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var context = Association.Accepted(ContextOf(report.SOPClassUID))!;
        return await GuardAsync(async () =>
        {
            await _connection.SendAsync(context.ID, DimseCommands.EventReport(report, ++_messageId), DimseCommands.Encode(report.Information, context)).ConfigureAwait(false);
            return await AnswerAsync(DicomCommandField.NEventReportResponse).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Releases the association, or aborts it where an operation was broken off.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_isOver)
                await DicomService.AbortAsync(_stream, isUser: true, DicomAbortReason.NotSpecified).ConfigureAwait(false);
            else
                await _connection.ReleaseAsync().ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is DicomAssociationAbortedException or DicomNetworkException)
        {
            // It is over either way.
        }

        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<DimseConnection> NegotiateAsync(PduStream stream, DicomClientOptions options)
    {
        var request = new DicomAssociation
        {
            CalledAE = options.CalledAE,
            CallingAE = options.CallingAE,
            MaximumPDULength = options.Limits.MaximumPDULength,
            ImplementationClassUID = DicomImplementation.ClassUID,
            ImplementationVersionName = DicomImplementation.Version,
            UserIdentity = options.UserIdentity,
            Roles = options.Roles,
            PresentationContexts =
                [.. options.Contexts.Select((context, index) => new DicomPresentationContext(checked((byte)((2 * index) + 1)), context.AbstractSyntax, context.TransferSyntaxes))],
        };
        await stream.WriteAsync(AssociatePdu.WriteRequest(request)).ConfigureAwait(false);
        var (type, body) = await AssociationPdus.ReadAsync(stream, options.Limits).ConfigureAwait(false);
        return type switch
        {
            PduType.AssociateAC => new DimseConnection(stream, AssociatePdu.ReadAnswer(body, request), options.Limits),
            PduType.AssociateRJ when body.Length == 4 => throw new DicomClientException($"The association was rejected ({(DicomRejectReason)((body[2] << 8) | body[3])})."),
            PduType.Abort => throw new DicomClientException("The association was aborted."),
            _ => throw new DicomNetworkException("The association was not answered."),
        };
    }

    private byte ContextOf(string abstractSyntax) =>
        Association.PresentationContexts.FirstOrDefault(context => context.AbstractSyntax == abstractSyntax && context.AcceptedTransferSyntax is not null)?.ID
        ?? throw new DicomClientException($"The other end does not do {DicomUID.Find(abstractSyntax)?.Name ?? abstractSyntax}.");

    private async Task<ushort> AnswerAsync(DicomCommandField type)
    {
        var answer = await _connection.ReadAsync(_limits.Idle).ConfigureAwait(false);
        return answer?.Type == type && answer.MessageIDBeingRespondedTo == _messageId
            ? answer.Status
            : throw new DicomNetworkException("What was asked was not answered.");
    }

    private async Task<ushort> GuardAsync(Func<Task<ushort>> operation)
    {
        var wasOver = _isOver;
        _isOver = true;
        var status = wasOver ? throw new DicomClientException("The association is over.") : await TranslateAsync(operation).ConfigureAwait(false);
        _isOver = false;
        return status;
    }

    private static async Task<T> TranslateAsync<T>(Func<Task<T>> operation)
    {
        try
        {
            return await operation().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is DicomAssociationAbortedException or DicomNetworkException)
        {
            throw new DicomClientException(failure.Message, failure);
        }
    }

    private static string Reason(Exception failure) => failure switch
    {
        OperationCanceledException => "nobody answered in time.",
        SocketException socket => socket.SocketErrorCode.ToString(),
        System.Security.Authentication.AuthenticationException => "TLS failed.",
        DicomAssociationAbortedException or DicomNetworkException => failure.Message,
        _ => failure.GetType().Name,
    };
}
