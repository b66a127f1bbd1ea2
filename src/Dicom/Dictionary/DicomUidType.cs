namespace SecureStore.Dicom;

/// <summary>What a registered UID stands for (PS3.6 Annex A).</summary>
public enum DicomUidType : byte
{
    Unknown,
    TransferSyntax,
    SOPClass,
    MetaSOPClass,
    ServiceClass,
    SOPInstance,
    ApplicationContextName,
    ApplicationHostingModel,
    CodingScheme,
    FrameOfReference,
    LDAP,
    MappingResource,
}
