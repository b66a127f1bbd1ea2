namespace SecureStore.Dicom.Network;

/// <summary>What came over an association is not what the protocol allows (PS3.7, PS3.8). The message names items, positions and lengths, never a value.</summary>
public sealed class DicomNetworkException : Exception
{
    public DicomNetworkException()
    {
    }

    public DicomNetworkException(string message)
        : base(message)
    {
    }

    public DicomNetworkException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What an A-ABORT says of it.</summary>
    public DicomAbortReason Reason { get; init; } = DicomAbortReason.InvalidPDUParameter;
}

/// <summary>The peer ended the association with A-ABORT, or its connection broke.</summary>
public sealed class DicomAssociationAbortedException(string message) : Exception(message);
