using Microsoft.Extensions.Logging;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Integrity;

/// <summary>
/// Changes a study's rows from outside its grain, which may be unable to open them: takes the study over by its owner epoch, as an
/// activation does, so that whatever the grain still has in mind cannot be committed; and has the grain begin anew.
/// </summary>
internal sealed class StudyOwner(ICatalog catalog, IGrainFactory grains, ILogger logger)
{
    private const int Attempts = 5;

    /// <param name="study">The study.</param>
    /// <param name="change">Gets the row as it stands under the new owner epoch; gives what is to be committed, or null for nothing.</param>
    /// <param name="cancellation">Ends it between attempts.</param>
    /// <returns>True where something was committed.</returns>
    /// <exception cref="StorageUnavailableException">Storage fails, or others took the study over again and again.</exception>
    public async ValueTask<bool> ChangeAsync(
        StudyHandle study, Func<StudyRow, ValueTask<StudyCommit?>> change, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (await catalog.GetStudyAsync(study, cancellation) is not { } row)
            {
                return false;
            }

            if (await catalog.ClaimAsync(study, row.OwnerEpoch, cancellation) is not { } epoch
                || await catalog.GetStudyAsync(study, cancellation) is not { } owned || owned.OwnerEpoch != epoch)
            {
                continue;
            }

            try
            {
                if (await change(owned) is not { } commit)
                {
                    return false;
                }

                await catalog.CommitAsync(commit, CancellationToken.None);
                return true;
            }
            catch (StudyFencedException)
            {
                // An activation took it over; what it made of the study is looked at anew.
            }
            finally
            {
                await ReopenAsync(study);
            }
        }

        throw new StorageUnavailableException("The study has one owner after the other.");
    }

    private async ValueTask ReopenAsync(StudyHandle study)
    {
        try
        {
            await grains.GetGrain<IStudyGrain>(study.Value).ReopenAsync();
        }
        catch (Exception failure) when (failure is StorageUnavailableException or VaultIntegrityException || UnansweredCall.Is(failure))
        {
            // It could not be opened, so there is nothing that it has in mind; or it finds itself fenced at its next commit.
            logger.LogInformation("Study {Study} was not reopened: {Reason}.", study, failure.GetType().Name);
        }
    }
}
