using SecureStore.Dicom;
using SecureStore.Dicom.Network;

namespace SecureStore.Client.Dimse;

/// <summary>What is proposed to have instances sent back by C-GET: each SOP class with a context for each transfer syntax, so that what is stored need not be changed.</summary>
static class StorageContexts
{
    /// <summary>As many as an association has room for, those in use most first.</summary>
    static readonly string[] Syntaxes =
    [
        .. new[]
        {
            DicomTransferSyntax.ExplicitVRLittleEndian, DicomTransferSyntax.ImplicitVRLittleEndian, DicomTransferSyntax.JPEGLosslessSV1,
            DicomTransferSyntax.JPEG2000Lossless, DicomTransferSyntax.JPEGBaseline8Bit, DicomTransferSyntax.JPEGLSLossless, DicomTransferSyntax.RLELossless,
            DicomTransferSyntax.JPEG2000, DicomTransferSyntax.JPEGExtended12Bit, DicomTransferSyntax.JPEGLSNearLossless, DicomTransferSyntax.JPEGLossless,
            DicomTransferSyntax.ExplicitVRBigEndian, DicomTransferSyntax.DeflatedExplicitVRLittleEndian, DicomTransferSyntax.MPEG4HP41,
            DicomTransferSyntax.MPEG2MPML, DicomTransferSyntax.HTJ2KLossless, DicomTransferSyntax.HTJ2K, DicomTransferSyntax.HTJ2KLosslessRPCL,
            DicomTransferSyntax.MPEG2MPMLF, DicomTransferSyntax.MPEG4HP41F, DicomTransferSyntax.MPEG4HP41BD, DicomTransferSyntax.HEVCMP51,
        }.Select(syntax => syntax.UID),
    ];

    /// <summary>Storage SOP classes for a source that does not say which it has.</summary>
    static readonly string[] Common =
    [
        .. new[]
        {
            DicomUID.CTImageStorage, DicomUID.MRImageStorage, DicomUID.ComputedRadiographyImageStorage, DicomUID.DigitalXRayImageStorageForPresentation,
            DicomUID.DigitalMammographyXRayImageStorageForPresentation, DicomUID.UltrasoundImageStorage, DicomUID.UltrasoundMultiFrameImageStorage,
            DicomUID.SecondaryCaptureImageStorage, DicomUID.XRayAngiographicImageStorage, DicomUID.XRayRadiofluoroscopicImageStorage,
            DicomUID.NuclearMedicineImageStorage, DicomUID.PositronEmissionTomographyImageStorage, DicomUID.EnhancedCTImageStorage,
            DicomUID.EnhancedMRImageStorage, DicomUID.BasicTextSRStorage, DicomUID.EnhancedSRStorage, DicomUID.ComprehensiveSRStorage,
            DicomUID.GrayscaleSoftcopyPresentationStateStorage, DicomUID.EncapsulatedPDFStorage, DicomUID.RTImageStorage, DicomUID.RTDoseStorage,
        }.Select(one => one.UID),
    ];

    /// <param name="model">The information model's GET.</param>
    /// <param name="sopClasses">What is to come; null where it is not known.</param>
    /// <param name="roles">That the other end may send them.</param>
    public static IReadOnlyList<(string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes)> For(
        string model, IReadOnlyCollection<string?> sopClasses, out IReadOnlyList<DicomRoleSelection> roles)
    {
        string[] classes = sopClasses.Contains(null) ? Common : [.. sopClasses.OfType<string>().Distinct(StringComparer.Ordinal).Take(DimsePeer.MostContexts - 1)];
        var each = Math.Clamp((DimsePeer.MostContexts - 1) / Math.Max(1, classes.Length), 1, Syntaxes.Length);
        roles = [.. classes.Select(one => new DicomRoleSelection(one, IsUser: false, IsProvider: true))];
        return
        [
            (model, DimseQuery.Uncompressed),
            // With room for one context only, it takes any of them.
            .. classes.SelectMany(one => each == 1
                ? [(one, (IReadOnlyList<string>)Syntaxes)]
                : Syntaxes.Take(each).Select(syntax => (one, (IReadOnlyList<string>)[syntax]))),
        ];
    }
}
