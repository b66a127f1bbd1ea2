using SecureStore.Dicom.Network;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Dimse;

/// <summary>
/// C-STORE into the archive: each instance is durable before its response. What is open of a study stays open for the next instances
/// of it, and is given up when none comes for a while, or when it has become much.
/// </summary>
/// <param name="store">The way in.</param>
/// <param name="callingAE">Who sends.</param>
/// <param name="address">Where from.</param>
/// <param name="patientIdIssuer">Whose patient IDs they are that name no issuer.</param>
/// <param name="forwarding">Sends on what is stored; null for none.</param>
/// <param name="clock">Tells when a session is quiet.</param>
internal sealed class DimseStoring(
    IStudyStore store, string callingAE, string? address, string patientIdIssuer, Forwarding? forwarding, TimeProvider clock) : IAsyncDisposable
{
    private const int MaxStudies = 16;

    /// <summary>A session keeps something for each patient that a study's instances name, and for each study that is refused.</summary>
    private const int MaxInstances = 1000;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim turn = new(1);
    private readonly HashSet<string> studies = [];
    private IStoreSession? session;
    private int instances;
    private string? token;
    private ITimer? quiet;

    /// <param name="rawToken">The policy token that it is done under.</param>
    public async ValueTask<DicomResponse> StoreAsync(DicomMessage request, string rawToken, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        quiet?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            return await StoreInTurnAsync(request, rawToken, cancellation);
        }
        catch
        {
            // What came in part is with this session, and goes with it.
            await EndAsync();
            throw;
        }
        finally
        {
            quiet ??= clock.CreateTimer(_ => _ = EndIfQuietAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            quiet.Change(Quiet, Timeout.InfiniteTimeSpan);
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (quiet?.DisposeAsync() ?? ValueTask.CompletedTask);
        await turn.WaitAsync();
        await EndAsync();
    }

    private async ValueTask<DicomResponse> StoreInTurnAsync(DicomMessage request, string rawToken, CancellationToken cancellation)
    {
        if (token != rawToken || studies.Count >= MaxStudies || instances >= MaxInstances)
        {
            await EndAsync();
        }

        token = rawToken;
        session ??= store.Begin(rawToken, onlyStudy: null, address, patientIdIssuer, oneByOne: true);
        instances++;
        try
        {
            await using var file = request.OpenFile(callingAE);
            var result = await session.ReceiveAsync(file, cancellation);
            if (result.StudyInstanceUid is { } study)
            {
                studies.Add(study);
            }

            if (result.Status != StoreStatus.Received)
            {
                return Response(result);
            }

            if (result.SopInstanceUid != request.SOPInstanceUID || result.SopClassUid != request.SOPClassUID)
            {
                await EndAsync();
                return new(DicomStatus.DataSetDoesNotMatchSOPClass, "The data set is of another SOP instance or class than the request.");
            }

            var forwards = forwarding is null ? [] : await forwarding.PrepareAsync(callingAE, result);
            var committed = (await session.CommitAsync(CancellationToken.None)).Single();
            forwarding?.Settle(forwards, committed.Status);
            return Response(committed);
        }
        catch (Exception failure) when (DimseStatuses.Of(failure) is { } status)
        {
            await EndAsync();
            return new(status, "The archive cannot store for now.");
        }
    }

    private static DicomResponse Response(StoreResult result) => new(DimseStatuses.Of(result.Status), result.Reason);

    private async Task EndIfQuietAsync()
    {
        if (!await turn.WaitAsync(TimeSpan.Zero))
        {
            return;
        }

        try
        {
            await EndAsync();
        }
        finally
        {
            turn.Release();
        }
    }

    private async ValueTask EndAsync()
    {
        if (session is { } ended)
        {
            session = null;
            studies.Clear();
            instances = 0;
            await ended.DisposeAsync();
        }
    }
}
