using SecureStore.Dicom.Network;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Dimse;

/// <inheritdoc cref="ForwardSender.SendAsync"/>
internal delegate Task<bool> SendForward(DimsePeer destination, string study, IReadOnlyList<string> instances, Action<string> settled, CancellationToken cancellation);

/// <inheritdoc cref="ForwardSender.IsStoredAsync"/>
internal delegate ValueTask<bool> IsStored(string study, string instance);

/// <summary>
/// Sends instances of a study to a destination by C-STORE, as C-MOVE does. Each is an export under a token of the archive's own issuer: the
/// study's grain decides, and the audit log has it before a byte leaves.
/// </summary>
internal sealed class ForwardSender(
    DimseSettings settings, IStudyReader reader, StudyFactsReader facts, ICatalog catalog, Vault vault, PeerTokens tokens, OutgoingInstances outgoing, TimeProvider clock,
    ILogger<ForwardSender> logger)
{
    /// <summary>Whether the study has the instance already, whoever may know it.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be said for now.</exception>
    public async ValueTask<bool> IsStoredAsync(string study, string instance) =>
        await catalog.FindStudyAsync(vault.MacOfUid(study), CancellationToken.None) is { } row
        && (await catalog.FindInstancesAsync(row.Study, [vault.MacOfUid(instance)], CancellationToken.None)).Count > 0;

    /// <param name="destination">Has a <see cref="DimsePeer.Destination"/>.</param>
    /// <param name="study">Study Instance UID.</param>
    /// <param name="instances">SOP Instance UIDs.</param>
    /// <param name="settled">Hears which instances need not be tried again: sent, or gone.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>False where the destination takes no association, or breaks it: it is not to be tried with other studies now.</returns>
    /// <exception cref="StorageUnavailableException">The archive cannot read for now.</exception>
    public async Task<bool> SendAsync(
        DimsePeer destination, string study, IReadOnlyList<string> instances, Action<string> settled, CancellationToken cancellation)
    {
        if (await catalog.FindStudyAsync(vault.MacOfUid(study), cancellation) is not { } row || await facts.OpenAsync(row, cancellation) is not { } known)
        {
            Settle(instances, settled);
            return true;
        }

        // What is on hold waits for the end of the hold.
        if (known.LegalHold is not null)
        {
            return true;
        }

        var token = await tokens.ForForwardingAsync(destination, cancellation);
        var (verdict, session) = await reader.OpenAsync(token, study, PolicyActions.Export, address: null, cancellation);
        if (session is null)
        {
            if (verdict == ReadVerdict.NotFound)
            {
                Settle(instances, settled);
            }

            return true;
        }

        await using (session)
        {
            return await SendAsync(destination, session, instances, settled, cancellation);
        }
    }

    private async Task<bool> SendAsync(DimsePeer destination, IReadSession session, IReadOnlyList<string> instances, Action<string> settled, CancellationToken cancellation)
    {
        var records = new List<InstanceRecord>();
        foreach (var uid in instances)
        {
            if (await session.FindAsync(null, uid, cancellation) is { } record)
            {
                records.Add(record);
            }
            else
            {
                settled(uid);
            }
        }

        var contexts = OutgoingInstances.Contexts(records.Select(record => (record.SopClassUid, record.TransferSyntaxUid))).ToList();
        var refused = new Dictionary<ushort, int>();
        DicomClient? client = null;
        try
        {
            foreach (var instance in records.Select(record => outgoing.Of(session, record)).Where(instance => !instance.IsLost))
            {
                client ??= await DicomClient.OpenAsync(DimseDestination.Reach(settings, destination, contexts, clock), cancellation);
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, session.Closing);
                try
                {
                    var status = await client.StoreAsync(instance, stop.Token);
                    if (DicomStatus.IsSuccessOrWarning(status))
                    {
                        settled(instance.SOPInstanceUID);
                    }
                    else
                    {
                        refused[status] = refused.GetValueOrDefault(status) + 1;
                    }
                }
                catch (Exception damage) when (DimseStatuses.Of(damage) == DicomStatus.ProcessingFailure)
                {
                    // Broken off within a data set, the association is over; the others go on another.
                    logger.LogError("An instance cannot be forwarded: {Reason}.", damage.GetType().Name);
                    await client.DisposeAsync();
                    client = null;
                }
            }

            return true;
        }
        catch (DicomClientException broken)
        {
            logger.LogWarning("Forwarding does not reach {Destination}: {Reason}", destination.AeTitle, broken.Message);
            return false;
        }
        catch (OperationCanceledException) when (session.Closing.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // The study was closed under it: the next try finds out why.
            return true;
        }
        finally
        {
            foreach (var (status, count) in refused)
            {
                logger.LogWarning("{Destination} refuses {Count} instances that are to be forwarded: {Status:X4}.", destination.AeTitle, count, status);
            }

            await (client?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private void Settle(IReadOnlyList<string> instances, Action<string> settled)
    {
        logger.LogInformation("{Count} instances are not forwarded: their study has expired or is destroyed.", instances.Count);
        foreach (var instance in instances)
        {
            settled(instance);
        }
    }
}
