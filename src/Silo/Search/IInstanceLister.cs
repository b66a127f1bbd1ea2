using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Search;

/// <summary>Opens instance records for searches. The caller has checked that the study may be searched.</summary>
public interface IInstanceLister
{
    /// <summary>The study's instances in the order they were stored; none where the study is gone. Records that cannot be opened are left out.</summary>
    IAsyncEnumerable<InstanceRecord> ListAsync(StudyHandle study, CancellationToken cancellation);

    /// <summary>The studies that hold an instance with this SOP Instance UID.</summary>
    ValueTask<IReadOnlyList<StudyHandle>> FindStudiesOfInstanceAsync(string sopInstanceUid, CancellationToken cancellation);
}
