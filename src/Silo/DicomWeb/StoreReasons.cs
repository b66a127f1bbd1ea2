using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// The one table from outcomes of storing to the Warning Reason (0008,1196) and Failure Reason (0008,1197) of STOW-RS
/// (PS3.18 tables I.2-1 and I.2-2, PS3.7 annex C; docs/dicomweb.md).
/// </summary>
internal static class StoreReasons
{
    /// <summary>The Warning Reason, or null where there is nothing to warn of.</summary>
    public static ushort? Warning(StoreStatus status) => status switch
    {
        StoreStatus.DuplicateInOtherTransferSyntax => 0xB000,
        StoreStatus.StoredWithPatientMismatch => 0xB007,
        _ => null,
    };

    /// <summary>The Failure Reason.</summary>
    public static ushort Failure(StoreStatus status) => status switch
    {
        StoreStatus.CannotUnderstand => 0xC000,
        StoreStatus.MissingUid => 0xC001,
        StoreStatus.OtherStudy => 0xA900,
        StoreStatus.PatientMismatch => 0xA901,
        StoreStatus.Conflict => 0x0111,
        StoreStatus.Unauthorized or StoreStatus.Forbidden => 0x0124,
        StoreStatus.Unavailable => 0xA700,
        _ => 0x0110,
    };

    /// <summary>The response's status (PS3.18 10.5.3.1): 200, 202, 401, 403, 409 or 503.</summary>
    public static int HttpStatus(IReadOnlyCollection<StoreResult> results)
    {
        if (results.Any(result => result.Status is StoreStatus.Unavailable))
        {
            return StatusCodes.Status503ServiceUnavailable;
        }

        if (results.All(result => result.IsStored && Warning(result.Status) is null))
        {
            return StatusCodes.Status200OK;
        }

        if (results.Any(result => result.IsStored))
        {
            return StatusCodes.Status202Accepted;
        }

        if (results.All(result => result.Status is StoreStatus.Unauthorized))
        {
            return StatusCodes.Status401Unauthorized;
        }

        return results.All(result => result.Status is StoreStatus.Unauthorized or StoreStatus.Forbidden)
            ? StatusCodes.Status403Forbidden
            : StatusCodes.Status409Conflict;
    }
}
