namespace SecureStore.Dicom.Network;

/// <summary>The statuses of PS3.7 annex C, and those of PS3.4 for storing (B.2.3), finding (C.4.1.1.4) and retrieving (C.4.2.1.5, C.4.3.1.4).</summary>
public static class DicomStatus
{
    public const ushort Success = 0x0000;
    public const ushort ProcessingFailure = 0x0110;
    public const ushort DuplicateSOPInstance = 0x0111;
    public const ushort NoSuchSOPInstance = 0x0112;
    public const ushort InvalidArgumentValue = 0x0115;
    public const ushort NoSuchSOPClass = 0x0118;
    public const ushort ClassInstanceConflict = 0x0119;
    public const ushort SOPClassNotSupported = 0x0122;
    public const ushort NoSuchAction = 0x0123;
    public const ushort NotAuthorized = 0x0124;
    public const ushort UnrecognizedOperation = 0x0211;
    public const ushort MistypedArgument = 0x0212;
    public const ushort ResourceLimitation = 0x0213;
    public const ushort OutOfResources = 0xA700;
    public const ushort CannotCalculateMatches = 0xA701;
    public const ushort CannotPerformSubOperations = 0xA702;
    public const ushort MoveDestinationUnknown = 0xA801;
    public const ushort DataSetDoesNotMatchSOPClass = 0xA900;
    public const ushort CoercionOfDataElements = 0xB000;
    public const ushort SubOperationsWithFailures = 0xB000;
    public const ushort DataSetDoesNotMatchSOPClassWarning = 0xB007;
    public const ushort CannotUnderstand = 0xC000;
    public const ushort UnableToProcess = 0xC001;
    public const ushort Cancel = 0xFE00;
    public const ushort Pending = 0xFF00;
    public const ushort PendingWithUnsupportedKeys = 0xFF01;

    /// <summary>Whether more responses follow.</summary>
    public static bool IsPending(ushort status) => status is Pending or PendingWithUnsupportedKeys;

    /// <summary>Whether it was done, with a remark or without (PS3.7 C.1 and C.3).</summary>
    public static bool IsSuccessOrWarning(ushort status) => status is Success or 0x0001 or 0x0107 or 0x0116 or (>= 0xB000 and <= 0xBFFF);
}
