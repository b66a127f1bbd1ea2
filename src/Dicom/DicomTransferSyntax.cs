using System.Collections.Frozen;

namespace SecureStore.Dicom;

/// <summary>A transfer syntax: how a data set is written as bytes (PS3.5 section 10, PS3.6 Table A-1).</summary>
public sealed class DicomTransferSyntax
{
    private static readonly List<DicomTransferSyntax> Known = [];

    private DicomTransferSyntax(
        string uid,
        string name,
        bool isExplicitVR = true,
        bool isBigEndian = false,
        bool isDeflated = false,
        bool isEncapsulated = false,
        bool isRetired = false)
    {
        (UID, Name, IsExplicitVR, IsBigEndian) = (uid, name, isExplicitVR, isBigEndian);
        (IsDeflated, IsEncapsulated, IsRetired) = (isDeflated, isEncapsulated, isRetired);
        Known.Add(this);
    }

    public string UID { get; }

    public string Name { get; }

    /// <summary>True where every element names its value representation (PS3.5 7.1.2).</summary>
    public bool IsExplicitVR { get; }

    public bool IsBigEndian { get; }

    /// <summary>True where the data set after group 0002 is one raw deflate stream (PS3.5 A.5).</summary>
    public bool IsDeflated { get; }

    /// <summary>True where Pixel Data is a sequence of fragments (PS3.5 A.4).</summary>
    public bool IsEncapsulated { get; }

    /// <summary>True where PS3.6 marks it as retired; such files are still read.</summary>
    public bool IsRetired { get; }

    public static readonly DicomTransferSyntax ImplicitVRLittleEndian =
        new("1.2.840.10008.1.2", "Implicit VR Little Endian", isExplicitVR: false);

    public static readonly DicomTransferSyntax ExplicitVRLittleEndian =
        new("1.2.840.10008.1.2.1", "Explicit VR Little Endian");

    public static readonly DicomTransferSyntax EncapsulatedUncompressedExplicitVRLittleEndian =
        new("1.2.840.10008.1.2.1.98", "Encapsulated Uncompressed Explicit VR Little Endian", isEncapsulated: true);

    public static readonly DicomTransferSyntax DeflatedExplicitVRLittleEndian =
        new("1.2.840.10008.1.2.1.99", "Deflated Explicit VR Little Endian", isDeflated: true);

    public static readonly DicomTransferSyntax ExplicitVRBigEndian =
        new("1.2.840.10008.1.2.2", "Explicit VR Big Endian", isBigEndian: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGBaseline8Bit =
        new("1.2.840.10008.1.2.4.50", "JPEG Baseline (Process 1)", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEGExtended12Bit =
        new("1.2.840.10008.1.2.4.51", "JPEG Extended (Process 2 and 4)", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEGExtended35 =
        new("1.2.840.10008.1.2.4.52", "JPEG Extended (Process 3 and 5)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGSpectralSelectionNonHierarchical68 =
        new("1.2.840.10008.1.2.4.53", "JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGSpectralSelectionNonHierarchical79 =
        new("1.2.840.10008.1.2.4.54", "JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGFullProgressionNonHierarchical1012 =
        new("1.2.840.10008.1.2.4.55", "JPEG Full Progression, Non-Hierarchical (Process 10 and 12)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGFullProgressionNonHierarchical1113 =
        new("1.2.840.10008.1.2.4.56", "JPEG Full Progression, Non-Hierarchical (Process 11 and 13)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGLossless =
        new("1.2.840.10008.1.2.4.57", "JPEG Lossless, Non-Hierarchical (Process 14)", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEGLosslessNonHierarchical15 =
        new("1.2.840.10008.1.2.4.58", "JPEG Lossless, Non-Hierarchical (Process 15)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGExtendedHierarchical1618 =
        new("1.2.840.10008.1.2.4.59", "JPEG Extended, Hierarchical (Process 16 and 18)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGExtendedHierarchical1719 =
        new("1.2.840.10008.1.2.4.60", "JPEG Extended, Hierarchical (Process 17 and 19)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGSpectralSelectionHierarchical2022 =
        new("1.2.840.10008.1.2.4.61", "JPEG Spectral Selection, Hierarchical (Process 20 and 22)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGSpectralSelectionHierarchical2123 =
        new("1.2.840.10008.1.2.4.62", "JPEG Spectral Selection, Hierarchical (Process 21 and 23)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGFullProgressionHierarchical2426 =
        new("1.2.840.10008.1.2.4.63", "JPEG Full Progression, Hierarchical (Process 24 and 26)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGFullProgressionHierarchical2527 =
        new("1.2.840.10008.1.2.4.64", "JPEG Full Progression, Hierarchical (Process 25 and 27)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGLosslessHierarchical28 =
        new("1.2.840.10008.1.2.4.65", "JPEG Lossless, Hierarchical (Process 28)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGLosslessHierarchical29 =
        new("1.2.840.10008.1.2.4.66", "JPEG Lossless, Hierarchical (Process 29)", isEncapsulated: true, isRetired: true);

    public static readonly DicomTransferSyntax JPEGLosslessSV1 =
        new("1.2.840.10008.1.2.4.70", "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEGLSLossless =
        new("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless Image Compression", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEGLSNearLossless =
        new("1.2.840.10008.1.2.4.81", "JPEG-LS Lossy (Near-Lossless) Image Compression", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEG2000Lossless =
        new("1.2.840.10008.1.2.4.90", "JPEG 2000 Image Compression (Lossless Only)", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEG2000 =
        new("1.2.840.10008.1.2.4.91", "JPEG 2000 Image Compression", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEG2000MCLossless =
        new("1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEG2000MC =
        new("1.2.840.10008.1.2.4.93", "JPEG 2000 Part 2 Multi-component Image Compression", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPIPReferenced =
        new("1.2.840.10008.1.2.4.94", "JPIP Referenced");

    public static readonly DicomTransferSyntax JPIPReferencedDeflate =
        new("1.2.840.10008.1.2.4.95", "JPIP Referenced Deflate", isDeflated: true);

    public static readonly DicomTransferSyntax MPEG2MPML =
        new("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile / Main Level", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG2MPMLF =
        new("1.2.840.10008.1.2.4.100.1", "Fragmentable MPEG2 Main Profile / Main Level", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG2MPHL =
        new("1.2.840.10008.1.2.4.101", "MPEG2 Main Profile / High Level", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG2MPHLF =
        new("1.2.840.10008.1.2.4.101.1", "Fragmentable MPEG2 Main Profile / High Level", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG4HP41 =
        new("1.2.840.10008.1.2.4.102", "MPEG-4 AVC/H.264 High Profile / Level 4.1", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG4HP41F =
        new("1.2.840.10008.1.2.4.102.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG4HP41BD =
        new("1.2.840.10008.1.2.4.103", "MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG4HP41BDF =
        new("1.2.840.10008.1.2.4.103.1", "Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG4HP422D =
        new("1.2.840.10008.1.2.4.104", "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG4HP422DF =
        new("1.2.840.10008.1.2.4.104.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG4HP423D =
        new("1.2.840.10008.1.2.4.105", "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG4HP423DF =
        new("1.2.840.10008.1.2.4.105.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG4HP42STEREO =
        new("1.2.840.10008.1.2.4.106", "MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2", isEncapsulated: true);

    public static readonly DicomTransferSyntax MPEG4HP42STEREOF =
        new("1.2.840.10008.1.2.4.106.1", "Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2", isEncapsulated: true);

    public static readonly DicomTransferSyntax HEVCMP51 =
        new("1.2.840.10008.1.2.4.107", "HEVC/H.265 Main Profile / Level 5.1", isEncapsulated: true);

    public static readonly DicomTransferSyntax HEVCM10P51 =
        new("1.2.840.10008.1.2.4.108", "HEVC/H.265 Main 10 Profile / Level 5.1", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEGXLLossless =
        new("1.2.840.10008.1.2.4.110", "JPEG XL Lossless", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEGXLJPEGRecompression =
        new("1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPEGXL =
        new("1.2.840.10008.1.2.4.112", "JPEG XL", isEncapsulated: true);

    public static readonly DicomTransferSyntax HTJ2KLossless =
        new("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Image Compression (Lossless Only)", isEncapsulated: true);

    public static readonly DicomTransferSyntax HTJ2KLosslessRPCL =
        new("1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)", isEncapsulated: true);

    public static readonly DicomTransferSyntax HTJ2K =
        new("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000 Image Compression", isEncapsulated: true);

    public static readonly DicomTransferSyntax JPIPHTJ2KReferenced =
        new("1.2.840.10008.1.2.4.204", "JPIP HTJ2K Referenced");

    public static readonly DicomTransferSyntax JPIPHTJ2KReferencedDeflate =
        new("1.2.840.10008.1.2.4.205", "JPIP HTJ2K Referenced Deflate", isDeflated: true);

    public static readonly DicomTransferSyntax RLELossless =
        new("1.2.840.10008.1.2.5", "RLE Lossless", isEncapsulated: true);

    public static readonly DicomTransferSyntax RFC2557MIMEEncapsulation =
        new("1.2.840.10008.1.2.6.1", "RFC 2557 MIME encapsulation", isRetired: true);

    public static readonly DicomTransferSyntax XMLEncoding =
        new("1.2.840.10008.1.2.6.2", "XML Encoding", isRetired: true);

    public static readonly DicomTransferSyntax SMPTEST211020UncompressedProgressiveActiveVideo =
        new("1.2.840.10008.1.2.7.1", "SMPTE ST 2110-20 Uncompressed Progressive Active Video");

    public static readonly DicomTransferSyntax SMPTEST211020UncompressedInterlacedActiveVideo =
        new("1.2.840.10008.1.2.7.2", "SMPTE ST 2110-20 Uncompressed Interlaced Active Video");

    public static readonly DicomTransferSyntax SMPTEST211030PCMDigitalAudio =
        new("1.2.840.10008.1.2.7.3", "SMPTE ST 2110-30 PCM Digital Audio");

    public static readonly DicomTransferSyntax DeflatedImageFrameCompression =
        new("1.2.840.10008.1.2.8.1", "Deflated Image Frame Compression", isEncapsulated: true);

    public static readonly DicomTransferSyntax Papyrus3ImplicitVRLittleEndian =
        new("1.2.840.10008.1.20", "Papyrus 3 Implicit VR Little Endian", isExplicitVR: false, isRetired: true);

    private static readonly FrozenDictionary<string, DicomTransferSyntax> ByUID =
        Known.ToFrozenDictionary(syntax => syntax.UID, StringComparer.Ordinal);

    /// <summary>All transfer syntaxes of PS3.6.</summary>
    public static IReadOnlyCollection<DicomTransferSyntax> All => ByUID.Values;

    /// <summary>The transfer syntax with this UID, or null where PS3.6 has none.</summary>
    public static DicomTransferSyntax? Find(string uid) => ByUID.GetValueOrDefault(uid);

    public override string ToString() => Name;
}
