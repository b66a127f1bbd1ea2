namespace SecureStore.Dicom.Network;

/// <summary>Whether a refusal may pass (PS3.8 9.3.4).</summary>
public enum DicomRejectResult : byte
{
    Permanent = 1,
    Transient = 2,
}

/// <summary>Who refuses an association, and why: source in the high byte, reason in the low one (PS3.8 table 9-21).</summary>
public enum DicomRejectReason : ushort
{
    NoReasonGiven = 0x0101,
    ApplicationContextNotSupported = 0x0102,
    CallingAENotRecognized = 0x0103,
    CalledAENotRecognized = 0x0107,
    ProtocolVersionNotSupported = 0x0202,
    TemporaryCongestion = 0x0301,
    LocalLimitExceeded = 0x0302,
}

/// <summary>Why the upper layer of the network ends an association (PS3.8 table 9-26); a user ends it without a reason.</summary>
public enum DicomAbortReason : byte
{
    NotSpecified = 0,
    UnrecognizedPDU = 1,
    UnexpectedPDU = 2,
    UnrecognizedPDUParameter = 4,
    UnexpectedPDUParameter = 5,
    InvalidPDUParameter = 6,
}

/// <summary>How a presentation context was answered (PS3.8 table 9-18).</summary>
public enum DicomPresentationContextResult : byte
{
    Accept = 0,
    RejectUser = 1,
    RejectNoReason = 2,
    RejectAbstractSyntaxNotSupported = 3,
    RejectTransferSyntaxesNotSupported = 4,
}

/// <summary>Kinds of user identity (PS3.7 D.3.3.7).</summary>
public enum DicomUserIdentityType : byte
{
    Username = 1,
    UsernameAndPasscode = 2,
    Kerberos = 3,
    Saml = 4,
    Jwt = 5,
}
