namespace SecureStore.Silo.DicomWeb;

/// <summary>The section DicomWeb of the configuration.</summary>
public sealed class DicomWebOptions
{
    public const string Section = "DicomWeb";

    /// <summary>
    /// Whether a request that names no transfer syntax asks for the default one of PS3.18 8.7.3 (Explicit VR Little Endian for
    /// whole instances) instead of the stored one.
    /// </summary>
    public bool StrictTransferSyntax { get; set; }

    /// <summary>Origins whose pages may call DICOMweb from a browser ("https://viewer.example"); none unless named.</summary>
    public IList<string> CorsOrigins { get; } = [];

    /// <summary>Most parts in one STOW-RS request.</summary>
    public int MaxParts { get; set; } = 100_000;
}
