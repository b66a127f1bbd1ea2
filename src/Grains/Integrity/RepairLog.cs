using SecureStore.Grains.Audit;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Integrity;

/// <summary>Records what a repair is about to change, before it does.</summary>
/// <param name="audit">The audit log.</param>
/// <param name="time">The clock.</param>
/// <param name="actor">Who repairs: a token's subject, or a part of the archive.</param>
internal sealed class RepairLog(IAuditLog audit, TimeProvider time, string actor)
{
    public string Actor => actor;

    /// <exception cref="StorageUnavailableException">Not recorded: nothing is to be changed.</exception>
    public async ValueTask RecordAsync(Damage damage, string what) => await audit.AppendAsync(
        new AuditEvent
        {
            Id = Guid.NewGuid(),
            Time = time.GetUtcNow(),
            Action = AuditAction.FsckRepair,
            Actor = actor,
            StudyInstanceUid = damage.StudyInstanceUid,
            Detail = $"{damage.Kind}{Of("study", damage.Study)}{Of("segment", damage.Segment)}{Of("patient", damage.Patient?.ToString("N"))}"
                + $"{Of("instance", damage.SopInstanceUid)}: {what}",
        },
        CancellationToken.None);

    private static string Of(string name, object? value) => value is null ? "" : $" {name} {value}";
}
