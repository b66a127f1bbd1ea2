namespace SecureStore.Dicom.Network;

/// <summary>The protocol data units of PS3.8 9.3.</summary>
internal enum PduType : byte
{
    AssociateRQ = 1,
    AssociateAC = 2,
    AssociateRJ = 3,
    DataTF = 4,
    ReleaseRQ = 5,
    ReleaseRP = 6,
    Abort = 7,
}

/// <summary>Items and sub-items of the association PDUs (PS3.8 9.3.2, PS3.7 annex D).</summary>
internal enum ItemType : byte
{
    ApplicationContext = 0x10,
    PresentationContextRQ = 0x20,
    PresentationContextAC = 0x21,
    AbstractSyntax = 0x30,
    TransferSyntax = 0x40,
    UserInformation = 0x50,
    MaximumLength = 0x51,
    ImplementationClassUID = 0x52,
    AsynchronousOperations = 0x53,
    RoleSelection = 0x54,
    ImplementationVersionName = 0x55,
    ExtendedNegotiation = 0x56,
    CommonExtendedNegotiation = 0x57,
    UserIdentityRQ = 0x58,
    UserIdentityAC = 0x59,
}
