using SecureStore.Dicom;

namespace SecureStore.Silo.DicomWeb;

/// <summary>URLs of the service as its callers see them (PS3.18 10.1.1).</summary>
internal static class DicomWebAddress
{
    /// <summary>The base path of all DICOMweb services.</summary>
    public const string Path = "/dicom-web";

    /// <summary>The base URL, without a slash at its end.</summary>
    public static string Base(HttpRequest request) => $"{request.Scheme}://{request.Host}{request.PathBase}{Path}";

    public static string Study(string baseUrl, string study) => $"{baseUrl}/studies/{study}";

    public static string Instance(string baseUrl, string study, string series, string instance) =>
        $"{baseUrl}/studies/{study}/series/{series}/instances/{instance}";

    /// <summary>
    /// Whether a route value can be a UID. Components with leading zeros are let through: such instances exist, and are to be
    /// found under the name that they have.
    /// </summary>
    public static bool IsUid(string? value) => value is null || DicomUID.IsValid(value, allowLeadingZeros: true);
}
