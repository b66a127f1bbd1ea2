namespace SecureStore.Dicom;

/// <summary>How this implementation names itself to others (PS3.7 D.3.3.2).</summary>
public static class DicomImplementation
{
    public const string ClassUID = "2.25.262074398453226951104929866462387412837";

    /// <summary>At most 16 characters.</summary>
    public const string Version = "SECURESTORE_01";
}
