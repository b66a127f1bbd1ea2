using SecureStore.Codecs;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Imaging;

namespace SecureStore.Silo.Dimse;

/// <summary>The one table from outcomes to DIMSE statuses (PS3.4 B.2.3, PS3.7 annex C; docs/dimse.md).</summary>
internal static class DimseStatuses
{
    public static ushort Of(StoreStatus status) => status switch
    {
        StoreStatus.Stored or StoreStatus.Duplicate => DicomStatus.Success,
        StoreStatus.DuplicateInOtherTransferSyntax => DicomStatus.CoercionOfDataElements,
        StoreStatus.StoredWithPatientMismatch => DicomStatus.DataSetDoesNotMatchSOPClassWarning,
        StoreStatus.CannotUnderstand => DicomStatus.CannotUnderstand,
        StoreStatus.MissingUid => DicomStatus.UnableToProcess,
        StoreStatus.OtherStudy => DicomStatus.DataSetDoesNotMatchSOPClass,
        StoreStatus.PatientMismatch => 0xA901,
        StoreStatus.Conflict => DicomStatus.DuplicateSOPInstance,
        StoreStatus.Unauthorized or StoreStatus.Forbidden => DicomStatus.NotAuthorized,
        StoreStatus.Unavailable or StoreStatus.Received => DicomStatus.OutOfResources,
        _ => DicomStatus.ProcessingFailure,
    };

    /// <summary>What fails for now or for good while something is read; null for what no table knows.</summary>
    public static ushort? Of(Exception failure) => failure switch
    {
        StorageUnavailableException or VaultException or StudyClosedException => DicomStatus.OutOfResources,
        _ when UnansweredCall.Is(failure) => DicomStatus.OutOfResources,
        CodecUnavailableException => DicomStatus.OutOfResources,
        CodecException or InstanceLostException or SealedObjectException or ObjectMissingException or VaultIntegrityException => DicomStatus.ProcessingFailure,
        _ => null,
    };
}
