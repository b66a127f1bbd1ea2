// Made by tools/DictionaryGenerator from its tables. Do not edit.

namespace SecureStore.Dicom;

public sealed partial record DicomUID
{
    /// <summary>1.2.840.10008.1.1 Verification SOP Class</summary>
    public static DicomUID Verification => Known(0);

    /// <summary>1.2.840.10008.1.2 Implicit VR Little Endian</summary>
    public static DicomUID ImplicitVRLittleEndian => Known(1);

    /// <summary>1.2.840.10008.1.2.1 Explicit VR Little Endian</summary>
    public static DicomUID ExplicitVRLittleEndian => Known(2);

    /// <summary>1.2.840.10008.1.2.1.98 Encapsulated Uncompressed Explicit VR Little Endian</summary>
    public static DicomUID EncapsulatedUncompressedExplicitVRLittleEndian => Known(3);

    /// <summary>1.2.840.10008.1.2.1.99 Deflated Explicit VR Little Endian</summary>
    public static DicomUID DeflatedExplicitVRLittleEndian => Known(4);

    /// <summary>1.2.840.10008.1.2.2 Explicit VR Big Endian, retired</summary>
    public static DicomUID ExplicitVRBigEndian => Known(5);

    /// <summary>1.2.840.10008.1.2.4.100 MPEG2 Main Profile / Main Level</summary>
    public static DicomUID MPEG2MPML => Known(6);

    /// <summary>1.2.840.10008.1.2.4.101 MPEG2 Main Profile / High Level</summary>
    public static DicomUID MPEG2MPHL => Known(7);

    /// <summary>1.2.840.10008.1.2.4.102 MPEG-4 AVC/H.264 High Profile / Level 4.1</summary>
    public static DicomUID MPEG4HP41 => Known(8);

    /// <summary>1.2.840.10008.1.2.4.103 MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1</summary>
    public static DicomUID MPEG4HP41BD => Known(9);

    /// <summary>1.2.840.10008.1.2.4.104 MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video</summary>
    public static DicomUID MPEG4HP422D => Known(10);

    /// <summary>1.2.840.10008.1.2.4.105 MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video</summary>
    public static DicomUID MPEG4HP423D => Known(11);

    /// <summary>1.2.840.10008.1.2.4.106 MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2</summary>
    public static DicomUID MPEG4HP42STEREO => Known(12);

    /// <summary>1.2.840.10008.1.2.4.107 HEVC/H.265 Main Profile / Level 5.1</summary>
    public static DicomUID HEVCMP51 => Known(13);

    /// <summary>1.2.840.10008.1.2.4.108 HEVC/H.265 Main 10 Profile / Level 5.1</summary>
    public static DicomUID HEVCM10P51 => Known(14);

    /// <summary>1.2.840.10008.1.2.4.110 JPEG XL Lossless</summary>
    public static DicomUID JPEGXLLossless => Known(15);

    /// <summary>1.2.840.10008.1.2.4.111 JPEG XL JPEG Recompression</summary>
    public static DicomUID JPEGXLJPEGRecompression => Known(16);

    /// <summary>1.2.840.10008.1.2.4.112 JPEG XL</summary>
    public static DicomUID JPEGXL => Known(17);

    /// <summary>1.2.840.10008.1.2.4.201 High-Throughput JPEG 2000 Image Compression (Lossless Only)</summary>
    public static DicomUID HTJ2KLossless => Known(18);

    /// <summary>1.2.840.10008.1.2.4.202 High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)</summary>
    public static DicomUID HTJ2KLosslessRPCL => Known(19);

    /// <summary>1.2.840.10008.1.2.4.203 High-Throughput JPEG 2000 Image Compression</summary>
    public static DicomUID HTJ2K => Known(20);

    /// <summary>1.2.840.10008.1.2.4.204 JPIP HTJ2K Referenced</summary>
    public static DicomUID JPIPHTJ2KReferenced => Known(21);

    /// <summary>1.2.840.10008.1.2.4.205 JPIP HTJ2K Referenced Deflate</summary>
    public static DicomUID JPIPHTJ2KReferencedDeflate => Known(22);

    /// <summary>1.2.840.10008.1.2.4.50 JPEG Baseline (Process 1)</summary>
    public static DicomUID JPEGBaseline8Bit => Known(23);

    /// <summary>1.2.840.10008.1.2.4.51 JPEG Extended (Process 2 and 4)</summary>
    public static DicomUID JPEGExtended12Bit => Known(24);

    /// <summary>1.2.840.10008.1.2.4.52 JPEG Extended (Process 3 and 5), retired</summary>
    public static DicomUID JPEGExtended35 => Known(25);

    /// <summary>1.2.840.10008.1.2.4.53 JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8), retired</summary>
    public static DicomUID JPEGSpectralSelectionNonHierarchical68 => Known(26);

    /// <summary>1.2.840.10008.1.2.4.54 JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9), retired</summary>
    public static DicomUID JPEGSpectralSelectionNonHierarchical79 => Known(27);

    /// <summary>1.2.840.10008.1.2.4.55 JPEG Full Progression, Non-Hierarchical (Process 10 and 12), retired</summary>
    public static DicomUID JPEGFullProgressionNonHierarchical1012 => Known(28);

    /// <summary>1.2.840.10008.1.2.4.56 JPEG Full Progression, Non-Hierarchical (Process 11 and 13), retired</summary>
    public static DicomUID JPEGFullProgressionNonHierarchical1113 => Known(29);

    /// <summary>1.2.840.10008.1.2.4.57 JPEG Lossless, Non-Hierarchical (Process 14)</summary>
    public static DicomUID JPEGLossless => Known(30);

    /// <summary>1.2.840.10008.1.2.4.58 JPEG Lossless, Non-Hierarchical (Process 15), retired</summary>
    public static DicomUID JPEGLosslessNonHierarchical15 => Known(31);

    /// <summary>1.2.840.10008.1.2.4.59 JPEG Extended, Hierarchical (Process 16 and 18), retired</summary>
    public static DicomUID JPEGExtendedHierarchical1618 => Known(32);

    /// <summary>1.2.840.10008.1.2.4.60 JPEG Extended, Hierarchical (Process 17 and 19), retired</summary>
    public static DicomUID JPEGExtendedHierarchical1719 => Known(33);

    /// <summary>1.2.840.10008.1.2.4.61 JPEG Spectral Selection, Hierarchical (Process 20 and 22), retired</summary>
    public static DicomUID JPEGSpectralSelectionHierarchical2022 => Known(34);

    /// <summary>1.2.840.10008.1.2.4.62 JPEG Spectral Selection, Hierarchical (Process 21 and 23), retired</summary>
    public static DicomUID JPEGSpectralSelectionHierarchical2123 => Known(35);

    /// <summary>1.2.840.10008.1.2.4.63 JPEG Full Progression, Hierarchical (Process 24 and 26), retired</summary>
    public static DicomUID JPEGFullProgressionHierarchical2426 => Known(36);

    /// <summary>1.2.840.10008.1.2.4.64 JPEG Full Progression, Hierarchical (Process 25 and 27), retired</summary>
    public static DicomUID JPEGFullProgressionHierarchical2527 => Known(37);

    /// <summary>1.2.840.10008.1.2.4.65 JPEG Lossless, Hierarchical (Process 28), retired</summary>
    public static DicomUID JPEGLosslessHierarchical28 => Known(38);

    /// <summary>1.2.840.10008.1.2.4.66 JPEG Lossless, Hierarchical (Process 29), retired</summary>
    public static DicomUID JPEGLosslessHierarchical29 => Known(39);

    /// <summary>1.2.840.10008.1.2.4.70 JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])</summary>
    public static DicomUID JPEGLosslessSV1 => Known(40);

    /// <summary>1.2.840.10008.1.2.4.80 JPEG-LS Lossless Image Compression</summary>
    public static DicomUID JPEGLSLossless => Known(41);

    /// <summary>1.2.840.10008.1.2.4.81 JPEG-LS Lossy (Near-Lossless) Image Compression</summary>
    public static DicomUID JPEGLSNearLossless => Known(42);

    /// <summary>1.2.840.10008.1.2.4.90 JPEG 2000 Image Compression (Lossless Only)</summary>
    public static DicomUID JPEG2000Lossless => Known(43);

    /// <summary>1.2.840.10008.1.2.4.91 JPEG 2000 Image Compression</summary>
    public static DicomUID JPEG2000 => Known(44);

    /// <summary>1.2.840.10008.1.2.4.92 JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)</summary>
    public static DicomUID JPEG2000MCLossless => Known(45);

    /// <summary>1.2.840.10008.1.2.4.93 JPEG 2000 Part 2 Multi-component Image Compression</summary>
    public static DicomUID JPEG2000MC => Known(46);

    /// <summary>1.2.840.10008.1.2.4.94 JPIP Referenced</summary>
    public static DicomUID JPIPReferenced => Known(47);

    /// <summary>1.2.840.10008.1.2.4.95 JPIP Referenced Deflate</summary>
    public static DicomUID JPIPReferencedDeflate => Known(48);

    /// <summary>1.2.840.10008.1.2.5 RLE Lossless</summary>
    public static DicomUID RLELossless => Known(49);

    /// <summary>1.2.840.10008.1.2.6.1 RFC 2557 MIME encapsulation, retired</summary>
    public static DicomUID RFC2557MIMEEncapsulation => Known(50);

    /// <summary>1.2.840.10008.1.2.6.2 XML Encoding, retired</summary>
    public static DicomUID XMLEncoding => Known(51);

    /// <summary>1.2.840.10008.1.2.7.1 SMPTE ST 2110-20 Uncompressed Progressive Active Video</summary>
    public static DicomUID SMPTEST211020UncompressedProgressiveActiveVideo => Known(52);

    /// <summary>1.2.840.10008.1.2.7.2 SMPTE ST 2110-20 Uncompressed Interlaced Active Video</summary>
    public static DicomUID SMPTEST211020UncompressedInterlacedActiveVideo => Known(53);

    /// <summary>1.2.840.10008.1.2.7.3 SMPTE ST 2110-30 PCM Digital Audio</summary>
    public static DicomUID SMPTEST211030PCMDigitalAudio => Known(54);

    /// <summary>1.2.840.10008.1.2.8.1 Deflated Image Frame Compression</summary>
    public static DicomUID DeflatedImageFrameCompression => Known(55);

    /// <summary>1.2.840.10008.1.20 Papyrus 3 Implicit VR Little Endian, retired</summary>
    public static DicomUID Papyrus3ImplicitVRLittleEndian => Known(56);

    /// <summary>1.2.840.10008.1.20.1 Storage Commitment Push Model SOP Class</summary>
    public static DicomUID StorageCommitmentPushModel => Known(57);

    /// <summary>1.2.840.10008.1.20.1.1 Storage Commitment Push Model SOP Instance</summary>
    public static DicomUID StorageCommitmentPushModelInstance => Known(58);

    /// <summary>1.2.840.10008.1.20.2 Storage Commitment Pull Model SOP Class, retired</summary>
    public static DicomUID StorageCommitmentPullModel => Known(59);

    /// <summary>1.2.840.10008.1.20.2.1 Storage Commitment Pull Model SOP Instance, retired</summary>
    public static DicomUID StorageCommitmentPullModelInstance => Known(60);

    /// <summary>1.2.840.10008.1.3.10 Media Storage Directory Storage</summary>
    public static DicomUID MediaStorageDirectoryStorage => Known(61);

    /// <summary>1.2.840.10008.1.4.1.1 Talairach Brain Atlas Frame of Reference</summary>
    public static DicomUID TalairachBrainAtlas => Known(62);

    /// <summary>1.2.840.10008.1.4.1.10 SPM2 GRAY Frame of Reference</summary>
    public static DicomUID SPM2GRAY => Known(63);

    /// <summary>1.2.840.10008.1.4.1.11 SPM2 WHITE Frame of Reference</summary>
    public static DicomUID SPM2WHITE => Known(64);

    /// <summary>1.2.840.10008.1.4.1.12 SPM2 CSF Frame of Reference</summary>
    public static DicomUID SPM2CSF => Known(65);

    /// <summary>1.2.840.10008.1.4.1.13 SPM2 BRAINMASK Frame of Reference</summary>
    public static DicomUID SPM2BRAINMASK => Known(66);

    /// <summary>1.2.840.10008.1.4.1.14 SPM2 AVG305T1 Frame of Reference</summary>
    public static DicomUID SPM2AVG305T1 => Known(67);

    /// <summary>1.2.840.10008.1.4.1.15 SPM2 AVG152T1 Frame of Reference</summary>
    public static DicomUID SPM2AVG152T1 => Known(68);

    /// <summary>1.2.840.10008.1.4.1.16 SPM2 AVG152T2 Frame of Reference</summary>
    public static DicomUID SPM2AVG152T2 => Known(69);

    /// <summary>1.2.840.10008.1.4.1.17 SPM2 AVG152PD Frame of Reference</summary>
    public static DicomUID SPM2AVG152PD => Known(70);

    /// <summary>1.2.840.10008.1.4.1.18 SPM2 SINGLESUBJT1 Frame of Reference</summary>
    public static DicomUID SPM2SINGLESUBJT1 => Known(71);

    /// <summary>1.2.840.10008.1.4.1.2 SPM2 T1 Frame of Reference</summary>
    public static DicomUID SPM2T1 => Known(72);

    /// <summary>1.2.840.10008.1.4.1.3 SPM2 T2 Frame of Reference</summary>
    public static DicomUID SPM2T2 => Known(73);

    /// <summary>1.2.840.10008.1.4.1.4 SPM2 PD Frame of Reference</summary>
    public static DicomUID SPM2PD => Known(74);

    /// <summary>1.2.840.10008.1.4.1.5 SPM2 EPI Frame of Reference</summary>
    public static DicomUID SPM2EPI => Known(75);

    /// <summary>1.2.840.10008.1.4.1.6 SPM2 FIL T1 Frame of Reference</summary>
    public static DicomUID SPM2FILT1 => Known(76);

    /// <summary>1.2.840.10008.1.4.1.7 SPM2 PET Frame of Reference</summary>
    public static DicomUID SPM2PET => Known(77);

    /// <summary>1.2.840.10008.1.4.1.8 SPM2 TRANSM Frame of Reference</summary>
    public static DicomUID SPM2TRANSM => Known(78);

    /// <summary>1.2.840.10008.1.4.1.9 SPM2 SPECT Frame of Reference</summary>
    public static DicomUID SPM2SPECT => Known(79);

    /// <summary>1.2.840.10008.1.4.2.1 ICBM 452 T1 Frame of Reference</summary>
    public static DicomUID ICBM452T1 => Known(80);

    /// <summary>1.2.840.10008.1.4.2.2 ICBM Single Subject MRI Frame of Reference</summary>
    public static DicomUID ICBMSingleSubjectMRI => Known(81);

    /// <summary>1.2.840.10008.1.4.3.1 IEC 61217 Fixed Coordinate System Frame of Reference</summary>
    public static DicomUID IEC61217FixedCoordinateSystem => Known(82);

    /// <summary>1.2.840.10008.1.4.3.2 Standard Robotic-Arm Coordinate System Frame of Reference</summary>
    public static DicomUID StandardRoboticArmCoordinateSystem => Known(83);

    /// <summary>1.2.840.10008.1.4.3.3 IEC 61217 Table Top Coordinate System Frame of Reference</summary>
    public static DicomUID IEC61217TableTopCoordinateSystem => Known(84);

    /// <summary>1.2.840.10008.1.4.4.1 SRI24 Frame of Reference</summary>
    public static DicomUID SRI24 => Known(85);

    /// <summary>1.2.840.10008.1.4.5.1 Colin27 Frame of Reference</summary>
    public static DicomUID Colin27 => Known(86);

    /// <summary>1.2.840.10008.1.4.6.1 LPBA40/AIR Frame of Reference</summary>
    public static DicomUID LPBA40AIR => Known(87);

    /// <summary>1.2.840.10008.1.4.6.2 LPBA40/FLIRT Frame of Reference</summary>
    public static DicomUID LPBA40FLIRT => Known(88);

    /// <summary>1.2.840.10008.1.4.6.3 LPBA40/SPM5 Frame of Reference</summary>
    public static DicomUID LPBA40SPM5 => Known(89);

    /// <summary>1.2.840.10008.1.40 Procedural Event Logging SOP Class</summary>
    public static DicomUID ProceduralEventLogging => Known(90);

    /// <summary>1.2.840.10008.1.40.1 Procedural Event Logging SOP Instance</summary>
    public static DicomUID ProceduralEventLoggingInstance => Known(91);

    /// <summary>1.2.840.10008.1.42 Substance Administration Logging SOP Class</summary>
    public static DicomUID SubstanceAdministrationLogging => Known(92);

    /// <summary>1.2.840.10008.1.42.1 Substance Administration Logging SOP Instance</summary>
    public static DicomUID SubstanceAdministrationLoggingInstance => Known(93);

    /// <summary>1.2.840.10008.1.5.1 Hot Iron Color Palette SOP Instance</summary>
    public static DicomUID HotIronPalette => Known(94);

    /// <summary>1.2.840.10008.1.5.2 PET Color Palette SOP Instance</summary>
    public static DicomUID PETPalette => Known(95);

    /// <summary>1.2.840.10008.1.5.3 Hot Metal Blue Color Palette SOP Instance</summary>
    public static DicomUID HotMetalBluePalette => Known(96);

    /// <summary>1.2.840.10008.1.5.4 PET 20 Step Color Palette SOP Instance</summary>
    public static DicomUID PET20StepPalette => Known(97);

    /// <summary>1.2.840.10008.1.5.5 Spring Color Palette SOP Instance</summary>
    public static DicomUID SpringPalette => Known(98);

    /// <summary>1.2.840.10008.1.5.6 Summer Color Palette SOP Instance</summary>
    public static DicomUID SummerPalette => Known(99);

    /// <summary>1.2.840.10008.1.5.7 Fall Color Palette SOP Instance</summary>
    public static DicomUID FallPalette => Known(100);

    /// <summary>1.2.840.10008.1.5.8 Winter Color Palette SOP Instance</summary>
    public static DicomUID WinterPalette => Known(101);

    /// <summary>1.2.840.10008.1.9 Basic Study Content Notification SOP Class, retired</summary>
    public static DicomUID BasicStudyContentNotification => Known(102);

    /// <summary>1.2.840.10008.10.1 Video Endoscopic Image Real-Time Communication</summary>
    public static DicomUID VideoEndoscopicImageRealTimeCommunication => Known(103);

    /// <summary>1.2.840.10008.10.2 Video Photographic Image Real-Time Communication</summary>
    public static DicomUID VideoPhotographicImageRealTimeCommunication => Known(104);

    /// <summary>1.2.840.10008.10.3 Audio Waveform Real-Time Communication</summary>
    public static DicomUID AudioWaveformRealTimeCommunication => Known(105);

    /// <summary>1.2.840.10008.10.4 Rendition Selection Document Real-Time Communication</summary>
    public static DicomUID RenditionSelectionDocumentRealTimeCommunication => Known(106);

    /// <summary>1.2.840.10008.15.0.3.1 dicomDeviceName</summary>
    public static DicomUID dicomDeviceName => Known(107);

    /// <summary>1.2.840.10008.15.0.3.10 dicomAssociationInitiator</summary>
    public static DicomUID dicomAssociationInitiator => Known(108);

    /// <summary>1.2.840.10008.15.0.3.11 dicomAssociationAcceptor</summary>
    public static DicomUID dicomAssociationAcceptor => Known(109);

    /// <summary>1.2.840.10008.15.0.3.12 dicomHostname</summary>
    public static DicomUID dicomHostname => Known(110);

    /// <summary>1.2.840.10008.15.0.3.13 dicomPort</summary>
    public static DicomUID dicomPort => Known(111);

    /// <summary>1.2.840.10008.15.0.3.14 dicomSOPClass</summary>
    public static DicomUID dicomSOPClass => Known(112);

    /// <summary>1.2.840.10008.15.0.3.15 dicomTransferRole</summary>
    public static DicomUID dicomTransferRole => Known(113);

    /// <summary>1.2.840.10008.15.0.3.16 dicomTransferSyntax</summary>
    public static DicomUID dicomTransferSyntax => Known(114);

    /// <summary>1.2.840.10008.15.0.3.17 dicomPrimaryDeviceType</summary>
    public static DicomUID dicomPrimaryDeviceType => Known(115);

    /// <summary>1.2.840.10008.15.0.3.18 dicomRelatedDeviceReference</summary>
    public static DicomUID dicomRelatedDeviceReference => Known(116);

    /// <summary>1.2.840.10008.15.0.3.19 dicomPreferredCalledAETitle</summary>
    public static DicomUID dicomPreferredCalledAETitle => Known(117);

    /// <summary>1.2.840.10008.15.0.3.2 dicomDescription</summary>
    public static DicomUID dicomDescription => Known(118);

    /// <summary>1.2.840.10008.15.0.3.20 dicomTLSCyphersuite</summary>
    public static DicomUID dicomTLSCyphersuite => Known(119);

    /// <summary>1.2.840.10008.15.0.3.21 dicomAuthorizedNodeCertificateReference</summary>
    public static DicomUID dicomAuthorizedNodeCertificateReference => Known(120);

    /// <summary>1.2.840.10008.15.0.3.22 dicomThisNodeCertificateReference</summary>
    public static DicomUID dicomThisNodeCertificateReference => Known(121);

    /// <summary>1.2.840.10008.15.0.3.23 dicomInstalled</summary>
    public static DicomUID dicomInstalled => Known(122);

    /// <summary>1.2.840.10008.15.0.3.24 dicomStationName</summary>
    public static DicomUID dicomStationName => Known(123);

    /// <summary>1.2.840.10008.15.0.3.25 dicomDeviceSerialNumber</summary>
    public static DicomUID dicomDeviceSerialNumber => Known(124);

    /// <summary>1.2.840.10008.15.0.3.26 dicomInstitutionName</summary>
    public static DicomUID dicomInstitutionName => Known(125);

    /// <summary>1.2.840.10008.15.0.3.27 dicomInstitutionAddress</summary>
    public static DicomUID dicomInstitutionAddress => Known(126);

    /// <summary>1.2.840.10008.15.0.3.28 dicomInstitutionDepartmentName</summary>
    public static DicomUID dicomInstitutionDepartmentName => Known(127);

    /// <summary>1.2.840.10008.15.0.3.29 dicomIssuerOfPatientID</summary>
    public static DicomUID dicomIssuerOfPatientID => Known(128);

    /// <summary>1.2.840.10008.15.0.3.3 dicomManufacturer</summary>
    public static DicomUID dicomManufacturer => Known(129);

    /// <summary>1.2.840.10008.15.0.3.30 dicomPreferredCallingAETitle</summary>
    public static DicomUID dicomPreferredCallingAETitle => Known(130);

    /// <summary>1.2.840.10008.15.0.3.31 dicomSupportedCharacterSet</summary>
    public static DicomUID dicomSupportedCharacterSet => Known(131);

    /// <summary>1.2.840.10008.15.0.3.4 dicomManufacturerModelName</summary>
    public static DicomUID dicomManufacturerModelName => Known(132);

    /// <summary>1.2.840.10008.15.0.3.5 dicomSoftwareVersion</summary>
    public static DicomUID dicomSoftwareVersion => Known(133);

    /// <summary>1.2.840.10008.15.0.3.6 dicomVendorData</summary>
    public static DicomUID dicomVendorData => Known(134);

    /// <summary>1.2.840.10008.15.0.3.7 dicomAETitle</summary>
    public static DicomUID dicomAETitle => Known(135);

    /// <summary>1.2.840.10008.15.0.3.8 dicomNetworkConnectionReference</summary>
    public static DicomUID dicomNetworkConnectionReference => Known(136);

    /// <summary>1.2.840.10008.15.0.3.9 dicomApplicationCluster</summary>
    public static DicomUID dicomApplicationCluster => Known(137);

    /// <summary>1.2.840.10008.15.0.4.1 dicomConfigurationRoot</summary>
    public static DicomUID dicomConfigurationRoot => Known(138);

    /// <summary>1.2.840.10008.15.0.4.2 dicomDevicesRoot</summary>
    public static DicomUID dicomDevicesRoot => Known(139);

    /// <summary>1.2.840.10008.15.0.4.3 dicomUniqueAETitlesRegistryRoot</summary>
    public static DicomUID dicomUniqueAETitlesRegistryRoot => Known(140);

    /// <summary>1.2.840.10008.15.0.4.4 dicomDevice</summary>
    public static DicomUID dicomDevice => Known(141);

    /// <summary>1.2.840.10008.15.0.4.5 dicomNetworkAE</summary>
    public static DicomUID dicomNetworkAE => Known(142);

    /// <summary>1.2.840.10008.15.0.4.6 dicomNetworkConnection</summary>
    public static DicomUID dicomNetworkConnection => Known(143);

    /// <summary>1.2.840.10008.15.0.4.7 dicomUniqueAETitle</summary>
    public static DicomUID dicomUniqueAETitle => Known(144);

    /// <summary>1.2.840.10008.15.0.4.8 dicomTransferCapability</summary>
    public static DicomUID dicomTransferCapability => Known(145);

    /// <summary>1.2.840.10008.15.1.1 Universal Coordinated Time</summary>
    public static DicomUID UTC => Known(146);

    /// <summary>1.2.840.10008.2.16.10 Dublin Core</summary>
    public static DicomUID DC => Known(147);

    /// <summary>1.2.840.10008.2.16.11 New York University Melanoma Clinical Cooperative Group</summary>
    public static DicomUID NYUMCCG => Known(148);

    /// <summary>1.2.840.10008.2.16.12 Mayo Clinic Non-radiological Images Specific Body Structure Anatomical Surface Region Guide</summary>
    public static DicomUID MAYONRISBSASRG => Known(149);

    /// <summary>1.2.840.10008.2.16.13 Image Biomarker Standardisation Initiative</summary>
    public static DicomUID IBSI => Known(150);

    /// <summary>1.2.840.10008.2.16.14 Radiomics Ontology</summary>
    public static DicomUID RO => Known(151);

    /// <summary>1.2.840.10008.2.16.15 RadElement</summary>
    public static DicomUID RADELEMENT => Known(152);

    /// <summary>1.2.840.10008.2.16.16 ICD-11</summary>
    public static DicomUID I11 => Known(153);

    /// <summary>1.2.840.10008.2.16.17 Unified numbering system (UNS) for metals and alloys</summary>
    public static DicomUID UNS => Known(154);

    /// <summary>1.2.840.10008.2.16.18 Research Resource Identification</summary>
    public static DicomUID RRID => Known(155);

    /// <summary>1.2.840.10008.2.16.4 DICOM Controlled Terminology</summary>
    public static DicomUID DCM => Known(156);

    /// <summary>1.2.840.10008.2.16.5 Adult Mouse Anatomy Ontology</summary>
    public static DicomUID MA => Known(157);

    /// <summary>1.2.840.10008.2.16.6 Uberon Ontology</summary>
    public static DicomUID UBERON => Known(158);

    /// <summary>1.2.840.10008.2.16.7 Integrated Taxonomic Information System (ITIS) Taxonomic Serial Number (TSN)</summary>
    public static DicomUID ITIS_TSN => Known(159);

    /// <summary>1.2.840.10008.2.16.8 Mouse Genome Initiative (MGI)</summary>
    public static DicomUID MGI => Known(160);

    /// <summary>1.2.840.10008.2.16.9 PubChem Compound CID</summary>
    public static DicomUID PUBCHEM_CID => Known(161);

    /// <summary>1.2.840.10008.2.6.1 DICOM UID Registry</summary>
    public static DicomUID DCMUID => Known(162);

    /// <summary>1.2.840.10008.3.1.1.1 DICOM Application Context Name</summary>
    public static DicomUID DICOMApplicationContext => Known(163);

    /// <summary>1.2.840.10008.3.1.2.1.1 Detached Patient Management SOP Class, retired</summary>
    public static DicomUID DetachedPatientManagement => Known(164);

    /// <summary>1.2.840.10008.3.1.2.1.4 Detached Patient Management Meta SOP Class, retired</summary>
    public static DicomUID DetachedPatientManagementMeta => Known(165);

    /// <summary>1.2.840.10008.3.1.2.2.1 Detached Visit Management SOP Class, retired</summary>
    public static DicomUID DetachedVisitManagement => Known(166);

    /// <summary>1.2.840.10008.3.1.2.3.1 Detached Study Management SOP Class, retired</summary>
    public static DicomUID DetachedStudyManagement => Known(167);

    /// <summary>1.2.840.10008.3.1.2.3.2 Study Component Management SOP Class, retired</summary>
    public static DicomUID StudyComponentManagement => Known(168);

    /// <summary>1.2.840.10008.3.1.2.3.3 Modality Performed Procedure Step SOP Class</summary>
    public static DicomUID ModalityPerformedProcedureStep => Known(169);

    /// <summary>1.2.840.10008.3.1.2.3.4 Modality Performed Procedure Step Retrieve SOP Class</summary>
    public static DicomUID ModalityPerformedProcedureStepRetrieve => Known(170);

    /// <summary>1.2.840.10008.3.1.2.3.5 Modality Performed Procedure Step Notification SOP Class</summary>
    public static DicomUID ModalityPerformedProcedureStepNotification => Known(171);

    /// <summary>1.2.840.10008.3.1.2.5.1 Detached Results Management SOP Class, retired</summary>
    public static DicomUID DetachedResultsManagement => Known(172);

    /// <summary>1.2.840.10008.3.1.2.5.4 Detached Results Management Meta SOP Class, retired</summary>
    public static DicomUID DetachedResultsManagementMeta => Known(173);

    /// <summary>1.2.840.10008.3.1.2.5.5 Detached Study Management Meta SOP Class, retired</summary>
    public static DicomUID DetachedStudyManagementMeta => Known(174);

    /// <summary>1.2.840.10008.3.1.2.6.1 Detached Interpretation Management SOP Class, retired</summary>
    public static DicomUID DetachedInterpretationManagement => Known(175);

    /// <summary>1.2.840.10008.4.2 Storage Service Class</summary>
    public static DicomUID Storage => Known(176);

    /// <summary>1.2.840.10008.5.1.1.1 Basic Film Session SOP Class</summary>
    public static DicomUID BasicFilmSession => Known(177);

    /// <summary>1.2.840.10008.5.1.1.14 Print Job SOP Class</summary>
    public static DicomUID PrintJob => Known(178);

    /// <summary>1.2.840.10008.5.1.1.15 Basic Annotation Box SOP Class</summary>
    public static DicomUID BasicAnnotationBox => Known(179);

    /// <summary>1.2.840.10008.5.1.1.16 Printer SOP Class</summary>
    public static DicomUID Printer => Known(180);

    /// <summary>1.2.840.10008.5.1.1.16.376 Printer Configuration Retrieval SOP Class</summary>
    public static DicomUID PrinterConfigurationRetrieval => Known(181);

    /// <summary>1.2.840.10008.5.1.1.17 Printer SOP Instance</summary>
    public static DicomUID PrinterInstance => Known(182);

    /// <summary>1.2.840.10008.5.1.1.17.376 Printer Configuration Retrieval SOP Instance</summary>
    public static DicomUID PrinterConfigurationRetrievalInstance => Known(183);

    /// <summary>1.2.840.10008.5.1.1.18 Basic Color Print Management Meta SOP Class</summary>
    public static DicomUID BasicColorPrintManagementMeta => Known(184);

    /// <summary>1.2.840.10008.5.1.1.18.1 Referenced Color Print Management Meta SOP Class, retired</summary>
    public static DicomUID ReferencedColorPrintManagementMeta => Known(185);

    /// <summary>1.2.840.10008.5.1.1.2 Basic Film Box SOP Class</summary>
    public static DicomUID BasicFilmBox => Known(186);

    /// <summary>1.2.840.10008.5.1.1.22 VOI LUT Box SOP Class</summary>
    public static DicomUID VOILUTBox => Known(187);

    /// <summary>1.2.840.10008.5.1.1.23 Presentation LUT SOP Class</summary>
    public static DicomUID PresentationLUT => Known(188);

    /// <summary>1.2.840.10008.5.1.1.24 Image Overlay Box SOP Class, retired</summary>
    public static DicomUID ImageOverlayBox => Known(189);

    /// <summary>1.2.840.10008.5.1.1.24.1 Basic Print Image Overlay Box SOP Class, retired</summary>
    public static DicomUID BasicPrintImageOverlayBox => Known(190);

    /// <summary>1.2.840.10008.5.1.1.25 Print Queue SOP Instance, retired</summary>
    public static DicomUID PrintQueue => Known(191);

    /// <summary>1.2.840.10008.5.1.1.26 Print Queue Management SOP Class, retired</summary>
    public static DicomUID PrintQueueManagement => Known(192);

    /// <summary>1.2.840.10008.5.1.1.27 Stored Print Storage SOP Class, retired</summary>
    public static DicomUID StoredPrintStorage => Known(193);

    /// <summary>1.2.840.10008.5.1.1.29 Hardcopy Grayscale Image Storage SOP Class, retired</summary>
    public static DicomUID HardcopyGrayscaleImageStorage => Known(194);

    /// <summary>1.2.840.10008.5.1.1.30 Hardcopy Color Image Storage SOP Class, retired</summary>
    public static DicomUID HardcopyColorImageStorage => Known(195);

    /// <summary>1.2.840.10008.5.1.1.31 Pull Print Request SOP Class, retired</summary>
    public static DicomUID PullPrintRequest => Known(196);

    /// <summary>1.2.840.10008.5.1.1.32 Pull Stored Print Management Meta SOP Class, retired</summary>
    public static DicomUID PullStoredPrintManagementMeta => Known(197);

    /// <summary>1.2.840.10008.5.1.1.33 Media Creation Management SOP Class UID</summary>
    public static DicomUID MediaCreationManagement => Known(198);

    /// <summary>1.2.840.10008.5.1.1.4 Basic Grayscale Image Box SOP Class</summary>
    public static DicomUID BasicGrayscaleImageBox => Known(199);

    /// <summary>1.2.840.10008.5.1.1.4.1 Basic Color Image Box SOP Class</summary>
    public static DicomUID BasicColorImageBox => Known(200);

    /// <summary>1.2.840.10008.5.1.1.4.2 Referenced Image Box SOP Class, retired</summary>
    public static DicomUID ReferencedImageBox => Known(201);

    /// <summary>1.2.840.10008.5.1.1.40 Display System SOP Class</summary>
    public static DicomUID DisplaySystem => Known(202);

    /// <summary>1.2.840.10008.5.1.1.40.1 Display System SOP Instance</summary>
    public static DicomUID DisplaySystemInstance => Known(203);

    /// <summary>1.2.840.10008.5.1.1.9 Basic Grayscale Print Management Meta SOP Class</summary>
    public static DicomUID BasicGrayscalePrintManagementMeta => Known(204);

    /// <summary>1.2.840.10008.5.1.1.9.1 Referenced Grayscale Print Management Meta SOP Class, retired</summary>
    public static DicomUID ReferencedGrayscalePrintManagementMeta => Known(205);

    /// <summary>1.2.840.10008.5.1.4.1.1.1 Computed Radiography Image Storage</summary>
    public static DicomUID ComputedRadiographyImageStorage => Known(206);

    /// <summary>1.2.840.10008.5.1.4.1.1.1.1 Digital X-Ray Image Storage - For Presentation</summary>
    public static DicomUID DigitalXRayImageStorageForPresentation => Known(207);

    /// <summary>1.2.840.10008.5.1.4.1.1.1.1.1 Digital X-Ray Image Storage - For Processing</summary>
    public static DicomUID DigitalXRayImageStorageForProcessing => Known(208);

    /// <summary>1.2.840.10008.5.1.4.1.1.1.2 Digital Mammography X-Ray Image Storage - For Presentation</summary>
    public static DicomUID DigitalMammographyXRayImageStorageForPresentation => Known(209);

    /// <summary>1.2.840.10008.5.1.4.1.1.1.2.1 Digital Mammography X-Ray Image Storage - For Processing</summary>
    public static DicomUID DigitalMammographyXRayImageStorageForProcessing => Known(210);

    /// <summary>1.2.840.10008.5.1.4.1.1.1.3 Digital Intra-Oral X-Ray Image Storage - For Presentation</summary>
    public static DicomUID DigitalIntraOralXRayImageStorageForPresentation => Known(211);

    /// <summary>1.2.840.10008.5.1.4.1.1.1.3.1 Digital Intra-Oral X-Ray Image Storage - For Processing</summary>
    public static DicomUID DigitalIntraOralXRayImageStorageForProcessing => Known(212);

    /// <summary>1.2.840.10008.5.1.4.1.1.10 Standalone Modality LUT Storage, retired</summary>
    public static DicomUID StandaloneModalityLUTStorage => Known(213);

    /// <summary>1.2.840.10008.5.1.4.1.1.104.1 Encapsulated PDF Storage</summary>
    public static DicomUID EncapsulatedPDFStorage => Known(214);

    /// <summary>1.2.840.10008.5.1.4.1.1.104.2 Encapsulated CDA Storage</summary>
    public static DicomUID EncapsulatedCDAStorage => Known(215);

    /// <summary>1.2.840.10008.5.1.4.1.1.104.3 Encapsulated STL Storage</summary>
    public static DicomUID EncapsulatedSTLStorage => Known(216);

    /// <summary>1.2.840.10008.5.1.4.1.1.104.4 Encapsulated OBJ Storage</summary>
    public static DicomUID EncapsulatedOBJStorage => Known(217);

    /// <summary>1.2.840.10008.5.1.4.1.1.104.5 Encapsulated MTL Storage</summary>
    public static DicomUID EncapsulatedMTLStorage => Known(218);

    /// <summary>1.2.840.10008.5.1.4.1.1.11 Standalone VOI LUT Storage, retired</summary>
    public static DicomUID StandaloneVOILUTStorage => Known(219);

    /// <summary>1.2.840.10008.5.1.4.1.1.11.1 Grayscale Softcopy Presentation State Storage</summary>
    public static DicomUID GrayscaleSoftcopyPresentationStateStorage => Known(220);

    /// <summary>1.2.840.10008.5.1.4.1.1.11.10 Segmented Volume Rendering Volumetric Presentation State Storage</summary>
    public static DicomUID SegmentedVolumeRenderingVolumetricPresentationStateStorage => Known(221);

    /// <summary>1.2.840.10008.5.1.4.1.1.11.11 Multiple Volume Rendering Volumetric Presentation State Storage</summary>
    public static DicomUID MultipleVolumeRenderingVolumetricPresentationStateStorage => Known(222);

    /// <summary>1.2.840.10008.5.1.4.1.1.11.2 Color Softcopy Presentation State Storage</summary>
    public static DicomUID ColorSoftcopyPresentationStateStorage => Known(223);

    /// <summary>1.2.840.10008.5.1.4.1.1.11.3 Pseudo-Color Softcopy Presentation State Storage</summary>
    public static DicomUID PseudoColorSoftcopyPresentationStateStorage => Known(224);

    /// <summary>1.2.840.10008.5.1.4.1.1.11.4 Blending Softcopy Presentation State Storage</summary>
    public static DicomUID BlendingSoftcopyPresentationStateStorage => Known(225);

    /// <summary>1.2.840.10008.5.1.4.1.1.11.5 XA/XRF Grayscale Softcopy Presentation State Storage</summary>
    public static DicomUID XAXRFGrayscaleSoftcopyPresentationStateStorage => Known(226);

    /// <summary>1.2.840.10008.5.1.4.1.1.11.6 Grayscale Planar MPR Volumetric Presentation State Storage</summary>
    public static DicomUID GrayscalePlanarMPRVolumetricPresentationStateStorage => Known(227);

    /// <summary>1.2.840.10008.5.1.4.1.1.11.7 Compositing Planar MPR Volumetric Presentation State Storage</summary>
    public static DicomUID CompositingPlanarMPRVolumetricPresentationStateStorage => Known(228);

    /// <summary>1.2.840.10008.5.1.4.1.1.11.8 Advanced Blending Presentation State Storage</summary>
    public static DicomUID AdvancedBlendingPresentationStateStorage => Known(229);

    /// <summary>1.2.840.10008.5.1.4.1.1.11.9 Volume Rendering Volumetric Presentation State Storage</summary>
    public static DicomUID VolumeRenderingVolumetricPresentationStateStorage => Known(230);

    /// <summary>1.2.840.10008.5.1.4.1.1.12.1 X-Ray Angiographic Image Storage</summary>
    public static DicomUID XRayAngiographicImageStorage => Known(231);

    /// <summary>1.2.840.10008.5.1.4.1.1.12.1.1 Enhanced XA Image Storage</summary>
    public static DicomUID EnhancedXAImageStorage => Known(232);

    /// <summary>1.2.840.10008.5.1.4.1.1.12.2 X-Ray Radiofluoroscopic Image Storage</summary>
    public static DicomUID XRayRadiofluoroscopicImageStorage => Known(233);

    /// <summary>1.2.840.10008.5.1.4.1.1.12.2.1 Enhanced XRF Image Storage</summary>
    public static DicomUID EnhancedXRFImageStorage => Known(234);

    /// <summary>1.2.840.10008.5.1.4.1.1.12.3 X-Ray Angiographic Bi-Plane Image Storage, retired</summary>
    public static DicomUID XRayAngiographicBiPlaneImageStorage => Known(235);

    /// <summary>1.2.840.10008.5.1.4.1.1.128 Positron Emission Tomography Image Storage</summary>
    public static DicomUID PositronEmissionTomographyImageStorage => Known(236);

    /// <summary>1.2.840.10008.5.1.4.1.1.128.1 Legacy Converted Enhanced PET Image Storage</summary>
    public static DicomUID LegacyConvertedEnhancedPETImageStorage => Known(237);

    /// <summary>1.2.840.10008.5.1.4.1.1.129 Standalone PET Curve Storage, retired</summary>
    public static DicomUID StandalonePETCurveStorage => Known(238);

    /// <summary>1.2.840.10008.5.1.4.1.1.13.1.1 X-Ray 3D Angiographic Image Storage</summary>
    public static DicomUID XRay3DAngiographicImageStorage => Known(239);

    /// <summary>1.2.840.10008.5.1.4.1.1.13.1.2 X-Ray 3D Craniofacial Image Storage</summary>
    public static DicomUID XRay3DCraniofacialImageStorage => Known(240);

    /// <summary>1.2.840.10008.5.1.4.1.1.13.1.3 Breast Tomosynthesis Image Storage</summary>
    public static DicomUID BreastTomosynthesisImageStorage => Known(241);

    /// <summary>1.2.840.10008.5.1.4.1.1.13.1.4 Breast Projection X-Ray Image Storage - For Presentation</summary>
    public static DicomUID BreastProjectionXRayImageStorageForPresentation => Known(242);

    /// <summary>1.2.840.10008.5.1.4.1.1.13.1.5 Breast Projection X-Ray Image Storage - For Processing</summary>
    public static DicomUID BreastProjectionXRayImageStorageForProcessing => Known(243);

    /// <summary>1.2.840.10008.5.1.4.1.1.130 Enhanced PET Image Storage</summary>
    public static DicomUID EnhancedPETImageStorage => Known(244);

    /// <summary>1.2.840.10008.5.1.4.1.1.131 Basic Structured Display Storage</summary>
    public static DicomUID BasicStructuredDisplayStorage => Known(245);

    /// <summary>1.2.840.10008.5.1.4.1.1.14.1 Intravascular Optical Coherence Tomography Image Storage - For Presentation</summary>
    public static DicomUID IntravascularOpticalCoherenceTomographyImageStorageForPresentation => Known(246);

    /// <summary>1.2.840.10008.5.1.4.1.1.14.2 Intravascular Optical Coherence Tomography Image Storage - For Processing</summary>
    public static DicomUID IntravascularOpticalCoherenceTomographyImageStorageForProcessing => Known(247);

    /// <summary>1.2.840.10008.5.1.4.1.1.2 CT Image Storage</summary>
    public static DicomUID CTImageStorage => Known(248);

    /// <summary>1.2.840.10008.5.1.4.1.1.2.1 Enhanced CT Image Storage</summary>
    public static DicomUID EnhancedCTImageStorage => Known(249);

    /// <summary>1.2.840.10008.5.1.4.1.1.2.2 Legacy Converted Enhanced CT Image Storage</summary>
    public static DicomUID LegacyConvertedEnhancedCTImageStorage => Known(250);

    /// <summary>1.2.840.10008.5.1.4.1.1.20 Nuclear Medicine Image Storage</summary>
    public static DicomUID NuclearMedicineImageStorage => Known(251);

    /// <summary>1.2.840.10008.5.1.4.1.1.200.1 CT Defined Procedure Protocol Storage</summary>
    public static DicomUID CTDefinedProcedureProtocolStorage => Known(252);

    /// <summary>1.2.840.10008.5.1.4.1.1.200.2 CT Performed Procedure Protocol Storage</summary>
    public static DicomUID CTPerformedProcedureProtocolStorage => Known(253);

    /// <summary>1.2.840.10008.5.1.4.1.1.200.3 Protocol Approval Storage</summary>
    public static DicomUID ProtocolApprovalStorage => Known(254);

    /// <summary>1.2.840.10008.5.1.4.1.1.200.4 Protocol Approval Information Model - FIND</summary>
    public static DicomUID ProtocolApprovalInformationModelFind => Known(255);

    /// <summary>1.2.840.10008.5.1.4.1.1.200.5 Protocol Approval Information Model - MOVE</summary>
    public static DicomUID ProtocolApprovalInformationModelMove => Known(256);

    /// <summary>1.2.840.10008.5.1.4.1.1.200.6 Protocol Approval Information Model - GET</summary>
    public static DicomUID ProtocolApprovalInformationModelGet => Known(257);

    /// <summary>1.2.840.10008.5.1.4.1.1.200.7 XA Defined Procedure Protocol Storage</summary>
    public static DicomUID XADefinedProcedureProtocolStorage => Known(258);

    /// <summary>1.2.840.10008.5.1.4.1.1.200.8 XA Performed Procedure Protocol Storage</summary>
    public static DicomUID XAPerformedProcedureProtocolStorage => Known(259);

    /// <summary>1.2.840.10008.5.1.4.1.1.3 Ultrasound Multi-frame Image Storage, retired</summary>
    public static DicomUID UltrasoundMultiFrameImageStorageRetired => Known(260);

    /// <summary>1.2.840.10008.5.1.4.1.1.3.1 Ultrasound Multi-frame Image Storage</summary>
    public static DicomUID UltrasoundMultiFrameImageStorage => Known(261);

    /// <summary>1.2.840.10008.5.1.4.1.1.30 Parametric Map Storage</summary>
    public static DicomUID ParametricMapStorage => Known(262);

    /// <summary>1.2.840.10008.5.1.4.1.1.4 MR Image Storage</summary>
    public static DicomUID MRImageStorage => Known(263);

    /// <summary>1.2.840.10008.5.1.4.1.1.4.1 Enhanced MR Image Storage</summary>
    public static DicomUID EnhancedMRImageStorage => Known(264);

    /// <summary>1.2.840.10008.5.1.4.1.1.4.2 MR Spectroscopy Storage</summary>
    public static DicomUID MRSpectroscopyStorage => Known(265);

    /// <summary>1.2.840.10008.5.1.4.1.1.4.3 Enhanced MR Color Image Storage</summary>
    public static DicomUID EnhancedMRColorImageStorage => Known(266);

    /// <summary>1.2.840.10008.5.1.4.1.1.4.4 Legacy Converted Enhanced MR Image Storage</summary>
    public static DicomUID LegacyConvertedEnhancedMRImageStorage => Known(267);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.1 RT Image Storage</summary>
    public static DicomUID RTImageStorage => Known(268);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.10 RT Physician Intent Storage</summary>
    public static DicomUID RTPhysicianIntentStorage => Known(269);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.11 RT Segment Annotation Storage</summary>
    public static DicomUID RTSegmentAnnotationStorage => Known(270);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.12 RT Radiation Set Storage</summary>
    public static DicomUID RTRadiationSetStorage => Known(271);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.13 C-Arm Photon-Electron Radiation Storage</summary>
    public static DicomUID CArmPhotonElectronRadiationStorage => Known(272);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.14 Tomotherapeutic Radiation Storage</summary>
    public static DicomUID TomotherapeuticRadiationStorage => Known(273);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.15 Robotic-Arm Radiation Storage</summary>
    public static DicomUID RoboticArmRadiationStorage => Known(274);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.16 RT Radiation Record Set Storage</summary>
    public static DicomUID RTRadiationRecordSetStorage => Known(275);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.17 RT Radiation Salvage Record Storage</summary>
    public static DicomUID RTRadiationSalvageRecordStorage => Known(276);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.18 Tomotherapeutic Radiation Record Storage</summary>
    public static DicomUID TomotherapeuticRadiationRecordStorage => Known(277);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.19 C-Arm Photon-Electron Radiation Record Storage</summary>
    public static DicomUID CArmPhotonElectronRadiationRecordStorage => Known(278);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.2 RT Dose Storage</summary>
    public static DicomUID RTDoseStorage => Known(279);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.20 Robotic Radiation Record Storage</summary>
    public static DicomUID RoboticRadiationRecordStorage => Known(280);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.21 RT Radiation Set Delivery Instruction Storage</summary>
    public static DicomUID RTRadiationSetDeliveryInstructionStorage => Known(281);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.22 RT Treatment Preparation Storage</summary>
    public static DicomUID RTTreatmentPreparationStorage => Known(282);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.3 RT Structure Set Storage</summary>
    public static DicomUID RTStructureSetStorage => Known(283);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.4 RT Beams Treatment Record Storage</summary>
    public static DicomUID RTBeamsTreatmentRecordStorage => Known(284);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.5 RT Plan Storage</summary>
    public static DicomUID RTPlanStorage => Known(285);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.6 RT Brachy Treatment Record Storage</summary>
    public static DicomUID RTBrachyTreatmentRecordStorage => Known(286);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.7 RT Treatment Summary Record Storage</summary>
    public static DicomUID RTTreatmentSummaryRecordStorage => Known(287);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.8 RT Ion Plan Storage</summary>
    public static DicomUID RTIonPlanStorage => Known(288);

    /// <summary>1.2.840.10008.5.1.4.1.1.481.9 RT Ion Beams Treatment Record Storage</summary>
    public static DicomUID RTIonBeamsTreatmentRecordStorage => Known(289);

    /// <summary>1.2.840.10008.5.1.4.1.1.5 Nuclear Medicine Image Storage, retired</summary>
    public static DicomUID NuclearMedicineImageStorageRetired => Known(290);

    /// <summary>1.2.840.10008.5.1.4.1.1.501.1 DICOS CT Image Storage</summary>
    public static DicomUID DICOSCTImageStorage => Known(291);

    /// <summary>1.2.840.10008.5.1.4.1.1.501.2.1 DICOS Digital X-Ray Image Storage - For Presentation</summary>
    public static DicomUID DICOSDigitalXRayImageStorageForPresentation => Known(292);

    /// <summary>1.2.840.10008.5.1.4.1.1.501.2.2 DICOS Digital X-Ray Image Storage - For Processing</summary>
    public static DicomUID DICOSDigitalXRayImageStorageForProcessing => Known(293);

    /// <summary>1.2.840.10008.5.1.4.1.1.501.3 DICOS Threat Detection Report Storage</summary>
    public static DicomUID DICOSThreatDetectionReportStorage => Known(294);

    /// <summary>1.2.840.10008.5.1.4.1.1.501.4 DICOS 2D AIT Storage</summary>
    public static DicomUID DICOS2DAITStorage => Known(295);

    /// <summary>1.2.840.10008.5.1.4.1.1.501.5 DICOS 3D AIT Storage</summary>
    public static DicomUID DICOS3DAITStorage => Known(296);

    /// <summary>1.2.840.10008.5.1.4.1.1.501.6 DICOS Quadrupole Resonance (QR) Storage</summary>
    public static DicomUID DICOSQuadrupoleResonanceStorage => Known(297);

    /// <summary>1.2.840.10008.5.1.4.1.1.6 Ultrasound Image Storage, retired</summary>
    public static DicomUID UltrasoundImageStorageRetired => Known(298);

    /// <summary>1.2.840.10008.5.1.4.1.1.6.1 Ultrasound Image Storage</summary>
    public static DicomUID UltrasoundImageStorage => Known(299);

    /// <summary>1.2.840.10008.5.1.4.1.1.6.2 Enhanced US Volume Storage</summary>
    public static DicomUID EnhancedUSVolumeStorage => Known(300);

    /// <summary>1.2.840.10008.5.1.4.1.1.6.3 Photoacoustic Image Storage</summary>
    public static DicomUID PhotoacousticImageStorage => Known(301);

    /// <summary>1.2.840.10008.5.1.4.1.1.601.1 Eddy Current Image Storage</summary>
    public static DicomUID EddyCurrentImageStorage => Known(302);

    /// <summary>1.2.840.10008.5.1.4.1.1.601.2 Eddy Current Multi-frame Image Storage</summary>
    public static DicomUID EddyCurrentMultiFrameImageStorage => Known(303);

    /// <summary>1.2.840.10008.5.1.4.1.1.66 Raw Data Storage</summary>
    public static DicomUID RawDataStorage => Known(304);

    /// <summary>1.2.840.10008.5.1.4.1.1.66.1 Spatial Registration Storage</summary>
    public static DicomUID SpatialRegistrationStorage => Known(305);

    /// <summary>1.2.840.10008.5.1.4.1.1.66.2 Spatial Fiducials Storage</summary>
    public static DicomUID SpatialFiducialsStorage => Known(306);

    /// <summary>1.2.840.10008.5.1.4.1.1.66.3 Deformable Spatial Registration Storage</summary>
    public static DicomUID DeformableSpatialRegistrationStorage => Known(307);

    /// <summary>1.2.840.10008.5.1.4.1.1.66.4 Segmentation Storage</summary>
    public static DicomUID SegmentationStorage => Known(308);

    /// <summary>1.2.840.10008.5.1.4.1.1.66.5 Surface Segmentation Storage</summary>
    public static DicomUID SurfaceSegmentationStorage => Known(309);

    /// <summary>1.2.840.10008.5.1.4.1.1.66.6 Tractography Results Storage</summary>
    public static DicomUID TractographyResultsStorage => Known(310);

    /// <summary>1.2.840.10008.5.1.4.1.1.66.7 Label Map Segmentation Storage</summary>
    public static DicomUID LabelMapSegmentationStorage => Known(311);

    /// <summary>1.2.840.10008.5.1.4.1.1.67 Real World Value Mapping Storage</summary>
    public static DicomUID RealWorldValueMappingStorage => Known(312);

    /// <summary>1.2.840.10008.5.1.4.1.1.68.1 Surface Scan Mesh Storage</summary>
    public static DicomUID SurfaceScanMeshStorage => Known(313);

    /// <summary>1.2.840.10008.5.1.4.1.1.68.2 Surface Scan Point Cloud Storage</summary>
    public static DicomUID SurfaceScanPointCloudStorage => Known(314);

    /// <summary>1.2.840.10008.5.1.4.1.1.7 Secondary Capture Image Storage</summary>
    public static DicomUID SecondaryCaptureImageStorage => Known(315);

    /// <summary>1.2.840.10008.5.1.4.1.1.7.1 Multi-frame Single Bit Secondary Capture Image Storage</summary>
    public static DicomUID MultiFrameSingleBitSecondaryCaptureImageStorage => Known(316);

    /// <summary>1.2.840.10008.5.1.4.1.1.7.2 Multi-frame Grayscale Byte Secondary Capture Image Storage</summary>
    public static DicomUID MultiFrameGrayscaleByteSecondaryCaptureImageStorage => Known(317);

    /// <summary>1.2.840.10008.5.1.4.1.1.7.3 Multi-frame Grayscale Word Secondary Capture Image Storage</summary>
    public static DicomUID MultiFrameGrayscaleWordSecondaryCaptureImageStorage => Known(318);

    /// <summary>1.2.840.10008.5.1.4.1.1.7.4 Multi-frame True Color Secondary Capture Image Storage</summary>
    public static DicomUID MultiFrameTrueColorSecondaryCaptureImageStorage => Known(319);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1 VL Image Storage - Trial, retired</summary>
    public static DicomUID VLImageStorageTrial => Known(320);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.1 VL Endoscopic Image Storage</summary>
    public static DicomUID VLEndoscopicImageStorage => Known(321);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.1.1 Video Endoscopic Image Storage</summary>
    public static DicomUID VideoEndoscopicImageStorage => Known(322);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.2 VL Microscopic Image Storage</summary>
    public static DicomUID VLMicroscopicImageStorage => Known(323);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.2.1 Video Microscopic Image Storage</summary>
    public static DicomUID VideoMicroscopicImageStorage => Known(324);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.3 VL Slide-Coordinates Microscopic Image Storage</summary>
    public static DicomUID VLSlideCoordinatesMicroscopicImageStorage => Known(325);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.4 VL Photographic Image Storage</summary>
    public static DicomUID VLPhotographicImageStorage => Known(326);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.4.1 Video Photographic Image Storage</summary>
    public static DicomUID VideoPhotographicImageStorage => Known(327);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.5.1 Ophthalmic Photography 8 Bit Image Storage</summary>
    public static DicomUID OphthalmicPhotography8BitImageStorage => Known(328);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.5.2 Ophthalmic Photography 16 Bit Image Storage</summary>
    public static DicomUID OphthalmicPhotography16BitImageStorage => Known(329);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.5.3 Stereometric Relationship Storage</summary>
    public static DicomUID StereometricRelationshipStorage => Known(330);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.5.4 Ophthalmic Tomography Image Storage</summary>
    public static DicomUID OphthalmicTomographyImageStorage => Known(331);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.5.5 Wide Field Ophthalmic Photography Stereographic Projection Image Storage</summary>
    public static DicomUID WideFieldOphthalmicPhotographyStereographicProjectionImageStorage => Known(332);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.5.6 Wide Field Ophthalmic Photography 3D Coordinates Image Storage</summary>
    public static DicomUID WideFieldOphthalmicPhotography3DCoordinatesImageStorage => Known(333);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.5.7 Ophthalmic Optical Coherence Tomography En Face Image Storage</summary>
    public static DicomUID OphthalmicOpticalCoherenceTomographyEnFaceImageStorage => Known(334);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.5.8 Ophthalmic Optical Coherence Tomography B-scan Volume Analysis Storage</summary>
    public static DicomUID OphthalmicOpticalCoherenceTomographyBscanVolumeAnalysisStorage => Known(335);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.6 VL Whole Slide Microscopy Image Storage</summary>
    public static DicomUID VLWholeSlideMicroscopyImageStorage => Known(336);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.7 Dermoscopic Photography Image Storage</summary>
    public static DicomUID DermoscopicPhotographyImageStorage => Known(337);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.8 Confocal Microscopy Image Storage</summary>
    public static DicomUID ConfocalMicroscopyImageStorage => Known(338);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.1.9 Confocal Microscopy Tiled Pyramidal Image Storage</summary>
    public static DicomUID ConfocalMicroscopyTiledPyramidalImageStorage => Known(339);

    /// <summary>1.2.840.10008.5.1.4.1.1.77.2 VL Multi-frame Image Storage - Trial, retired</summary>
    public static DicomUID VLMultiFrameImageStorageTrial => Known(340);

    /// <summary>1.2.840.10008.5.1.4.1.1.78.1 Lensometry Measurements Storage</summary>
    public static DicomUID LensometryMeasurementsStorage => Known(341);

    /// <summary>1.2.840.10008.5.1.4.1.1.78.2 Autorefraction Measurements Storage</summary>
    public static DicomUID AutorefractionMeasurementsStorage => Known(342);

    /// <summary>1.2.840.10008.5.1.4.1.1.78.3 Keratometry Measurements Storage</summary>
    public static DicomUID KeratometryMeasurementsStorage => Known(343);

    /// <summary>1.2.840.10008.5.1.4.1.1.78.4 Subjective Refraction Measurements Storage</summary>
    public static DicomUID SubjectiveRefractionMeasurementsStorage => Known(344);

    /// <summary>1.2.840.10008.5.1.4.1.1.78.5 Visual Acuity Measurements Storage</summary>
    public static DicomUID VisualAcuityMeasurementsStorage => Known(345);

    /// <summary>1.2.840.10008.5.1.4.1.1.78.6 Spectacle Prescription Report Storage</summary>
    public static DicomUID SpectaclePrescriptionReportStorage => Known(346);

    /// <summary>1.2.840.10008.5.1.4.1.1.78.7 Ophthalmic Axial Measurements Storage</summary>
    public static DicomUID OphthalmicAxialMeasurementsStorage => Known(347);

    /// <summary>1.2.840.10008.5.1.4.1.1.78.8 Intraocular Lens Calculations Storage</summary>
    public static DicomUID IntraocularLensCalculationsStorage => Known(348);

    /// <summary>1.2.840.10008.5.1.4.1.1.79.1 Macular Grid Thickness and Volume Report Storage</summary>
    public static DicomUID MacularGridThicknessAndVolumeReportStorage => Known(349);

    /// <summary>1.2.840.10008.5.1.4.1.1.8 Standalone Overlay Storage, retired</summary>
    public static DicomUID StandaloneOverlayStorage => Known(350);

    /// <summary>1.2.840.10008.5.1.4.1.1.80.1 Ophthalmic Visual Field Static Perimetry Measurements Storage</summary>
    public static DicomUID OphthalmicVisualFieldStaticPerimetryMeasurementsStorage => Known(351);

    /// <summary>1.2.840.10008.5.1.4.1.1.81.1 Ophthalmic Thickness Map Storage</summary>
    public static DicomUID OphthalmicThicknessMapStorage => Known(352);

    /// <summary>1.2.840.10008.5.1.4.1.1.82.1 Corneal Topography Map Storage</summary>
    public static DicomUID CornealTopographyMapStorage => Known(353);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.1 Text SR Storage - Trial, retired</summary>
    public static DicomUID TextSRStorageTrial => Known(354);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.11 Basic Text SR Storage</summary>
    public static DicomUID BasicTextSRStorage => Known(355);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.2 Audio SR Storage - Trial, retired</summary>
    public static DicomUID AudioSRStorageTrial => Known(356);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.22 Enhanced SR Storage</summary>
    public static DicomUID EnhancedSRStorage => Known(357);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.3 Detail SR Storage - Trial, retired</summary>
    public static DicomUID DetailSRStorageTrial => Known(358);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.33 Comprehensive SR Storage</summary>
    public static DicomUID ComprehensiveSRStorage => Known(359);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.34 Comprehensive 3D SR Storage</summary>
    public static DicomUID Comprehensive3DSRStorage => Known(360);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.35 Extensible SR Storage</summary>
    public static DicomUID ExtensibleSRStorage => Known(361);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.4 Comprehensive SR Storage - Trial, retired</summary>
    public static DicomUID ComprehensiveSRStorageTrial => Known(362);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.40 Procedure Log Storage</summary>
    public static DicomUID ProcedureLogStorage => Known(363);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.50 Mammography CAD SR Storage</summary>
    public static DicomUID MammographyCADSRStorage => Known(364);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.59 Key Object Selection Document Storage</summary>
    public static DicomUID KeyObjectSelectionDocumentStorage => Known(365);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.65 Chest CAD SR Storage</summary>
    public static DicomUID ChestCADSRStorage => Known(366);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.67 X-Ray Radiation Dose SR Storage</summary>
    public static DicomUID XRayRadiationDoseSRStorage => Known(367);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.68 Radiopharmaceutical Radiation Dose SR Storage</summary>
    public static DicomUID RadiopharmaceuticalRadiationDoseSRStorage => Known(368);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.69 Colon CAD SR Storage</summary>
    public static DicomUID ColonCADSRStorage => Known(369);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.70 Implantation Plan SR Storage</summary>
    public static DicomUID ImplantationPlanSRStorage => Known(370);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.71 Acquisition Context SR Storage</summary>
    public static DicomUID AcquisitionContextSRStorage => Known(371);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.72 Simplified Adult Echo SR Storage</summary>
    public static DicomUID SimplifiedAdultEchoSRStorage => Known(372);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.73 Patient Radiation Dose SR Storage</summary>
    public static DicomUID PatientRadiationDoseSRStorage => Known(373);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.74 Planned Imaging Agent Administration SR Storage</summary>
    public static DicomUID PlannedImagingAgentAdministrationSRStorage => Known(374);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.75 Performed Imaging Agent Administration SR Storage</summary>
    public static DicomUID PerformedImagingAgentAdministrationSRStorage => Known(375);

    /// <summary>1.2.840.10008.5.1.4.1.1.88.76 Enhanced X-Ray Radiation Dose SR Storage</summary>
    public static DicomUID EnhancedXRayRadiationDoseSRStorage => Known(376);

    /// <summary>1.2.840.10008.5.1.4.1.1.9 Standalone Curve Storage, retired</summary>
    public static DicomUID StandaloneCurveStorage => Known(377);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.1 Waveform Storage - Trial, retired</summary>
    public static DicomUID WaveformStorageTrial => Known(378);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.1.1 12-lead ECG Waveform Storage</summary>
    public static DicomUID TwelveLeadECGWaveformStorage => Known(379);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.1.2 General ECG Waveform Storage</summary>
    public static DicomUID GeneralECGWaveformStorage => Known(380);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.1.3 Ambulatory ECG Waveform Storage</summary>
    public static DicomUID AmbulatoryECGWaveformStorage => Known(381);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.2.1 Hemodynamic Waveform Storage</summary>
    public static DicomUID HemodynamicWaveformStorage => Known(382);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.3.1 Cardiac Electrophysiology Waveform Storage</summary>
    public static DicomUID CardiacElectrophysiologyWaveformStorage => Known(383);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.4.1 Basic Voice Audio Waveform Storage</summary>
    public static DicomUID BasicVoiceAudioWaveformStorage => Known(384);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.4.2 General Audio Waveform Storage</summary>
    public static DicomUID GeneralAudioWaveformStorage => Known(385);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.5.1 Arterial Pulse Waveform Storage</summary>
    public static DicomUID ArterialPulseWaveformStorage => Known(386);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.6.1 Respiratory Waveform Storage</summary>
    public static DicomUID RespiratoryWaveformStorage => Known(387);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.6.2 Multi-channel Respiratory Waveform Storage</summary>
    public static DicomUID MultichannelRespiratoryWaveformStorage => Known(388);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.7.1 Routine Scalp Electroencephalogram Waveform Storage</summary>
    public static DicomUID RoutineScalpElectroencephalogramWaveformStorage => Known(389);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.7.2 Electromyogram Waveform Storage</summary>
    public static DicomUID ElectromyogramWaveformStorage => Known(390);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.7.3 Electrooculogram Waveform Storage</summary>
    public static DicomUID ElectrooculogramWaveformStorage => Known(391);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.7.4 Sleep Electroencephalogram Waveform Storage</summary>
    public static DicomUID SleepElectroencephalogramWaveformStorage => Known(392);

    /// <summary>1.2.840.10008.5.1.4.1.1.9.8.1 Body Position Waveform Storage</summary>
    public static DicomUID BodyPositionWaveformStorage => Known(393);

    /// <summary>1.2.840.10008.5.1.4.1.1.90.1 Content Assessment Results Storage</summary>
    public static DicomUID ContentAssessmentResultsStorage => Known(394);

    /// <summary>1.2.840.10008.5.1.4.1.1.91.1 Microscopy Bulk Simple Annotations Storage</summary>
    public static DicomUID MicroscopyBulkSimpleAnnotationsStorage => Known(395);

    /// <summary>1.2.840.10008.5.1.4.1.2.1.1 Patient Root Query/Retrieve Information Model - FIND</summary>
    public static DicomUID PatientRootQueryRetrieveInformationModelFind => Known(396);

    /// <summary>1.2.840.10008.5.1.4.1.2.1.2 Patient Root Query/Retrieve Information Model - MOVE</summary>
    public static DicomUID PatientRootQueryRetrieveInformationModelMove => Known(397);

    /// <summary>1.2.840.10008.5.1.4.1.2.1.3 Patient Root Query/Retrieve Information Model - GET</summary>
    public static DicomUID PatientRootQueryRetrieveInformationModelGet => Known(398);

    /// <summary>1.2.840.10008.5.1.4.1.2.2.1 Study Root Query/Retrieve Information Model - FIND</summary>
    public static DicomUID StudyRootQueryRetrieveInformationModelFind => Known(399);

    /// <summary>1.2.840.10008.5.1.4.1.2.2.2 Study Root Query/Retrieve Information Model - MOVE</summary>
    public static DicomUID StudyRootQueryRetrieveInformationModelMove => Known(400);

    /// <summary>1.2.840.10008.5.1.4.1.2.2.3 Study Root Query/Retrieve Information Model - GET</summary>
    public static DicomUID StudyRootQueryRetrieveInformationModelGet => Known(401);

    /// <summary>1.2.840.10008.5.1.4.1.2.3.1 Patient/Study Only Query/Retrieve Information Model - FIND, retired</summary>
    public static DicomUID PatientStudyOnlyQueryRetrieveInformationModelFind => Known(402);

    /// <summary>1.2.840.10008.5.1.4.1.2.3.2 Patient/Study Only Query/Retrieve Information Model - MOVE, retired</summary>
    public static DicomUID PatientStudyOnlyQueryRetrieveInformationModelMove => Known(403);

    /// <summary>1.2.840.10008.5.1.4.1.2.3.3 Patient/Study Only Query/Retrieve Information Model - GET, retired</summary>
    public static DicomUID PatientStudyOnlyQueryRetrieveInformationModelGet => Known(404);

    /// <summary>1.2.840.10008.5.1.4.1.2.4.2 Composite Instance Root Retrieve - MOVE</summary>
    public static DicomUID CompositeInstanceRootRetrieveMove => Known(405);

    /// <summary>1.2.840.10008.5.1.4.1.2.4.3 Composite Instance Root Retrieve - GET</summary>
    public static DicomUID CompositeInstanceRootRetrieveGet => Known(406);

    /// <summary>1.2.840.10008.5.1.4.1.2.5.3 Composite Instance Retrieve Without Bulk Data - GET</summary>
    public static DicomUID CompositeInstanceRetrieveWithoutBulkDataGet => Known(407);

    /// <summary>1.2.840.10008.5.1.4.20.1 Defined Procedure Protocol Information Model - FIND</summary>
    public static DicomUID DefinedProcedureProtocolInformationModelFind => Known(408);

    /// <summary>1.2.840.10008.5.1.4.20.2 Defined Procedure Protocol Information Model - MOVE</summary>
    public static DicomUID DefinedProcedureProtocolInformationModelMove => Known(409);

    /// <summary>1.2.840.10008.5.1.4.20.3 Defined Procedure Protocol Information Model - GET</summary>
    public static DicomUID DefinedProcedureProtocolInformationModelGet => Known(410);

    /// <summary>1.2.840.10008.5.1.4.31 Modality Worklist Information Model - FIND</summary>
    public static DicomUID ModalityWorklistInformationModelFind => Known(411);

    /// <summary>1.2.840.10008.5.1.4.32 General Purpose Worklist Management Meta SOP Class, retired</summary>
    public static DicomUID GeneralPurposeWorklistManagementMeta => Known(412);

    /// <summary>1.2.840.10008.5.1.4.32.1 General Purpose Worklist Information Model - FIND, retired</summary>
    public static DicomUID GeneralPurposeWorklistInformationModelFind => Known(413);

    /// <summary>1.2.840.10008.5.1.4.32.2 General Purpose Scheduled Procedure Step SOP Class, retired</summary>
    public static DicomUID GeneralPurposeScheduledProcedureStep => Known(414);

    /// <summary>1.2.840.10008.5.1.4.32.3 General Purpose Performed Procedure Step SOP Class, retired</summary>
    public static DicomUID GeneralPurposePerformedProcedureStep => Known(415);

    /// <summary>1.2.840.10008.5.1.4.33 Instance Availability Notification SOP Class</summary>
    public static DicomUID InstanceAvailabilityNotification => Known(416);

    /// <summary>1.2.840.10008.5.1.4.34.1 RT Beams Delivery Instruction Storage - Trial, retired</summary>
    public static DicomUID RTBeamsDeliveryInstructionStorageTrial => Known(417);

    /// <summary>1.2.840.10008.5.1.4.34.10 RT Brachy Application Setup Delivery Instruction Storage</summary>
    public static DicomUID RTBrachyApplicationSetupDeliveryInstructionStorage => Known(418);

    /// <summary>1.2.840.10008.5.1.4.34.2 RT Conventional Machine Verification - Trial, retired</summary>
    public static DicomUID RTConventionalMachineVerificationTrial => Known(419);

    /// <summary>1.2.840.10008.5.1.4.34.3 RT Ion Machine Verification - Trial, retired</summary>
    public static DicomUID RTIonMachineVerificationTrial => Known(420);

    /// <summary>1.2.840.10008.5.1.4.34.4 Unified Worklist and Procedure Step Service Class - Trial, retired</summary>
    public static DicomUID UnifiedWorklistAndProcedureStepTrial => Known(421);

    /// <summary>1.2.840.10008.5.1.4.34.4.1 Unified Procedure Step - Push SOP Class - Trial, retired</summary>
    public static DicomUID UnifiedProcedureStepPushTrial => Known(422);

    /// <summary>1.2.840.10008.5.1.4.34.4.2 Unified Procedure Step - Watch SOP Class - Trial, retired</summary>
    public static DicomUID UnifiedProcedureStepWatchTrial => Known(423);

    /// <summary>1.2.840.10008.5.1.4.34.4.3 Unified Procedure Step - Pull SOP Class - Trial, retired</summary>
    public static DicomUID UnifiedProcedureStepPullTrial => Known(424);

    /// <summary>1.2.840.10008.5.1.4.34.4.4 Unified Procedure Step - Event SOP Class - Trial, retired</summary>
    public static DicomUID UnifiedProcedureStepEventTrial => Known(425);

    /// <summary>1.2.840.10008.5.1.4.34.5 UPS Global Subscription SOP Instance</summary>
    public static DicomUID UPSGlobalSubscriptionInstance => Known(426);

    /// <summary>1.2.840.10008.5.1.4.34.5.1 UPS Filtered Global Subscription SOP Instance</summary>
    public static DicomUID UPSFilteredGlobalSubscriptionInstance => Known(427);

    /// <summary>1.2.840.10008.5.1.4.34.6 Unified Worklist and Procedure Step Service Class</summary>
    public static DicomUID UnifiedWorklistAndProcedureStep => Known(428);

    /// <summary>1.2.840.10008.5.1.4.34.6.1 Unified Procedure Step - Push SOP Class</summary>
    public static DicomUID UnifiedProcedureStepPush => Known(429);

    /// <summary>1.2.840.10008.5.1.4.34.6.2 Unified Procedure Step - Watch SOP Class</summary>
    public static DicomUID UnifiedProcedureStepWatch => Known(430);

    /// <summary>1.2.840.10008.5.1.4.34.6.3 Unified Procedure Step - Pull SOP Class</summary>
    public static DicomUID UnifiedProcedureStepPull => Known(431);

    /// <summary>1.2.840.10008.5.1.4.34.6.4 Unified Procedure Step - Event SOP Class</summary>
    public static DicomUID UnifiedProcedureStepEvent => Known(432);

    /// <summary>1.2.840.10008.5.1.4.34.6.5 Unified Procedure Step - Query SOP Class</summary>
    public static DicomUID UnifiedProcedureStepQuery => Known(433);

    /// <summary>1.2.840.10008.5.1.4.34.7 RT Beams Delivery Instruction Storage</summary>
    public static DicomUID RTBeamsDeliveryInstructionStorage => Known(434);

    /// <summary>1.2.840.10008.5.1.4.34.8 RT Conventional Machine Verification</summary>
    public static DicomUID RTConventionalMachineVerification => Known(435);

    /// <summary>1.2.840.10008.5.1.4.34.9 RT Ion Machine Verification</summary>
    public static DicomUID RTIonMachineVerification => Known(436);

    /// <summary>1.2.840.10008.5.1.4.37.1 General Relevant Patient Information Query</summary>
    public static DicomUID GeneralRelevantPatientInformationQuery => Known(437);

    /// <summary>1.2.840.10008.5.1.4.37.2 Breast Imaging Relevant Patient Information Query</summary>
    public static DicomUID BreastImagingRelevantPatientInformationQuery => Known(438);

    /// <summary>1.2.840.10008.5.1.4.37.3 Cardiac Relevant Patient Information Query</summary>
    public static DicomUID CardiacRelevantPatientInformationQuery => Known(439);

    /// <summary>1.2.840.10008.5.1.4.38.1 Hanging Protocol Storage</summary>
    public static DicomUID HangingProtocolStorage => Known(440);

    /// <summary>1.2.840.10008.5.1.4.38.2 Hanging Protocol Information Model - FIND</summary>
    public static DicomUID HangingProtocolInformationModelFind => Known(441);

    /// <summary>1.2.840.10008.5.1.4.38.3 Hanging Protocol Information Model - MOVE</summary>
    public static DicomUID HangingProtocolInformationModelMove => Known(442);

    /// <summary>1.2.840.10008.5.1.4.38.4 Hanging Protocol Information Model - GET</summary>
    public static DicomUID HangingProtocolInformationModelGet => Known(443);

    /// <summary>1.2.840.10008.5.1.4.39.1 Color Palette Storage</summary>
    public static DicomUID ColorPaletteStorage => Known(444);

    /// <summary>1.2.840.10008.5.1.4.39.2 Color Palette Query/Retrieve Information Model - FIND</summary>
    public static DicomUID ColorPaletteQueryRetrieveInformationModelFind => Known(445);

    /// <summary>1.2.840.10008.5.1.4.39.3 Color Palette Query/Retrieve Information Model - MOVE</summary>
    public static DicomUID ColorPaletteQueryRetrieveInformationModelMove => Known(446);

    /// <summary>1.2.840.10008.5.1.4.39.4 Color Palette Query/Retrieve Information Model - GET</summary>
    public static DicomUID ColorPaletteQueryRetrieveInformationModelGet => Known(447);

    /// <summary>1.2.840.10008.5.1.4.41 Product Characteristics Query SOP Class</summary>
    public static DicomUID ProductCharacteristicsQuery => Known(448);

    /// <summary>1.2.840.10008.5.1.4.42 Substance Approval Query SOP Class</summary>
    public static DicomUID SubstanceApprovalQuery => Known(449);

    /// <summary>1.2.840.10008.5.1.4.43.1 Generic Implant Template Storage</summary>
    public static DicomUID GenericImplantTemplateStorage => Known(450);

    /// <summary>1.2.840.10008.5.1.4.43.2 Generic Implant Template Information Model - FIND</summary>
    public static DicomUID GenericImplantTemplateInformationModelFind => Known(451);

    /// <summary>1.2.840.10008.5.1.4.43.3 Generic Implant Template Information Model - MOVE</summary>
    public static DicomUID GenericImplantTemplateInformationModelMove => Known(452);

    /// <summary>1.2.840.10008.5.1.4.43.4 Generic Implant Template Information Model - GET</summary>
    public static DicomUID GenericImplantTemplateInformationModelGet => Known(453);

    /// <summary>1.2.840.10008.5.1.4.44.1 Implant Assembly Template Storage</summary>
    public static DicomUID ImplantAssemblyTemplateStorage => Known(454);

    /// <summary>1.2.840.10008.5.1.4.44.2 Implant Assembly Template Information Model - FIND</summary>
    public static DicomUID ImplantAssemblyTemplateInformationModelFind => Known(455);

    /// <summary>1.2.840.10008.5.1.4.44.3 Implant Assembly Template Information Model - MOVE</summary>
    public static DicomUID ImplantAssemblyTemplateInformationModelMove => Known(456);

    /// <summary>1.2.840.10008.5.1.4.44.4 Implant Assembly Template Information Model - GET</summary>
    public static DicomUID ImplantAssemblyTemplateInformationModelGet => Known(457);

    /// <summary>1.2.840.10008.5.1.4.45.1 Implant Template Group Storage</summary>
    public static DicomUID ImplantTemplateGroupStorage => Known(458);

    /// <summary>1.2.840.10008.5.1.4.45.2 Implant Template Group Information Model - FIND</summary>
    public static DicomUID ImplantTemplateGroupInformationModelFind => Known(459);

    /// <summary>1.2.840.10008.5.1.4.45.3 Implant Template Group Information Model - MOVE</summary>
    public static DicomUID ImplantTemplateGroupInformationModelMove => Known(460);

    /// <summary>1.2.840.10008.5.1.4.45.4 Implant Template Group Information Model - GET</summary>
    public static DicomUID ImplantTemplateGroupInformationModelGet => Known(461);

    /// <summary>1.2.840.10008.7.1.1 Native DICOM Model</summary>
    public static DicomUID NativeDICOMModel => Known(462);

    /// <summary>1.2.840.10008.7.1.2 Abstract Multi-Dimensional Image Model</summary>
    public static DicomUID AbstractMultiDimensionalImageModel => Known(463);

    /// <summary>1.2.840.10008.8.1.1 DICOM Content Mapping Resource</summary>
    public static DicomUID DICOMContentMappingResource => Known(464);
}
