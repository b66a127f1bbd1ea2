namespace SecureStore.Dicom.Network;

/// <summary>What has become of the sub-operations of a C-GET or C-MOVE (PS3.4 C.4.2.1.6 to C.4.2.1.9).</summary>
internal sealed class SubOperations(int count)
{
    private const int MaxListed = 4096;

    private readonly List<string> _failed = [];
    private int _completed;
    private int _failures;
    private int _warnings;

    public int Remaining => Math.Max(0, count - _completed - _failures - _warnings);

    /// <summary>Of the final response (PS3.4 table C.4-2).</summary>
    public ushort Status => _failures == 0 ? (_warnings == 0 ? DicomStatus.Success : DicomStatus.SubOperationsWithFailures)
        : _completed + _warnings == 0 ? DicomStatus.CannotPerformSubOperations
        : DicomStatus.SubOperationsWithFailures;

    /// <summary>The Failed SOP Instance UID List (0008,0058) of the final response, or null.</summary>
    public DicomDataset? FailedInstances => _failed.Count == 0 ? null : new DicomDataset().AddOrUpdate(DicomTag.FailedSOPInstanceUIDList, [.. _failed]);

    public void Count(ushort status, string sopInstanceUid)
    {
        if (status == DicomStatus.Success)
        {
            _completed++;
        }
        else if (DicomStatus.IsSuccessOrWarning(status))
        {
            _warnings++;
        }
        else
        {
            _failures++;
            if (_failed.Count < MaxListed)
                _failed.Add(sopInstanceUid);
        }
    }

    public DicomDataset Describe(DicomDataset response) => DescribeEnd(response.AddOrUpdate(DicomTag.NumberOfRemainingSuboperations, Remaining));

    /// <summary>A final response says what remains only where it was cancelled.</summary>
    public DicomDataset DescribeEnd(DicomDataset response, bool isCancelled = false)
    {
        if (isCancelled)
            response.AddOrUpdate(DicomTag.NumberOfRemainingSuboperations, Remaining);

        return response
            .AddOrUpdate(DicomTag.NumberOfCompletedSuboperations, _completed)
            .AddOrUpdate(DicomTag.NumberOfFailedSuboperations, _failures)
            .AddOrUpdate(DicomTag.NumberOfWarningSuboperations, _warnings);
    }
}
