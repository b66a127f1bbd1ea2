namespace SecureStore.Dicom;

/// <summary>
/// DICOM data that is malformed, or text that its character set cannot express. The message names positions, tags and
/// lengths, never a value.
/// </summary>
public sealed class DicomDataException : Exception
{
    public DicomDataException()
    {
    }

    public DicomDataException(string message)
        : base(message)
    {
    }

    public DicomDataException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
