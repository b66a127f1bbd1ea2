// Made by tools/DictionaryGenerator from its tables. Do not edit.

namespace SecureStore.Dicom;

public readonly partial record struct DicomTag
{
    /// <summary>(0000,0000) Command Group Length, UL 1</summary>
    public static DicomTag CommandGroupLength => new(0x0000, 0x0000);

    /// <summary>(0000,0001) Command Length to End, UL 1, retired</summary>
    public static DicomTag CommandLengthToEnd => new(0x0000, 0x0001);

    /// <summary>(0000,0002) Affected SOP Class UID, UI 1</summary>
    public static DicomTag AffectedSOPClassUID => new(0x0000, 0x0002);

    /// <summary>(0000,0003) Requested SOP Class UID, UI 1</summary>
    public static DicomTag RequestedSOPClassUID => new(0x0000, 0x0003);

    /// <summary>(0000,0010) Command Recognition Code, SH 1, retired</summary>
    public static DicomTag CommandRecognitionCode => new(0x0000, 0x0010);

    /// <summary>(0000,0100) Command Field, US 1</summary>
    public static DicomTag CommandField => new(0x0000, 0x0100);

    /// <summary>(0000,0110) Message ID, US 1</summary>
    public static DicomTag MessageID => new(0x0000, 0x0110);

    /// <summary>(0000,0120) Message ID Being Responded To, US 1</summary>
    public static DicomTag MessageIDBeingRespondedTo => new(0x0000, 0x0120);

    /// <summary>(0000,0200) Initiator, AE 1, retired</summary>
    public static DicomTag Initiator => new(0x0000, 0x0200);

    /// <summary>(0000,0300) Receiver, AE 1, retired</summary>
    public static DicomTag Receiver => new(0x0000, 0x0300);

    /// <summary>(0000,0400) Find Location, AE 1, retired</summary>
    public static DicomTag FindLocation => new(0x0000, 0x0400);

    /// <summary>(0000,0600) Move Destination, AE 1</summary>
    public static DicomTag MoveDestination => new(0x0000, 0x0600);

    /// <summary>(0000,0700) Priority, US 1</summary>
    public static DicomTag Priority => new(0x0000, 0x0700);

    /// <summary>(0000,0800) Command Data Set Type, US 1</summary>
    public static DicomTag CommandDataSetType => new(0x0000, 0x0800);

    /// <summary>(0000,0850) Number of Matches, US 1, retired</summary>
    public static DicomTag NumberOfMatches => new(0x0000, 0x0850);

    /// <summary>(0000,0860) Response Sequence Number, US 1, retired</summary>
    public static DicomTag ResponseSequenceNumber => new(0x0000, 0x0860);

    /// <summary>(0000,0900) Status, US 1</summary>
    public static DicomTag Status => new(0x0000, 0x0900);

    /// <summary>(0000,0901) Offending Element, AT 1-n</summary>
    public static DicomTag OffendingElement => new(0x0000, 0x0901);

    /// <summary>(0000,0902) Error Comment, LO 1</summary>
    public static DicomTag ErrorComment => new(0x0000, 0x0902);

    /// <summary>(0000,0903) Error ID, US 1</summary>
    public static DicomTag ErrorID => new(0x0000, 0x0903);

    /// <summary>(0000,1000) Affected SOP Instance UID, UI 1</summary>
    public static DicomTag AffectedSOPInstanceUID => new(0x0000, 0x1000);

    /// <summary>(0000,1001) Requested SOP Instance UID, UI 1</summary>
    public static DicomTag RequestedSOPInstanceUID => new(0x0000, 0x1001);

    /// <summary>(0000,1002) Event Type ID, US 1</summary>
    public static DicomTag EventTypeID => new(0x0000, 0x1002);

    /// <summary>(0000,1005) Attribute Identifier List, AT 1-n</summary>
    public static DicomTag AttributeIdentifierList => new(0x0000, 0x1005);

    /// <summary>(0000,1008) Action Type ID, US 1</summary>
    public static DicomTag ActionTypeID => new(0x0000, 0x1008);

    /// <summary>(0000,1020) Number of Remaining Sub-operations, US 1</summary>
    public static DicomTag NumberOfRemainingSuboperations => new(0x0000, 0x1020);

    /// <summary>(0000,1021) Number of Completed Sub-operations, US 1</summary>
    public static DicomTag NumberOfCompletedSuboperations => new(0x0000, 0x1021);

    /// <summary>(0000,1022) Number of Failed Sub-operations, US 1</summary>
    public static DicomTag NumberOfFailedSuboperations => new(0x0000, 0x1022);

    /// <summary>(0000,1023) Number of Warning Sub-operations, US 1</summary>
    public static DicomTag NumberOfWarningSuboperations => new(0x0000, 0x1023);

    /// <summary>(0000,1030) Move Originator Application Entity Title, AE 1</summary>
    public static DicomTag MoveOriginatorApplicationEntityTitle => new(0x0000, 0x1030);

    /// <summary>(0000,1031) Move Originator Message ID, US 1</summary>
    public static DicomTag MoveOriginatorMessageID => new(0x0000, 0x1031);

    /// <summary>(0000,4000) Dialog Receiver, LT 1, retired</summary>
    public static DicomTag DialogReceiver => new(0x0000, 0x4000);

    /// <summary>(0000,4010) Terminal Type, LT 1, retired</summary>
    public static DicomTag TerminalType => new(0x0000, 0x4010);

    /// <summary>(0000,5010) Message Set ID, SH 1, retired</summary>
    public static DicomTag MessageSetID => new(0x0000, 0x5010);

    /// <summary>(0000,5020) End Message ID, SH 1, retired</summary>
    public static DicomTag EndMessageID => new(0x0000, 0x5020);

    /// <summary>(0000,5110) Display Format, LT 1, retired</summary>
    public static DicomTag DisplayFormat => new(0x0000, 0x5110);

    /// <summary>(0000,5120) Page Position ID, LT 1, retired</summary>
    public static DicomTag PagePositionID => new(0x0000, 0x5120);

    /// <summary>(0000,5130) Text Format ID, CS 1, retired</summary>
    public static DicomTag TextFormatID => new(0x0000, 0x5130);

    /// <summary>(0000,5140) Normal/Reverse, CS 1, retired</summary>
    public static DicomTag NormalReverse => new(0x0000, 0x5140);

    /// <summary>(0000,5150) Add Gray Scale, CS 1, retired</summary>
    public static DicomTag AddGrayScale => new(0x0000, 0x5150);

    /// <summary>(0000,5160) Borders, CS 1, retired</summary>
    public static DicomTag Borders => new(0x0000, 0x5160);

    /// <summary>(0000,5170) Copies, IS 1, retired</summary>
    public static DicomTag Copies => new(0x0000, 0x5170);

    /// <summary>(0000,5180) Command Magnification Type, CS 1, retired</summary>
    public static DicomTag CommandMagnificationType => new(0x0000, 0x5180);

    /// <summary>(0000,5190) Erase, CS 1, retired</summary>
    public static DicomTag Erase => new(0x0000, 0x5190);

    /// <summary>(0000,51A0) Print, CS 1, retired</summary>
    public static DicomTag Print => new(0x0000, 0x51A0);

    /// <summary>(0000,51B0) Overlays, US 1-n, retired</summary>
    public static DicomTag Overlays => new(0x0000, 0x51B0);

    /// <summary>(0002,0000) File Meta Information Group Length, UL 1</summary>
    public static DicomTag FileMetaInformationGroupLength => new(0x0002, 0x0000);

    /// <summary>(0002,0001) File Meta Information Version, OB 1</summary>
    public static DicomTag FileMetaInformationVersion => new(0x0002, 0x0001);

    /// <summary>(0002,0002) Media Storage SOP Class UID, UI 1</summary>
    public static DicomTag MediaStorageSOPClassUID => new(0x0002, 0x0002);

    /// <summary>(0002,0003) Media Storage SOP Instance UID, UI 1</summary>
    public static DicomTag MediaStorageSOPInstanceUID => new(0x0002, 0x0003);

    /// <summary>(0002,0010) Transfer Syntax UID, UI 1</summary>
    public static DicomTag TransferSyntaxUID => new(0x0002, 0x0010);

    /// <summary>(0002,0012) Implementation Class UID, UI 1</summary>
    public static DicomTag ImplementationClassUID => new(0x0002, 0x0012);

    /// <summary>(0002,0013) Implementation Version Name, SH 1</summary>
    public static DicomTag ImplementationVersionName => new(0x0002, 0x0013);

    /// <summary>(0002,0016) Source Application Entity Title, AE 1</summary>
    public static DicomTag SourceApplicationEntityTitle => new(0x0002, 0x0016);

    /// <summary>(0002,0017) Sending Application Entity Title, AE 1</summary>
    public static DicomTag SendingApplicationEntityTitle => new(0x0002, 0x0017);

    /// <summary>(0002,0018) Receiving Application Entity Title, AE 1</summary>
    public static DicomTag ReceivingApplicationEntityTitle => new(0x0002, 0x0018);

    /// <summary>(0002,0026) Source Presentation Address, UR 1</summary>
    public static DicomTag SourcePresentationAddress => new(0x0002, 0x0026);

    /// <summary>(0002,0027) Sending Presentation Address, UR 1</summary>
    public static DicomTag SendingPresentationAddress => new(0x0002, 0x0027);

    /// <summary>(0002,0028) Receiving Presentation Address, UR 1</summary>
    public static DicomTag ReceivingPresentationAddress => new(0x0002, 0x0028);

    /// <summary>(0002,0031) RTV Meta Information Version, OB 1</summary>
    public static DicomTag RTVMetaInformationVersion => new(0x0002, 0x0031);

    /// <summary>(0002,0032) RTV Communication SOP Class UID, UI 1</summary>
    public static DicomTag RTVCommunicationSOPClassUID => new(0x0002, 0x0032);

    /// <summary>(0002,0033) RTV Communication SOP Instance UID, UI 1</summary>
    public static DicomTag RTVCommunicationSOPInstanceUID => new(0x0002, 0x0033);

    /// <summary>(0002,0035) RTV Source Identifier, OB 1</summary>
    public static DicomTag RTVSourceIdentifier => new(0x0002, 0x0035);

    /// <summary>(0002,0036) RTV Flow Identifier, OB 1</summary>
    public static DicomTag RTVFlowIdentifier => new(0x0002, 0x0036);

    /// <summary>(0002,0037) RTV Flow RTP Sampling Rate, UL 1</summary>
    public static DicomTag RTVFlowRTPSamplingRate => new(0x0002, 0x0037);

    /// <summary>(0002,0038) RTV Flow Actual Frame Duration, FD 1</summary>
    public static DicomTag RTVFlowActualFrameDuration => new(0x0002, 0x0038);

    /// <summary>(0002,0100) Private Information Creator UID, UI 1</summary>
    public static DicomTag PrivateInformationCreatorUID => new(0x0002, 0x0100);

    /// <summary>(0002,0102) Private Information, OB 1</summary>
    public static DicomTag PrivateInformation => new(0x0002, 0x0102);

    /// <summary>(0004,1130) File-set ID, CS 1</summary>
    public static DicomTag FileSetID => new(0x0004, 0x1130);

    /// <summary>(0004,1141) File-set Descriptor File ID, CS 1-8</summary>
    public static DicomTag FileSetDescriptorFileID => new(0x0004, 0x1141);

    /// <summary>(0004,1142) Specific Character Set of File-set Descriptor File, CS 1</summary>
    public static DicomTag SpecificCharacterSetOfFileSetDescriptorFile => new(0x0004, 0x1142);

    /// <summary>(0004,1200) Offset of the First Directory Record of the Root Directory Entity, UL 1</summary>
    public static DicomTag OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity => new(0x0004, 0x1200);

    /// <summary>(0004,1202) Offset of the Last Directory Record of the Root Directory Entity, UL 1</summary>
    public static DicomTag OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity => new(0x0004, 0x1202);

    /// <summary>(0004,1212) File-set Consistency Flag, US 1</summary>
    public static DicomTag FileSetConsistencyFlag => new(0x0004, 0x1212);

    /// <summary>(0004,1220) Directory Record Sequence, SQ 1</summary>
    public static DicomTag DirectoryRecordSequence => new(0x0004, 0x1220);

    /// <summary>(0004,1400) Offset of the Next Directory Record, UL 1</summary>
    public static DicomTag OffsetOfTheNextDirectoryRecord => new(0x0004, 0x1400);

    /// <summary>(0004,1410) Record In-use Flag, US 1</summary>
    public static DicomTag RecordInUseFlag => new(0x0004, 0x1410);

    /// <summary>(0004,1420) Offset of Referenced Lower-Level Directory Entity, UL 1</summary>
    public static DicomTag OffsetOfReferencedLowerLevelDirectoryEntity => new(0x0004, 0x1420);

    /// <summary>(0004,1430) Directory Record Type, CS 1</summary>
    public static DicomTag DirectoryRecordType => new(0x0004, 0x1430);

    /// <summary>(0004,1432) Private Record UID, UI 1</summary>
    public static DicomTag PrivateRecordUID => new(0x0004, 0x1432);

    /// <summary>(0004,1500) Referenced File ID, CS 1-8</summary>
    public static DicomTag ReferencedFileID => new(0x0004, 0x1500);

    /// <summary>(0004,1504) MRDR Directory Record Offset, UL 1, retired</summary>
    public static DicomTag MRDRDirectoryRecordOffset => new(0x0004, 0x1504);

    /// <summary>(0004,1510) Referenced SOP Class UID in File, UI 1</summary>
    public static DicomTag ReferencedSOPClassUIDInFile => new(0x0004, 0x1510);

    /// <summary>(0004,1511) Referenced SOP Instance UID in File, UI 1</summary>
    public static DicomTag ReferencedSOPInstanceUIDInFile => new(0x0004, 0x1511);

    /// <summary>(0004,1512) Referenced Transfer Syntax UID in File, UI 1</summary>
    public static DicomTag ReferencedTransferSyntaxUIDInFile => new(0x0004, 0x1512);

    /// <summary>(0004,151A) Referenced Related General SOP Class UID in File, UI 1-n</summary>
    public static DicomTag ReferencedRelatedGeneralSOPClassUIDInFile => new(0x0004, 0x151A);

    /// <summary>(0004,1600) Number of References, UL 1, retired</summary>
    public static DicomTag NumberOfReferences => new(0x0004, 0x1600);

    /// <summary>(0006,0001) Current Frame Functional Groups Sequence, SQ 1</summary>
    public static DicomTag CurrentFrameFunctionalGroupsSequence => new(0x0006, 0x0001);

    /// <summary>(0008,0001) Length to End, UL 1, retired</summary>
    public static DicomTag LengthToEnd => new(0x0008, 0x0001);

    /// <summary>(0008,0005) Specific Character Set, CS 1-n</summary>
    public static DicomTag SpecificCharacterSet => new(0x0008, 0x0005);

    /// <summary>(0008,0006) Language Code Sequence, SQ 1</summary>
    public static DicomTag LanguageCodeSequence => new(0x0008, 0x0006);

    /// <summary>(0008,0008) Image Type, CS 2-n</summary>
    public static DicomTag ImageType => new(0x0008, 0x0008);

    /// <summary>(0008,0010) Recognition Code, SH 1, retired</summary>
    public static DicomTag RecognitionCode => new(0x0008, 0x0010);

    /// <summary>(0008,0012) Instance Creation Date, DA 1</summary>
    public static DicomTag InstanceCreationDate => new(0x0008, 0x0012);

    /// <summary>(0008,0013) Instance Creation Time, TM 1</summary>
    public static DicomTag InstanceCreationTime => new(0x0008, 0x0013);

    /// <summary>(0008,0014) Instance Creator UID, UI 1</summary>
    public static DicomTag InstanceCreatorUID => new(0x0008, 0x0014);

    /// <summary>(0008,0015) Instance Coercion DateTime, DT 1</summary>
    public static DicomTag InstanceCoercionDateTime => new(0x0008, 0x0015);

    /// <summary>(0008,0016) SOP Class UID, UI 1</summary>
    public static DicomTag SOPClassUID => new(0x0008, 0x0016);

    /// <summary>(0008,0017) Acquisition UID, UI 1</summary>
    public static DicomTag AcquisitionUID => new(0x0008, 0x0017);

    /// <summary>(0008,0018) SOP Instance UID, UI 1</summary>
    public static DicomTag SOPInstanceUID => new(0x0008, 0x0018);

    /// <summary>(0008,0019) Pyramid UID, UI 1</summary>
    public static DicomTag PyramidUID => new(0x0008, 0x0019);

    /// <summary>(0008,001A) Related General SOP Class UID, UI 1-n</summary>
    public static DicomTag RelatedGeneralSOPClassUID => new(0x0008, 0x001A);

    /// <summary>(0008,001B) Original Specialized SOP Class UID, UI 1</summary>
    public static DicomTag OriginalSpecializedSOPClassUID => new(0x0008, 0x001B);

    /// <summary>(0008,0020) Study Date, DA 1</summary>
    public static DicomTag StudyDate => new(0x0008, 0x0020);

    /// <summary>(0008,0021) Series Date, DA 1</summary>
    public static DicomTag SeriesDate => new(0x0008, 0x0021);

    /// <summary>(0008,0022) Acquisition Date, DA 1</summary>
    public static DicomTag AcquisitionDate => new(0x0008, 0x0022);

    /// <summary>(0008,0023) Content Date, DA 1</summary>
    public static DicomTag ContentDate => new(0x0008, 0x0023);

    /// <summary>(0008,0024) Overlay Date, DA 1, retired</summary>
    public static DicomTag OverlayDate => new(0x0008, 0x0024);

    /// <summary>(0008,0025) Curve Date, DA 1, retired</summary>
    public static DicomTag CurveDate => new(0x0008, 0x0025);

    /// <summary>(0008,002A) Acquisition DateTime, DT 1</summary>
    public static DicomTag AcquisitionDateTime => new(0x0008, 0x002A);

    /// <summary>(0008,0030) Study Time, TM 1</summary>
    public static DicomTag StudyTime => new(0x0008, 0x0030);

    /// <summary>(0008,0031) Series Time, TM 1</summary>
    public static DicomTag SeriesTime => new(0x0008, 0x0031);

    /// <summary>(0008,0032) Acquisition Time, TM 1</summary>
    public static DicomTag AcquisitionTime => new(0x0008, 0x0032);

    /// <summary>(0008,0033) Content Time, TM 1</summary>
    public static DicomTag ContentTime => new(0x0008, 0x0033);

    /// <summary>(0008,0034) Overlay Time, TM 1, retired</summary>
    public static DicomTag OverlayTime => new(0x0008, 0x0034);

    /// <summary>(0008,0035) Curve Time, TM 1, retired</summary>
    public static DicomTag CurveTime => new(0x0008, 0x0035);

    /// <summary>(0008,0040) Data Set Type, US 1, retired</summary>
    public static DicomTag DataSetType => new(0x0008, 0x0040);

    /// <summary>(0008,0041) Data Set Subtype, LO 1, retired</summary>
    public static DicomTag DataSetSubtype => new(0x0008, 0x0041);

    /// <summary>(0008,0042) Nuclear Medicine Series Type, CS 1, retired</summary>
    public static DicomTag NuclearMedicineSeriesType => new(0x0008, 0x0042);

    /// <summary>(0008,0050) Accession Number, SH 1</summary>
    public static DicomTag AccessionNumber => new(0x0008, 0x0050);

    /// <summary>(0008,0051) Issuer of Accession Number Sequence, SQ 1</summary>
    public static DicomTag IssuerOfAccessionNumberSequence => new(0x0008, 0x0051);

    /// <summary>(0008,0052) Query/Retrieve Level, CS 1</summary>
    public static DicomTag QueryRetrieveLevel => new(0x0008, 0x0052);

    /// <summary>(0008,0053) Query/Retrieve View, CS 1</summary>
    public static DicomTag QueryRetrieveView => new(0x0008, 0x0053);

    /// <summary>(0008,0054) Retrieve AE Title, AE 1-n</summary>
    public static DicomTag RetrieveAETitle => new(0x0008, 0x0054);

    /// <summary>(0008,0055) Station AE Title, AE 1</summary>
    public static DicomTag StationAETitle => new(0x0008, 0x0055);

    /// <summary>(0008,0056) Instance Availability, CS 1</summary>
    public static DicomTag InstanceAvailability => new(0x0008, 0x0056);

    /// <summary>(0008,0058) Failed SOP Instance UID List, UI 1-n</summary>
    public static DicomTag FailedSOPInstanceUIDList => new(0x0008, 0x0058);

    /// <summary>(0008,0060) Modality, CS 1</summary>
    public static DicomTag Modality => new(0x0008, 0x0060);

    /// <summary>(0008,0061) Modalities in Study, CS 1-n</summary>
    public static DicomTag ModalitiesInStudy => new(0x0008, 0x0061);

    /// <summary>(0008,0062) SOP Classes in Study, UI 1-n</summary>
    public static DicomTag SOPClassesInStudy => new(0x0008, 0x0062);

    /// <summary>(0008,0063) Anatomic Regions in Study Code Sequence, SQ 1</summary>
    public static DicomTag AnatomicRegionsInStudyCodeSequence => new(0x0008, 0x0063);

    /// <summary>(0008,0064) Conversion Type, CS 1</summary>
    public static DicomTag ConversionType => new(0x0008, 0x0064);

    /// <summary>(0008,0068) Presentation Intent Type, CS 1</summary>
    public static DicomTag PresentationIntentType => new(0x0008, 0x0068);

    /// <summary>(0008,0070) Manufacturer, LO 1</summary>
    public static DicomTag Manufacturer => new(0x0008, 0x0070);

    /// <summary>(0008,0080) Institution Name, LO 1</summary>
    public static DicomTag InstitutionName => new(0x0008, 0x0080);

    /// <summary>(0008,0081) Institution Address, ST 1</summary>
    public static DicomTag InstitutionAddress => new(0x0008, 0x0081);

    /// <summary>(0008,0082) Institution Code Sequence, SQ 1</summary>
    public static DicomTag InstitutionCodeSequence => new(0x0008, 0x0082);

    /// <summary>(0008,0090) Referring Physician's Name, PN 1</summary>
    public static DicomTag ReferringPhysicianName => new(0x0008, 0x0090);

    /// <summary>(0008,0092) Referring Physician's Address, ST 1</summary>
    public static DicomTag ReferringPhysicianAddress => new(0x0008, 0x0092);

    /// <summary>(0008,0094) Referring Physician's Telephone Numbers, SH 1-n</summary>
    public static DicomTag ReferringPhysicianTelephoneNumbers => new(0x0008, 0x0094);

    /// <summary>(0008,0096) Referring Physician Identification Sequence, SQ 1</summary>
    public static DicomTag ReferringPhysicianIdentificationSequence => new(0x0008, 0x0096);

    /// <summary>(0008,009C) Consulting Physician's Name, PN 1-n</summary>
    public static DicomTag ConsultingPhysicianName => new(0x0008, 0x009C);

    /// <summary>(0008,009D) Consulting Physician Identification Sequence, SQ 1</summary>
    public static DicomTag ConsultingPhysicianIdentificationSequence => new(0x0008, 0x009D);

    /// <summary>(0008,0100) Code Value, SH 1</summary>
    public static DicomTag CodeValue => new(0x0008, 0x0100);

    /// <summary>(0008,0101) Extended Code Value, LO 1</summary>
    public static DicomTag ExtendedCodeValue => new(0x0008, 0x0101);

    /// <summary>(0008,0102) Coding Scheme Designator, SH 1</summary>
    public static DicomTag CodingSchemeDesignator => new(0x0008, 0x0102);

    /// <summary>(0008,0103) Coding Scheme Version, SH 1</summary>
    public static DicomTag CodingSchemeVersion => new(0x0008, 0x0103);

    /// <summary>(0008,0104) Code Meaning, LO 1</summary>
    public static DicomTag CodeMeaning => new(0x0008, 0x0104);

    /// <summary>(0008,0105) Mapping Resource, CS 1</summary>
    public static DicomTag MappingResource => new(0x0008, 0x0105);

    /// <summary>(0008,0106) Context Group Version, DT 1</summary>
    public static DicomTag ContextGroupVersion => new(0x0008, 0x0106);

    /// <summary>(0008,0107) Context Group Local Version, DT 1</summary>
    public static DicomTag ContextGroupLocalVersion => new(0x0008, 0x0107);

    /// <summary>(0008,0108) Extended Code Meaning, LT 1</summary>
    public static DicomTag ExtendedCodeMeaning => new(0x0008, 0x0108);

    /// <summary>(0008,0109) Coding Scheme Resources Sequence, SQ 1</summary>
    public static DicomTag CodingSchemeResourcesSequence => new(0x0008, 0x0109);

    /// <summary>(0008,010A) Coding Scheme URL Type, CS 1</summary>
    public static DicomTag CodingSchemeURLType => new(0x0008, 0x010A);

    /// <summary>(0008,010B) Context Group Extension Flag, CS 1</summary>
    public static DicomTag ContextGroupExtensionFlag => new(0x0008, 0x010B);

    /// <summary>(0008,010C) Coding Scheme UID, UI 1</summary>
    public static DicomTag CodingSchemeUID => new(0x0008, 0x010C);

    /// <summary>(0008,010D) Context Group Extension Creator UID, UI 1</summary>
    public static DicomTag ContextGroupExtensionCreatorUID => new(0x0008, 0x010D);

    /// <summary>(0008,010E) Coding Scheme URL, UR 1</summary>
    public static DicomTag CodingSchemeURL => new(0x0008, 0x010E);

    /// <summary>(0008,010F) Context Identifier, CS 1</summary>
    public static DicomTag ContextIdentifier => new(0x0008, 0x010F);

    /// <summary>(0008,0110) Coding Scheme Identification Sequence, SQ 1</summary>
    public static DicomTag CodingSchemeIdentificationSequence => new(0x0008, 0x0110);

    /// <summary>(0008,0112) Coding Scheme Registry, LO 1</summary>
    public static DicomTag CodingSchemeRegistry => new(0x0008, 0x0112);

    /// <summary>(0008,0114) Coding Scheme External ID, ST 1</summary>
    public static DicomTag CodingSchemeExternalID => new(0x0008, 0x0114);

    /// <summary>(0008,0115) Coding Scheme Name, ST 1</summary>
    public static DicomTag CodingSchemeName => new(0x0008, 0x0115);

    /// <summary>(0008,0116) Coding Scheme Responsible Organization, ST 1</summary>
    public static DicomTag CodingSchemeResponsibleOrganization => new(0x0008, 0x0116);

    /// <summary>(0008,0117) Context UID, UI 1</summary>
    public static DicomTag ContextUID => new(0x0008, 0x0117);

    /// <summary>(0008,0118) Mapping Resource UID, UI 1</summary>
    public static DicomTag MappingResourceUID => new(0x0008, 0x0118);

    /// <summary>(0008,0119) Long Code Value, UC 1</summary>
    public static DicomTag LongCodeValue => new(0x0008, 0x0119);

    /// <summary>(0008,0120) URN Code Value, UR 1</summary>
    public static DicomTag URNCodeValue => new(0x0008, 0x0120);

    /// <summary>(0008,0121) Equivalent Code Sequence, SQ 1</summary>
    public static DicomTag EquivalentCodeSequence => new(0x0008, 0x0121);

    /// <summary>(0008,0122) Mapping Resource Name, LO 1</summary>
    public static DicomTag MappingResourceName => new(0x0008, 0x0122);

    /// <summary>(0008,0123) Context Group Identification Sequence, SQ 1</summary>
    public static DicomTag ContextGroupIdentificationSequence => new(0x0008, 0x0123);

    /// <summary>(0008,0124) Mapping Resource Identification Sequence, SQ 1</summary>
    public static DicomTag MappingResourceIdentificationSequence => new(0x0008, 0x0124);

    /// <summary>(0008,0201) Timezone Offset From UTC, SH 1</summary>
    public static DicomTag TimezoneOffsetFromUTC => new(0x0008, 0x0201);

    /// <summary>(0008,0220) Responsible Group Code Sequence, SQ 1</summary>
    public static DicomTag ResponsibleGroupCodeSequence => new(0x0008, 0x0220);

    /// <summary>(0008,0221) Equipment Modality, CS 1</summary>
    public static DicomTag EquipmentModality => new(0x0008, 0x0221);

    /// <summary>(0008,0222) Manufacturer's Related Model Group, LO 1</summary>
    public static DicomTag ManufacturerRelatedModelGroup => new(0x0008, 0x0222);

    /// <summary>(0008,0300) Private Data Element Characteristics Sequence, SQ 1</summary>
    public static DicomTag PrivateDataElementCharacteristicsSequence => new(0x0008, 0x0300);

    /// <summary>(0008,0301) Private Group Reference, US 1</summary>
    public static DicomTag PrivateGroupReference => new(0x0008, 0x0301);

    /// <summary>(0008,0302) Private Creator Reference, LO 1</summary>
    public static DicomTag PrivateCreatorReference => new(0x0008, 0x0302);

    /// <summary>(0008,0303) Block Identifying Information Status, CS 1</summary>
    public static DicomTag BlockIdentifyingInformationStatus => new(0x0008, 0x0303);

    /// <summary>(0008,0304) Nonidentifying Private Elements, US 1-n</summary>
    public static DicomTag NonidentifyingPrivateElements => new(0x0008, 0x0304);

    /// <summary>(0008,0305) Deidentification Action Sequence, SQ 1</summary>
    public static DicomTag DeidentificationActionSequence => new(0x0008, 0x0305);

    /// <summary>(0008,0306) Identifying Private Elements, US 1-n</summary>
    public static DicomTag IdentifyingPrivateElements => new(0x0008, 0x0306);

    /// <summary>(0008,0307) Deidentification Action, CS 1</summary>
    public static DicomTag DeidentificationAction => new(0x0008, 0x0307);

    /// <summary>(0008,0308) Private Data Element, US 1</summary>
    public static DicomTag PrivateDataElement => new(0x0008, 0x0308);

    /// <summary>(0008,0309) Private Data Element Value Multiplicity, UL 1-3</summary>
    public static DicomTag PrivateDataElementValueMultiplicity => new(0x0008, 0x0309);

    /// <summary>(0008,030A) Private Data Element Value Representation, CS 1</summary>
    public static DicomTag PrivateDataElementValueRepresentation => new(0x0008, 0x030A);

    /// <summary>(0008,030B) Private Data Element Number of Items, UL 1-2</summary>
    public static DicomTag PrivateDataElementNumberOfItems => new(0x0008, 0x030B);

    /// <summary>(0008,030C) Private Data Element Name, UC 1</summary>
    public static DicomTag PrivateDataElementName => new(0x0008, 0x030C);

    /// <summary>(0008,030D) Private Data Element Keyword, UC 1</summary>
    public static DicomTag PrivateDataElementKeyword => new(0x0008, 0x030D);

    /// <summary>(0008,030E) Private Data Element Description, UT 1</summary>
    public static DicomTag PrivateDataElementDescription => new(0x0008, 0x030E);

    /// <summary>(0008,030F) Private Data Element Encoding, UT 1</summary>
    public static DicomTag PrivateDataElementEncoding => new(0x0008, 0x030F);

    /// <summary>(0008,0310) Private Data Element Definition Sequence, SQ 1</summary>
    public static DicomTag PrivateDataElementDefinitionSequence => new(0x0008, 0x0310);

    /// <summary>(0008,1000) Network ID, AE 1, retired</summary>
    public static DicomTag NetworkID => new(0x0008, 0x1000);

    /// <summary>(0008,1010) Station Name, SH 1</summary>
    public static DicomTag StationName => new(0x0008, 0x1010);

    /// <summary>(0008,1030) Study Description, LO 1</summary>
    public static DicomTag StudyDescription => new(0x0008, 0x1030);

    /// <summary>(0008,1032) Procedure Code Sequence, SQ 1</summary>
    public static DicomTag ProcedureCodeSequence => new(0x0008, 0x1032);

    /// <summary>(0008,103E) Series Description, LO 1</summary>
    public static DicomTag SeriesDescription => new(0x0008, 0x103E);

    /// <summary>(0008,103F) Series Description Code Sequence, SQ 1</summary>
    public static DicomTag SeriesDescriptionCodeSequence => new(0x0008, 0x103F);

    /// <summary>(0008,1040) Institutional Department Name, LO 1</summary>
    public static DicomTag InstitutionalDepartmentName => new(0x0008, 0x1040);

    /// <summary>(0008,1041) Institutional Department Type Code Sequence, SQ 1</summary>
    public static DicomTag InstitutionalDepartmentTypeCodeSequence => new(0x0008, 0x1041);

    /// <summary>(0008,1048) Physician(s) of Record, PN 1-n</summary>
    public static DicomTag PhysiciansOfRecord => new(0x0008, 0x1048);

    /// <summary>(0008,1049) Physician(s) of Record Identification Sequence, SQ 1</summary>
    public static DicomTag PhysiciansOfRecordIdentificationSequence => new(0x0008, 0x1049);

    /// <summary>(0008,1050) Performing Physician's Name, PN 1-n</summary>
    public static DicomTag PerformingPhysicianName => new(0x0008, 0x1050);

    /// <summary>(0008,1052) Performing Physician Identification Sequence, SQ 1</summary>
    public static DicomTag PerformingPhysicianIdentificationSequence => new(0x0008, 0x1052);

    /// <summary>(0008,1060) Name of Physician(s) Reading Study, PN 1-n</summary>
    public static DicomTag NameOfPhysiciansReadingStudy => new(0x0008, 0x1060);

    /// <summary>(0008,1062) Physician(s) Reading Study Identification Sequence, SQ 1</summary>
    public static DicomTag PhysiciansReadingStudyIdentificationSequence => new(0x0008, 0x1062);

    /// <summary>(0008,1070) Operators' Name, PN 1-n</summary>
    public static DicomTag OperatorsName => new(0x0008, 0x1070);

    /// <summary>(0008,1072) Operator Identification Sequence, SQ 1</summary>
    public static DicomTag OperatorIdentificationSequence => new(0x0008, 0x1072);

    /// <summary>(0008,1080) Admitting Diagnoses Description, LO 1-n</summary>
    public static DicomTag AdmittingDiagnosesDescription => new(0x0008, 0x1080);

    /// <summary>(0008,1084) Admitting Diagnoses Code Sequence, SQ 1</summary>
    public static DicomTag AdmittingDiagnosesCodeSequence => new(0x0008, 0x1084);

    /// <summary>(0008,1088) Pyramid Description, LO 1</summary>
    public static DicomTag PyramidDescription => new(0x0008, 0x1088);

    /// <summary>(0008,1090) Manufacturer's Model Name, LO 1</summary>
    public static DicomTag ManufacturerModelName => new(0x0008, 0x1090);

    /// <summary>(0008,1100) Referenced Results Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedResultsSequence => new(0x0008, 0x1100);

    /// <summary>(0008,1110) Referenced Study Sequence, SQ 1</summary>
    public static DicomTag ReferencedStudySequence => new(0x0008, 0x1110);

    /// <summary>(0008,1111) Referenced Performed Procedure Step Sequence, SQ 1</summary>
    public static DicomTag ReferencedPerformedProcedureStepSequence => new(0x0008, 0x1111);

    /// <summary>(0008,1115) Referenced Series Sequence, SQ 1</summary>
    public static DicomTag ReferencedSeriesSequence => new(0x0008, 0x1115);

    /// <summary>(0008,1120) Referenced Patient Sequence, SQ 1</summary>
    public static DicomTag ReferencedPatientSequence => new(0x0008, 0x1120);

    /// <summary>(0008,1125) Referenced Visit Sequence, SQ 1</summary>
    public static DicomTag ReferencedVisitSequence => new(0x0008, 0x1125);

    /// <summary>(0008,1130) Referenced Overlay Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedOverlaySequence => new(0x0008, 0x1130);

    /// <summary>(0008,1134) Referenced Stereometric Instance Sequence, SQ 1</summary>
    public static DicomTag ReferencedStereometricInstanceSequence => new(0x0008, 0x1134);

    /// <summary>(0008,113A) Referenced Waveform Sequence, SQ 1</summary>
    public static DicomTag ReferencedWaveformSequence => new(0x0008, 0x113A);

    /// <summary>(0008,1140) Referenced Image Sequence, SQ 1</summary>
    public static DicomTag ReferencedImageSequence => new(0x0008, 0x1140);

    /// <summary>(0008,1145) Referenced Curve Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedCurveSequence => new(0x0008, 0x1145);

    /// <summary>(0008,114A) Referenced Instance Sequence, SQ 1</summary>
    public static DicomTag ReferencedInstanceSequence => new(0x0008, 0x114A);

    /// <summary>(0008,114B) Referenced Real World Value Mapping Instance Sequence, SQ 1</summary>
    public static DicomTag ReferencedRealWorldValueMappingInstanceSequence => new(0x0008, 0x114B);

    /// <summary>(0008,1150) Referenced SOP Class UID, UI 1</summary>
    public static DicomTag ReferencedSOPClassUID => new(0x0008, 0x1150);

    /// <summary>(0008,1155) Referenced SOP Instance UID, UI 1</summary>
    public static DicomTag ReferencedSOPInstanceUID => new(0x0008, 0x1155);

    /// <summary>(0008,1156) Definition Source Sequence, SQ 1</summary>
    public static DicomTag DefinitionSourceSequence => new(0x0008, 0x1156);

    /// <summary>(0008,115A) SOP Classes Supported, UI 1-n</summary>
    public static DicomTag SOPClassesSupported => new(0x0008, 0x115A);

    /// <summary>(0008,1160) Referenced Frame Number, IS 1-n</summary>
    public static DicomTag ReferencedFrameNumber => new(0x0008, 0x1160);

    /// <summary>(0008,1161) Simple Frame List, UL 1-n</summary>
    public static DicomTag SimpleFrameList => new(0x0008, 0x1161);

    /// <summary>(0008,1162) Calculated Frame List, UL 3-3n</summary>
    public static DicomTag CalculatedFrameList => new(0x0008, 0x1162);

    /// <summary>(0008,1163) Time Range, FD 2</summary>
    public static DicomTag TimeRange => new(0x0008, 0x1163);

    /// <summary>(0008,1164) Frame Extraction Sequence, SQ 1</summary>
    public static DicomTag FrameExtractionSequence => new(0x0008, 0x1164);

    /// <summary>(0008,1167) Multi-frame Source SOP Instance UID, UI 1</summary>
    public static DicomTag MultiFrameSourceSOPInstanceUID => new(0x0008, 0x1167);

    /// <summary>(0008,1190) Retrieve URL, UR 1</summary>
    public static DicomTag RetrieveURL => new(0x0008, 0x1190);

    /// <summary>(0008,1195) Transaction UID, UI 1</summary>
    public static DicomTag TransactionUID => new(0x0008, 0x1195);

    /// <summary>(0008,1196) Warning Reason, US 1</summary>
    public static DicomTag WarningReason => new(0x0008, 0x1196);

    /// <summary>(0008,1197) Failure Reason, US 1</summary>
    public static DicomTag FailureReason => new(0x0008, 0x1197);

    /// <summary>(0008,1198) Failed SOP Sequence, SQ 1</summary>
    public static DicomTag FailedSOPSequence => new(0x0008, 0x1198);

    /// <summary>(0008,1199) Referenced SOP Sequence, SQ 1</summary>
    public static DicomTag ReferencedSOPSequence => new(0x0008, 0x1199);

    /// <summary>(0008,119A) Other Failures Sequence, SQ 1</summary>
    public static DicomTag OtherFailuresSequence => new(0x0008, 0x119A);

    /// <summary>(0008,1200) Studies Containing Other Referenced Instances Sequence, SQ 1</summary>
    public static DicomTag StudiesContainingOtherReferencedInstancesSequence => new(0x0008, 0x1200);

    /// <summary>(0008,1250) Related Series Sequence, SQ 1</summary>
    public static DicomTag RelatedSeriesSequence => new(0x0008, 0x1250);

    /// <summary>(0008,2110) Lossy Image Compression (Retired), CS 1, retired</summary>
    public static DicomTag LossyImageCompressionRetired => new(0x0008, 0x2110);

    /// <summary>(0008,2111) Derivation Description, ST 1</summary>
    public static DicomTag DerivationDescription => new(0x0008, 0x2111);

    /// <summary>(0008,2112) Source Image Sequence, SQ 1</summary>
    public static DicomTag SourceImageSequence => new(0x0008, 0x2112);

    /// <summary>(0008,2120) Stage Name, SH 1</summary>
    public static DicomTag StageName => new(0x0008, 0x2120);

    /// <summary>(0008,2122) Stage Number, IS 1</summary>
    public static DicomTag StageNumber => new(0x0008, 0x2122);

    /// <summary>(0008,2124) Number of Stages, IS 1</summary>
    public static DicomTag NumberOfStages => new(0x0008, 0x2124);

    /// <summary>(0008,2127) View Name, SH 1</summary>
    public static DicomTag ViewName => new(0x0008, 0x2127);

    /// <summary>(0008,2128) View Number, IS 1</summary>
    public static DicomTag ViewNumber => new(0x0008, 0x2128);

    /// <summary>(0008,2129) Number of Event Timers, IS 1</summary>
    public static DicomTag NumberOfEventTimers => new(0x0008, 0x2129);

    /// <summary>(0008,212A) Number of Views in Stage, IS 1</summary>
    public static DicomTag NumberOfViewsInStage => new(0x0008, 0x212A);

    /// <summary>(0008,2130) Event Elapsed Time(s), DS 1-n</summary>
    public static DicomTag EventElapsedTimes => new(0x0008, 0x2130);

    /// <summary>(0008,2132) Event Timer Name(s), LO 1-n</summary>
    public static DicomTag EventTimerNames => new(0x0008, 0x2132);

    /// <summary>(0008,2133) Event Timer Sequence, SQ 1</summary>
    public static DicomTag EventTimerSequence => new(0x0008, 0x2133);

    /// <summary>(0008,2134) Event Time Offset, FD 1</summary>
    public static DicomTag EventTimeOffset => new(0x0008, 0x2134);

    /// <summary>(0008,2135) Event Code Sequence, SQ 1</summary>
    public static DicomTag EventCodeSequence => new(0x0008, 0x2135);

    /// <summary>(0008,2142) Start Trim, IS 1</summary>
    public static DicomTag StartTrim => new(0x0008, 0x2142);

    /// <summary>(0008,2143) Stop Trim, IS 1</summary>
    public static DicomTag StopTrim => new(0x0008, 0x2143);

    /// <summary>(0008,2144) Recommended Display Frame Rate, IS 1</summary>
    public static DicomTag RecommendedDisplayFrameRate => new(0x0008, 0x2144);

    /// <summary>(0008,2200) Transducer Position, CS 1, retired</summary>
    public static DicomTag TransducerPosition => new(0x0008, 0x2200);

    /// <summary>(0008,2204) Transducer Orientation, CS 1, retired</summary>
    public static DicomTag TransducerOrientation => new(0x0008, 0x2204);

    /// <summary>(0008,2208) Anatomic Structure, CS 1, retired</summary>
    public static DicomTag AnatomicStructure => new(0x0008, 0x2208);

    /// <summary>(0008,2218) Anatomic Region Sequence, SQ 1</summary>
    public static DicomTag AnatomicRegionSequence => new(0x0008, 0x2218);

    /// <summary>(0008,2220) Anatomic Region Modifier Sequence, SQ 1</summary>
    public static DicomTag AnatomicRegionModifierSequence => new(0x0008, 0x2220);

    /// <summary>(0008,2228) Primary Anatomic Structure Sequence, SQ 1</summary>
    public static DicomTag PrimaryAnatomicStructureSequence => new(0x0008, 0x2228);

    /// <summary>(0008,2229) Anatomic Structure, Space or Region Sequence, SQ 1, retired</summary>
    public static DicomTag AnatomicStructureSpaceOrRegionSequence => new(0x0008, 0x2229);

    /// <summary>(0008,2230) Primary Anatomic Structure Modifier Sequence, SQ 1</summary>
    public static DicomTag PrimaryAnatomicStructureModifierSequence => new(0x0008, 0x2230);

    /// <summary>(0008,2240) Transducer Position Sequence, SQ 1, retired</summary>
    public static DicomTag TransducerPositionSequence => new(0x0008, 0x2240);

    /// <summary>(0008,2242) Transducer Position Modifier Sequence, SQ 1, retired</summary>
    public static DicomTag TransducerPositionModifierSequence => new(0x0008, 0x2242);

    /// <summary>(0008,2244) Transducer Orientation Sequence, SQ 1, retired</summary>
    public static DicomTag TransducerOrientationSequence => new(0x0008, 0x2244);

    /// <summary>(0008,2246) Transducer Orientation Modifier Sequence, SQ 1, retired</summary>
    public static DicomTag TransducerOrientationModifierSequence => new(0x0008, 0x2246);

    /// <summary>(0008,2251) Anatomic Structure Space Or Region Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag AnatomicStructureSpaceOrRegionCodeSequenceTrial => new(0x0008, 0x2251);

    /// <summary>(0008,2253) Anatomic Portal Of Entrance Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag AnatomicPortalOfEntranceCodeSequenceTrial => new(0x0008, 0x2253);

    /// <summary>(0008,2255) Anatomic Approach Direction Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag AnatomicApproachDirectionCodeSequenceTrial => new(0x0008, 0x2255);

    /// <summary>(0008,2256) Anatomic Perspective Description (Trial), ST 1, retired</summary>
    public static DicomTag AnatomicPerspectiveDescriptionTrial => new(0x0008, 0x2256);

    /// <summary>(0008,2257) Anatomic Perspective Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag AnatomicPerspectiveCodeSequenceTrial => new(0x0008, 0x2257);

    /// <summary>(0008,2258) Anatomic Location Of Examining Instrument Description (Trial), ST 1, retired</summary>
    public static DicomTag AnatomicLocationOfExaminingInstrumentDescriptionTrial => new(0x0008, 0x2258);

    /// <summary>(0008,2259) Anatomic Location Of Examining Instrument Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag AnatomicLocationOfExaminingInstrumentCodeSequenceTrial => new(0x0008, 0x2259);

    /// <summary>(0008,225A) Anatomic Structure Space Or Region Modifier Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag AnatomicStructureSpaceOrRegionModifierCodeSequenceTrial => new(0x0008, 0x225A);

    /// <summary>(0008,225C) On Axis Background Anatomic Structure Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag OnAxisBackgroundAnatomicStructureCodeSequenceTrial => new(0x0008, 0x225C);

    /// <summary>(0008,3001) Alternate Representation Sequence, SQ 1</summary>
    public static DicomTag AlternateRepresentationSequence => new(0x0008, 0x3001);

    /// <summary>(0008,3002) Available Transfer Syntax UID, UI 1-n</summary>
    public static DicomTag AvailableTransferSyntaxUID => new(0x0008, 0x3002);

    /// <summary>(0008,3010) Irradiation Event UID, UI 1-n</summary>
    public static DicomTag IrradiationEventUID => new(0x0008, 0x3010);

    /// <summary>(0008,3011) Source Irradiation Event Sequence, SQ 1</summary>
    public static DicomTag SourceIrradiationEventSequence => new(0x0008, 0x3011);

    /// <summary>(0008,3012) Radiopharmaceutical Administration Event UID, UI 1</summary>
    public static DicomTag RadiopharmaceuticalAdministrationEventUID => new(0x0008, 0x3012);

    /// <summary>(0008,4000) Identifying Comments, LT 1, retired</summary>
    public static DicomTag IdentifyingComments => new(0x0008, 0x4000);

    /// <summary>(0008,9007) Frame Type, CS 4</summary>
    public static DicomTag FrameType => new(0x0008, 0x9007);

    /// <summary>(0008,9092) Referenced Image Evidence Sequence, SQ 1</summary>
    public static DicomTag ReferencedImageEvidenceSequence => new(0x0008, 0x9092);

    /// <summary>(0008,9121) Referenced Raw Data Sequence, SQ 1</summary>
    public static DicomTag ReferencedRawDataSequence => new(0x0008, 0x9121);

    /// <summary>(0008,9123) Creator-Version UID, UI 1</summary>
    public static DicomTag CreatorVersionUID => new(0x0008, 0x9123);

    /// <summary>(0008,9124) Derivation Image Sequence, SQ 1</summary>
    public static DicomTag DerivationImageSequence => new(0x0008, 0x9124);

    /// <summary>(0008,9154) Source Image Evidence Sequence, SQ 1</summary>
    public static DicomTag SourceImageEvidenceSequence => new(0x0008, 0x9154);

    /// <summary>(0008,9205) Pixel Presentation, CS 1</summary>
    public static DicomTag PixelPresentation => new(0x0008, 0x9205);

    /// <summary>(0008,9206) Volumetric Properties, CS 1</summary>
    public static DicomTag VolumetricProperties => new(0x0008, 0x9206);

    /// <summary>(0008,9207) Volume Based Calculation Technique, CS 1</summary>
    public static DicomTag VolumeBasedCalculationTechnique => new(0x0008, 0x9207);

    /// <summary>(0008,9208) Complex Image Component, CS 1</summary>
    public static DicomTag ComplexImageComponent => new(0x0008, 0x9208);

    /// <summary>(0008,9209) Acquisition Contrast, CS 1</summary>
    public static DicomTag AcquisitionContrast => new(0x0008, 0x9209);

    /// <summary>(0008,9215) Derivation Code Sequence, SQ 1</summary>
    public static DicomTag DerivationCodeSequence => new(0x0008, 0x9215);

    /// <summary>(0008,9237) Referenced Presentation State Sequence, SQ 1</summary>
    public static DicomTag ReferencedPresentationStateSequence => new(0x0008, 0x9237);

    /// <summary>(0008,9410) Referenced Other Plane Sequence, SQ 1</summary>
    public static DicomTag ReferencedOtherPlaneSequence => new(0x0008, 0x9410);

    /// <summary>(0008,9458) Frame Display Sequence, SQ 1</summary>
    public static DicomTag FrameDisplaySequence => new(0x0008, 0x9458);

    /// <summary>(0008,9459) Recommended Display Frame Rate in Float, FL 1</summary>
    public static DicomTag RecommendedDisplayFrameRateInFloat => new(0x0008, 0x9459);

    /// <summary>(0008,9460) Skip Frame Range Flag, CS 1</summary>
    public static DicomTag SkipFrameRangeFlag => new(0x0008, 0x9460);

    /// <summary>(0010,0010) Patient's Name, PN 1</summary>
    public static DicomTag PatientName => new(0x0010, 0x0010);

    /// <summary>(0010,0020) Patient ID, LO 1</summary>
    public static DicomTag PatientID => new(0x0010, 0x0020);

    /// <summary>(0010,0021) Issuer of Patient ID, LO 1</summary>
    public static DicomTag IssuerOfPatientID => new(0x0010, 0x0021);

    /// <summary>(0010,0022) Type of Patient ID, CS 1</summary>
    public static DicomTag TypeOfPatientID => new(0x0010, 0x0022);

    /// <summary>(0010,0024) Issuer of Patient ID Qualifiers Sequence, SQ 1</summary>
    public static DicomTag IssuerOfPatientIDQualifiersSequence => new(0x0010, 0x0024);

    /// <summary>(0010,0026) Source Patient Group Identification Sequence, SQ 1</summary>
    public static DicomTag SourcePatientGroupIdentificationSequence => new(0x0010, 0x0026);

    /// <summary>(0010,0027) Group of Patients Identification Sequence, SQ 1</summary>
    public static DicomTag GroupOfPatientsIdentificationSequence => new(0x0010, 0x0027);

    /// <summary>(0010,0028) Subject Relative Position in Image, US 3</summary>
    public static DicomTag SubjectRelativePositionInImage => new(0x0010, 0x0028);

    /// <summary>(0010,0030) Patient's Birth Date, DA 1</summary>
    public static DicomTag PatientBirthDate => new(0x0010, 0x0030);

    /// <summary>(0010,0032) Patient's Birth Time, TM 1</summary>
    public static DicomTag PatientBirthTime => new(0x0010, 0x0032);

    /// <summary>(0010,0033) Patient's Birth Date in Alternative Calendar, LO 1</summary>
    public static DicomTag PatientBirthDateInAlternativeCalendar => new(0x0010, 0x0033);

    /// <summary>(0010,0034) Patient's Death Date in Alternative Calendar, LO 1</summary>
    public static DicomTag PatientDeathDateInAlternativeCalendar => new(0x0010, 0x0034);

    /// <summary>(0010,0035) Patient's Alternative Calendar, CS 1</summary>
    public static DicomTag PatientAlternativeCalendar => new(0x0010, 0x0035);

    /// <summary>(0010,0040) Patient's Sex, CS 1</summary>
    public static DicomTag PatientSex => new(0x0010, 0x0040);

    /// <summary>(0010,0050) Patient's Insurance Plan Code Sequence, SQ 1</summary>
    public static DicomTag PatientInsurancePlanCodeSequence => new(0x0010, 0x0050);

    /// <summary>(0010,0101) Patient's Primary Language Code Sequence, SQ 1</summary>
    public static DicomTag PatientPrimaryLanguageCodeSequence => new(0x0010, 0x0101);

    /// <summary>(0010,0102) Patient's Primary Language Modifier Code Sequence, SQ 1</summary>
    public static DicomTag PatientPrimaryLanguageModifierCodeSequence => new(0x0010, 0x0102);

    /// <summary>(0010,0200) Quality Control Subject, CS 1</summary>
    public static DicomTag QualityControlSubject => new(0x0010, 0x0200);

    /// <summary>(0010,0201) Quality Control Subject Type Code Sequence, SQ 1</summary>
    public static DicomTag QualityControlSubjectTypeCodeSequence => new(0x0010, 0x0201);

    /// <summary>(0010,0212) Strain Description, UC 1</summary>
    public static DicomTag StrainDescription => new(0x0010, 0x0212);

    /// <summary>(0010,0213) Strain Nomenclature, LO 1</summary>
    public static DicomTag StrainNomenclature => new(0x0010, 0x0213);

    /// <summary>(0010,0214) Strain Stock Number, LO 1</summary>
    public static DicomTag StrainStockNumber => new(0x0010, 0x0214);

    /// <summary>(0010,0215) Strain Source Registry Code Sequence, SQ 1</summary>
    public static DicomTag StrainSourceRegistryCodeSequence => new(0x0010, 0x0215);

    /// <summary>(0010,0216) Strain Stock Sequence, SQ 1</summary>
    public static DicomTag StrainStockSequence => new(0x0010, 0x0216);

    /// <summary>(0010,0217) Strain Source, LO 1</summary>
    public static DicomTag StrainSource => new(0x0010, 0x0217);

    /// <summary>(0010,0218) Strain Additional Information, UT 1</summary>
    public static DicomTag StrainAdditionalInformation => new(0x0010, 0x0218);

    /// <summary>(0010,0219) Strain Code Sequence, SQ 1</summary>
    public static DicomTag StrainCodeSequence => new(0x0010, 0x0219);

    /// <summary>(0010,0221) Genetic Modifications Sequence, SQ 1</summary>
    public static DicomTag GeneticModificationsSequence => new(0x0010, 0x0221);

    /// <summary>(0010,0222) Genetic Modifications Description, UC 1</summary>
    public static DicomTag GeneticModificationsDescription => new(0x0010, 0x0222);

    /// <summary>(0010,0223) Genetic Modifications Nomenclature, LO 1</summary>
    public static DicomTag GeneticModificationsNomenclature => new(0x0010, 0x0223);

    /// <summary>(0010,0229) Genetic Modifications Code Sequence, SQ 1</summary>
    public static DicomTag GeneticModificationsCodeSequence => new(0x0010, 0x0229);

    /// <summary>(0010,1000) Other Patient IDs, LO 1-n, retired</summary>
    public static DicomTag OtherPatientIDs => new(0x0010, 0x1000);

    /// <summary>(0010,1001) Other Patient Names, PN 1-n</summary>
    public static DicomTag OtherPatientNames => new(0x0010, 0x1001);

    /// <summary>(0010,1002) Other Patient IDs Sequence, SQ 1</summary>
    public static DicomTag OtherPatientIDsSequence => new(0x0010, 0x1002);

    /// <summary>(0010,1005) Patient's Birth Name, PN 1</summary>
    public static DicomTag PatientBirthName => new(0x0010, 0x1005);

    /// <summary>(0010,1010) Patient's Age, AS 1</summary>
    public static DicomTag PatientAge => new(0x0010, 0x1010);

    /// <summary>(0010,1020) Patient's Size, DS 1</summary>
    public static DicomTag PatientSize => new(0x0010, 0x1020);

    /// <summary>(0010,1021) Patient's Size Code Sequence, SQ 1</summary>
    public static DicomTag PatientSizeCodeSequence => new(0x0010, 0x1021);

    /// <summary>(0010,1022) Patient's Body Mass Index, DS 1</summary>
    public static DicomTag PatientBodyMassIndex => new(0x0010, 0x1022);

    /// <summary>(0010,1023) Measured AP Dimension, DS 1</summary>
    public static DicomTag MeasuredAPDimension => new(0x0010, 0x1023);

    /// <summary>(0010,1024) Measured Lateral Dimension, DS 1</summary>
    public static DicomTag MeasuredLateralDimension => new(0x0010, 0x1024);

    /// <summary>(0010,1030) Patient's Weight, DS 1</summary>
    public static DicomTag PatientWeight => new(0x0010, 0x1030);

    /// <summary>(0010,1040) Patient's Address, LO 1</summary>
    public static DicomTag PatientAddress => new(0x0010, 0x1040);

    /// <summary>(0010,1050) Insurance Plan Identification, LO 1-n, retired</summary>
    public static DicomTag InsurancePlanIdentification => new(0x0010, 0x1050);

    /// <summary>(0010,1060) Patient's Mother's Birth Name, PN 1</summary>
    public static DicomTag PatientMotherBirthName => new(0x0010, 0x1060);

    /// <summary>(0010,1080) Military Rank, LO 1</summary>
    public static DicomTag MilitaryRank => new(0x0010, 0x1080);

    /// <summary>(0010,1081) Branch of Service, LO 1</summary>
    public static DicomTag BranchOfService => new(0x0010, 0x1081);

    /// <summary>(0010,1090) Medical Record Locator, LO 1, retired</summary>
    public static DicomTag MedicalRecordLocator => new(0x0010, 0x1090);

    /// <summary>(0010,1100) Referenced Patient Photo Sequence, SQ 1</summary>
    public static DicomTag ReferencedPatientPhotoSequence => new(0x0010, 0x1100);

    /// <summary>(0010,2000) Medical Alerts, LO 1-n</summary>
    public static DicomTag MedicalAlerts => new(0x0010, 0x2000);

    /// <summary>(0010,2110) Allergies, LO 1-n</summary>
    public static DicomTag Allergies => new(0x0010, 0x2110);

    /// <summary>(0010,2150) Country of Residence, LO 1</summary>
    public static DicomTag CountryOfResidence => new(0x0010, 0x2150);

    /// <summary>(0010,2152) Region of Residence, LO 1</summary>
    public static DicomTag RegionOfResidence => new(0x0010, 0x2152);

    /// <summary>(0010,2154) Patient's Telephone Numbers, SH 1-n</summary>
    public static DicomTag PatientTelephoneNumbers => new(0x0010, 0x2154);

    /// <summary>(0010,2155) Patient's Telecom Information, LT 1</summary>
    public static DicomTag PatientTelecomInformation => new(0x0010, 0x2155);

    /// <summary>(0010,2160) Ethnic Group, SH 1</summary>
    public static DicomTag EthnicGroup => new(0x0010, 0x2160);

    /// <summary>(0010,2180) Occupation, SH 1</summary>
    public static DicomTag Occupation => new(0x0010, 0x2180);

    /// <summary>(0010,21A0) Smoking Status, CS 1</summary>
    public static DicomTag SmokingStatus => new(0x0010, 0x21A0);

    /// <summary>(0010,21B0) Additional Patient History, LT 1</summary>
    public static DicomTag AdditionalPatientHistory => new(0x0010, 0x21B0);

    /// <summary>(0010,21C0) Pregnancy Status, US 1</summary>
    public static DicomTag PregnancyStatus => new(0x0010, 0x21C0);

    /// <summary>(0010,21D0) Last Menstrual Date, DA 1</summary>
    public static DicomTag LastMenstrualDate => new(0x0010, 0x21D0);

    /// <summary>(0010,21F0) Patient's Religious Preference, LO 1</summary>
    public static DicomTag PatientReligiousPreference => new(0x0010, 0x21F0);

    /// <summary>(0010,2201) Patient Species Description, LO 1</summary>
    public static DicomTag PatientSpeciesDescription => new(0x0010, 0x2201);

    /// <summary>(0010,2202) Patient Species Code Sequence, SQ 1</summary>
    public static DicomTag PatientSpeciesCodeSequence => new(0x0010, 0x2202);

    /// <summary>(0010,2203) Patient's Sex Neutered, CS 1</summary>
    public static DicomTag PatientSexNeutered => new(0x0010, 0x2203);

    /// <summary>(0010,2210) Anatomical Orientation Type, CS 1</summary>
    public static DicomTag AnatomicalOrientationType => new(0x0010, 0x2210);

    /// <summary>(0010,2292) Patient Breed Description, LO 1</summary>
    public static DicomTag PatientBreedDescription => new(0x0010, 0x2292);

    /// <summary>(0010,2293) Patient Breed Code Sequence, SQ 1</summary>
    public static DicomTag PatientBreedCodeSequence => new(0x0010, 0x2293);

    /// <summary>(0010,2294) Breed Registration Sequence, SQ 1</summary>
    public static DicomTag BreedRegistrationSequence => new(0x0010, 0x2294);

    /// <summary>(0010,2295) Breed Registration Number, LO 1</summary>
    public static DicomTag BreedRegistrationNumber => new(0x0010, 0x2295);

    /// <summary>(0010,2296) Breed Registry Code Sequence, SQ 1</summary>
    public static DicomTag BreedRegistryCodeSequence => new(0x0010, 0x2296);

    /// <summary>(0010,2297) Responsible Person, PN 1</summary>
    public static DicomTag ResponsiblePerson => new(0x0010, 0x2297);

    /// <summary>(0010,2298) Responsible Person Role, CS 1</summary>
    public static DicomTag ResponsiblePersonRole => new(0x0010, 0x2298);

    /// <summary>(0010,2299) Responsible Organization, LO 1</summary>
    public static DicomTag ResponsibleOrganization => new(0x0010, 0x2299);

    /// <summary>(0010,4000) Patient Comments, LT 1</summary>
    public static DicomTag PatientComments => new(0x0010, 0x4000);

    /// <summary>(0010,9431) Examined Body Thickness, FL 1</summary>
    public static DicomTag ExaminedBodyThickness => new(0x0010, 0x9431);

    /// <summary>(0012,0010) Clinical Trial Sponsor Name, LO 1</summary>
    public static DicomTag ClinicalTrialSponsorName => new(0x0012, 0x0010);

    /// <summary>(0012,0020) Clinical Trial Protocol ID, LO 1</summary>
    public static DicomTag ClinicalTrialProtocolID => new(0x0012, 0x0020);

    /// <summary>(0012,0021) Clinical Trial Protocol Name, LO 1</summary>
    public static DicomTag ClinicalTrialProtocolName => new(0x0012, 0x0021);

    /// <summary>(0012,0030) Clinical Trial Site ID, LO 1</summary>
    public static DicomTag ClinicalTrialSiteID => new(0x0012, 0x0030);

    /// <summary>(0012,0031) Clinical Trial Site Name, LO 1</summary>
    public static DicomTag ClinicalTrialSiteName => new(0x0012, 0x0031);

    /// <summary>(0012,0040) Clinical Trial Subject ID, LO 1</summary>
    public static DicomTag ClinicalTrialSubjectID => new(0x0012, 0x0040);

    /// <summary>(0012,0042) Clinical Trial Subject Reading ID, LO 1</summary>
    public static DicomTag ClinicalTrialSubjectReadingID => new(0x0012, 0x0042);

    /// <summary>(0012,0050) Clinical Trial Time Point ID, LO 1</summary>
    public static DicomTag ClinicalTrialTimePointID => new(0x0012, 0x0050);

    /// <summary>(0012,0051) Clinical Trial Time Point Description, ST 1</summary>
    public static DicomTag ClinicalTrialTimePointDescription => new(0x0012, 0x0051);

    /// <summary>(0012,0052) Longitudinal Temporal Offset from Event, FD 1</summary>
    public static DicomTag LongitudinalTemporalOffsetFromEvent => new(0x0012, 0x0052);

    /// <summary>(0012,0053) Longitudinal Temporal Event Type, CS 1</summary>
    public static DicomTag LongitudinalTemporalEventType => new(0x0012, 0x0053);

    /// <summary>(0012,0060) Clinical Trial Coordinating Center Name, LO 1</summary>
    public static DicomTag ClinicalTrialCoordinatingCenterName => new(0x0012, 0x0060);

    /// <summary>(0012,0062) Patient Identity Removed, CS 1</summary>
    public static DicomTag PatientIdentityRemoved => new(0x0012, 0x0062);

    /// <summary>(0012,0063) De-identification Method, LO 1-n</summary>
    public static DicomTag DeidentificationMethod => new(0x0012, 0x0063);

    /// <summary>(0012,0064) De-identification Method Code Sequence, SQ 1</summary>
    public static DicomTag DeidentificationMethodCodeSequence => new(0x0012, 0x0064);

    /// <summary>(0012,0071) Clinical Trial Series ID, LO 1</summary>
    public static DicomTag ClinicalTrialSeriesID => new(0x0012, 0x0071);

    /// <summary>(0012,0072) Clinical Trial Series Description, LO 1</summary>
    public static DicomTag ClinicalTrialSeriesDescription => new(0x0012, 0x0072);

    /// <summary>(0012,0081) Clinical Trial Protocol Ethics Committee Name, LO 1</summary>
    public static DicomTag ClinicalTrialProtocolEthicsCommitteeName => new(0x0012, 0x0081);

    /// <summary>(0012,0082) Clinical Trial Protocol Ethics Committee Approval Number, LO 1</summary>
    public static DicomTag ClinicalTrialProtocolEthicsCommitteeApprovalNumber => new(0x0012, 0x0082);

    /// <summary>(0012,0083) Consent for Clinical Trial Use Sequence, SQ 1</summary>
    public static DicomTag ConsentForClinicalTrialUseSequence => new(0x0012, 0x0083);

    /// <summary>(0012,0084) Distribution Type, CS 1</summary>
    public static DicomTag DistributionType => new(0x0012, 0x0084);

    /// <summary>(0012,0085) Consent for Distribution Flag, CS 1</summary>
    public static DicomTag ConsentForDistributionFlag => new(0x0012, 0x0085);

    /// <summary>(0012,0086) Ethics Committee Approval Effectiveness Start Date, DA 1</summary>
    public static DicomTag EthicsCommitteeApprovalEffectivenessStartDate => new(0x0012, 0x0086);

    /// <summary>(0012,0087) Ethics Committee Approval Effectiveness End Date, DA 1</summary>
    public static DicomTag EthicsCommitteeApprovalEffectivenessEndDate => new(0x0012, 0x0087);

    /// <summary>(0014,0023) CAD File Format, ST 1, retired</summary>
    public static DicomTag CADFileFormat => new(0x0014, 0x0023);

    /// <summary>(0014,0024) Component Reference System, ST 1, retired</summary>
    public static DicomTag ComponentReferenceSystem => new(0x0014, 0x0024);

    /// <summary>(0014,0025) Component Manufacturing Procedure, ST 1</summary>
    public static DicomTag ComponentManufacturingProcedure => new(0x0014, 0x0025);

    /// <summary>(0014,0028) Component Manufacturer, ST 1</summary>
    public static DicomTag ComponentManufacturer => new(0x0014, 0x0028);

    /// <summary>(0014,0030) Material Thickness, DS 1-n</summary>
    public static DicomTag MaterialThickness => new(0x0014, 0x0030);

    /// <summary>(0014,0032) Material Pipe Diameter, DS 1-n</summary>
    public static DicomTag MaterialPipeDiameter => new(0x0014, 0x0032);

    /// <summary>(0014,0034) Material Isolation Diameter, DS 1-n</summary>
    public static DicomTag MaterialIsolationDiameter => new(0x0014, 0x0034);

    /// <summary>(0014,0042) Material Grade, ST 1</summary>
    public static DicomTag MaterialGrade => new(0x0014, 0x0042);

    /// <summary>(0014,0044) Material Properties Description, ST 1</summary>
    public static DicomTag MaterialPropertiesDescription => new(0x0014, 0x0044);

    /// <summary>(0014,0045) Material Properties File Format (Retired), ST 1, retired</summary>
    public static DicomTag MaterialPropertiesFileFormatRetired => new(0x0014, 0x0045);

    /// <summary>(0014,0046) Material Notes, LT 1</summary>
    public static DicomTag MaterialNotes => new(0x0014, 0x0046);

    /// <summary>(0014,0050) Component Shape, CS 1</summary>
    public static DicomTag ComponentShape => new(0x0014, 0x0050);

    /// <summary>(0014,0052) Curvature Type, CS 1</summary>
    public static DicomTag CurvatureType => new(0x0014, 0x0052);

    /// <summary>(0014,0054) Outer Diameter, DS 1</summary>
    public static DicomTag OuterDiameter => new(0x0014, 0x0054);

    /// <summary>(0014,0056) Inner Diameter, DS 1</summary>
    public static DicomTag InnerDiameter => new(0x0014, 0x0056);

    /// <summary>(0014,0100) Component Welder IDs, LO 1-n</summary>
    public static DicomTag ComponentWelderIDs => new(0x0014, 0x0100);

    /// <summary>(0014,0101) Secondary Approval Status, CS 1</summary>
    public static DicomTag SecondaryApprovalStatus => new(0x0014, 0x0101);

    /// <summary>(0014,0102) Secondary Review Date, DA 1</summary>
    public static DicomTag SecondaryReviewDate => new(0x0014, 0x0102);

    /// <summary>(0014,0103) Secondary Review Time, TM 1</summary>
    public static DicomTag SecondaryReviewTime => new(0x0014, 0x0103);

    /// <summary>(0014,0104) Secondary Reviewer Name, PN 1</summary>
    public static DicomTag SecondaryReviewerName => new(0x0014, 0x0104);

    /// <summary>(0014,0105) Repair ID, ST 1</summary>
    public static DicomTag RepairID => new(0x0014, 0x0105);

    /// <summary>(0014,0106) Multiple Component Approval Sequence, SQ 1</summary>
    public static DicomTag MultipleComponentApprovalSequence => new(0x0014, 0x0106);

    /// <summary>(0014,0107) Other Approval Status, CS 1-n</summary>
    public static DicomTag OtherApprovalStatus => new(0x0014, 0x0107);

    /// <summary>(0014,0108) Other Secondary Approval Status, CS 1-n</summary>
    public static DicomTag OtherSecondaryApprovalStatus => new(0x0014, 0x0108);

    /// <summary>(0014,1010) Actual Environmental Conditions, ST 1</summary>
    public static DicomTag ActualEnvironmentalConditions => new(0x0014, 0x1010);

    /// <summary>(0014,1020) Expiry Date, DA 1</summary>
    public static DicomTag ExpiryDate => new(0x0014, 0x1020);

    /// <summary>(0014,1040) Environmental Conditions, ST 1</summary>
    public static DicomTag EnvironmentalConditions => new(0x0014, 0x1040);

    /// <summary>(0014,2002) Evaluator Sequence, SQ 1</summary>
    public static DicomTag EvaluatorSequence => new(0x0014, 0x2002);

    /// <summary>(0014,2004) Evaluator Number, IS 1</summary>
    public static DicomTag EvaluatorNumber => new(0x0014, 0x2004);

    /// <summary>(0014,2006) Evaluator Name, PN 1</summary>
    public static DicomTag EvaluatorName => new(0x0014, 0x2006);

    /// <summary>(0014,2008) Evaluation Attempt, IS 1</summary>
    public static DicomTag EvaluationAttempt => new(0x0014, 0x2008);

    /// <summary>(0014,2012) Indication Sequence, SQ 1</summary>
    public static DicomTag IndicationSequence => new(0x0014, 0x2012);

    /// <summary>(0014,2014) Indication Number, IS 1</summary>
    public static DicomTag IndicationNumber => new(0x0014, 0x2014);

    /// <summary>(0014,2016) Indication Label, SH 1</summary>
    public static DicomTag IndicationLabel => new(0x0014, 0x2016);

    /// <summary>(0014,2018) Indication Description, ST 1</summary>
    public static DicomTag IndicationDescription => new(0x0014, 0x2018);

    /// <summary>(0014,201A) Indication Type, CS 1-n</summary>
    public static DicomTag IndicationType => new(0x0014, 0x201A);

    /// <summary>(0014,201C) Indication Disposition, CS 1</summary>
    public static DicomTag IndicationDisposition => new(0x0014, 0x201C);

    /// <summary>(0014,201E) Indication ROI Sequence, SQ 1</summary>
    public static DicomTag IndicationROISequence => new(0x0014, 0x201E);

    /// <summary>(0014,2030) Indication Physical Property Sequence, SQ 1</summary>
    public static DicomTag IndicationPhysicalPropertySequence => new(0x0014, 0x2030);

    /// <summary>(0014,2032) Property Label, SH 1</summary>
    public static DicomTag PropertyLabel => new(0x0014, 0x2032);

    /// <summary>(0014,2202) Coordinate System Number of Axes, IS 1</summary>
    public static DicomTag CoordinateSystemNumberOfAxes => new(0x0014, 0x2202);

    /// <summary>(0014,2204) Coordinate System Axes Sequence, SQ 1</summary>
    public static DicomTag CoordinateSystemAxesSequence => new(0x0014, 0x2204);

    /// <summary>(0014,2206) Coordinate System Axis Description, ST 1</summary>
    public static DicomTag CoordinateSystemAxisDescription => new(0x0014, 0x2206);

    /// <summary>(0014,2208) Coordinate System Data Set Mapping, CS 1</summary>
    public static DicomTag CoordinateSystemDataSetMapping => new(0x0014, 0x2208);

    /// <summary>(0014,220A) Coordinate System Axis Number, IS 1</summary>
    public static DicomTag CoordinateSystemAxisNumber => new(0x0014, 0x220A);

    /// <summary>(0014,220C) Coordinate System Axis Type, CS 1</summary>
    public static DicomTag CoordinateSystemAxisType => new(0x0014, 0x220C);

    /// <summary>(0014,220E) Coordinate System Axis Units, CS 1</summary>
    public static DicomTag CoordinateSystemAxisUnits => new(0x0014, 0x220E);

    /// <summary>(0014,2210) Coordinate System Axis Values, OB 1</summary>
    public static DicomTag CoordinateSystemAxisValues => new(0x0014, 0x2210);

    /// <summary>(0014,2220) Coordinate System Transform Sequence, SQ 1</summary>
    public static DicomTag CoordinateSystemTransformSequence => new(0x0014, 0x2220);

    /// <summary>(0014,2222) Transform Description, ST 1</summary>
    public static DicomTag TransformDescription => new(0x0014, 0x2222);

    /// <summary>(0014,2224) Transform Number of Axes, IS 1</summary>
    public static DicomTag TransformNumberOfAxes => new(0x0014, 0x2224);

    /// <summary>(0014,2226) Transform Order of Axes, IS 1-n</summary>
    public static DicomTag TransformOrderOfAxes => new(0x0014, 0x2226);

    /// <summary>(0014,2228) Transformed Axis Units, CS 1</summary>
    public static DicomTag TransformedAxisUnits => new(0x0014, 0x2228);

    /// <summary>(0014,222A) Coordinate System Transform Rotation and Scale Matrix, DS 1-n</summary>
    public static DicomTag CoordinateSystemTransformRotationAndScaleMatrix => new(0x0014, 0x222A);

    /// <summary>(0014,222C) Coordinate System Transform Translation Matrix, DS 1-n</summary>
    public static DicomTag CoordinateSystemTransformTranslationMatrix => new(0x0014, 0x222C);

    /// <summary>(0014,3011) Internal Detector Frame Time, DS 1</summary>
    public static DicomTag InternalDetectorFrameTime => new(0x0014, 0x3011);

    /// <summary>(0014,3012) Number of Frames Integrated, DS 1</summary>
    public static DicomTag NumberOfFramesIntegrated => new(0x0014, 0x3012);

    /// <summary>(0014,3020) Detector Temperature Sequence, SQ 1</summary>
    public static DicomTag DetectorTemperatureSequence => new(0x0014, 0x3020);

    /// <summary>(0014,3022) Sensor Name, ST 1</summary>
    public static DicomTag SensorName => new(0x0014, 0x3022);

    /// <summary>(0014,3024) Horizontal Offset of Sensor, DS 1</summary>
    public static DicomTag HorizontalOffsetOfSensor => new(0x0014, 0x3024);

    /// <summary>(0014,3026) Vertical Offset of Sensor, DS 1</summary>
    public static DicomTag VerticalOffsetOfSensor => new(0x0014, 0x3026);

    /// <summary>(0014,3028) Sensor Temperature, DS 1</summary>
    public static DicomTag SensorTemperature => new(0x0014, 0x3028);

    /// <summary>(0014,3040) Dark Current Sequence, SQ 1</summary>
    public static DicomTag DarkCurrentSequence => new(0x0014, 0x3040);

    /// <summary>(0014,3050) Dark Current Counts, OB/OW 1</summary>
    public static DicomTag DarkCurrentCounts => new(0x0014, 0x3050);

    /// <summary>(0014,3060) Gain Correction Reference Sequence, SQ 1</summary>
    public static DicomTag GainCorrectionReferenceSequence => new(0x0014, 0x3060);

    /// <summary>(0014,3070) Air Counts, OB/OW 1</summary>
    public static DicomTag AirCounts => new(0x0014, 0x3070);

    /// <summary>(0014,3071) KV Used in Gain Calibration, DS 1</summary>
    public static DicomTag KVUsedInGainCalibration => new(0x0014, 0x3071);

    /// <summary>(0014,3072) MA Used in Gain Calibration, DS 1</summary>
    public static DicomTag MAUsedInGainCalibration => new(0x0014, 0x3072);

    /// <summary>(0014,3073) Number of Frames Used for Integration, DS 1</summary>
    public static DicomTag NumberOfFramesUsedForIntegration => new(0x0014, 0x3073);

    /// <summary>(0014,3074) Filter Material Used in Gain Calibration, LO 1</summary>
    public static DicomTag FilterMaterialUsedInGainCalibration => new(0x0014, 0x3074);

    /// <summary>(0014,3075) Filter Thickness Used in Gain Calibration, DS 1</summary>
    public static DicomTag FilterThicknessUsedInGainCalibration => new(0x0014, 0x3075);

    /// <summary>(0014,3076) Date of Gain Calibration, DA 1</summary>
    public static DicomTag DateOfGainCalibration => new(0x0014, 0x3076);

    /// <summary>(0014,3077) Time of Gain Calibration, TM 1</summary>
    public static DicomTag TimeOfGainCalibration => new(0x0014, 0x3077);

    /// <summary>(0014,3080) Bad Pixel Image, OB 1</summary>
    public static DicomTag BadPixelImage => new(0x0014, 0x3080);

    /// <summary>(0014,3099) Calibration Notes, LT 1</summary>
    public static DicomTag CalibrationNotes => new(0x0014, 0x3099);

    /// <summary>(0014,3100) Linearity Correction Technique, LT 1</summary>
    public static DicomTag LinearityCorrectionTechnique => new(0x0014, 0x3100);

    /// <summary>(0014,3101) Beam Hardening Correction Technique, LT 1</summary>
    public static DicomTag BeamHardeningCorrectionTechnique => new(0x0014, 0x3101);

    /// <summary>(0014,4002) Pulser Equipment Sequence, SQ 1</summary>
    public static DicomTag PulserEquipmentSequence => new(0x0014, 0x4002);

    /// <summary>(0014,4004) Pulser Type, CS 1</summary>
    public static DicomTag PulserType => new(0x0014, 0x4004);

    /// <summary>(0014,4006) Pulser Notes, LT 1</summary>
    public static DicomTag PulserNotes => new(0x0014, 0x4006);

    /// <summary>(0014,4008) Receiver Equipment Sequence, SQ 1</summary>
    public static DicomTag ReceiverEquipmentSequence => new(0x0014, 0x4008);

    /// <summary>(0014,400A) Amplifier Type, CS 1</summary>
    public static DicomTag AmplifierType => new(0x0014, 0x400A);

    /// <summary>(0014,400C) Receiver Notes, LT 1</summary>
    public static DicomTag ReceiverNotes => new(0x0014, 0x400C);

    /// <summary>(0014,400E) Pre-Amplifier Equipment Sequence, SQ 1</summary>
    public static DicomTag PreAmplifierEquipmentSequence => new(0x0014, 0x400E);

    /// <summary>(0014,400F) Pre-Amplifier Notes, LT 1</summary>
    public static DicomTag PreAmplifierNotes => new(0x0014, 0x400F);

    /// <summary>(0014,4010) Transmit Transducer Sequence, SQ 1</summary>
    public static DicomTag TransmitTransducerSequence => new(0x0014, 0x4010);

    /// <summary>(0014,4011) Receive Transducer Sequence, SQ 1</summary>
    public static DicomTag ReceiveTransducerSequence => new(0x0014, 0x4011);

    /// <summary>(0014,4012) Number of Elements, US 1</summary>
    public static DicomTag NumberOfElements => new(0x0014, 0x4012);

    /// <summary>(0014,4013) Element Shape, CS 1</summary>
    public static DicomTag ElementShape => new(0x0014, 0x4013);

    /// <summary>(0014,4014) Element Dimension A, DS 1</summary>
    public static DicomTag ElementDimensionA => new(0x0014, 0x4014);

    /// <summary>(0014,4015) Element Dimension B, DS 1</summary>
    public static DicomTag ElementDimensionB => new(0x0014, 0x4015);

    /// <summary>(0014,4016) Element Pitch A, DS 1</summary>
    public static DicomTag ElementPitchA => new(0x0014, 0x4016);

    /// <summary>(0014,4017) Measured Beam Dimension A, DS 1</summary>
    public static DicomTag MeasuredBeamDimensionA => new(0x0014, 0x4017);

    /// <summary>(0014,4018) Measured Beam Dimension B, DS 1</summary>
    public static DicomTag MeasuredBeamDimensionB => new(0x0014, 0x4018);

    /// <summary>(0014,4019) Location of Measured Beam Diameter, DS 1</summary>
    public static DicomTag LocationOfMeasuredBeamDiameter => new(0x0014, 0x4019);

    /// <summary>(0014,401A) Nominal Frequency, DS 1</summary>
    public static DicomTag NominalFrequency => new(0x0014, 0x401A);

    /// <summary>(0014,401B) Measured Center Frequency, DS 1</summary>
    public static DicomTag MeasuredCenterFrequency => new(0x0014, 0x401B);

    /// <summary>(0014,401C) Measured Bandwidth, DS 1</summary>
    public static DicomTag MeasuredBandwidth => new(0x0014, 0x401C);

    /// <summary>(0014,401D) Element Pitch B, DS 1</summary>
    public static DicomTag ElementPitchB => new(0x0014, 0x401D);

    /// <summary>(0014,4020) Pulser Settings Sequence, SQ 1</summary>
    public static DicomTag PulserSettingsSequence => new(0x0014, 0x4020);

    /// <summary>(0014,4022) Pulse Width, DS 1</summary>
    public static DicomTag PulseWidth => new(0x0014, 0x4022);

    /// <summary>(0014,4024) Excitation Frequency, DS 1</summary>
    public static DicomTag ExcitationFrequency => new(0x0014, 0x4024);

    /// <summary>(0014,4026) Modulation Type, CS 1</summary>
    public static DicomTag ModulationType => new(0x0014, 0x4026);

    /// <summary>(0014,4028) Damping, DS 1</summary>
    public static DicomTag Damping => new(0x0014, 0x4028);

    /// <summary>(0014,4030) Receiver Settings Sequence, SQ 1</summary>
    public static DicomTag ReceiverSettingsSequence => new(0x0014, 0x4030);

    /// <summary>(0014,4031) Acquired Soundpath Length, DS 1</summary>
    public static DicomTag AcquiredSoundpathLength => new(0x0014, 0x4031);

    /// <summary>(0014,4032) Acquisition Compression Type, CS 1</summary>
    public static DicomTag AcquisitionCompressionType => new(0x0014, 0x4032);

    /// <summary>(0014,4033) Acquisition Sample Size, IS 1</summary>
    public static DicomTag AcquisitionSampleSize => new(0x0014, 0x4033);

    /// <summary>(0014,4034) Rectifier Smoothing, DS 1</summary>
    public static DicomTag RectifierSmoothing => new(0x0014, 0x4034);

    /// <summary>(0014,4035) DAC Sequence, SQ 1</summary>
    public static DicomTag DACSequence => new(0x0014, 0x4035);

    /// <summary>(0014,4036) DAC Type, CS 1</summary>
    public static DicomTag DACType => new(0x0014, 0x4036);

    /// <summary>(0014,4038) DAC Gain Points, DS 1-n</summary>
    public static DicomTag DACGainPoints => new(0x0014, 0x4038);

    /// <summary>(0014,403A) DAC Time Points, DS 1-n</summary>
    public static DicomTag DACTimePoints => new(0x0014, 0x403A);

    /// <summary>(0014,403C) DAC Amplitude, DS 1-n</summary>
    public static DicomTag DACAmplitude => new(0x0014, 0x403C);

    /// <summary>(0014,4040) Pre-Amplifier Settings Sequence, SQ 1</summary>
    public static DicomTag PreAmplifierSettingsSequence => new(0x0014, 0x4040);

    /// <summary>(0014,4050) Transmit Transducer Settings Sequence, SQ 1</summary>
    public static DicomTag TransmitTransducerSettingsSequence => new(0x0014, 0x4050);

    /// <summary>(0014,4051) Receive Transducer Settings Sequence, SQ 1</summary>
    public static DicomTag ReceiveTransducerSettingsSequence => new(0x0014, 0x4051);

    /// <summary>(0014,4052) Incident Angle, DS 1</summary>
    public static DicomTag IncidentAngle => new(0x0014, 0x4052);

    /// <summary>(0014,4054) Coupling Technique, ST 1</summary>
    public static DicomTag CouplingTechnique => new(0x0014, 0x4054);

    /// <summary>(0014,4056) Coupling Medium, ST 1</summary>
    public static DicomTag CouplingMedium => new(0x0014, 0x4056);

    /// <summary>(0014,4057) Coupling Velocity, DS 1</summary>
    public static DicomTag CouplingVelocity => new(0x0014, 0x4057);

    /// <summary>(0014,4058) Probe Center Location X, DS 1</summary>
    public static DicomTag ProbeCenterLocationX => new(0x0014, 0x4058);

    /// <summary>(0014,4059) Probe Center Location Z, DS 1</summary>
    public static DicomTag ProbeCenterLocationZ => new(0x0014, 0x4059);

    /// <summary>(0014,405A) Sound Path Length, DS 1</summary>
    public static DicomTag SoundPathLength => new(0x0014, 0x405A);

    /// <summary>(0014,405C) Delay Law Identifier, ST 1</summary>
    public static DicomTag DelayLawIdentifier => new(0x0014, 0x405C);

    /// <summary>(0014,4060) Gate Settings Sequence, SQ 1</summary>
    public static DicomTag GateSettingsSequence => new(0x0014, 0x4060);

    /// <summary>(0014,4062) Gate Threshold, DS 1</summary>
    public static DicomTag GateThreshold => new(0x0014, 0x4062);

    /// <summary>(0014,4064) Velocity of Sound, DS 1</summary>
    public static DicomTag VelocityOfSound => new(0x0014, 0x4064);

    /// <summary>(0014,4070) Calibration Settings Sequence, SQ 1</summary>
    public static DicomTag CalibrationSettingsSequence => new(0x0014, 0x4070);

    /// <summary>(0014,4072) Calibration Procedure, ST 1</summary>
    public static DicomTag CalibrationProcedure => new(0x0014, 0x4072);

    /// <summary>(0014,4074) Procedure Version, SH 1</summary>
    public static DicomTag ProcedureVersion => new(0x0014, 0x4074);

    /// <summary>(0014,4076) Procedure Creation Date, DA 1</summary>
    public static DicomTag ProcedureCreationDate => new(0x0014, 0x4076);

    /// <summary>(0014,4078) Procedure Expiration Date, DA 1</summary>
    public static DicomTag ProcedureExpirationDate => new(0x0014, 0x4078);

    /// <summary>(0014,407A) Procedure Last Modified Date, DA 1</summary>
    public static DicomTag ProcedureLastModifiedDate => new(0x0014, 0x407A);

    /// <summary>(0014,407C) Calibration Time, TM 1-n</summary>
    public static DicomTag CalibrationTime => new(0x0014, 0x407C);

    /// <summary>(0014,407E) Calibration Date, DA 1-n</summary>
    public static DicomTag CalibrationDate => new(0x0014, 0x407E);

    /// <summary>(0014,4080) Probe Drive Equipment Sequence, SQ 1</summary>
    public static DicomTag ProbeDriveEquipmentSequence => new(0x0014, 0x4080);

    /// <summary>(0014,4081) Drive Type, CS 1</summary>
    public static DicomTag DriveType => new(0x0014, 0x4081);

    /// <summary>(0014,4082) Probe Drive Notes, LT 1</summary>
    public static DicomTag ProbeDriveNotes => new(0x0014, 0x4082);

    /// <summary>(0014,4083) Drive Probe Sequence, SQ 1</summary>
    public static DicomTag DriveProbeSequence => new(0x0014, 0x4083);

    /// <summary>(0014,4084) Probe Inductance, DS 1</summary>
    public static DicomTag ProbeInductance => new(0x0014, 0x4084);

    /// <summary>(0014,4085) Probe Resistance, DS 1</summary>
    public static DicomTag ProbeResistance => new(0x0014, 0x4085);

    /// <summary>(0014,4086) Receive Probe Sequence, SQ 1</summary>
    public static DicomTag ReceiveProbeSequence => new(0x0014, 0x4086);

    /// <summary>(0014,4087) Probe Drive Settings Sequence, SQ 1</summary>
    public static DicomTag ProbeDriveSettingsSequence => new(0x0014, 0x4087);

    /// <summary>(0014,4088) Bridge Resistors, DS 1</summary>
    public static DicomTag BridgeResistors => new(0x0014, 0x4088);

    /// <summary>(0014,4089) Probe Orientation Angle, DS 1</summary>
    public static DicomTag ProbeOrientationAngle => new(0x0014, 0x4089);

    /// <summary>(0014,408B) User Selected Gain Y, DS 1</summary>
    public static DicomTag UserSelectedGainY => new(0x0014, 0x408B);

    /// <summary>(0014,408C) User Selected Phase, DS 1</summary>
    public static DicomTag UserSelectedPhase => new(0x0014, 0x408C);

    /// <summary>(0014,408D) User Selected Offset X, DS 1</summary>
    public static DicomTag UserSelectedOffsetX => new(0x0014, 0x408D);

    /// <summary>(0014,408E) User Selected Offset Y, DS 1</summary>
    public static DicomTag UserSelectedOffsetY => new(0x0014, 0x408E);

    /// <summary>(0014,4091) Channel Settings Sequence, SQ 1</summary>
    public static DicomTag ChannelSettingsSequence => new(0x0014, 0x4091);

    /// <summary>(0014,4092) Channel Threshold, DS 1</summary>
    public static DicomTag ChannelThreshold => new(0x0014, 0x4092);

    /// <summary>(0014,409A) Scanner Settings Sequence, SQ 1</summary>
    public static DicomTag ScannerSettingsSequence => new(0x0014, 0x409A);

    /// <summary>(0014,409B) Scan Procedure, ST 1</summary>
    public static DicomTag ScanProcedure => new(0x0014, 0x409B);

    /// <summary>(0014,409C) Translation Rate X, DS 1</summary>
    public static DicomTag TranslationRateX => new(0x0014, 0x409C);

    /// <summary>(0014,409D) Translation Rate Y, DS 1</summary>
    public static DicomTag TranslationRateY => new(0x0014, 0x409D);

    /// <summary>(0014,409F) Channel Overlap, DS 1</summary>
    public static DicomTag ChannelOverlap => new(0x0014, 0x409F);

    /// <summary>(0014,40A0) Image Quality Indicator Type, LO 1-n</summary>
    public static DicomTag ImageQualityIndicatorType => new(0x0014, 0x40A0);

    /// <summary>(0014,40A1) Image Quality Indicator Material, LO 1-n</summary>
    public static DicomTag ImageQualityIndicatorMaterial => new(0x0014, 0x40A1);

    /// <summary>(0014,40A2) Image Quality Indicator Size, LO 1-n</summary>
    public static DicomTag ImageQualityIndicatorSize => new(0x0014, 0x40A2);

    /// <summary>(0014,5002) LINAC Energy, IS 1</summary>
    public static DicomTag LINACEnergy => new(0x0014, 0x5002);

    /// <summary>(0014,5004) LINAC Output, IS 1</summary>
    public static DicomTag LINACOutput => new(0x0014, 0x5004);

    /// <summary>(0014,5100) Active Aperture, US 1</summary>
    public static DicomTag ActiveAperture => new(0x0014, 0x5100);

    /// <summary>(0014,5101) Total Aperture, DS 1</summary>
    public static DicomTag TotalAperture => new(0x0014, 0x5101);

    /// <summary>(0014,5102) Aperture Elevation, DS 1</summary>
    public static DicomTag ApertureElevation => new(0x0014, 0x5102);

    /// <summary>(0014,5103) Main Lobe Angle, DS 1</summary>
    public static DicomTag MainLobeAngle => new(0x0014, 0x5103);

    /// <summary>(0014,5104) Main Roof Angle, DS 1</summary>
    public static DicomTag MainRoofAngle => new(0x0014, 0x5104);

    /// <summary>(0014,5105) Connector Type, CS 1</summary>
    public static DicomTag ConnectorType => new(0x0014, 0x5105);

    /// <summary>(0014,5106) Wedge Model Number, SH 1</summary>
    public static DicomTag WedgeModelNumber => new(0x0014, 0x5106);

    /// <summary>(0014,5107) Wedge Angle Float, DS 1</summary>
    public static DicomTag WedgeAngleFloat => new(0x0014, 0x5107);

    /// <summary>(0014,5108) Wedge Roof Angle, DS 1</summary>
    public static DicomTag WedgeRoofAngle => new(0x0014, 0x5108);

    /// <summary>(0014,5109) Wedge Element 1 Position, CS 1</summary>
    public static DicomTag WedgeElement1Position => new(0x0014, 0x5109);

    /// <summary>(0014,510A) Wedge Material Velocity, DS 1</summary>
    public static DicomTag WedgeMaterialVelocity => new(0x0014, 0x510A);

    /// <summary>(0014,510B) Wedge Material, SH 1</summary>
    public static DicomTag WedgeMaterial => new(0x0014, 0x510B);

    /// <summary>(0014,510C) Wedge Offset Z, DS 1</summary>
    public static DicomTag WedgeOffsetZ => new(0x0014, 0x510C);

    /// <summary>(0014,510D) Wedge Origin Offset X, DS 1</summary>
    public static DicomTag WedgeOriginOffsetX => new(0x0014, 0x510D);

    /// <summary>(0014,510E) Wedge Time Delay, DS 1</summary>
    public static DicomTag WedgeTimeDelay => new(0x0014, 0x510E);

    /// <summary>(0014,510F) Wedge Name, SH 1</summary>
    public static DicomTag WedgeName => new(0x0014, 0x510F);

    /// <summary>(0014,5110) Wedge Manufacturer Name, SH 1</summary>
    public static DicomTag WedgeManufacturerName => new(0x0014, 0x5110);

    /// <summary>(0014,5111) Wedge Description, LO 1</summary>
    public static DicomTag WedgeDescription => new(0x0014, 0x5111);

    /// <summary>(0014,5112) Nominal Beam Angle, DS 1</summary>
    public static DicomTag NominalBeamAngle => new(0x0014, 0x5112);

    /// <summary>(0014,5113) Wedge Offset X, DS 1</summary>
    public static DicomTag WedgeOffsetX => new(0x0014, 0x5113);

    /// <summary>(0014,5114) Wedge Offset Y, DS 1</summary>
    public static DicomTag WedgeOffsetY => new(0x0014, 0x5114);

    /// <summary>(0014,5115) Wedge Total Length, DS 1</summary>
    public static DicomTag WedgeTotalLength => new(0x0014, 0x5115);

    /// <summary>(0014,5116) Wedge In Contact Length, DS 1</summary>
    public static DicomTag WedgeInContactLength => new(0x0014, 0x5116);

    /// <summary>(0014,5117) Wedge Front Gap, DS 1</summary>
    public static DicomTag WedgeFrontGap => new(0x0014, 0x5117);

    /// <summary>(0014,5118) Wedge Total Height, DS 1</summary>
    public static DicomTag WedgeTotalHeight => new(0x0014, 0x5118);

    /// <summary>(0014,5119) Wedge Front Height, DS 1</summary>
    public static DicomTag WedgeFrontHeight => new(0x0014, 0x5119);

    /// <summary>(0014,511A) Wedge Rear Height, DS 1</summary>
    public static DicomTag WedgeRearHeight => new(0x0014, 0x511A);

    /// <summary>(0014,511B) Wedge Total Width, DS 1</summary>
    public static DicomTag WedgeTotalWidth => new(0x0014, 0x511B);

    /// <summary>(0014,511C) Wedge In Contact Width, DS 1</summary>
    public static DicomTag WedgeInContactWidth => new(0x0014, 0x511C);

    /// <summary>(0014,511D) Wedge Chamfer Height, DS 1</summary>
    public static DicomTag WedgeChamferHeight => new(0x0014, 0x511D);

    /// <summary>(0014,511E) Wedge Curve, CS 1</summary>
    public static DicomTag WedgeCurve => new(0x0014, 0x511E);

    /// <summary>(0014,511F) Radius Along the Wedge, DS 1</summary>
    public static DicomTag RadiusAlongWedge => new(0x0014, 0x511F);

    /// <summary>(0016,0001) White Point, DS 1</summary>
    public static DicomTag WhitePoint => new(0x0016, 0x0001);

    /// <summary>(0016,0002) Primary Chromaticities, DS 3</summary>
    public static DicomTag PrimaryChromaticities => new(0x0016, 0x0002);

    /// <summary>(0016,0003) Battery Level, UT 1</summary>
    public static DicomTag BatteryLevel => new(0x0016, 0x0003);

    /// <summary>(0016,0004) Exposure Time in Seconds, DS 1</summary>
    public static DicomTag ExposureTimeInSeconds => new(0x0016, 0x0004);

    /// <summary>(0016,0005) F-Number, DS 1</summary>
    public static DicomTag FNumber => new(0x0016, 0x0005);

    /// <summary>(0016,0006) OECF Rows, IS 1</summary>
    public static DicomTag OECFRows => new(0x0016, 0x0006);

    /// <summary>(0016,0007) OECF Columns, IS 1</summary>
    public static DicomTag OECFColumns => new(0x0016, 0x0007);

    /// <summary>(0016,0008) OECF Column Names, UC 1-n</summary>
    public static DicomTag OECFColumnNames => new(0x0016, 0x0008);

    /// <summary>(0016,0009) OECF Values, DS 1-n</summary>
    public static DicomTag OECFValues => new(0x0016, 0x0009);

    /// <summary>(0016,000A) Spatial Frequency Response Rows, IS 1</summary>
    public static DicomTag SpatialFrequencyResponseRows => new(0x0016, 0x000A);

    /// <summary>(0016,000B) Spatial Frequency Response Columns, IS 1</summary>
    public static DicomTag SpatialFrequencyResponseColumns => new(0x0016, 0x000B);

    /// <summary>(0016,000C) Spatial Frequency Response Column Names, UC 1-n</summary>
    public static DicomTag SpatialFrequencyResponseColumnNames => new(0x0016, 0x000C);

    /// <summary>(0016,000D) Spatial Frequency Response Values, DS 1-n</summary>
    public static DicomTag SpatialFrequencyResponseValues => new(0x0016, 0x000D);

    /// <summary>(0016,000E) Color Filter Array Pattern Rows, IS 1</summary>
    public static DicomTag ColorFilterArrayPatternRows => new(0x0016, 0x000E);

    /// <summary>(0016,000F) Color Filter Array Pattern Columns, IS 1</summary>
    public static DicomTag ColorFilterArrayPatternColumns => new(0x0016, 0x000F);

    /// <summary>(0016,0010) Color Filter Array Pattern Values, DS 1-n</summary>
    public static DicomTag ColorFilterArrayPatternValues => new(0x0016, 0x0010);

    /// <summary>(0016,0011) Flash Firing Status, US 1</summary>
    public static DicomTag FlashFiringStatus => new(0x0016, 0x0011);

    /// <summary>(0016,0012) Flash Return Status, US 1</summary>
    public static DicomTag FlashReturnStatus => new(0x0016, 0x0012);

    /// <summary>(0016,0013) Flash Mode, US 1</summary>
    public static DicomTag FlashMode => new(0x0016, 0x0013);

    /// <summary>(0016,0014) Flash Function Present, US 1</summary>
    public static DicomTag FlashFunctionPresent => new(0x0016, 0x0014);

    /// <summary>(0016,0015) Flash Red Eye Mode, US 1</summary>
    public static DicomTag FlashRedEyeMode => new(0x0016, 0x0015);

    /// <summary>(0016,0016) Exposure Program, US 1</summary>
    public static DicomTag ExposureProgram => new(0x0016, 0x0016);

    /// <summary>(0016,0017) Spectral Sensitivity, UT 1</summary>
    public static DicomTag SpectralSensitivity => new(0x0016, 0x0017);

    /// <summary>(0016,0018) Photographic Sensitivity, IS 1</summary>
    public static DicomTag PhotographicSensitivity => new(0x0016, 0x0018);

    /// <summary>(0016,0019) Self Timer Mode, IS 1</summary>
    public static DicomTag SelfTimerMode => new(0x0016, 0x0019);

    /// <summary>(0016,001A) Sensitivity Type, US 1</summary>
    public static DicomTag SensitivityType => new(0x0016, 0x001A);

    /// <summary>(0016,001B) Standard Output Sensitivity, IS 1</summary>
    public static DicomTag StandardOutputSensitivity => new(0x0016, 0x001B);

    /// <summary>(0016,001C) Recommended Exposure Index, IS 1</summary>
    public static DicomTag RecommendedExposureIndex => new(0x0016, 0x001C);

    /// <summary>(0016,001D) ISO Speed, IS 1</summary>
    public static DicomTag ISOSpeed => new(0x0016, 0x001D);

    /// <summary>(0016,001E) ISO Speed Latitude yyy, IS 1</summary>
    public static DicomTag ISOSpeedLatitudeyyy => new(0x0016, 0x001E);

    /// <summary>(0016,001F) ISO Speed Latitude zzz, IS 1</summary>
    public static DicomTag ISOSpeedLatitudezzz => new(0x0016, 0x001F);

    /// <summary>(0016,0020) EXIF Version, UT 1</summary>
    public static DicomTag EXIFVersion => new(0x0016, 0x0020);

    /// <summary>(0016,0021) Shutter Speed Value, DS 1</summary>
    public static DicomTag ShutterSpeedValue => new(0x0016, 0x0021);

    /// <summary>(0016,0022) Aperture Value, DS 1</summary>
    public static DicomTag ApertureValue => new(0x0016, 0x0022);

    /// <summary>(0016,0023) Brightness Value, DS 1</summary>
    public static DicomTag BrightnessValue => new(0x0016, 0x0023);

    /// <summary>(0016,0024) Exposure Bias Value, DS 1</summary>
    public static DicomTag ExposureBiasValue => new(0x0016, 0x0024);

    /// <summary>(0016,0025) Max Aperture Value, DS 1</summary>
    public static DicomTag MaxApertureValue => new(0x0016, 0x0025);

    /// <summary>(0016,0026) Subject Distance, DS 1</summary>
    public static DicomTag SubjectDistance => new(0x0016, 0x0026);

    /// <summary>(0016,0027) Metering Mode, US 1</summary>
    public static DicomTag MeteringMode => new(0x0016, 0x0027);

    /// <summary>(0016,0028) Light Source, US 1</summary>
    public static DicomTag LightSource => new(0x0016, 0x0028);

    /// <summary>(0016,0029) Focal Length, DS 1</summary>
    public static DicomTag FocalLength => new(0x0016, 0x0029);

    /// <summary>(0016,002A) Subject Area, IS 2-4</summary>
    public static DicomTag SubjectArea => new(0x0016, 0x002A);

    /// <summary>(0016,002B) Maker Note, OB 1</summary>
    public static DicomTag MakerNote => new(0x0016, 0x002B);

    /// <summary>(0016,0030) Temperature, DS 1</summary>
    public static DicomTag Temperature => new(0x0016, 0x0030);

    /// <summary>(0016,0031) Humidity, DS 1</summary>
    public static DicomTag Humidity => new(0x0016, 0x0031);

    /// <summary>(0016,0032) Pressure, DS 1</summary>
    public static DicomTag Pressure => new(0x0016, 0x0032);

    /// <summary>(0016,0033) Water Depth, DS 1</summary>
    public static DicomTag WaterDepth => new(0x0016, 0x0033);

    /// <summary>(0016,0034) Acceleration, DS 1</summary>
    public static DicomTag Acceleration => new(0x0016, 0x0034);

    /// <summary>(0016,0035) Camera Elevation Angle, DS 1</summary>
    public static DicomTag CameraElevationAngle => new(0x0016, 0x0035);

    /// <summary>(0016,0036) Flash Energy, DS 1-2</summary>
    public static DicomTag FlashEnergy => new(0x0016, 0x0036);

    /// <summary>(0016,0037) Subject Location, IS 2</summary>
    public static DicomTag SubjectLocation => new(0x0016, 0x0037);

    /// <summary>(0016,0038) Photographic Exposure Index, DS 1</summary>
    public static DicomTag PhotographicExposureIndex => new(0x0016, 0x0038);

    /// <summary>(0016,0039) Sensing Method, US 1</summary>
    public static DicomTag SensingMethod => new(0x0016, 0x0039);

    /// <summary>(0016,003A) File Source, US 1</summary>
    public static DicomTag FileSource => new(0x0016, 0x003A);

    /// <summary>(0016,003B) Scene Type, US 1</summary>
    public static DicomTag SceneType => new(0x0016, 0x003B);

    /// <summary>(0016,0041) Custom Rendered, US 1</summary>
    public static DicomTag CustomRendered => new(0x0016, 0x0041);

    /// <summary>(0016,0042) Exposure Mode, US 1</summary>
    public static DicomTag ExposureMode => new(0x0016, 0x0042);

    /// <summary>(0016,0043) White Balance, US 1</summary>
    public static DicomTag WhiteBalance => new(0x0016, 0x0043);

    /// <summary>(0016,0044) Digital Zoom Ratio, DS 1</summary>
    public static DicomTag DigitalZoomRatio => new(0x0016, 0x0044);

    /// <summary>(0016,0045) Focal Length In 35mm Film, IS 1</summary>
    public static DicomTag FocalLengthIn35mmFilm => new(0x0016, 0x0045);

    /// <summary>(0016,0046) Scene Capture Type, US 1</summary>
    public static DicomTag SceneCaptureType => new(0x0016, 0x0046);

    /// <summary>(0016,0047) Gain Control, US 1</summary>
    public static DicomTag GainControl => new(0x0016, 0x0047);

    /// <summary>(0016,0048) Contrast, US 1</summary>
    public static DicomTag Contrast => new(0x0016, 0x0048);

    /// <summary>(0016,0049) Saturation, US 1</summary>
    public static DicomTag Saturation => new(0x0016, 0x0049);

    /// <summary>(0016,004A) Sharpness, US 1</summary>
    public static DicomTag Sharpness => new(0x0016, 0x004A);

    /// <summary>(0016,004B) Device Setting Description, OB 1</summary>
    public static DicomTag DeviceSettingDescription => new(0x0016, 0x004B);

    /// <summary>(0016,004C) Subject Distance Range, US 1</summary>
    public static DicomTag SubjectDistanceRange => new(0x0016, 0x004C);

    /// <summary>(0016,004D) Camera Owner Name, UT 1</summary>
    public static DicomTag CameraOwnerName => new(0x0016, 0x004D);

    /// <summary>(0016,004E) Lens Specification, DS 4</summary>
    public static DicomTag LensSpecification => new(0x0016, 0x004E);

    /// <summary>(0016,004F) Lens Make, UT 1</summary>
    public static DicomTag LensMake => new(0x0016, 0x004F);

    /// <summary>(0016,0050) Lens Model, UT 1</summary>
    public static DicomTag LensModel => new(0x0016, 0x0050);

    /// <summary>(0016,0051) Lens Serial Number, UT 1</summary>
    public static DicomTag LensSerialNumber => new(0x0016, 0x0051);

    /// <summary>(0016,0061) Interoperability Index, CS 1</summary>
    public static DicomTag InteroperabilityIndex => new(0x0016, 0x0061);

    /// <summary>(0016,0062) Interoperability Version, OB 1</summary>
    public static DicomTag InteroperabilityVersion => new(0x0016, 0x0062);

    /// <summary>(0016,0070) GPS Version ID, OB 1</summary>
    public static DicomTag GPSVersionID => new(0x0016, 0x0070);

    /// <summary>(0016,0071) GPS Latitude Ref, CS 1</summary>
    public static DicomTag GPSLatitudeRef => new(0x0016, 0x0071);

    /// <summary>(0016,0072) GPS Latitude, DS 3</summary>
    public static DicomTag GPSLatitude => new(0x0016, 0x0072);

    /// <summary>(0016,0073) GPS Longitude Ref, CS 1</summary>
    public static DicomTag GPSLongitudeRef => new(0x0016, 0x0073);

    /// <summary>(0016,0074) GPS Longitude, DS 3</summary>
    public static DicomTag GPSLongitude => new(0x0016, 0x0074);

    /// <summary>(0016,0075) GPS Altitude Ref, US 1</summary>
    public static DicomTag GPSAltitudeRef => new(0x0016, 0x0075);

    /// <summary>(0016,0076) GPS Altitude, DS 1</summary>
    public static DicomTag GPSAltitude => new(0x0016, 0x0076);

    /// <summary>(0016,0077) GPS Time Stamp, DT 1</summary>
    public static DicomTag GPSTimeStamp => new(0x0016, 0x0077);

    /// <summary>(0016,0078) GPS Satellites, UT 1</summary>
    public static DicomTag GPSSatellites => new(0x0016, 0x0078);

    /// <summary>(0016,0079) GPS Status, CS 1</summary>
    public static DicomTag GPSStatus => new(0x0016, 0x0079);

    /// <summary>(0016,007A) GPS Measure Mode, CS 1</summary>
    public static DicomTag GPSMeasureMode => new(0x0016, 0x007A);

    /// <summary>(0016,007B) GPS DOP, DS 1</summary>
    public static DicomTag GPSDOP => new(0x0016, 0x007B);

    /// <summary>(0016,007C) GPS Speed Ref, CS 1</summary>
    public static DicomTag GPSSpeedRef => new(0x0016, 0x007C);

    /// <summary>(0016,007D) GPS Speed, DS 1</summary>
    public static DicomTag GPSSpeed => new(0x0016, 0x007D);

    /// <summary>(0016,007E) GPS Track Ref, CS 1</summary>
    public static DicomTag GPSTrackRef => new(0x0016, 0x007E);

    /// <summary>(0016,007F) GPS Track, DS 1</summary>
    public static DicomTag GPSTrack => new(0x0016, 0x007F);

    /// <summary>(0016,0080) GPS Img Direction Ref, CS 1</summary>
    public static DicomTag GPSImgDirectionRef => new(0x0016, 0x0080);

    /// <summary>(0016,0081) GPS Img Direction, DS 1</summary>
    public static DicomTag GPSImgDirection => new(0x0016, 0x0081);

    /// <summary>(0016,0082) GPS Map Datum, UT 1</summary>
    public static DicomTag GPSMapDatum => new(0x0016, 0x0082);

    /// <summary>(0016,0083) GPS Dest Latitude Ref, CS 1</summary>
    public static DicomTag GPSDestLatitudeRef => new(0x0016, 0x0083);

    /// <summary>(0016,0084) GPS Dest Latitude, DS 3</summary>
    public static DicomTag GPSDestLatitude => new(0x0016, 0x0084);

    /// <summary>(0016,0085) GPS Dest Longitude Ref, CS 1</summary>
    public static DicomTag GPSDestLongitudeRef => new(0x0016, 0x0085);

    /// <summary>(0016,0086) GPS Dest Longitude, DS 3</summary>
    public static DicomTag GPSDestLongitude => new(0x0016, 0x0086);

    /// <summary>(0016,0087) GPS Dest Bearing Ref, CS 1</summary>
    public static DicomTag GPSDestBearingRef => new(0x0016, 0x0087);

    /// <summary>(0016,0088) GPS Dest Bearing, DS 1</summary>
    public static DicomTag GPSDestBearing => new(0x0016, 0x0088);

    /// <summary>(0016,0089) GPS Dest Distance Ref, CS 1</summary>
    public static DicomTag GPSDestDistanceRef => new(0x0016, 0x0089);

    /// <summary>(0016,008A) GPS Dest Distance, DS 1</summary>
    public static DicomTag GPSDestDistance => new(0x0016, 0x008A);

    /// <summary>(0016,008B) GPS Processing Method, OB 1</summary>
    public static DicomTag GPSProcessingMethod => new(0x0016, 0x008B);

    /// <summary>(0016,008C) GPS Area Information, OB 1</summary>
    public static DicomTag GPSAreaInformation => new(0x0016, 0x008C);

    /// <summary>(0016,008D) GPS Date Stamp, DT 1</summary>
    public static DicomTag GPSDateStamp => new(0x0016, 0x008D);

    /// <summary>(0016,008E) GPS Differential, IS 1</summary>
    public static DicomTag GPSDifferential => new(0x0016, 0x008E);

    /// <summary>(0016,1001) Light Source Polarization, CS 1</summary>
    public static DicomTag LightSourcePolarization => new(0x0016, 0x1001);

    /// <summary>(0016,1002) Emitter Color Temperature, DS 1</summary>
    public static DicomTag EmitterColorTemperature => new(0x0016, 0x1002);

    /// <summary>(0016,1003) Contact Method, CS 1</summary>
    public static DicomTag ContactMethod => new(0x0016, 0x1003);

    /// <summary>(0016,1004) Immersion Media, CS 1-n</summary>
    public static DicomTag ImmersionMedia => new(0x0016, 0x1004);

    /// <summary>(0016,1005) Optical Magnification Factor, DS 1</summary>
    public static DicomTag OpticalMagnificationFactor => new(0x0016, 0x1005);

    /// <summary>(0018,0010) Contrast/Bolus Agent, LO 1</summary>
    public static DicomTag ContrastBolusAgent => new(0x0018, 0x0010);

    /// <summary>(0018,0012) Contrast/Bolus Agent Sequence, SQ 1</summary>
    public static DicomTag ContrastBolusAgentSequence => new(0x0018, 0x0012);

    /// <summary>(0018,0013) Contrast/Bolus T1 Relaxivity, FL 1</summary>
    public static DicomTag ContrastBolusT1Relaxivity => new(0x0018, 0x0013);

    /// <summary>(0018,0014) Contrast/Bolus Administration Route Sequence, SQ 1</summary>
    public static DicomTag ContrastBolusAdministrationRouteSequence => new(0x0018, 0x0014);

    /// <summary>(0018,0015) Body Part Examined, CS 1</summary>
    public static DicomTag BodyPartExamined => new(0x0018, 0x0015);

    /// <summary>(0018,0020) Scanning Sequence, CS 1-n</summary>
    public static DicomTag ScanningSequence => new(0x0018, 0x0020);

    /// <summary>(0018,0021) Sequence Variant, CS 1-n</summary>
    public static DicomTag SequenceVariant => new(0x0018, 0x0021);

    /// <summary>(0018,0022) Scan Options, CS 1-n</summary>
    public static DicomTag ScanOptions => new(0x0018, 0x0022);

    /// <summary>(0018,0023) MR Acquisition Type, CS 1</summary>
    public static DicomTag MRAcquisitionType => new(0x0018, 0x0023);

    /// <summary>(0018,0024) Sequence Name, SH 1</summary>
    public static DicomTag SequenceName => new(0x0018, 0x0024);

    /// <summary>(0018,0025) Angio Flag, CS 1</summary>
    public static DicomTag AngioFlag => new(0x0018, 0x0025);

    /// <summary>(0018,0026) Intervention Drug Information Sequence, SQ 1</summary>
    public static DicomTag InterventionDrugInformationSequence => new(0x0018, 0x0026);

    /// <summary>(0018,0027) Intervention Drug Stop Time, TM 1</summary>
    public static DicomTag InterventionDrugStopTime => new(0x0018, 0x0027);

    /// <summary>(0018,0028) Intervention Drug Dose, DS 1</summary>
    public static DicomTag InterventionDrugDose => new(0x0018, 0x0028);

    /// <summary>(0018,0029) Intervention Drug Code Sequence, SQ 1</summary>
    public static DicomTag InterventionDrugCodeSequence => new(0x0018, 0x0029);

    /// <summary>(0018,002A) Additional Drug Sequence, SQ 1</summary>
    public static DicomTag AdditionalDrugSequence => new(0x0018, 0x002A);

    /// <summary>(0018,0030) Radionuclide, LO 1-n, retired</summary>
    public static DicomTag Radionuclide => new(0x0018, 0x0030);

    /// <summary>(0018,0031) Radiopharmaceutical, LO 1</summary>
    public static DicomTag Radiopharmaceutical => new(0x0018, 0x0031);

    /// <summary>(0018,0032) Energy Window Centerline, DS 1, retired</summary>
    public static DicomTag EnergyWindowCenterline => new(0x0018, 0x0032);

    /// <summary>(0018,0033) Energy Window Total Width, DS 1-n, retired</summary>
    public static DicomTag EnergyWindowTotalWidth => new(0x0018, 0x0033);

    /// <summary>(0018,0034) Intervention Drug Name, LO 1</summary>
    public static DicomTag InterventionDrugName => new(0x0018, 0x0034);

    /// <summary>(0018,0035) Intervention Drug Start Time, TM 1</summary>
    public static DicomTag InterventionDrugStartTime => new(0x0018, 0x0035);

    /// <summary>(0018,0036) Intervention Sequence, SQ 1</summary>
    public static DicomTag InterventionSequence => new(0x0018, 0x0036);

    /// <summary>(0018,0037) Therapy Type, CS 1, retired</summary>
    public static DicomTag TherapyType => new(0x0018, 0x0037);

    /// <summary>(0018,0038) Intervention Status, CS 1</summary>
    public static DicomTag InterventionStatus => new(0x0018, 0x0038);

    /// <summary>(0018,0039) Therapy Description, CS 1, retired</summary>
    public static DicomTag TherapyDescription => new(0x0018, 0x0039);

    /// <summary>(0018,003A) Intervention Description, ST 1</summary>
    public static DicomTag InterventionDescription => new(0x0018, 0x003A);

    /// <summary>(0018,0040) Cine Rate, IS 1</summary>
    public static DicomTag CineRate => new(0x0018, 0x0040);

    /// <summary>(0018,0042) Initial Cine Run State, CS 1</summary>
    public static DicomTag InitialCineRunState => new(0x0018, 0x0042);

    /// <summary>(0018,0050) Slice Thickness, DS 1</summary>
    public static DicomTag SliceThickness => new(0x0018, 0x0050);

    /// <summary>(0018,0060) KVP, DS 1</summary>
    public static DicomTag KVP => new(0x0018, 0x0060);

    /// <summary>(0018,0070) Counts Accumulated, IS 1</summary>
    public static DicomTag CountsAccumulated => new(0x0018, 0x0070);

    /// <summary>(0018,0071) Acquisition Termination Condition, CS 1</summary>
    public static DicomTag AcquisitionTerminationCondition => new(0x0018, 0x0071);

    /// <summary>(0018,0072) Effective Duration, DS 1</summary>
    public static DicomTag EffectiveDuration => new(0x0018, 0x0072);

    /// <summary>(0018,0073) Acquisition Start Condition, CS 1</summary>
    public static DicomTag AcquisitionStartCondition => new(0x0018, 0x0073);

    /// <summary>(0018,0074) Acquisition Start Condition Data, IS 1</summary>
    public static DicomTag AcquisitionStartConditionData => new(0x0018, 0x0074);

    /// <summary>(0018,0075) Acquisition Termination Condition Data, IS 1</summary>
    public static DicomTag AcquisitionTerminationConditionData => new(0x0018, 0x0075);

    /// <summary>(0018,0080) Repetition Time, DS 1</summary>
    public static DicomTag RepetitionTime => new(0x0018, 0x0080);

    /// <summary>(0018,0081) Echo Time, DS 1</summary>
    public static DicomTag EchoTime => new(0x0018, 0x0081);

    /// <summary>(0018,0082) Inversion Time, DS 1</summary>
    public static DicomTag InversionTime => new(0x0018, 0x0082);

    /// <summary>(0018,0083) Number of Averages, DS 1</summary>
    public static DicomTag NumberOfAverages => new(0x0018, 0x0083);

    /// <summary>(0018,0084) Imaging Frequency, DS 1</summary>
    public static DicomTag ImagingFrequency => new(0x0018, 0x0084);

    /// <summary>(0018,0085) Imaged Nucleus, SH 1</summary>
    public static DicomTag ImagedNucleus => new(0x0018, 0x0085);

    /// <summary>(0018,0086) Echo Number(s), IS 1-n</summary>
    public static DicomTag EchoNumbers => new(0x0018, 0x0086);

    /// <summary>(0018,0087) Magnetic Field Strength, DS 1</summary>
    public static DicomTag MagneticFieldStrength => new(0x0018, 0x0087);

    /// <summary>(0018,0088) Spacing Between Slices, DS 1</summary>
    public static DicomTag SpacingBetweenSlices => new(0x0018, 0x0088);

    /// <summary>(0018,0089) Number of Phase Encoding Steps, IS 1</summary>
    public static DicomTag NumberOfPhaseEncodingSteps => new(0x0018, 0x0089);

    /// <summary>(0018,0090) Data Collection Diameter, DS 1</summary>
    public static DicomTag DataCollectionDiameter => new(0x0018, 0x0090);

    /// <summary>(0018,0091) Echo Train Length, IS 1</summary>
    public static DicomTag EchoTrainLength => new(0x0018, 0x0091);

    /// <summary>(0018,0093) Percent Sampling, DS 1</summary>
    public static DicomTag PercentSampling => new(0x0018, 0x0093);

    /// <summary>(0018,0094) Percent Phase Field of View, DS 1</summary>
    public static DicomTag PercentPhaseFieldOfView => new(0x0018, 0x0094);

    /// <summary>(0018,0095) Pixel Bandwidth, DS 1</summary>
    public static DicomTag PixelBandwidth => new(0x0018, 0x0095);

    /// <summary>(0018,1000) Device Serial Number, LO 1</summary>
    public static DicomTag DeviceSerialNumber => new(0x0018, 0x1000);

    /// <summary>(0018,1002) Device UID, UI 1</summary>
    public static DicomTag DeviceUID => new(0x0018, 0x1002);

    /// <summary>(0018,1003) Device ID, LO 1</summary>
    public static DicomTag DeviceID => new(0x0018, 0x1003);

    /// <summary>(0018,1004) Plate ID, LO 1</summary>
    public static DicomTag PlateID => new(0x0018, 0x1004);

    /// <summary>(0018,1005) Generator ID, LO 1</summary>
    public static DicomTag GeneratorID => new(0x0018, 0x1005);

    /// <summary>(0018,1006) Grid ID, LO 1</summary>
    public static DicomTag GridID => new(0x0018, 0x1006);

    /// <summary>(0018,1007) Cassette ID, LO 1</summary>
    public static DicomTag CassetteID => new(0x0018, 0x1007);

    /// <summary>(0018,1008) Gantry ID, LO 1</summary>
    public static DicomTag GantryID => new(0x0018, 0x1008);

    /// <summary>(0018,1009) Unique Device Identifier, UT 1</summary>
    public static DicomTag UniqueDeviceIdentifier => new(0x0018, 0x1009);

    /// <summary>(0018,100A) UDI Sequence, SQ 1</summary>
    public static DicomTag UDISequence => new(0x0018, 0x100A);

    /// <summary>(0018,100B) Manufacturer's Device Class UID, UI 1-n</summary>
    public static DicomTag ManufacturerDeviceClassUID => new(0x0018, 0x100B);

    /// <summary>(0018,1010) Secondary Capture Device ID, LO 1</summary>
    public static DicomTag SecondaryCaptureDeviceID => new(0x0018, 0x1010);

    /// <summary>(0018,1011) Hardcopy Creation Device ID, LO 1, retired</summary>
    public static DicomTag HardcopyCreationDeviceID => new(0x0018, 0x1011);

    /// <summary>(0018,1012) Date of Secondary Capture, DA 1</summary>
    public static DicomTag DateOfSecondaryCapture => new(0x0018, 0x1012);

    /// <summary>(0018,1014) Time of Secondary Capture, TM 1</summary>
    public static DicomTag TimeOfSecondaryCapture => new(0x0018, 0x1014);

    /// <summary>(0018,1016) Secondary Capture Device Manufacturer, LO 1</summary>
    public static DicomTag SecondaryCaptureDeviceManufacturer => new(0x0018, 0x1016);

    /// <summary>(0018,1017) Hardcopy Device Manufacturer, LO 1, retired</summary>
    public static DicomTag HardcopyDeviceManufacturer => new(0x0018, 0x1017);

    /// <summary>(0018,1018) Secondary Capture Device Manufacturer's Model Name, LO 1</summary>
    public static DicomTag SecondaryCaptureDeviceManufacturerModelName => new(0x0018, 0x1018);

    /// <summary>(0018,1019) Secondary Capture Device Software Versions, LO 1-n</summary>
    public static DicomTag SecondaryCaptureDeviceSoftwareVersions => new(0x0018, 0x1019);

    /// <summary>(0018,101A) Hardcopy Device Software Version, LO 1-n, retired</summary>
    public static DicomTag HardcopyDeviceSoftwareVersion => new(0x0018, 0x101A);

    /// <summary>(0018,101B) Hardcopy Device Manufacturer's Model Name, LO 1, retired</summary>
    public static DicomTag HardcopyDeviceManufacturerModelName => new(0x0018, 0x101B);

    /// <summary>(0018,1020) Software Versions, LO 1-n</summary>
    public static DicomTag SoftwareVersions => new(0x0018, 0x1020);

    /// <summary>(0018,1022) Video Image Format Acquired, SH 1</summary>
    public static DicomTag VideoImageFormatAcquired => new(0x0018, 0x1022);

    /// <summary>(0018,1023) Digital Image Format Acquired, LO 1</summary>
    public static DicomTag DigitalImageFormatAcquired => new(0x0018, 0x1023);

    /// <summary>(0018,1030) Protocol Name, LO 1</summary>
    public static DicomTag ProtocolName => new(0x0018, 0x1030);

    /// <summary>(0018,1040) Contrast/Bolus Route, LO 1</summary>
    public static DicomTag ContrastBolusRoute => new(0x0018, 0x1040);

    /// <summary>(0018,1041) Contrast/Bolus Volume, DS 1</summary>
    public static DicomTag ContrastBolusVolume => new(0x0018, 0x1041);

    /// <summary>(0018,1042) Contrast/Bolus Start Time, TM 1</summary>
    public static DicomTag ContrastBolusStartTime => new(0x0018, 0x1042);

    /// <summary>(0018,1043) Contrast/Bolus Stop Time, TM 1</summary>
    public static DicomTag ContrastBolusStopTime => new(0x0018, 0x1043);

    /// <summary>(0018,1044) Contrast/Bolus Total Dose, DS 1</summary>
    public static DicomTag ContrastBolusTotalDose => new(0x0018, 0x1044);

    /// <summary>(0018,1045) Syringe Counts, IS 1</summary>
    public static DicomTag SyringeCounts => new(0x0018, 0x1045);

    /// <summary>(0018,1046) Contrast Flow Rate, DS 1-n</summary>
    public static DicomTag ContrastFlowRate => new(0x0018, 0x1046);

    /// <summary>(0018,1047) Contrast Flow Duration, DS 1-n</summary>
    public static DicomTag ContrastFlowDuration => new(0x0018, 0x1047);

    /// <summary>(0018,1048) Contrast/Bolus Ingredient, CS 1</summary>
    public static DicomTag ContrastBolusIngredient => new(0x0018, 0x1048);

    /// <summary>(0018,1049) Contrast/Bolus Ingredient Concentration, DS 1</summary>
    public static DicomTag ContrastBolusIngredientConcentration => new(0x0018, 0x1049);

    /// <summary>(0018,1050) Spatial Resolution, DS 1</summary>
    public static DicomTag SpatialResolution => new(0x0018, 0x1050);

    /// <summary>(0018,1060) Trigger Time, DS 1</summary>
    public static DicomTag TriggerTime => new(0x0018, 0x1060);

    /// <summary>(0018,1061) Trigger Source or Type, LO 1</summary>
    public static DicomTag TriggerSourceOrType => new(0x0018, 0x1061);

    /// <summary>(0018,1062) Nominal Interval, IS 1</summary>
    public static DicomTag NominalInterval => new(0x0018, 0x1062);

    /// <summary>(0018,1063) Frame Time, DS 1</summary>
    public static DicomTag FrameTime => new(0x0018, 0x1063);

    /// <summary>(0018,1064) Cardiac Framing Type, LO 1</summary>
    public static DicomTag CardiacFramingType => new(0x0018, 0x1064);

    /// <summary>(0018,1065) Frame Time Vector, DS 1-n</summary>
    public static DicomTag FrameTimeVector => new(0x0018, 0x1065);

    /// <summary>(0018,1066) Frame Delay, DS 1</summary>
    public static DicomTag FrameDelay => new(0x0018, 0x1066);

    /// <summary>(0018,1067) Image Trigger Delay, DS 1</summary>
    public static DicomTag ImageTriggerDelay => new(0x0018, 0x1067);

    /// <summary>(0018,1068) Multiplex Group Time Offset, DS 1</summary>
    public static DicomTag MultiplexGroupTimeOffset => new(0x0018, 0x1068);

    /// <summary>(0018,1069) Trigger Time Offset, DS 1</summary>
    public static DicomTag TriggerTimeOffset => new(0x0018, 0x1069);

    /// <summary>(0018,106A) Synchronization Trigger, CS 1</summary>
    public static DicomTag SynchronizationTrigger => new(0x0018, 0x106A);

    /// <summary>(0018,106C) Synchronization Channel, US 2</summary>
    public static DicomTag SynchronizationChannel => new(0x0018, 0x106C);

    /// <summary>(0018,106E) Trigger Sample Position, UL 1</summary>
    public static DicomTag TriggerSamplePosition => new(0x0018, 0x106E);

    /// <summary>(0018,1070) Radiopharmaceutical Route, LO 1</summary>
    public static DicomTag RadiopharmaceuticalRoute => new(0x0018, 0x1070);

    /// <summary>(0018,1071) Radiopharmaceutical Volume, DS 1</summary>
    public static DicomTag RadiopharmaceuticalVolume => new(0x0018, 0x1071);

    /// <summary>(0018,1072) Radiopharmaceutical Start Time, TM 1</summary>
    public static DicomTag RadiopharmaceuticalStartTime => new(0x0018, 0x1072);

    /// <summary>(0018,1073) Radiopharmaceutical Stop Time, TM 1</summary>
    public static DicomTag RadiopharmaceuticalStopTime => new(0x0018, 0x1073);

    /// <summary>(0018,1074) Radionuclide Total Dose, DS 1</summary>
    public static DicomTag RadionuclideTotalDose => new(0x0018, 0x1074);

    /// <summary>(0018,1075) Radionuclide Half Life, DS 1</summary>
    public static DicomTag RadionuclideHalfLife => new(0x0018, 0x1075);

    /// <summary>(0018,1076) Radionuclide Positron Fraction, DS 1</summary>
    public static DicomTag RadionuclidePositronFraction => new(0x0018, 0x1076);

    /// <summary>(0018,1077) Radiopharmaceutical Specific Activity, DS 1</summary>
    public static DicomTag RadiopharmaceuticalSpecificActivity => new(0x0018, 0x1077);

    /// <summary>(0018,1078) Radiopharmaceutical Start DateTime, DT 1</summary>
    public static DicomTag RadiopharmaceuticalStartDateTime => new(0x0018, 0x1078);

    /// <summary>(0018,1079) Radiopharmaceutical Stop DateTime, DT 1</summary>
    public static DicomTag RadiopharmaceuticalStopDateTime => new(0x0018, 0x1079);

    /// <summary>(0018,1080) Beat Rejection Flag, CS 1</summary>
    public static DicomTag BeatRejectionFlag => new(0x0018, 0x1080);

    /// <summary>(0018,1081) Low R-R Value, IS 1</summary>
    public static DicomTag LowRRValue => new(0x0018, 0x1081);

    /// <summary>(0018,1082) High R-R Value, IS 1</summary>
    public static DicomTag HighRRValue => new(0x0018, 0x1082);

    /// <summary>(0018,1083) Intervals Acquired, IS 1</summary>
    public static DicomTag IntervalsAcquired => new(0x0018, 0x1083);

    /// <summary>(0018,1084) Intervals Rejected, IS 1</summary>
    public static DicomTag IntervalsRejected => new(0x0018, 0x1084);

    /// <summary>(0018,1085) PVC Rejection, LO 1</summary>
    public static DicomTag PVCRejection => new(0x0018, 0x1085);

    /// <summary>(0018,1086) Skip Beats, IS 1</summary>
    public static DicomTag SkipBeats => new(0x0018, 0x1086);

    /// <summary>(0018,1088) Heart Rate, IS 1</summary>
    public static DicomTag HeartRate => new(0x0018, 0x1088);

    /// <summary>(0018,1090) Cardiac Number of Images, IS 1</summary>
    public static DicomTag CardiacNumberOfImages => new(0x0018, 0x1090);

    /// <summary>(0018,1094) Trigger Window, IS 1</summary>
    public static DicomTag TriggerWindow => new(0x0018, 0x1094);

    /// <summary>(0018,1100) Reconstruction Diameter, DS 1</summary>
    public static DicomTag ReconstructionDiameter => new(0x0018, 0x1100);

    /// <summary>(0018,1110) Distance Source to Detector, DS 1</summary>
    public static DicomTag DistanceSourceToDetector => new(0x0018, 0x1110);

    /// <summary>(0018,1111) Distance Source to Patient, DS 1</summary>
    public static DicomTag DistanceSourceToPatient => new(0x0018, 0x1111);

    /// <summary>(0018,1114) Estimated Radiographic Magnification Factor, DS 1</summary>
    public static DicomTag EstimatedRadiographicMagnificationFactor => new(0x0018, 0x1114);

    /// <summary>(0018,1120) Gantry/Detector Tilt, DS 1</summary>
    public static DicomTag GantryDetectorTilt => new(0x0018, 0x1120);

    /// <summary>(0018,1121) Gantry/Detector Slew, DS 1</summary>
    public static DicomTag GantryDetectorSlew => new(0x0018, 0x1121);

    /// <summary>(0018,1130) Table Height, DS 1</summary>
    public static DicomTag TableHeight => new(0x0018, 0x1130);

    /// <summary>(0018,1131) Table Traverse, DS 1</summary>
    public static DicomTag TableTraverse => new(0x0018, 0x1131);

    /// <summary>(0018,1134) Table Motion, CS 1</summary>
    public static DicomTag TableMotion => new(0x0018, 0x1134);

    /// <summary>(0018,1135) Table Vertical Increment, DS 1-n</summary>
    public static DicomTag TableVerticalIncrement => new(0x0018, 0x1135);

    /// <summary>(0018,1136) Table Lateral Increment, DS 1-n</summary>
    public static DicomTag TableLateralIncrement => new(0x0018, 0x1136);

    /// <summary>(0018,1137) Table Longitudinal Increment, DS 1-n</summary>
    public static DicomTag TableLongitudinalIncrement => new(0x0018, 0x1137);

    /// <summary>(0018,1138) Table Angle, DS 1</summary>
    public static DicomTag TableAngle => new(0x0018, 0x1138);

    /// <summary>(0018,113A) Table Type, CS 1</summary>
    public static DicomTag TableType => new(0x0018, 0x113A);

    /// <summary>(0018,1140) Rotation Direction, CS 1</summary>
    public static DicomTag RotationDirection => new(0x0018, 0x1140);

    /// <summary>(0018,1141) Angular Position, DS 1, retired</summary>
    public static DicomTag AngularPosition => new(0x0018, 0x1141);

    /// <summary>(0018,1142) Radial Position, DS 1-n</summary>
    public static DicomTag RadialPosition => new(0x0018, 0x1142);

    /// <summary>(0018,1143) Scan Arc, DS 1</summary>
    public static DicomTag ScanArc => new(0x0018, 0x1143);

    /// <summary>(0018,1144) Angular Step, DS 1</summary>
    public static DicomTag AngularStep => new(0x0018, 0x1144);

    /// <summary>(0018,1145) Center of Rotation Offset, DS 1</summary>
    public static DicomTag CenterOfRotationOffset => new(0x0018, 0x1145);

    /// <summary>(0018,1146) Rotation Offset, DS 1-n, retired</summary>
    public static DicomTag RotationOffset => new(0x0018, 0x1146);

    /// <summary>(0018,1147) Field of View Shape, CS 1</summary>
    public static DicomTag FieldOfViewShape => new(0x0018, 0x1147);

    /// <summary>(0018,1149) Field of View Dimension(s), IS 1-2</summary>
    public static DicomTag FieldOfViewDimensions => new(0x0018, 0x1149);

    /// <summary>(0018,1150) Exposure Time, IS 1</summary>
    public static DicomTag ExposureTime => new(0x0018, 0x1150);

    /// <summary>(0018,1151) X-Ray Tube Current, IS 1</summary>
    public static DicomTag XRayTubeCurrent => new(0x0018, 0x1151);

    /// <summary>(0018,1152) Exposure, IS 1</summary>
    public static DicomTag Exposure => new(0x0018, 0x1152);

    /// <summary>(0018,1153) Exposure in uAs, IS 1</summary>
    public static DicomTag ExposureInuAs => new(0x0018, 0x1153);

    /// <summary>(0018,1154) Average Pulse Width, DS 1</summary>
    public static DicomTag AveragePulseWidth => new(0x0018, 0x1154);

    /// <summary>(0018,1155) Radiation Setting, CS 1</summary>
    public static DicomTag RadiationSetting => new(0x0018, 0x1155);

    /// <summary>(0018,1156) Rectification Type, CS 1</summary>
    public static DicomTag RectificationType => new(0x0018, 0x1156);

    /// <summary>(0018,115A) Radiation Mode, CS 1</summary>
    public static DicomTag RadiationMode => new(0x0018, 0x115A);

    /// <summary>(0018,115E) Image and Fluoroscopy Area Dose Product, DS 1</summary>
    public static DicomTag ImageAndFluoroscopyAreaDoseProduct => new(0x0018, 0x115E);

    /// <summary>(0018,1160) Filter Type, SH 1</summary>
    public static DicomTag FilterType => new(0x0018, 0x1160);

    /// <summary>(0018,1161) Type of Filters, LO 1-n</summary>
    public static DicomTag TypeOfFilters => new(0x0018, 0x1161);

    /// <summary>(0018,1162) Intensifier Size, DS 1</summary>
    public static DicomTag IntensifierSize => new(0x0018, 0x1162);

    /// <summary>(0018,1164) Imager Pixel Spacing, DS 2</summary>
    public static DicomTag ImagerPixelSpacing => new(0x0018, 0x1164);

    /// <summary>(0018,1166) Grid, CS 1-n</summary>
    public static DicomTag Grid => new(0x0018, 0x1166);

    /// <summary>(0018,1170) Generator Power, IS 1</summary>
    public static DicomTag GeneratorPower => new(0x0018, 0x1170);

    /// <summary>(0018,1180) Collimator/grid Name, SH 1</summary>
    public static DicomTag CollimatorGridName => new(0x0018, 0x1180);

    /// <summary>(0018,1181) Collimator Type, CS 1</summary>
    public static DicomTag CollimatorType => new(0x0018, 0x1181);

    /// <summary>(0018,1182) Focal Distance, IS 1-2</summary>
    public static DicomTag FocalDistance => new(0x0018, 0x1182);

    /// <summary>(0018,1183) X Focus Center, DS 1-2</summary>
    public static DicomTag XFocusCenter => new(0x0018, 0x1183);

    /// <summary>(0018,1184) Y Focus Center, DS 1-2</summary>
    public static DicomTag YFocusCenter => new(0x0018, 0x1184);

    /// <summary>(0018,1190) Focal Spot(s), DS 1-n</summary>
    public static DicomTag FocalSpots => new(0x0018, 0x1190);

    /// <summary>(0018,1191) Anode Target Material, CS 1</summary>
    public static DicomTag AnodeTargetMaterial => new(0x0018, 0x1191);

    /// <summary>(0018,11A0) Body Part Thickness, DS 1</summary>
    public static DicomTag BodyPartThickness => new(0x0018, 0x11A0);

    /// <summary>(0018,11A2) Compression Force, DS 1</summary>
    public static DicomTag CompressionForce => new(0x0018, 0x11A2);

    /// <summary>(0018,11A3) Compression Pressure, DS 1</summary>
    public static DicomTag CompressionPressure => new(0x0018, 0x11A3);

    /// <summary>(0018,11A4) Paddle Description, LO 1</summary>
    public static DicomTag PaddleDescription => new(0x0018, 0x11A4);

    /// <summary>(0018,11A5) Compression Contact Area, DS 1</summary>
    public static DicomTag CompressionContactArea => new(0x0018, 0x11A5);

    /// <summary>(0018,11B0) Acquisition Mode, LO 1</summary>
    public static DicomTag AcquisitionMode => new(0x0018, 0x11B0);

    /// <summary>(0018,11B1) Dose Mode Name, LO 1</summary>
    public static DicomTag DoseModeName => new(0x0018, 0x11B1);

    /// <summary>(0018,11B2) Acquired Subtraction Mask Flag, CS 1</summary>
    public static DicomTag AcquiredSubtractionMaskFlag => new(0x0018, 0x11B2);

    /// <summary>(0018,11B3) Fluoroscopy Persistence Flag, CS 1</summary>
    public static DicomTag FluoroscopyPersistenceFlag => new(0x0018, 0x11B3);

    /// <summary>(0018,11B4) Fluoroscopy Last Image Hold Persistence Flag, CS 1</summary>
    public static DicomTag FluoroscopyLastImageHoldPersistenceFlag => new(0x0018, 0x11B4);

    /// <summary>(0018,11B5) Upper Limit Number Of Persistent Fluoroscopy Frames, IS 1</summary>
    public static DicomTag UpperLimitNumberOfPersistentFluoroscopyFrames => new(0x0018, 0x11B5);

    /// <summary>(0018,11B6) Contrast/Bolus Auto Injection Trigger Flag, CS 1</summary>
    public static DicomTag ContrastBolusAutoInjectionTriggerFlag => new(0x0018, 0x11B6);

    /// <summary>(0018,11B7) Contrast/Bolus Injection Delay, FD 1</summary>
    public static DicomTag ContrastBolusInjectionDelay => new(0x0018, 0x11B7);

    /// <summary>(0018,11B8) XA Acquisition Phase Details Sequence, SQ 1</summary>
    public static DicomTag XAAcquisitionPhaseDetailsSequence => new(0x0018, 0x11B8);

    /// <summary>(0018,11B9) XA Acquisition Frame Rate, FD 1</summary>
    public static DicomTag XAAcquisitionFrameRate => new(0x0018, 0x11B9);

    /// <summary>(0018,11BA) XA Plane Details Sequence, SQ 1</summary>
    public static DicomTag XAPlaneDetailsSequence => new(0x0018, 0x11BA);

    /// <summary>(0018,11BB) Acquisition Field of View Label, LO 1</summary>
    public static DicomTag AcquisitionFieldOfViewLabel => new(0x0018, 0x11BB);

    /// <summary>(0018,11BC) X-Ray Filter Details Sequence, SQ 1</summary>
    public static DicomTag XRayFilterDetailsSequence => new(0x0018, 0x11BC);

    /// <summary>(0018,11BD) XA Acquisition Duration, FD 1</summary>
    public static DicomTag XAAcquisitionDuration => new(0x0018, 0x11BD);

    /// <summary>(0018,11BE) Reconstruction Pipeline Type, CS 1</summary>
    public static DicomTag ReconstructionPipelineType => new(0x0018, 0x11BE);

    /// <summary>(0018,11BF) Image Filter Details Sequence, SQ 1</summary>
    public static DicomTag ImageFilterDetailsSequence => new(0x0018, 0x11BF);

    /// <summary>(0018,11C0) Applied Mask Subtraction Flag, CS 1</summary>
    public static DicomTag AppliedMaskSubtractionFlag => new(0x0018, 0x11C0);

    /// <summary>(0018,11C1) Requested Series Description Code Sequence, SQ 1</summary>
    public static DicomTag RequestedSeriesDescriptionCodeSequence => new(0x0018, 0x11C1);

    /// <summary>(0018,1200) Date of Last Calibration, DA 1-n</summary>
    public static DicomTag DateOfLastCalibration => new(0x0018, 0x1200);

    /// <summary>(0018,1201) Time of Last Calibration, TM 1-n</summary>
    public static DicomTag TimeOfLastCalibration => new(0x0018, 0x1201);

    /// <summary>(0018,1202) DateTime of Last Calibration, DT 1</summary>
    public static DicomTag DateTimeOfLastCalibration => new(0x0018, 0x1202);

    /// <summary>(0018,1203) Calibration DateTime, DT 1</summary>
    public static DicomTag CalibrationDateTime => new(0x0018, 0x1203);

    /// <summary>(0018,1210) Convolution Kernel, SH 1-n</summary>
    public static DicomTag ConvolutionKernel => new(0x0018, 0x1210);

    /// <summary>(0018,1240) Upper/Lower Pixel Values, IS 1-n, retired</summary>
    public static DicomTag UpperLowerPixelValues => new(0x0018, 0x1240);

    /// <summary>(0018,1242) Actual Frame Duration, IS 1</summary>
    public static DicomTag ActualFrameDuration => new(0x0018, 0x1242);

    /// <summary>(0018,1243) Count Rate, IS 1</summary>
    public static DicomTag CountRate => new(0x0018, 0x1243);

    /// <summary>(0018,1244) Preferred Playback Sequencing, US 1</summary>
    public static DicomTag PreferredPlaybackSequencing => new(0x0018, 0x1244);

    /// <summary>(0018,1250) Receive Coil Name, SH 1</summary>
    public static DicomTag ReceiveCoilName => new(0x0018, 0x1250);

    /// <summary>(0018,1251) Transmit Coil Name, SH 1</summary>
    public static DicomTag TransmitCoilName => new(0x0018, 0x1251);

    /// <summary>(0018,1260) Plate Type, SH 1</summary>
    public static DicomTag PlateType => new(0x0018, 0x1260);

    /// <summary>(0018,1261) Phosphor Type, LO 1</summary>
    public static DicomTag PhosphorType => new(0x0018, 0x1261);

    /// <summary>(0018,1271) Water Equivalent Diameter, FD 1</summary>
    public static DicomTag WaterEquivalentDiameter => new(0x0018, 0x1271);

    /// <summary>(0018,1272) Water Equivalent Diameter Calculation Method Code Sequence, SQ 1</summary>
    public static DicomTag WaterEquivalentDiameterCalculationMethodCodeSequence => new(0x0018, 0x1272);

    /// <summary>(0018,1300) Scan Velocity, DS 1</summary>
    public static DicomTag ScanVelocity => new(0x0018, 0x1300);

    /// <summary>(0018,1301) Whole Body Technique, CS 1-n</summary>
    public static DicomTag WholeBodyTechnique => new(0x0018, 0x1301);

    /// <summary>(0018,1302) Scan Length, IS 1</summary>
    public static DicomTag ScanLength => new(0x0018, 0x1302);

    /// <summary>(0018,1310) Acquisition Matrix, US 4</summary>
    public static DicomTag AcquisitionMatrix => new(0x0018, 0x1310);

    /// <summary>(0018,1312) In-plane Phase Encoding Direction, CS 1</summary>
    public static DicomTag InPlanePhaseEncodingDirection => new(0x0018, 0x1312);

    /// <summary>(0018,1314) Flip Angle, DS 1</summary>
    public static DicomTag FlipAngle => new(0x0018, 0x1314);

    /// <summary>(0018,1315) Variable Flip Angle Flag, CS 1</summary>
    public static DicomTag VariableFlipAngleFlag => new(0x0018, 0x1315);

    /// <summary>(0018,1316) SAR, DS 1</summary>
    public static DicomTag SAR => new(0x0018, 0x1316);

    /// <summary>(0018,1318) dB/dt, DS 1</summary>
    public static DicomTag dBdt => new(0x0018, 0x1318);

    /// <summary>(0018,1320) B1rms, FL 1</summary>
    public static DicomTag B1rms => new(0x0018, 0x1320);

    /// <summary>(0018,1400) Acquisition Device Processing Description, LO 1</summary>
    public static DicomTag AcquisitionDeviceProcessingDescription => new(0x0018, 0x1400);

    /// <summary>(0018,1401) Acquisition Device Processing Code, LO 1</summary>
    public static DicomTag AcquisitionDeviceProcessingCode => new(0x0018, 0x1401);

    /// <summary>(0018,1402) Cassette Orientation, CS 1</summary>
    public static DicomTag CassetteOrientation => new(0x0018, 0x1402);

    /// <summary>(0018,1403) Cassette Size, CS 1</summary>
    public static DicomTag CassetteSize => new(0x0018, 0x1403);

    /// <summary>(0018,1404) Exposures on Plate, US 1</summary>
    public static DicomTag ExposuresOnPlate => new(0x0018, 0x1404);

    /// <summary>(0018,1405) Relative X-Ray Exposure, IS 1</summary>
    public static DicomTag RelativeXRayExposure => new(0x0018, 0x1405);

    /// <summary>(0018,1411) Exposure Index, DS 1</summary>
    public static DicomTag ExposureIndex => new(0x0018, 0x1411);

    /// <summary>(0018,1412) Target Exposure Index, DS 1</summary>
    public static DicomTag TargetExposureIndex => new(0x0018, 0x1412);

    /// <summary>(0018,1413) Deviation Index, DS 1</summary>
    public static DicomTag DeviationIndex => new(0x0018, 0x1413);

    /// <summary>(0018,1450) Column Angulation, DS 1</summary>
    public static DicomTag ColumnAngulation => new(0x0018, 0x1450);

    /// <summary>(0018,1460) Tomo Layer Height, DS 1</summary>
    public static DicomTag TomoLayerHeight => new(0x0018, 0x1460);

    /// <summary>(0018,1470) Tomo Angle, DS 1</summary>
    public static DicomTag TomoAngle => new(0x0018, 0x1470);

    /// <summary>(0018,1480) Tomo Time, DS 1</summary>
    public static DicomTag TomoTime => new(0x0018, 0x1480);

    /// <summary>(0018,1490) Tomo Type, CS 1</summary>
    public static DicomTag TomoType => new(0x0018, 0x1490);

    /// <summary>(0018,1491) Tomo Class, CS 1</summary>
    public static DicomTag TomoClass => new(0x0018, 0x1491);

    /// <summary>(0018,1495) Number of Tomosynthesis Source Images, IS 1</summary>
    public static DicomTag NumberOfTomosynthesisSourceImages => new(0x0018, 0x1495);

    /// <summary>(0018,1500) Positioner Motion, CS 1</summary>
    public static DicomTag PositionerMotion => new(0x0018, 0x1500);

    /// <summary>(0018,1508) Positioner Type, CS 1</summary>
    public static DicomTag PositionerType => new(0x0018, 0x1508);

    /// <summary>(0018,1510) Positioner Primary Angle, DS 1</summary>
    public static DicomTag PositionerPrimaryAngle => new(0x0018, 0x1510);

    /// <summary>(0018,1511) Positioner Secondary Angle, DS 1</summary>
    public static DicomTag PositionerSecondaryAngle => new(0x0018, 0x1511);

    /// <summary>(0018,1520) Positioner Primary Angle Increment, DS 1-n</summary>
    public static DicomTag PositionerPrimaryAngleIncrement => new(0x0018, 0x1520);

    /// <summary>(0018,1521) Positioner Secondary Angle Increment, DS 1-n</summary>
    public static DicomTag PositionerSecondaryAngleIncrement => new(0x0018, 0x1521);

    /// <summary>(0018,1530) Detector Primary Angle, DS 1</summary>
    public static DicomTag DetectorPrimaryAngle => new(0x0018, 0x1530);

    /// <summary>(0018,1531) Detector Secondary Angle, DS 1</summary>
    public static DicomTag DetectorSecondaryAngle => new(0x0018, 0x1531);

    /// <summary>(0018,1600) Shutter Shape, CS 1-3</summary>
    public static DicomTag ShutterShape => new(0x0018, 0x1600);

    /// <summary>(0018,1602) Shutter Left Vertical Edge, IS 1</summary>
    public static DicomTag ShutterLeftVerticalEdge => new(0x0018, 0x1602);

    /// <summary>(0018,1604) Shutter Right Vertical Edge, IS 1</summary>
    public static DicomTag ShutterRightVerticalEdge => new(0x0018, 0x1604);

    /// <summary>(0018,1606) Shutter Upper Horizontal Edge, IS 1</summary>
    public static DicomTag ShutterUpperHorizontalEdge => new(0x0018, 0x1606);

    /// <summary>(0018,1608) Shutter Lower Horizontal Edge, IS 1</summary>
    public static DicomTag ShutterLowerHorizontalEdge => new(0x0018, 0x1608);

    /// <summary>(0018,1610) Center of Circular Shutter, IS 2</summary>
    public static DicomTag CenterOfCircularShutter => new(0x0018, 0x1610);

    /// <summary>(0018,1612) Radius of Circular Shutter, IS 1</summary>
    public static DicomTag RadiusOfCircularShutter => new(0x0018, 0x1612);

    /// <summary>(0018,1620) Vertices of the Polygonal Shutter, IS 2-2n</summary>
    public static DicomTag VerticesOfThePolygonalShutter => new(0x0018, 0x1620);

    /// <summary>(0018,1622) Shutter Presentation Value, US 1</summary>
    public static DicomTag ShutterPresentationValue => new(0x0018, 0x1622);

    /// <summary>(0018,1623) Shutter Overlay Group, US 1</summary>
    public static DicomTag ShutterOverlayGroup => new(0x0018, 0x1623);

    /// <summary>(0018,1624) Shutter Presentation Color CIELab Value, US 3</summary>
    public static DicomTag ShutterPresentationColorCIELabValue => new(0x0018, 0x1624);

    /// <summary>(0018,1630) Outline Shape Type, CS 1</summary>
    public static DicomTag OutlineShapeType => new(0x0018, 0x1630);

    /// <summary>(0018,1631) Outline Left Vertical Edge, FD 1</summary>
    public static DicomTag OutlineLeftVerticalEdge => new(0x0018, 0x1631);

    /// <summary>(0018,1632) Outline Right Vertical Edge, FD 1</summary>
    public static DicomTag OutlineRightVerticalEdge => new(0x0018, 0x1632);

    /// <summary>(0018,1633) Outline Upper Horizontal Edge, FD 1</summary>
    public static DicomTag OutlineUpperHorizontalEdge => new(0x0018, 0x1633);

    /// <summary>(0018,1634) Outline Lower Horizontal Edge, FD 1</summary>
    public static DicomTag OutlineLowerHorizontalEdge => new(0x0018, 0x1634);

    /// <summary>(0018,1635) Center of Circular Outline, FD 2</summary>
    public static DicomTag CenterOfCircularOutline => new(0x0018, 0x1635);

    /// <summary>(0018,1636) Diameter of Circular Outline, FD 1</summary>
    public static DicomTag DiameterOfCircularOutline => new(0x0018, 0x1636);

    /// <summary>(0018,1637) Number of Polygonal Vertices, UL 1</summary>
    public static DicomTag NumberOfPolygonalVertices => new(0x0018, 0x1637);

    /// <summary>(0018,1638) Vertices of the Polygonal Outline, OF 1</summary>
    public static DicomTag VerticesOfThePolygonalOutline => new(0x0018, 0x1638);

    /// <summary>(0018,1700) Collimator Shape, CS 1-3</summary>
    public static DicomTag CollimatorShape => new(0x0018, 0x1700);

    /// <summary>(0018,1702) Collimator Left Vertical Edge, IS 1</summary>
    public static DicomTag CollimatorLeftVerticalEdge => new(0x0018, 0x1702);

    /// <summary>(0018,1704) Collimator Right Vertical Edge, IS 1</summary>
    public static DicomTag CollimatorRightVerticalEdge => new(0x0018, 0x1704);

    /// <summary>(0018,1706) Collimator Upper Horizontal Edge, IS 1</summary>
    public static DicomTag CollimatorUpperHorizontalEdge => new(0x0018, 0x1706);

    /// <summary>(0018,1708) Collimator Lower Horizontal Edge, IS 1</summary>
    public static DicomTag CollimatorLowerHorizontalEdge => new(0x0018, 0x1708);

    /// <summary>(0018,1710) Center of Circular Collimator, IS 2</summary>
    public static DicomTag CenterOfCircularCollimator => new(0x0018, 0x1710);

    /// <summary>(0018,1712) Radius of Circular Collimator, IS 1</summary>
    public static DicomTag RadiusOfCircularCollimator => new(0x0018, 0x1712);

    /// <summary>(0018,1720) Vertices of the Polygonal Collimator, IS 2-2n</summary>
    public static DicomTag VerticesOfThePolygonalCollimator => new(0x0018, 0x1720);

    /// <summary>(0018,1800) Acquisition Time Synchronized, CS 1</summary>
    public static DicomTag AcquisitionTimeSynchronized => new(0x0018, 0x1800);

    /// <summary>(0018,1801) Time Source, SH 1</summary>
    public static DicomTag TimeSource => new(0x0018, 0x1801);

    /// <summary>(0018,1802) Time Distribution Protocol, CS 1</summary>
    public static DicomTag TimeDistributionProtocol => new(0x0018, 0x1802);

    /// <summary>(0018,1803) NTP Source Address, LO 1</summary>
    public static DicomTag NTPSourceAddress => new(0x0018, 0x1803);

    /// <summary>(0018,2001) Page Number Vector, IS 1-n</summary>
    public static DicomTag PageNumberVector => new(0x0018, 0x2001);

    /// <summary>(0018,2002) Frame Label Vector, SH 1-n</summary>
    public static DicomTag FrameLabelVector => new(0x0018, 0x2002);

    /// <summary>(0018,2003) Frame Primary Angle Vector, DS 1-n</summary>
    public static DicomTag FramePrimaryAngleVector => new(0x0018, 0x2003);

    /// <summary>(0018,2004) Frame Secondary Angle Vector, DS 1-n</summary>
    public static DicomTag FrameSecondaryAngleVector => new(0x0018, 0x2004);

    /// <summary>(0018,2005) Slice Location Vector, DS 1-n</summary>
    public static DicomTag SliceLocationVector => new(0x0018, 0x2005);

    /// <summary>(0018,2006) Display Window Label Vector, SH 1-n</summary>
    public static DicomTag DisplayWindowLabelVector => new(0x0018, 0x2006);

    /// <summary>(0018,2010) Nominal Scanned Pixel Spacing, DS 2</summary>
    public static DicomTag NominalScannedPixelSpacing => new(0x0018, 0x2010);

    /// <summary>(0018,2020) Digitizing Device Transport Direction, CS 1</summary>
    public static DicomTag DigitizingDeviceTransportDirection => new(0x0018, 0x2020);

    /// <summary>(0018,2030) Rotation of Scanned Film, DS 1</summary>
    public static DicomTag RotationOfScannedFilm => new(0x0018, 0x2030);

    /// <summary>(0018,2041) Biopsy Target Sequence, SQ 1</summary>
    public static DicomTag BiopsyTargetSequence => new(0x0018, 0x2041);

    /// <summary>(0018,2042) Target UID, UI 1</summary>
    public static DicomTag TargetUID => new(0x0018, 0x2042);

    /// <summary>(0018,2043) Localizing Cursor Position, FL 2</summary>
    public static DicomTag LocalizingCursorPosition => new(0x0018, 0x2043);

    /// <summary>(0018,2044) Calculated Target Position, FL 3</summary>
    public static DicomTag CalculatedTargetPosition => new(0x0018, 0x2044);

    /// <summary>(0018,2045) Target Label, SH 1</summary>
    public static DicomTag TargetLabel => new(0x0018, 0x2045);

    /// <summary>(0018,2046) Displayed Z Value, FL 1</summary>
    public static DicomTag DisplayedZValue => new(0x0018, 0x2046);

    /// <summary>(0018,3100) IVUS Acquisition, CS 1</summary>
    public static DicomTag IVUSAcquisition => new(0x0018, 0x3100);

    /// <summary>(0018,3101) IVUS Pullback Rate, DS 1</summary>
    public static DicomTag IVUSPullbackRate => new(0x0018, 0x3101);

    /// <summary>(0018,3102) IVUS Gated Rate, DS 1</summary>
    public static DicomTag IVUSGatedRate => new(0x0018, 0x3102);

    /// <summary>(0018,3103) IVUS Pullback Start Frame Number, IS 1</summary>
    public static DicomTag IVUSPullbackStartFrameNumber => new(0x0018, 0x3103);

    /// <summary>(0018,3104) IVUS Pullback Stop Frame Number, IS 1</summary>
    public static DicomTag IVUSPullbackStopFrameNumber => new(0x0018, 0x3104);

    /// <summary>(0018,3105) Lesion Number, IS 1-n</summary>
    public static DicomTag LesionNumber => new(0x0018, 0x3105);

    /// <summary>(0018,4000) Acquisition Comments, LT 1, retired</summary>
    public static DicomTag AcquisitionComments => new(0x0018, 0x4000);

    /// <summary>(0018,5000) Output Power, SH 1-n</summary>
    public static DicomTag OutputPower => new(0x0018, 0x5000);

    /// <summary>(0018,5010) Transducer Data, LO 1-n</summary>
    public static DicomTag TransducerData => new(0x0018, 0x5010);

    /// <summary>(0018,5011) Transducer Identification Sequence, SQ 1</summary>
    public static DicomTag TransducerIdentificationSequence => new(0x0018, 0x5011);

    /// <summary>(0018,5012) Focus Depth, DS 1</summary>
    public static DicomTag FocusDepth => new(0x0018, 0x5012);

    /// <summary>(0018,5020) Processing Function, LO 1</summary>
    public static DicomTag ProcessingFunction => new(0x0018, 0x5020);

    /// <summary>(0018,5021) Postprocessing Function, LO 1, retired</summary>
    public static DicomTag PostprocessingFunction => new(0x0018, 0x5021);

    /// <summary>(0018,5022) Mechanical Index, DS 1</summary>
    public static DicomTag MechanicalIndex => new(0x0018, 0x5022);

    /// <summary>(0018,5024) Bone Thermal Index, DS 1</summary>
    public static DicomTag BoneThermalIndex => new(0x0018, 0x5024);

    /// <summary>(0018,5026) Cranial Thermal Index, DS 1</summary>
    public static DicomTag CranialThermalIndex => new(0x0018, 0x5026);

    /// <summary>(0018,5027) Soft Tissue Thermal Index, DS 1</summary>
    public static DicomTag SoftTissueThermalIndex => new(0x0018, 0x5027);

    /// <summary>(0018,5028) Soft Tissue-focus Thermal Index, DS 1</summary>
    public static DicomTag SoftTissueFocusThermalIndex => new(0x0018, 0x5028);

    /// <summary>(0018,5029) Soft Tissue-surface Thermal Index, DS 1</summary>
    public static DicomTag SoftTissueSurfaceThermalIndex => new(0x0018, 0x5029);

    /// <summary>(0018,5030) Dynamic Range, DS 1, retired</summary>
    public static DicomTag DynamicRange => new(0x0018, 0x5030);

    /// <summary>(0018,5040) Total Gain, DS 1, retired</summary>
    public static DicomTag TotalGain => new(0x0018, 0x5040);

    /// <summary>(0018,5050) Depth of Scan Field, IS 1</summary>
    public static DicomTag DepthOfScanField => new(0x0018, 0x5050);

    /// <summary>(0018,5100) Patient Position, CS 1</summary>
    public static DicomTag PatientPosition => new(0x0018, 0x5100);

    /// <summary>(0018,5101) View Position, CS 1</summary>
    public static DicomTag ViewPosition => new(0x0018, 0x5101);

    /// <summary>(0018,5104) Projection Eponymous Name Code Sequence, SQ 1</summary>
    public static DicomTag ProjectionEponymousNameCodeSequence => new(0x0018, 0x5104);

    /// <summary>(0018,5210) Image Transformation Matrix, DS 6, retired</summary>
    public static DicomTag ImageTransformationMatrix => new(0x0018, 0x5210);

    /// <summary>(0018,5212) Image Translation Vector, DS 3, retired</summary>
    public static DicomTag ImageTranslationVector => new(0x0018, 0x5212);

    /// <summary>(0018,6000) Sensitivity, DS 1</summary>
    public static DicomTag Sensitivity => new(0x0018, 0x6000);

    /// <summary>(0018,6011) Sequence of Ultrasound Regions, SQ 1</summary>
    public static DicomTag SequenceOfUltrasoundRegions => new(0x0018, 0x6011);

    /// <summary>(0018,6012) Region Spatial Format, US 1</summary>
    public static DicomTag RegionSpatialFormat => new(0x0018, 0x6012);

    /// <summary>(0018,6014) Region Data Type, US 1</summary>
    public static DicomTag RegionDataType => new(0x0018, 0x6014);

    /// <summary>(0018,6016) Region Flags, UL 1</summary>
    public static DicomTag RegionFlags => new(0x0018, 0x6016);

    /// <summary>(0018,6018) Region Location Min X0, UL 1</summary>
    public static DicomTag RegionLocationMinX0 => new(0x0018, 0x6018);

    /// <summary>(0018,601A) Region Location Min Y0, UL 1</summary>
    public static DicomTag RegionLocationMinY0 => new(0x0018, 0x601A);

    /// <summary>(0018,601C) Region Location Max X1, UL 1</summary>
    public static DicomTag RegionLocationMaxX1 => new(0x0018, 0x601C);

    /// <summary>(0018,601E) Region Location Max Y1, UL 1</summary>
    public static DicomTag RegionLocationMaxY1 => new(0x0018, 0x601E);

    /// <summary>(0018,6020) Reference Pixel X0, SL 1</summary>
    public static DicomTag ReferencePixelX0 => new(0x0018, 0x6020);

    /// <summary>(0018,6022) Reference Pixel Y0, SL 1</summary>
    public static DicomTag ReferencePixelY0 => new(0x0018, 0x6022);

    /// <summary>(0018,6024) Physical Units X Direction, US 1</summary>
    public static DicomTag PhysicalUnitsXDirection => new(0x0018, 0x6024);

    /// <summary>(0018,6026) Physical Units Y Direction, US 1</summary>
    public static DicomTag PhysicalUnitsYDirection => new(0x0018, 0x6026);

    /// <summary>(0018,6028) Reference Pixel Physical Value X, FD 1</summary>
    public static DicomTag ReferencePixelPhysicalValueX => new(0x0018, 0x6028);

    /// <summary>(0018,602A) Reference Pixel Physical Value Y, FD 1</summary>
    public static DicomTag ReferencePixelPhysicalValueY => new(0x0018, 0x602A);

    /// <summary>(0018,602C) Physical Delta X, FD 1</summary>
    public static DicomTag PhysicalDeltaX => new(0x0018, 0x602C);

    /// <summary>(0018,602E) Physical Delta Y, FD 1</summary>
    public static DicomTag PhysicalDeltaY => new(0x0018, 0x602E);

    /// <summary>(0018,6030) Transducer Frequency, UL 1</summary>
    public static DicomTag TransducerFrequency => new(0x0018, 0x6030);

    /// <summary>(0018,6031) Transducer Type, CS 1</summary>
    public static DicomTag TransducerType => new(0x0018, 0x6031);

    /// <summary>(0018,6032) Pulse Repetition Frequency, UL 1</summary>
    public static DicomTag PulseRepetitionFrequency => new(0x0018, 0x6032);

    /// <summary>(0018,6034) Doppler Correction Angle, FD 1</summary>
    public static DicomTag DopplerCorrectionAngle => new(0x0018, 0x6034);

    /// <summary>(0018,6036) Steering Angle, FD 1</summary>
    public static DicomTag SteeringAngle => new(0x0018, 0x6036);

    /// <summary>(0018,6038) Doppler Sample Volume X Position (Retired), UL 1, retired</summary>
    public static DicomTag DopplerSampleVolumeXPositionRetired => new(0x0018, 0x6038);

    /// <summary>(0018,6039) Doppler Sample Volume X Position, SL 1</summary>
    public static DicomTag DopplerSampleVolumeXPosition => new(0x0018, 0x6039);

    /// <summary>(0018,603A) Doppler Sample Volume Y Position (Retired), UL 1, retired</summary>
    public static DicomTag DopplerSampleVolumeYPositionRetired => new(0x0018, 0x603A);

    /// <summary>(0018,603B) Doppler Sample Volume Y Position, SL 1</summary>
    public static DicomTag DopplerSampleVolumeYPosition => new(0x0018, 0x603B);

    /// <summary>(0018,603C) TM-Line Position X0 (Retired), UL 1, retired</summary>
    public static DicomTag TMLinePositionX0Retired => new(0x0018, 0x603C);

    /// <summary>(0018,603D) TM-Line Position X0, SL 1</summary>
    public static DicomTag TMLinePositionX0 => new(0x0018, 0x603D);

    /// <summary>(0018,603E) TM-Line Position Y0 (Retired), UL 1, retired</summary>
    public static DicomTag TMLinePositionY0Retired => new(0x0018, 0x603E);

    /// <summary>(0018,603F) TM-Line Position Y0, SL 1</summary>
    public static DicomTag TMLinePositionY0 => new(0x0018, 0x603F);

    /// <summary>(0018,6040) TM-Line Position X1 (Retired), UL 1, retired</summary>
    public static DicomTag TMLinePositionX1Retired => new(0x0018, 0x6040);

    /// <summary>(0018,6041) TM-Line Position X1, SL 1</summary>
    public static DicomTag TMLinePositionX1 => new(0x0018, 0x6041);

    /// <summary>(0018,6042) TM-Line Position Y1 (Retired), UL 1, retired</summary>
    public static DicomTag TMLinePositionY1Retired => new(0x0018, 0x6042);

    /// <summary>(0018,6043) TM-Line Position Y1, SL 1</summary>
    public static DicomTag TMLinePositionY1 => new(0x0018, 0x6043);

    /// <summary>(0018,6044) Pixel Component Organization, US 1</summary>
    public static DicomTag PixelComponentOrganization => new(0x0018, 0x6044);

    /// <summary>(0018,6046) Pixel Component Mask, UL 1</summary>
    public static DicomTag PixelComponentMask => new(0x0018, 0x6046);

    /// <summary>(0018,6048) Pixel Component Range Start, UL 1</summary>
    public static DicomTag PixelComponentRangeStart => new(0x0018, 0x6048);

    /// <summary>(0018,604A) Pixel Component Range Stop, UL 1</summary>
    public static DicomTag PixelComponentRangeStop => new(0x0018, 0x604A);

    /// <summary>(0018,604C) Pixel Component Physical Units, US 1</summary>
    public static DicomTag PixelComponentPhysicalUnits => new(0x0018, 0x604C);

    /// <summary>(0018,604E) Pixel Component Data Type, US 1</summary>
    public static DicomTag PixelComponentDataType => new(0x0018, 0x604E);

    /// <summary>(0018,6050) Number of Table Break Points, UL 1</summary>
    public static DicomTag NumberOfTableBreakPoints => new(0x0018, 0x6050);

    /// <summary>(0018,6052) Table of X Break Points, UL 1-n</summary>
    public static DicomTag TableOfXBreakPoints => new(0x0018, 0x6052);

    /// <summary>(0018,6054) Table of Y Break Points, FD 1-n</summary>
    public static DicomTag TableOfYBreakPoints => new(0x0018, 0x6054);

    /// <summary>(0018,6056) Number of Table Entries, UL 1</summary>
    public static DicomTag NumberOfTableEntries => new(0x0018, 0x6056);

    /// <summary>(0018,6058) Table of Pixel Values, UL 1-n</summary>
    public static DicomTag TableOfPixelValues => new(0x0018, 0x6058);

    /// <summary>(0018,605A) Table of Parameter Values, FL 1-n</summary>
    public static DicomTag TableOfParameterValues => new(0x0018, 0x605A);

    /// <summary>(0018,6060) R Wave Time Vector, FL 1-n</summary>
    public static DicomTag RWaveTimeVector => new(0x0018, 0x6060);

    /// <summary>(0018,6070) Active Image Area Overlay Group, US 1</summary>
    public static DicomTag ActiveImageAreaOverlayGroup => new(0x0018, 0x6070);

    /// <summary>(0018,7000) Detector Conditions Nominal Flag, CS 1</summary>
    public static DicomTag DetectorConditionsNominalFlag => new(0x0018, 0x7000);

    /// <summary>(0018,7001) Detector Temperature, DS 1</summary>
    public static DicomTag DetectorTemperature => new(0x0018, 0x7001);

    /// <summary>(0018,7004) Detector Type, CS 1</summary>
    public static DicomTag DetectorType => new(0x0018, 0x7004);

    /// <summary>(0018,7005) Detector Configuration, CS 1</summary>
    public static DicomTag DetectorConfiguration => new(0x0018, 0x7005);

    /// <summary>(0018,7006) Detector Description, LT 1</summary>
    public static DicomTag DetectorDescription => new(0x0018, 0x7006);

    /// <summary>(0018,7008) Detector Mode, LT 1</summary>
    public static DicomTag DetectorMode => new(0x0018, 0x7008);

    /// <summary>(0018,700A) Detector ID, SH 1</summary>
    public static DicomTag DetectorID => new(0x0018, 0x700A);

    /// <summary>(0018,700C) Date of Last Detector Calibration, DA 1</summary>
    public static DicomTag DateOfLastDetectorCalibration => new(0x0018, 0x700C);

    /// <summary>(0018,700E) Time of Last Detector Calibration, TM 1</summary>
    public static DicomTag TimeOfLastDetectorCalibration => new(0x0018, 0x700E);

    /// <summary>(0018,7010) Exposures on Detector Since Last Calibration, IS 1</summary>
    public static DicomTag ExposuresOnDetectorSinceLastCalibration => new(0x0018, 0x7010);

    /// <summary>(0018,7011) Exposures on Detector Since Manufactured, IS 1</summary>
    public static DicomTag ExposuresOnDetectorSinceManufactured => new(0x0018, 0x7011);

    /// <summary>(0018,7012) Detector Time Since Last Exposure, DS 1</summary>
    public static DicomTag DetectorTimeSinceLastExposure => new(0x0018, 0x7012);

    /// <summary>(0018,7014) Detector Active Time, DS 1</summary>
    public static DicomTag DetectorActiveTime => new(0x0018, 0x7014);

    /// <summary>(0018,7016) Detector Activation Offset From Exposure, DS 1</summary>
    public static DicomTag DetectorActivationOffsetFromExposure => new(0x0018, 0x7016);

    /// <summary>(0018,701A) Detector Binning, DS 2</summary>
    public static DicomTag DetectorBinning => new(0x0018, 0x701A);

    /// <summary>(0018,7020) Detector Element Physical Size, DS 2</summary>
    public static DicomTag DetectorElementPhysicalSize => new(0x0018, 0x7020);

    /// <summary>(0018,7022) Detector Element Spacing, DS 2</summary>
    public static DicomTag DetectorElementSpacing => new(0x0018, 0x7022);

    /// <summary>(0018,7024) Detector Active Shape, CS 1</summary>
    public static DicomTag DetectorActiveShape => new(0x0018, 0x7024);

    /// <summary>(0018,7026) Detector Active Dimension(s), DS 1-2</summary>
    public static DicomTag DetectorActiveDimensions => new(0x0018, 0x7026);

    /// <summary>(0018,7028) Detector Active Origin, DS 2</summary>
    public static DicomTag DetectorActiveOrigin => new(0x0018, 0x7028);

    /// <summary>(0018,702A) Detector Manufacturer Name, LO 1</summary>
    public static DicomTag DetectorManufacturerName => new(0x0018, 0x702A);

    /// <summary>(0018,702B) Detector Manufacturer's Model Name, LO 1</summary>
    public static DicomTag DetectorManufacturerModelName => new(0x0018, 0x702B);

    /// <summary>(0018,7030) Field of View Origin, DS 2</summary>
    public static DicomTag FieldOfViewOrigin => new(0x0018, 0x7030);

    /// <summary>(0018,7032) Field of View Rotation, DS 1</summary>
    public static DicomTag FieldOfViewRotation => new(0x0018, 0x7032);

    /// <summary>(0018,7034) Field of View Horizontal Flip, CS 1</summary>
    public static DicomTag FieldOfViewHorizontalFlip => new(0x0018, 0x7034);

    /// <summary>(0018,7036) Pixel Data Area Origin Relative To FOV, FL 2</summary>
    public static DicomTag PixelDataAreaOriginRelativeToFOV => new(0x0018, 0x7036);

    /// <summary>(0018,7038) Pixel Data Area Rotation Angle Relative To FOV, FL 1</summary>
    public static DicomTag PixelDataAreaRotationAngleRelativeToFOV => new(0x0018, 0x7038);

    /// <summary>(0018,7040) Grid Absorbing Material, LT 1</summary>
    public static DicomTag GridAbsorbingMaterial => new(0x0018, 0x7040);

    /// <summary>(0018,7041) Grid Spacing Material, LT 1</summary>
    public static DicomTag GridSpacingMaterial => new(0x0018, 0x7041);

    /// <summary>(0018,7042) Grid Thickness, DS 1</summary>
    public static DicomTag GridThickness => new(0x0018, 0x7042);

    /// <summary>(0018,7044) Grid Pitch, DS 1</summary>
    public static DicomTag GridPitch => new(0x0018, 0x7044);

    /// <summary>(0018,7046) Grid Aspect Ratio, IS 2</summary>
    public static DicomTag GridAspectRatio => new(0x0018, 0x7046);

    /// <summary>(0018,7048) Grid Period, DS 1</summary>
    public static DicomTag GridPeriod => new(0x0018, 0x7048);

    /// <summary>(0018,704C) Grid Focal Distance, DS 1</summary>
    public static DicomTag GridFocalDistance => new(0x0018, 0x704C);

    /// <summary>(0018,7050) Filter Material, CS 1-n</summary>
    public static DicomTag FilterMaterial => new(0x0018, 0x7050);

    /// <summary>(0018,7052) Filter Thickness Minimum, DS 1-n</summary>
    public static DicomTag FilterThicknessMinimum => new(0x0018, 0x7052);

    /// <summary>(0018,7054) Filter Thickness Maximum, DS 1-n</summary>
    public static DicomTag FilterThicknessMaximum => new(0x0018, 0x7054);

    /// <summary>(0018,7056) Filter Beam Path Length Minimum, FL 1-n</summary>
    public static DicomTag FilterBeamPathLengthMinimum => new(0x0018, 0x7056);

    /// <summary>(0018,7058) Filter Beam Path Length Maximum, FL 1-n</summary>
    public static DicomTag FilterBeamPathLengthMaximum => new(0x0018, 0x7058);

    /// <summary>(0018,7060) Exposure Control Mode, CS 1</summary>
    public static DicomTag ExposureControlMode => new(0x0018, 0x7060);

    /// <summary>(0018,7062) Exposure Control Mode Description, LT 1</summary>
    public static DicomTag ExposureControlModeDescription => new(0x0018, 0x7062);

    /// <summary>(0018,7064) Exposure Status, CS 1</summary>
    public static DicomTag ExposureStatus => new(0x0018, 0x7064);

    /// <summary>(0018,7065) Phototimer Setting, DS 1</summary>
    public static DicomTag PhototimerSetting => new(0x0018, 0x7065);

    /// <summary>(0018,8150) Exposure Time in uS, DS 1</summary>
    public static DicomTag ExposureTimeInuS => new(0x0018, 0x8150);

    /// <summary>(0018,8151) X-Ray Tube Current in uA, DS 1</summary>
    public static DicomTag XRayTubeCurrentInuA => new(0x0018, 0x8151);

    /// <summary>(0018,9004) Content Qualification, CS 1</summary>
    public static DicomTag ContentQualification => new(0x0018, 0x9004);

    /// <summary>(0018,9005) Pulse Sequence Name, SH 1</summary>
    public static DicomTag PulseSequenceName => new(0x0018, 0x9005);

    /// <summary>(0018,9006) MR Imaging Modifier Sequence, SQ 1</summary>
    public static DicomTag MRImagingModifierSequence => new(0x0018, 0x9006);

    /// <summary>(0018,9008) Echo Pulse Sequence, CS 1</summary>
    public static DicomTag EchoPulseSequence => new(0x0018, 0x9008);

    /// <summary>(0018,9009) Inversion Recovery, CS 1</summary>
    public static DicomTag InversionRecovery => new(0x0018, 0x9009);

    /// <summary>(0018,9010) Flow Compensation, CS 1</summary>
    public static DicomTag FlowCompensation => new(0x0018, 0x9010);

    /// <summary>(0018,9011) Multiple Spin Echo, CS 1</summary>
    public static DicomTag MultipleSpinEcho => new(0x0018, 0x9011);

    /// <summary>(0018,9012) Multi-planar Excitation, CS 1</summary>
    public static DicomTag MultiPlanarExcitation => new(0x0018, 0x9012);

    /// <summary>(0018,9014) Phase Contrast, CS 1</summary>
    public static DicomTag PhaseContrast => new(0x0018, 0x9014);

    /// <summary>(0018,9015) Time of Flight Contrast, CS 1</summary>
    public static DicomTag TimeOfFlightContrast => new(0x0018, 0x9015);

    /// <summary>(0018,9016) Spoiling, CS 1</summary>
    public static DicomTag Spoiling => new(0x0018, 0x9016);

    /// <summary>(0018,9017) Steady State Pulse Sequence, CS 1</summary>
    public static DicomTag SteadyStatePulseSequence => new(0x0018, 0x9017);

    /// <summary>(0018,9018) Echo Planar Pulse Sequence, CS 1</summary>
    public static DicomTag EchoPlanarPulseSequence => new(0x0018, 0x9018);

    /// <summary>(0018,9019) Tag Angle First Axis, FD 1</summary>
    public static DicomTag TagAngleFirstAxis => new(0x0018, 0x9019);

    /// <summary>(0018,9020) Magnetization Transfer, CS 1</summary>
    public static DicomTag MagnetizationTransfer => new(0x0018, 0x9020);

    /// <summary>(0018,9021) T2 Preparation, CS 1</summary>
    public static DicomTag T2Preparation => new(0x0018, 0x9021);

    /// <summary>(0018,9022) Blood Signal Nulling, CS 1</summary>
    public static DicomTag BloodSignalNulling => new(0x0018, 0x9022);

    /// <summary>(0018,9024) Saturation Recovery, CS 1</summary>
    public static DicomTag SaturationRecovery => new(0x0018, 0x9024);

    /// <summary>(0018,9025) Spectrally Selected Suppression, CS 1</summary>
    public static DicomTag SpectrallySelectedSuppression => new(0x0018, 0x9025);

    /// <summary>(0018,9026) Spectrally Selected Excitation, CS 1</summary>
    public static DicomTag SpectrallySelectedExcitation => new(0x0018, 0x9026);

    /// <summary>(0018,9027) Spatial Pre-saturation, CS 1</summary>
    public static DicomTag SpatialPresaturation => new(0x0018, 0x9027);

    /// <summary>(0018,9028) Tagging, CS 1</summary>
    public static DicomTag Tagging => new(0x0018, 0x9028);

    /// <summary>(0018,9029) Oversampling Phase, CS 1</summary>
    public static DicomTag OversamplingPhase => new(0x0018, 0x9029);

    /// <summary>(0018,9030) Tag Spacing First Dimension, FD 1</summary>
    public static DicomTag TagSpacingFirstDimension => new(0x0018, 0x9030);

    /// <summary>(0018,9032) Geometry of k-Space Traversal, CS 1</summary>
    public static DicomTag GeometryOfKSpaceTraversal => new(0x0018, 0x9032);

    /// <summary>(0018,9033) Segmented k-Space Traversal, CS 1</summary>
    public static DicomTag SegmentedKSpaceTraversal => new(0x0018, 0x9033);

    /// <summary>(0018,9034) Rectilinear Phase Encode Reordering, CS 1</summary>
    public static DicomTag RectilinearPhaseEncodeReordering => new(0x0018, 0x9034);

    /// <summary>(0018,9035) Tag Thickness, FD 1</summary>
    public static DicomTag TagThickness => new(0x0018, 0x9035);

    /// <summary>(0018,9036) Partial Fourier Direction, CS 1</summary>
    public static DicomTag PartialFourierDirection => new(0x0018, 0x9036);

    /// <summary>(0018,9037) Cardiac Synchronization Technique, CS 1</summary>
    public static DicomTag CardiacSynchronizationTechnique => new(0x0018, 0x9037);

    /// <summary>(0018,9041) Receive Coil Manufacturer Name, LO 1</summary>
    public static DicomTag ReceiveCoilManufacturerName => new(0x0018, 0x9041);

    /// <summary>(0018,9042) MR Receive Coil Sequence, SQ 1</summary>
    public static DicomTag MRReceiveCoilSequence => new(0x0018, 0x9042);

    /// <summary>(0018,9043) Receive Coil Type, CS 1</summary>
    public static DicomTag ReceiveCoilType => new(0x0018, 0x9043);

    /// <summary>(0018,9044) Quadrature Receive Coil, CS 1</summary>
    public static DicomTag QuadratureReceiveCoil => new(0x0018, 0x9044);

    /// <summary>(0018,9045) Multi-Coil Definition Sequence, SQ 1</summary>
    public static DicomTag MultiCoilDefinitionSequence => new(0x0018, 0x9045);

    /// <summary>(0018,9046) Multi-Coil Configuration, LO 1</summary>
    public static DicomTag MultiCoilConfiguration => new(0x0018, 0x9046);

    /// <summary>(0018,9047) Multi-Coil Element Name, SH 1</summary>
    public static DicomTag MultiCoilElementName => new(0x0018, 0x9047);

    /// <summary>(0018,9048) Multi-Coil Element Used, CS 1</summary>
    public static DicomTag MultiCoilElementUsed => new(0x0018, 0x9048);

    /// <summary>(0018,9049) MR Transmit Coil Sequence, SQ 1</summary>
    public static DicomTag MRTransmitCoilSequence => new(0x0018, 0x9049);

    /// <summary>(0018,9050) Transmit Coil Manufacturer Name, LO 1</summary>
    public static DicomTag TransmitCoilManufacturerName => new(0x0018, 0x9050);

    /// <summary>(0018,9051) Transmit Coil Type, CS 1</summary>
    public static DicomTag TransmitCoilType => new(0x0018, 0x9051);

    /// <summary>(0018,9052) Spectral Width, FD 1-2</summary>
    public static DicomTag SpectralWidth => new(0x0018, 0x9052);

    /// <summary>(0018,9053) Chemical Shift Reference, FD 1-2</summary>
    public static DicomTag ChemicalShiftReference => new(0x0018, 0x9053);

    /// <summary>(0018,9054) Volume Localization Technique, CS 1</summary>
    public static DicomTag VolumeLocalizationTechnique => new(0x0018, 0x9054);

    /// <summary>(0018,9058) MR Acquisition Frequency Encoding Steps, US 1</summary>
    public static DicomTag MRAcquisitionFrequencyEncodingSteps => new(0x0018, 0x9058);

    /// <summary>(0018,9059) De-coupling, CS 1</summary>
    public static DicomTag Decoupling => new(0x0018, 0x9059);

    /// <summary>(0018,9060) De-coupled Nucleus, CS 1-2</summary>
    public static DicomTag DecoupledNucleus => new(0x0018, 0x9060);

    /// <summary>(0018,9061) De-coupling Frequency, FD 1-2</summary>
    public static DicomTag DecouplingFrequency => new(0x0018, 0x9061);

    /// <summary>(0018,9062) De-coupling Method, CS 1</summary>
    public static DicomTag DecouplingMethod => new(0x0018, 0x9062);

    /// <summary>(0018,9063) De-coupling Chemical Shift Reference, FD 1-2</summary>
    public static DicomTag DecouplingChemicalShiftReference => new(0x0018, 0x9063);

    /// <summary>(0018,9064) k-space Filtering, CS 1</summary>
    public static DicomTag KSpaceFiltering => new(0x0018, 0x9064);

    /// <summary>(0018,9065) Time Domain Filtering, CS 1-2</summary>
    public static DicomTag TimeDomainFiltering => new(0x0018, 0x9065);

    /// <summary>(0018,9066) Number of Zero Fills, US 1-2</summary>
    public static DicomTag NumberOfZeroFills => new(0x0018, 0x9066);

    /// <summary>(0018,9067) Baseline Correction, CS 1</summary>
    public static DicomTag BaselineCorrection => new(0x0018, 0x9067);

    /// <summary>(0018,9069) Parallel Reduction Factor In-plane, FD 1</summary>
    public static DicomTag ParallelReductionFactorInPlane => new(0x0018, 0x9069);

    /// <summary>(0018,9070) Cardiac R-R Interval Specified, FD 1</summary>
    public static DicomTag CardiacRRIntervalSpecified => new(0x0018, 0x9070);

    /// <summary>(0018,9073) Acquisition Duration, FD 1</summary>
    public static DicomTag AcquisitionDuration => new(0x0018, 0x9073);

    /// <summary>(0018,9074) Frame Acquisition DateTime, DT 1</summary>
    public static DicomTag FrameAcquisitionDateTime => new(0x0018, 0x9074);

    /// <summary>(0018,9075) Diffusion Directionality, CS 1</summary>
    public static DicomTag DiffusionDirectionality => new(0x0018, 0x9075);

    /// <summary>(0018,9076) Diffusion Gradient Direction Sequence, SQ 1</summary>
    public static DicomTag DiffusionGradientDirectionSequence => new(0x0018, 0x9076);

    /// <summary>(0018,9077) Parallel Acquisition, CS 1</summary>
    public static DicomTag ParallelAcquisition => new(0x0018, 0x9077);

    /// <summary>(0018,9078) Parallel Acquisition Technique, CS 1</summary>
    public static DicomTag ParallelAcquisitionTechnique => new(0x0018, 0x9078);

    /// <summary>(0018,9079) Inversion Times, FD 1-n</summary>
    public static DicomTag InversionTimes => new(0x0018, 0x9079);

    /// <summary>(0018,9080) Metabolite Map Description, ST 1</summary>
    public static DicomTag MetaboliteMapDescription => new(0x0018, 0x9080);

    /// <summary>(0018,9081) Partial Fourier, CS 1</summary>
    public static DicomTag PartialFourier => new(0x0018, 0x9081);

    /// <summary>(0018,9082) Effective Echo Time, FD 1</summary>
    public static DicomTag EffectiveEchoTime => new(0x0018, 0x9082);

    /// <summary>(0018,9083) Metabolite Map Code Sequence, SQ 1</summary>
    public static DicomTag MetaboliteMapCodeSequence => new(0x0018, 0x9083);

    /// <summary>(0018,9084) Chemical Shift Sequence, SQ 1</summary>
    public static DicomTag ChemicalShiftSequence => new(0x0018, 0x9084);

    /// <summary>(0018,9085) Cardiac Signal Source, CS 1</summary>
    public static DicomTag CardiacSignalSource => new(0x0018, 0x9085);

    /// <summary>(0018,9087) Diffusion b-value, FD 1</summary>
    public static DicomTag DiffusionBValue => new(0x0018, 0x9087);

    /// <summary>(0018,9089) Diffusion Gradient Orientation, FD 3</summary>
    public static DicomTag DiffusionGradientOrientation => new(0x0018, 0x9089);

    /// <summary>(0018,9090) Velocity Encoding Direction, FD 3</summary>
    public static DicomTag VelocityEncodingDirection => new(0x0018, 0x9090);

    /// <summary>(0018,9091) Velocity Encoding Minimum Value, FD 1</summary>
    public static DicomTag VelocityEncodingMinimumValue => new(0x0018, 0x9091);

    /// <summary>(0018,9092) Velocity Encoding Acquisition Sequence, SQ 1</summary>
    public static DicomTag VelocityEncodingAcquisitionSequence => new(0x0018, 0x9092);

    /// <summary>(0018,9093) Number of k-Space Trajectories, US 1</summary>
    public static DicomTag NumberOfKSpaceTrajectories => new(0x0018, 0x9093);

    /// <summary>(0018,9094) Coverage of k-Space, CS 1</summary>
    public static DicomTag CoverageOfKSpace => new(0x0018, 0x9094);

    /// <summary>(0018,9095) Spectroscopy Acquisition Phase Rows, UL 1</summary>
    public static DicomTag SpectroscopyAcquisitionPhaseRows => new(0x0018, 0x9095);

    /// <summary>(0018,9096) Parallel Reduction Factor In-plane (Retired), FD 1, retired</summary>
    public static DicomTag ParallelReductionFactorInPlaneRetired => new(0x0018, 0x9096);

    /// <summary>(0018,9098) Transmitter Frequency, FD 1-2</summary>
    public static DicomTag TransmitterFrequency => new(0x0018, 0x9098);

    /// <summary>(0018,9100) Resonant Nucleus, CS 1-2</summary>
    public static DicomTag ResonantNucleus => new(0x0018, 0x9100);

    /// <summary>(0018,9101) Frequency Correction, CS 1</summary>
    public static DicomTag FrequencyCorrection => new(0x0018, 0x9101);

    /// <summary>(0018,9103) MR Spectroscopy FOV/Geometry Sequence, SQ 1</summary>
    public static DicomTag MRSpectroscopyFOVGeometrySequence => new(0x0018, 0x9103);

    /// <summary>(0018,9104) Slab Thickness, FD 1</summary>
    public static DicomTag SlabThickness => new(0x0018, 0x9104);

    /// <summary>(0018,9105) Slab Orientation, FD 3</summary>
    public static DicomTag SlabOrientation => new(0x0018, 0x9105);

    /// <summary>(0018,9106) Mid Slab Position, FD 3</summary>
    public static DicomTag MidSlabPosition => new(0x0018, 0x9106);

    /// <summary>(0018,9107) MR Spatial Saturation Sequence, SQ 1</summary>
    public static DicomTag MRSpatialSaturationSequence => new(0x0018, 0x9107);

    /// <summary>(0018,9112) MR Timing and Related Parameters Sequence, SQ 1</summary>
    public static DicomTag MRTimingAndRelatedParametersSequence => new(0x0018, 0x9112);

    /// <summary>(0018,9114) MR Echo Sequence, SQ 1</summary>
    public static DicomTag MREchoSequence => new(0x0018, 0x9114);

    /// <summary>(0018,9115) MR Modifier Sequence, SQ 1</summary>
    public static DicomTag MRModifierSequence => new(0x0018, 0x9115);

    /// <summary>(0018,9117) MR Diffusion Sequence, SQ 1</summary>
    public static DicomTag MRDiffusionSequence => new(0x0018, 0x9117);

    /// <summary>(0018,9118) Cardiac Synchronization Sequence, SQ 1</summary>
    public static DicomTag CardiacSynchronizationSequence => new(0x0018, 0x9118);

    /// <summary>(0018,9119) MR Averages Sequence, SQ 1</summary>
    public static DicomTag MRAveragesSequence => new(0x0018, 0x9119);

    /// <summary>(0018,9125) MR FOV/Geometry Sequence, SQ 1</summary>
    public static DicomTag MRFOVGeometrySequence => new(0x0018, 0x9125);

    /// <summary>(0018,9126) Volume Localization Sequence, SQ 1</summary>
    public static DicomTag VolumeLocalizationSequence => new(0x0018, 0x9126);

    /// <summary>(0018,9127) Spectroscopy Acquisition Data Columns, UL 1</summary>
    public static DicomTag SpectroscopyAcquisitionDataColumns => new(0x0018, 0x9127);

    /// <summary>(0018,9147) Diffusion Anisotropy Type, CS 1</summary>
    public static DicomTag DiffusionAnisotropyType => new(0x0018, 0x9147);

    /// <summary>(0018,9151) Frame Reference DateTime, DT 1</summary>
    public static DicomTag FrameReferenceDateTime => new(0x0018, 0x9151);

    /// <summary>(0018,9152) MR Metabolite Map Sequence, SQ 1</summary>
    public static DicomTag MRMetaboliteMapSequence => new(0x0018, 0x9152);

    /// <summary>(0018,9155) Parallel Reduction Factor out-of-plane, FD 1</summary>
    public static DicomTag ParallelReductionFactorOutOfPlane => new(0x0018, 0x9155);

    /// <summary>(0018,9159) Spectroscopy Acquisition Out-of-plane Phase Steps, UL 1</summary>
    public static DicomTag SpectroscopyAcquisitionOutOfPlanePhaseSteps => new(0x0018, 0x9159);

    /// <summary>(0018,9166) Bulk Motion Status, CS 1, retired</summary>
    public static DicomTag BulkMotionStatus => new(0x0018, 0x9166);

    /// <summary>(0018,9168) Parallel Reduction Factor Second In-plane, FD 1</summary>
    public static DicomTag ParallelReductionFactorSecondInPlane => new(0x0018, 0x9168);

    /// <summary>(0018,9169) Cardiac Beat Rejection Technique, CS 1</summary>
    public static DicomTag CardiacBeatRejectionTechnique => new(0x0018, 0x9169);

    /// <summary>(0018,9170) Respiratory Motion Compensation Technique, CS 1</summary>
    public static DicomTag RespiratoryMotionCompensationTechnique => new(0x0018, 0x9170);

    /// <summary>(0018,9171) Respiratory Signal Source, CS 1</summary>
    public static DicomTag RespiratorySignalSource => new(0x0018, 0x9171);

    /// <summary>(0018,9172) Bulk Motion Compensation Technique, CS 1</summary>
    public static DicomTag BulkMotionCompensationTechnique => new(0x0018, 0x9172);

    /// <summary>(0018,9173) Bulk Motion Signal Source, CS 1</summary>
    public static DicomTag BulkMotionSignalSource => new(0x0018, 0x9173);

    /// <summary>(0018,9174) Applicable Safety Standard Agency, CS 1</summary>
    public static DicomTag ApplicableSafetyStandardAgency => new(0x0018, 0x9174);

    /// <summary>(0018,9175) Applicable Safety Standard Description, LO 1</summary>
    public static DicomTag ApplicableSafetyStandardDescription => new(0x0018, 0x9175);

    /// <summary>(0018,9176) Operating Mode Sequence, SQ 1</summary>
    public static DicomTag OperatingModeSequence => new(0x0018, 0x9176);

    /// <summary>(0018,9177) Operating Mode Type, CS 1</summary>
    public static DicomTag OperatingModeType => new(0x0018, 0x9177);

    /// <summary>(0018,9178) Operating Mode, CS 1</summary>
    public static DicomTag OperatingMode => new(0x0018, 0x9178);

    /// <summary>(0018,9179) Specific Absorption Rate Definition, CS 1</summary>
    public static DicomTag SpecificAbsorptionRateDefinition => new(0x0018, 0x9179);

    /// <summary>(0018,9180) Gradient Output Type, CS 1</summary>
    public static DicomTag GradientOutputType => new(0x0018, 0x9180);

    /// <summary>(0018,9181) Specific Absorption Rate Value, FD 1</summary>
    public static DicomTag SpecificAbsorptionRateValue => new(0x0018, 0x9181);

    /// <summary>(0018,9182) Gradient Output, FD 1</summary>
    public static DicomTag GradientOutput => new(0x0018, 0x9182);

    /// <summary>(0018,9183) Flow Compensation Direction, CS 1</summary>
    public static DicomTag FlowCompensationDirection => new(0x0018, 0x9183);

    /// <summary>(0018,9184) Tagging Delay, FD 1</summary>
    public static DicomTag TaggingDelay => new(0x0018, 0x9184);

    /// <summary>(0018,9185) Respiratory Motion Compensation Technique Description, ST 1</summary>
    public static DicomTag RespiratoryMotionCompensationTechniqueDescription => new(0x0018, 0x9185);

    /// <summary>(0018,9186) Respiratory Signal Source ID, SH 1</summary>
    public static DicomTag RespiratorySignalSourceID => new(0x0018, 0x9186);

    /// <summary>(0018,9195) Chemical Shift Minimum Integration Limit in Hz, FD 1, retired</summary>
    public static DicomTag ChemicalShiftMinimumIntegrationLimitInHz => new(0x0018, 0x9195);

    /// <summary>(0018,9196) Chemical Shift Maximum Integration Limit in Hz, FD 1, retired</summary>
    public static DicomTag ChemicalShiftMaximumIntegrationLimitInHz => new(0x0018, 0x9196);

    /// <summary>(0018,9197) MR Velocity Encoding Sequence, SQ 1</summary>
    public static DicomTag MRVelocityEncodingSequence => new(0x0018, 0x9197);

    /// <summary>(0018,9198) First Order Phase Correction, CS 1</summary>
    public static DicomTag FirstOrderPhaseCorrection => new(0x0018, 0x9198);

    /// <summary>(0018,9199) Water Referenced Phase Correction, CS 1</summary>
    public static DicomTag WaterReferencedPhaseCorrection => new(0x0018, 0x9199);

    /// <summary>(0018,9200) MR Spectroscopy Acquisition Type, CS 1</summary>
    public static DicomTag MRSpectroscopyAcquisitionType => new(0x0018, 0x9200);

    /// <summary>(0018,9214) Respiratory Cycle Position, CS 1</summary>
    public static DicomTag RespiratoryCyclePosition => new(0x0018, 0x9214);

    /// <summary>(0018,9217) Velocity Encoding Maximum Value, FD 1</summary>
    public static DicomTag VelocityEncodingMaximumValue => new(0x0018, 0x9217);

    /// <summary>(0018,9218) Tag Spacing Second Dimension, FD 1</summary>
    public static DicomTag TagSpacingSecondDimension => new(0x0018, 0x9218);

    /// <summary>(0018,9219) Tag Angle Second Axis, SS 1</summary>
    public static DicomTag TagAngleSecondAxis => new(0x0018, 0x9219);

    /// <summary>(0018,9220) Frame Acquisition Duration, FD 1</summary>
    public static DicomTag FrameAcquisitionDuration => new(0x0018, 0x9220);

    /// <summary>(0018,9226) MR Image Frame Type Sequence, SQ 1</summary>
    public static DicomTag MRImageFrameTypeSequence => new(0x0018, 0x9226);

    /// <summary>(0018,9227) MR Spectroscopy Frame Type Sequence, SQ 1</summary>
    public static DicomTag MRSpectroscopyFrameTypeSequence => new(0x0018, 0x9227);

    /// <summary>(0018,9231) MR Acquisition Phase Encoding Steps in-plane, US 1</summary>
    public static DicomTag MRAcquisitionPhaseEncodingStepsInPlane => new(0x0018, 0x9231);

    /// <summary>(0018,9232) MR Acquisition Phase Encoding Steps out-of-plane, US 1</summary>
    public static DicomTag MRAcquisitionPhaseEncodingStepsOutOfPlane => new(0x0018, 0x9232);

    /// <summary>(0018,9234) Spectroscopy Acquisition Phase Columns, UL 1</summary>
    public static DicomTag SpectroscopyAcquisitionPhaseColumns => new(0x0018, 0x9234);

    /// <summary>(0018,9236) Cardiac Cycle Position, CS 1</summary>
    public static DicomTag CardiacCyclePosition => new(0x0018, 0x9236);

    /// <summary>(0018,9239) Specific Absorption Rate Sequence, SQ 1</summary>
    public static DicomTag SpecificAbsorptionRateSequence => new(0x0018, 0x9239);

    /// <summary>(0018,9240) RF Echo Train Length, US 1</summary>
    public static DicomTag RFEchoTrainLength => new(0x0018, 0x9240);

    /// <summary>(0018,9241) Gradient Echo Train Length, US 1</summary>
    public static DicomTag GradientEchoTrainLength => new(0x0018, 0x9241);

    /// <summary>(0018,9250) Arterial Spin Labeling Contrast, CS 1</summary>
    public static DicomTag ArterialSpinLabelingContrast => new(0x0018, 0x9250);

    /// <summary>(0018,9251) MR Arterial Spin Labeling Sequence, SQ 1</summary>
    public static DicomTag MRArterialSpinLabelingSequence => new(0x0018, 0x9251);

    /// <summary>(0018,9252) ASL Technique Description, LO 1</summary>
    public static DicomTag ASLTechniqueDescription => new(0x0018, 0x9252);

    /// <summary>(0018,9253) ASL Slab Number, US 1</summary>
    public static DicomTag ASLSlabNumber => new(0x0018, 0x9253);

    /// <summary>(0018,9254) ASL Slab Thickness, FD 1</summary>
    public static DicomTag ASLSlabThickness => new(0x0018, 0x9254);

    /// <summary>(0018,9255) ASL Slab Orientation, FD 3</summary>
    public static DicomTag ASLSlabOrientation => new(0x0018, 0x9255);

    /// <summary>(0018,9256) ASL Mid Slab Position, FD 3</summary>
    public static DicomTag ASLMidSlabPosition => new(0x0018, 0x9256);

    /// <summary>(0018,9257) ASL Context, CS 1</summary>
    public static DicomTag ASLContext => new(0x0018, 0x9257);

    /// <summary>(0018,9258) ASL Pulse Train Duration, UL 1</summary>
    public static DicomTag ASLPulseTrainDuration => new(0x0018, 0x9258);

    /// <summary>(0018,9259) ASL Crusher Flag, CS 1</summary>
    public static DicomTag ASLCrusherFlag => new(0x0018, 0x9259);

    /// <summary>(0018,925A) ASL Crusher Flow Limit, FD 1</summary>
    public static DicomTag ASLCrusherFlowLimit => new(0x0018, 0x925A);

    /// <summary>(0018,925B) ASL Crusher Description, LO 1</summary>
    public static DicomTag ASLCrusherDescription => new(0x0018, 0x925B);

    /// <summary>(0018,925C) ASL Bolus Cut-off Flag, CS 1</summary>
    public static DicomTag ASLBolusCutoffFlag => new(0x0018, 0x925C);

    /// <summary>(0018,925D) ASL Bolus Cut-off Timing Sequence, SQ 1</summary>
    public static DicomTag ASLBolusCutoffTimingSequence => new(0x0018, 0x925D);

    /// <summary>(0018,925E) ASL Bolus Cut-off Technique, LO 1</summary>
    public static DicomTag ASLBolusCutoffTechnique => new(0x0018, 0x925E);

    /// <summary>(0018,925F) ASL Bolus Cut-off Delay Time, UL 1</summary>
    public static DicomTag ASLBolusCutoffDelayTime => new(0x0018, 0x925F);

    /// <summary>(0018,9260) ASL Slab Sequence, SQ 1</summary>
    public static DicomTag ASLSlabSequence => new(0x0018, 0x9260);

    /// <summary>(0018,9295) Chemical Shift Minimum Integration Limit in ppm, FD 1</summary>
    public static DicomTag ChemicalShiftMinimumIntegrationLimitInppm => new(0x0018, 0x9295);

    /// <summary>(0018,9296) Chemical Shift Maximum Integration Limit in ppm, FD 1</summary>
    public static DicomTag ChemicalShiftMaximumIntegrationLimitInppm => new(0x0018, 0x9296);

    /// <summary>(0018,9297) Water Reference Acquisition, CS 1</summary>
    public static DicomTag WaterReferenceAcquisition => new(0x0018, 0x9297);

    /// <summary>(0018,9298) Echo Peak Position, IS 1</summary>
    public static DicomTag EchoPeakPosition => new(0x0018, 0x9298);

    /// <summary>(0018,9301) CT Acquisition Type Sequence, SQ 1</summary>
    public static DicomTag CTAcquisitionTypeSequence => new(0x0018, 0x9301);

    /// <summary>(0018,9302) Acquisition Type, CS 1</summary>
    public static DicomTag AcquisitionType => new(0x0018, 0x9302);

    /// <summary>(0018,9303) Tube Angle, FD 1</summary>
    public static DicomTag TubeAngle => new(0x0018, 0x9303);

    /// <summary>(0018,9304) CT Acquisition Details Sequence, SQ 1</summary>
    public static DicomTag CTAcquisitionDetailsSequence => new(0x0018, 0x9304);

    /// <summary>(0018,9305) Revolution Time, FD 1</summary>
    public static DicomTag RevolutionTime => new(0x0018, 0x9305);

    /// <summary>(0018,9306) Single Collimation Width, FD 1</summary>
    public static DicomTag SingleCollimationWidth => new(0x0018, 0x9306);

    /// <summary>(0018,9307) Total Collimation Width, FD 1</summary>
    public static DicomTag TotalCollimationWidth => new(0x0018, 0x9307);

    /// <summary>(0018,9308) CT Table Dynamics Sequence, SQ 1</summary>
    public static DicomTag CTTableDynamicsSequence => new(0x0018, 0x9308);

    /// <summary>(0018,9309) Table Speed, FD 1</summary>
    public static DicomTag TableSpeed => new(0x0018, 0x9309);

    /// <summary>(0018,9310) Table Feed per Rotation, FD 1</summary>
    public static DicomTag TableFeedPerRotation => new(0x0018, 0x9310);

    /// <summary>(0018,9311) Spiral Pitch Factor, FD 1</summary>
    public static DicomTag SpiralPitchFactor => new(0x0018, 0x9311);

    /// <summary>(0018,9312) CT Geometry Sequence, SQ 1</summary>
    public static DicomTag CTGeometrySequence => new(0x0018, 0x9312);

    /// <summary>(0018,9313) Data Collection Center (Patient), FD 3</summary>
    public static DicomTag DataCollectionCenterPatient => new(0x0018, 0x9313);

    /// <summary>(0018,9314) CT Reconstruction Sequence, SQ 1</summary>
    public static DicomTag CTReconstructionSequence => new(0x0018, 0x9314);

    /// <summary>(0018,9315) Reconstruction Algorithm, CS 1</summary>
    public static DicomTag ReconstructionAlgorithm => new(0x0018, 0x9315);

    /// <summary>(0018,9316) Convolution Kernel Group, CS 1</summary>
    public static DicomTag ConvolutionKernelGroup => new(0x0018, 0x9316);

    /// <summary>(0018,9317) Reconstruction Field of View, FD 2</summary>
    public static DicomTag ReconstructionFieldOfView => new(0x0018, 0x9317);

    /// <summary>(0018,9318) Reconstruction Target Center (Patient), FD 3</summary>
    public static DicomTag ReconstructionTargetCenterPatient => new(0x0018, 0x9318);

    /// <summary>(0018,9319) Reconstruction Angle, FD 1</summary>
    public static DicomTag ReconstructionAngle => new(0x0018, 0x9319);

    /// <summary>(0018,9320) Image Filter, SH 1</summary>
    public static DicomTag ImageFilter => new(0x0018, 0x9320);

    /// <summary>(0018,9321) CT Exposure Sequence, SQ 1</summary>
    public static DicomTag CTExposureSequence => new(0x0018, 0x9321);

    /// <summary>(0018,9322) Reconstruction Pixel Spacing, FD 2</summary>
    public static DicomTag ReconstructionPixelSpacing => new(0x0018, 0x9322);

    /// <summary>(0018,9323) Exposure Modulation Type, CS 1-n</summary>
    public static DicomTag ExposureModulationType => new(0x0018, 0x9323);

    /// <summary>(0018,9324) Estimated Dose Saving, FD 1, retired</summary>
    public static DicomTag EstimatedDoseSaving => new(0x0018, 0x9324);

    /// <summary>(0018,9325) CT X-Ray Details Sequence, SQ 1</summary>
    public static DicomTag CTXRayDetailsSequence => new(0x0018, 0x9325);

    /// <summary>(0018,9326) CT Position Sequence, SQ 1</summary>
    public static DicomTag CTPositionSequence => new(0x0018, 0x9326);

    /// <summary>(0018,9327) Table Position, FD 1</summary>
    public static DicomTag TablePosition => new(0x0018, 0x9327);

    /// <summary>(0018,9328) Exposure Time in ms, FD 1</summary>
    public static DicomTag ExposureTimeInms => new(0x0018, 0x9328);

    /// <summary>(0018,9329) CT Image Frame Type Sequence, SQ 1</summary>
    public static DicomTag CTImageFrameTypeSequence => new(0x0018, 0x9329);

    /// <summary>(0018,9330) X-Ray Tube Current in mA, FD 1</summary>
    public static DicomTag XRayTubeCurrentInmA => new(0x0018, 0x9330);

    /// <summary>(0018,9332) Exposure in mAs, FD 1</summary>
    public static DicomTag ExposureInmAs => new(0x0018, 0x9332);

    /// <summary>(0018,9333) Constant Volume Flag, CS 1</summary>
    public static DicomTag ConstantVolumeFlag => new(0x0018, 0x9333);

    /// <summary>(0018,9334) Fluoroscopy Flag, CS 1</summary>
    public static DicomTag FluoroscopyFlag => new(0x0018, 0x9334);

    /// <summary>(0018,9335) Distance Source to Data Collection Center, FD 1</summary>
    public static DicomTag DistanceSourceToDataCollectionCenter => new(0x0018, 0x9335);

    /// <summary>(0018,9337) Contrast/Bolus Agent Number, US 1</summary>
    public static DicomTag ContrastBolusAgentNumber => new(0x0018, 0x9337);

    /// <summary>(0018,9338) Contrast/Bolus Ingredient Code Sequence, SQ 1</summary>
    public static DicomTag ContrastBolusIngredientCodeSequence => new(0x0018, 0x9338);

    /// <summary>(0018,9340) Contrast Administration Profile Sequence, SQ 1</summary>
    public static DicomTag ContrastAdministrationProfileSequence => new(0x0018, 0x9340);

    /// <summary>(0018,9341) Contrast/Bolus Usage Sequence, SQ 1</summary>
    public static DicomTag ContrastBolusUsageSequence => new(0x0018, 0x9341);

    /// <summary>(0018,9342) Contrast/Bolus Agent Administered, CS 1</summary>
    public static DicomTag ContrastBolusAgentAdministered => new(0x0018, 0x9342);

    /// <summary>(0018,9343) Contrast/Bolus Agent Detected, CS 1</summary>
    public static DicomTag ContrastBolusAgentDetected => new(0x0018, 0x9343);

    /// <summary>(0018,9344) Contrast/Bolus Agent Phase, CS 1</summary>
    public static DicomTag ContrastBolusAgentPhase => new(0x0018, 0x9344);

    /// <summary>(0018,9345) CTDIvol, FD 1</summary>
    public static DicomTag CTDIvol => new(0x0018, 0x9345);

    /// <summary>(0018,9346) CTDI Phantom Type Code Sequence, SQ 1</summary>
    public static DicomTag CTDIPhantomTypeCodeSequence => new(0x0018, 0x9346);

    /// <summary>(0018,9351) Calcium Scoring Mass Factor Patient, FL 1</summary>
    public static DicomTag CalciumScoringMassFactorPatient => new(0x0018, 0x9351);

    /// <summary>(0018,9352) Calcium Scoring Mass Factor Device, FL 3</summary>
    public static DicomTag CalciumScoringMassFactorDevice => new(0x0018, 0x9352);

    /// <summary>(0018,9353) Energy Weighting Factor, FL 1</summary>
    public static DicomTag EnergyWeightingFactor => new(0x0018, 0x9353);

    /// <summary>(0018,9360) CT Additional X-Ray Source Sequence, SQ 1</summary>
    public static DicomTag CTAdditionalXRaySourceSequence => new(0x0018, 0x9360);

    /// <summary>(0018,9361) Multi-energy CT Acquisition, CS 1</summary>
    public static DicomTag MultienergyCTAcquisition => new(0x0018, 0x9361);

    /// <summary>(0018,9362) Multi-energy CT Acquisition Sequence, SQ 1</summary>
    public static DicomTag MultienergyCTAcquisitionSequence => new(0x0018, 0x9362);

    /// <summary>(0018,9363) Multi-energy CT Processing Sequence, SQ 1</summary>
    public static DicomTag MultienergyCTProcessingSequence => new(0x0018, 0x9363);

    /// <summary>(0018,9364) Multi-energy CT Characteristics Sequence, SQ 1</summary>
    public static DicomTag MultienergyCTCharacteristicsSequence => new(0x0018, 0x9364);

    /// <summary>(0018,9365) Multi-energy CT X-Ray Source Sequence, SQ 1</summary>
    public static DicomTag MultienergyCTXRaySourceSequence => new(0x0018, 0x9365);

    /// <summary>(0018,9366) X-Ray Source Index, US 1</summary>
    public static DicomTag XRaySourceIndex => new(0x0018, 0x9366);

    /// <summary>(0018,9367) X-Ray Source ID, UC 1</summary>
    public static DicomTag XRaySourceID => new(0x0018, 0x9367);

    /// <summary>(0018,9368) Multi-energy Source Technique, CS 1</summary>
    public static DicomTag MultienergySourceTechnique => new(0x0018, 0x9368);

    /// <summary>(0018,9369) Source Start DateTime, DT 1</summary>
    public static DicomTag SourceStartDateTime => new(0x0018, 0x9369);

    /// <summary>(0018,936A) Source End DateTime, DT 1</summary>
    public static DicomTag SourceEndDateTime => new(0x0018, 0x936A);

    /// <summary>(0018,936B) Switching Phase Number, US 1</summary>
    public static DicomTag SwitchingPhaseNumber => new(0x0018, 0x936B);

    /// <summary>(0018,936C) Switching Phase Nominal Duration, DS 1</summary>
    public static DicomTag SwitchingPhaseNominalDuration => new(0x0018, 0x936C);

    /// <summary>(0018,936D) Switching Phase Transition Duration, DS 1</summary>
    public static DicomTag SwitchingPhaseTransitionDuration => new(0x0018, 0x936D);

    /// <summary>(0018,936E) Effective Bin Energy, DS 1</summary>
    public static DicomTag EffectiveBinEnergy => new(0x0018, 0x936E);

    /// <summary>(0018,936F) Multi-energy CT X-Ray Detector Sequence, SQ 1</summary>
    public static DicomTag MultienergyCTXRayDetectorSequence => new(0x0018, 0x936F);

    /// <summary>(0018,9370) X-Ray Detector Index, US 1</summary>
    public static DicomTag XRayDetectorIndex => new(0x0018, 0x9370);

    /// <summary>(0018,9371) X-Ray Detector ID, UC 1</summary>
    public static DicomTag XRayDetectorID => new(0x0018, 0x9371);

    /// <summary>(0018,9372) Multi-energy Detector Type, CS 1</summary>
    public static DicomTag MultienergyDetectorType => new(0x0018, 0x9372);

    /// <summary>(0018,9373) X-Ray Detector Label, ST 1</summary>
    public static DicomTag XRayDetectorLabel => new(0x0018, 0x9373);

    /// <summary>(0018,9374) Nominal Max Energy, DS 1</summary>
    public static DicomTag NominalMaxEnergy => new(0x0018, 0x9374);

    /// <summary>(0018,9375) Nominal Min Energy, DS 1</summary>
    public static DicomTag NominalMinEnergy => new(0x0018, 0x9375);

    /// <summary>(0018,9376) Referenced X-Ray Detector Index, US 1-n</summary>
    public static DicomTag ReferencedXRayDetectorIndex => new(0x0018, 0x9376);

    /// <summary>(0018,9377) Referenced X-Ray Source Index, US 1-n</summary>
    public static DicomTag ReferencedXRaySourceIndex => new(0x0018, 0x9377);

    /// <summary>(0018,9378) Referenced Path Index, US 1-n</summary>
    public static DicomTag ReferencedPathIndex => new(0x0018, 0x9378);

    /// <summary>(0018,9379) Multi-energy CT Path Sequence, SQ 1</summary>
    public static DicomTag MultienergyCTPathSequence => new(0x0018, 0x9379);

    /// <summary>(0018,937A) Multi-energy CT Path Index, US 1</summary>
    public static DicomTag MultienergyCTPathIndex => new(0x0018, 0x937A);

    /// <summary>(0018,937B) Multi-energy Acquisition Description, UT 1</summary>
    public static DicomTag MultienergyAcquisitionDescription => new(0x0018, 0x937B);

    /// <summary>(0018,937C) Monoenergetic Energy Equivalent, FD 1</summary>
    public static DicomTag MonoenergeticEnergyEquivalent => new(0x0018, 0x937C);

    /// <summary>(0018,937D) Material Code Sequence, SQ 1</summary>
    public static DicomTag MaterialCodeSequence => new(0x0018, 0x937D);

    /// <summary>(0018,937E) Decomposition Method, CS 1</summary>
    public static DicomTag DecompositionMethod => new(0x0018, 0x937E);

    /// <summary>(0018,937F) Decomposition Description, UT 1</summary>
    public static DicomTag DecompositionDescription => new(0x0018, 0x937F);

    /// <summary>(0018,9380) Decomposition Algorithm Identification Sequence, SQ 1</summary>
    public static DicomTag DecompositionAlgorithmIdentificationSequence => new(0x0018, 0x9380);

    /// <summary>(0018,9381) Decomposition Material Sequence, SQ 1</summary>
    public static DicomTag DecompositionMaterialSequence => new(0x0018, 0x9381);

    /// <summary>(0018,9382) Material Attenuation Sequence, SQ 1</summary>
    public static DicomTag MaterialAttenuationSequence => new(0x0018, 0x9382);

    /// <summary>(0018,9383) Photon Energy, DS 1</summary>
    public static DicomTag PhotonEnergy => new(0x0018, 0x9383);

    /// <summary>(0018,9384) X-Ray Mass Attenuation Coefficient, DS 1</summary>
    public static DicomTag XRayMassAttenuationCoefficient => new(0x0018, 0x9384);

    /// <summary>(0018,9401) Projection Pixel Calibration Sequence, SQ 1</summary>
    public static DicomTag ProjectionPixelCalibrationSequence => new(0x0018, 0x9401);

    /// <summary>(0018,9402) Distance Source to Isocenter, FL 1</summary>
    public static DicomTag DistanceSourceToIsocenter => new(0x0018, 0x9402);

    /// <summary>(0018,9403) Distance Object to Table Top, FL 1</summary>
    public static DicomTag DistanceObjectToTableTop => new(0x0018, 0x9403);

    /// <summary>(0018,9404) Object Pixel Spacing in Center of Beam, FL 2</summary>
    public static DicomTag ObjectPixelSpacingInCenterOfBeam => new(0x0018, 0x9404);

    /// <summary>(0018,9405) Positioner Position Sequence, SQ 1</summary>
    public static DicomTag PositionerPositionSequence => new(0x0018, 0x9405);

    /// <summary>(0018,9406) Table Position Sequence, SQ 1</summary>
    public static DicomTag TablePositionSequence => new(0x0018, 0x9406);

    /// <summary>(0018,9407) Collimator Shape Sequence, SQ 1</summary>
    public static DicomTag CollimatorShapeSequence => new(0x0018, 0x9407);

    /// <summary>(0018,9410) Planes in Acquisition, CS 1</summary>
    public static DicomTag PlanesInAcquisition => new(0x0018, 0x9410);

    /// <summary>(0018,9412) XA/XRF Frame Characteristics Sequence, SQ 1</summary>
    public static DicomTag XAXRFFrameCharacteristicsSequence => new(0x0018, 0x9412);

    /// <summary>(0018,9417) Frame Acquisition Sequence, SQ 1</summary>
    public static DicomTag FrameAcquisitionSequence => new(0x0018, 0x9417);

    /// <summary>(0018,9420) X-Ray Receptor Type, CS 1</summary>
    public static DicomTag XRayReceptorType => new(0x0018, 0x9420);

    /// <summary>(0018,9423) Acquisition Protocol Name, LO 1</summary>
    public static DicomTag AcquisitionProtocolName => new(0x0018, 0x9423);

    /// <summary>(0018,9424) Acquisition Protocol Description, LT 1</summary>
    public static DicomTag AcquisitionProtocolDescription => new(0x0018, 0x9424);

    /// <summary>(0018,9425) Contrast/Bolus Ingredient Opaque, CS 1</summary>
    public static DicomTag ContrastBolusIngredientOpaque => new(0x0018, 0x9425);

    /// <summary>(0018,9426) Distance Receptor Plane to Detector Housing, FL 1</summary>
    public static DicomTag DistanceReceptorPlaneToDetectorHousing => new(0x0018, 0x9426);

    /// <summary>(0018,9427) Intensifier Active Shape, CS 1</summary>
    public static DicomTag IntensifierActiveShape => new(0x0018, 0x9427);

    /// <summary>(0018,9428) Intensifier Active Dimension(s), FL 1-2</summary>
    public static DicomTag IntensifierActiveDimensions => new(0x0018, 0x9428);

    /// <summary>(0018,9429) Physical Detector Size, FL 2</summary>
    public static DicomTag PhysicalDetectorSize => new(0x0018, 0x9429);

    /// <summary>(0018,9430) Position of Isocenter Projection, FL 2</summary>
    public static DicomTag PositionOfIsocenterProjection => new(0x0018, 0x9430);

    /// <summary>(0018,9432) Field of View Sequence, SQ 1</summary>
    public static DicomTag FieldOfViewSequence => new(0x0018, 0x9432);

    /// <summary>(0018,9433) Field of View Description, LO 1</summary>
    public static DicomTag FieldOfViewDescription => new(0x0018, 0x9433);

    /// <summary>(0018,9434) Exposure Control Sensing Regions Sequence, SQ 1</summary>
    public static DicomTag ExposureControlSensingRegionsSequence => new(0x0018, 0x9434);

    /// <summary>(0018,9435) Exposure Control Sensing Region Shape, CS 1</summary>
    public static DicomTag ExposureControlSensingRegionShape => new(0x0018, 0x9435);

    /// <summary>(0018,9436) Exposure Control Sensing Region Left Vertical Edge, SS 1</summary>
    public static DicomTag ExposureControlSensingRegionLeftVerticalEdge => new(0x0018, 0x9436);

    /// <summary>(0018,9437) Exposure Control Sensing Region Right Vertical Edge, SS 1</summary>
    public static DicomTag ExposureControlSensingRegionRightVerticalEdge => new(0x0018, 0x9437);

    /// <summary>(0018,9438) Exposure Control Sensing Region Upper Horizontal Edge, SS 1</summary>
    public static DicomTag ExposureControlSensingRegionUpperHorizontalEdge => new(0x0018, 0x9438);

    /// <summary>(0018,9439) Exposure Control Sensing Region Lower Horizontal Edge, SS 1</summary>
    public static DicomTag ExposureControlSensingRegionLowerHorizontalEdge => new(0x0018, 0x9439);

    /// <summary>(0018,9440) Center of Circular Exposure Control Sensing Region, SS 2</summary>
    public static DicomTag CenterOfCircularExposureControlSensingRegion => new(0x0018, 0x9440);

    /// <summary>(0018,9441) Radius of Circular Exposure Control Sensing Region, US 1</summary>
    public static DicomTag RadiusOfCircularExposureControlSensingRegion => new(0x0018, 0x9441);

    /// <summary>(0018,9442) Vertices of the Polygonal Exposure Control Sensing Region, SS 2-n</summary>
    public static DicomTag VerticesOfThePolygonalExposureControlSensingRegion => new(0x0018, 0x9442);

    /// <summary>(0018,9447) Column Angulation (Patient), FL 1</summary>
    public static DicomTag ColumnAngulationPatient => new(0x0018, 0x9447);

    /// <summary>(0018,9449) Beam Angle, FL 1</summary>
    public static DicomTag BeamAngle => new(0x0018, 0x9449);

    /// <summary>(0018,9451) Frame Detector Parameters Sequence, SQ 1</summary>
    public static DicomTag FrameDetectorParametersSequence => new(0x0018, 0x9451);

    /// <summary>(0018,9452) Calculated Anatomy Thickness, FL 1</summary>
    public static DicomTag CalculatedAnatomyThickness => new(0x0018, 0x9452);

    /// <summary>(0018,9455) Calibration Sequence, SQ 1</summary>
    public static DicomTag CalibrationSequence => new(0x0018, 0x9455);

    /// <summary>(0018,9456) Object Thickness Sequence, SQ 1</summary>
    public static DicomTag ObjectThicknessSequence => new(0x0018, 0x9456);

    /// <summary>(0018,9457) Plane Identification, CS 1</summary>
    public static DicomTag PlaneIdentification => new(0x0018, 0x9457);

    /// <summary>(0018,9461) Field of View Dimension(s) in Float, FL 1-2</summary>
    public static DicomTag FieldOfViewDimensionsInFloat => new(0x0018, 0x9461);

    /// <summary>(0018,9462) Isocenter Reference System Sequence, SQ 1</summary>
    public static DicomTag IsocenterReferenceSystemSequence => new(0x0018, 0x9462);

    /// <summary>(0018,9463) Positioner Isocenter Primary Angle, FL 1</summary>
    public static DicomTag PositionerIsocenterPrimaryAngle => new(0x0018, 0x9463);

    /// <summary>(0018,9464) Positioner Isocenter Secondary Angle, FL 1</summary>
    public static DicomTag PositionerIsocenterSecondaryAngle => new(0x0018, 0x9464);

    /// <summary>(0018,9465) Positioner Isocenter Detector Rotation Angle, FL 1</summary>
    public static DicomTag PositionerIsocenterDetectorRotationAngle => new(0x0018, 0x9465);

    /// <summary>(0018,9466) Table X Position to Isocenter, FL 1</summary>
    public static DicomTag TableXPositionToIsocenter => new(0x0018, 0x9466);

    /// <summary>(0018,9467) Table Y Position to Isocenter, FL 1</summary>
    public static DicomTag TableYPositionToIsocenter => new(0x0018, 0x9467);

    /// <summary>(0018,9468) Table Z Position to Isocenter, FL 1</summary>
    public static DicomTag TableZPositionToIsocenter => new(0x0018, 0x9468);

    /// <summary>(0018,9469) Table Horizontal Rotation Angle, FL 1</summary>
    public static DicomTag TableHorizontalRotationAngle => new(0x0018, 0x9469);

    /// <summary>(0018,9470) Table Head Tilt Angle, FL 1</summary>
    public static DicomTag TableHeadTiltAngle => new(0x0018, 0x9470);

    /// <summary>(0018,9471) Table Cradle Tilt Angle, FL 1</summary>
    public static DicomTag TableCradleTiltAngle => new(0x0018, 0x9471);

    /// <summary>(0018,9472) Frame Display Shutter Sequence, SQ 1</summary>
    public static DicomTag FrameDisplayShutterSequence => new(0x0018, 0x9472);

    /// <summary>(0018,9473) Acquired Image Area Dose Product, FL 1</summary>
    public static DicomTag AcquiredImageAreaDoseProduct => new(0x0018, 0x9473);

    /// <summary>(0018,9474) C-arm Positioner Tabletop Relationship, CS 1</summary>
    public static DicomTag CArmPositionerTabletopRelationship => new(0x0018, 0x9474);

    /// <summary>(0018,9476) X-Ray Geometry Sequence, SQ 1</summary>
    public static DicomTag XRayGeometrySequence => new(0x0018, 0x9476);

    /// <summary>(0018,9477) Irradiation Event Identification Sequence, SQ 1</summary>
    public static DicomTag IrradiationEventIdentificationSequence => new(0x0018, 0x9477);

    /// <summary>(0018,9504) X-Ray 3D Frame Type Sequence, SQ 1</summary>
    public static DicomTag XRay3DFrameTypeSequence => new(0x0018, 0x9504);

    /// <summary>(0018,9506) Contributing Sources Sequence, SQ 1</summary>
    public static DicomTag ContributingSourcesSequence => new(0x0018, 0x9506);

    /// <summary>(0018,9507) X-Ray 3D Acquisition Sequence, SQ 1</summary>
    public static DicomTag XRay3DAcquisitionSequence => new(0x0018, 0x9507);

    /// <summary>(0018,9508) Primary Positioner Scan Arc, FL 1</summary>
    public static DicomTag PrimaryPositionerScanArc => new(0x0018, 0x9508);

    /// <summary>(0018,9509) Secondary Positioner Scan Arc, FL 1</summary>
    public static DicomTag SecondaryPositionerScanArc => new(0x0018, 0x9509);

    /// <summary>(0018,9510) Primary Positioner Scan Start Angle, FL 1</summary>
    public static DicomTag PrimaryPositionerScanStartAngle => new(0x0018, 0x9510);

    /// <summary>(0018,9511) Secondary Positioner Scan Start Angle, FL 1</summary>
    public static DicomTag SecondaryPositionerScanStartAngle => new(0x0018, 0x9511);

    /// <summary>(0018,9514) Primary Positioner Increment, FL 1</summary>
    public static DicomTag PrimaryPositionerIncrement => new(0x0018, 0x9514);

    /// <summary>(0018,9515) Secondary Positioner Increment, FL 1</summary>
    public static DicomTag SecondaryPositionerIncrement => new(0x0018, 0x9515);

    /// <summary>(0018,9516) Start Acquisition DateTime, DT 1</summary>
    public static DicomTag StartAcquisitionDateTime => new(0x0018, 0x9516);

    /// <summary>(0018,9517) End Acquisition DateTime, DT 1</summary>
    public static DicomTag EndAcquisitionDateTime => new(0x0018, 0x9517);

    /// <summary>(0018,9518) Primary Positioner Increment Sign, SS 1</summary>
    public static DicomTag PrimaryPositionerIncrementSign => new(0x0018, 0x9518);

    /// <summary>(0018,9519) Secondary Positioner Increment Sign, SS 1</summary>
    public static DicomTag SecondaryPositionerIncrementSign => new(0x0018, 0x9519);

    /// <summary>(0018,9524) Application Name, LO 1</summary>
    public static DicomTag ApplicationName => new(0x0018, 0x9524);

    /// <summary>(0018,9525) Application Version, LO 1</summary>
    public static DicomTag ApplicationVersion => new(0x0018, 0x9525);

    /// <summary>(0018,9526) Application Manufacturer, LO 1</summary>
    public static DicomTag ApplicationManufacturer => new(0x0018, 0x9526);

    /// <summary>(0018,9527) Algorithm Type, CS 1</summary>
    public static DicomTag AlgorithmType => new(0x0018, 0x9527);

    /// <summary>(0018,9528) Algorithm Description, LO 1</summary>
    public static DicomTag AlgorithmDescription => new(0x0018, 0x9528);

    /// <summary>(0018,9530) X-Ray 3D Reconstruction Sequence, SQ 1</summary>
    public static DicomTag XRay3DReconstructionSequence => new(0x0018, 0x9530);

    /// <summary>(0018,9531) Reconstruction Description, LO 1</summary>
    public static DicomTag ReconstructionDescription => new(0x0018, 0x9531);

    /// <summary>(0018,9538) Per Projection Acquisition Sequence, SQ 1</summary>
    public static DicomTag PerProjectionAcquisitionSequence => new(0x0018, 0x9538);

    /// <summary>(0018,9541) Detector Position Sequence, SQ 1</summary>
    public static DicomTag DetectorPositionSequence => new(0x0018, 0x9541);

    /// <summary>(0018,9542) X-Ray Acquisition Dose Sequence, SQ 1</summary>
    public static DicomTag XRayAcquisitionDoseSequence => new(0x0018, 0x9542);

    /// <summary>(0018,9543) X-Ray Source Isocenter Primary Angle, FD 1</summary>
    public static DicomTag XRaySourceIsocenterPrimaryAngle => new(0x0018, 0x9543);

    /// <summary>(0018,9544) X-Ray Source Isocenter Secondary Angle, FD 1</summary>
    public static DicomTag XRaySourceIsocenterSecondaryAngle => new(0x0018, 0x9544);

    /// <summary>(0018,9545) Breast Support Isocenter Primary Angle, FD 1</summary>
    public static DicomTag BreastSupportIsocenterPrimaryAngle => new(0x0018, 0x9545);

    /// <summary>(0018,9546) Breast Support Isocenter Secondary Angle, FD 1</summary>
    public static DicomTag BreastSupportIsocenterSecondaryAngle => new(0x0018, 0x9546);

    /// <summary>(0018,9547) Breast Support X Position to Isocenter, FD 1</summary>
    public static DicomTag BreastSupportXPositionToIsocenter => new(0x0018, 0x9547);

    /// <summary>(0018,9548) Breast Support Y Position to Isocenter, FD 1</summary>
    public static DicomTag BreastSupportYPositionToIsocenter => new(0x0018, 0x9548);

    /// <summary>(0018,9549) Breast Support Z Position to Isocenter, FD 1</summary>
    public static DicomTag BreastSupportZPositionToIsocenter => new(0x0018, 0x9549);

    /// <summary>(0018,9550) Detector Isocenter Primary Angle, FD 1</summary>
    public static DicomTag DetectorIsocenterPrimaryAngle => new(0x0018, 0x9550);

    /// <summary>(0018,9551) Detector Isocenter Secondary Angle, FD 1</summary>
    public static DicomTag DetectorIsocenterSecondaryAngle => new(0x0018, 0x9551);

    /// <summary>(0018,9552) Detector X Position to Isocenter, FD 1</summary>
    public static DicomTag DetectorXPositionToIsocenter => new(0x0018, 0x9552);

    /// <summary>(0018,9553) Detector Y Position to Isocenter, FD 1</summary>
    public static DicomTag DetectorYPositionToIsocenter => new(0x0018, 0x9553);

    /// <summary>(0018,9554) Detector Z Position to Isocenter, FD 1</summary>
    public static DicomTag DetectorZPositionToIsocenter => new(0x0018, 0x9554);

    /// <summary>(0018,9555) X-Ray Grid Sequence, SQ 1</summary>
    public static DicomTag XRayGridSequence => new(0x0018, 0x9555);

    /// <summary>(0018,9556) X-Ray Filter Sequence, SQ 1</summary>
    public static DicomTag XRayFilterSequence => new(0x0018, 0x9556);

    /// <summary>(0018,9557) Detector Active Area TLHC Position, FD 3</summary>
    public static DicomTag DetectorActiveAreaTLHCPosition => new(0x0018, 0x9557);

    /// <summary>(0018,9558) Detector Active Area Orientation, FD 6</summary>
    public static DicomTag DetectorActiveAreaOrientation => new(0x0018, 0x9558);

    /// <summary>(0018,9559) Positioner Primary Angle Direction, CS 1</summary>
    public static DicomTag PositionerPrimaryAngleDirection => new(0x0018, 0x9559);

    /// <summary>(0018,9601) Diffusion b-matrix Sequence, SQ 1</summary>
    public static DicomTag DiffusionBMatrixSequence => new(0x0018, 0x9601);

    /// <summary>(0018,9602) Diffusion b-value XX, FD 1</summary>
    public static DicomTag DiffusionBValueXX => new(0x0018, 0x9602);

    /// <summary>(0018,9603) Diffusion b-value XY, FD 1</summary>
    public static DicomTag DiffusionBValueXY => new(0x0018, 0x9603);

    /// <summary>(0018,9604) Diffusion b-value XZ, FD 1</summary>
    public static DicomTag DiffusionBValueXZ => new(0x0018, 0x9604);

    /// <summary>(0018,9605) Diffusion b-value YY, FD 1</summary>
    public static DicomTag DiffusionBValueYY => new(0x0018, 0x9605);

    /// <summary>(0018,9606) Diffusion b-value YZ, FD 1</summary>
    public static DicomTag DiffusionBValueYZ => new(0x0018, 0x9606);

    /// <summary>(0018,9607) Diffusion b-value ZZ, FD 1</summary>
    public static DicomTag DiffusionBValueZZ => new(0x0018, 0x9607);

    /// <summary>(0018,9621) Functional MR Sequence, SQ 1</summary>
    public static DicomTag FunctionalMRSequence => new(0x0018, 0x9621);

    /// <summary>(0018,9622) Functional Settling Phase Frames Present, CS 1</summary>
    public static DicomTag FunctionalSettlingPhaseFramesPresent => new(0x0018, 0x9622);

    /// <summary>(0018,9623) Functional Sync Pulse, DT 1</summary>
    public static DicomTag FunctionalSyncPulse => new(0x0018, 0x9623);

    /// <summary>(0018,9624) Settling Phase Frame, CS 1</summary>
    public static DicomTag SettlingPhaseFrame => new(0x0018, 0x9624);

    /// <summary>(0018,9701) Decay Correction DateTime, DT 1</summary>
    public static DicomTag DecayCorrectionDateTime => new(0x0018, 0x9701);

    /// <summary>(0018,9715) Start Density Threshold, FD 1</summary>
    public static DicomTag StartDensityThreshold => new(0x0018, 0x9715);

    /// <summary>(0018,9716) Start Relative Density Difference Threshold, FD 1</summary>
    public static DicomTag StartRelativeDensityDifferenceThreshold => new(0x0018, 0x9716);

    /// <summary>(0018,9717) Start Cardiac Trigger Count Threshold, FD 1</summary>
    public static DicomTag StartCardiacTriggerCountThreshold => new(0x0018, 0x9717);

    /// <summary>(0018,9718) Start Respiratory Trigger Count Threshold, FD 1</summary>
    public static DicomTag StartRespiratoryTriggerCountThreshold => new(0x0018, 0x9718);

    /// <summary>(0018,9719) Termination Counts Threshold, FD 1</summary>
    public static DicomTag TerminationCountsThreshold => new(0x0018, 0x9719);

    /// <summary>(0018,9720) Termination Density Threshold, FD 1</summary>
    public static DicomTag TerminationDensityThreshold => new(0x0018, 0x9720);

    /// <summary>(0018,9721) Termination Relative Density Threshold, FD 1</summary>
    public static DicomTag TerminationRelativeDensityThreshold => new(0x0018, 0x9721);

    /// <summary>(0018,9722) Termination Time Threshold, FD 1</summary>
    public static DicomTag TerminationTimeThreshold => new(0x0018, 0x9722);

    /// <summary>(0018,9723) Termination Cardiac Trigger Count Threshold, FD 1</summary>
    public static DicomTag TerminationCardiacTriggerCountThreshold => new(0x0018, 0x9723);

    /// <summary>(0018,9724) Termination Respiratory Trigger Count Threshold, FD 1</summary>
    public static DicomTag TerminationRespiratoryTriggerCountThreshold => new(0x0018, 0x9724);

    /// <summary>(0018,9725) Detector Geometry, CS 1</summary>
    public static DicomTag DetectorGeometry => new(0x0018, 0x9725);

    /// <summary>(0018,9726) Transverse Detector Separation, FD 1</summary>
    public static DicomTag TransverseDetectorSeparation => new(0x0018, 0x9726);

    /// <summary>(0018,9727) Axial Detector Dimension, FD 1</summary>
    public static DicomTag AxialDetectorDimension => new(0x0018, 0x9727);

    /// <summary>(0018,9729) Radiopharmaceutical Agent Number, US 1</summary>
    public static DicomTag RadiopharmaceuticalAgentNumber => new(0x0018, 0x9729);

    /// <summary>(0018,9732) PET Frame Acquisition Sequence, SQ 1</summary>
    public static DicomTag PETFrameAcquisitionSequence => new(0x0018, 0x9732);

    /// <summary>(0018,9733) PET Detector Motion Details Sequence, SQ 1</summary>
    public static DicomTag PETDetectorMotionDetailsSequence => new(0x0018, 0x9733);

    /// <summary>(0018,9734) PET Table Dynamics Sequence, SQ 1</summary>
    public static DicomTag PETTableDynamicsSequence => new(0x0018, 0x9734);

    /// <summary>(0018,9735) PET Position Sequence, SQ 1</summary>
    public static DicomTag PETPositionSequence => new(0x0018, 0x9735);

    /// <summary>(0018,9736) PET Frame Correction Factors Sequence, SQ 1</summary>
    public static DicomTag PETFrameCorrectionFactorsSequence => new(0x0018, 0x9736);

    /// <summary>(0018,9737) Radiopharmaceutical Usage Sequence, SQ 1</summary>
    public static DicomTag RadiopharmaceuticalUsageSequence => new(0x0018, 0x9737);

    /// <summary>(0018,9738) Attenuation Correction Source, CS 1</summary>
    public static DicomTag AttenuationCorrectionSource => new(0x0018, 0x9738);

    /// <summary>(0018,9739) Number of Iterations, US 1</summary>
    public static DicomTag NumberOfIterations => new(0x0018, 0x9739);

    /// <summary>(0018,9740) Number of Subsets, US 1</summary>
    public static DicomTag NumberOfSubsets => new(0x0018, 0x9740);

    /// <summary>(0018,9749) PET Reconstruction Sequence, SQ 1</summary>
    public static DicomTag PETReconstructionSequence => new(0x0018, 0x9749);

    /// <summary>(0018,9751) PET Frame Type Sequence, SQ 1</summary>
    public static DicomTag PETFrameTypeSequence => new(0x0018, 0x9751);

    /// <summary>(0018,9755) Time of Flight Information Used, CS 1</summary>
    public static DicomTag TimeOfFlightInformationUsed => new(0x0018, 0x9755);

    /// <summary>(0018,9756) Reconstruction Type, CS 1</summary>
    public static DicomTag ReconstructionType => new(0x0018, 0x9756);

    /// <summary>(0018,9758) Decay Corrected, CS 1</summary>
    public static DicomTag DecayCorrected => new(0x0018, 0x9758);

    /// <summary>(0018,9759) Attenuation Corrected, CS 1</summary>
    public static DicomTag AttenuationCorrected => new(0x0018, 0x9759);

    /// <summary>(0018,9760) Scatter Corrected, CS 1</summary>
    public static DicomTag ScatterCorrected => new(0x0018, 0x9760);

    /// <summary>(0018,9761) Dead Time Corrected, CS 1</summary>
    public static DicomTag DeadTimeCorrected => new(0x0018, 0x9761);

    /// <summary>(0018,9762) Gantry Motion Corrected, CS 1</summary>
    public static DicomTag GantryMotionCorrected => new(0x0018, 0x9762);

    /// <summary>(0018,9763) Patient Motion Corrected, CS 1</summary>
    public static DicomTag PatientMotionCorrected => new(0x0018, 0x9763);

    /// <summary>(0018,9764) Count Loss Normalization Corrected, CS 1</summary>
    public static DicomTag CountLossNormalizationCorrected => new(0x0018, 0x9764);

    /// <summary>(0018,9765) Randoms Corrected, CS 1</summary>
    public static DicomTag RandomsCorrected => new(0x0018, 0x9765);

    /// <summary>(0018,9766) Non-uniform Radial Sampling Corrected, CS 1</summary>
    public static DicomTag NonUniformRadialSamplingCorrected => new(0x0018, 0x9766);

    /// <summary>(0018,9767) Sensitivity Calibrated, CS 1</summary>
    public static DicomTag SensitivityCalibrated => new(0x0018, 0x9767);

    /// <summary>(0018,9768) Detector Normalization Correction, CS 1</summary>
    public static DicomTag DetectorNormalizationCorrection => new(0x0018, 0x9768);

    /// <summary>(0018,9769) Iterative Reconstruction Method, CS 1</summary>
    public static DicomTag IterativeReconstructionMethod => new(0x0018, 0x9769);

    /// <summary>(0018,9770) Attenuation Correction Temporal Relationship, CS 1</summary>
    public static DicomTag AttenuationCorrectionTemporalRelationship => new(0x0018, 0x9770);

    /// <summary>(0018,9771) Patient Physiological State Sequence, SQ 1</summary>
    public static DicomTag PatientPhysiologicalStateSequence => new(0x0018, 0x9771);

    /// <summary>(0018,9772) Patient Physiological State Code Sequence, SQ 1</summary>
    public static DicomTag PatientPhysiologicalStateCodeSequence => new(0x0018, 0x9772);

    /// <summary>(0018,9801) Depth(s) of Focus, FD 1-n</summary>
    public static DicomTag DepthsOfFocus => new(0x0018, 0x9801);

    /// <summary>(0018,9803) Excluded Intervals Sequence, SQ 1</summary>
    public static DicomTag ExcludedIntervalsSequence => new(0x0018, 0x9803);

    /// <summary>(0018,9804) Exclusion Start DateTime, DT 1</summary>
    public static DicomTag ExclusionStartDateTime => new(0x0018, 0x9804);

    /// <summary>(0018,9805) Exclusion Duration, FD 1</summary>
    public static DicomTag ExclusionDuration => new(0x0018, 0x9805);

    /// <summary>(0018,9806) US Image Description Sequence, SQ 1</summary>
    public static DicomTag USImageDescriptionSequence => new(0x0018, 0x9806);

    /// <summary>(0018,9807) Image Data Type Sequence, SQ 1</summary>
    public static DicomTag ImageDataTypeSequence => new(0x0018, 0x9807);

    /// <summary>(0018,9808) Data Type, CS 1</summary>
    public static DicomTag DataType => new(0x0018, 0x9808);

    /// <summary>(0018,9809) Transducer Scan Pattern Code Sequence, SQ 1</summary>
    public static DicomTag TransducerScanPatternCodeSequence => new(0x0018, 0x9809);

    /// <summary>(0018,980B) Aliased Data Type, CS 1</summary>
    public static DicomTag AliasedDataType => new(0x0018, 0x980B);

    /// <summary>(0018,980C) Position Measuring Device Used, CS 1</summary>
    public static DicomTag PositionMeasuringDeviceUsed => new(0x0018, 0x980C);

    /// <summary>(0018,980D) Transducer Geometry Code Sequence, SQ 1</summary>
    public static DicomTag TransducerGeometryCodeSequence => new(0x0018, 0x980D);

    /// <summary>(0018,980E) Transducer Beam Steering Code Sequence, SQ 1</summary>
    public static DicomTag TransducerBeamSteeringCodeSequence => new(0x0018, 0x980E);

    /// <summary>(0018,980F) Transducer Application Code Sequence, SQ 1</summary>
    public static DicomTag TransducerApplicationCodeSequence => new(0x0018, 0x980F);

    /// <summary>(0018,9810) Zero Velocity Pixel Value, US/SS 1</summary>
    public static DicomTag ZeroVelocityPixelValue => new(0x0018, 0x9810);

    /// <summary>(0018,9900) Reference Location Label, LO 1</summary>
    public static DicomTag ReferenceLocationLabel => new(0x0018, 0x9900);

    /// <summary>(0018,9901) Reference Location Description, UT 1</summary>
    public static DicomTag ReferenceLocationDescription => new(0x0018, 0x9901);

    /// <summary>(0018,9902) Reference Basis Code Sequence, SQ 1</summary>
    public static DicomTag ReferenceBasisCodeSequence => new(0x0018, 0x9902);

    /// <summary>(0018,9903) Reference Geometry Code Sequence, SQ 1</summary>
    public static DicomTag ReferenceGeometryCodeSequence => new(0x0018, 0x9903);

    /// <summary>(0018,9904) Offset Distance, DS 1</summary>
    public static DicomTag OffsetDistance => new(0x0018, 0x9904);

    /// <summary>(0018,9905) Offset Direction, CS 1</summary>
    public static DicomTag OffsetDirection => new(0x0018, 0x9905);

    /// <summary>(0018,9906) Potential Scheduled Protocol Code Sequence, SQ 1</summary>
    public static DicomTag PotentialScheduledProtocolCodeSequence => new(0x0018, 0x9906);

    /// <summary>(0018,9907) Potential Requested Procedure Code Sequence, SQ 1</summary>
    public static DicomTag PotentialRequestedProcedureCodeSequence => new(0x0018, 0x9907);

    /// <summary>(0018,9908) Potential Reasons for Procedure, UC 1-n</summary>
    public static DicomTag PotentialReasonsForProcedure => new(0x0018, 0x9908);

    /// <summary>(0018,9909) Potential Reasons for Procedure Code Sequence, SQ 1</summary>
    public static DicomTag PotentialReasonsForProcedureCodeSequence => new(0x0018, 0x9909);

    /// <summary>(0018,990A) Potential Diagnostic Tasks, UC 1-n</summary>
    public static DicomTag PotentialDiagnosticTasks => new(0x0018, 0x990A);

    /// <summary>(0018,990B) Contraindications Code Sequence, SQ 1</summary>
    public static DicomTag ContraindicationsCodeSequence => new(0x0018, 0x990B);

    /// <summary>(0018,990C) Referenced Defined Protocol Sequence, SQ 1</summary>
    public static DicomTag ReferencedDefinedProtocolSequence => new(0x0018, 0x990C);

    /// <summary>(0018,990D) Referenced Performed Protocol Sequence, SQ 1</summary>
    public static DicomTag ReferencedPerformedProtocolSequence => new(0x0018, 0x990D);

    /// <summary>(0018,990E) Predecessor Protocol Sequence, SQ 1</summary>
    public static DicomTag PredecessorProtocolSequence => new(0x0018, 0x990E);

    /// <summary>(0018,990F) Protocol Planning Information, UT 1</summary>
    public static DicomTag ProtocolPlanningInformation => new(0x0018, 0x990F);

    /// <summary>(0018,9910) Protocol Design Rationale, UT 1</summary>
    public static DicomTag ProtocolDesignRationale => new(0x0018, 0x9910);

    /// <summary>(0018,9911) Patient Specification Sequence, SQ 1</summary>
    public static DicomTag PatientSpecificationSequence => new(0x0018, 0x9911);

    /// <summary>(0018,9912) Model Specification Sequence, SQ 1</summary>
    public static DicomTag ModelSpecificationSequence => new(0x0018, 0x9912);

    /// <summary>(0018,9913) Parameters Specification Sequence, SQ 1</summary>
    public static DicomTag ParametersSpecificationSequence => new(0x0018, 0x9913);

    /// <summary>(0018,9914) Instruction Sequence, SQ 1</summary>
    public static DicomTag InstructionSequence => new(0x0018, 0x9914);

    /// <summary>(0018,9915) Instruction Index, US 1</summary>
    public static DicomTag InstructionIndex => new(0x0018, 0x9915);

    /// <summary>(0018,9916) Instruction Text, LO 1</summary>
    public static DicomTag InstructionText => new(0x0018, 0x9916);

    /// <summary>(0018,9917) Instruction Description, UT 1</summary>
    public static DicomTag InstructionDescription => new(0x0018, 0x9917);

    /// <summary>(0018,9918) Instruction Performed Flag, CS 1</summary>
    public static DicomTag InstructionPerformedFlag => new(0x0018, 0x9918);

    /// <summary>(0018,9919) Instruction Performed DateTime, DT 1</summary>
    public static DicomTag InstructionPerformedDateTime => new(0x0018, 0x9919);

    /// <summary>(0018,991A) Instruction Performance Comment, UT 1</summary>
    public static DicomTag InstructionPerformanceComment => new(0x0018, 0x991A);

    /// <summary>(0018,991B) Patient Positioning Instruction Sequence, SQ 1</summary>
    public static DicomTag PatientPositioningInstructionSequence => new(0x0018, 0x991B);

    /// <summary>(0018,991C) Positioning Method Code Sequence, SQ 1</summary>
    public static DicomTag PositioningMethodCodeSequence => new(0x0018, 0x991C);

    /// <summary>(0018,991D) Positioning Landmark Sequence, SQ 1</summary>
    public static DicomTag PositioningLandmarkSequence => new(0x0018, 0x991D);

    /// <summary>(0018,991E) Target Frame of Reference UID, UI 1</summary>
    public static DicomTag TargetFrameOfReferenceUID => new(0x0018, 0x991E);

    /// <summary>(0018,991F) Acquisition Protocol Element Specification Sequence, SQ 1</summary>
    public static DicomTag AcquisitionProtocolElementSpecificationSequence => new(0x0018, 0x991F);

    /// <summary>(0018,9920) Acquisition Protocol Element Sequence, SQ 1</summary>
    public static DicomTag AcquisitionProtocolElementSequence => new(0x0018, 0x9920);

    /// <summary>(0018,9921) Protocol Element Number, US 1</summary>
    public static DicomTag ProtocolElementNumber => new(0x0018, 0x9921);

    /// <summary>(0018,9922) Protocol Element Name, LO 1</summary>
    public static DicomTag ProtocolElementName => new(0x0018, 0x9922);

    /// <summary>(0018,9923) Protocol Element Characteristics Summary, UT 1</summary>
    public static DicomTag ProtocolElementCharacteristicsSummary => new(0x0018, 0x9923);

    /// <summary>(0018,9924) Protocol Element Purpose, UT 1</summary>
    public static DicomTag ProtocolElementPurpose => new(0x0018, 0x9924);

    /// <summary>(0018,9930) Acquisition Motion, CS 1</summary>
    public static DicomTag AcquisitionMotion => new(0x0018, 0x9930);

    /// <summary>(0018,9931) Acquisition Start Location Sequence, SQ 1</summary>
    public static DicomTag AcquisitionStartLocationSequence => new(0x0018, 0x9931);

    /// <summary>(0018,9932) Acquisition End Location Sequence, SQ 1</summary>
    public static DicomTag AcquisitionEndLocationSequence => new(0x0018, 0x9932);

    /// <summary>(0018,9933) Reconstruction Protocol Element Specification Sequence, SQ 1</summary>
    public static DicomTag ReconstructionProtocolElementSpecificationSequence => new(0x0018, 0x9933);

    /// <summary>(0018,9934) Reconstruction Protocol Element Sequence, SQ 1</summary>
    public static DicomTag ReconstructionProtocolElementSequence => new(0x0018, 0x9934);

    /// <summary>(0018,9935) Storage Protocol Element Specification Sequence, SQ 1</summary>
    public static DicomTag StorageProtocolElementSpecificationSequence => new(0x0018, 0x9935);

    /// <summary>(0018,9936) Storage Protocol Element Sequence, SQ 1</summary>
    public static DicomTag StorageProtocolElementSequence => new(0x0018, 0x9936);

    /// <summary>(0018,9937) Requested Series Description, LO 1</summary>
    public static DicomTag RequestedSeriesDescription => new(0x0018, 0x9937);

    /// <summary>(0018,9938) Source Acquisition Protocol Element Number, US 1-n</summary>
    public static DicomTag SourceAcquisitionProtocolElementNumber => new(0x0018, 0x9938);

    /// <summary>(0018,9939) Source Acquisition Beam Number, US 1-n</summary>
    public static DicomTag SourceAcquisitionBeamNumber => new(0x0018, 0x9939);

    /// <summary>(0018,993A) Source Reconstruction Protocol Element Number, US 1-n</summary>
    public static DicomTag SourceReconstructionProtocolElementNumber => new(0x0018, 0x993A);

    /// <summary>(0018,993B) Reconstruction Start Location Sequence, SQ 1</summary>
    public static DicomTag ReconstructionStartLocationSequence => new(0x0018, 0x993B);

    /// <summary>(0018,993C) Reconstruction End Location Sequence, SQ 1</summary>
    public static DicomTag ReconstructionEndLocationSequence => new(0x0018, 0x993C);

    /// <summary>(0018,993D) Reconstruction Algorithm Sequence, SQ 1</summary>
    public static DicomTag ReconstructionAlgorithmSequence => new(0x0018, 0x993D);

    /// <summary>(0018,993E) Reconstruction Target Center Location Sequence, SQ 1</summary>
    public static DicomTag ReconstructionTargetCenterLocationSequence => new(0x0018, 0x993E);

    /// <summary>(0018,9941) Image Filter Description, UT 1</summary>
    public static DicomTag ImageFilterDescription => new(0x0018, 0x9941);

    /// <summary>(0018,9942) CTDIvol Notification Trigger, FD 1</summary>
    public static DicomTag CTDIvolNotificationTrigger => new(0x0018, 0x9942);

    /// <summary>(0018,9943) DLP Notification Trigger, FD 1</summary>
    public static DicomTag DLPNotificationTrigger => new(0x0018, 0x9943);

    /// <summary>(0018,9944) Auto KVP Selection Type, CS 1</summary>
    public static DicomTag AutoKVPSelectionType => new(0x0018, 0x9944);

    /// <summary>(0018,9945) Auto KVP Upper Bound, FD 1</summary>
    public static DicomTag AutoKVPUpperBound => new(0x0018, 0x9945);

    /// <summary>(0018,9946) Auto KVP Lower Bound, FD 1</summary>
    public static DicomTag AutoKVPLowerBound => new(0x0018, 0x9946);

    /// <summary>(0018,9947) Protocol Defined Patient Position, CS 1</summary>
    public static DicomTag ProtocolDefinedPatientPosition => new(0x0018, 0x9947);

    /// <summary>(0018,A001) Contributing Equipment Sequence, SQ 1</summary>
    public static DicomTag ContributingEquipmentSequence => new(0x0018, 0xA001);

    /// <summary>(0018,A002) Contribution DateTime, DT 1</summary>
    public static DicomTag ContributionDateTime => new(0x0018, 0xA002);

    /// <summary>(0018,A003) Contribution Description, ST 1</summary>
    public static DicomTag ContributionDescription => new(0x0018, 0xA003);

    /// <summary>(0020,000D) Study Instance UID, UI 1</summary>
    public static DicomTag StudyInstanceUID => new(0x0020, 0x000D);

    /// <summary>(0020,000E) Series Instance UID, UI 1</summary>
    public static DicomTag SeriesInstanceUID => new(0x0020, 0x000E);

    /// <summary>(0020,0010) Study ID, SH 1</summary>
    public static DicomTag StudyID => new(0x0020, 0x0010);

    /// <summary>(0020,0011) Series Number, IS 1</summary>
    public static DicomTag SeriesNumber => new(0x0020, 0x0011);

    /// <summary>(0020,0012) Acquisition Number, IS 1</summary>
    public static DicomTag AcquisitionNumber => new(0x0020, 0x0012);

    /// <summary>(0020,0013) Instance Number, IS 1</summary>
    public static DicomTag InstanceNumber => new(0x0020, 0x0013);

    /// <summary>(0020,0014) Isotope Number, IS 1, retired</summary>
    public static DicomTag IsotopeNumber => new(0x0020, 0x0014);

    /// <summary>(0020,0015) Phase Number, IS 1, retired</summary>
    public static DicomTag PhaseNumber => new(0x0020, 0x0015);

    /// <summary>(0020,0016) Interval Number, IS 1, retired</summary>
    public static DicomTag IntervalNumber => new(0x0020, 0x0016);

    /// <summary>(0020,0017) Time Slot Number, IS 1, retired</summary>
    public static DicomTag TimeSlotNumber => new(0x0020, 0x0017);

    /// <summary>(0020,0018) Angle Number, IS 1, retired</summary>
    public static DicomTag AngleNumber => new(0x0020, 0x0018);

    /// <summary>(0020,0019) Item Number, IS 1</summary>
    public static DicomTag ItemNumber => new(0x0020, 0x0019);

    /// <summary>(0020,0020) Patient Orientation, CS 2</summary>
    public static DicomTag PatientOrientation => new(0x0020, 0x0020);

    /// <summary>(0020,0022) Overlay Number, IS 1, retired</summary>
    public static DicomTag OverlayNumber => new(0x0020, 0x0022);

    /// <summary>(0020,0024) Curve Number, IS 1, retired</summary>
    public static DicomTag CurveNumber => new(0x0020, 0x0024);

    /// <summary>(0020,0026) LUT Number, IS 1, retired</summary>
    public static DicomTag LUTNumber => new(0x0020, 0x0026);

    /// <summary>(0020,0027) Pyramid Label, LO 1</summary>
    public static DicomTag PyramidLabel => new(0x0020, 0x0027);

    /// <summary>(0020,0030) Image Position, DS 3, retired</summary>
    public static DicomTag ImagePosition => new(0x0020, 0x0030);

    /// <summary>(0020,0032) Image Position (Patient), DS 3</summary>
    public static DicomTag ImagePositionPatient => new(0x0020, 0x0032);

    /// <summary>(0020,0035) Image Orientation, DS 6, retired</summary>
    public static DicomTag ImageOrientation => new(0x0020, 0x0035);

    /// <summary>(0020,0037) Image Orientation (Patient), DS 6</summary>
    public static DicomTag ImageOrientationPatient => new(0x0020, 0x0037);

    /// <summary>(0020,0050) Location, DS 1, retired</summary>
    public static DicomTag Location => new(0x0020, 0x0050);

    /// <summary>(0020,0052) Frame of Reference UID, UI 1</summary>
    public static DicomTag FrameOfReferenceUID => new(0x0020, 0x0052);

    /// <summary>(0020,0060) Laterality, CS 1</summary>
    public static DicomTag Laterality => new(0x0020, 0x0060);

    /// <summary>(0020,0062) Image Laterality, CS 1</summary>
    public static DicomTag ImageLaterality => new(0x0020, 0x0062);

    /// <summary>(0020,0070) Image Geometry Type, LO 1, retired</summary>
    public static DicomTag ImageGeometryType => new(0x0020, 0x0070);

    /// <summary>(0020,0080) Masking Image, CS 1-n, retired</summary>
    public static DicomTag MaskingImage => new(0x0020, 0x0080);

    /// <summary>(0020,00AA) Report Number, IS 1, retired</summary>
    public static DicomTag ReportNumber => new(0x0020, 0x00AA);

    /// <summary>(0020,0100) Temporal Position Identifier, IS 1</summary>
    public static DicomTag TemporalPositionIdentifier => new(0x0020, 0x0100);

    /// <summary>(0020,0105) Number of Temporal Positions, IS 1</summary>
    public static DicomTag NumberOfTemporalPositions => new(0x0020, 0x0105);

    /// <summary>(0020,0110) Temporal Resolution, DS 1</summary>
    public static DicomTag TemporalResolution => new(0x0020, 0x0110);

    /// <summary>(0020,0200) Synchronization Frame of Reference UID, UI 1</summary>
    public static DicomTag SynchronizationFrameOfReferenceUID => new(0x0020, 0x0200);

    /// <summary>(0020,0242) SOP Instance UID of Concatenation Source, UI 1</summary>
    public static DicomTag SOPInstanceUIDOfConcatenationSource => new(0x0020, 0x0242);

    /// <summary>(0020,1000) Series in Study, IS 1, retired</summary>
    public static DicomTag SeriesInStudy => new(0x0020, 0x1000);

    /// <summary>(0020,1001) Acquisitions in Series, IS 1, retired</summary>
    public static DicomTag AcquisitionsInSeries => new(0x0020, 0x1001);

    /// <summary>(0020,1002) Images in Acquisition, IS 1</summary>
    public static DicomTag ImagesInAcquisition => new(0x0020, 0x1002);

    /// <summary>(0020,1003) Images in Series, IS 1, retired</summary>
    public static DicomTag ImagesInSeries => new(0x0020, 0x1003);

    /// <summary>(0020,1004) Acquisitions in Study, IS 1, retired</summary>
    public static DicomTag AcquisitionsInStudy => new(0x0020, 0x1004);

    /// <summary>(0020,1005) Images in Study, IS 1, retired</summary>
    public static DicomTag ImagesInStudy => new(0x0020, 0x1005);

    /// <summary>(0020,1020) Reference, LO 1-n, retired</summary>
    public static DicomTag Reference => new(0x0020, 0x1020);

    /// <summary>(0020,103F) Target Position Reference Indicator, LO 1</summary>
    public static DicomTag TargetPositionReferenceIndicator => new(0x0020, 0x103F);

    /// <summary>(0020,1040) Position Reference Indicator, LO 1</summary>
    public static DicomTag PositionReferenceIndicator => new(0x0020, 0x1040);

    /// <summary>(0020,1041) Slice Location, DS 1</summary>
    public static DicomTag SliceLocation => new(0x0020, 0x1041);

    /// <summary>(0020,1070) Other Study Numbers, IS 1-n, retired</summary>
    public static DicomTag OtherStudyNumbers => new(0x0020, 0x1070);

    /// <summary>(0020,1200) Number of Patient Related Studies, IS 1</summary>
    public static DicomTag NumberOfPatientRelatedStudies => new(0x0020, 0x1200);

    /// <summary>(0020,1202) Number of Patient Related Series, IS 1</summary>
    public static DicomTag NumberOfPatientRelatedSeries => new(0x0020, 0x1202);

    /// <summary>(0020,1204) Number of Patient Related Instances, IS 1</summary>
    public static DicomTag NumberOfPatientRelatedInstances => new(0x0020, 0x1204);

    /// <summary>(0020,1206) Number of Study Related Series, IS 1</summary>
    public static DicomTag NumberOfStudyRelatedSeries => new(0x0020, 0x1206);

    /// <summary>(0020,1208) Number of Study Related Instances, IS 1</summary>
    public static DicomTag NumberOfStudyRelatedInstances => new(0x0020, 0x1208);

    /// <summary>(0020,1209) Number of Series Related Instances, IS 1</summary>
    public static DicomTag NumberOfSeriesRelatedInstances => new(0x0020, 0x1209);

    /// <summary>(0020,31xx) Source Image IDs, CS 1-n, retired</summary>
    public static DicomTag SourceImageIDs => new(0x0020, 0x3100);

    /// <summary>(0020,3401) Modifying Device ID, CS 1, retired</summary>
    public static DicomTag ModifyingDeviceID => new(0x0020, 0x3401);

    /// <summary>(0020,3402) Modified Image ID, CS 1, retired</summary>
    public static DicomTag ModifiedImageID => new(0x0020, 0x3402);

    /// <summary>(0020,3403) Modified Image Date, DA 1, retired</summary>
    public static DicomTag ModifiedImageDate => new(0x0020, 0x3403);

    /// <summary>(0020,3404) Modifying Device Manufacturer, LO 1, retired</summary>
    public static DicomTag ModifyingDeviceManufacturer => new(0x0020, 0x3404);

    /// <summary>(0020,3405) Modified Image Time, TM 1, retired</summary>
    public static DicomTag ModifiedImageTime => new(0x0020, 0x3405);

    /// <summary>(0020,3406) Modified Image Description, LO 1, retired</summary>
    public static DicomTag ModifiedImageDescription => new(0x0020, 0x3406);

    /// <summary>(0020,4000) Image Comments, LT 1</summary>
    public static DicomTag ImageComments => new(0x0020, 0x4000);

    /// <summary>(0020,5000) Original Image Identification, AT 1-n, retired</summary>
    public static DicomTag OriginalImageIdentification => new(0x0020, 0x5000);

    /// <summary>(0020,5002) Original Image Identification Nomenclature, LO 1-n, retired</summary>
    public static DicomTag OriginalImageIdentificationNomenclature => new(0x0020, 0x5002);

    /// <summary>(0020,9056) Stack ID, SH 1</summary>
    public static DicomTag StackID => new(0x0020, 0x9056);

    /// <summary>(0020,9057) In-Stack Position Number, UL 1</summary>
    public static DicomTag InStackPositionNumber => new(0x0020, 0x9057);

    /// <summary>(0020,9071) Frame Anatomy Sequence, SQ 1</summary>
    public static DicomTag FrameAnatomySequence => new(0x0020, 0x9071);

    /// <summary>(0020,9072) Frame Laterality, CS 1</summary>
    public static DicomTag FrameLaterality => new(0x0020, 0x9072);

    /// <summary>(0020,9111) Frame Content Sequence, SQ 1</summary>
    public static DicomTag FrameContentSequence => new(0x0020, 0x9111);

    /// <summary>(0020,9113) Plane Position Sequence, SQ 1</summary>
    public static DicomTag PlanePositionSequence => new(0x0020, 0x9113);

    /// <summary>(0020,9116) Plane Orientation Sequence, SQ 1</summary>
    public static DicomTag PlaneOrientationSequence => new(0x0020, 0x9116);

    /// <summary>(0020,9128) Temporal Position Index, UL 1</summary>
    public static DicomTag TemporalPositionIndex => new(0x0020, 0x9128);

    /// <summary>(0020,9153) Nominal Cardiac Trigger Delay Time, FD 1</summary>
    public static DicomTag NominalCardiacTriggerDelayTime => new(0x0020, 0x9153);

    /// <summary>(0020,9154) Nominal Cardiac Trigger Time Prior To R-Peak, FL 1</summary>
    public static DicomTag NominalCardiacTriggerTimePriorToRPeak => new(0x0020, 0x9154);

    /// <summary>(0020,9155) Actual Cardiac Trigger Time Prior To R-Peak, FL 1</summary>
    public static DicomTag ActualCardiacTriggerTimePriorToRPeak => new(0x0020, 0x9155);

    /// <summary>(0020,9156) Frame Acquisition Number, US 1</summary>
    public static DicomTag FrameAcquisitionNumber => new(0x0020, 0x9156);

    /// <summary>(0020,9157) Dimension Index Values, UL 1-n</summary>
    public static DicomTag DimensionIndexValues => new(0x0020, 0x9157);

    /// <summary>(0020,9158) Frame Comments, LT 1</summary>
    public static DicomTag FrameComments => new(0x0020, 0x9158);

    /// <summary>(0020,9161) Concatenation UID, UI 1</summary>
    public static DicomTag ConcatenationUID => new(0x0020, 0x9161);

    /// <summary>(0020,9162) In-concatenation Number, US 1</summary>
    public static DicomTag InConcatenationNumber => new(0x0020, 0x9162);

    /// <summary>(0020,9163) In-concatenation Total Number, US 1</summary>
    public static DicomTag InConcatenationTotalNumber => new(0x0020, 0x9163);

    /// <summary>(0020,9164) Dimension Organization UID, UI 1</summary>
    public static DicomTag DimensionOrganizationUID => new(0x0020, 0x9164);

    /// <summary>(0020,9165) Dimension Index Pointer, AT 1</summary>
    public static DicomTag DimensionIndexPointer => new(0x0020, 0x9165);

    /// <summary>(0020,9167) Functional Group Pointer, AT 1</summary>
    public static DicomTag FunctionalGroupPointer => new(0x0020, 0x9167);

    /// <summary>(0020,9170) Unassigned Shared Converted Attributes Sequence, SQ 1</summary>
    public static DicomTag UnassignedSharedConvertedAttributesSequence => new(0x0020, 0x9170);

    /// <summary>(0020,9171) Unassigned Per-Frame Converted Attributes Sequence, SQ 1</summary>
    public static DicomTag UnassignedPerFrameConvertedAttributesSequence => new(0x0020, 0x9171);

    /// <summary>(0020,9172) Conversion Source Attributes Sequence, SQ 1</summary>
    public static DicomTag ConversionSourceAttributesSequence => new(0x0020, 0x9172);

    /// <summary>(0020,9213) Dimension Index Private Creator, LO 1</summary>
    public static DicomTag DimensionIndexPrivateCreator => new(0x0020, 0x9213);

    /// <summary>(0020,9221) Dimension Organization Sequence, SQ 1</summary>
    public static DicomTag DimensionOrganizationSequence => new(0x0020, 0x9221);

    /// <summary>(0020,9222) Dimension Index Sequence, SQ 1</summary>
    public static DicomTag DimensionIndexSequence => new(0x0020, 0x9222);

    /// <summary>(0020,9228) Concatenation Frame Offset Number, UL 1</summary>
    public static DicomTag ConcatenationFrameOffsetNumber => new(0x0020, 0x9228);

    /// <summary>(0020,9238) Functional Group Private Creator, LO 1</summary>
    public static DicomTag FunctionalGroupPrivateCreator => new(0x0020, 0x9238);

    /// <summary>(0020,9241) Nominal Percentage of Cardiac Phase, FL 1</summary>
    public static DicomTag NominalPercentageOfCardiacPhase => new(0x0020, 0x9241);

    /// <summary>(0020,9245) Nominal Percentage of Respiratory Phase, FL 1</summary>
    public static DicomTag NominalPercentageOfRespiratoryPhase => new(0x0020, 0x9245);

    /// <summary>(0020,9246) Starting Respiratory Amplitude, FL 1</summary>
    public static DicomTag StartingRespiratoryAmplitude => new(0x0020, 0x9246);

    /// <summary>(0020,9247) Starting Respiratory Phase, CS 1</summary>
    public static DicomTag StartingRespiratoryPhase => new(0x0020, 0x9247);

    /// <summary>(0020,9248) Ending Respiratory Amplitude, FL 1</summary>
    public static DicomTag EndingRespiratoryAmplitude => new(0x0020, 0x9248);

    /// <summary>(0020,9249) Ending Respiratory Phase, CS 1</summary>
    public static DicomTag EndingRespiratoryPhase => new(0x0020, 0x9249);

    /// <summary>(0020,9250) Respiratory Trigger Type, CS 1</summary>
    public static DicomTag RespiratoryTriggerType => new(0x0020, 0x9250);

    /// <summary>(0020,9251) R-R Interval Time Nominal, FD 1</summary>
    public static DicomTag RRIntervalTimeNominal => new(0x0020, 0x9251);

    /// <summary>(0020,9252) Actual Cardiac Trigger Delay Time, FD 1</summary>
    public static DicomTag ActualCardiacTriggerDelayTime => new(0x0020, 0x9252);

    /// <summary>(0020,9253) Respiratory Synchronization Sequence, SQ 1</summary>
    public static DicomTag RespiratorySynchronizationSequence => new(0x0020, 0x9253);

    /// <summary>(0020,9254) Respiratory Interval Time, FD 1</summary>
    public static DicomTag RespiratoryIntervalTime => new(0x0020, 0x9254);

    /// <summary>(0020,9255) Nominal Respiratory Trigger Delay Time, FD 1</summary>
    public static DicomTag NominalRespiratoryTriggerDelayTime => new(0x0020, 0x9255);

    /// <summary>(0020,9256) Respiratory Trigger Delay Threshold, FD 1</summary>
    public static DicomTag RespiratoryTriggerDelayThreshold => new(0x0020, 0x9256);

    /// <summary>(0020,9257) Actual Respiratory Trigger Delay Time, FD 1</summary>
    public static DicomTag ActualRespiratoryTriggerDelayTime => new(0x0020, 0x9257);

    /// <summary>(0020,9301) Image Position (Volume), FD 3</summary>
    public static DicomTag ImagePositionVolume => new(0x0020, 0x9301);

    /// <summary>(0020,9302) Image Orientation (Volume), FD 6</summary>
    public static DicomTag ImageOrientationVolume => new(0x0020, 0x9302);

    /// <summary>(0020,9307) Ultrasound Acquisition Geometry, CS 1</summary>
    public static DicomTag UltrasoundAcquisitionGeometry => new(0x0020, 0x9307);

    /// <summary>(0020,9308) Apex Position, FD 3</summary>
    public static DicomTag ApexPosition => new(0x0020, 0x9308);

    /// <summary>(0020,9309) Volume to Transducer Mapping Matrix, FD 16</summary>
    public static DicomTag VolumeToTransducerMappingMatrix => new(0x0020, 0x9309);

    /// <summary>(0020,930A) Volume to Table Mapping Matrix, FD 16</summary>
    public static DicomTag VolumeToTableMappingMatrix => new(0x0020, 0x930A);

    /// <summary>(0020,930B) Volume to Transducer Relationship, CS 1</summary>
    public static DicomTag VolumeToTransducerRelationship => new(0x0020, 0x930B);

    /// <summary>(0020,930C) Patient Frame of Reference Source, CS 1</summary>
    public static DicomTag PatientFrameOfReferenceSource => new(0x0020, 0x930C);

    /// <summary>(0020,930D) Temporal Position Time Offset, FD 1</summary>
    public static DicomTag TemporalPositionTimeOffset => new(0x0020, 0x930D);

    /// <summary>(0020,930E) Plane Position (Volume) Sequence, SQ 1</summary>
    public static DicomTag PlanePositionVolumeSequence => new(0x0020, 0x930E);

    /// <summary>(0020,930F) Plane Orientation (Volume) Sequence, SQ 1</summary>
    public static DicomTag PlaneOrientationVolumeSequence => new(0x0020, 0x930F);

    /// <summary>(0020,9310) Temporal Position Sequence, SQ 1</summary>
    public static DicomTag TemporalPositionSequence => new(0x0020, 0x9310);

    /// <summary>(0020,9311) Dimension Organization Type, CS 1</summary>
    public static DicomTag DimensionOrganizationType => new(0x0020, 0x9311);

    /// <summary>(0020,9312) Volume Frame of Reference UID, UI 1</summary>
    public static DicomTag VolumeFrameOfReferenceUID => new(0x0020, 0x9312);

    /// <summary>(0020,9313) Table Frame of Reference UID, UI 1</summary>
    public static DicomTag TableFrameOfReferenceUID => new(0x0020, 0x9313);

    /// <summary>(0020,9421) Dimension Description Label, LO 1</summary>
    public static DicomTag DimensionDescriptionLabel => new(0x0020, 0x9421);

    /// <summary>(0020,9450) Patient Orientation in Frame Sequence, SQ 1</summary>
    public static DicomTag PatientOrientationInFrameSequence => new(0x0020, 0x9450);

    /// <summary>(0020,9453) Frame Label, LO 1</summary>
    public static DicomTag FrameLabel => new(0x0020, 0x9453);

    /// <summary>(0020,9518) Acquisition Index, US 1-n</summary>
    public static DicomTag AcquisitionIndex => new(0x0020, 0x9518);

    /// <summary>(0020,9529) Contributing SOP Instances Reference Sequence, SQ 1</summary>
    public static DicomTag ContributingSOPInstancesReferenceSequence => new(0x0020, 0x9529);

    /// <summary>(0020,9536) Reconstruction Index, US 1</summary>
    public static DicomTag ReconstructionIndex => new(0x0020, 0x9536);

    /// <summary>(0022,0001) Light Path Filter Pass-Through Wavelength, US 1</summary>
    public static DicomTag LightPathFilterPassThroughWavelength => new(0x0022, 0x0001);

    /// <summary>(0022,0002) Light Path Filter Pass Band, US 2</summary>
    public static DicomTag LightPathFilterPassBand => new(0x0022, 0x0002);

    /// <summary>(0022,0003) Image Path Filter Pass-Through Wavelength, US 1</summary>
    public static DicomTag ImagePathFilterPassThroughWavelength => new(0x0022, 0x0003);

    /// <summary>(0022,0004) Image Path Filter Pass Band, US 2</summary>
    public static DicomTag ImagePathFilterPassBand => new(0x0022, 0x0004);

    /// <summary>(0022,0005) Patient Eye Movement Commanded, CS 1</summary>
    public static DicomTag PatientEyeMovementCommanded => new(0x0022, 0x0005);

    /// <summary>(0022,0006) Patient Eye Movement Command Code Sequence, SQ 1</summary>
    public static DicomTag PatientEyeMovementCommandCodeSequence => new(0x0022, 0x0006);

    /// <summary>(0022,0007) Spherical Lens Power, FL 1</summary>
    public static DicomTag SphericalLensPower => new(0x0022, 0x0007);

    /// <summary>(0022,0008) Cylinder Lens Power, FL 1</summary>
    public static DicomTag CylinderLensPower => new(0x0022, 0x0008);

    /// <summary>(0022,0009) Cylinder Axis, FL 1</summary>
    public static DicomTag CylinderAxis => new(0x0022, 0x0009);

    /// <summary>(0022,000A) Emmetropic Magnification, FL 1</summary>
    public static DicomTag EmmetropicMagnification => new(0x0022, 0x000A);

    /// <summary>(0022,000B) Intra Ocular Pressure, FL 1</summary>
    public static DicomTag IntraOcularPressure => new(0x0022, 0x000B);

    /// <summary>(0022,000C) Horizontal Field of View, FL 1</summary>
    public static DicomTag HorizontalFieldOfView => new(0x0022, 0x000C);

    /// <summary>(0022,000D) Pupil Dilated, CS 1</summary>
    public static DicomTag PupilDilated => new(0x0022, 0x000D);

    /// <summary>(0022,000E) Degree of Dilation, FL 1</summary>
    public static DicomTag DegreeOfDilation => new(0x0022, 0x000E);

    /// <summary>(0022,0010) Stereo Baseline Angle, FL 1</summary>
    public static DicomTag StereoBaselineAngle => new(0x0022, 0x0010);

    /// <summary>(0022,0011) Stereo Baseline Displacement, FL 1</summary>
    public static DicomTag StereoBaselineDisplacement => new(0x0022, 0x0011);

    /// <summary>(0022,0012) Stereo Horizontal Pixel Offset, FL 1</summary>
    public static DicomTag StereoHorizontalPixelOffset => new(0x0022, 0x0012);

    /// <summary>(0022,0013) Stereo Vertical Pixel Offset, FL 1</summary>
    public static DicomTag StereoVerticalPixelOffset => new(0x0022, 0x0013);

    /// <summary>(0022,0014) Stereo Rotation, FL 1</summary>
    public static DicomTag StereoRotation => new(0x0022, 0x0014);

    /// <summary>(0022,0015) Acquisition Device Type Code Sequence, SQ 1</summary>
    public static DicomTag AcquisitionDeviceTypeCodeSequence => new(0x0022, 0x0015);

    /// <summary>(0022,0016) Illumination Type Code Sequence, SQ 1</summary>
    public static DicomTag IlluminationTypeCodeSequence => new(0x0022, 0x0016);

    /// <summary>(0022,0017) Light Path Filter Type Stack Code Sequence, SQ 1</summary>
    public static DicomTag LightPathFilterTypeStackCodeSequence => new(0x0022, 0x0017);

    /// <summary>(0022,0018) Image Path Filter Type Stack Code Sequence, SQ 1</summary>
    public static DicomTag ImagePathFilterTypeStackCodeSequence => new(0x0022, 0x0018);

    /// <summary>(0022,0019) Lenses Code Sequence, SQ 1</summary>
    public static DicomTag LensesCodeSequence => new(0x0022, 0x0019);

    /// <summary>(0022,001A) Channel Description Code Sequence, SQ 1</summary>
    public static DicomTag ChannelDescriptionCodeSequence => new(0x0022, 0x001A);

    /// <summary>(0022,001B) Refractive State Sequence, SQ 1</summary>
    public static DicomTag RefractiveStateSequence => new(0x0022, 0x001B);

    /// <summary>(0022,001C) Mydriatic Agent Code Sequence, SQ 1</summary>
    public static DicomTag MydriaticAgentCodeSequence => new(0x0022, 0x001C);

    /// <summary>(0022,001D) Relative Image Position Code Sequence, SQ 1</summary>
    public static DicomTag RelativeImagePositionCodeSequence => new(0x0022, 0x001D);

    /// <summary>(0022,001E) Camera Angle of View, FL 1</summary>
    public static DicomTag CameraAngleOfView => new(0x0022, 0x001E);

    /// <summary>(0022,0020) Stereo Pairs Sequence, SQ 1</summary>
    public static DicomTag StereoPairsSequence => new(0x0022, 0x0020);

    /// <summary>(0022,0021) Left Image Sequence, SQ 1</summary>
    public static DicomTag LeftImageSequence => new(0x0022, 0x0021);

    /// <summary>(0022,0022) Right Image Sequence, SQ 1</summary>
    public static DicomTag RightImageSequence => new(0x0022, 0x0022);

    /// <summary>(0022,0028) Stereo Pairs Present, CS 1</summary>
    public static DicomTag StereoPairsPresent => new(0x0022, 0x0028);

    /// <summary>(0022,0030) Axial Length of the Eye, FL 1</summary>
    public static DicomTag AxialLengthOfTheEye => new(0x0022, 0x0030);

    /// <summary>(0022,0031) Ophthalmic Frame Location Sequence, SQ 1</summary>
    public static DicomTag OphthalmicFrameLocationSequence => new(0x0022, 0x0031);

    /// <summary>(0022,0032) Reference Coordinates, FL 2-2n</summary>
    public static DicomTag ReferenceCoordinates => new(0x0022, 0x0032);

    /// <summary>(0022,0035) Depth Spatial Resolution, FL 1</summary>
    public static DicomTag DepthSpatialResolution => new(0x0022, 0x0035);

    /// <summary>(0022,0036) Maximum Depth Distortion, FL 1</summary>
    public static DicomTag MaximumDepthDistortion => new(0x0022, 0x0036);

    /// <summary>(0022,0037) Along-scan Spatial Resolution, FL 1</summary>
    public static DicomTag AlongScanSpatialResolution => new(0x0022, 0x0037);

    /// <summary>(0022,0038) Maximum Along-scan Distortion, FL 1</summary>
    public static DicomTag MaximumAlongScanDistortion => new(0x0022, 0x0038);

    /// <summary>(0022,0039) Ophthalmic Image Orientation, CS 1</summary>
    public static DicomTag OphthalmicImageOrientation => new(0x0022, 0x0039);

    /// <summary>(0022,0041) Depth of Transverse Image, FL 1</summary>
    public static DicomTag DepthOfTransverseImage => new(0x0022, 0x0041);

    /// <summary>(0022,0042) Mydriatic Agent Concentration Units Sequence, SQ 1</summary>
    public static DicomTag MydriaticAgentConcentrationUnitsSequence => new(0x0022, 0x0042);

    /// <summary>(0022,0048) Across-scan Spatial Resolution, FL 1</summary>
    public static DicomTag AcrossScanSpatialResolution => new(0x0022, 0x0048);

    /// <summary>(0022,0049) Maximum Across-scan Distortion, FL 1</summary>
    public static DicomTag MaximumAcrossScanDistortion => new(0x0022, 0x0049);

    /// <summary>(0022,004E) Mydriatic Agent Concentration, DS 1</summary>
    public static DicomTag MydriaticAgentConcentration => new(0x0022, 0x004E);

    /// <summary>(0022,0055) Illumination Wave Length, FL 1</summary>
    public static DicomTag IlluminationWaveLength => new(0x0022, 0x0055);

    /// <summary>(0022,0056) Illumination Power, FL 1</summary>
    public static DicomTag IlluminationPower => new(0x0022, 0x0056);

    /// <summary>(0022,0057) Illumination Bandwidth, FL 1</summary>
    public static DicomTag IlluminationBandwidth => new(0x0022, 0x0057);

    /// <summary>(0022,0058) Mydriatic Agent Sequence, SQ 1</summary>
    public static DicomTag MydriaticAgentSequence => new(0x0022, 0x0058);

    /// <summary>(0022,1007) Ophthalmic Axial Measurements Right Eye Sequence, SQ 1</summary>
    public static DicomTag OphthalmicAxialMeasurementsRightEyeSequence => new(0x0022, 0x1007);

    /// <summary>(0022,1008) Ophthalmic Axial Measurements Left Eye Sequence, SQ 1</summary>
    public static DicomTag OphthalmicAxialMeasurementsLeftEyeSequence => new(0x0022, 0x1008);

    /// <summary>(0022,1009) Ophthalmic Axial Measurements Device Type, CS 1</summary>
    public static DicomTag OphthalmicAxialMeasurementsDeviceType => new(0x0022, 0x1009);

    /// <summary>(0022,1010) Ophthalmic Axial Length Measurements Type, CS 1</summary>
    public static DicomTag OphthalmicAxialLengthMeasurementsType => new(0x0022, 0x1010);

    /// <summary>(0022,1012) Ophthalmic Axial Length Sequence, SQ 1</summary>
    public static DicomTag OphthalmicAxialLengthSequence => new(0x0022, 0x1012);

    /// <summary>(0022,1019) Ophthalmic Axial Length, FL 1</summary>
    public static DicomTag OphthalmicAxialLength => new(0x0022, 0x1019);

    /// <summary>(0022,1024) Lens Status Code Sequence, SQ 1</summary>
    public static DicomTag LensStatusCodeSequence => new(0x0022, 0x1024);

    /// <summary>(0022,1025) Vitreous Status Code Sequence, SQ 1</summary>
    public static DicomTag VitreousStatusCodeSequence => new(0x0022, 0x1025);

    /// <summary>(0022,1028) IOL Formula Code Sequence, SQ 1</summary>
    public static DicomTag IOLFormulaCodeSequence => new(0x0022, 0x1028);

    /// <summary>(0022,1029) IOL Formula Detail, LO 1</summary>
    public static DicomTag IOLFormulaDetail => new(0x0022, 0x1029);

    /// <summary>(0022,1033) Keratometer Index, FL 1</summary>
    public static DicomTag KeratometerIndex => new(0x0022, 0x1033);

    /// <summary>(0022,1035) Source of Ophthalmic Axial Length Code Sequence, SQ 1</summary>
    public static DicomTag SourceOfOphthalmicAxialLengthCodeSequence => new(0x0022, 0x1035);

    /// <summary>(0022,1036) Source of Corneal Size Data Code Sequence, SQ 1</summary>
    public static DicomTag SourceOfCornealSizeDataCodeSequence => new(0x0022, 0x1036);

    /// <summary>(0022,1037) Target Refraction, FL 1</summary>
    public static DicomTag TargetRefraction => new(0x0022, 0x1037);

    /// <summary>(0022,1039) Refractive Procedure Occurred, CS 1</summary>
    public static DicomTag RefractiveProcedureOccurred => new(0x0022, 0x1039);

    /// <summary>(0022,1040) Refractive Surgery Type Code Sequence, SQ 1</summary>
    public static DicomTag RefractiveSurgeryTypeCodeSequence => new(0x0022, 0x1040);

    /// <summary>(0022,1044) Ophthalmic Ultrasound Method Code Sequence, SQ 1</summary>
    public static DicomTag OphthalmicUltrasoundMethodCodeSequence => new(0x0022, 0x1044);

    /// <summary>(0022,1045) Surgically Induced Astigmatism Sequence, SQ 1</summary>
    public static DicomTag SurgicallyInducedAstigmatismSequence => new(0x0022, 0x1045);

    /// <summary>(0022,1046) Type of Optical Correction, CS 1</summary>
    public static DicomTag TypeOfOpticalCorrection => new(0x0022, 0x1046);

    /// <summary>(0022,1047) Toric IOL Power Sequence, SQ 1</summary>
    public static DicomTag ToricIOLPowerSequence => new(0x0022, 0x1047);

    /// <summary>(0022,1048) Predicted Toric Error Sequence, SQ 1</summary>
    public static DicomTag PredictedToricErrorSequence => new(0x0022, 0x1048);

    /// <summary>(0022,1049) Pre-Selected for Implantation, CS 1</summary>
    public static DicomTag PreSelectedForImplantation => new(0x0022, 0x1049);

    /// <summary>(0022,104A) Toric IOL Power for Exact Emmetropia Sequence, SQ 1</summary>
    public static DicomTag ToricIOLPowerForExactEmmetropiaSequence => new(0x0022, 0x104A);

    /// <summary>(0022,104B) Toric IOL Power for Exact Target Refraction Sequence, SQ 1</summary>
    public static DicomTag ToricIOLPowerForExactTargetRefractionSequence => new(0x0022, 0x104B);

    /// <summary>(0022,1050) Ophthalmic Axial Length Measurements Sequence, SQ 1</summary>
    public static DicomTag OphthalmicAxialLengthMeasurementsSequence => new(0x0022, 0x1050);

    /// <summary>(0022,1053) IOL Power, FL 1</summary>
    public static DicomTag IOLPower => new(0x0022, 0x1053);

    /// <summary>(0022,1054) Predicted Refractive Error, FL 1</summary>
    public static DicomTag PredictedRefractiveError => new(0x0022, 0x1054);

    /// <summary>(0022,1059) Ophthalmic Axial Length Velocity, FL 1</summary>
    public static DicomTag OphthalmicAxialLengthVelocity => new(0x0022, 0x1059);

    /// <summary>(0022,1065) Lens Status Description, LO 1</summary>
    public static DicomTag LensStatusDescription => new(0x0022, 0x1065);

    /// <summary>(0022,1066) Vitreous Status Description, LO 1</summary>
    public static DicomTag VitreousStatusDescription => new(0x0022, 0x1066);

    /// <summary>(0022,1090) IOL Power Sequence, SQ 1</summary>
    public static DicomTag IOLPowerSequence => new(0x0022, 0x1090);

    /// <summary>(0022,1092) Lens Constant Sequence, SQ 1</summary>
    public static DicomTag LensConstantSequence => new(0x0022, 0x1092);

    /// <summary>(0022,1093) IOL Manufacturer, LO 1</summary>
    public static DicomTag IOLManufacturer => new(0x0022, 0x1093);

    /// <summary>(0022,1094) Lens Constant Description, LO 1, retired</summary>
    public static DicomTag LensConstantDescription => new(0x0022, 0x1094);

    /// <summary>(0022,1095) Implant Name, LO 1</summary>
    public static DicomTag ImplantName => new(0x0022, 0x1095);

    /// <summary>(0022,1096) Keratometry Measurement Type Code Sequence, SQ 1</summary>
    public static DicomTag KeratometryMeasurementTypeCodeSequence => new(0x0022, 0x1096);

    /// <summary>(0022,1097) Implant Part Number, LO 1</summary>
    public static DicomTag ImplantPartNumber => new(0x0022, 0x1097);

    /// <summary>(0022,1100) Referenced Ophthalmic Axial Measurements Sequence, SQ 1</summary>
    public static DicomTag ReferencedOphthalmicAxialMeasurementsSequence => new(0x0022, 0x1100);

    /// <summary>(0022,1101) Ophthalmic Axial Length Measurements Segment Name Code Sequence, SQ 1</summary>
    public static DicomTag OphthalmicAxialLengthMeasurementsSegmentNameCodeSequence => new(0x0022, 0x1101);

    /// <summary>(0022,1103) Refractive Error Before Refractive Surgery Code Sequence, SQ 1</summary>
    public static DicomTag RefractiveErrorBeforeRefractiveSurgeryCodeSequence => new(0x0022, 0x1103);

    /// <summary>(0022,1121) IOL Power For Exact Emmetropia, FL 1</summary>
    public static DicomTag IOLPowerForExactEmmetropia => new(0x0022, 0x1121);

    /// <summary>(0022,1122) IOL Power For Exact Target Refraction, FL 1</summary>
    public static DicomTag IOLPowerForExactTargetRefraction => new(0x0022, 0x1122);

    /// <summary>(0022,1125) Anterior Chamber Depth Definition Code Sequence, SQ 1</summary>
    public static DicomTag AnteriorChamberDepthDefinitionCodeSequence => new(0x0022, 0x1125);

    /// <summary>(0022,1127) Lens Thickness Sequence, SQ 1</summary>
    public static DicomTag LensThicknessSequence => new(0x0022, 0x1127);

    /// <summary>(0022,1128) Anterior Chamber Depth Sequence, SQ 1</summary>
    public static DicomTag AnteriorChamberDepthSequence => new(0x0022, 0x1128);

    /// <summary>(0022,112A) Calculation Comment Sequence, SQ 1</summary>
    public static DicomTag CalculationCommentSequence => new(0x0022, 0x112A);

    /// <summary>(0022,112B) Calculation Comment Type, CS 1</summary>
    public static DicomTag CalculationCommentType => new(0x0022, 0x112B);

    /// <summary>(0022,112C) Calculation Comment, LT 1</summary>
    public static DicomTag CalculationComment => new(0x0022, 0x112C);

    /// <summary>(0022,1130) Lens Thickness, FL 1</summary>
    public static DicomTag LensThickness => new(0x0022, 0x1130);

    /// <summary>(0022,1131) Anterior Chamber Depth, FL 1</summary>
    public static DicomTag AnteriorChamberDepth => new(0x0022, 0x1131);

    /// <summary>(0022,1132) Source of Lens Thickness Data Code Sequence, SQ 1</summary>
    public static DicomTag SourceOfLensThicknessDataCodeSequence => new(0x0022, 0x1132);

    /// <summary>(0022,1133) Source of Anterior Chamber Depth Data Code Sequence, SQ 1</summary>
    public static DicomTag SourceOfAnteriorChamberDepthDataCodeSequence => new(0x0022, 0x1133);

    /// <summary>(0022,1134) Source of Refractive Measurements Sequence, SQ 1</summary>
    public static DicomTag SourceOfRefractiveMeasurementsSequence => new(0x0022, 0x1134);

    /// <summary>(0022,1135) Source of Refractive Measurements Code Sequence, SQ 1</summary>
    public static DicomTag SourceOfRefractiveMeasurementsCodeSequence => new(0x0022, 0x1135);

    /// <summary>(0022,1140) Ophthalmic Axial Length Measurement Modified, CS 1</summary>
    public static DicomTag OphthalmicAxialLengthMeasurementModified => new(0x0022, 0x1140);

    /// <summary>(0022,1150) Ophthalmic Axial Length Data Source Code Sequence, SQ 1</summary>
    public static DicomTag OphthalmicAxialLengthDataSourceCodeSequence => new(0x0022, 0x1150);

    /// <summary>(0022,1153) Ophthalmic Axial Length Acquisition Method Code Sequence, SQ 1, retired</summary>
    public static DicomTag OphthalmicAxialLengthAcquisitionMethodCodeSequence => new(0x0022, 0x1153);

    /// <summary>(0022,1155) Signal to Noise Ratio, FL 1</summary>
    public static DicomTag SignalToNoiseRatio => new(0x0022, 0x1155);

    /// <summary>(0022,1159) Ophthalmic Axial Length Data Source Description, LO 1</summary>
    public static DicomTag OphthalmicAxialLengthDataSourceDescription => new(0x0022, 0x1159);

    /// <summary>(0022,1210) Ophthalmic Axial Length Measurements Total Length Sequence, SQ 1</summary>
    public static DicomTag OphthalmicAxialLengthMeasurementsTotalLengthSequence => new(0x0022, 0x1210);

    /// <summary>(0022,1211) Ophthalmic Axial Length Measurements Segmental Length Sequence, SQ 1</summary>
    public static DicomTag OphthalmicAxialLengthMeasurementsSegmentalLengthSequence => new(0x0022, 0x1211);

    /// <summary>(0022,1212) Ophthalmic Axial Length Measurements Length Summation Sequence, SQ 1</summary>
    public static DicomTag OphthalmicAxialLengthMeasurementsLengthSummationSequence => new(0x0022, 0x1212);

    /// <summary>(0022,1220) Ultrasound Ophthalmic Axial Length Measurements Sequence, SQ 1</summary>
    public static DicomTag UltrasoundOphthalmicAxialLengthMeasurementsSequence => new(0x0022, 0x1220);

    /// <summary>(0022,1225) Optical Ophthalmic Axial Length Measurements Sequence, SQ 1</summary>
    public static DicomTag OpticalOphthalmicAxialLengthMeasurementsSequence => new(0x0022, 0x1225);

    /// <summary>(0022,1230) Ultrasound Selected Ophthalmic Axial Length Sequence, SQ 1</summary>
    public static DicomTag UltrasoundSelectedOphthalmicAxialLengthSequence => new(0x0022, 0x1230);

    /// <summary>(0022,1250) Ophthalmic Axial Length Selection Method Code Sequence, SQ 1</summary>
    public static DicomTag OphthalmicAxialLengthSelectionMethodCodeSequence => new(0x0022, 0x1250);

    /// <summary>(0022,1255) Optical Selected Ophthalmic Axial Length Sequence, SQ 1</summary>
    public static DicomTag OpticalSelectedOphthalmicAxialLengthSequence => new(0x0022, 0x1255);

    /// <summary>(0022,1257) Selected Segmental Ophthalmic Axial Length Sequence, SQ 1</summary>
    public static DicomTag SelectedSegmentalOphthalmicAxialLengthSequence => new(0x0022, 0x1257);

    /// <summary>(0022,1260) Selected Total Ophthalmic Axial Length Sequence, SQ 1</summary>
    public static DicomTag SelectedTotalOphthalmicAxialLengthSequence => new(0x0022, 0x1260);

    /// <summary>(0022,1262) Ophthalmic Axial Length Quality Metric Sequence, SQ 1</summary>
    public static DicomTag OphthalmicAxialLengthQualityMetricSequence => new(0x0022, 0x1262);

    /// <summary>(0022,1265) Ophthalmic Axial Length Quality Metric Type Code Sequence, SQ 1, retired</summary>
    public static DicomTag OphthalmicAxialLengthQualityMetricTypeCodeSequence => new(0x0022, 0x1265);

    /// <summary>(0022,1273) Ophthalmic Axial Length Quality Metric Type Description, LO 1, retired</summary>
    public static DicomTag OphthalmicAxialLengthQualityMetricTypeDescription => new(0x0022, 0x1273);

    /// <summary>(0022,1300) Intraocular Lens Calculations Right Eye Sequence, SQ 1</summary>
    public static DicomTag IntraocularLensCalculationsRightEyeSequence => new(0x0022, 0x1300);

    /// <summary>(0022,1310) Intraocular Lens Calculations Left Eye Sequence, SQ 1</summary>
    public static DicomTag IntraocularLensCalculationsLeftEyeSequence => new(0x0022, 0x1310);

    /// <summary>(0022,1330) Referenced Ophthalmic Axial Length Measurement QC Image Sequence, SQ 1</summary>
    public static DicomTag ReferencedOphthalmicAxialLengthMeasurementQCImageSequence => new(0x0022, 0x1330);

    /// <summary>(0022,1415) Ophthalmic Mapping Device Type, CS 1</summary>
    public static DicomTag OphthalmicMappingDeviceType => new(0x0022, 0x1415);

    /// <summary>(0022,1420) Acquisition Method Code Sequence, SQ 1</summary>
    public static DicomTag AcquisitionMethodCodeSequence => new(0x0022, 0x1420);

    /// <summary>(0022,1423) Acquisition Method Algorithm Sequence, SQ 1</summary>
    public static DicomTag AcquisitionMethodAlgorithmSequence => new(0x0022, 0x1423);

    /// <summary>(0022,1436) Ophthalmic Thickness Map Type Code Sequence, SQ 1</summary>
    public static DicomTag OphthalmicThicknessMapTypeCodeSequence => new(0x0022, 0x1436);

    /// <summary>(0022,1443) Ophthalmic Thickness Mapping Normals Sequence, SQ 1</summary>
    public static DicomTag OphthalmicThicknessMappingNormalsSequence => new(0x0022, 0x1443);

    /// <summary>(0022,1445) Retinal Thickness Definition Code Sequence, SQ 1</summary>
    public static DicomTag RetinalThicknessDefinitionCodeSequence => new(0x0022, 0x1445);

    /// <summary>(0022,1450) Pixel Value Mapping to Coded Concept Sequence, SQ 1</summary>
    public static DicomTag PixelValueMappingToCodedConceptSequence => new(0x0022, 0x1450);

    /// <summary>(0022,1452) Mapped Pixel Value, US/SS 1</summary>
    public static DicomTag MappedPixelValue => new(0x0022, 0x1452);

    /// <summary>(0022,1454) Pixel Value Mapping Explanation, LO 1</summary>
    public static DicomTag PixelValueMappingExplanation => new(0x0022, 0x1454);

    /// <summary>(0022,1458) Ophthalmic Thickness Map Quality Threshold Sequence, SQ 1</summary>
    public static DicomTag OphthalmicThicknessMapQualityThresholdSequence => new(0x0022, 0x1458);

    /// <summary>(0022,1460) Ophthalmic Thickness Map Threshold Quality Rating, FL 1</summary>
    public static DicomTag OphthalmicThicknessMapThresholdQualityRating => new(0x0022, 0x1460);

    /// <summary>(0022,1463) Anatomic Structure Reference Point, FL 2</summary>
    public static DicomTag AnatomicStructureReferencePoint => new(0x0022, 0x1463);

    /// <summary>(0022,1465) Registration to Localizer Sequence, SQ 1</summary>
    public static DicomTag RegistrationToLocalizerSequence => new(0x0022, 0x1465);

    /// <summary>(0022,1466) Registered Localizer Units, CS 1</summary>
    public static DicomTag RegisteredLocalizerUnits => new(0x0022, 0x1466);

    /// <summary>(0022,1467) Registered Localizer Top Left Hand Corner, FL 2</summary>
    public static DicomTag RegisteredLocalizerTopLeftHandCorner => new(0x0022, 0x1467);

    /// <summary>(0022,1468) Registered Localizer Bottom Right Hand Corner, FL 2</summary>
    public static DicomTag RegisteredLocalizerBottomRightHandCorner => new(0x0022, 0x1468);

    /// <summary>(0022,1470) Ophthalmic Thickness Map Quality Rating Sequence, SQ 1</summary>
    public static DicomTag OphthalmicThicknessMapQualityRatingSequence => new(0x0022, 0x1470);

    /// <summary>(0022,1472) Relevant OPT Attributes Sequence, SQ 1</summary>
    public static DicomTag RelevantOPTAttributesSequence => new(0x0022, 0x1472);

    /// <summary>(0022,1512) Transformation Method Code Sequence, SQ 1</summary>
    public static DicomTag TransformationMethodCodeSequence => new(0x0022, 0x1512);

    /// <summary>(0022,1513) Transformation Algorithm Sequence, SQ 1</summary>
    public static DicomTag TransformationAlgorithmSequence => new(0x0022, 0x1513);

    /// <summary>(0022,1515) Ophthalmic Axial Length Method, CS 1</summary>
    public static DicomTag OphthalmicAxialLengthMethod => new(0x0022, 0x1515);

    /// <summary>(0022,1517) Ophthalmic FOV, FL 1</summary>
    public static DicomTag OphthalmicFOV => new(0x0022, 0x1517);

    /// <summary>(0022,1518) Two Dimensional to Three Dimensional Map Sequence, SQ 1</summary>
    public static DicomTag TwoDimensionalToThreeDimensionalMapSequence => new(0x0022, 0x1518);

    /// <summary>(0022,1525) Wide Field Ophthalmic Photography Quality Rating Sequence, SQ 1</summary>
    public static DicomTag WideFieldOphthalmicPhotographyQualityRatingSequence => new(0x0022, 0x1525);

    /// <summary>(0022,1526) Wide Field Ophthalmic Photography Quality Threshold Sequence, SQ 1</summary>
    public static DicomTag WideFieldOphthalmicPhotographyQualityThresholdSequence => new(0x0022, 0x1526);

    /// <summary>(0022,1527) Wide Field Ophthalmic Photography Threshold Quality Rating, FL 1</summary>
    public static DicomTag WideFieldOphthalmicPhotographyThresholdQualityRating => new(0x0022, 0x1527);

    /// <summary>(0022,1528) X Coordinates Center Pixel View Angle, FL 1</summary>
    public static DicomTag XCoordinatesCenterPixelViewAngle => new(0x0022, 0x1528);

    /// <summary>(0022,1529) Y Coordinates Center Pixel View Angle, FL 1</summary>
    public static DicomTag YCoordinatesCenterPixelViewAngle => new(0x0022, 0x1529);

    /// <summary>(0022,1530) Number of Map Points, UL 1</summary>
    public static DicomTag NumberOfMapPoints => new(0x0022, 0x1530);

    /// <summary>(0022,1531) Two Dimensional to Three Dimensional Map Data, OF 1</summary>
    public static DicomTag TwoDimensionalToThreeDimensionalMapData => new(0x0022, 0x1531);

    /// <summary>(0022,1612) Derivation Algorithm Sequence, SQ 1</summary>
    public static DicomTag DerivationAlgorithmSequence => new(0x0022, 0x1612);

    /// <summary>(0022,1615) Ophthalmic Image Type Code Sequence, SQ 1</summary>
    public static DicomTag OphthalmicImageTypeCodeSequence => new(0x0022, 0x1615);

    /// <summary>(0022,1616) Ophthalmic Image Type Description, LO 1</summary>
    public static DicomTag OphthalmicImageTypeDescription => new(0x0022, 0x1616);

    /// <summary>(0022,1618) Scan Pattern Type Code Sequence, SQ 1</summary>
    public static DicomTag ScanPatternTypeCodeSequence => new(0x0022, 0x1618);

    /// <summary>(0022,1620) Referenced Surface Mesh Identification Sequence, SQ 1</summary>
    public static DicomTag ReferencedSurfaceMeshIdentificationSequence => new(0x0022, 0x1620);

    /// <summary>(0022,1622) Ophthalmic Volumetric Properties Flag, CS 1</summary>
    public static DicomTag OphthalmicVolumetricPropertiesFlag => new(0x0022, 0x1622);

    /// <summary>(0022,1624) Ophthalmic Anatomic Reference Point X-Coordinate, FL 1</summary>
    public static DicomTag OphthalmicAnatomicReferencePointXCoordinate => new(0x0022, 0x1624);

    /// <summary>(0022,1626) Ophthalmic Anatomic Reference Point Y-Coordinate, FL 1</summary>
    public static DicomTag OphthalmicAnatomicReferencePointYCoordinate => new(0x0022, 0x1626);

    /// <summary>(0022,1628) Ophthalmic En Face Image Quality Rating Sequence, SQ 1</summary>
    public static DicomTag OphthalmicEnFaceImageQualityRatingSequence => new(0x0022, 0x1628);

    /// <summary>(0022,1630) Quality Threshold, DS 1</summary>
    public static DicomTag QualityThreshold => new(0x0022, 0x1630);

    /// <summary>(0022,1640) OCT B-scan Analysis Acquisition Parameters Sequence, SQ 1</summary>
    public static DicomTag OCTBscanAnalysisAcquisitionParametersSequence => new(0x0022, 0x1640);

    /// <summary>(0022,1642) Number of B-scans Per Frame, UL 1</summary>
    public static DicomTag NumberOfBscansPerFrame => new(0x0022, 0x1642);

    /// <summary>(0022,1643) B-scan Slab Thickness, FL 1</summary>
    public static DicomTag BscanSlabThickness => new(0x0022, 0x1643);

    /// <summary>(0022,1644) Distance Between B-scan Slabs, FL 1</summary>
    public static DicomTag DistanceBetweenBscanSlabs => new(0x0022, 0x1644);

    /// <summary>(0022,1645) B-scan Cycle Time, FL 1</summary>
    public static DicomTag BscanCycleTime => new(0x0022, 0x1645);

    /// <summary>(0022,1646) B-scan Cycle Time Vector, FL 1-n</summary>
    public static DicomTag BscanCycleTimeVector => new(0x0022, 0x1646);

    /// <summary>(0022,1649) A-scan Rate, FL 1</summary>
    public static DicomTag AscanRate => new(0x0022, 0x1649);

    /// <summary>(0022,1650) B-scan Rate, FL 1</summary>
    public static DicomTag BscanRate => new(0x0022, 0x1650);

    /// <summary>(0022,1658) Surface Mesh Z-Pixel Offset, UL 1</summary>
    public static DicomTag SurfaceMeshZPixelOffset => new(0x0022, 0x1658);

    /// <summary>(0024,0010) Visual Field Horizontal Extent, FL 1</summary>
    public static DicomTag VisualFieldHorizontalExtent => new(0x0024, 0x0010);

    /// <summary>(0024,0011) Visual Field Vertical Extent, FL 1</summary>
    public static DicomTag VisualFieldVerticalExtent => new(0x0024, 0x0011);

    /// <summary>(0024,0012) Visual Field Shape, CS 1</summary>
    public static DicomTag VisualFieldShape => new(0x0024, 0x0012);

    /// <summary>(0024,0016) Screening Test Mode Code Sequence, SQ 1</summary>
    public static DicomTag ScreeningTestModeCodeSequence => new(0x0024, 0x0016);

    /// <summary>(0024,0018) Maximum Stimulus Luminance, FL 1</summary>
    public static DicomTag MaximumStimulusLuminance => new(0x0024, 0x0018);

    /// <summary>(0024,0020) Background Luminance, FL 1</summary>
    public static DicomTag BackgroundLuminance => new(0x0024, 0x0020);

    /// <summary>(0024,0021) Stimulus Color Code Sequence, SQ 1</summary>
    public static DicomTag StimulusColorCodeSequence => new(0x0024, 0x0021);

    /// <summary>(0024,0024) Background Illumination Color Code Sequence, SQ 1</summary>
    public static DicomTag BackgroundIlluminationColorCodeSequence => new(0x0024, 0x0024);

    /// <summary>(0024,0025) Stimulus Area, FL 1</summary>
    public static DicomTag StimulusArea => new(0x0024, 0x0025);

    /// <summary>(0024,0028) Stimulus Presentation Time, FL 1</summary>
    public static DicomTag StimulusPresentationTime => new(0x0024, 0x0028);

    /// <summary>(0024,0032) Fixation Sequence, SQ 1</summary>
    public static DicomTag FixationSequence => new(0x0024, 0x0032);

    /// <summary>(0024,0033) Fixation Monitoring Code Sequence, SQ 1</summary>
    public static DicomTag FixationMonitoringCodeSequence => new(0x0024, 0x0033);

    /// <summary>(0024,0034) Visual Field Catch Trial Sequence, SQ 1</summary>
    public static DicomTag VisualFieldCatchTrialSequence => new(0x0024, 0x0034);

    /// <summary>(0024,0035) Fixation Checked Quantity, US 1</summary>
    public static DicomTag FixationCheckedQuantity => new(0x0024, 0x0035);

    /// <summary>(0024,0036) Patient Not Properly Fixated Quantity, US 1</summary>
    public static DicomTag PatientNotProperlyFixatedQuantity => new(0x0024, 0x0036);

    /// <summary>(0024,0037) Presented Visual Stimuli Data Flag, CS 1</summary>
    public static DicomTag PresentedVisualStimuliDataFlag => new(0x0024, 0x0037);

    /// <summary>(0024,0038) Number of Visual Stimuli, US 1</summary>
    public static DicomTag NumberOfVisualStimuli => new(0x0024, 0x0038);

    /// <summary>(0024,0039) Excessive Fixation Losses Data Flag, CS 1</summary>
    public static DicomTag ExcessiveFixationLossesDataFlag => new(0x0024, 0x0039);

    /// <summary>(0024,0040) Excessive Fixation Losses, CS 1</summary>
    public static DicomTag ExcessiveFixationLosses => new(0x0024, 0x0040);

    /// <summary>(0024,0042) Stimuli Retesting Quantity, US 1</summary>
    public static DicomTag StimuliRetestingQuantity => new(0x0024, 0x0042);

    /// <summary>(0024,0044) Comments on Patient's Performance of Visual Field, LT 1</summary>
    public static DicomTag CommentsOnPatientPerformanceOfVisualField => new(0x0024, 0x0044);

    /// <summary>(0024,0045) False Negatives Estimate Flag, CS 1</summary>
    public static DicomTag FalseNegativesEstimateFlag => new(0x0024, 0x0045);

    /// <summary>(0024,0046) False Negatives Estimate, FL 1</summary>
    public static DicomTag FalseNegativesEstimate => new(0x0024, 0x0046);

    /// <summary>(0024,0048) Negative Catch Trials Quantity, US 1</summary>
    public static DicomTag NegativeCatchTrialsQuantity => new(0x0024, 0x0048);

    /// <summary>(0024,0050) False Negatives Quantity, US 1</summary>
    public static DicomTag FalseNegativesQuantity => new(0x0024, 0x0050);

    /// <summary>(0024,0051) Excessive False Negatives Data Flag, CS 1</summary>
    public static DicomTag ExcessiveFalseNegativesDataFlag => new(0x0024, 0x0051);

    /// <summary>(0024,0052) Excessive False Negatives, CS 1</summary>
    public static DicomTag ExcessiveFalseNegatives => new(0x0024, 0x0052);

    /// <summary>(0024,0053) False Positives Estimate Flag, CS 1</summary>
    public static DicomTag FalsePositivesEstimateFlag => new(0x0024, 0x0053);

    /// <summary>(0024,0054) False Positives Estimate, FL 1</summary>
    public static DicomTag FalsePositivesEstimate => new(0x0024, 0x0054);

    /// <summary>(0024,0055) Catch Trials Data Flag, CS 1</summary>
    public static DicomTag CatchTrialsDataFlag => new(0x0024, 0x0055);

    /// <summary>(0024,0056) Positive Catch Trials Quantity, US 1</summary>
    public static DicomTag PositiveCatchTrialsQuantity => new(0x0024, 0x0056);

    /// <summary>(0024,0057) Test Point Normals Data Flag, CS 1</summary>
    public static DicomTag TestPointNormalsDataFlag => new(0x0024, 0x0057);

    /// <summary>(0024,0058) Test Point Normals Sequence, SQ 1</summary>
    public static DicomTag TestPointNormalsSequence => new(0x0024, 0x0058);

    /// <summary>(0024,0059) Global Deviation Probability Normals Flag, CS 1</summary>
    public static DicomTag GlobalDeviationProbabilityNormalsFlag => new(0x0024, 0x0059);

    /// <summary>(0024,0060) False Positives Quantity, US 1</summary>
    public static DicomTag FalsePositivesQuantity => new(0x0024, 0x0060);

    /// <summary>(0024,0061) Excessive False Positives Data Flag, CS 1</summary>
    public static DicomTag ExcessiveFalsePositivesDataFlag => new(0x0024, 0x0061);

    /// <summary>(0024,0062) Excessive False Positives, CS 1</summary>
    public static DicomTag ExcessiveFalsePositives => new(0x0024, 0x0062);

    /// <summary>(0024,0063) Visual Field Test Normals Flag, CS 1</summary>
    public static DicomTag VisualFieldTestNormalsFlag => new(0x0024, 0x0063);

    /// <summary>(0024,0064) Results Normals Sequence, SQ 1</summary>
    public static DicomTag ResultsNormalsSequence => new(0x0024, 0x0064);

    /// <summary>(0024,0065) Age Corrected Sensitivity Deviation Algorithm Sequence, SQ 1</summary>
    public static DicomTag AgeCorrectedSensitivityDeviationAlgorithmSequence => new(0x0024, 0x0065);

    /// <summary>(0024,0066) Global Deviation From Normal, FL 1</summary>
    public static DicomTag GlobalDeviationFromNormal => new(0x0024, 0x0066);

    /// <summary>(0024,0067) Generalized Defect Sensitivity Deviation Algorithm Sequence, SQ 1</summary>
    public static DicomTag GeneralizedDefectSensitivityDeviationAlgorithmSequence => new(0x0024, 0x0067);

    /// <summary>(0024,0068) Localized Deviation From Normal, FL 1</summary>
    public static DicomTag LocalizedDeviationFromNormal => new(0x0024, 0x0068);

    /// <summary>(0024,0069) Patient Reliability Indicator, LO 1</summary>
    public static DicomTag PatientReliabilityIndicator => new(0x0024, 0x0069);

    /// <summary>(0024,0070) Visual Field Mean Sensitivity, FL 1</summary>
    public static DicomTag VisualFieldMeanSensitivity => new(0x0024, 0x0070);

    /// <summary>(0024,0071) Global Deviation Probability, FL 1</summary>
    public static DicomTag GlobalDeviationProbability => new(0x0024, 0x0071);

    /// <summary>(0024,0072) Local Deviation Probability Normals Flag, CS 1</summary>
    public static DicomTag LocalDeviationProbabilityNormalsFlag => new(0x0024, 0x0072);

    /// <summary>(0024,0073) Localized Deviation Probability, FL 1</summary>
    public static DicomTag LocalizedDeviationProbability => new(0x0024, 0x0073);

    /// <summary>(0024,0074) Short Term Fluctuation Calculated, CS 1</summary>
    public static DicomTag ShortTermFluctuationCalculated => new(0x0024, 0x0074);

    /// <summary>(0024,0075) Short Term Fluctuation, FL 1</summary>
    public static DicomTag ShortTermFluctuation => new(0x0024, 0x0075);

    /// <summary>(0024,0076) Short Term Fluctuation Probability Calculated, CS 1</summary>
    public static DicomTag ShortTermFluctuationProbabilityCalculated => new(0x0024, 0x0076);

    /// <summary>(0024,0077) Short Term Fluctuation Probability, FL 1</summary>
    public static DicomTag ShortTermFluctuationProbability => new(0x0024, 0x0077);

    /// <summary>(0024,0078) Corrected Localized Deviation From Normal Calculated, CS 1</summary>
    public static DicomTag CorrectedLocalizedDeviationFromNormalCalculated => new(0x0024, 0x0078);

    /// <summary>(0024,0079) Corrected Localized Deviation From Normal, FL 1</summary>
    public static DicomTag CorrectedLocalizedDeviationFromNormal => new(0x0024, 0x0079);

    /// <summary>(0024,0080) Corrected Localized Deviation From Normal Probability Calculated, CS 1</summary>
    public static DicomTag CorrectedLocalizedDeviationFromNormalProbabilityCalculated => new(0x0024, 0x0080);

    /// <summary>(0024,0081) Corrected Localized Deviation From Normal Probability, FL 1</summary>
    public static DicomTag CorrectedLocalizedDeviationFromNormalProbability => new(0x0024, 0x0081);

    /// <summary>(0024,0083) Global Deviation Probability Sequence, SQ 1</summary>
    public static DicomTag GlobalDeviationProbabilitySequence => new(0x0024, 0x0083);

    /// <summary>(0024,0085) Localized Deviation Probability Sequence, SQ 1</summary>
    public static DicomTag LocalizedDeviationProbabilitySequence => new(0x0024, 0x0085);

    /// <summary>(0024,0086) Foveal Sensitivity Measured, CS 1</summary>
    public static DicomTag FovealSensitivityMeasured => new(0x0024, 0x0086);

    /// <summary>(0024,0087) Foveal Sensitivity, FL 1</summary>
    public static DicomTag FovealSensitivity => new(0x0024, 0x0087);

    /// <summary>(0024,0088) Visual Field Test Duration, FL 1</summary>
    public static DicomTag VisualFieldTestDuration => new(0x0024, 0x0088);

    /// <summary>(0024,0089) Visual Field Test Point Sequence, SQ 1</summary>
    public static DicomTag VisualFieldTestPointSequence => new(0x0024, 0x0089);

    /// <summary>(0024,0090) Visual Field Test Point X-Coordinate, FL 1</summary>
    public static DicomTag VisualFieldTestPointXCoordinate => new(0x0024, 0x0090);

    /// <summary>(0024,0091) Visual Field Test Point Y-Coordinate, FL 1</summary>
    public static DicomTag VisualFieldTestPointYCoordinate => new(0x0024, 0x0091);

    /// <summary>(0024,0092) Age Corrected Sensitivity Deviation Value, FL 1</summary>
    public static DicomTag AgeCorrectedSensitivityDeviationValue => new(0x0024, 0x0092);

    /// <summary>(0024,0093) Stimulus Results, CS 1</summary>
    public static DicomTag StimulusResults => new(0x0024, 0x0093);

    /// <summary>(0024,0094) Sensitivity Value, FL 1</summary>
    public static DicomTag SensitivityValue => new(0x0024, 0x0094);

    /// <summary>(0024,0095) Retest Stimulus Seen, CS 1</summary>
    public static DicomTag RetestStimulusSeen => new(0x0024, 0x0095);

    /// <summary>(0024,0096) Retest Sensitivity Value, FL 1</summary>
    public static DicomTag RetestSensitivityValue => new(0x0024, 0x0096);

    /// <summary>(0024,0097) Visual Field Test Point Normals Sequence, SQ 1</summary>
    public static DicomTag VisualFieldTestPointNormalsSequence => new(0x0024, 0x0097);

    /// <summary>(0024,0098) Quantified Defect, FL 1</summary>
    public static DicomTag QuantifiedDefect => new(0x0024, 0x0098);

    /// <summary>(0024,0100) Age Corrected Sensitivity Deviation Probability Value, FL 1</summary>
    public static DicomTag AgeCorrectedSensitivityDeviationProbabilityValue => new(0x0024, 0x0100);

    /// <summary>(0024,0102) Generalized Defect Corrected Sensitivity Deviation Flag, CS 1</summary>
    public static DicomTag GeneralizedDefectCorrectedSensitivityDeviationFlag => new(0x0024, 0x0102);

    /// <summary>(0024,0103) Generalized Defect Corrected Sensitivity Deviation Value, FL 1</summary>
    public static DicomTag GeneralizedDefectCorrectedSensitivityDeviationValue => new(0x0024, 0x0103);

    /// <summary>(0024,0104) Generalized Defect Corrected Sensitivity Deviation Probability Value, FL 1</summary>
    public static DicomTag GeneralizedDefectCorrectedSensitivityDeviationProbabilityValue => new(0x0024, 0x0104);

    /// <summary>(0024,0105) Minimum Sensitivity Value, FL 1</summary>
    public static DicomTag MinimumSensitivityValue => new(0x0024, 0x0105);

    /// <summary>(0024,0106) Blind Spot Localized, CS 1</summary>
    public static DicomTag BlindSpotLocalized => new(0x0024, 0x0106);

    /// <summary>(0024,0107) Blind Spot X-Coordinate, FL 1</summary>
    public static DicomTag BlindSpotXCoordinate => new(0x0024, 0x0107);

    /// <summary>(0024,0108) Blind Spot Y-Coordinate, FL 1</summary>
    public static DicomTag BlindSpotYCoordinate => new(0x0024, 0x0108);

    /// <summary>(0024,0110) Visual Acuity Measurement Sequence, SQ 1</summary>
    public static DicomTag VisualAcuityMeasurementSequence => new(0x0024, 0x0110);

    /// <summary>(0024,0112) Refractive Parameters Used on Patient Sequence, SQ 1</summary>
    public static DicomTag RefractiveParametersUsedOnPatientSequence => new(0x0024, 0x0112);

    /// <summary>(0024,0113) Measurement Laterality, CS 1</summary>
    public static DicomTag MeasurementLaterality => new(0x0024, 0x0113);

    /// <summary>(0024,0114) Ophthalmic Patient Clinical Information Left Eye Sequence, SQ 1</summary>
    public static DicomTag OphthalmicPatientClinicalInformationLeftEyeSequence => new(0x0024, 0x0114);

    /// <summary>(0024,0115) Ophthalmic Patient Clinical Information Right Eye Sequence, SQ 1</summary>
    public static DicomTag OphthalmicPatientClinicalInformationRightEyeSequence => new(0x0024, 0x0115);

    /// <summary>(0024,0117) Foveal Point Normative Data Flag, CS 1</summary>
    public static DicomTag FovealPointNormativeDataFlag => new(0x0024, 0x0117);

    /// <summary>(0024,0118) Foveal Point Probability Value, FL 1</summary>
    public static DicomTag FovealPointProbabilityValue => new(0x0024, 0x0118);

    /// <summary>(0024,0120) Screening Baseline Measured, CS 1</summary>
    public static DicomTag ScreeningBaselineMeasured => new(0x0024, 0x0120);

    /// <summary>(0024,0122) Screening Baseline Measured Sequence, SQ 1</summary>
    public static DicomTag ScreeningBaselineMeasuredSequence => new(0x0024, 0x0122);

    /// <summary>(0024,0124) Screening Baseline Type, CS 1</summary>
    public static DicomTag ScreeningBaselineType => new(0x0024, 0x0124);

    /// <summary>(0024,0126) Screening Baseline Value, FL 1</summary>
    public static DicomTag ScreeningBaselineValue => new(0x0024, 0x0126);

    /// <summary>(0024,0202) Algorithm Source, LO 1</summary>
    public static DicomTag AlgorithmSource => new(0x0024, 0x0202);

    /// <summary>(0024,0306) Data Set Name, LO 1</summary>
    public static DicomTag DataSetName => new(0x0024, 0x0306);

    /// <summary>(0024,0307) Data Set Version, LO 1</summary>
    public static DicomTag DataSetVersion => new(0x0024, 0x0307);

    /// <summary>(0024,0308) Data Set Source, LO 1</summary>
    public static DicomTag DataSetSource => new(0x0024, 0x0308);

    /// <summary>(0024,0309) Data Set Description, LO 1</summary>
    public static DicomTag DataSetDescription => new(0x0024, 0x0309);

    /// <summary>(0024,0317) Visual Field Test Reliability Global Index Sequence, SQ 1</summary>
    public static DicomTag VisualFieldTestReliabilityGlobalIndexSequence => new(0x0024, 0x0317);

    /// <summary>(0024,0320) Visual Field Global Results Index Sequence, SQ 1</summary>
    public static DicomTag VisualFieldGlobalResultsIndexSequence => new(0x0024, 0x0320);

    /// <summary>(0024,0325) Data Observation Sequence, SQ 1</summary>
    public static DicomTag DataObservationSequence => new(0x0024, 0x0325);

    /// <summary>(0024,0338) Index Normals Flag, CS 1</summary>
    public static DicomTag IndexNormalsFlag => new(0x0024, 0x0338);

    /// <summary>(0024,0341) Index Probability, FL 1</summary>
    public static DicomTag IndexProbability => new(0x0024, 0x0341);

    /// <summary>(0024,0344) Index Probability Sequence, SQ 1</summary>
    public static DicomTag IndexProbabilitySequence => new(0x0024, 0x0344);

    /// <summary>(0028,0002) Samples per Pixel, US 1</summary>
    public static DicomTag SamplesPerPixel => new(0x0028, 0x0002);

    /// <summary>(0028,0003) Samples per Pixel Used, US 1</summary>
    public static DicomTag SamplesPerPixelUsed => new(0x0028, 0x0003);

    /// <summary>(0028,0004) Photometric Interpretation, CS 1</summary>
    public static DicomTag PhotometricInterpretation => new(0x0028, 0x0004);

    /// <summary>(0028,0005) Image Dimensions, US 1, retired</summary>
    public static DicomTag ImageDimensions => new(0x0028, 0x0005);

    /// <summary>(0028,0006) Planar Configuration, US 1</summary>
    public static DicomTag PlanarConfiguration => new(0x0028, 0x0006);

    /// <summary>(0028,0008) Number of Frames, IS 1</summary>
    public static DicomTag NumberOfFrames => new(0x0028, 0x0008);

    /// <summary>(0028,0009) Frame Increment Pointer, AT 1-n</summary>
    public static DicomTag FrameIncrementPointer => new(0x0028, 0x0009);

    /// <summary>(0028,000A) Frame Dimension Pointer, AT 1-n</summary>
    public static DicomTag FrameDimensionPointer => new(0x0028, 0x000A);

    /// <summary>(0028,0010) Rows, US 1</summary>
    public static DicomTag Rows => new(0x0028, 0x0010);

    /// <summary>(0028,0011) Columns, US 1</summary>
    public static DicomTag Columns => new(0x0028, 0x0011);

    /// <summary>(0028,0012) Planes, US 1, retired</summary>
    public static DicomTag Planes => new(0x0028, 0x0012);

    /// <summary>(0028,0014) Ultrasound Color Data Present, US 1</summary>
    public static DicomTag UltrasoundColorDataPresent => new(0x0028, 0x0014);

    /// <summary>(0028,0030) Pixel Spacing, DS 2</summary>
    public static DicomTag PixelSpacing => new(0x0028, 0x0030);

    /// <summary>(0028,0031) Zoom Factor, DS 2</summary>
    public static DicomTag ZoomFactor => new(0x0028, 0x0031);

    /// <summary>(0028,0032) Zoom Center, DS 2</summary>
    public static DicomTag ZoomCenter => new(0x0028, 0x0032);

    /// <summary>(0028,0034) Pixel Aspect Ratio, IS 2</summary>
    public static DicomTag PixelAspectRatio => new(0x0028, 0x0034);

    /// <summary>(0028,0040) Image Format, CS 1, retired</summary>
    public static DicomTag ImageFormat => new(0x0028, 0x0040);

    /// <summary>(0028,0050) Manipulated Image, LO 1-n, retired</summary>
    public static DicomTag ManipulatedImage => new(0x0028, 0x0050);

    /// <summary>(0028,0051) Corrected Image, CS 1-n</summary>
    public static DicomTag CorrectedImage => new(0x0028, 0x0051);

    /// <summary>(0028,005F) Compression Recognition Code, LO 1, retired</summary>
    public static DicomTag CompressionRecognitionCode => new(0x0028, 0x005F);

    /// <summary>(0028,0060) Compression Code, CS 1, retired</summary>
    public static DicomTag CompressionCode => new(0x0028, 0x0060);

    /// <summary>(0028,0061) Compression Originator, SH 1, retired</summary>
    public static DicomTag CompressionOriginator => new(0x0028, 0x0061);

    /// <summary>(0028,0062) Compression Label, LO 1, retired</summary>
    public static DicomTag CompressionLabel => new(0x0028, 0x0062);

    /// <summary>(0028,0063) Compression Description, SH 1, retired</summary>
    public static DicomTag CompressionDescription => new(0x0028, 0x0063);

    /// <summary>(0028,0065) Compression Sequence, CS 1-n, retired</summary>
    public static DicomTag CompressionSequence => new(0x0028, 0x0065);

    /// <summary>(0028,0066) Compression Step Pointers, AT 1-n, retired</summary>
    public static DicomTag CompressionStepPointers => new(0x0028, 0x0066);

    /// <summary>(0028,0068) Repeat Interval, US 1, retired</summary>
    public static DicomTag RepeatInterval => new(0x0028, 0x0068);

    /// <summary>(0028,0069) Bits Grouped, US 1, retired</summary>
    public static DicomTag BitsGrouped => new(0x0028, 0x0069);

    /// <summary>(0028,0070) Perimeter Table, US 1-n, retired</summary>
    public static DicomTag PerimeterTable => new(0x0028, 0x0070);

    /// <summary>(0028,0071) Perimeter Value, US/SS 1, retired</summary>
    public static DicomTag PerimeterValue => new(0x0028, 0x0071);

    /// <summary>(0028,0080) Predictor Rows, US 1, retired</summary>
    public static DicomTag PredictorRows => new(0x0028, 0x0080);

    /// <summary>(0028,0081) Predictor Columns, US 1, retired</summary>
    public static DicomTag PredictorColumns => new(0x0028, 0x0081);

    /// <summary>(0028,0082) Predictor Constants, US 1-n, retired</summary>
    public static DicomTag PredictorConstants => new(0x0028, 0x0082);

    /// <summary>(0028,0090) Blocked Pixels, CS 1, retired</summary>
    public static DicomTag BlockedPixels => new(0x0028, 0x0090);

    /// <summary>(0028,0091) Block Rows, US 1, retired</summary>
    public static DicomTag BlockRows => new(0x0028, 0x0091);

    /// <summary>(0028,0092) Block Columns, US 1, retired</summary>
    public static DicomTag BlockColumns => new(0x0028, 0x0092);

    /// <summary>(0028,0093) Row Overlap, US 1, retired</summary>
    public static DicomTag RowOverlap => new(0x0028, 0x0093);

    /// <summary>(0028,0094) Column Overlap, US 1, retired</summary>
    public static DicomTag ColumnOverlap => new(0x0028, 0x0094);

    /// <summary>(0028,0100) Bits Allocated, US 1</summary>
    public static DicomTag BitsAllocated => new(0x0028, 0x0100);

    /// <summary>(0028,0101) Bits Stored, US 1</summary>
    public static DicomTag BitsStored => new(0x0028, 0x0101);

    /// <summary>(0028,0102) High Bit, US 1</summary>
    public static DicomTag HighBit => new(0x0028, 0x0102);

    /// <summary>(0028,0103) Pixel Representation, US 1</summary>
    public static DicomTag PixelRepresentation => new(0x0028, 0x0103);

    /// <summary>(0028,0104) Smallest Valid Pixel Value, US/SS 1, retired</summary>
    public static DicomTag SmallestValidPixelValue => new(0x0028, 0x0104);

    /// <summary>(0028,0105) Largest Valid Pixel Value, US/SS 1, retired</summary>
    public static DicomTag LargestValidPixelValue => new(0x0028, 0x0105);

    /// <summary>(0028,0106) Smallest Image Pixel Value, US/SS 1</summary>
    public static DicomTag SmallestImagePixelValue => new(0x0028, 0x0106);

    /// <summary>(0028,0107) Largest Image Pixel Value, US/SS 1</summary>
    public static DicomTag LargestImagePixelValue => new(0x0028, 0x0107);

    /// <summary>(0028,0108) Smallest Pixel Value in Series, US/SS 1</summary>
    public static DicomTag SmallestPixelValueInSeries => new(0x0028, 0x0108);

    /// <summary>(0028,0109) Largest Pixel Value in Series, US/SS 1</summary>
    public static DicomTag LargestPixelValueInSeries => new(0x0028, 0x0109);

    /// <summary>(0028,0110) Smallest Image Pixel Value in Plane, US/SS 1, retired</summary>
    public static DicomTag SmallestImagePixelValueInPlane => new(0x0028, 0x0110);

    /// <summary>(0028,0111) Largest Image Pixel Value in Plane, US/SS 1, retired</summary>
    public static DicomTag LargestImagePixelValueInPlane => new(0x0028, 0x0111);

    /// <summary>(0028,0120) Pixel Padding Value, US/SS 1</summary>
    public static DicomTag PixelPaddingValue => new(0x0028, 0x0120);

    /// <summary>(0028,0121) Pixel Padding Range Limit, US/SS 1</summary>
    public static DicomTag PixelPaddingRangeLimit => new(0x0028, 0x0121);

    /// <summary>(0028,0122) Float Pixel Padding Value, FL 1</summary>
    public static DicomTag FloatPixelPaddingValue => new(0x0028, 0x0122);

    /// <summary>(0028,0123) Double Float Pixel Padding Value, FD 1</summary>
    public static DicomTag DoubleFloatPixelPaddingValue => new(0x0028, 0x0123);

    /// <summary>(0028,0124) Float Pixel Padding Range Limit, FL 1</summary>
    public static DicomTag FloatPixelPaddingRangeLimit => new(0x0028, 0x0124);

    /// <summary>(0028,0125) Double Float Pixel Padding Range Limit, FD 1</summary>
    public static DicomTag DoubleFloatPixelPaddingRangeLimit => new(0x0028, 0x0125);

    /// <summary>(0028,0200) Image Location, US 1, retired</summary>
    public static DicomTag ImageLocation => new(0x0028, 0x0200);

    /// <summary>(0028,0300) Quality Control Image, CS 1</summary>
    public static DicomTag QualityControlImage => new(0x0028, 0x0300);

    /// <summary>(0028,0301) Burned In Annotation, CS 1</summary>
    public static DicomTag BurnedInAnnotation => new(0x0028, 0x0301);

    /// <summary>(0028,0302) Recognizable Visual Features, CS 1</summary>
    public static DicomTag RecognizableVisualFeatures => new(0x0028, 0x0302);

    /// <summary>(0028,0303) Longitudinal Temporal Information Modified, CS 1</summary>
    public static DicomTag LongitudinalTemporalInformationModified => new(0x0028, 0x0303);

    /// <summary>(0028,0304) Referenced Color Palette Instance UID, UI 1</summary>
    public static DicomTag ReferencedColorPaletteInstanceUID => new(0x0028, 0x0304);

    /// <summary>(0028,0400) Transform Label, LO 1, retired</summary>
    public static DicomTag TransformLabel => new(0x0028, 0x0400);

    /// <summary>(0028,04x0) Rows For Nth Order Coefficients, US 1, retired</summary>
    public static DicomTag RowsForNthOrderCoefficients => new(0x0028, 0x0400);

    /// <summary>(0028,0401) Transform Version Number, LO 1, retired</summary>
    public static DicomTag TransformVersionNumber => new(0x0028, 0x0401);

    /// <summary>(0028,04x1) Columns For Nth Order Coefficients, US 1, retired</summary>
    public static DicomTag ColumnsForNthOrderCoefficients => new(0x0028, 0x0401);

    /// <summary>(0028,0402) Number of Transform Steps, US 1, retired</summary>
    public static DicomTag NumberOfTransformSteps => new(0x0028, 0x0402);

    /// <summary>(0028,04x2) Coefficient Coding, LO 1-n, retired</summary>
    public static DicomTag CoefficientCoding => new(0x0028, 0x0402);

    /// <summary>(0028,0403) Sequence of Compressed Data, LO 1-n, retired</summary>
    public static DicomTag SequenceOfCompressedData => new(0x0028, 0x0403);

    /// <summary>(0028,04x3) Coefficient Coding Pointers, AT 1-n, retired</summary>
    public static DicomTag CoefficientCodingPointers => new(0x0028, 0x0403);

    /// <summary>(0028,0404) Details of Coefficients, AT 1-n, retired</summary>
    public static DicomTag DetailsOfCoefficients => new(0x0028, 0x0404);

    /// <summary>(0028,0700) DCT Label, LO 1, retired</summary>
    public static DicomTag DCTLabel => new(0x0028, 0x0700);

    /// <summary>(0028,0701) Data Block Description, CS 1-n, retired</summary>
    public static DicomTag DataBlockDescription => new(0x0028, 0x0701);

    /// <summary>(0028,0702) Data Block, AT 1-n, retired</summary>
    public static DicomTag DataBlock => new(0x0028, 0x0702);

    /// <summary>(0028,0710) Normalization Factor Format, US 1, retired</summary>
    public static DicomTag NormalizationFactorFormat => new(0x0028, 0x0710);

    /// <summary>(0028,0720) Zonal Map Number Format, US 1, retired</summary>
    public static DicomTag ZonalMapNumberFormat => new(0x0028, 0x0720);

    /// <summary>(0028,0721) Zonal Map Location, AT 1-n, retired</summary>
    public static DicomTag ZonalMapLocation => new(0x0028, 0x0721);

    /// <summary>(0028,0722) Zonal Map Format, US 1, retired</summary>
    public static DicomTag ZonalMapFormat => new(0x0028, 0x0722);

    /// <summary>(0028,0730) Adaptive Map Format, US 1, retired</summary>
    public static DicomTag AdaptiveMapFormat => new(0x0028, 0x0730);

    /// <summary>(0028,0740) Code Number Format, US 1, retired</summary>
    public static DicomTag CodeNumberFormat => new(0x0028, 0x0740);

    /// <summary>(0028,08x0) Code Label, CS 1-n, retired</summary>
    public static DicomTag CodeLabel => new(0x0028, 0x0800);

    /// <summary>(0028,08x2) Number of Tables, US 1, retired</summary>
    public static DicomTag NumberOfTables => new(0x0028, 0x0802);

    /// <summary>(0028,08x3) Code Table Location, AT 1-n, retired</summary>
    public static DicomTag CodeTableLocation => new(0x0028, 0x0803);

    /// <summary>(0028,08x4) Bits For Code Word, US 1, retired</summary>
    public static DicomTag BitsForCodeWord => new(0x0028, 0x0804);

    /// <summary>(0028,08x8) Image Data Location, AT 1-n, retired</summary>
    public static DicomTag ImageDataLocation => new(0x0028, 0x0808);

    /// <summary>(0028,0A02) Pixel Spacing Calibration Type, CS 1</summary>
    public static DicomTag PixelSpacingCalibrationType => new(0x0028, 0x0A02);

    /// <summary>(0028,0A04) Pixel Spacing Calibration Description, LO 1</summary>
    public static DicomTag PixelSpacingCalibrationDescription => new(0x0028, 0x0A04);

    /// <summary>(0028,1040) Pixel Intensity Relationship, CS 1</summary>
    public static DicomTag PixelIntensityRelationship => new(0x0028, 0x1040);

    /// <summary>(0028,1041) Pixel Intensity Relationship Sign, SS 1</summary>
    public static DicomTag PixelIntensityRelationshipSign => new(0x0028, 0x1041);

    /// <summary>(0028,1050) Window Center, DS 1-n</summary>
    public static DicomTag WindowCenter => new(0x0028, 0x1050);

    /// <summary>(0028,1051) Window Width, DS 1-n</summary>
    public static DicomTag WindowWidth => new(0x0028, 0x1051);

    /// <summary>(0028,1052) Rescale Intercept, DS 1</summary>
    public static DicomTag RescaleIntercept => new(0x0028, 0x1052);

    /// <summary>(0028,1053) Rescale Slope, DS 1</summary>
    public static DicomTag RescaleSlope => new(0x0028, 0x1053);

    /// <summary>(0028,1054) Rescale Type, LO 1</summary>
    public static DicomTag RescaleType => new(0x0028, 0x1054);

    /// <summary>(0028,1055) Window Center &amp; Width Explanation, LO 1-n</summary>
    public static DicomTag WindowCenterWidthExplanation => new(0x0028, 0x1055);

    /// <summary>(0028,1056) VOI LUT Function, CS 1</summary>
    public static DicomTag VOILUTFunction => new(0x0028, 0x1056);

    /// <summary>(0028,1080) Gray Scale, CS 1, retired</summary>
    public static DicomTag GrayScale => new(0x0028, 0x1080);

    /// <summary>(0028,1090) Recommended Viewing Mode, CS 1</summary>
    public static DicomTag RecommendedViewingMode => new(0x0028, 0x1090);

    /// <summary>(0028,1100) Gray Lookup Table Descriptor, US/SS 3, retired</summary>
    public static DicomTag GrayLookupTableDescriptor => new(0x0028, 0x1100);

    /// <summary>(0028,1101) Red Palette Color Lookup Table Descriptor, US/SS 3</summary>
    public static DicomTag RedPaletteColorLookupTableDescriptor => new(0x0028, 0x1101);

    /// <summary>(0028,1102) Green Palette Color Lookup Table Descriptor, US/SS 3</summary>
    public static DicomTag GreenPaletteColorLookupTableDescriptor => new(0x0028, 0x1102);

    /// <summary>(0028,1103) Blue Palette Color Lookup Table Descriptor, US/SS 3</summary>
    public static DicomTag BluePaletteColorLookupTableDescriptor => new(0x0028, 0x1103);

    /// <summary>(0028,1104) Alpha Palette Color Lookup Table Descriptor, US 3</summary>
    public static DicomTag AlphaPaletteColorLookupTableDescriptor => new(0x0028, 0x1104);

    /// <summary>(0028,1111) Large Red Palette Color Lookup Table Descriptor, US/SS 4, retired</summary>
    public static DicomTag LargeRedPaletteColorLookupTableDescriptor => new(0x0028, 0x1111);

    /// <summary>(0028,1112) Large Green Palette Color Lookup Table Descriptor, US/SS 4, retired</summary>
    public static DicomTag LargeGreenPaletteColorLookupTableDescriptor => new(0x0028, 0x1112);

    /// <summary>(0028,1113) Large Blue Palette Color Lookup Table Descriptor, US/SS 4, retired</summary>
    public static DicomTag LargeBluePaletteColorLookupTableDescriptor => new(0x0028, 0x1113);

    /// <summary>(0028,1199) Palette Color Lookup Table UID, UI 1</summary>
    public static DicomTag PaletteColorLookupTableUID => new(0x0028, 0x1199);

    /// <summary>(0028,1200) Gray Lookup Table Data, US/SS/OW 1-n, retired</summary>
    public static DicomTag GrayLookupTableData => new(0x0028, 0x1200);

    /// <summary>(0028,1201) Red Palette Color Lookup Table Data, OW 1</summary>
    public static DicomTag RedPaletteColorLookupTableData => new(0x0028, 0x1201);

    /// <summary>(0028,1202) Green Palette Color Lookup Table Data, OW 1</summary>
    public static DicomTag GreenPaletteColorLookupTableData => new(0x0028, 0x1202);

    /// <summary>(0028,1203) Blue Palette Color Lookup Table Data, OW 1</summary>
    public static DicomTag BluePaletteColorLookupTableData => new(0x0028, 0x1203);

    /// <summary>(0028,1204) Alpha Palette Color Lookup Table Data, OW 1</summary>
    public static DicomTag AlphaPaletteColorLookupTableData => new(0x0028, 0x1204);

    /// <summary>(0028,1211) Large Red Palette Color Lookup Table Data, OW 1, retired</summary>
    public static DicomTag LargeRedPaletteColorLookupTableData => new(0x0028, 0x1211);

    /// <summary>(0028,1212) Large Green Palette Color Lookup Table Data, OW 1, retired</summary>
    public static DicomTag LargeGreenPaletteColorLookupTableData => new(0x0028, 0x1212);

    /// <summary>(0028,1213) Large Blue Palette Color Lookup Table Data, OW 1, retired</summary>
    public static DicomTag LargeBluePaletteColorLookupTableData => new(0x0028, 0x1213);

    /// <summary>(0028,1214) Large Palette Color Lookup Table UID, UI 1, retired</summary>
    public static DicomTag LargePaletteColorLookupTableUID => new(0x0028, 0x1214);

    /// <summary>(0028,1221) Segmented Red Palette Color Lookup Table Data, OW 1</summary>
    public static DicomTag SegmentedRedPaletteColorLookupTableData => new(0x0028, 0x1221);

    /// <summary>(0028,1222) Segmented Green Palette Color Lookup Table Data, OW 1</summary>
    public static DicomTag SegmentedGreenPaletteColorLookupTableData => new(0x0028, 0x1222);

    /// <summary>(0028,1223) Segmented Blue Palette Color Lookup Table Data, OW 1</summary>
    public static DicomTag SegmentedBluePaletteColorLookupTableData => new(0x0028, 0x1223);

    /// <summary>(0028,1224) Segmented Alpha Palette Color Lookup Table Data, OW 1</summary>
    public static DicomTag SegmentedAlphaPaletteColorLookupTableData => new(0x0028, 0x1224);

    /// <summary>(0028,1230) Stored Value Color Range Sequence, SQ 1</summary>
    public static DicomTag StoredValueColorRangeSequence => new(0x0028, 0x1230);

    /// <summary>(0028,1231) Minimum Stored Value Mapped, FD 1</summary>
    public static DicomTag MinimumStoredValueMapped => new(0x0028, 0x1231);

    /// <summary>(0028,1232) Maximum Stored Value Mapped, FD 1</summary>
    public static DicomTag MaximumStoredValueMapped => new(0x0028, 0x1232);

    /// <summary>(0028,1300) Breast Implant Present, CS 1</summary>
    public static DicomTag BreastImplantPresent => new(0x0028, 0x1300);

    /// <summary>(0028,1350) Partial View, CS 1</summary>
    public static DicomTag PartialView => new(0x0028, 0x1350);

    /// <summary>(0028,1351) Partial View Description, ST 1</summary>
    public static DicomTag PartialViewDescription => new(0x0028, 0x1351);

    /// <summary>(0028,1352) Partial View Code Sequence, SQ 1</summary>
    public static DicomTag PartialViewCodeSequence => new(0x0028, 0x1352);

    /// <summary>(0028,135A) Spatial Locations Preserved, CS 1</summary>
    public static DicomTag SpatialLocationsPreserved => new(0x0028, 0x135A);

    /// <summary>(0028,1401) Data Frame Assignment Sequence, SQ 1</summary>
    public static DicomTag DataFrameAssignmentSequence => new(0x0028, 0x1401);

    /// <summary>(0028,1402) Data Path Assignment, CS 1</summary>
    public static DicomTag DataPathAssignment => new(0x0028, 0x1402);

    /// <summary>(0028,1403) Bits Mapped to Color Lookup Table, US 1</summary>
    public static DicomTag BitsMappedToColorLookupTable => new(0x0028, 0x1403);

    /// <summary>(0028,1404) Blending LUT 1 Sequence, SQ 1</summary>
    public static DicomTag BlendingLUT1Sequence => new(0x0028, 0x1404);

    /// <summary>(0028,1405) Blending LUT 1 Transfer Function, CS 1</summary>
    public static DicomTag BlendingLUT1TransferFunction => new(0x0028, 0x1405);

    /// <summary>(0028,1406) Blending Weight Constant, FD 1</summary>
    public static DicomTag BlendingWeightConstant => new(0x0028, 0x1406);

    /// <summary>(0028,1407) Blending Lookup Table Descriptor, US 3</summary>
    public static DicomTag BlendingLookupTableDescriptor => new(0x0028, 0x1407);

    /// <summary>(0028,1408) Blending Lookup Table Data, OW 1</summary>
    public static DicomTag BlendingLookupTableData => new(0x0028, 0x1408);

    /// <summary>(0028,140B) Enhanced Palette Color Lookup Table Sequence, SQ 1</summary>
    public static DicomTag EnhancedPaletteColorLookupTableSequence => new(0x0028, 0x140B);

    /// <summary>(0028,140C) Blending LUT 2 Sequence, SQ 1</summary>
    public static DicomTag BlendingLUT2Sequence => new(0x0028, 0x140C);

    /// <summary>(0028,140D) Blending LUT 2 Transfer Function, CS 1</summary>
    public static DicomTag BlendingLUT2TransferFunction => new(0x0028, 0x140D);

    /// <summary>(0028,140E) Data Path ID, CS 1</summary>
    public static DicomTag DataPathID => new(0x0028, 0x140E);

    /// <summary>(0028,140F) RGB LUT Transfer Function, CS 1</summary>
    public static DicomTag RGBLUTTransferFunction => new(0x0028, 0x140F);

    /// <summary>(0028,1410) Alpha LUT Transfer Function, CS 1</summary>
    public static DicomTag AlphaLUTTransferFunction => new(0x0028, 0x1410);

    /// <summary>(0028,2000) ICC Profile, OB 1</summary>
    public static DicomTag ICCProfile => new(0x0028, 0x2000);

    /// <summary>(0028,2002) Color Space, CS 1</summary>
    public static DicomTag ColorSpace => new(0x0028, 0x2002);

    /// <summary>(0028,2110) Lossy Image Compression, CS 1</summary>
    public static DicomTag LossyImageCompression => new(0x0028, 0x2110);

    /// <summary>(0028,2112) Lossy Image Compression Ratio, DS 1-n</summary>
    public static DicomTag LossyImageCompressionRatio => new(0x0028, 0x2112);

    /// <summary>(0028,2114) Lossy Image Compression Method, CS 1-n</summary>
    public static DicomTag LossyImageCompressionMethod => new(0x0028, 0x2114);

    /// <summary>(0028,3000) Modality LUT Sequence, SQ 1</summary>
    public static DicomTag ModalityLUTSequence => new(0x0028, 0x3000);

    /// <summary>(0028,3002) LUT Descriptor, US/SS 3</summary>
    public static DicomTag LUTDescriptor => new(0x0028, 0x3002);

    /// <summary>(0028,3003) LUT Explanation, LO 1</summary>
    public static DicomTag LUTExplanation => new(0x0028, 0x3003);

    /// <summary>(0028,3004) Modality LUT Type, LO 1</summary>
    public static DicomTag ModalityLUTType => new(0x0028, 0x3004);

    /// <summary>(0028,3006) LUT Data, US/OW 1-n</summary>
    public static DicomTag LUTData => new(0x0028, 0x3006);

    /// <summary>(0028,3010) VOI LUT Sequence, SQ 1</summary>
    public static DicomTag VOILUTSequence => new(0x0028, 0x3010);

    /// <summary>(0028,3110) Softcopy VOI LUT Sequence, SQ 1</summary>
    public static DicomTag SoftcopyVOILUTSequence => new(0x0028, 0x3110);

    /// <summary>(0028,4000) Image Presentation Comments, LT 1, retired</summary>
    public static DicomTag ImagePresentationComments => new(0x0028, 0x4000);

    /// <summary>(0028,5000) Bi-Plane Acquisition Sequence, SQ 1, retired</summary>
    public static DicomTag BiPlaneAcquisitionSequence => new(0x0028, 0x5000);

    /// <summary>(0028,6010) Representative Frame Number, US 1</summary>
    public static DicomTag RepresentativeFrameNumber => new(0x0028, 0x6010);

    /// <summary>(0028,6020) Frame Numbers of Interest (FOI), US 1-n</summary>
    public static DicomTag FrameNumbersOfInterest => new(0x0028, 0x6020);

    /// <summary>(0028,6022) Frame of Interest Description, LO 1-n</summary>
    public static DicomTag FrameOfInterestDescription => new(0x0028, 0x6022);

    /// <summary>(0028,6023) Frame of Interest Type, CS 1-n</summary>
    public static DicomTag FrameOfInterestType => new(0x0028, 0x6023);

    /// <summary>(0028,6030) Mask Pointer(s), US 1-n, retired</summary>
    public static DicomTag MaskPointers => new(0x0028, 0x6030);

    /// <summary>(0028,6040) R Wave Pointer, US 1-n</summary>
    public static DicomTag RWavePointer => new(0x0028, 0x6040);

    /// <summary>(0028,6100) Mask Subtraction Sequence, SQ 1</summary>
    public static DicomTag MaskSubtractionSequence => new(0x0028, 0x6100);

    /// <summary>(0028,6101) Mask Operation, CS 1</summary>
    public static DicomTag MaskOperation => new(0x0028, 0x6101);

    /// <summary>(0028,6102) Applicable Frame Range, US 2-2n</summary>
    public static DicomTag ApplicableFrameRange => new(0x0028, 0x6102);

    /// <summary>(0028,6110) Mask Frame Numbers, US 1-n</summary>
    public static DicomTag MaskFrameNumbers => new(0x0028, 0x6110);

    /// <summary>(0028,6112) Contrast Frame Averaging, US 1</summary>
    public static DicomTag ContrastFrameAveraging => new(0x0028, 0x6112);

    /// <summary>(0028,6114) Mask Sub-pixel Shift, FL 2</summary>
    public static DicomTag MaskSubPixelShift => new(0x0028, 0x6114);

    /// <summary>(0028,6120) TID Offset, SS 1</summary>
    public static DicomTag TIDOffset => new(0x0028, 0x6120);

    /// <summary>(0028,6190) Mask Operation Explanation, ST 1</summary>
    public static DicomTag MaskOperationExplanation => new(0x0028, 0x6190);

    /// <summary>(0028,7000) Equipment Administrator Sequence, SQ 1</summary>
    public static DicomTag EquipmentAdministratorSequence => new(0x0028, 0x7000);

    /// <summary>(0028,7001) Number of Display Subsystems, US 1</summary>
    public static DicomTag NumberOfDisplaySubsystems => new(0x0028, 0x7001);

    /// <summary>(0028,7002) Current Configuration ID, US 1</summary>
    public static DicomTag CurrentConfigurationID => new(0x0028, 0x7002);

    /// <summary>(0028,7003) Display Subsystem ID, US 1</summary>
    public static DicomTag DisplaySubsystemID => new(0x0028, 0x7003);

    /// <summary>(0028,7004) Display Subsystem Name, SH 1</summary>
    public static DicomTag DisplaySubsystemName => new(0x0028, 0x7004);

    /// <summary>(0028,7005) Display Subsystem Description, LO 1</summary>
    public static DicomTag DisplaySubsystemDescription => new(0x0028, 0x7005);

    /// <summary>(0028,7006) System Status, CS 1</summary>
    public static DicomTag SystemStatus => new(0x0028, 0x7006);

    /// <summary>(0028,7007) System Status Comment, LO 1</summary>
    public static DicomTag SystemStatusComment => new(0x0028, 0x7007);

    /// <summary>(0028,7008) Target Luminance Characteristics Sequence, SQ 1</summary>
    public static DicomTag TargetLuminanceCharacteristicsSequence => new(0x0028, 0x7008);

    /// <summary>(0028,7009) Luminance Characteristics ID, US 1</summary>
    public static DicomTag LuminanceCharacteristicsID => new(0x0028, 0x7009);

    /// <summary>(0028,700A) Display Subsystem Configuration Sequence, SQ 1</summary>
    public static DicomTag DisplaySubsystemConfigurationSequence => new(0x0028, 0x700A);

    /// <summary>(0028,700B) Configuration ID, US 1</summary>
    public static DicomTag ConfigurationID => new(0x0028, 0x700B);

    /// <summary>(0028,700C) Configuration Name, SH 1</summary>
    public static DicomTag ConfigurationName => new(0x0028, 0x700C);

    /// <summary>(0028,700D) Configuration Description, LO 1</summary>
    public static DicomTag ConfigurationDescription => new(0x0028, 0x700D);

    /// <summary>(0028,700E) Referenced Target Luminance Characteristics ID, US 1</summary>
    public static DicomTag ReferencedTargetLuminanceCharacteristicsID => new(0x0028, 0x700E);

    /// <summary>(0028,700F) QA Results Sequence, SQ 1</summary>
    public static DicomTag QAResultsSequence => new(0x0028, 0x700F);

    /// <summary>(0028,7010) Display Subsystem QA Results Sequence, SQ 1</summary>
    public static DicomTag DisplaySubsystemQAResultsSequence => new(0x0028, 0x7010);

    /// <summary>(0028,7011) Configuration QA Results Sequence, SQ 1</summary>
    public static DicomTag ConfigurationQAResultsSequence => new(0x0028, 0x7011);

    /// <summary>(0028,7012) Measurement Equipment Sequence, SQ 1</summary>
    public static DicomTag MeasurementEquipmentSequence => new(0x0028, 0x7012);

    /// <summary>(0028,7013) Measurement Functions, CS 1-n</summary>
    public static DicomTag MeasurementFunctions => new(0x0028, 0x7013);

    /// <summary>(0028,7014) Measurement Equipment Type, CS 1</summary>
    public static DicomTag MeasurementEquipmentType => new(0x0028, 0x7014);

    /// <summary>(0028,7015) Visual Evaluation Result Sequence, SQ 1</summary>
    public static DicomTag VisualEvaluationResultSequence => new(0x0028, 0x7015);

    /// <summary>(0028,7016) Display Calibration Result Sequence, SQ 1</summary>
    public static DicomTag DisplayCalibrationResultSequence => new(0x0028, 0x7016);

    /// <summary>(0028,7017) DDL Value, US 1</summary>
    public static DicomTag DDLValue => new(0x0028, 0x7017);

    /// <summary>(0028,7018) CIExy White Point, FL 2</summary>
    public static DicomTag CIExyWhitePoint => new(0x0028, 0x7018);

    /// <summary>(0028,7019) Display Function Type, CS 1</summary>
    public static DicomTag DisplayFunctionType => new(0x0028, 0x7019);

    /// <summary>(0028,701A) Gamma Value, FL 1</summary>
    public static DicomTag GammaValue => new(0x0028, 0x701A);

    /// <summary>(0028,701B) Number of Luminance Points, US 1</summary>
    public static DicomTag NumberOfLuminancePoints => new(0x0028, 0x701B);

    /// <summary>(0028,701C) Luminance Response Sequence, SQ 1</summary>
    public static DicomTag LuminanceResponseSequence => new(0x0028, 0x701C);

    /// <summary>(0028,701D) Target Minimum Luminance, FL 1</summary>
    public static DicomTag TargetMinimumLuminance => new(0x0028, 0x701D);

    /// <summary>(0028,701E) Target Maximum Luminance, FL 1</summary>
    public static DicomTag TargetMaximumLuminance => new(0x0028, 0x701E);

    /// <summary>(0028,701F) Luminance Value, FL 1</summary>
    public static DicomTag LuminanceValue => new(0x0028, 0x701F);

    /// <summary>(0028,7020) Luminance Response Description, LO 1</summary>
    public static DicomTag LuminanceResponseDescription => new(0x0028, 0x7020);

    /// <summary>(0028,7021) White Point Flag, CS 1</summary>
    public static DicomTag WhitePointFlag => new(0x0028, 0x7021);

    /// <summary>(0028,7022) Display Device Type Code Sequence, SQ 1</summary>
    public static DicomTag DisplayDeviceTypeCodeSequence => new(0x0028, 0x7022);

    /// <summary>(0028,7023) Display Subsystem Sequence, SQ 1</summary>
    public static DicomTag DisplaySubsystemSequence => new(0x0028, 0x7023);

    /// <summary>(0028,7024) Luminance Result Sequence, SQ 1</summary>
    public static DicomTag LuminanceResultSequence => new(0x0028, 0x7024);

    /// <summary>(0028,7025) Ambient Light Value Source, CS 1</summary>
    public static DicomTag AmbientLightValueSource => new(0x0028, 0x7025);

    /// <summary>(0028,7026) Measured Characteristics, CS 1-n</summary>
    public static DicomTag MeasuredCharacteristics => new(0x0028, 0x7026);

    /// <summary>(0028,7027) Luminance Uniformity Result Sequence, SQ 1</summary>
    public static DicomTag LuminanceUniformityResultSequence => new(0x0028, 0x7027);

    /// <summary>(0028,7028) Visual Evaluation Test Sequence, SQ 1</summary>
    public static DicomTag VisualEvaluationTestSequence => new(0x0028, 0x7028);

    /// <summary>(0028,7029) Test Result, CS 1</summary>
    public static DicomTag TestResult => new(0x0028, 0x7029);

    /// <summary>(0028,702A) Test Result Comment, LO 1</summary>
    public static DicomTag TestResultComment => new(0x0028, 0x702A);

    /// <summary>(0028,702B) Test Image Validation, CS 1</summary>
    public static DicomTag TestImageValidation => new(0x0028, 0x702B);

    /// <summary>(0028,702C) Test Pattern Code Sequence, SQ 1</summary>
    public static DicomTag TestPatternCodeSequence => new(0x0028, 0x702C);

    /// <summary>(0028,702D) Measurement Pattern Code Sequence, SQ 1</summary>
    public static DicomTag MeasurementPatternCodeSequence => new(0x0028, 0x702D);

    /// <summary>(0028,702E) Visual Evaluation Method Code Sequence, SQ 1</summary>
    public static DicomTag VisualEvaluationMethodCodeSequence => new(0x0028, 0x702E);

    /// <summary>(0028,7FE0) Pixel Data Provider URL, UR 1</summary>
    public static DicomTag PixelDataProviderURL => new(0x0028, 0x7FE0);

    /// <summary>(0028,9001) Data Point Rows, UL 1</summary>
    public static DicomTag DataPointRows => new(0x0028, 0x9001);

    /// <summary>(0028,9002) Data Point Columns, UL 1</summary>
    public static DicomTag DataPointColumns => new(0x0028, 0x9002);

    /// <summary>(0028,9003) Signal Domain Columns, CS 1</summary>
    public static DicomTag SignalDomainColumns => new(0x0028, 0x9003);

    /// <summary>(0028,9099) Largest Monochrome Pixel Value, US 1, retired</summary>
    public static DicomTag LargestMonochromePixelValue => new(0x0028, 0x9099);

    /// <summary>(0028,9108) Data Representation, CS 1</summary>
    public static DicomTag DataRepresentation => new(0x0028, 0x9108);

    /// <summary>(0028,9110) Pixel Measures Sequence, SQ 1</summary>
    public static DicomTag PixelMeasuresSequence => new(0x0028, 0x9110);

    /// <summary>(0028,9132) Frame VOI LUT Sequence, SQ 1</summary>
    public static DicomTag FrameVOILUTSequence => new(0x0028, 0x9132);

    /// <summary>(0028,9145) Pixel Value Transformation Sequence, SQ 1</summary>
    public static DicomTag PixelValueTransformationSequence => new(0x0028, 0x9145);

    /// <summary>(0028,9235) Signal Domain Rows, CS 1</summary>
    public static DicomTag SignalDomainRows => new(0x0028, 0x9235);

    /// <summary>(0028,9411) Display Filter Percentage, FL 1</summary>
    public static DicomTag DisplayFilterPercentage => new(0x0028, 0x9411);

    /// <summary>(0028,9415) Frame Pixel Shift Sequence, SQ 1</summary>
    public static DicomTag FramePixelShiftSequence => new(0x0028, 0x9415);

    /// <summary>(0028,9416) Subtraction Item ID, US 1</summary>
    public static DicomTag SubtractionItemID => new(0x0028, 0x9416);

    /// <summary>(0028,9422) Pixel Intensity Relationship LUT Sequence, SQ 1</summary>
    public static DicomTag PixelIntensityRelationshipLUTSequence => new(0x0028, 0x9422);

    /// <summary>(0028,9443) Frame Pixel Data Properties Sequence, SQ 1</summary>
    public static DicomTag FramePixelDataPropertiesSequence => new(0x0028, 0x9443);

    /// <summary>(0028,9444) Geometrical Properties, CS 1</summary>
    public static DicomTag GeometricalProperties => new(0x0028, 0x9444);

    /// <summary>(0028,9445) Geometric Maximum Distortion, FL 1</summary>
    public static DicomTag GeometricMaximumDistortion => new(0x0028, 0x9445);

    /// <summary>(0028,9446) Image Processing Applied, CS 1-n</summary>
    public static DicomTag ImageProcessingApplied => new(0x0028, 0x9446);

    /// <summary>(0028,9454) Mask Selection Mode, CS 1</summary>
    public static DicomTag MaskSelectionMode => new(0x0028, 0x9454);

    /// <summary>(0028,9474) LUT Function, CS 1</summary>
    public static DicomTag LUTFunction => new(0x0028, 0x9474);

    /// <summary>(0028,9478) Mask Visibility Percentage, FL 1</summary>
    public static DicomTag MaskVisibilityPercentage => new(0x0028, 0x9478);

    /// <summary>(0028,9501) Pixel Shift Sequence, SQ 1</summary>
    public static DicomTag PixelShiftSequence => new(0x0028, 0x9501);

    /// <summary>(0028,9502) Region Pixel Shift Sequence, SQ 1</summary>
    public static DicomTag RegionPixelShiftSequence => new(0x0028, 0x9502);

    /// <summary>(0028,9503) Vertices of the Region, SS 2-2n</summary>
    public static DicomTag VerticesOfTheRegion => new(0x0028, 0x9503);

    /// <summary>(0028,9505) Multi-frame Presentation Sequence, SQ 1</summary>
    public static DicomTag MultiFramePresentationSequence => new(0x0028, 0x9505);

    /// <summary>(0028,9506) Pixel Shift Frame Range, US 2-2n</summary>
    public static DicomTag PixelShiftFrameRange => new(0x0028, 0x9506);

    /// <summary>(0028,9507) LUT Frame Range, US 2-2n</summary>
    public static DicomTag LUTFrameRange => new(0x0028, 0x9507);

    /// <summary>(0028,9520) Image to Equipment Mapping Matrix, DS 16</summary>
    public static DicomTag ImageToEquipmentMappingMatrix => new(0x0028, 0x9520);

    /// <summary>(0028,9537) Equipment Coordinate System Identification, CS 1</summary>
    public static DicomTag EquipmentCoordinateSystemIdentification => new(0x0028, 0x9537);

    /// <summary>(0032,000A) Study Status ID, CS 1, retired</summary>
    public static DicomTag StudyStatusID => new(0x0032, 0x000A);

    /// <summary>(0032,000C) Study Priority ID, CS 1, retired</summary>
    public static DicomTag StudyPriorityID => new(0x0032, 0x000C);

    /// <summary>(0032,0012) Study ID Issuer, LO 1, retired</summary>
    public static DicomTag StudyIDIssuer => new(0x0032, 0x0012);

    /// <summary>(0032,0032) Study Verified Date, DA 1, retired</summary>
    public static DicomTag StudyVerifiedDate => new(0x0032, 0x0032);

    /// <summary>(0032,0033) Study Verified Time, TM 1, retired</summary>
    public static DicomTag StudyVerifiedTime => new(0x0032, 0x0033);

    /// <summary>(0032,0034) Study Read Date, DA 1, retired</summary>
    public static DicomTag StudyReadDate => new(0x0032, 0x0034);

    /// <summary>(0032,0035) Study Read Time, TM 1, retired</summary>
    public static DicomTag StudyReadTime => new(0x0032, 0x0035);

    /// <summary>(0032,1000) Scheduled Study Start Date, DA 1, retired</summary>
    public static DicomTag ScheduledStudyStartDate => new(0x0032, 0x1000);

    /// <summary>(0032,1001) Scheduled Study Start Time, TM 1, retired</summary>
    public static DicomTag ScheduledStudyStartTime => new(0x0032, 0x1001);

    /// <summary>(0032,1010) Scheduled Study Stop Date, DA 1, retired</summary>
    public static DicomTag ScheduledStudyStopDate => new(0x0032, 0x1010);

    /// <summary>(0032,1011) Scheduled Study Stop Time, TM 1, retired</summary>
    public static DicomTag ScheduledStudyStopTime => new(0x0032, 0x1011);

    /// <summary>(0032,1020) Scheduled Study Location, LO 1, retired</summary>
    public static DicomTag ScheduledStudyLocation => new(0x0032, 0x1020);

    /// <summary>(0032,1021) Scheduled Study Location AE Title, AE 1-n, retired</summary>
    public static DicomTag ScheduledStudyLocationAETitle => new(0x0032, 0x1021);

    /// <summary>(0032,1030) Reason for Study, LO 1, retired</summary>
    public static DicomTag ReasonForStudy => new(0x0032, 0x1030);

    /// <summary>(0032,1031) Requesting Physician Identification Sequence, SQ 1</summary>
    public static DicomTag RequestingPhysicianIdentificationSequence => new(0x0032, 0x1031);

    /// <summary>(0032,1032) Requesting Physician, PN 1</summary>
    public static DicomTag RequestingPhysician => new(0x0032, 0x1032);

    /// <summary>(0032,1033) Requesting Service, LO 1</summary>
    public static DicomTag RequestingService => new(0x0032, 0x1033);

    /// <summary>(0032,1034) Requesting Service Code Sequence, SQ 1</summary>
    public static DicomTag RequestingServiceCodeSequence => new(0x0032, 0x1034);

    /// <summary>(0032,1040) Study Arrival Date, DA 1, retired</summary>
    public static DicomTag StudyArrivalDate => new(0x0032, 0x1040);

    /// <summary>(0032,1041) Study Arrival Time, TM 1, retired</summary>
    public static DicomTag StudyArrivalTime => new(0x0032, 0x1041);

    /// <summary>(0032,1050) Study Completion Date, DA 1, retired</summary>
    public static DicomTag StudyCompletionDate => new(0x0032, 0x1050);

    /// <summary>(0032,1051) Study Completion Time, TM 1, retired</summary>
    public static DicomTag StudyCompletionTime => new(0x0032, 0x1051);

    /// <summary>(0032,1055) Study Component Status ID, CS 1, retired</summary>
    public static DicomTag StudyComponentStatusID => new(0x0032, 0x1055);

    /// <summary>(0032,1060) Requested Procedure Description, LO 1</summary>
    public static DicomTag RequestedProcedureDescription => new(0x0032, 0x1060);

    /// <summary>(0032,1064) Requested Procedure Code Sequence, SQ 1</summary>
    public static DicomTag RequestedProcedureCodeSequence => new(0x0032, 0x1064);

    /// <summary>(0032,1065) Requested Laterality Code Sequence, SQ 1</summary>
    public static DicomTag RequestedLateralityCodeSequence => new(0x0032, 0x1065);

    /// <summary>(0032,1066) Reason for Visit, UT 1</summary>
    public static DicomTag ReasonForVisit => new(0x0032, 0x1066);

    /// <summary>(0032,1067) Reason for Visit Code Sequence, SQ 1</summary>
    public static DicomTag ReasonForVisitCodeSequence => new(0x0032, 0x1067);

    /// <summary>(0032,1070) Requested Contrast Agent, LO 1</summary>
    public static DicomTag RequestedContrastAgent => new(0x0032, 0x1070);

    /// <summary>(0032,4000) Study Comments, LT 1, retired</summary>
    public static DicomTag StudyComments => new(0x0032, 0x4000);

    /// <summary>(0034,0001) Flow Identifier Sequence, SQ 1</summary>
    public static DicomTag FlowIdentifierSequence => new(0x0034, 0x0001);

    /// <summary>(0034,0002) Flow Identifier, OB 1</summary>
    public static DicomTag FlowIdentifier => new(0x0034, 0x0002);

    /// <summary>(0034,0003) Flow Transfer Syntax UID, UI 1</summary>
    public static DicomTag FlowTransferSyntaxUID => new(0x0034, 0x0003);

    /// <summary>(0034,0004) Flow RTP Sampling Rate, UL 1</summary>
    public static DicomTag FlowRTPSamplingRate => new(0x0034, 0x0004);

    /// <summary>(0034,0005) Source Identifier, OB 1</summary>
    public static DicomTag SourceIdentifier => new(0x0034, 0x0005);

    /// <summary>(0034,0007) Frame Origin Timestamp, OB 1</summary>
    public static DicomTag FrameOriginTimestamp => new(0x0034, 0x0007);

    /// <summary>(0034,0008) Includes Imaging Subject, CS 1</summary>
    public static DicomTag IncludesImagingSubject => new(0x0034, 0x0008);

    /// <summary>(0034,0009) Frame Usefulness Group Sequence, SQ 1</summary>
    public static DicomTag FrameUsefulnessGroupSequence => new(0x0034, 0x0009);

    /// <summary>(0034,000A) Real-Time Bulk Data Flow Sequence, SQ 1</summary>
    public static DicomTag RealTimeBulkDataFlowSequence => new(0x0034, 0x000A);

    /// <summary>(0034,000B) Camera Position Group Sequence, SQ 1</summary>
    public static DicomTag CameraPositionGroupSequence => new(0x0034, 0x000B);

    /// <summary>(0034,000C) Includes Information, CS 1</summary>
    public static DicomTag IncludesInformation => new(0x0034, 0x000C);

    /// <summary>(0034,000D) Time of Frame Group Sequence, SQ 1</summary>
    public static DicomTag TimeOfFrameGroupSequence => new(0x0034, 0x000D);

    /// <summary>(0038,0004) Referenced Patient Alias Sequence, SQ 1</summary>
    public static DicomTag ReferencedPatientAliasSequence => new(0x0038, 0x0004);

    /// <summary>(0038,0008) Visit Status ID, CS 1</summary>
    public static DicomTag VisitStatusID => new(0x0038, 0x0008);

    /// <summary>(0038,0010) Admission ID, LO 1</summary>
    public static DicomTag AdmissionID => new(0x0038, 0x0010);

    /// <summary>(0038,0011) Issuer of Admission ID, LO 1, retired</summary>
    public static DicomTag IssuerOfAdmissionID => new(0x0038, 0x0011);

    /// <summary>(0038,0014) Issuer of Admission ID Sequence, SQ 1</summary>
    public static DicomTag IssuerOfAdmissionIDSequence => new(0x0038, 0x0014);

    /// <summary>(0038,0016) Route of Admissions, LO 1</summary>
    public static DicomTag RouteOfAdmissions => new(0x0038, 0x0016);

    /// <summary>(0038,001A) Scheduled Admission Date, DA 1, retired</summary>
    public static DicomTag ScheduledAdmissionDate => new(0x0038, 0x001A);

    /// <summary>(0038,001B) Scheduled Admission Time, TM 1, retired</summary>
    public static DicomTag ScheduledAdmissionTime => new(0x0038, 0x001B);

    /// <summary>(0038,001C) Scheduled Discharge Date, DA 1, retired</summary>
    public static DicomTag ScheduledDischargeDate => new(0x0038, 0x001C);

    /// <summary>(0038,001D) Scheduled Discharge Time, TM 1, retired</summary>
    public static DicomTag ScheduledDischargeTime => new(0x0038, 0x001D);

    /// <summary>(0038,001E) Scheduled Patient Institution Residence, LO 1, retired</summary>
    public static DicomTag ScheduledPatientInstitutionResidence => new(0x0038, 0x001E);

    /// <summary>(0038,0020) Admitting Date, DA 1</summary>
    public static DicomTag AdmittingDate => new(0x0038, 0x0020);

    /// <summary>(0038,0021) Admitting Time, TM 1</summary>
    public static DicomTag AdmittingTime => new(0x0038, 0x0021);

    /// <summary>(0038,0030) Discharge Date, DA 1, retired</summary>
    public static DicomTag DischargeDate => new(0x0038, 0x0030);

    /// <summary>(0038,0032) Discharge Time, TM 1, retired</summary>
    public static DicomTag DischargeTime => new(0x0038, 0x0032);

    /// <summary>(0038,0040) Discharge Diagnosis Description, LO 1, retired</summary>
    public static DicomTag DischargeDiagnosisDescription => new(0x0038, 0x0040);

    /// <summary>(0038,0044) Discharge Diagnosis Code Sequence, SQ 1, retired</summary>
    public static DicomTag DischargeDiagnosisCodeSequence => new(0x0038, 0x0044);

    /// <summary>(0038,0050) Special Needs, LO 1</summary>
    public static DicomTag SpecialNeeds => new(0x0038, 0x0050);

    /// <summary>(0038,0060) Service Episode ID, LO 1</summary>
    public static DicomTag ServiceEpisodeID => new(0x0038, 0x0060);

    /// <summary>(0038,0061) Issuer of Service Episode ID, LO 1, retired</summary>
    public static DicomTag IssuerOfServiceEpisodeID => new(0x0038, 0x0061);

    /// <summary>(0038,0062) Service Episode Description, LO 1</summary>
    public static DicomTag ServiceEpisodeDescription => new(0x0038, 0x0062);

    /// <summary>(0038,0064) Issuer of Service Episode ID Sequence, SQ 1</summary>
    public static DicomTag IssuerOfServiceEpisodeIDSequence => new(0x0038, 0x0064);

    /// <summary>(0038,0100) Pertinent Documents Sequence, SQ 1</summary>
    public static DicomTag PertinentDocumentsSequence => new(0x0038, 0x0100);

    /// <summary>(0038,0101) Pertinent Resources Sequence, SQ 1</summary>
    public static DicomTag PertinentResourcesSequence => new(0x0038, 0x0101);

    /// <summary>(0038,0102) Resource Description, LO 1</summary>
    public static DicomTag ResourceDescription => new(0x0038, 0x0102);

    /// <summary>(0038,0300) Current Patient Location, LO 1</summary>
    public static DicomTag CurrentPatientLocation => new(0x0038, 0x0300);

    /// <summary>(0038,0400) Patient's Institution Residence, LO 1</summary>
    public static DicomTag PatientInstitutionResidence => new(0x0038, 0x0400);

    /// <summary>(0038,0500) Patient State, LO 1</summary>
    public static DicomTag PatientState => new(0x0038, 0x0500);

    /// <summary>(0038,0502) Patient Clinical Trial Participation Sequence, SQ 1</summary>
    public static DicomTag PatientClinicalTrialParticipationSequence => new(0x0038, 0x0502);

    /// <summary>(0038,4000) Visit Comments, LT 1</summary>
    public static DicomTag VisitComments => new(0x0038, 0x4000);

    /// <summary>(003A,0004) Waveform Originality, CS 1</summary>
    public static DicomTag WaveformOriginality => new(0x003A, 0x0004);

    /// <summary>(003A,0005) Number of Waveform Channels, US 1</summary>
    public static DicomTag NumberOfWaveformChannels => new(0x003A, 0x0005);

    /// <summary>(003A,0010) Number of Waveform Samples, UL 1</summary>
    public static DicomTag NumberOfWaveformSamples => new(0x003A, 0x0010);

    /// <summary>(003A,001A) Sampling Frequency, DS 1</summary>
    public static DicomTag SamplingFrequency => new(0x003A, 0x001A);

    /// <summary>(003A,0020) Multiplex Group Label, SH 1</summary>
    public static DicomTag MultiplexGroupLabel => new(0x003A, 0x0020);

    /// <summary>(003A,0200) Channel Definition Sequence, SQ 1</summary>
    public static DicomTag ChannelDefinitionSequence => new(0x003A, 0x0200);

    /// <summary>(003A,0202) Waveform Channel Number, IS 1</summary>
    public static DicomTag WaveformChannelNumber => new(0x003A, 0x0202);

    /// <summary>(003A,0203) Channel Label, SH 1</summary>
    public static DicomTag ChannelLabel => new(0x003A, 0x0203);

    /// <summary>(003A,0205) Channel Status, CS 1-n</summary>
    public static DicomTag ChannelStatus => new(0x003A, 0x0205);

    /// <summary>(003A,0208) Channel Source Sequence, SQ 1</summary>
    public static DicomTag ChannelSourceSequence => new(0x003A, 0x0208);

    /// <summary>(003A,0209) Channel Source Modifiers Sequence, SQ 1</summary>
    public static DicomTag ChannelSourceModifiersSequence => new(0x003A, 0x0209);

    /// <summary>(003A,020A) Source Waveform Sequence, SQ 1</summary>
    public static DicomTag SourceWaveformSequence => new(0x003A, 0x020A);

    /// <summary>(003A,020C) Channel Derivation Description, LO 1</summary>
    public static DicomTag ChannelDerivationDescription => new(0x003A, 0x020C);

    /// <summary>(003A,0210) Channel Sensitivity, DS 1</summary>
    public static DicomTag ChannelSensitivity => new(0x003A, 0x0210);

    /// <summary>(003A,0211) Channel Sensitivity Units Sequence, SQ 1</summary>
    public static DicomTag ChannelSensitivityUnitsSequence => new(0x003A, 0x0211);

    /// <summary>(003A,0212) Channel Sensitivity Correction Factor, DS 1</summary>
    public static DicomTag ChannelSensitivityCorrectionFactor => new(0x003A, 0x0212);

    /// <summary>(003A,0213) Channel Baseline, DS 1</summary>
    public static DicomTag ChannelBaseline => new(0x003A, 0x0213);

    /// <summary>(003A,0214) Channel Time Skew, DS 1</summary>
    public static DicomTag ChannelTimeSkew => new(0x003A, 0x0214);

    /// <summary>(003A,0215) Channel Sample Skew, DS 1</summary>
    public static DicomTag ChannelSampleSkew => new(0x003A, 0x0215);

    /// <summary>(003A,0218) Channel Offset, DS 1</summary>
    public static DicomTag ChannelOffset => new(0x003A, 0x0218);

    /// <summary>(003A,021A) Waveform Bits Stored, US 1</summary>
    public static DicomTag WaveformBitsStored => new(0x003A, 0x021A);

    /// <summary>(003A,0220) Filter Low Frequency, DS 1</summary>
    public static DicomTag FilterLowFrequency => new(0x003A, 0x0220);

    /// <summary>(003A,0221) Filter High Frequency, DS 1</summary>
    public static DicomTag FilterHighFrequency => new(0x003A, 0x0221);

    /// <summary>(003A,0222) Notch Filter Frequency, DS 1</summary>
    public static DicomTag NotchFilterFrequency => new(0x003A, 0x0222);

    /// <summary>(003A,0223) Notch Filter Bandwidth, DS 1</summary>
    public static DicomTag NotchFilterBandwidth => new(0x003A, 0x0223);

    /// <summary>(003A,0230) Waveform Data Display Scale, FL 1</summary>
    public static DicomTag WaveformDataDisplayScale => new(0x003A, 0x0230);

    /// <summary>(003A,0231) Waveform Display Background CIELab Value, US 3</summary>
    public static DicomTag WaveformDisplayBackgroundCIELabValue => new(0x003A, 0x0231);

    /// <summary>(003A,0240) Waveform Presentation Group Sequence, SQ 1</summary>
    public static DicomTag WaveformPresentationGroupSequence => new(0x003A, 0x0240);

    /// <summary>(003A,0241) Presentation Group Number, US 1</summary>
    public static DicomTag PresentationGroupNumber => new(0x003A, 0x0241);

    /// <summary>(003A,0242) Channel Display Sequence, SQ 1</summary>
    public static DicomTag ChannelDisplaySequence => new(0x003A, 0x0242);

    /// <summary>(003A,0244) Channel Recommended Display CIELab Value, US 3</summary>
    public static DicomTag ChannelRecommendedDisplayCIELabValue => new(0x003A, 0x0244);

    /// <summary>(003A,0245) Channel Position, FL 1</summary>
    public static DicomTag ChannelPosition => new(0x003A, 0x0245);

    /// <summary>(003A,0246) Display Shading Flag, CS 1</summary>
    public static DicomTag DisplayShadingFlag => new(0x003A, 0x0246);

    /// <summary>(003A,0247) Fractional Channel Display Scale, FL 1</summary>
    public static DicomTag FractionalChannelDisplayScale => new(0x003A, 0x0247);

    /// <summary>(003A,0248) Absolute Channel Display Scale, FL 1</summary>
    public static DicomTag AbsoluteChannelDisplayScale => new(0x003A, 0x0248);

    /// <summary>(003A,0300) Multiplexed Audio Channels Description Code Sequence, SQ 1</summary>
    public static DicomTag MultiplexedAudioChannelsDescriptionCodeSequence => new(0x003A, 0x0300);

    /// <summary>(003A,0301) Channel Identification Code, IS 1</summary>
    public static DicomTag ChannelIdentificationCode => new(0x003A, 0x0301);

    /// <summary>(003A,0302) Channel Mode, CS 1</summary>
    public static DicomTag ChannelMode => new(0x003A, 0x0302);

    /// <summary>(003A,0310) Multiplex Group UID, UI 1</summary>
    public static DicomTag MultiplexGroupUID => new(0x003A, 0x0310);

    /// <summary>(003A,0311) Powerline Frequency, DS 1</summary>
    public static DicomTag PowerlineFrequency => new(0x003A, 0x0311);

    /// <summary>(003A,0312) Channel Impedance Sequence, SQ 1</summary>
    public static DicomTag ChannelImpedanceSequence => new(0x003A, 0x0312);

    /// <summary>(003A,0313) Impedance Value, DS 1</summary>
    public static DicomTag ImpedanceValue => new(0x003A, 0x0313);

    /// <summary>(003A,0314) Impedance Measurement DateTime, DT 1</summary>
    public static DicomTag ImpedanceMeasurementDateTime => new(0x003A, 0x0314);

    /// <summary>(003A,0315) Impedance Measurement Frequency, DS 1</summary>
    public static DicomTag ImpedanceMeasurementFrequency => new(0x003A, 0x0315);

    /// <summary>(003A,0316) Impedance Measurement Current Type, CS 1</summary>
    public static DicomTag ImpedanceMeasurementCurrentType => new(0x003A, 0x0316);

    /// <summary>(0040,0001) Scheduled Station AE Title, AE 1-n</summary>
    public static DicomTag ScheduledStationAETitle => new(0x0040, 0x0001);

    /// <summary>(0040,0002) Scheduled Procedure Step Start Date, DA 1</summary>
    public static DicomTag ScheduledProcedureStepStartDate => new(0x0040, 0x0002);

    /// <summary>(0040,0003) Scheduled Procedure Step Start Time, TM 1</summary>
    public static DicomTag ScheduledProcedureStepStartTime => new(0x0040, 0x0003);

    /// <summary>(0040,0004) Scheduled Procedure Step End Date, DA 1</summary>
    public static DicomTag ScheduledProcedureStepEndDate => new(0x0040, 0x0004);

    /// <summary>(0040,0005) Scheduled Procedure Step End Time, TM 1</summary>
    public static DicomTag ScheduledProcedureStepEndTime => new(0x0040, 0x0005);

    /// <summary>(0040,0006) Scheduled Performing Physician's Name, PN 1</summary>
    public static DicomTag ScheduledPerformingPhysicianName => new(0x0040, 0x0006);

    /// <summary>(0040,0007) Scheduled Procedure Step Description, LO 1</summary>
    public static DicomTag ScheduledProcedureStepDescription => new(0x0040, 0x0007);

    /// <summary>(0040,0008) Scheduled Protocol Code Sequence, SQ 1</summary>
    public static DicomTag ScheduledProtocolCodeSequence => new(0x0040, 0x0008);

    /// <summary>(0040,0009) Scheduled Procedure Step ID, SH 1</summary>
    public static DicomTag ScheduledProcedureStepID => new(0x0040, 0x0009);

    /// <summary>(0040,000A) Stage Code Sequence, SQ 1</summary>
    public static DicomTag StageCodeSequence => new(0x0040, 0x000A);

    /// <summary>(0040,000B) Scheduled Performing Physician Identification Sequence, SQ 1</summary>
    public static DicomTag ScheduledPerformingPhysicianIdentificationSequence => new(0x0040, 0x000B);

    /// <summary>(0040,0010) Scheduled Station Name, SH 1-n</summary>
    public static DicomTag ScheduledStationName => new(0x0040, 0x0010);

    /// <summary>(0040,0011) Scheduled Procedure Step Location, SH 1</summary>
    public static DicomTag ScheduledProcedureStepLocation => new(0x0040, 0x0011);

    /// <summary>(0040,0012) Pre-Medication, LO 1</summary>
    public static DicomTag PreMedication => new(0x0040, 0x0012);

    /// <summary>(0040,0020) Scheduled Procedure Step Status, CS 1</summary>
    public static DicomTag ScheduledProcedureStepStatus => new(0x0040, 0x0020);

    /// <summary>(0040,0026) Order Placer Identifier Sequence, SQ 1</summary>
    public static DicomTag OrderPlacerIdentifierSequence => new(0x0040, 0x0026);

    /// <summary>(0040,0027) Order Filler Identifier Sequence, SQ 1</summary>
    public static DicomTag OrderFillerIdentifierSequence => new(0x0040, 0x0027);

    /// <summary>(0040,0031) Local Namespace Entity ID, UT 1</summary>
    public static DicomTag LocalNamespaceEntityID => new(0x0040, 0x0031);

    /// <summary>(0040,0032) Universal Entity ID, UT 1</summary>
    public static DicomTag UniversalEntityID => new(0x0040, 0x0032);

    /// <summary>(0040,0033) Universal Entity ID Type, CS 1</summary>
    public static DicomTag UniversalEntityIDType => new(0x0040, 0x0033);

    /// <summary>(0040,0035) Identifier Type Code, CS 1</summary>
    public static DicomTag IdentifierTypeCode => new(0x0040, 0x0035);

    /// <summary>(0040,0036) Assigning Facility Sequence, SQ 1</summary>
    public static DicomTag AssigningFacilitySequence => new(0x0040, 0x0036);

    /// <summary>(0040,0039) Assigning Jurisdiction Code Sequence, SQ 1</summary>
    public static DicomTag AssigningJurisdictionCodeSequence => new(0x0040, 0x0039);

    /// <summary>(0040,003A) Assigning Agency or Department Code Sequence, SQ 1</summary>
    public static DicomTag AssigningAgencyOrDepartmentCodeSequence => new(0x0040, 0x003A);

    /// <summary>(0040,0100) Scheduled Procedure Step Sequence, SQ 1</summary>
    public static DicomTag ScheduledProcedureStepSequence => new(0x0040, 0x0100);

    /// <summary>(0040,0220) Referenced Non-Image Composite SOP Instance Sequence, SQ 1</summary>
    public static DicomTag ReferencedNonImageCompositeSOPInstanceSequence => new(0x0040, 0x0220);

    /// <summary>(0040,0241) Performed Station AE Title, AE 1</summary>
    public static DicomTag PerformedStationAETitle => new(0x0040, 0x0241);

    /// <summary>(0040,0242) Performed Station Name, SH 1</summary>
    public static DicomTag PerformedStationName => new(0x0040, 0x0242);

    /// <summary>(0040,0243) Performed Location, SH 1</summary>
    public static DicomTag PerformedLocation => new(0x0040, 0x0243);

    /// <summary>(0040,0244) Performed Procedure Step Start Date, DA 1</summary>
    public static DicomTag PerformedProcedureStepStartDate => new(0x0040, 0x0244);

    /// <summary>(0040,0245) Performed Procedure Step Start Time, TM 1</summary>
    public static DicomTag PerformedProcedureStepStartTime => new(0x0040, 0x0245);

    /// <summary>(0040,0250) Performed Procedure Step End Date, DA 1</summary>
    public static DicomTag PerformedProcedureStepEndDate => new(0x0040, 0x0250);

    /// <summary>(0040,0251) Performed Procedure Step End Time, TM 1</summary>
    public static DicomTag PerformedProcedureStepEndTime => new(0x0040, 0x0251);

    /// <summary>(0040,0252) Performed Procedure Step Status, CS 1</summary>
    public static DicomTag PerformedProcedureStepStatus => new(0x0040, 0x0252);

    /// <summary>(0040,0253) Performed Procedure Step ID, SH 1</summary>
    public static DicomTag PerformedProcedureStepID => new(0x0040, 0x0253);

    /// <summary>(0040,0254) Performed Procedure Step Description, LO 1</summary>
    public static DicomTag PerformedProcedureStepDescription => new(0x0040, 0x0254);

    /// <summary>(0040,0255) Performed Procedure Type Description, LO 1</summary>
    public static DicomTag PerformedProcedureTypeDescription => new(0x0040, 0x0255);

    /// <summary>(0040,0260) Performed Protocol Code Sequence, SQ 1</summary>
    public static DicomTag PerformedProtocolCodeSequence => new(0x0040, 0x0260);

    /// <summary>(0040,0261) Performed Protocol Type, CS 1</summary>
    public static DicomTag PerformedProtocolType => new(0x0040, 0x0261);

    /// <summary>(0040,0270) Scheduled Step Attributes Sequence, SQ 1</summary>
    public static DicomTag ScheduledStepAttributesSequence => new(0x0040, 0x0270);

    /// <summary>(0040,0275) Request Attributes Sequence, SQ 1</summary>
    public static DicomTag RequestAttributesSequence => new(0x0040, 0x0275);

    /// <summary>(0040,0280) Comments on the Performed Procedure Step, ST 1</summary>
    public static DicomTag CommentsOnThePerformedProcedureStep => new(0x0040, 0x0280);

    /// <summary>(0040,0281) Performed Procedure Step Discontinuation Reason Code Sequence, SQ 1</summary>
    public static DicomTag PerformedProcedureStepDiscontinuationReasonCodeSequence => new(0x0040, 0x0281);

    /// <summary>(0040,0293) Quantity Sequence, SQ 1</summary>
    public static DicomTag QuantitySequence => new(0x0040, 0x0293);

    /// <summary>(0040,0294) Quantity, DS 1</summary>
    public static DicomTag Quantity => new(0x0040, 0x0294);

    /// <summary>(0040,0295) Measuring Units Sequence, SQ 1</summary>
    public static DicomTag MeasuringUnitsSequence => new(0x0040, 0x0295);

    /// <summary>(0040,0296) Billing Item Sequence, SQ 1</summary>
    public static DicomTag BillingItemSequence => new(0x0040, 0x0296);

    /// <summary>(0040,0300) Total Time of Fluoroscopy, US 1, retired</summary>
    public static DicomTag TotalTimeOfFluoroscopy => new(0x0040, 0x0300);

    /// <summary>(0040,0301) Total Number of Exposures, US 1, retired</summary>
    public static DicomTag TotalNumberOfExposures => new(0x0040, 0x0301);

    /// <summary>(0040,0302) Entrance Dose, US 1</summary>
    public static DicomTag EntranceDose => new(0x0040, 0x0302);

    /// <summary>(0040,0303) Exposed Area, US 1-2</summary>
    public static DicomTag ExposedArea => new(0x0040, 0x0303);

    /// <summary>(0040,0306) Distance Source to Entrance, DS 1</summary>
    public static DicomTag DistanceSourceToEntrance => new(0x0040, 0x0306);

    /// <summary>(0040,0307) Distance Source to Support, DS 1, retired</summary>
    public static DicomTag DistanceSourceToSupport => new(0x0040, 0x0307);

    /// <summary>(0040,030E) Exposure Dose Sequence, SQ 1, retired</summary>
    public static DicomTag ExposureDoseSequence => new(0x0040, 0x030E);

    /// <summary>(0040,0310) Comments on Radiation Dose, ST 1</summary>
    public static DicomTag CommentsOnRadiationDose => new(0x0040, 0x0310);

    /// <summary>(0040,0312) X-Ray Output, DS 1</summary>
    public static DicomTag XRayOutput => new(0x0040, 0x0312);

    /// <summary>(0040,0314) Half Value Layer, DS 1</summary>
    public static DicomTag HalfValueLayer => new(0x0040, 0x0314);

    /// <summary>(0040,0316) Organ Dose, DS 1</summary>
    public static DicomTag OrganDose => new(0x0040, 0x0316);

    /// <summary>(0040,0318) Organ Exposed, CS 1</summary>
    public static DicomTag OrganExposed => new(0x0040, 0x0318);

    /// <summary>(0040,0320) Billing Procedure Step Sequence, SQ 1</summary>
    public static DicomTag BillingProcedureStepSequence => new(0x0040, 0x0320);

    /// <summary>(0040,0321) Film Consumption Sequence, SQ 1</summary>
    public static DicomTag FilmConsumptionSequence => new(0x0040, 0x0321);

    /// <summary>(0040,0324) Billing Supplies and Devices Sequence, SQ 1</summary>
    public static DicomTag BillingSuppliesAndDevicesSequence => new(0x0040, 0x0324);

    /// <summary>(0040,0330) Referenced Procedure Step Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedProcedureStepSequence => new(0x0040, 0x0330);

    /// <summary>(0040,0340) Performed Series Sequence, SQ 1</summary>
    public static DicomTag PerformedSeriesSequence => new(0x0040, 0x0340);

    /// <summary>(0040,0400) Comments on the Scheduled Procedure Step, LT 1</summary>
    public static DicomTag CommentsOnTheScheduledProcedureStep => new(0x0040, 0x0400);

    /// <summary>(0040,0440) Protocol Context Sequence, SQ 1</summary>
    public static DicomTag ProtocolContextSequence => new(0x0040, 0x0440);

    /// <summary>(0040,0441) Content Item Modifier Sequence, SQ 1</summary>
    public static DicomTag ContentItemModifierSequence => new(0x0040, 0x0441);

    /// <summary>(0040,0500) Scheduled Specimen Sequence, SQ 1</summary>
    public static DicomTag ScheduledSpecimenSequence => new(0x0040, 0x0500);

    /// <summary>(0040,050A) Specimen Accession Number, LO 1, retired</summary>
    public static DicomTag SpecimenAccessionNumber => new(0x0040, 0x050A);

    /// <summary>(0040,0512) Container Identifier, LO 1</summary>
    public static DicomTag ContainerIdentifier => new(0x0040, 0x0512);

    /// <summary>(0040,0513) Issuer of the Container Identifier Sequence, SQ 1</summary>
    public static DicomTag IssuerOfTheContainerIdentifierSequence => new(0x0040, 0x0513);

    /// <summary>(0040,0515) Alternate Container Identifier Sequence, SQ 1</summary>
    public static DicomTag AlternateContainerIdentifierSequence => new(0x0040, 0x0515);

    /// <summary>(0040,0518) Container Type Code Sequence, SQ 1</summary>
    public static DicomTag ContainerTypeCodeSequence => new(0x0040, 0x0518);

    /// <summary>(0040,051A) Container Description, LO 1</summary>
    public static DicomTag ContainerDescription => new(0x0040, 0x051A);

    /// <summary>(0040,0520) Container Component Sequence, SQ 1</summary>
    public static DicomTag ContainerComponentSequence => new(0x0040, 0x0520);

    /// <summary>(0040,0550) Specimen Sequence, SQ 1, retired</summary>
    public static DicomTag SpecimenSequence => new(0x0040, 0x0550);

    /// <summary>(0040,0551) Specimen Identifier, LO 1</summary>
    public static DicomTag SpecimenIdentifier => new(0x0040, 0x0551);

    /// <summary>(0040,0552) Specimen Description Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag SpecimenDescriptionSequenceTrial => new(0x0040, 0x0552);

    /// <summary>(0040,0553) Specimen Description (Trial), ST 1, retired</summary>
    public static DicomTag SpecimenDescriptionTrial => new(0x0040, 0x0553);

    /// <summary>(0040,0554) Specimen UID, UI 1</summary>
    public static DicomTag SpecimenUID => new(0x0040, 0x0554);

    /// <summary>(0040,0555) Acquisition Context Sequence, SQ 1</summary>
    public static DicomTag AcquisitionContextSequence => new(0x0040, 0x0555);

    /// <summary>(0040,0556) Acquisition Context Description, ST 1</summary>
    public static DicomTag AcquisitionContextDescription => new(0x0040, 0x0556);

    /// <summary>(0040,0560) Specimen Description Sequence, SQ 1</summary>
    public static DicomTag SpecimenDescriptionSequence => new(0x0040, 0x0560);

    /// <summary>(0040,0562) Issuer of the Specimen Identifier Sequence, SQ 1</summary>
    public static DicomTag IssuerOfTheSpecimenIdentifierSequence => new(0x0040, 0x0562);

    /// <summary>(0040,059A) Specimen Type Code Sequence, SQ 1</summary>
    public static DicomTag SpecimenTypeCodeSequence => new(0x0040, 0x059A);

    /// <summary>(0040,0600) Specimen Short Description, LO 1</summary>
    public static DicomTag SpecimenShortDescription => new(0x0040, 0x0600);

    /// <summary>(0040,0602) Specimen Detailed Description, UT 1</summary>
    public static DicomTag SpecimenDetailedDescription => new(0x0040, 0x0602);

    /// <summary>(0040,0610) Specimen Preparation Sequence, SQ 1</summary>
    public static DicomTag SpecimenPreparationSequence => new(0x0040, 0x0610);

    /// <summary>(0040,0612) Specimen Preparation Step Content Item Sequence, SQ 1</summary>
    public static DicomTag SpecimenPreparationStepContentItemSequence => new(0x0040, 0x0612);

    /// <summary>(0040,0620) Specimen Localization Content Item Sequence, SQ 1</summary>
    public static DicomTag SpecimenLocalizationContentItemSequence => new(0x0040, 0x0620);

    /// <summary>(0040,06FA) Slide Identifier, LO 1, retired</summary>
    public static DicomTag SlideIdentifier => new(0x0040, 0x06FA);

    /// <summary>(0040,0710) Whole Slide Microscopy Image Frame Type Sequence, SQ 1</summary>
    public static DicomTag WholeSlideMicroscopyImageFrameTypeSequence => new(0x0040, 0x0710);

    /// <summary>(0040,071A) Image Center Point Coordinates Sequence, SQ 1</summary>
    public static DicomTag ImageCenterPointCoordinatesSequence => new(0x0040, 0x071A);

    /// <summary>(0040,072A) X Offset in Slide Coordinate System, DS 1</summary>
    public static DicomTag XOffsetInSlideCoordinateSystem => new(0x0040, 0x072A);

    /// <summary>(0040,073A) Y Offset in Slide Coordinate System, DS 1</summary>
    public static DicomTag YOffsetInSlideCoordinateSystem => new(0x0040, 0x073A);

    /// <summary>(0040,074A) Z Offset in Slide Coordinate System, DS 1</summary>
    public static DicomTag ZOffsetInSlideCoordinateSystem => new(0x0040, 0x074A);

    /// <summary>(0040,08D8) Pixel Spacing Sequence, SQ 1, retired</summary>
    public static DicomTag PixelSpacingSequence => new(0x0040, 0x08D8);

    /// <summary>(0040,08DA) Coordinate System Axis Code Sequence, SQ 1, retired</summary>
    public static DicomTag CoordinateSystemAxisCodeSequence => new(0x0040, 0x08DA);

    /// <summary>(0040,08EA) Measurement Units Code Sequence, SQ 1</summary>
    public static DicomTag MeasurementUnitsCodeSequence => new(0x0040, 0x08EA);

    /// <summary>(0040,09F8) Vital Stain Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag VitalStainCodeSequenceTrial => new(0x0040, 0x09F8);

    /// <summary>(0040,1001) Requested Procedure ID, SH 1</summary>
    public static DicomTag RequestedProcedureID => new(0x0040, 0x1001);

    /// <summary>(0040,1002) Reason for the Requested Procedure, LO 1</summary>
    public static DicomTag ReasonForTheRequestedProcedure => new(0x0040, 0x1002);

    /// <summary>(0040,1003) Requested Procedure Priority, SH 1</summary>
    public static DicomTag RequestedProcedurePriority => new(0x0040, 0x1003);

    /// <summary>(0040,1004) Patient Transport Arrangements, LO 1</summary>
    public static DicomTag PatientTransportArrangements => new(0x0040, 0x1004);

    /// <summary>(0040,1005) Requested Procedure Location, LO 1</summary>
    public static DicomTag RequestedProcedureLocation => new(0x0040, 0x1005);

    /// <summary>(0040,1006) Placer Order Number / Procedure, SH 1, retired</summary>
    public static DicomTag PlacerOrderNumberProcedure => new(0x0040, 0x1006);

    /// <summary>(0040,1007) Filler Order Number / Procedure, SH 1, retired</summary>
    public static DicomTag FillerOrderNumberProcedure => new(0x0040, 0x1007);

    /// <summary>(0040,1008) Confidentiality Code, LO 1</summary>
    public static DicomTag ConfidentialityCode => new(0x0040, 0x1008);

    /// <summary>(0040,1009) Reporting Priority, SH 1</summary>
    public static DicomTag ReportingPriority => new(0x0040, 0x1009);

    /// <summary>(0040,100A) Reason for Requested Procedure Code Sequence, SQ 1</summary>
    public static DicomTag ReasonForRequestedProcedureCodeSequence => new(0x0040, 0x100A);

    /// <summary>(0040,1010) Names of Intended Recipients of Results, PN 1-n</summary>
    public static DicomTag NamesOfIntendedRecipientsOfResults => new(0x0040, 0x1010);

    /// <summary>(0040,1011) Intended Recipients of Results Identification Sequence, SQ 1</summary>
    public static DicomTag IntendedRecipientsOfResultsIdentificationSequence => new(0x0040, 0x1011);

    /// <summary>(0040,1012) Reason For Performed Procedure Code Sequence, SQ 1</summary>
    public static DicomTag ReasonForPerformedProcedureCodeSequence => new(0x0040, 0x1012);

    /// <summary>(0040,1060) Requested Procedure Description (Trial), LO 1, retired</summary>
    public static DicomTag RequestedProcedureDescriptionTrial => new(0x0040, 0x1060);

    /// <summary>(0040,1101) Person Identification Code Sequence, SQ 1</summary>
    public static DicomTag PersonIdentificationCodeSequence => new(0x0040, 0x1101);

    /// <summary>(0040,1102) Person's Address, ST 1</summary>
    public static DicomTag PersonAddress => new(0x0040, 0x1102);

    /// <summary>(0040,1103) Person's Telephone Numbers, LO 1-n</summary>
    public static DicomTag PersonTelephoneNumbers => new(0x0040, 0x1103);

    /// <summary>(0040,1104) Person's Telecom Information, LT 1</summary>
    public static DicomTag PersonTelecomInformation => new(0x0040, 0x1104);

    /// <summary>(0040,1400) Requested Procedure Comments, LT 1</summary>
    public static DicomTag RequestedProcedureComments => new(0x0040, 0x1400);

    /// <summary>(0040,2001) Reason for the Imaging Service Request, LO 1, retired</summary>
    public static DicomTag ReasonForTheImagingServiceRequest => new(0x0040, 0x2001);

    /// <summary>(0040,2004) Issue Date of Imaging Service Request, DA 1</summary>
    public static DicomTag IssueDateOfImagingServiceRequest => new(0x0040, 0x2004);

    /// <summary>(0040,2005) Issue Time of Imaging Service Request, TM 1</summary>
    public static DicomTag IssueTimeOfImagingServiceRequest => new(0x0040, 0x2005);

    /// <summary>(0040,2006) Placer Order Number / Imaging Service Request (Retired), SH 1, retired</summary>
    public static DicomTag PlacerOrderNumberImagingServiceRequestRetired => new(0x0040, 0x2006);

    /// <summary>(0040,2007) Filler Order Number / Imaging Service Request (Retired), SH 1, retired</summary>
    public static DicomTag FillerOrderNumberImagingServiceRequestRetired => new(0x0040, 0x2007);

    /// <summary>(0040,2008) Order Entered By, PN 1</summary>
    public static DicomTag OrderEnteredBy => new(0x0040, 0x2008);

    /// <summary>(0040,2009) Order Enterer's Location, SH 1</summary>
    public static DicomTag OrderEntererLocation => new(0x0040, 0x2009);

    /// <summary>(0040,2010) Order Callback Phone Number, SH 1</summary>
    public static DicomTag OrderCallbackPhoneNumber => new(0x0040, 0x2010);

    /// <summary>(0040,2011) Order Callback Telecom Information, LT 1</summary>
    public static DicomTag OrderCallbackTelecomInformation => new(0x0040, 0x2011);

    /// <summary>(0040,2016) Placer Order Number / Imaging Service Request, LO 1</summary>
    public static DicomTag PlacerOrderNumberImagingServiceRequest => new(0x0040, 0x2016);

    /// <summary>(0040,2017) Filler Order Number / Imaging Service Request, LO 1</summary>
    public static DicomTag FillerOrderNumberImagingServiceRequest => new(0x0040, 0x2017);

    /// <summary>(0040,2400) Imaging Service Request Comments, LT 1</summary>
    public static DicomTag ImagingServiceRequestComments => new(0x0040, 0x2400);

    /// <summary>(0040,3001) Confidentiality Constraint on Patient Data Description, LO 1</summary>
    public static DicomTag ConfidentialityConstraintOnPatientDataDescription => new(0x0040, 0x3001);

    /// <summary>(0040,4001) General Purpose Scheduled Procedure Step Status, CS 1, retired</summary>
    public static DicomTag GeneralPurposeScheduledProcedureStepStatus => new(0x0040, 0x4001);

    /// <summary>(0040,4002) General Purpose Performed Procedure Step Status, CS 1, retired</summary>
    public static DicomTag GeneralPurposePerformedProcedureStepStatus => new(0x0040, 0x4002);

    /// <summary>(0040,4003) General Purpose Scheduled Procedure Step Priority, CS 1, retired</summary>
    public static DicomTag GeneralPurposeScheduledProcedureStepPriority => new(0x0040, 0x4003);

    /// <summary>(0040,4004) Scheduled Processing Applications Code Sequence, SQ 1, retired</summary>
    public static DicomTag ScheduledProcessingApplicationsCodeSequence => new(0x0040, 0x4004);

    /// <summary>(0040,4005) Scheduled Procedure Step Start DateTime, DT 1</summary>
    public static DicomTag ScheduledProcedureStepStartDateTime => new(0x0040, 0x4005);

    /// <summary>(0040,4006) Multiple Copies Flag, CS 1, retired</summary>
    public static DicomTag MultipleCopiesFlag => new(0x0040, 0x4006);

    /// <summary>(0040,4007) Performed Processing Applications Code Sequence, SQ 1, retired</summary>
    public static DicomTag PerformedProcessingApplicationsCodeSequence => new(0x0040, 0x4007);

    /// <summary>(0040,4008) Scheduled Procedure Step Expiration DateTime, DT 1</summary>
    public static DicomTag ScheduledProcedureStepExpirationDateTime => new(0x0040, 0x4008);

    /// <summary>(0040,4009) Human Performer Code Sequence, SQ 1</summary>
    public static DicomTag HumanPerformerCodeSequence => new(0x0040, 0x4009);

    /// <summary>(0040,4010) Scheduled Procedure Step Modification DateTime, DT 1</summary>
    public static DicomTag ScheduledProcedureStepModificationDateTime => new(0x0040, 0x4010);

    /// <summary>(0040,4011) Expected Completion DateTime, DT 1</summary>
    public static DicomTag ExpectedCompletionDateTime => new(0x0040, 0x4011);

    /// <summary>(0040,4015) Resulting General Purpose Performed Procedure Steps Sequence, SQ 1, retired</summary>
    public static DicomTag ResultingGeneralPurposePerformedProcedureStepsSequence => new(0x0040, 0x4015);

    /// <summary>(0040,4016) Referenced General Purpose Scheduled Procedure Step Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedGeneralPurposeScheduledProcedureStepSequence => new(0x0040, 0x4016);

    /// <summary>(0040,4018) Scheduled Workitem Code Sequence, SQ 1</summary>
    public static DicomTag ScheduledWorkitemCodeSequence => new(0x0040, 0x4018);

    /// <summary>(0040,4019) Performed Workitem Code Sequence, SQ 1</summary>
    public static DicomTag PerformedWorkitemCodeSequence => new(0x0040, 0x4019);

    /// <summary>(0040,4020) Input Availability Flag, CS 1, retired</summary>
    public static DicomTag InputAvailabilityFlag => new(0x0040, 0x4020);

    /// <summary>(0040,4021) Input Information Sequence, SQ 1</summary>
    public static DicomTag InputInformationSequence => new(0x0040, 0x4021);

    /// <summary>(0040,4022) Relevant Information Sequence, SQ 1, retired</summary>
    public static DicomTag RelevantInformationSequence => new(0x0040, 0x4022);

    /// <summary>(0040,4023) Referenced General Purpose Scheduled Procedure Step Transaction UID, UI 1, retired</summary>
    public static DicomTag ReferencedGeneralPurposeScheduledProcedureStepTransactionUID => new(0x0040, 0x4023);

    /// <summary>(0040,4025) Scheduled Station Name Code Sequence, SQ 1</summary>
    public static DicomTag ScheduledStationNameCodeSequence => new(0x0040, 0x4025);

    /// <summary>(0040,4026) Scheduled Station Class Code Sequence, SQ 1</summary>
    public static DicomTag ScheduledStationClassCodeSequence => new(0x0040, 0x4026);

    /// <summary>(0040,4027) Scheduled Station Geographic Location Code Sequence, SQ 1</summary>
    public static DicomTag ScheduledStationGeographicLocationCodeSequence => new(0x0040, 0x4027);

    /// <summary>(0040,4028) Performed Station Name Code Sequence, SQ 1</summary>
    public static DicomTag PerformedStationNameCodeSequence => new(0x0040, 0x4028);

    /// <summary>(0040,4029) Performed Station Class Code Sequence, SQ 1</summary>
    public static DicomTag PerformedStationClassCodeSequence => new(0x0040, 0x4029);

    /// <summary>(0040,4030) Performed Station Geographic Location Code Sequence, SQ 1</summary>
    public static DicomTag PerformedStationGeographicLocationCodeSequence => new(0x0040, 0x4030);

    /// <summary>(0040,4031) Requested Subsequent Workitem Code Sequence, SQ 1, retired</summary>
    public static DicomTag RequestedSubsequentWorkitemCodeSequence => new(0x0040, 0x4031);

    /// <summary>(0040,4032) Non-DICOM Output Code Sequence, SQ 1, retired</summary>
    public static DicomTag NonDICOMOutputCodeSequence => new(0x0040, 0x4032);

    /// <summary>(0040,4033) Output Information Sequence, SQ 1</summary>
    public static DicomTag OutputInformationSequence => new(0x0040, 0x4033);

    /// <summary>(0040,4034) Scheduled Human Performers Sequence, SQ 1</summary>
    public static DicomTag ScheduledHumanPerformersSequence => new(0x0040, 0x4034);

    /// <summary>(0040,4035) Actual Human Performers Sequence, SQ 1</summary>
    public static DicomTag ActualHumanPerformersSequence => new(0x0040, 0x4035);

    /// <summary>(0040,4036) Human Performer's Organization, LO 1</summary>
    public static DicomTag HumanPerformerOrganization => new(0x0040, 0x4036);

    /// <summary>(0040,4037) Human Performer's Name, PN 1</summary>
    public static DicomTag HumanPerformerName => new(0x0040, 0x4037);

    /// <summary>(0040,4040) Raw Data Handling, CS 1</summary>
    public static DicomTag RawDataHandling => new(0x0040, 0x4040);

    /// <summary>(0040,4041) Input Readiness State, CS 1</summary>
    public static DicomTag InputReadinessState => new(0x0040, 0x4041);

    /// <summary>(0040,4050) Performed Procedure Step Start DateTime, DT 1</summary>
    public static DicomTag PerformedProcedureStepStartDateTime => new(0x0040, 0x4050);

    /// <summary>(0040,4051) Performed Procedure Step End DateTime, DT 1</summary>
    public static DicomTag PerformedProcedureStepEndDateTime => new(0x0040, 0x4051);

    /// <summary>(0040,4052) Procedure Step Cancellation DateTime, DT 1</summary>
    public static DicomTag ProcedureStepCancellationDateTime => new(0x0040, 0x4052);

    /// <summary>(0040,4070) Output Destination Sequence, SQ 1</summary>
    public static DicomTag OutputDestinationSequence => new(0x0040, 0x4070);

    /// <summary>(0040,4071) DICOM Storage Sequence, SQ 1</summary>
    public static DicomTag DICOMStorageSequence => new(0x0040, 0x4071);

    /// <summary>(0040,4072) STOW-RS Storage Sequence, SQ 1</summary>
    public static DicomTag STOWRSStorageSequence => new(0x0040, 0x4072);

    /// <summary>(0040,4073) Storage URL, UR 1</summary>
    public static DicomTag StorageURL => new(0x0040, 0x4073);

    /// <summary>(0040,4074) XDS Storage Sequence, SQ 1</summary>
    public static DicomTag XDSStorageSequence => new(0x0040, 0x4074);

    /// <summary>(0040,8302) Entrance Dose in mGy, DS 1</summary>
    public static DicomTag EntranceDoseInmGy => new(0x0040, 0x8302);

    /// <summary>(0040,8303) Entrance Dose Derivation, CS 1</summary>
    public static DicomTag EntranceDoseDerivation => new(0x0040, 0x8303);

    /// <summary>(0040,9092) Parametric Map Frame Type Sequence, SQ 1</summary>
    public static DicomTag ParametricMapFrameTypeSequence => new(0x0040, 0x9092);

    /// <summary>(0040,9094) Referenced Image Real World Value Mapping Sequence, SQ 1</summary>
    public static DicomTag ReferencedImageRealWorldValueMappingSequence => new(0x0040, 0x9094);

    /// <summary>(0040,9096) Real World Value Mapping Sequence, SQ 1</summary>
    public static DicomTag RealWorldValueMappingSequence => new(0x0040, 0x9096);

    /// <summary>(0040,9098) Pixel Value Mapping Code Sequence, SQ 1</summary>
    public static DicomTag PixelValueMappingCodeSequence => new(0x0040, 0x9098);

    /// <summary>(0040,9210) LUT Label, SH 1</summary>
    public static DicomTag LUTLabel => new(0x0040, 0x9210);

    /// <summary>(0040,9211) Real World Value Last Value Mapped, US/SS 1</summary>
    public static DicomTag RealWorldValueLastValueMapped => new(0x0040, 0x9211);

    /// <summary>(0040,9212) Real World Value LUT Data, FD 1-n</summary>
    public static DicomTag RealWorldValueLUTData => new(0x0040, 0x9212);

    /// <summary>(0040,9213) Double Float Real World Value Last Value Mapped, FD 1</summary>
    public static DicomTag DoubleFloatRealWorldValueLastValueMapped => new(0x0040, 0x9213);

    /// <summary>(0040,9214) Double Float Real World Value First Value Mapped, FD 1</summary>
    public static DicomTag DoubleFloatRealWorldValueFirstValueMapped => new(0x0040, 0x9214);

    /// <summary>(0040,9216) Real World Value First Value Mapped, US/SS 1</summary>
    public static DicomTag RealWorldValueFirstValueMapped => new(0x0040, 0x9216);

    /// <summary>(0040,9220) Quantity Definition Sequence, SQ 1</summary>
    public static DicomTag QuantityDefinitionSequence => new(0x0040, 0x9220);

    /// <summary>(0040,9224) Real World Value Intercept, FD 1</summary>
    public static DicomTag RealWorldValueIntercept => new(0x0040, 0x9224);

    /// <summary>(0040,9225) Real World Value Slope, FD 1</summary>
    public static DicomTag RealWorldValueSlope => new(0x0040, 0x9225);

    /// <summary>(0040,A007) Findings Flag (Trial), CS 1, retired</summary>
    public static DicomTag FindingsFlagTrial => new(0x0040, 0xA007);

    /// <summary>(0040,A010) Relationship Type, CS 1</summary>
    public static DicomTag RelationshipType => new(0x0040, 0xA010);

    /// <summary>(0040,A020) Findings Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag FindingsSequenceTrial => new(0x0040, 0xA020);

    /// <summary>(0040,A021) Findings Group UID (Trial), UI 1, retired</summary>
    public static DicomTag FindingsGroupUIDTrial => new(0x0040, 0xA021);

    /// <summary>(0040,A022) Referenced Findings Group UID (Trial), UI 1, retired</summary>
    public static DicomTag ReferencedFindingsGroupUIDTrial => new(0x0040, 0xA022);

    /// <summary>(0040,A023) Findings Group Recording Date (Trial), DA 1, retired</summary>
    public static DicomTag FindingsGroupRecordingDateTrial => new(0x0040, 0xA023);

    /// <summary>(0040,A024) Findings Group Recording Time (Trial), TM 1, retired</summary>
    public static DicomTag FindingsGroupRecordingTimeTrial => new(0x0040, 0xA024);

    /// <summary>(0040,A026) Findings Source Category Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag FindingsSourceCategoryCodeSequenceTrial => new(0x0040, 0xA026);

    /// <summary>(0040,A027) Verifying Organization, LO 1</summary>
    public static DicomTag VerifyingOrganization => new(0x0040, 0xA027);

    /// <summary>(0040,A028) Documenting Organization Identifier Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag DocumentingOrganizationIdentifierCodeSequenceTrial => new(0x0040, 0xA028);

    /// <summary>(0040,A030) Verification DateTime, DT 1</summary>
    public static DicomTag VerificationDateTime => new(0x0040, 0xA030);

    /// <summary>(0040,A032) Observation DateTime, DT 1</summary>
    public static DicomTag ObservationDateTime => new(0x0040, 0xA032);

    /// <summary>(0040,A033) Observation Start DateTime, DT 1</summary>
    public static DicomTag ObservationStartDateTime => new(0x0040, 0xA033);

    /// <summary>(0040,A040) Value Type, CS 1</summary>
    public static DicomTag ValueType => new(0x0040, 0xA040);

    /// <summary>(0040,A043) Concept Name Code Sequence, SQ 1</summary>
    public static DicomTag ConceptNameCodeSequence => new(0x0040, 0xA043);

    /// <summary>(0040,A047) Measurement Precision Description (Trial), LO 1, retired</summary>
    public static DicomTag MeasurementPrecisionDescriptionTrial => new(0x0040, 0xA047);

    /// <summary>(0040,A050) Continuity Of Content, CS 1</summary>
    public static DicomTag ContinuityOfContent => new(0x0040, 0xA050);

    /// <summary>(0040,A057) Urgency or Priority Alerts (Trial), CS 1-n, retired</summary>
    public static DicomTag UrgencyOrPriorityAlertsTrial => new(0x0040, 0xA057);

    /// <summary>(0040,A060) Sequencing Indicator (Trial), LO 1, retired</summary>
    public static DicomTag SequencingIndicatorTrial => new(0x0040, 0xA060);

    /// <summary>(0040,A066) Document Identifier Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag DocumentIdentifierCodeSequenceTrial => new(0x0040, 0xA066);

    /// <summary>(0040,A067) Document Author (Trial), PN 1, retired</summary>
    public static DicomTag DocumentAuthorTrial => new(0x0040, 0xA067);

    /// <summary>(0040,A068) Document Author Identifier Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag DocumentAuthorIdentifierCodeSequenceTrial => new(0x0040, 0xA068);

    /// <summary>(0040,A070) Identifier Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag IdentifierCodeSequenceTrial => new(0x0040, 0xA070);

    /// <summary>(0040,A073) Verifying Observer Sequence, SQ 1</summary>
    public static DicomTag VerifyingObserverSequence => new(0x0040, 0xA073);

    /// <summary>(0040,A074) Object Binary Identifier (Trial), OB 1, retired</summary>
    public static DicomTag ObjectBinaryIdentifierTrial => new(0x0040, 0xA074);

    /// <summary>(0040,A075) Verifying Observer Name, PN 1</summary>
    public static DicomTag VerifyingObserverName => new(0x0040, 0xA075);

    /// <summary>(0040,A076) Documenting Observer Identifier Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag DocumentingObserverIdentifierCodeSequenceTrial => new(0x0040, 0xA076);

    /// <summary>(0040,A078) Author Observer Sequence, SQ 1</summary>
    public static DicomTag AuthorObserverSequence => new(0x0040, 0xA078);

    /// <summary>(0040,A07A) Participant Sequence, SQ 1</summary>
    public static DicomTag ParticipantSequence => new(0x0040, 0xA07A);

    /// <summary>(0040,A07C) Custodial Organization Sequence, SQ 1</summary>
    public static DicomTag CustodialOrganizationSequence => new(0x0040, 0xA07C);

    /// <summary>(0040,A080) Participation Type, CS 1</summary>
    public static DicomTag ParticipationType => new(0x0040, 0xA080);

    /// <summary>(0040,A082) Participation DateTime, DT 1</summary>
    public static DicomTag ParticipationDateTime => new(0x0040, 0xA082);

    /// <summary>(0040,A084) Observer Type, CS 1</summary>
    public static DicomTag ObserverType => new(0x0040, 0xA084);

    /// <summary>(0040,A085) Procedure Identifier Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag ProcedureIdentifierCodeSequenceTrial => new(0x0040, 0xA085);

    /// <summary>(0040,A088) Verifying Observer Identification Code Sequence, SQ 1</summary>
    public static DicomTag VerifyingObserverIdentificationCodeSequence => new(0x0040, 0xA088);

    /// <summary>(0040,A089) Object Directory Binary Identifier (Trial), OB 1, retired</summary>
    public static DicomTag ObjectDirectoryBinaryIdentifierTrial => new(0x0040, 0xA089);

    /// <summary>(0040,A090) Equivalent CDA Document Sequence, SQ 1, retired</summary>
    public static DicomTag EquivalentCDADocumentSequence => new(0x0040, 0xA090);

    /// <summary>(0040,A0B0) Referenced Waveform Channels, US 2-2n</summary>
    public static DicomTag ReferencedWaveformChannels => new(0x0040, 0xA0B0);

    /// <summary>(0040,A110) Date of Document or Verbal Transaction (Trial), DA 1, retired</summary>
    public static DicomTag DateOfDocumentOrVerbalTransactionTrial => new(0x0040, 0xA110);

    /// <summary>(0040,A112) Time of Document Creation or Verbal Transaction (Trial), TM 1, retired</summary>
    public static DicomTag TimeOfDocumentCreationOrVerbalTransactionTrial => new(0x0040, 0xA112);

    /// <summary>(0040,A120) DateTime, DT 1</summary>
    public static DicomTag DateTime => new(0x0040, 0xA120);

    /// <summary>(0040,A121) Date, DA 1</summary>
    public static DicomTag Date => new(0x0040, 0xA121);

    /// <summary>(0040,A122) Time, TM 1</summary>
    public static DicomTag Time => new(0x0040, 0xA122);

    /// <summary>(0040,A123) Person Name, PN 1</summary>
    public static DicomTag PersonName => new(0x0040, 0xA123);

    /// <summary>(0040,A124) UID, UI 1</summary>
    public static DicomTag UID => new(0x0040, 0xA124);

    /// <summary>(0040,A125) Report Status ID (Trial), CS 2, retired</summary>
    public static DicomTag ReportStatusIDTrial => new(0x0040, 0xA125);

    /// <summary>(0040,A130) Temporal Range Type, CS 1</summary>
    public static DicomTag TemporalRangeType => new(0x0040, 0xA130);

    /// <summary>(0040,A132) Referenced Sample Positions, UL 1-n</summary>
    public static DicomTag ReferencedSamplePositions => new(0x0040, 0xA132);

    /// <summary>(0040,A136) Referenced Frame Numbers, US 1-n, retired</summary>
    public static DicomTag ReferencedFrameNumbers => new(0x0040, 0xA136);

    /// <summary>(0040,A138) Referenced Time Offsets, DS 1-n</summary>
    public static DicomTag ReferencedTimeOffsets => new(0x0040, 0xA138);

    /// <summary>(0040,A13A) Referenced DateTime, DT 1-n</summary>
    public static DicomTag ReferencedDateTime => new(0x0040, 0xA13A);

    /// <summary>(0040,A160) Text Value, UT 1</summary>
    public static DicomTag TextValue => new(0x0040, 0xA160);

    /// <summary>(0040,A161) Floating Point Value, FD 1-n</summary>
    public static DicomTag FloatingPointValue => new(0x0040, 0xA161);

    /// <summary>(0040,A162) Rational Numerator Value, SL 1-n</summary>
    public static DicomTag RationalNumeratorValue => new(0x0040, 0xA162);

    /// <summary>(0040,A163) Rational Denominator Value, UL 1-n</summary>
    public static DicomTag RationalDenominatorValue => new(0x0040, 0xA163);

    /// <summary>(0040,A167) Observation Category Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag ObservationCategoryCodeSequenceTrial => new(0x0040, 0xA167);

    /// <summary>(0040,A168) Concept Code Sequence, SQ 1</summary>
    public static DicomTag ConceptCodeSequence => new(0x0040, 0xA168);

    /// <summary>(0040,A16A) Bibliographic Citation (Trial), ST 1, retired</summary>
    public static DicomTag BibliographicCitationTrial => new(0x0040, 0xA16A);

    /// <summary>(0040,A170) Purpose of Reference Code Sequence, SQ 1</summary>
    public static DicomTag PurposeOfReferenceCodeSequence => new(0x0040, 0xA170);

    /// <summary>(0040,A171) Observation UID, UI 1</summary>
    public static DicomTag ObservationUID => new(0x0040, 0xA171);

    /// <summary>(0040,A172) Referenced Observation UID (Trial), UI 1, retired</summary>
    public static DicomTag ReferencedObservationUIDTrial => new(0x0040, 0xA172);

    /// <summary>(0040,A173) Referenced Observation Class (Trial), CS 1, retired</summary>
    public static DicomTag ReferencedObservationClassTrial => new(0x0040, 0xA173);

    /// <summary>(0040,A174) Referenced Object Observation Class (Trial), CS 1, retired</summary>
    public static DicomTag ReferencedObjectObservationClassTrial => new(0x0040, 0xA174);

    /// <summary>(0040,A180) Annotation Group Number, US 1</summary>
    public static DicomTag AnnotationGroupNumber => new(0x0040, 0xA180);

    /// <summary>(0040,A192) Observation Date (Trial), DA 1, retired</summary>
    public static DicomTag ObservationDateTrial => new(0x0040, 0xA192);

    /// <summary>(0040,A193) Observation Time (Trial), TM 1, retired</summary>
    public static DicomTag ObservationTimeTrial => new(0x0040, 0xA193);

    /// <summary>(0040,A194) Measurement Automation (Trial), CS 1, retired</summary>
    public static DicomTag MeasurementAutomationTrial => new(0x0040, 0xA194);

    /// <summary>(0040,A195) Modifier Code Sequence, SQ 1</summary>
    public static DicomTag ModifierCodeSequence => new(0x0040, 0xA195);

    /// <summary>(0040,A224) Identification Description (Trial), ST 1, retired</summary>
    public static DicomTag IdentificationDescriptionTrial => new(0x0040, 0xA224);

    /// <summary>(0040,A290) Coordinates Set Geometric Type (Trial), CS 1, retired</summary>
    public static DicomTag CoordinatesSetGeometricTypeTrial => new(0x0040, 0xA290);

    /// <summary>(0040,A296) Algorithm Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag AlgorithmCodeSequenceTrial => new(0x0040, 0xA296);

    /// <summary>(0040,A297) Algorithm Description (Trial), ST 1, retired</summary>
    public static DicomTag AlgorithmDescriptionTrial => new(0x0040, 0xA297);

    /// <summary>(0040,A29A) Pixel Coordinates Set (Trial), SL 2-2n, retired</summary>
    public static DicomTag PixelCoordinatesSetTrial => new(0x0040, 0xA29A);

    /// <summary>(0040,A300) Measured Value Sequence, SQ 1</summary>
    public static DicomTag MeasuredValueSequence => new(0x0040, 0xA300);

    /// <summary>(0040,A301) Numeric Value Qualifier Code Sequence, SQ 1</summary>
    public static DicomTag NumericValueQualifierCodeSequence => new(0x0040, 0xA301);

    /// <summary>(0040,A307) Current Observer (Trial), PN 1, retired</summary>
    public static DicomTag CurrentObserverTrial => new(0x0040, 0xA307);

    /// <summary>(0040,A30A) Numeric Value, DS 1-n</summary>
    public static DicomTag NumericValue => new(0x0040, 0xA30A);

    /// <summary>(0040,A313) Referenced Accession Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag ReferencedAccessionSequenceTrial => new(0x0040, 0xA313);

    /// <summary>(0040,A33A) Report Status Comment (Trial), ST 1, retired</summary>
    public static DicomTag ReportStatusCommentTrial => new(0x0040, 0xA33A);

    /// <summary>(0040,A340) Procedure Context Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag ProcedureContextSequenceTrial => new(0x0040, 0xA340);

    /// <summary>(0040,A352) Verbal Source (Trial), PN 1, retired</summary>
    public static DicomTag VerbalSourceTrial => new(0x0040, 0xA352);

    /// <summary>(0040,A353) Address (Trial), ST 1, retired</summary>
    public static DicomTag AddressTrial => new(0x0040, 0xA353);

    /// <summary>(0040,A354) Telephone Number (Trial), LO 1, retired</summary>
    public static DicomTag TelephoneNumberTrial => new(0x0040, 0xA354);

    /// <summary>(0040,A358) Verbal Source Identifier Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag VerbalSourceIdentifierCodeSequenceTrial => new(0x0040, 0xA358);

    /// <summary>(0040,A360) Predecessor Documents Sequence, SQ 1</summary>
    public static DicomTag PredecessorDocumentsSequence => new(0x0040, 0xA360);

    /// <summary>(0040,A370) Referenced Request Sequence, SQ 1</summary>
    public static DicomTag ReferencedRequestSequence => new(0x0040, 0xA370);

    /// <summary>(0040,A372) Performed Procedure Code Sequence, SQ 1</summary>
    public static DicomTag PerformedProcedureCodeSequence => new(0x0040, 0xA372);

    /// <summary>(0040,A375) Current Requested Procedure Evidence Sequence, SQ 1</summary>
    public static DicomTag CurrentRequestedProcedureEvidenceSequence => new(0x0040, 0xA375);

    /// <summary>(0040,A380) Report Detail Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag ReportDetailSequenceTrial => new(0x0040, 0xA380);

    /// <summary>(0040,A385) Pertinent Other Evidence Sequence, SQ 1</summary>
    public static DicomTag PertinentOtherEvidenceSequence => new(0x0040, 0xA385);

    /// <summary>(0040,A390) HL7 Structured Document Reference Sequence, SQ 1</summary>
    public static DicomTag HL7StructuredDocumentReferenceSequence => new(0x0040, 0xA390);

    /// <summary>(0040,A402) Observation Subject UID (Trial), UI 1, retired</summary>
    public static DicomTag ObservationSubjectUIDTrial => new(0x0040, 0xA402);

    /// <summary>(0040,A403) Observation Subject Class (Trial), CS 1, retired</summary>
    public static DicomTag ObservationSubjectClassTrial => new(0x0040, 0xA403);

    /// <summary>(0040,A404) Observation Subject Type Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag ObservationSubjectTypeCodeSequenceTrial => new(0x0040, 0xA404);

    /// <summary>(0040,A491) Completion Flag, CS 1</summary>
    public static DicomTag CompletionFlag => new(0x0040, 0xA491);

    /// <summary>(0040,A492) Completion Flag Description, LO 1</summary>
    public static DicomTag CompletionFlagDescription => new(0x0040, 0xA492);

    /// <summary>(0040,A493) Verification Flag, CS 1</summary>
    public static DicomTag VerificationFlag => new(0x0040, 0xA493);

    /// <summary>(0040,A494) Archive Requested, CS 1</summary>
    public static DicomTag ArchiveRequested => new(0x0040, 0xA494);

    /// <summary>(0040,A496) Preliminary Flag, CS 1</summary>
    public static DicomTag PreliminaryFlag => new(0x0040, 0xA496);

    /// <summary>(0040,A504) Content Template Sequence, SQ 1</summary>
    public static DicomTag ContentTemplateSequence => new(0x0040, 0xA504);

    /// <summary>(0040,A525) Identical Documents Sequence, SQ 1</summary>
    public static DicomTag IdenticalDocumentsSequence => new(0x0040, 0xA525);

    /// <summary>(0040,A600) Observation Subject Context Flag (Trial), CS 1, retired</summary>
    public static DicomTag ObservationSubjectContextFlagTrial => new(0x0040, 0xA600);

    /// <summary>(0040,A601) Observer Context Flag (Trial), CS 1, retired</summary>
    public static DicomTag ObserverContextFlagTrial => new(0x0040, 0xA601);

    /// <summary>(0040,A603) Procedure Context Flag (Trial), CS 1, retired</summary>
    public static DicomTag ProcedureContextFlagTrial => new(0x0040, 0xA603);

    /// <summary>(0040,A730) Content Sequence, SQ 1</summary>
    public static DicomTag ContentSequence => new(0x0040, 0xA730);

    /// <summary>(0040,A731) Relationship Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag RelationshipSequenceTrial => new(0x0040, 0xA731);

    /// <summary>(0040,A732) Relationship Type Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag RelationshipTypeCodeSequenceTrial => new(0x0040, 0xA732);

    /// <summary>(0040,A744) Language Code Sequence (Trial), SQ 1, retired</summary>
    public static DicomTag LanguageCodeSequenceTrial => new(0x0040, 0xA744);

    /// <summary>(0040,A801) Tabulated Values Sequence, SQ 1</summary>
    public static DicomTag TabulatedValuesSequence => new(0x0040, 0xA801);

    /// <summary>(0040,A802) Number of Table Rows, UL 1</summary>
    public static DicomTag NumberOfTableRows => new(0x0040, 0xA802);

    /// <summary>(0040,A803) Number of Table Columns, UL 1</summary>
    public static DicomTag NumberOfTableColumns => new(0x0040, 0xA803);

    /// <summary>(0040,A804) Table Row Number, UL 1</summary>
    public static DicomTag TableRowNumber => new(0x0040, 0xA804);

    /// <summary>(0040,A805) Table Column Number, UL 1</summary>
    public static DicomTag TableColumnNumber => new(0x0040, 0xA805);

    /// <summary>(0040,A806) Table Row Definition Sequence, SQ 1</summary>
    public static DicomTag TableRowDefinitionSequence => new(0x0040, 0xA806);

    /// <summary>(0040,A807) Table Column Definition Sequence, SQ 1</summary>
    public static DicomTag TableColumnDefinitionSequence => new(0x0040, 0xA807);

    /// <summary>(0040,A808) Cell Values Sequence, SQ 1</summary>
    public static DicomTag CellValuesSequence => new(0x0040, 0xA808);

    /// <summary>(0040,A992) Uniform Resource Locator (Trial), ST 1, retired</summary>
    public static DicomTag UniformResourceLocatorTrial => new(0x0040, 0xA992);

    /// <summary>(0040,B020) Waveform Annotation Sequence, SQ 1</summary>
    public static DicomTag WaveformAnnotationSequence => new(0x0040, 0xB020);

    /// <summary>(0040,DB00) Template Identifier, CS 1</summary>
    public static DicomTag TemplateIdentifier => new(0x0040, 0xDB00);

    /// <summary>(0040,DB06) Template Version, DT 1, retired</summary>
    public static DicomTag TemplateVersion => new(0x0040, 0xDB06);

    /// <summary>(0040,DB07) Template Local Version, DT 1, retired</summary>
    public static DicomTag TemplateLocalVersion => new(0x0040, 0xDB07);

    /// <summary>(0040,DB0B) Template Extension Flag, CS 1, retired</summary>
    public static DicomTag TemplateExtensionFlag => new(0x0040, 0xDB0B);

    /// <summary>(0040,DB0C) Template Extension Organization UID, UI 1, retired</summary>
    public static DicomTag TemplateExtensionOrganizationUID => new(0x0040, 0xDB0C);

    /// <summary>(0040,DB0D) Template Extension Creator UID, UI 1, retired</summary>
    public static DicomTag TemplateExtensionCreatorUID => new(0x0040, 0xDB0D);

    /// <summary>(0040,DB73) Referenced Content Item Identifier, UL 1-n</summary>
    public static DicomTag ReferencedContentItemIdentifier => new(0x0040, 0xDB73);

    /// <summary>(0040,E001) HL7 Instance Identifier, ST 1</summary>
    public static DicomTag HL7InstanceIdentifier => new(0x0040, 0xE001);

    /// <summary>(0040,E004) HL7 Document Effective Time, DT 1</summary>
    public static DicomTag HL7DocumentEffectiveTime => new(0x0040, 0xE004);

    /// <summary>(0040,E006) HL7 Document Type Code Sequence, SQ 1</summary>
    public static DicomTag HL7DocumentTypeCodeSequence => new(0x0040, 0xE006);

    /// <summary>(0040,E008) Document Class Code Sequence, SQ 1</summary>
    public static DicomTag DocumentClassCodeSequence => new(0x0040, 0xE008);

    /// <summary>(0040,E010) Retrieve URI, UR 1</summary>
    public static DicomTag RetrieveURI => new(0x0040, 0xE010);

    /// <summary>(0040,E011) Retrieve Location UID, UI 1</summary>
    public static DicomTag RetrieveLocationUID => new(0x0040, 0xE011);

    /// <summary>(0040,E020) Type of Instances, CS 1</summary>
    public static DicomTag TypeOfInstances => new(0x0040, 0xE020);

    /// <summary>(0040,E021) DICOM Retrieval Sequence, SQ 1</summary>
    public static DicomTag DICOMRetrievalSequence => new(0x0040, 0xE021);

    /// <summary>(0040,E022) DICOM Media Retrieval Sequence, SQ 1</summary>
    public static DicomTag DICOMMediaRetrievalSequence => new(0x0040, 0xE022);

    /// <summary>(0040,E023) WADO Retrieval Sequence, SQ 1</summary>
    public static DicomTag WADORetrievalSequence => new(0x0040, 0xE023);

    /// <summary>(0040,E024) XDS Retrieval Sequence, SQ 1</summary>
    public static DicomTag XDSRetrievalSequence => new(0x0040, 0xE024);

    /// <summary>(0040,E025) WADO-RS Retrieval Sequence, SQ 1</summary>
    public static DicomTag WADORSRetrievalSequence => new(0x0040, 0xE025);

    /// <summary>(0040,E030) Repository Unique ID, UI 1</summary>
    public static DicomTag RepositoryUniqueID => new(0x0040, 0xE030);

    /// <summary>(0040,E031) Home Community ID, UI 1</summary>
    public static DicomTag HomeCommunityID => new(0x0040, 0xE031);

    /// <summary>(0042,0010) Document Title, ST 1</summary>
    public static DicomTag DocumentTitle => new(0x0042, 0x0010);

    /// <summary>(0042,0011) Encapsulated Document, OB 1</summary>
    public static DicomTag EncapsulatedDocument => new(0x0042, 0x0011);

    /// <summary>(0042,0012) MIME Type of Encapsulated Document, LO 1</summary>
    public static DicomTag MIMETypeOfEncapsulatedDocument => new(0x0042, 0x0012);

    /// <summary>(0042,0013) Source Instance Sequence, SQ 1</summary>
    public static DicomTag SourceInstanceSequence => new(0x0042, 0x0013);

    /// <summary>(0042,0014) List of MIME Types, LO 1-n</summary>
    public static DicomTag ListOfMIMETypes => new(0x0042, 0x0014);

    /// <summary>(0042,0015) Encapsulated Document Length, UL 1</summary>
    public static DicomTag EncapsulatedDocumentLength => new(0x0042, 0x0015);

    /// <summary>(0044,0001) Product Package Identifier, ST 1</summary>
    public static DicomTag ProductPackageIdentifier => new(0x0044, 0x0001);

    /// <summary>(0044,0002) Substance Administration Approval, CS 1</summary>
    public static DicomTag SubstanceAdministrationApproval => new(0x0044, 0x0002);

    /// <summary>(0044,0003) Approval Status Further Description, LT 1</summary>
    public static DicomTag ApprovalStatusFurtherDescription => new(0x0044, 0x0003);

    /// <summary>(0044,0004) Approval Status DateTime, DT 1</summary>
    public static DicomTag ApprovalStatusDateTime => new(0x0044, 0x0004);

    /// <summary>(0044,0007) Product Type Code Sequence, SQ 1</summary>
    public static DicomTag ProductTypeCodeSequence => new(0x0044, 0x0007);

    /// <summary>(0044,0008) Product Name, LO 1-n</summary>
    public static DicomTag ProductName => new(0x0044, 0x0008);

    /// <summary>(0044,0009) Product Description, LT 1</summary>
    public static DicomTag ProductDescription => new(0x0044, 0x0009);

    /// <summary>(0044,000A) Product Lot Identifier, LO 1</summary>
    public static DicomTag ProductLotIdentifier => new(0x0044, 0x000A);

    /// <summary>(0044,000B) Product Expiration DateTime, DT 1</summary>
    public static DicomTag ProductExpirationDateTime => new(0x0044, 0x000B);

    /// <summary>(0044,0010) Substance Administration DateTime, DT 1</summary>
    public static DicomTag SubstanceAdministrationDateTime => new(0x0044, 0x0010);

    /// <summary>(0044,0011) Substance Administration Notes, LO 1</summary>
    public static DicomTag SubstanceAdministrationNotes => new(0x0044, 0x0011);

    /// <summary>(0044,0012) Substance Administration Device ID, LO 1</summary>
    public static DicomTag SubstanceAdministrationDeviceID => new(0x0044, 0x0012);

    /// <summary>(0044,0013) Product Parameter Sequence, SQ 1</summary>
    public static DicomTag ProductParameterSequence => new(0x0044, 0x0013);

    /// <summary>(0044,0019) Substance Administration Parameter Sequence, SQ 1</summary>
    public static DicomTag SubstanceAdministrationParameterSequence => new(0x0044, 0x0019);

    /// <summary>(0044,0100) Approval Sequence, SQ 1</summary>
    public static DicomTag ApprovalSequence => new(0x0044, 0x0100);

    /// <summary>(0044,0101) Assertion Code Sequence, SQ 1</summary>
    public static DicomTag AssertionCodeSequence => new(0x0044, 0x0101);

    /// <summary>(0044,0102) Assertion UID, UI 1</summary>
    public static DicomTag AssertionUID => new(0x0044, 0x0102);

    /// <summary>(0044,0103) Asserter Identification Sequence, SQ 1</summary>
    public static DicomTag AsserterIdentificationSequence => new(0x0044, 0x0103);

    /// <summary>(0044,0104) Assertion DateTime, DT 1</summary>
    public static DicomTag AssertionDateTime => new(0x0044, 0x0104);

    /// <summary>(0044,0105) Assertion Expiration DateTime, DT 1</summary>
    public static DicomTag AssertionExpirationDateTime => new(0x0044, 0x0105);

    /// <summary>(0044,0106) Assertion Comments, UT 1</summary>
    public static DicomTag AssertionComments => new(0x0044, 0x0106);

    /// <summary>(0044,0107) Related Assertion Sequence, SQ 1</summary>
    public static DicomTag RelatedAssertionSequence => new(0x0044, 0x0107);

    /// <summary>(0044,0108) Referenced Assertion UID, UI 1</summary>
    public static DicomTag ReferencedAssertionUID => new(0x0044, 0x0108);

    /// <summary>(0044,0109) Approval Subject Sequence, SQ 1</summary>
    public static DicomTag ApprovalSubjectSequence => new(0x0044, 0x0109);

    /// <summary>(0044,010A) Organizational Role Code Sequence, SQ 1</summary>
    public static DicomTag OrganizationalRoleCodeSequence => new(0x0044, 0x010A);

    /// <summary>(0046,0012) Lens Description, LO 1</summary>
    public static DicomTag LensDescription => new(0x0046, 0x0012);

    /// <summary>(0046,0014) Right Lens Sequence, SQ 1</summary>
    public static DicomTag RightLensSequence => new(0x0046, 0x0014);

    /// <summary>(0046,0015) Left Lens Sequence, SQ 1</summary>
    public static DicomTag LeftLensSequence => new(0x0046, 0x0015);

    /// <summary>(0046,0016) Unspecified Laterality Lens Sequence, SQ 1</summary>
    public static DicomTag UnspecifiedLateralityLensSequence => new(0x0046, 0x0016);

    /// <summary>(0046,0018) Cylinder Sequence, SQ 1</summary>
    public static DicomTag CylinderSequence => new(0x0046, 0x0018);

    /// <summary>(0046,0028) Prism Sequence, SQ 1</summary>
    public static DicomTag PrismSequence => new(0x0046, 0x0028);

    /// <summary>(0046,0030) Horizontal Prism Power, FD 1</summary>
    public static DicomTag HorizontalPrismPower => new(0x0046, 0x0030);

    /// <summary>(0046,0032) Horizontal Prism Base, CS 1</summary>
    public static DicomTag HorizontalPrismBase => new(0x0046, 0x0032);

    /// <summary>(0046,0034) Vertical Prism Power, FD 1</summary>
    public static DicomTag VerticalPrismPower => new(0x0046, 0x0034);

    /// <summary>(0046,0036) Vertical Prism Base, CS 1</summary>
    public static DicomTag VerticalPrismBase => new(0x0046, 0x0036);

    /// <summary>(0046,0038) Lens Segment Type, CS 1</summary>
    public static DicomTag LensSegmentType => new(0x0046, 0x0038);

    /// <summary>(0046,0040) Optical Transmittance, FD 1</summary>
    public static DicomTag OpticalTransmittance => new(0x0046, 0x0040);

    /// <summary>(0046,0042) Channel Width, FD 1</summary>
    public static DicomTag ChannelWidth => new(0x0046, 0x0042);

    /// <summary>(0046,0044) Pupil Size, FD 1</summary>
    public static DicomTag PupilSize => new(0x0046, 0x0044);

    /// <summary>(0046,0046) Corneal Size, FD 1</summary>
    public static DicomTag CornealSize => new(0x0046, 0x0046);

    /// <summary>(0046,0047) Corneal Size Sequence, SQ 1</summary>
    public static DicomTag CornealSizeSequence => new(0x0046, 0x0047);

    /// <summary>(0046,0050) Autorefraction Right Eye Sequence, SQ 1</summary>
    public static DicomTag AutorefractionRightEyeSequence => new(0x0046, 0x0050);

    /// <summary>(0046,0052) Autorefraction Left Eye Sequence, SQ 1</summary>
    public static DicomTag AutorefractionLeftEyeSequence => new(0x0046, 0x0052);

    /// <summary>(0046,0060) Distance Pupillary Distance, FD 1</summary>
    public static DicomTag DistancePupillaryDistance => new(0x0046, 0x0060);

    /// <summary>(0046,0062) Near Pupillary Distance, FD 1</summary>
    public static DicomTag NearPupillaryDistance => new(0x0046, 0x0062);

    /// <summary>(0046,0063) Intermediate Pupillary Distance, FD 1</summary>
    public static DicomTag IntermediatePupillaryDistance => new(0x0046, 0x0063);

    /// <summary>(0046,0064) Other Pupillary Distance, FD 1</summary>
    public static DicomTag OtherPupillaryDistance => new(0x0046, 0x0064);

    /// <summary>(0046,0070) Keratometry Right Eye Sequence, SQ 1</summary>
    public static DicomTag KeratometryRightEyeSequence => new(0x0046, 0x0070);

    /// <summary>(0046,0071) Keratometry Left Eye Sequence, SQ 1</summary>
    public static DicomTag KeratometryLeftEyeSequence => new(0x0046, 0x0071);

    /// <summary>(0046,0074) Steep Keratometric Axis Sequence, SQ 1</summary>
    public static DicomTag SteepKeratometricAxisSequence => new(0x0046, 0x0074);

    /// <summary>(0046,0075) Radius of Curvature, FD 1</summary>
    public static DicomTag RadiusOfCurvature => new(0x0046, 0x0075);

    /// <summary>(0046,0076) Keratometric Power, FD 1</summary>
    public static DicomTag KeratometricPower => new(0x0046, 0x0076);

    /// <summary>(0046,0077) Keratometric Axis, FD 1</summary>
    public static DicomTag KeratometricAxis => new(0x0046, 0x0077);

    /// <summary>(0046,0080) Flat Keratometric Axis Sequence, SQ 1</summary>
    public static DicomTag FlatKeratometricAxisSequence => new(0x0046, 0x0080);

    /// <summary>(0046,0092) Background Color, CS 1</summary>
    public static DicomTag BackgroundColor => new(0x0046, 0x0092);

    /// <summary>(0046,0094) Optotype, CS 1</summary>
    public static DicomTag Optotype => new(0x0046, 0x0094);

    /// <summary>(0046,0095) Optotype Presentation, CS 1</summary>
    public static DicomTag OptotypePresentation => new(0x0046, 0x0095);

    /// <summary>(0046,0097) Subjective Refraction Right Eye Sequence, SQ 1</summary>
    public static DicomTag SubjectiveRefractionRightEyeSequence => new(0x0046, 0x0097);

    /// <summary>(0046,0098) Subjective Refraction Left Eye Sequence, SQ 1</summary>
    public static DicomTag SubjectiveRefractionLeftEyeSequence => new(0x0046, 0x0098);

    /// <summary>(0046,0100) Add Near Sequence, SQ 1</summary>
    public static DicomTag AddNearSequence => new(0x0046, 0x0100);

    /// <summary>(0046,0101) Add Intermediate Sequence, SQ 1</summary>
    public static DicomTag AddIntermediateSequence => new(0x0046, 0x0101);

    /// <summary>(0046,0102) Add Other Sequence, SQ 1</summary>
    public static DicomTag AddOtherSequence => new(0x0046, 0x0102);

    /// <summary>(0046,0104) Add Power, FD 1</summary>
    public static DicomTag AddPower => new(0x0046, 0x0104);

    /// <summary>(0046,0106) Viewing Distance, FD 1</summary>
    public static DicomTag ViewingDistance => new(0x0046, 0x0106);

    /// <summary>(0046,0110) Cornea Measurements Sequence, SQ 1</summary>
    public static DicomTag CorneaMeasurementsSequence => new(0x0046, 0x0110);

    /// <summary>(0046,0111) Source of Cornea Measurement Data Code Sequence, SQ 1</summary>
    public static DicomTag SourceOfCorneaMeasurementDataCodeSequence => new(0x0046, 0x0111);

    /// <summary>(0046,0112) Steep Corneal Axis Sequence, SQ 1</summary>
    public static DicomTag SteepCornealAxisSequence => new(0x0046, 0x0112);

    /// <summary>(0046,0113) Flat Corneal Axis Sequence, SQ 1</summary>
    public static DicomTag FlatCornealAxisSequence => new(0x0046, 0x0113);

    /// <summary>(0046,0114) Corneal Power, FD 1</summary>
    public static DicomTag CornealPower => new(0x0046, 0x0114);

    /// <summary>(0046,0115) Corneal Axis, FD 1</summary>
    public static DicomTag CornealAxis => new(0x0046, 0x0115);

    /// <summary>(0046,0116) Cornea Measurement Method Code Sequence, SQ 1</summary>
    public static DicomTag CorneaMeasurementMethodCodeSequence => new(0x0046, 0x0116);

    /// <summary>(0046,0117) Refractive Index of Cornea, FL 1</summary>
    public static DicomTag RefractiveIndexOfCornea => new(0x0046, 0x0117);

    /// <summary>(0046,0118) Refractive Index of Aqueous Humor, FL 1</summary>
    public static DicomTag RefractiveIndexOfAqueousHumor => new(0x0046, 0x0118);

    /// <summary>(0046,0121) Visual Acuity Type Code Sequence, SQ 1</summary>
    public static DicomTag VisualAcuityTypeCodeSequence => new(0x0046, 0x0121);

    /// <summary>(0046,0122) Visual Acuity Right Eye Sequence, SQ 1</summary>
    public static DicomTag VisualAcuityRightEyeSequence => new(0x0046, 0x0122);

    /// <summary>(0046,0123) Visual Acuity Left Eye Sequence, SQ 1</summary>
    public static DicomTag VisualAcuityLeftEyeSequence => new(0x0046, 0x0123);

    /// <summary>(0046,0124) Visual Acuity Both Eyes Open Sequence, SQ 1</summary>
    public static DicomTag VisualAcuityBothEyesOpenSequence => new(0x0046, 0x0124);

    /// <summary>(0046,0125) Viewing Distance Type, CS 1</summary>
    public static DicomTag ViewingDistanceType => new(0x0046, 0x0125);

    /// <summary>(0046,0135) Visual Acuity Modifiers, SS 2</summary>
    public static DicomTag VisualAcuityModifiers => new(0x0046, 0x0135);

    /// <summary>(0046,0137) Decimal Visual Acuity, FD 1</summary>
    public static DicomTag DecimalVisualAcuity => new(0x0046, 0x0137);

    /// <summary>(0046,0139) Optotype Detailed Definition, LO 1</summary>
    public static DicomTag OptotypeDetailedDefinition => new(0x0046, 0x0139);

    /// <summary>(0046,0145) Referenced Refractive Measurements Sequence, SQ 1</summary>
    public static DicomTag ReferencedRefractiveMeasurementsSequence => new(0x0046, 0x0145);

    /// <summary>(0046,0146) Sphere Power, FD 1</summary>
    public static DicomTag SpherePower => new(0x0046, 0x0146);

    /// <summary>(0046,0147) Cylinder Power, FD 1</summary>
    public static DicomTag CylinderPower => new(0x0046, 0x0147);

    /// <summary>(0046,0201) Corneal Topography Surface, CS 1</summary>
    public static DicomTag CornealTopographySurface => new(0x0046, 0x0201);

    /// <summary>(0046,0202) Corneal Vertex Location, FL 2</summary>
    public static DicomTag CornealVertexLocation => new(0x0046, 0x0202);

    /// <summary>(0046,0203) Pupil Centroid X-Coordinate, FL 1</summary>
    public static DicomTag PupilCentroidXCoordinate => new(0x0046, 0x0203);

    /// <summary>(0046,0204) Pupil Centroid Y-Coordinate, FL 1</summary>
    public static DicomTag PupilCentroidYCoordinate => new(0x0046, 0x0204);

    /// <summary>(0046,0205) Equivalent Pupil Radius, FL 1</summary>
    public static DicomTag EquivalentPupilRadius => new(0x0046, 0x0205);

    /// <summary>(0046,0207) Corneal Topography Map Type Code Sequence, SQ 1</summary>
    public static DicomTag CornealTopographyMapTypeCodeSequence => new(0x0046, 0x0207);

    /// <summary>(0046,0208) Vertices of the Outline of Pupil, IS 2-2n</summary>
    public static DicomTag VerticesOfTheOutlineOfPupil => new(0x0046, 0x0208);

    /// <summary>(0046,0210) Corneal Topography Mapping Normals Sequence, SQ 1</summary>
    public static DicomTag CornealTopographyMappingNormalsSequence => new(0x0046, 0x0210);

    /// <summary>(0046,0211) Maximum Corneal Curvature Sequence, SQ 1</summary>
    public static DicomTag MaximumCornealCurvatureSequence => new(0x0046, 0x0211);

    /// <summary>(0046,0212) Maximum Corneal Curvature, FL 1</summary>
    public static DicomTag MaximumCornealCurvature => new(0x0046, 0x0212);

    /// <summary>(0046,0213) Maximum Corneal Curvature Location, FL 2</summary>
    public static DicomTag MaximumCornealCurvatureLocation => new(0x0046, 0x0213);

    /// <summary>(0046,0215) Minimum Keratometric Sequence, SQ 1</summary>
    public static DicomTag MinimumKeratometricSequence => new(0x0046, 0x0215);

    /// <summary>(0046,0218) Simulated Keratometric Cylinder Sequence, SQ 1</summary>
    public static DicomTag SimulatedKeratometricCylinderSequence => new(0x0046, 0x0218);

    /// <summary>(0046,0220) Average Corneal Power, FL 1</summary>
    public static DicomTag AverageCornealPower => new(0x0046, 0x0220);

    /// <summary>(0046,0224) Corneal I-S Value, FL 1</summary>
    public static DicomTag CornealISValue => new(0x0046, 0x0224);

    /// <summary>(0046,0227) Analyzed Area, FL 1</summary>
    public static DicomTag AnalyzedArea => new(0x0046, 0x0227);

    /// <summary>(0046,0230) Surface Regularity Index, FL 1</summary>
    public static DicomTag SurfaceRegularityIndex => new(0x0046, 0x0230);

    /// <summary>(0046,0232) Surface Asymmetry Index, FL 1</summary>
    public static DicomTag SurfaceAsymmetryIndex => new(0x0046, 0x0232);

    /// <summary>(0046,0234) Corneal Eccentricity Index, FL 1</summary>
    public static DicomTag CornealEccentricityIndex => new(0x0046, 0x0234);

    /// <summary>(0046,0236) Keratoconus Prediction Index, FL 1</summary>
    public static DicomTag KeratoconusPredictionIndex => new(0x0046, 0x0236);

    /// <summary>(0046,0238) Decimal Potential Visual Acuity, FL 1</summary>
    public static DicomTag DecimalPotentialVisualAcuity => new(0x0046, 0x0238);

    /// <summary>(0046,0242) Corneal Topography Map Quality Evaluation, CS 1</summary>
    public static DicomTag CornealTopographyMapQualityEvaluation => new(0x0046, 0x0242);

    /// <summary>(0046,0244) Source Image Corneal Processed Data Sequence, SQ 1</summary>
    public static DicomTag SourceImageCornealProcessedDataSequence => new(0x0046, 0x0244);

    /// <summary>(0046,0247) Corneal Point Location, FL 3</summary>
    public static DicomTag CornealPointLocation => new(0x0046, 0x0247);

    /// <summary>(0046,0248) Corneal Point Estimated, CS 1</summary>
    public static DicomTag CornealPointEstimated => new(0x0046, 0x0248);

    /// <summary>(0046,0249) Axial Power, FL 1</summary>
    public static DicomTag AxialPower => new(0x0046, 0x0249);

    /// <summary>(0046,0250) Tangential Power, FL 1</summary>
    public static DicomTag TangentialPower => new(0x0046, 0x0250);

    /// <summary>(0046,0251) Refractive Power, FL 1</summary>
    public static DicomTag RefractivePower => new(0x0046, 0x0251);

    /// <summary>(0046,0252) Relative Elevation, FL 1</summary>
    public static DicomTag RelativeElevation => new(0x0046, 0x0252);

    /// <summary>(0046,0253) Corneal Wavefront, FL 1</summary>
    public static DicomTag CornealWavefront => new(0x0046, 0x0253);

    /// <summary>(0048,0001) Imaged Volume Width, FL 1</summary>
    public static DicomTag ImagedVolumeWidth => new(0x0048, 0x0001);

    /// <summary>(0048,0002) Imaged Volume Height, FL 1</summary>
    public static DicomTag ImagedVolumeHeight => new(0x0048, 0x0002);

    /// <summary>(0048,0003) Imaged Volume Depth, FL 1</summary>
    public static DicomTag ImagedVolumeDepth => new(0x0048, 0x0003);

    /// <summary>(0048,0006) Total Pixel Matrix Columns, UL 1</summary>
    public static DicomTag TotalPixelMatrixColumns => new(0x0048, 0x0006);

    /// <summary>(0048,0007) Total Pixel Matrix Rows, UL 1</summary>
    public static DicomTag TotalPixelMatrixRows => new(0x0048, 0x0007);

    /// <summary>(0048,0008) Total Pixel Matrix Origin Sequence, SQ 1</summary>
    public static DicomTag TotalPixelMatrixOriginSequence => new(0x0048, 0x0008);

    /// <summary>(0048,0010) Specimen Label in Image, CS 1</summary>
    public static DicomTag SpecimenLabelInImage => new(0x0048, 0x0010);

    /// <summary>(0048,0011) Focus Method, CS 1</summary>
    public static DicomTag FocusMethod => new(0x0048, 0x0011);

    /// <summary>(0048,0012) Extended Depth of Field, CS 1</summary>
    public static DicomTag ExtendedDepthOfField => new(0x0048, 0x0012);

    /// <summary>(0048,0013) Number of Focal Planes, US 1</summary>
    public static DicomTag NumberOfFocalPlanes => new(0x0048, 0x0013);

    /// <summary>(0048,0014) Distance Between Focal Planes, FL 1</summary>
    public static DicomTag DistanceBetweenFocalPlanes => new(0x0048, 0x0014);

    /// <summary>(0048,0015) Recommended Absent Pixel CIELab Value, US 3</summary>
    public static DicomTag RecommendedAbsentPixelCIELabValue => new(0x0048, 0x0015);

    /// <summary>(0048,0100) Illuminator Type Code Sequence, SQ 1</summary>
    public static DicomTag IlluminatorTypeCodeSequence => new(0x0048, 0x0100);

    /// <summary>(0048,0102) Image Orientation (Slide), DS 6</summary>
    public static DicomTag ImageOrientationSlide => new(0x0048, 0x0102);

    /// <summary>(0048,0105) Optical Path Sequence, SQ 1</summary>
    public static DicomTag OpticalPathSequence => new(0x0048, 0x0105);

    /// <summary>(0048,0106) Optical Path Identifier, SH 1</summary>
    public static DicomTag OpticalPathIdentifier => new(0x0048, 0x0106);

    /// <summary>(0048,0107) Optical Path Description, ST 1</summary>
    public static DicomTag OpticalPathDescription => new(0x0048, 0x0107);

    /// <summary>(0048,0108) Illumination Color Code Sequence, SQ 1</summary>
    public static DicomTag IlluminationColorCodeSequence => new(0x0048, 0x0108);

    /// <summary>(0048,0110) Specimen Reference Sequence, SQ 1</summary>
    public static DicomTag SpecimenReferenceSequence => new(0x0048, 0x0110);

    /// <summary>(0048,0111) Condenser Lens Power, DS 1</summary>
    public static DicomTag CondenserLensPower => new(0x0048, 0x0111);

    /// <summary>(0048,0112) Objective Lens Power, DS 1</summary>
    public static DicomTag ObjectiveLensPower => new(0x0048, 0x0112);

    /// <summary>(0048,0113) Objective Lens Numerical Aperture, DS 1</summary>
    public static DicomTag ObjectiveLensNumericalAperture => new(0x0048, 0x0113);

    /// <summary>(0048,0120) Palette Color Lookup Table Sequence, SQ 1</summary>
    public static DicomTag PaletteColorLookupTableSequence => new(0x0048, 0x0120);

    /// <summary>(0048,0200) Referenced Image Navigation Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedImageNavigationSequence => new(0x0048, 0x0200);

    /// <summary>(0048,0201) Top Left Hand Corner of Localizer Area, US 2, retired</summary>
    public static DicomTag TopLeftHandCornerOfLocalizerArea => new(0x0048, 0x0201);

    /// <summary>(0048,0202) Bottom Right Hand Corner of Localizer Area, US 2, retired</summary>
    public static DicomTag BottomRightHandCornerOfLocalizerArea => new(0x0048, 0x0202);

    /// <summary>(0048,0207) Optical Path Identification Sequence, SQ 1</summary>
    public static DicomTag OpticalPathIdentificationSequence => new(0x0048, 0x0207);

    /// <summary>(0048,021A) Plane Position (Slide) Sequence, SQ 1</summary>
    public static DicomTag PlanePositionSlideSequence => new(0x0048, 0x021A);

    /// <summary>(0048,021E) Column Position In Total Image Pixel Matrix, SL 1</summary>
    public static DicomTag ColumnPositionInTotalImagePixelMatrix => new(0x0048, 0x021E);

    /// <summary>(0048,021F) Row Position In Total Image Pixel Matrix, SL 1</summary>
    public static DicomTag RowPositionInTotalImagePixelMatrix => new(0x0048, 0x021F);

    /// <summary>(0048,0301) Pixel Origin Interpretation, CS 1</summary>
    public static DicomTag PixelOriginInterpretation => new(0x0048, 0x0301);

    /// <summary>(0048,0302) Number of Optical Paths, UL 1</summary>
    public static DicomTag NumberOfOpticalPaths => new(0x0048, 0x0302);

    /// <summary>(0048,0303) Total Pixel Matrix Focal Planes, UL 1</summary>
    public static DicomTag TotalPixelMatrixFocalPlanes => new(0x0048, 0x0303);

    /// <summary>(0050,0004) Calibration Image, CS 1</summary>
    public static DicomTag CalibrationImage => new(0x0050, 0x0004);

    /// <summary>(0050,0010) Device Sequence, SQ 1</summary>
    public static DicomTag DeviceSequence => new(0x0050, 0x0010);

    /// <summary>(0050,0012) Container Component Type Code Sequence, SQ 1</summary>
    public static DicomTag ContainerComponentTypeCodeSequence => new(0x0050, 0x0012);

    /// <summary>(0050,0013) Container Component Thickness, FD 1</summary>
    public static DicomTag ContainerComponentThickness => new(0x0050, 0x0013);

    /// <summary>(0050,0014) Device Length, DS 1</summary>
    public static DicomTag DeviceLength => new(0x0050, 0x0014);

    /// <summary>(0050,0015) Container Component Width, FD 1</summary>
    public static DicomTag ContainerComponentWidth => new(0x0050, 0x0015);

    /// <summary>(0050,0016) Device Diameter, DS 1</summary>
    public static DicomTag DeviceDiameter => new(0x0050, 0x0016);

    /// <summary>(0050,0017) Device Diameter Units, CS 1</summary>
    public static DicomTag DeviceDiameterUnits => new(0x0050, 0x0017);

    /// <summary>(0050,0018) Device Volume, DS 1</summary>
    public static DicomTag DeviceVolume => new(0x0050, 0x0018);

    /// <summary>(0050,0019) Inter-Marker Distance, DS 1</summary>
    public static DicomTag InterMarkerDistance => new(0x0050, 0x0019);

    /// <summary>(0050,001A) Container Component Material, CS 1</summary>
    public static DicomTag ContainerComponentMaterial => new(0x0050, 0x001A);

    /// <summary>(0050,001B) Container Component ID, LO 1</summary>
    public static DicomTag ContainerComponentID => new(0x0050, 0x001B);

    /// <summary>(0050,001C) Container Component Length, FD 1</summary>
    public static DicomTag ContainerComponentLength => new(0x0050, 0x001C);

    /// <summary>(0050,001D) Container Component Diameter, FD 1</summary>
    public static DicomTag ContainerComponentDiameter => new(0x0050, 0x001D);

    /// <summary>(0050,001E) Container Component Description, LO 1</summary>
    public static DicomTag ContainerComponentDescription => new(0x0050, 0x001E);

    /// <summary>(0050,0020) Device Description, LO 1</summary>
    public static DicomTag DeviceDescription => new(0x0050, 0x0020);

    /// <summary>(0050,0021) Long Device Description, ST 1</summary>
    public static DicomTag LongDeviceDescription => new(0x0050, 0x0021);

    /// <summary>(0052,0001) Contrast/Bolus Ingredient Percent by Volume, FL 1</summary>
    public static DicomTag ContrastBolusIngredientPercentByVolume => new(0x0052, 0x0001);

    /// <summary>(0052,0002) OCT Focal Distance, FD 1</summary>
    public static DicomTag OCTFocalDistance => new(0x0052, 0x0002);

    /// <summary>(0052,0003) Beam Spot Size, FD 1</summary>
    public static DicomTag BeamSpotSize => new(0x0052, 0x0003);

    /// <summary>(0052,0004) Effective Refractive Index, FD 1</summary>
    public static DicomTag EffectiveRefractiveIndex => new(0x0052, 0x0004);

    /// <summary>(0052,0006) OCT Acquisition Domain, CS 1</summary>
    public static DicomTag OCTAcquisitionDomain => new(0x0052, 0x0006);

    /// <summary>(0052,0007) OCT Optical Center Wavelength, FD 1</summary>
    public static DicomTag OCTOpticalCenterWavelength => new(0x0052, 0x0007);

    /// <summary>(0052,0008) Axial Resolution, FD 1</summary>
    public static DicomTag AxialResolution => new(0x0052, 0x0008);

    /// <summary>(0052,0009) Ranging Depth, FD 1</summary>
    public static DicomTag RangingDepth => new(0x0052, 0x0009);

    /// <summary>(0052,0011) A-line Rate, FD 1</summary>
    public static DicomTag ALineRate => new(0x0052, 0x0011);

    /// <summary>(0052,0012) A-lines Per Frame, US 1</summary>
    public static DicomTag ALinesPerFrame => new(0x0052, 0x0012);

    /// <summary>(0052,0013) Catheter Rotational Rate, FD 1</summary>
    public static DicomTag CatheterRotationalRate => new(0x0052, 0x0013);

    /// <summary>(0052,0014) A-line Pixel Spacing, FD 1</summary>
    public static DicomTag ALinePixelSpacing => new(0x0052, 0x0014);

    /// <summary>(0052,0016) Mode of Percutaneous Access Sequence, SQ 1</summary>
    public static DicomTag ModeOfPercutaneousAccessSequence => new(0x0052, 0x0016);

    /// <summary>(0052,0025) Intravascular OCT Frame Type Sequence, SQ 1</summary>
    public static DicomTag IntravascularOCTFrameTypeSequence => new(0x0052, 0x0025);

    /// <summary>(0052,0026) OCT Z Offset Applied, CS 1</summary>
    public static DicomTag OCTZOffsetApplied => new(0x0052, 0x0026);

    /// <summary>(0052,0027) Intravascular Frame Content Sequence, SQ 1</summary>
    public static DicomTag IntravascularFrameContentSequence => new(0x0052, 0x0027);

    /// <summary>(0052,0028) Intravascular Longitudinal Distance, FD 1</summary>
    public static DicomTag IntravascularLongitudinalDistance => new(0x0052, 0x0028);

    /// <summary>(0052,0029) Intravascular OCT Frame Content Sequence, SQ 1</summary>
    public static DicomTag IntravascularOCTFrameContentSequence => new(0x0052, 0x0029);

    /// <summary>(0052,0030) OCT Z Offset Correction, SS 1</summary>
    public static DicomTag OCTZOffsetCorrection => new(0x0052, 0x0030);

    /// <summary>(0052,0031) Catheter Direction of Rotation, CS 1</summary>
    public static DicomTag CatheterDirectionOfRotation => new(0x0052, 0x0031);

    /// <summary>(0052,0033) Seam Line Location, FD 1</summary>
    public static DicomTag SeamLineLocation => new(0x0052, 0x0033);

    /// <summary>(0052,0034) First A-line Location, FD 1</summary>
    public static DicomTag FirstALineLocation => new(0x0052, 0x0034);

    /// <summary>(0052,0036) Seam Line Index, US 1</summary>
    public static DicomTag SeamLineIndex => new(0x0052, 0x0036);

    /// <summary>(0052,0038) Number of Padded A-lines, US 1</summary>
    public static DicomTag NumberOfPaddedALines => new(0x0052, 0x0038);

    /// <summary>(0052,0039) Interpolation Type, CS 1</summary>
    public static DicomTag InterpolationType => new(0x0052, 0x0039);

    /// <summary>(0052,003A) Refractive Index Applied, CS 1</summary>
    public static DicomTag RefractiveIndexApplied => new(0x0052, 0x003A);

    /// <summary>(0054,0010) Energy Window Vector, US 1-n</summary>
    public static DicomTag EnergyWindowVector => new(0x0054, 0x0010);

    /// <summary>(0054,0011) Number of Energy Windows, US 1</summary>
    public static DicomTag NumberOfEnergyWindows => new(0x0054, 0x0011);

    /// <summary>(0054,0012) Energy Window Information Sequence, SQ 1</summary>
    public static DicomTag EnergyWindowInformationSequence => new(0x0054, 0x0012);

    /// <summary>(0054,0013) Energy Window Range Sequence, SQ 1</summary>
    public static DicomTag EnergyWindowRangeSequence => new(0x0054, 0x0013);

    /// <summary>(0054,0014) Energy Window Lower Limit, DS 1</summary>
    public static DicomTag EnergyWindowLowerLimit => new(0x0054, 0x0014);

    /// <summary>(0054,0015) Energy Window Upper Limit, DS 1</summary>
    public static DicomTag EnergyWindowUpperLimit => new(0x0054, 0x0015);

    /// <summary>(0054,0016) Radiopharmaceutical Information Sequence, SQ 1</summary>
    public static DicomTag RadiopharmaceuticalInformationSequence => new(0x0054, 0x0016);

    /// <summary>(0054,0017) Residual Syringe Counts, IS 1</summary>
    public static DicomTag ResidualSyringeCounts => new(0x0054, 0x0017);

    /// <summary>(0054,0018) Energy Window Name, SH 1</summary>
    public static DicomTag EnergyWindowName => new(0x0054, 0x0018);

    /// <summary>(0054,0020) Detector Vector, US 1-n</summary>
    public static DicomTag DetectorVector => new(0x0054, 0x0020);

    /// <summary>(0054,0021) Number of Detectors, US 1</summary>
    public static DicomTag NumberOfDetectors => new(0x0054, 0x0021);

    /// <summary>(0054,0022) Detector Information Sequence, SQ 1</summary>
    public static DicomTag DetectorInformationSequence => new(0x0054, 0x0022);

    /// <summary>(0054,0030) Phase Vector, US 1-n</summary>
    public static DicomTag PhaseVector => new(0x0054, 0x0030);

    /// <summary>(0054,0031) Number of Phases, US 1</summary>
    public static DicomTag NumberOfPhases => new(0x0054, 0x0031);

    /// <summary>(0054,0032) Phase Information Sequence, SQ 1</summary>
    public static DicomTag PhaseInformationSequence => new(0x0054, 0x0032);

    /// <summary>(0054,0033) Number of Frames in Phase, US 1</summary>
    public static DicomTag NumberOfFramesInPhase => new(0x0054, 0x0033);

    /// <summary>(0054,0036) Phase Delay, IS 1</summary>
    public static DicomTag PhaseDelay => new(0x0054, 0x0036);

    /// <summary>(0054,0038) Pause Between Frames, IS 1</summary>
    public static DicomTag PauseBetweenFrames => new(0x0054, 0x0038);

    /// <summary>(0054,0039) Phase Description, CS 1</summary>
    public static DicomTag PhaseDescription => new(0x0054, 0x0039);

    /// <summary>(0054,0050) Rotation Vector, US 1-n</summary>
    public static DicomTag RotationVector => new(0x0054, 0x0050);

    /// <summary>(0054,0051) Number of Rotations, US 1</summary>
    public static DicomTag NumberOfRotations => new(0x0054, 0x0051);

    /// <summary>(0054,0052) Rotation Information Sequence, SQ 1</summary>
    public static DicomTag RotationInformationSequence => new(0x0054, 0x0052);

    /// <summary>(0054,0053) Number of Frames in Rotation, US 1</summary>
    public static DicomTag NumberOfFramesInRotation => new(0x0054, 0x0053);

    /// <summary>(0054,0060) R-R Interval Vector, US 1-n</summary>
    public static DicomTag RRIntervalVector => new(0x0054, 0x0060);

    /// <summary>(0054,0061) Number of R-R Intervals, US 1</summary>
    public static DicomTag NumberOfRRIntervals => new(0x0054, 0x0061);

    /// <summary>(0054,0062) Gated Information Sequence, SQ 1</summary>
    public static DicomTag GatedInformationSequence => new(0x0054, 0x0062);

    /// <summary>(0054,0063) Data Information Sequence, SQ 1</summary>
    public static DicomTag DataInformationSequence => new(0x0054, 0x0063);

    /// <summary>(0054,0070) Time Slot Vector, US 1-n</summary>
    public static DicomTag TimeSlotVector => new(0x0054, 0x0070);

    /// <summary>(0054,0071) Number of Time Slots, US 1</summary>
    public static DicomTag NumberOfTimeSlots => new(0x0054, 0x0071);

    /// <summary>(0054,0072) Time Slot Information Sequence, SQ 1</summary>
    public static DicomTag TimeSlotInformationSequence => new(0x0054, 0x0072);

    /// <summary>(0054,0073) Time Slot Time, DS 1</summary>
    public static DicomTag TimeSlotTime => new(0x0054, 0x0073);

    /// <summary>(0054,0080) Slice Vector, US 1-n</summary>
    public static DicomTag SliceVector => new(0x0054, 0x0080);

    /// <summary>(0054,0081) Number of Slices, US 1</summary>
    public static DicomTag NumberOfSlices => new(0x0054, 0x0081);

    /// <summary>(0054,0090) Angular View Vector, US 1-n</summary>
    public static DicomTag AngularViewVector => new(0x0054, 0x0090);

    /// <summary>(0054,0100) Time Slice Vector, US 1-n</summary>
    public static DicomTag TimeSliceVector => new(0x0054, 0x0100);

    /// <summary>(0054,0101) Number of Time Slices, US 1</summary>
    public static DicomTag NumberOfTimeSlices => new(0x0054, 0x0101);

    /// <summary>(0054,0200) Start Angle, DS 1</summary>
    public static DicomTag StartAngle => new(0x0054, 0x0200);

    /// <summary>(0054,0202) Type of Detector Motion, CS 1</summary>
    public static DicomTag TypeOfDetectorMotion => new(0x0054, 0x0202);

    /// <summary>(0054,0210) Trigger Vector, IS 1-n</summary>
    public static DicomTag TriggerVector => new(0x0054, 0x0210);

    /// <summary>(0054,0211) Number of Triggers in Phase, US 1</summary>
    public static DicomTag NumberOfTriggersInPhase => new(0x0054, 0x0211);

    /// <summary>(0054,0220) View Code Sequence, SQ 1</summary>
    public static DicomTag ViewCodeSequence => new(0x0054, 0x0220);

    /// <summary>(0054,0222) View Modifier Code Sequence, SQ 1</summary>
    public static DicomTag ViewModifierCodeSequence => new(0x0054, 0x0222);

    /// <summary>(0054,0300) Radionuclide Code Sequence, SQ 1</summary>
    public static DicomTag RadionuclideCodeSequence => new(0x0054, 0x0300);

    /// <summary>(0054,0302) Administration Route Code Sequence, SQ 1</summary>
    public static DicomTag AdministrationRouteCodeSequence => new(0x0054, 0x0302);

    /// <summary>(0054,0304) Radiopharmaceutical Code Sequence, SQ 1</summary>
    public static DicomTag RadiopharmaceuticalCodeSequence => new(0x0054, 0x0304);

    /// <summary>(0054,0306) Calibration Data Sequence, SQ 1</summary>
    public static DicomTag CalibrationDataSequence => new(0x0054, 0x0306);

    /// <summary>(0054,0308) Energy Window Number, US 1</summary>
    public static DicomTag EnergyWindowNumber => new(0x0054, 0x0308);

    /// <summary>(0054,0400) Image ID, SH 1</summary>
    public static DicomTag ImageID => new(0x0054, 0x0400);

    /// <summary>(0054,0410) Patient Orientation Code Sequence, SQ 1</summary>
    public static DicomTag PatientOrientationCodeSequence => new(0x0054, 0x0410);

    /// <summary>(0054,0412) Patient Orientation Modifier Code Sequence, SQ 1</summary>
    public static DicomTag PatientOrientationModifierCodeSequence => new(0x0054, 0x0412);

    /// <summary>(0054,0414) Patient Gantry Relationship Code Sequence, SQ 1</summary>
    public static DicomTag PatientGantryRelationshipCodeSequence => new(0x0054, 0x0414);

    /// <summary>(0054,0500) Slice Progression Direction, CS 1</summary>
    public static DicomTag SliceProgressionDirection => new(0x0054, 0x0500);

    /// <summary>(0054,0501) Scan Progression Direction, CS 1</summary>
    public static DicomTag ScanProgressionDirection => new(0x0054, 0x0501);

    /// <summary>(0054,1000) Series Type, CS 2</summary>
    public static DicomTag SeriesType => new(0x0054, 0x1000);

    /// <summary>(0054,1001) Units, CS 1</summary>
    public static DicomTag Units => new(0x0054, 0x1001);

    /// <summary>(0054,1002) Counts Source, CS 1</summary>
    public static DicomTag CountsSource => new(0x0054, 0x1002);

    /// <summary>(0054,1004) Reprojection Method, CS 1</summary>
    public static DicomTag ReprojectionMethod => new(0x0054, 0x1004);

    /// <summary>(0054,1006) SUV Type, CS 1</summary>
    public static DicomTag SUVType => new(0x0054, 0x1006);

    /// <summary>(0054,1100) Randoms Correction Method, CS 1</summary>
    public static DicomTag RandomsCorrectionMethod => new(0x0054, 0x1100);

    /// <summary>(0054,1101) Attenuation Correction Method, LO 1</summary>
    public static DicomTag AttenuationCorrectionMethod => new(0x0054, 0x1101);

    /// <summary>(0054,1102) Decay Correction, CS 1</summary>
    public static DicomTag DecayCorrection => new(0x0054, 0x1102);

    /// <summary>(0054,1103) Reconstruction Method, LO 1</summary>
    public static DicomTag ReconstructionMethod => new(0x0054, 0x1103);

    /// <summary>(0054,1104) Detector Lines of Response Used, LO 1</summary>
    public static DicomTag DetectorLinesOfResponseUsed => new(0x0054, 0x1104);

    /// <summary>(0054,1105) Scatter Correction Method, LO 1</summary>
    public static DicomTag ScatterCorrectionMethod => new(0x0054, 0x1105);

    /// <summary>(0054,1200) Axial Acceptance, DS 1</summary>
    public static DicomTag AxialAcceptance => new(0x0054, 0x1200);

    /// <summary>(0054,1201) Axial Mash, IS 2</summary>
    public static DicomTag AxialMash => new(0x0054, 0x1201);

    /// <summary>(0054,1202) Transverse Mash, IS 1</summary>
    public static DicomTag TransverseMash => new(0x0054, 0x1202);

    /// <summary>(0054,1203) Detector Element Size, DS 2</summary>
    public static DicomTag DetectorElementSize => new(0x0054, 0x1203);

    /// <summary>(0054,1210) Coincidence Window Width, DS 1</summary>
    public static DicomTag CoincidenceWindowWidth => new(0x0054, 0x1210);

    /// <summary>(0054,1220) Secondary Counts Type, CS 1-n</summary>
    public static DicomTag SecondaryCountsType => new(0x0054, 0x1220);

    /// <summary>(0054,1300) Frame Reference Time, DS 1</summary>
    public static DicomTag FrameReferenceTime => new(0x0054, 0x1300);

    /// <summary>(0054,1310) Primary (Prompts) Counts Accumulated, IS 1</summary>
    public static DicomTag PrimaryPromptsCountsAccumulated => new(0x0054, 0x1310);

    /// <summary>(0054,1311) Secondary Counts Accumulated, IS 1-n</summary>
    public static DicomTag SecondaryCountsAccumulated => new(0x0054, 0x1311);

    /// <summary>(0054,1320) Slice Sensitivity Factor, DS 1</summary>
    public static DicomTag SliceSensitivityFactor => new(0x0054, 0x1320);

    /// <summary>(0054,1321) Decay Factor, DS 1</summary>
    public static DicomTag DecayFactor => new(0x0054, 0x1321);

    /// <summary>(0054,1322) Dose Calibration Factor, DS 1</summary>
    public static DicomTag DoseCalibrationFactor => new(0x0054, 0x1322);

    /// <summary>(0054,1323) Scatter Fraction Factor, DS 1</summary>
    public static DicomTag ScatterFractionFactor => new(0x0054, 0x1323);

    /// <summary>(0054,1324) Dead Time Factor, DS 1</summary>
    public static DicomTag DeadTimeFactor => new(0x0054, 0x1324);

    /// <summary>(0054,1330) Image Index, US 1</summary>
    public static DicomTag ImageIndex => new(0x0054, 0x1330);

    /// <summary>(0054,1400) Counts Included, CS 1-n, retired</summary>
    public static DicomTag CountsIncluded => new(0x0054, 0x1400);

    /// <summary>(0054,1401) Dead Time Correction Flag, CS 1, retired</summary>
    public static DicomTag DeadTimeCorrectionFlag => new(0x0054, 0x1401);

    /// <summary>(0060,3000) Histogram Sequence, SQ 1</summary>
    public static DicomTag HistogramSequence => new(0x0060, 0x3000);

    /// <summary>(0060,3002) Histogram Number of Bins, US 1</summary>
    public static DicomTag HistogramNumberOfBins => new(0x0060, 0x3002);

    /// <summary>(0060,3004) Histogram First Bin Value, US/SS 1</summary>
    public static DicomTag HistogramFirstBinValue => new(0x0060, 0x3004);

    /// <summary>(0060,3006) Histogram Last Bin Value, US/SS 1</summary>
    public static DicomTag HistogramLastBinValue => new(0x0060, 0x3006);

    /// <summary>(0060,3008) Histogram Bin Width, US 1</summary>
    public static DicomTag HistogramBinWidth => new(0x0060, 0x3008);

    /// <summary>(0060,3010) Histogram Explanation, LO 1</summary>
    public static DicomTag HistogramExplanation => new(0x0060, 0x3010);

    /// <summary>(0060,3020) Histogram Data, UL 1-n</summary>
    public static DicomTag HistogramData => new(0x0060, 0x3020);

    /// <summary>(0062,0001) Segmentation Type, CS 1</summary>
    public static DicomTag SegmentationType => new(0x0062, 0x0001);

    /// <summary>(0062,0002) Segment Sequence, SQ 1</summary>
    public static DicomTag SegmentSequence => new(0x0062, 0x0002);

    /// <summary>(0062,0003) Segmented Property Category Code Sequence, SQ 1</summary>
    public static DicomTag SegmentedPropertyCategoryCodeSequence => new(0x0062, 0x0003);

    /// <summary>(0062,0004) Segment Number, US 1</summary>
    public static DicomTag SegmentNumber => new(0x0062, 0x0004);

    /// <summary>(0062,0005) Segment Label, LO 1</summary>
    public static DicomTag SegmentLabel => new(0x0062, 0x0005);

    /// <summary>(0062,0006) Segment Description, ST 1</summary>
    public static DicomTag SegmentDescription => new(0x0062, 0x0006);

    /// <summary>(0062,0007) Segmentation Algorithm Identification Sequence, SQ 1</summary>
    public static DicomTag SegmentationAlgorithmIdentificationSequence => new(0x0062, 0x0007);

    /// <summary>(0062,0008) Segment Algorithm Type, CS 1</summary>
    public static DicomTag SegmentAlgorithmType => new(0x0062, 0x0008);

    /// <summary>(0062,0009) Segment Algorithm Name, LO 1-n</summary>
    public static DicomTag SegmentAlgorithmName => new(0x0062, 0x0009);

    /// <summary>(0062,000A) Segment Identification Sequence, SQ 1</summary>
    public static DicomTag SegmentIdentificationSequence => new(0x0062, 0x000A);

    /// <summary>(0062,000B) Referenced Segment Number, US 1-n</summary>
    public static DicomTag ReferencedSegmentNumber => new(0x0062, 0x000B);

    /// <summary>(0062,000C) Recommended Display Grayscale Value, US 1</summary>
    public static DicomTag RecommendedDisplayGrayscaleValue => new(0x0062, 0x000C);

    /// <summary>(0062,000D) Recommended Display CIELab Value, US 3</summary>
    public static DicomTag RecommendedDisplayCIELabValue => new(0x0062, 0x000D);

    /// <summary>(0062,000E) Maximum Fractional Value, US 1</summary>
    public static DicomTag MaximumFractionalValue => new(0x0062, 0x000E);

    /// <summary>(0062,000F) Segmented Property Type Code Sequence, SQ 1</summary>
    public static DicomTag SegmentedPropertyTypeCodeSequence => new(0x0062, 0x000F);

    /// <summary>(0062,0010) Segmentation Fractional Type, CS 1</summary>
    public static DicomTag SegmentationFractionalType => new(0x0062, 0x0010);

    /// <summary>(0062,0011) Segmented Property Type Modifier Code Sequence, SQ 1</summary>
    public static DicomTag SegmentedPropertyTypeModifierCodeSequence => new(0x0062, 0x0011);

    /// <summary>(0062,0012) Used Segments Sequence, SQ 1</summary>
    public static DicomTag UsedSegmentsSequence => new(0x0062, 0x0012);

    /// <summary>(0062,0013) Segments Overlap, CS 1</summary>
    public static DicomTag SegmentsOverlap => new(0x0062, 0x0013);

    /// <summary>(0062,0020) Tracking ID, UT 1</summary>
    public static DicomTag TrackingID => new(0x0062, 0x0020);

    /// <summary>(0062,0021) Tracking UID, UI 1</summary>
    public static DicomTag TrackingUID => new(0x0062, 0x0021);

    /// <summary>(0064,0002) Deformable Registration Sequence, SQ 1</summary>
    public static DicomTag DeformableRegistrationSequence => new(0x0064, 0x0002);

    /// <summary>(0064,0003) Source Frame of Reference UID, UI 1</summary>
    public static DicomTag SourceFrameOfReferenceUID => new(0x0064, 0x0003);

    /// <summary>(0064,0005) Deformable Registration Grid Sequence, SQ 1</summary>
    public static DicomTag DeformableRegistrationGridSequence => new(0x0064, 0x0005);

    /// <summary>(0064,0007) Grid Dimensions, UL 3</summary>
    public static DicomTag GridDimensions => new(0x0064, 0x0007);

    /// <summary>(0064,0008) Grid Resolution, FD 3</summary>
    public static DicomTag GridResolution => new(0x0064, 0x0008);

    /// <summary>(0064,0009) Vector Grid Data, OF 1</summary>
    public static DicomTag VectorGridData => new(0x0064, 0x0009);

    /// <summary>(0064,000F) Pre Deformation Matrix Registration Sequence, SQ 1</summary>
    public static DicomTag PreDeformationMatrixRegistrationSequence => new(0x0064, 0x000F);

    /// <summary>(0064,0010) Post Deformation Matrix Registration Sequence, SQ 1</summary>
    public static DicomTag PostDeformationMatrixRegistrationSequence => new(0x0064, 0x0010);

    /// <summary>(0066,0001) Number of Surfaces, UL 1</summary>
    public static DicomTag NumberOfSurfaces => new(0x0066, 0x0001);

    /// <summary>(0066,0002) Surface Sequence, SQ 1</summary>
    public static DicomTag SurfaceSequence => new(0x0066, 0x0002);

    /// <summary>(0066,0003) Surface Number, UL 1</summary>
    public static DicomTag SurfaceNumber => new(0x0066, 0x0003);

    /// <summary>(0066,0004) Surface Comments, LT 1</summary>
    public static DicomTag SurfaceComments => new(0x0066, 0x0004);

    /// <summary>(0066,0009) Surface Processing, CS 1</summary>
    public static DicomTag SurfaceProcessing => new(0x0066, 0x0009);

    /// <summary>(0066,000A) Surface Processing Ratio, FL 1</summary>
    public static DicomTag SurfaceProcessingRatio => new(0x0066, 0x000A);

    /// <summary>(0066,000B) Surface Processing Description, LO 1</summary>
    public static DicomTag SurfaceProcessingDescription => new(0x0066, 0x000B);

    /// <summary>(0066,000C) Recommended Presentation Opacity, FL 1</summary>
    public static DicomTag RecommendedPresentationOpacity => new(0x0066, 0x000C);

    /// <summary>(0066,000D) Recommended Presentation Type, CS 1</summary>
    public static DicomTag RecommendedPresentationType => new(0x0066, 0x000D);

    /// <summary>(0066,000E) Finite Volume, CS 1</summary>
    public static DicomTag FiniteVolume => new(0x0066, 0x000E);

    /// <summary>(0066,0010) Manifold, CS 1</summary>
    public static DicomTag Manifold => new(0x0066, 0x0010);

    /// <summary>(0066,0011) Surface Points Sequence, SQ 1</summary>
    public static DicomTag SurfacePointsSequence => new(0x0066, 0x0011);

    /// <summary>(0066,0012) Surface Points Normals Sequence, SQ 1</summary>
    public static DicomTag SurfacePointsNormalsSequence => new(0x0066, 0x0012);

    /// <summary>(0066,0013) Surface Mesh Primitives Sequence, SQ 1</summary>
    public static DicomTag SurfaceMeshPrimitivesSequence => new(0x0066, 0x0013);

    /// <summary>(0066,0015) Number of Surface Points, UL 1</summary>
    public static DicomTag NumberOfSurfacePoints => new(0x0066, 0x0015);

    /// <summary>(0066,0016) Point Coordinates Data, OF 1</summary>
    public static DicomTag PointCoordinatesData => new(0x0066, 0x0016);

    /// <summary>(0066,0017) Point Position Accuracy, FL 3</summary>
    public static DicomTag PointPositionAccuracy => new(0x0066, 0x0017);

    /// <summary>(0066,0018) Mean Point Distance, FL 1</summary>
    public static DicomTag MeanPointDistance => new(0x0066, 0x0018);

    /// <summary>(0066,0019) Maximum Point Distance, FL 1</summary>
    public static DicomTag MaximumPointDistance => new(0x0066, 0x0019);

    /// <summary>(0066,001A) Points Bounding Box Coordinates, FL 6</summary>
    public static DicomTag PointsBoundingBoxCoordinates => new(0x0066, 0x001A);

    /// <summary>(0066,001B) Axis of Rotation, FL 3</summary>
    public static DicomTag AxisOfRotation => new(0x0066, 0x001B);

    /// <summary>(0066,001C) Center of Rotation, FL 3</summary>
    public static DicomTag CenterOfRotation => new(0x0066, 0x001C);

    /// <summary>(0066,001E) Number of Vectors, UL 1</summary>
    public static DicomTag NumberOfVectors => new(0x0066, 0x001E);

    /// <summary>(0066,001F) Vector Dimensionality, US 1</summary>
    public static DicomTag VectorDimensionality => new(0x0066, 0x001F);

    /// <summary>(0066,0020) Vector Accuracy, FL 1-n</summary>
    public static DicomTag VectorAccuracy => new(0x0066, 0x0020);

    /// <summary>(0066,0021) Vector Coordinate Data, OF 1</summary>
    public static DicomTag VectorCoordinateData => new(0x0066, 0x0021);

    /// <summary>(0066,0022) Double Point Coordinates Data, OD 1</summary>
    public static DicomTag DoublePointCoordinatesData => new(0x0066, 0x0022);

    /// <summary>(0066,0023) Triangle Point Index List, OW 1, retired</summary>
    public static DicomTag TrianglePointIndexList => new(0x0066, 0x0023);

    /// <summary>(0066,0024) Edge Point Index List, OW 1, retired</summary>
    public static DicomTag EdgePointIndexList => new(0x0066, 0x0024);

    /// <summary>(0066,0025) Vertex Point Index List, OW 1, retired</summary>
    public static DicomTag VertexPointIndexList => new(0x0066, 0x0025);

    /// <summary>(0066,0026) Triangle Strip Sequence, SQ 1</summary>
    public static DicomTag TriangleStripSequence => new(0x0066, 0x0026);

    /// <summary>(0066,0027) Triangle Fan Sequence, SQ 1</summary>
    public static DicomTag TriangleFanSequence => new(0x0066, 0x0027);

    /// <summary>(0066,0028) Line Sequence, SQ 1</summary>
    public static DicomTag LineSequence => new(0x0066, 0x0028);

    /// <summary>(0066,0029) Primitive Point Index List, OW 1, retired</summary>
    public static DicomTag PrimitivePointIndexList => new(0x0066, 0x0029);

    /// <summary>(0066,002A) Surface Count, UL 1</summary>
    public static DicomTag SurfaceCount => new(0x0066, 0x002A);

    /// <summary>(0066,002B) Referenced Surface Sequence, SQ 1</summary>
    public static DicomTag ReferencedSurfaceSequence => new(0x0066, 0x002B);

    /// <summary>(0066,002C) Referenced Surface Number, UL 1</summary>
    public static DicomTag ReferencedSurfaceNumber => new(0x0066, 0x002C);

    /// <summary>(0066,002D) Segment Surface Generation Algorithm Identification Sequence, SQ 1</summary>
    public static DicomTag SegmentSurfaceGenerationAlgorithmIdentificationSequence => new(0x0066, 0x002D);

    /// <summary>(0066,002E) Segment Surface Source Instance Sequence, SQ 1</summary>
    public static DicomTag SegmentSurfaceSourceInstanceSequence => new(0x0066, 0x002E);

    /// <summary>(0066,002F) Algorithm Family Code Sequence, SQ 1</summary>
    public static DicomTag AlgorithmFamilyCodeSequence => new(0x0066, 0x002F);

    /// <summary>(0066,0030) Algorithm Name Code Sequence, SQ 1</summary>
    public static DicomTag AlgorithmNameCodeSequence => new(0x0066, 0x0030);

    /// <summary>(0066,0031) Algorithm Version, LO 1</summary>
    public static DicomTag AlgorithmVersion => new(0x0066, 0x0031);

    /// <summary>(0066,0032) Algorithm Parameters, LT 1</summary>
    public static DicomTag AlgorithmParameters => new(0x0066, 0x0032);

    /// <summary>(0066,0034) Facet Sequence, SQ 1</summary>
    public static DicomTag FacetSequence => new(0x0066, 0x0034);

    /// <summary>(0066,0035) Surface Processing Algorithm Identification Sequence, SQ 1</summary>
    public static DicomTag SurfaceProcessingAlgorithmIdentificationSequence => new(0x0066, 0x0035);

    /// <summary>(0066,0036) Algorithm Name, LO 1</summary>
    public static DicomTag AlgorithmName => new(0x0066, 0x0036);

    /// <summary>(0066,0037) Recommended Point Radius, FL 1</summary>
    public static DicomTag RecommendedPointRadius => new(0x0066, 0x0037);

    /// <summary>(0066,0038) Recommended Line Thickness, FL 1</summary>
    public static DicomTag RecommendedLineThickness => new(0x0066, 0x0038);

    /// <summary>(0066,0040) Long Primitive Point Index List, OL 1</summary>
    public static DicomTag LongPrimitivePointIndexList => new(0x0066, 0x0040);

    /// <summary>(0066,0041) Long Triangle Point Index List, OL 1</summary>
    public static DicomTag LongTrianglePointIndexList => new(0x0066, 0x0041);

    /// <summary>(0066,0042) Long Edge Point Index List, OL 1</summary>
    public static DicomTag LongEdgePointIndexList => new(0x0066, 0x0042);

    /// <summary>(0066,0043) Long Vertex Point Index List, OL 1</summary>
    public static DicomTag LongVertexPointIndexList => new(0x0066, 0x0043);

    /// <summary>(0066,0101) Track Set Sequence, SQ 1</summary>
    public static DicomTag TrackSetSequence => new(0x0066, 0x0101);

    /// <summary>(0066,0102) Track Sequence, SQ 1</summary>
    public static DicomTag TrackSequence => new(0x0066, 0x0102);

    /// <summary>(0066,0103) Recommended Display CIELab Value List, OW 1</summary>
    public static DicomTag RecommendedDisplayCIELabValueList => new(0x0066, 0x0103);

    /// <summary>(0066,0104) Tracking Algorithm Identification Sequence, SQ 1</summary>
    public static DicomTag TrackingAlgorithmIdentificationSequence => new(0x0066, 0x0104);

    /// <summary>(0066,0105) Track Set Number, UL 1</summary>
    public static DicomTag TrackSetNumber => new(0x0066, 0x0105);

    /// <summary>(0066,0106) Track Set Label, LO 1</summary>
    public static DicomTag TrackSetLabel => new(0x0066, 0x0106);

    /// <summary>(0066,0107) Track Set Description, UT 1</summary>
    public static DicomTag TrackSetDescription => new(0x0066, 0x0107);

    /// <summary>(0066,0108) Track Set Anatomical Type Code Sequence, SQ 1</summary>
    public static DicomTag TrackSetAnatomicalTypeCodeSequence => new(0x0066, 0x0108);

    /// <summary>(0066,0121) Measurements Sequence, SQ 1</summary>
    public static DicomTag MeasurementsSequence => new(0x0066, 0x0121);

    /// <summary>(0066,0124) Track Set Statistics Sequence, SQ 1</summary>
    public static DicomTag TrackSetStatisticsSequence => new(0x0066, 0x0124);

    /// <summary>(0066,0125) Floating Point Values, OF 1</summary>
    public static DicomTag FloatingPointValues => new(0x0066, 0x0125);

    /// <summary>(0066,0129) Track Point Index List, OL 1</summary>
    public static DicomTag TrackPointIndexList => new(0x0066, 0x0129);

    /// <summary>(0066,0130) Track Statistics Sequence, SQ 1</summary>
    public static DicomTag TrackStatisticsSequence => new(0x0066, 0x0130);

    /// <summary>(0066,0132) Measurement Values Sequence, SQ 1</summary>
    public static DicomTag MeasurementValuesSequence => new(0x0066, 0x0132);

    /// <summary>(0066,0133) Diffusion Acquisition Code Sequence, SQ 1</summary>
    public static DicomTag DiffusionAcquisitionCodeSequence => new(0x0066, 0x0133);

    /// <summary>(0066,0134) Diffusion Model Code Sequence, SQ 1</summary>
    public static DicomTag DiffusionModelCodeSequence => new(0x0066, 0x0134);

    /// <summary>(0068,6210) Implant Size, LO 1</summary>
    public static DicomTag ImplantSize => new(0x0068, 0x6210);

    /// <summary>(0068,6221) Implant Template Version, LO 1</summary>
    public static DicomTag ImplantTemplateVersion => new(0x0068, 0x6221);

    /// <summary>(0068,6222) Replaced Implant Template Sequence, SQ 1</summary>
    public static DicomTag ReplacedImplantTemplateSequence => new(0x0068, 0x6222);

    /// <summary>(0068,6223) Implant Type, CS 1</summary>
    public static DicomTag ImplantType => new(0x0068, 0x6223);

    /// <summary>(0068,6224) Derivation Implant Template Sequence, SQ 1</summary>
    public static DicomTag DerivationImplantTemplateSequence => new(0x0068, 0x6224);

    /// <summary>(0068,6225) Original Implant Template Sequence, SQ 1</summary>
    public static DicomTag OriginalImplantTemplateSequence => new(0x0068, 0x6225);

    /// <summary>(0068,6226) Effective DateTime, DT 1</summary>
    public static DicomTag EffectiveDateTime => new(0x0068, 0x6226);

    /// <summary>(0068,6230) Implant Target Anatomy Sequence, SQ 1</summary>
    public static DicomTag ImplantTargetAnatomySequence => new(0x0068, 0x6230);

    /// <summary>(0068,6260) Information From Manufacturer Sequence, SQ 1</summary>
    public static DicomTag InformationFromManufacturerSequence => new(0x0068, 0x6260);

    /// <summary>(0068,6265) Notification From Manufacturer Sequence, SQ 1</summary>
    public static DicomTag NotificationFromManufacturerSequence => new(0x0068, 0x6265);

    /// <summary>(0068,6270) Information Issue DateTime, DT 1</summary>
    public static DicomTag InformationIssueDateTime => new(0x0068, 0x6270);

    /// <summary>(0068,6280) Information Summary, ST 1</summary>
    public static DicomTag InformationSummary => new(0x0068, 0x6280);

    /// <summary>(0068,62A0) Implant Regulatory Disapproval Code Sequence, SQ 1</summary>
    public static DicomTag ImplantRegulatoryDisapprovalCodeSequence => new(0x0068, 0x62A0);

    /// <summary>(0068,62A5) Overall Template Spatial Tolerance, FD 1</summary>
    public static DicomTag OverallTemplateSpatialTolerance => new(0x0068, 0x62A5);

    /// <summary>(0068,62C0) HPGL Document Sequence, SQ 1</summary>
    public static DicomTag HPGLDocumentSequence => new(0x0068, 0x62C0);

    /// <summary>(0068,62D0) HPGL Document ID, US 1</summary>
    public static DicomTag HPGLDocumentID => new(0x0068, 0x62D0);

    /// <summary>(0068,62D5) HPGL Document Label, LO 1</summary>
    public static DicomTag HPGLDocumentLabel => new(0x0068, 0x62D5);

    /// <summary>(0068,62E0) View Orientation Code Sequence, SQ 1</summary>
    public static DicomTag ViewOrientationCodeSequence => new(0x0068, 0x62E0);

    /// <summary>(0068,62F0) View Orientation Modifier Code Sequence, SQ 1</summary>
    public static DicomTag ViewOrientationModifierCodeSequence => new(0x0068, 0x62F0);

    /// <summary>(0068,62F2) HPGL Document Scaling, FD 1</summary>
    public static DicomTag HPGLDocumentScaling => new(0x0068, 0x62F2);

    /// <summary>(0068,6300) HPGL Document, OB 1</summary>
    public static DicomTag HPGLDocument => new(0x0068, 0x6300);

    /// <summary>(0068,6310) HPGL Contour Pen Number, US 1</summary>
    public static DicomTag HPGLContourPenNumber => new(0x0068, 0x6310);

    /// <summary>(0068,6320) HPGL Pen Sequence, SQ 1</summary>
    public static DicomTag HPGLPenSequence => new(0x0068, 0x6320);

    /// <summary>(0068,6330) HPGL Pen Number, US 1</summary>
    public static DicomTag HPGLPenNumber => new(0x0068, 0x6330);

    /// <summary>(0068,6340) HPGL Pen Label, LO 1</summary>
    public static DicomTag HPGLPenLabel => new(0x0068, 0x6340);

    /// <summary>(0068,6345) HPGL Pen Description, ST 1</summary>
    public static DicomTag HPGLPenDescription => new(0x0068, 0x6345);

    /// <summary>(0068,6346) Recommended Rotation Point, FD 2</summary>
    public static DicomTag RecommendedRotationPoint => new(0x0068, 0x6346);

    /// <summary>(0068,6347) Bounding Rectangle, FD 4</summary>
    public static DicomTag BoundingRectangle => new(0x0068, 0x6347);

    /// <summary>(0068,6350) Implant Template 3D Model Surface Number, US 1-n</summary>
    public static DicomTag ImplantTemplate3DModelSurfaceNumber => new(0x0068, 0x6350);

    /// <summary>(0068,6360) Surface Model Description Sequence, SQ 1</summary>
    public static DicomTag SurfaceModelDescriptionSequence => new(0x0068, 0x6360);

    /// <summary>(0068,6380) Surface Model Label, LO 1</summary>
    public static DicomTag SurfaceModelLabel => new(0x0068, 0x6380);

    /// <summary>(0068,6390) Surface Model Scaling Factor, FD 1</summary>
    public static DicomTag SurfaceModelScalingFactor => new(0x0068, 0x6390);

    /// <summary>(0068,63A0) Materials Code Sequence, SQ 1</summary>
    public static DicomTag MaterialsCodeSequence => new(0x0068, 0x63A0);

    /// <summary>(0068,63A4) Coating Materials Code Sequence, SQ 1</summary>
    public static DicomTag CoatingMaterialsCodeSequence => new(0x0068, 0x63A4);

    /// <summary>(0068,63A8) Implant Type Code Sequence, SQ 1</summary>
    public static DicomTag ImplantTypeCodeSequence => new(0x0068, 0x63A8);

    /// <summary>(0068,63AC) Fixation Method Code Sequence, SQ 1</summary>
    public static DicomTag FixationMethodCodeSequence => new(0x0068, 0x63AC);

    /// <summary>(0068,63B0) Mating Feature Sets Sequence, SQ 1</summary>
    public static DicomTag MatingFeatureSetsSequence => new(0x0068, 0x63B0);

    /// <summary>(0068,63C0) Mating Feature Set ID, US 1</summary>
    public static DicomTag MatingFeatureSetID => new(0x0068, 0x63C0);

    /// <summary>(0068,63D0) Mating Feature Set Label, LO 1</summary>
    public static DicomTag MatingFeatureSetLabel => new(0x0068, 0x63D0);

    /// <summary>(0068,63E0) Mating Feature Sequence, SQ 1</summary>
    public static DicomTag MatingFeatureSequence => new(0x0068, 0x63E0);

    /// <summary>(0068,63F0) Mating Feature ID, US 1</summary>
    public static DicomTag MatingFeatureID => new(0x0068, 0x63F0);

    /// <summary>(0068,6400) Mating Feature Degree of Freedom Sequence, SQ 1</summary>
    public static DicomTag MatingFeatureDegreeOfFreedomSequence => new(0x0068, 0x6400);

    /// <summary>(0068,6410) Degree of Freedom ID, US 1</summary>
    public static DicomTag DegreeOfFreedomID => new(0x0068, 0x6410);

    /// <summary>(0068,6420) Degree of Freedom Type, CS 1</summary>
    public static DicomTag DegreeOfFreedomType => new(0x0068, 0x6420);

    /// <summary>(0068,6430) 2D Mating Feature Coordinates Sequence, SQ 1</summary>
    public static DicomTag TwoDMatingFeatureCoordinatesSequence => new(0x0068, 0x6430);

    /// <summary>(0068,6440) Referenced HPGL Document ID, US 1</summary>
    public static DicomTag ReferencedHPGLDocumentID => new(0x0068, 0x6440);

    /// <summary>(0068,6450) 2D Mating Point, FD 2</summary>
    public static DicomTag TwoDMatingPoint => new(0x0068, 0x6450);

    /// <summary>(0068,6460) 2D Mating Axes, FD 4</summary>
    public static DicomTag TwoDMatingAxes => new(0x0068, 0x6460);

    /// <summary>(0068,6470) 2D Degree of Freedom Sequence, SQ 1</summary>
    public static DicomTag TwoDDegreeOfFreedomSequence => new(0x0068, 0x6470);

    /// <summary>(0068,6490) 3D Degree of Freedom Axis, FD 3</summary>
    public static DicomTag ThreeDDegreeOfFreedomAxis => new(0x0068, 0x6490);

    /// <summary>(0068,64A0) Range of Freedom, FD 2</summary>
    public static DicomTag RangeOfFreedom => new(0x0068, 0x64A0);

    /// <summary>(0068,64C0) 3D Mating Point, FD 3</summary>
    public static DicomTag ThreeDMatingPoint => new(0x0068, 0x64C0);

    /// <summary>(0068,64D0) 3D Mating Axes, FD 9</summary>
    public static DicomTag ThreeDMatingAxes => new(0x0068, 0x64D0);

    /// <summary>(0068,64F0) 2D Degree of Freedom Axis, FD 3</summary>
    public static DicomTag TwoDDegreeOfFreedomAxis => new(0x0068, 0x64F0);

    /// <summary>(0068,6500) Planning Landmark Point Sequence, SQ 1</summary>
    public static DicomTag PlanningLandmarkPointSequence => new(0x0068, 0x6500);

    /// <summary>(0068,6510) Planning Landmark Line Sequence, SQ 1</summary>
    public static DicomTag PlanningLandmarkLineSequence => new(0x0068, 0x6510);

    /// <summary>(0068,6520) Planning Landmark Plane Sequence, SQ 1</summary>
    public static DicomTag PlanningLandmarkPlaneSequence => new(0x0068, 0x6520);

    /// <summary>(0068,6530) Planning Landmark ID, US 1</summary>
    public static DicomTag PlanningLandmarkID => new(0x0068, 0x6530);

    /// <summary>(0068,6540) Planning Landmark Description, LO 1</summary>
    public static DicomTag PlanningLandmarkDescription => new(0x0068, 0x6540);

    /// <summary>(0068,6545) Planning Landmark Identification Code Sequence, SQ 1</summary>
    public static DicomTag PlanningLandmarkIdentificationCodeSequence => new(0x0068, 0x6545);

    /// <summary>(0068,6550) 2D Point Coordinates Sequence, SQ 1</summary>
    public static DicomTag TwoDPointCoordinatesSequence => new(0x0068, 0x6550);

    /// <summary>(0068,6560) 2D Point Coordinates, FD 2</summary>
    public static DicomTag TwoDPointCoordinates => new(0x0068, 0x6560);

    /// <summary>(0068,6590) 3D Point Coordinates, FD 3</summary>
    public static DicomTag ThreeDPointCoordinates => new(0x0068, 0x6590);

    /// <summary>(0068,65A0) 2D Line Coordinates Sequence, SQ 1</summary>
    public static DicomTag TwoDLineCoordinatesSequence => new(0x0068, 0x65A0);

    /// <summary>(0068,65B0) 2D Line Coordinates, FD 4</summary>
    public static DicomTag TwoDLineCoordinates => new(0x0068, 0x65B0);

    /// <summary>(0068,65D0) 3D Line Coordinates, FD 6</summary>
    public static DicomTag ThreeDLineCoordinates => new(0x0068, 0x65D0);

    /// <summary>(0068,65E0) 2D Plane Coordinates Sequence, SQ 1</summary>
    public static DicomTag TwoDPlaneCoordinatesSequence => new(0x0068, 0x65E0);

    /// <summary>(0068,65F0) 2D Plane Intersection, FD 4</summary>
    public static DicomTag TwoDPlaneIntersection => new(0x0068, 0x65F0);

    /// <summary>(0068,6610) 3D Plane Origin, FD 3</summary>
    public static DicomTag ThreeDPlaneOrigin => new(0x0068, 0x6610);

    /// <summary>(0068,6620) 3D Plane Normal, FD 3</summary>
    public static DicomTag ThreeDPlaneNormal => new(0x0068, 0x6620);

    /// <summary>(0068,7001) Model Modification, CS 1</summary>
    public static DicomTag ModelModification => new(0x0068, 0x7001);

    /// <summary>(0068,7002) Model Mirroring, CS 1</summary>
    public static DicomTag ModelMirroring => new(0x0068, 0x7002);

    /// <summary>(0068,7003) Model Usage Code Sequence, SQ 1</summary>
    public static DicomTag ModelUsageCodeSequence => new(0x0068, 0x7003);

    /// <summary>(0068,7004) Model Group UID, UI 1</summary>
    public static DicomTag ModelGroupUID => new(0x0068, 0x7004);

    /// <summary>(0068,7005) Relative URI Reference Within Encapsulated Document, UR 1</summary>
    public static DicomTag RelativeURIReferenceWithinEncapsulatedDocument => new(0x0068, 0x7005);

    /// <summary>(006A,0001) Annotation Coordinate Type, CS 1</summary>
    public static DicomTag AnnotationCoordinateType => new(0x006A, 0x0001);

    /// <summary>(006A,0002) Annotation Group Sequence, SQ 1</summary>
    public static DicomTag AnnotationGroupSequence => new(0x006A, 0x0002);

    /// <summary>(006A,0003) Annotation Group UID, UI 1</summary>
    public static DicomTag AnnotationGroupUID => new(0x006A, 0x0003);

    /// <summary>(006A,0005) Annotation Group Label, LO 1</summary>
    public static DicomTag AnnotationGroupLabel => new(0x006A, 0x0005);

    /// <summary>(006A,0006) Annotation Group Description, UT 1</summary>
    public static DicomTag AnnotationGroupDescription => new(0x006A, 0x0006);

    /// <summary>(006A,0007) Annotation Group Generation Type, CS 1</summary>
    public static DicomTag AnnotationGroupGenerationType => new(0x006A, 0x0007);

    /// <summary>(006A,0008) Annotation Group Algorithm Identification Sequence, SQ 1</summary>
    public static DicomTag AnnotationGroupAlgorithmIdentificationSequence => new(0x006A, 0x0008);

    /// <summary>(006A,0009) Annotation Property Category Code Sequence, SQ 1</summary>
    public static DicomTag AnnotationPropertyCategoryCodeSequence => new(0x006A, 0x0009);

    /// <summary>(006A,000A) Annotation Property Type Code Sequence, SQ 1</summary>
    public static DicomTag AnnotationPropertyTypeCodeSequence => new(0x006A, 0x000A);

    /// <summary>(006A,000B) Annotation Property Type Modifier Code Sequence, SQ 1</summary>
    public static DicomTag AnnotationPropertyTypeModifierCodeSequence => new(0x006A, 0x000B);

    /// <summary>(006A,000C) Number of Annotations, UL 1</summary>
    public static DicomTag NumberOfAnnotations => new(0x006A, 0x000C);

    /// <summary>(006A,000D) Annotation Applies to All Optical Paths, CS 1</summary>
    public static DicomTag AnnotationAppliesToAllOpticalPaths => new(0x006A, 0x000D);

    /// <summary>(006A,000E) Referenced Optical Path Identifier, SH 1-n</summary>
    public static DicomTag ReferencedOpticalPathIdentifier => new(0x006A, 0x000E);

    /// <summary>(006A,000F) Annotation Applies to All Z Planes, CS 1</summary>
    public static DicomTag AnnotationAppliesToAllZPlanes => new(0x006A, 0x000F);

    /// <summary>(006A,0010) Common Z Coordinate Value, FD 1-n</summary>
    public static DicomTag CommonZCoordinateValue => new(0x006A, 0x0010);

    /// <summary>(006A,0011) Annotation Index List, OL 1</summary>
    public static DicomTag AnnotationIndexList => new(0x006A, 0x0011);

    /// <summary>(0070,0001) Graphic Annotation Sequence, SQ 1</summary>
    public static DicomTag GraphicAnnotationSequence => new(0x0070, 0x0001);

    /// <summary>(0070,0002) Graphic Layer, CS 1</summary>
    public static DicomTag GraphicLayer => new(0x0070, 0x0002);

    /// <summary>(0070,0003) Bounding Box Annotation Units, CS 1</summary>
    public static DicomTag BoundingBoxAnnotationUnits => new(0x0070, 0x0003);

    /// <summary>(0070,0004) Anchor Point Annotation Units, CS 1</summary>
    public static DicomTag AnchorPointAnnotationUnits => new(0x0070, 0x0004);

    /// <summary>(0070,0005) Graphic Annotation Units, CS 1</summary>
    public static DicomTag GraphicAnnotationUnits => new(0x0070, 0x0005);

    /// <summary>(0070,0006) Unformatted Text Value, ST 1</summary>
    public static DicomTag UnformattedTextValue => new(0x0070, 0x0006);

    /// <summary>(0070,0008) Text Object Sequence, SQ 1</summary>
    public static DicomTag TextObjectSequence => new(0x0070, 0x0008);

    /// <summary>(0070,0009) Graphic Object Sequence, SQ 1</summary>
    public static DicomTag GraphicObjectSequence => new(0x0070, 0x0009);

    /// <summary>(0070,0010) Bounding Box Top Left Hand Corner, FL 2</summary>
    public static DicomTag BoundingBoxTopLeftHandCorner => new(0x0070, 0x0010);

    /// <summary>(0070,0011) Bounding Box Bottom Right Hand Corner, FL 2</summary>
    public static DicomTag BoundingBoxBottomRightHandCorner => new(0x0070, 0x0011);

    /// <summary>(0070,0012) Bounding Box Text Horizontal Justification, CS 1</summary>
    public static DicomTag BoundingBoxTextHorizontalJustification => new(0x0070, 0x0012);

    /// <summary>(0070,0014) Anchor Point, FL 2</summary>
    public static DicomTag AnchorPoint => new(0x0070, 0x0014);

    /// <summary>(0070,0015) Anchor Point Visibility, CS 1</summary>
    public static DicomTag AnchorPointVisibility => new(0x0070, 0x0015);

    /// <summary>(0070,0020) Graphic Dimensions, US 1</summary>
    public static DicomTag GraphicDimensions => new(0x0070, 0x0020);

    /// <summary>(0070,0021) Number of Graphic Points, US 1</summary>
    public static DicomTag NumberOfGraphicPoints => new(0x0070, 0x0021);

    /// <summary>(0070,0022) Graphic Data, FL 2-n</summary>
    public static DicomTag GraphicData => new(0x0070, 0x0022);

    /// <summary>(0070,0023) Graphic Type, CS 1</summary>
    public static DicomTag GraphicType => new(0x0070, 0x0023);

    /// <summary>(0070,0024) Graphic Filled, CS 1</summary>
    public static DicomTag GraphicFilled => new(0x0070, 0x0024);

    /// <summary>(0070,0040) Image Rotation (Retired), IS 1, retired</summary>
    public static DicomTag ImageRotationRetired => new(0x0070, 0x0040);

    /// <summary>(0070,0041) Image Horizontal Flip, CS 1</summary>
    public static DicomTag ImageHorizontalFlip => new(0x0070, 0x0041);

    /// <summary>(0070,0042) Image Rotation, US 1</summary>
    public static DicomTag ImageRotation => new(0x0070, 0x0042);

    /// <summary>(0070,0050) Displayed Area Top Left Hand Corner (Trial), US 2, retired</summary>
    public static DicomTag DisplayedAreaTopLeftHandCornerTrial => new(0x0070, 0x0050);

    /// <summary>(0070,0051) Displayed Area Bottom Right Hand Corner (Trial), US 2, retired</summary>
    public static DicomTag DisplayedAreaBottomRightHandCornerTrial => new(0x0070, 0x0051);

    /// <summary>(0070,0052) Displayed Area Top Left Hand Corner, SL 2</summary>
    public static DicomTag DisplayedAreaTopLeftHandCorner => new(0x0070, 0x0052);

    /// <summary>(0070,0053) Displayed Area Bottom Right Hand Corner, SL 2</summary>
    public static DicomTag DisplayedAreaBottomRightHandCorner => new(0x0070, 0x0053);

    /// <summary>(0070,005A) Displayed Area Selection Sequence, SQ 1</summary>
    public static DicomTag DisplayedAreaSelectionSequence => new(0x0070, 0x005A);

    /// <summary>(0070,0060) Graphic Layer Sequence, SQ 1</summary>
    public static DicomTag GraphicLayerSequence => new(0x0070, 0x0060);

    /// <summary>(0070,0062) Graphic Layer Order, IS 1</summary>
    public static DicomTag GraphicLayerOrder => new(0x0070, 0x0062);

    /// <summary>(0070,0066) Graphic Layer Recommended Display Grayscale Value, US 1</summary>
    public static DicomTag GraphicLayerRecommendedDisplayGrayscaleValue => new(0x0070, 0x0066);

    /// <summary>(0070,0067) Graphic Layer Recommended Display RGB Value, US 3, retired</summary>
    public static DicomTag GraphicLayerRecommendedDisplayRGBValue => new(0x0070, 0x0067);

    /// <summary>(0070,0068) Graphic Layer Description, LO 1</summary>
    public static DicomTag GraphicLayerDescription => new(0x0070, 0x0068);

    /// <summary>(0070,0080) Content Label, CS 1</summary>
    public static DicomTag ContentLabel => new(0x0070, 0x0080);

    /// <summary>(0070,0081) Content Description, LO 1</summary>
    public static DicomTag ContentDescription => new(0x0070, 0x0081);

    /// <summary>(0070,0082) Presentation Creation Date, DA 1</summary>
    public static DicomTag PresentationCreationDate => new(0x0070, 0x0082);

    /// <summary>(0070,0083) Presentation Creation Time, TM 1</summary>
    public static DicomTag PresentationCreationTime => new(0x0070, 0x0083);

    /// <summary>(0070,0084) Content Creator's Name, PN 1</summary>
    public static DicomTag ContentCreatorName => new(0x0070, 0x0084);

    /// <summary>(0070,0086) Content Creator's Identification Code Sequence, SQ 1</summary>
    public static DicomTag ContentCreatorIdentificationCodeSequence => new(0x0070, 0x0086);

    /// <summary>(0070,0087) Alternate Content Description Sequence, SQ 1</summary>
    public static DicomTag AlternateContentDescriptionSequence => new(0x0070, 0x0087);

    /// <summary>(0070,0100) Presentation Size Mode, CS 1</summary>
    public static DicomTag PresentationSizeMode => new(0x0070, 0x0100);

    /// <summary>(0070,0101) Presentation Pixel Spacing, DS 2</summary>
    public static DicomTag PresentationPixelSpacing => new(0x0070, 0x0101);

    /// <summary>(0070,0102) Presentation Pixel Aspect Ratio, IS 2</summary>
    public static DicomTag PresentationPixelAspectRatio => new(0x0070, 0x0102);

    /// <summary>(0070,0103) Presentation Pixel Magnification Ratio, FL 1</summary>
    public static DicomTag PresentationPixelMagnificationRatio => new(0x0070, 0x0103);

    /// <summary>(0070,0207) Graphic Group Label, LO 1</summary>
    public static DicomTag GraphicGroupLabel => new(0x0070, 0x0207);

    /// <summary>(0070,0208) Graphic Group Description, ST 1</summary>
    public static DicomTag GraphicGroupDescription => new(0x0070, 0x0208);

    /// <summary>(0070,0209) Compound Graphic Sequence, SQ 1</summary>
    public static DicomTag CompoundGraphicSequence => new(0x0070, 0x0209);

    /// <summary>(0070,0226) Compound Graphic Instance ID, UL 1</summary>
    public static DicomTag CompoundGraphicInstanceID => new(0x0070, 0x0226);

    /// <summary>(0070,0227) Font Name, LO 1</summary>
    public static DicomTag FontName => new(0x0070, 0x0227);

    /// <summary>(0070,0228) Font Name Type, CS 1</summary>
    public static DicomTag FontNameType => new(0x0070, 0x0228);

    /// <summary>(0070,0229) CSS Font Name, LO 1</summary>
    public static DicomTag CSSFontName => new(0x0070, 0x0229);

    /// <summary>(0070,0230) Rotation Angle, FD 1</summary>
    public static DicomTag RotationAngle => new(0x0070, 0x0230);

    /// <summary>(0070,0231) Text Style Sequence, SQ 1</summary>
    public static DicomTag TextStyleSequence => new(0x0070, 0x0231);

    /// <summary>(0070,0232) Line Style Sequence, SQ 1</summary>
    public static DicomTag LineStyleSequence => new(0x0070, 0x0232);

    /// <summary>(0070,0233) Fill Style Sequence, SQ 1</summary>
    public static DicomTag FillStyleSequence => new(0x0070, 0x0233);

    /// <summary>(0070,0234) Graphic Group Sequence, SQ 1</summary>
    public static DicomTag GraphicGroupSequence => new(0x0070, 0x0234);

    /// <summary>(0070,0241) Text Color CIELab Value, US 3</summary>
    public static DicomTag TextColorCIELabValue => new(0x0070, 0x0241);

    /// <summary>(0070,0242) Horizontal Alignment, CS 1</summary>
    public static DicomTag HorizontalAlignment => new(0x0070, 0x0242);

    /// <summary>(0070,0243) Vertical Alignment, CS 1</summary>
    public static DicomTag VerticalAlignment => new(0x0070, 0x0243);

    /// <summary>(0070,0244) Shadow Style, CS 1</summary>
    public static DicomTag ShadowStyle => new(0x0070, 0x0244);

    /// <summary>(0070,0245) Shadow Offset X, FL 1</summary>
    public static DicomTag ShadowOffsetX => new(0x0070, 0x0245);

    /// <summary>(0070,0246) Shadow Offset Y, FL 1</summary>
    public static DicomTag ShadowOffsetY => new(0x0070, 0x0246);

    /// <summary>(0070,0247) Shadow Color CIELab Value, US 3</summary>
    public static DicomTag ShadowColorCIELabValue => new(0x0070, 0x0247);

    /// <summary>(0070,0248) Underlined, CS 1</summary>
    public static DicomTag Underlined => new(0x0070, 0x0248);

    /// <summary>(0070,0249) Bold, CS 1</summary>
    public static DicomTag Bold => new(0x0070, 0x0249);

    /// <summary>(0070,0250) Italic, CS 1</summary>
    public static DicomTag Italic => new(0x0070, 0x0250);

    /// <summary>(0070,0251) Pattern On Color CIELab Value, US 3</summary>
    public static DicomTag PatternOnColorCIELabValue => new(0x0070, 0x0251);

    /// <summary>(0070,0252) Pattern Off Color CIELab Value, US 3</summary>
    public static DicomTag PatternOffColorCIELabValue => new(0x0070, 0x0252);

    /// <summary>(0070,0253) Line Thickness, FL 1</summary>
    public static DicomTag LineThickness => new(0x0070, 0x0253);

    /// <summary>(0070,0254) Line Dashing Style, CS 1</summary>
    public static DicomTag LineDashingStyle => new(0x0070, 0x0254);

    /// <summary>(0070,0255) Line Pattern, UL 1</summary>
    public static DicomTag LinePattern => new(0x0070, 0x0255);

    /// <summary>(0070,0256) Fill Pattern, OB 1</summary>
    public static DicomTag FillPattern => new(0x0070, 0x0256);

    /// <summary>(0070,0257) Fill Mode, CS 1</summary>
    public static DicomTag FillMode => new(0x0070, 0x0257);

    /// <summary>(0070,0258) Shadow Opacity, FL 1</summary>
    public static DicomTag ShadowOpacity => new(0x0070, 0x0258);

    /// <summary>(0070,0261) Gap Length, FL 1</summary>
    public static DicomTag GapLength => new(0x0070, 0x0261);

    /// <summary>(0070,0262) Diameter of Visibility, FL 1</summary>
    public static DicomTag DiameterOfVisibility => new(0x0070, 0x0262);

    /// <summary>(0070,0273) Rotation Point, FL 2</summary>
    public static DicomTag RotationPoint => new(0x0070, 0x0273);

    /// <summary>(0070,0274) Tick Alignment, CS 1</summary>
    public static DicomTag TickAlignment => new(0x0070, 0x0274);

    /// <summary>(0070,0278) Show Tick Label, CS 1</summary>
    public static DicomTag ShowTickLabel => new(0x0070, 0x0278);

    /// <summary>(0070,0279) Tick Label Alignment, CS 1</summary>
    public static DicomTag TickLabelAlignment => new(0x0070, 0x0279);

    /// <summary>(0070,0282) Compound Graphic Units, CS 1</summary>
    public static DicomTag CompoundGraphicUnits => new(0x0070, 0x0282);

    /// <summary>(0070,0284) Pattern On Opacity, FL 1</summary>
    public static DicomTag PatternOnOpacity => new(0x0070, 0x0284);

    /// <summary>(0070,0285) Pattern Off Opacity, FL 1</summary>
    public static DicomTag PatternOffOpacity => new(0x0070, 0x0285);

    /// <summary>(0070,0287) Major Ticks Sequence, SQ 1</summary>
    public static DicomTag MajorTicksSequence => new(0x0070, 0x0287);

    /// <summary>(0070,0288) Tick Position, FL 1</summary>
    public static DicomTag TickPosition => new(0x0070, 0x0288);

    /// <summary>(0070,0289) Tick Label, SH 1</summary>
    public static DicomTag TickLabel => new(0x0070, 0x0289);

    /// <summary>(0070,0294) Compound Graphic Type, CS 1</summary>
    public static DicomTag CompoundGraphicType => new(0x0070, 0x0294);

    /// <summary>(0070,0295) Graphic Group ID, UL 1</summary>
    public static DicomTag GraphicGroupID => new(0x0070, 0x0295);

    /// <summary>(0070,0306) Shape Type, CS 1</summary>
    public static DicomTag ShapeType => new(0x0070, 0x0306);

    /// <summary>(0070,0308) Registration Sequence, SQ 1</summary>
    public static DicomTag RegistrationSequence => new(0x0070, 0x0308);

    /// <summary>(0070,0309) Matrix Registration Sequence, SQ 1</summary>
    public static DicomTag MatrixRegistrationSequence => new(0x0070, 0x0309);

    /// <summary>(0070,030A) Matrix Sequence, SQ 1</summary>
    public static DicomTag MatrixSequence => new(0x0070, 0x030A);

    /// <summary>(0070,030B) Frame of Reference to Displayed Coordinate System Transformation Matrix, FD 16</summary>
    public static DicomTag FrameOfReferenceToDisplayedCoordinateSystemTransformationMatrix => new(0x0070, 0x030B);

    /// <summary>(0070,030C) Frame of Reference Transformation Matrix Type, CS 1</summary>
    public static DicomTag FrameOfReferenceTransformationMatrixType => new(0x0070, 0x030C);

    /// <summary>(0070,030D) Registration Type Code Sequence, SQ 1</summary>
    public static DicomTag RegistrationTypeCodeSequence => new(0x0070, 0x030D);

    /// <summary>(0070,030F) Fiducial Description, ST 1</summary>
    public static DicomTag FiducialDescription => new(0x0070, 0x030F);

    /// <summary>(0070,0310) Fiducial Identifier, SH 1</summary>
    public static DicomTag FiducialIdentifier => new(0x0070, 0x0310);

    /// <summary>(0070,0311) Fiducial Identifier Code Sequence, SQ 1</summary>
    public static DicomTag FiducialIdentifierCodeSequence => new(0x0070, 0x0311);

    /// <summary>(0070,0312) Contour Uncertainty Radius, FD 1</summary>
    public static DicomTag ContourUncertaintyRadius => new(0x0070, 0x0312);

    /// <summary>(0070,0314) Used Fiducials Sequence, SQ 1</summary>
    public static DicomTag UsedFiducialsSequence => new(0x0070, 0x0314);

    /// <summary>(0070,0318) Graphic Coordinates Data Sequence, SQ 1</summary>
    public static DicomTag GraphicCoordinatesDataSequence => new(0x0070, 0x0318);

    /// <summary>(0070,031A) Fiducial UID, UI 1</summary>
    public static DicomTag FiducialUID => new(0x0070, 0x031A);

    /// <summary>(0070,031B) Referenced Fiducial UID, UI 1</summary>
    public static DicomTag ReferencedFiducialUID => new(0x0070, 0x031B);

    /// <summary>(0070,031C) Fiducial Set Sequence, SQ 1</summary>
    public static DicomTag FiducialSetSequence => new(0x0070, 0x031C);

    /// <summary>(0070,031E) Fiducial Sequence, SQ 1</summary>
    public static DicomTag FiducialSequence => new(0x0070, 0x031E);

    /// <summary>(0070,031F) Fiducials Property Category Code Sequence, SQ 1</summary>
    public static DicomTag FiducialsPropertyCategoryCodeSequence => new(0x0070, 0x031F);

    /// <summary>(0070,0401) Graphic Layer Recommended Display CIELab Value, US 3</summary>
    public static DicomTag GraphicLayerRecommendedDisplayCIELabValue => new(0x0070, 0x0401);

    /// <summary>(0070,0402) Blending Sequence, SQ 1</summary>
    public static DicomTag BlendingSequence => new(0x0070, 0x0402);

    /// <summary>(0070,0403) Relative Opacity, FL 1</summary>
    public static DicomTag RelativeOpacity => new(0x0070, 0x0403);

    /// <summary>(0070,0404) Referenced Spatial Registration Sequence, SQ 1</summary>
    public static DicomTag ReferencedSpatialRegistrationSequence => new(0x0070, 0x0404);

    /// <summary>(0070,0405) Blending Position, CS 1</summary>
    public static DicomTag BlendingPosition => new(0x0070, 0x0405);

    /// <summary>(0070,1101) Presentation Display Collection UID, UI 1</summary>
    public static DicomTag PresentationDisplayCollectionUID => new(0x0070, 0x1101);

    /// <summary>(0070,1102) Presentation Sequence Collection UID, UI 1</summary>
    public static DicomTag PresentationSequenceCollectionUID => new(0x0070, 0x1102);

    /// <summary>(0070,1103) Presentation Sequence Position Index, US 1</summary>
    public static DicomTag PresentationSequencePositionIndex => new(0x0070, 0x1103);

    /// <summary>(0070,1104) Rendered Image Reference Sequence, SQ 1</summary>
    public static DicomTag RenderedImageReferenceSequence => new(0x0070, 0x1104);

    /// <summary>(0070,1201) Volumetric Presentation State Input Sequence, SQ 1</summary>
    public static DicomTag VolumetricPresentationStateInputSequence => new(0x0070, 0x1201);

    /// <summary>(0070,1202) Presentation Input Type, CS 1</summary>
    public static DicomTag PresentationInputType => new(0x0070, 0x1202);

    /// <summary>(0070,1203) Input Sequence Position Index, US 1</summary>
    public static DicomTag InputSequencePositionIndex => new(0x0070, 0x1203);

    /// <summary>(0070,1204) Crop, CS 1</summary>
    public static DicomTag Crop => new(0x0070, 0x1204);

    /// <summary>(0070,1205) Cropping Specification Index, US 1-n</summary>
    public static DicomTag CroppingSpecificationIndex => new(0x0070, 0x1205);

    /// <summary>(0070,1206) Compositing Method, CS 1, retired</summary>
    public static DicomTag CompositingMethod => new(0x0070, 0x1206);

    /// <summary>(0070,1207) Volumetric Presentation Input Number, US 1</summary>
    public static DicomTag VolumetricPresentationInputNumber => new(0x0070, 0x1207);

    /// <summary>(0070,1208) Image Volume Geometry, CS 1</summary>
    public static DicomTag ImageVolumeGeometry => new(0x0070, 0x1208);

    /// <summary>(0070,1209) Volumetric Presentation Input Set UID, UI 1</summary>
    public static DicomTag VolumetricPresentationInputSetUID => new(0x0070, 0x1209);

    /// <summary>(0070,120A) Volumetric Presentation Input Set Sequence, SQ 1</summary>
    public static DicomTag VolumetricPresentationInputSetSequence => new(0x0070, 0x120A);

    /// <summary>(0070,120B) Global Crop, CS 1</summary>
    public static DicomTag GlobalCrop => new(0x0070, 0x120B);

    /// <summary>(0070,120C) Global Cropping Specification Index, US 1-n</summary>
    public static DicomTag GlobalCroppingSpecificationIndex => new(0x0070, 0x120C);

    /// <summary>(0070,120D) Rendering Method, CS 1</summary>
    public static DicomTag RenderingMethod => new(0x0070, 0x120D);

    /// <summary>(0070,1301) Volume Cropping Sequence, SQ 1</summary>
    public static DicomTag VolumeCroppingSequence => new(0x0070, 0x1301);

    /// <summary>(0070,1302) Volume Cropping Method, CS 1</summary>
    public static DicomTag VolumeCroppingMethod => new(0x0070, 0x1302);

    /// <summary>(0070,1303) Bounding Box Crop, FD 6</summary>
    public static DicomTag BoundingBoxCrop => new(0x0070, 0x1303);

    /// <summary>(0070,1304) Oblique Cropping Plane Sequence, SQ 1</summary>
    public static DicomTag ObliqueCroppingPlaneSequence => new(0x0070, 0x1304);

    /// <summary>(0070,1305) Plane, FD 4</summary>
    public static DicomTag Plane => new(0x0070, 0x1305);

    /// <summary>(0070,1306) Plane Normal, FD 3</summary>
    public static DicomTag PlaneNormal => new(0x0070, 0x1306);

    /// <summary>(0070,1309) Cropping Specification Number, US 1</summary>
    public static DicomTag CroppingSpecificationNumber => new(0x0070, 0x1309);

    /// <summary>(0070,1501) Multi-Planar Reconstruction Style, CS 1</summary>
    public static DicomTag MultiPlanarReconstructionStyle => new(0x0070, 0x1501);

    /// <summary>(0070,1502) MPR Thickness Type, CS 1</summary>
    public static DicomTag MPRThicknessType => new(0x0070, 0x1502);

    /// <summary>(0070,1503) MPR Slab Thickness, FD 1</summary>
    public static DicomTag MPRSlabThickness => new(0x0070, 0x1503);

    /// <summary>(0070,1505) MPR Top Left Hand Corner, FD 3</summary>
    public static DicomTag MPRTopLeftHandCorner => new(0x0070, 0x1505);

    /// <summary>(0070,1507) MPR View Width Direction, FD 3</summary>
    public static DicomTag MPRViewWidthDirection => new(0x0070, 0x1507);

    /// <summary>(0070,1508) MPR View Width, FD 1</summary>
    public static DicomTag MPRViewWidth => new(0x0070, 0x1508);

    /// <summary>(0070,150C) Number of Volumetric Curve Points, UL 1</summary>
    public static DicomTag NumberOfVolumetricCurvePoints => new(0x0070, 0x150C);

    /// <summary>(0070,150D) Volumetric Curve Points, OD 1</summary>
    public static DicomTag VolumetricCurvePoints => new(0x0070, 0x150D);

    /// <summary>(0070,1511) MPR View Height Direction, FD 3</summary>
    public static DicomTag MPRViewHeightDirection => new(0x0070, 0x1511);

    /// <summary>(0070,1512) MPR View Height, FD 1</summary>
    public static DicomTag MPRViewHeight => new(0x0070, 0x1512);

    /// <summary>(0070,1602) Render Projection, CS 1</summary>
    public static DicomTag RenderProjection => new(0x0070, 0x1602);

    /// <summary>(0070,1603) Viewpoint Position, FD 3</summary>
    public static DicomTag ViewpointPosition => new(0x0070, 0x1603);

    /// <summary>(0070,1604) Viewpoint LookAt Point, FD 3</summary>
    public static DicomTag ViewpointLookAtPoint => new(0x0070, 0x1604);

    /// <summary>(0070,1605) Viewpoint Up Direction, FD 3</summary>
    public static DicomTag ViewpointUpDirection => new(0x0070, 0x1605);

    /// <summary>(0070,1606) Render Field of View, FD 6</summary>
    public static DicomTag RenderFieldOfView => new(0x0070, 0x1606);

    /// <summary>(0070,1607) Sampling Step Size, FD 1</summary>
    public static DicomTag SamplingStepSize => new(0x0070, 0x1607);

    /// <summary>(0070,1701) Shading Style, CS 1</summary>
    public static DicomTag ShadingStyle => new(0x0070, 0x1701);

    /// <summary>(0070,1702) Ambient Reflection Intensity, FD 1</summary>
    public static DicomTag AmbientReflectionIntensity => new(0x0070, 0x1702);

    /// <summary>(0070,1703) Light Direction, FD 3</summary>
    public static DicomTag LightDirection => new(0x0070, 0x1703);

    /// <summary>(0070,1704) Diffuse Reflection Intensity, FD 1</summary>
    public static DicomTag DiffuseReflectionIntensity => new(0x0070, 0x1704);

    /// <summary>(0070,1705) Specular Reflection Intensity, FD 1</summary>
    public static DicomTag SpecularReflectionIntensity => new(0x0070, 0x1705);

    /// <summary>(0070,1706) Shininess, FD 1</summary>
    public static DicomTag Shininess => new(0x0070, 0x1706);

    /// <summary>(0070,1801) Presentation State Classification Component Sequence, SQ 1</summary>
    public static DicomTag PresentationStateClassificationComponentSequence => new(0x0070, 0x1801);

    /// <summary>(0070,1802) Component Type, CS 1</summary>
    public static DicomTag ComponentType => new(0x0070, 0x1802);

    /// <summary>(0070,1803) Component Input Sequence, SQ 1</summary>
    public static DicomTag ComponentInputSequence => new(0x0070, 0x1803);

    /// <summary>(0070,1804) Volumetric Presentation Input Index, US 1</summary>
    public static DicomTag VolumetricPresentationInputIndex => new(0x0070, 0x1804);

    /// <summary>(0070,1805) Presentation State Compositor Component Sequence, SQ 1</summary>
    public static DicomTag PresentationStateCompositorComponentSequence => new(0x0070, 0x1805);

    /// <summary>(0070,1806) Weighting Transfer Function Sequence, SQ 1</summary>
    public static DicomTag WeightingTransferFunctionSequence => new(0x0070, 0x1806);

    /// <summary>(0070,1807) Weighting Lookup Table Descriptor, US 3</summary>
    public static DicomTag WeightingLookupTableDescriptor => new(0x0070, 0x1807);

    /// <summary>(0070,1808) Weighting Lookup Table Data, OB 1</summary>
    public static DicomTag WeightingLookupTableData => new(0x0070, 0x1808);

    /// <summary>(0070,1901) Volumetric Annotation Sequence, SQ 1</summary>
    public static DicomTag VolumetricAnnotationSequence => new(0x0070, 0x1901);

    /// <summary>(0070,1903) Referenced Structured Context Sequence, SQ 1</summary>
    public static DicomTag ReferencedStructuredContextSequence => new(0x0070, 0x1903);

    /// <summary>(0070,1904) Referenced Content Item, UI 1</summary>
    public static DicomTag ReferencedContentItem => new(0x0070, 0x1904);

    /// <summary>(0070,1905) Volumetric Presentation Input Annotation Sequence, SQ 1</summary>
    public static DicomTag VolumetricPresentationInputAnnotationSequence => new(0x0070, 0x1905);

    /// <summary>(0070,1907) Annotation Clipping, CS 1</summary>
    public static DicomTag AnnotationClipping => new(0x0070, 0x1907);

    /// <summary>(0070,1A01) Presentation Animation Style, CS 1</summary>
    public static DicomTag PresentationAnimationStyle => new(0x0070, 0x1A01);

    /// <summary>(0070,1A03) Recommended Animation Rate, FD 1</summary>
    public static DicomTag RecommendedAnimationRate => new(0x0070, 0x1A03);

    /// <summary>(0070,1A04) Animation Curve Sequence, SQ 1</summary>
    public static DicomTag AnimationCurveSequence => new(0x0070, 0x1A04);

    /// <summary>(0070,1A05) Animation Step Size, FD 1</summary>
    public static DicomTag AnimationStepSize => new(0x0070, 0x1A05);

    /// <summary>(0070,1A06) Swivel Range, FD 1</summary>
    public static DicomTag SwivelRange => new(0x0070, 0x1A06);

    /// <summary>(0070,1A07) Volumetric Curve Up Directions, OD 1</summary>
    public static DicomTag VolumetricCurveUpDirections => new(0x0070, 0x1A07);

    /// <summary>(0070,1A08) Volume Stream Sequence, SQ 1</summary>
    public static DicomTag VolumeStreamSequence => new(0x0070, 0x1A08);

    /// <summary>(0070,1A09) RGBA Transfer Function Description, LO 1</summary>
    public static DicomTag RGBATransferFunctionDescription => new(0x0070, 0x1A09);

    /// <summary>(0070,1B01) Advanced Blending Sequence, SQ 1</summary>
    public static DicomTag AdvancedBlendingSequence => new(0x0070, 0x1B01);

    /// <summary>(0070,1B02) Blending Input Number, US 1</summary>
    public static DicomTag BlendingInputNumber => new(0x0070, 0x1B02);

    /// <summary>(0070,1B03) Blending Display Input Sequence, SQ 1</summary>
    public static DicomTag BlendingDisplayInputSequence => new(0x0070, 0x1B03);

    /// <summary>(0070,1B04) Blending Display Sequence, SQ 1</summary>
    public static DicomTag BlendingDisplaySequence => new(0x0070, 0x1B04);

    /// <summary>(0070,1B06) Blending Mode, CS 1</summary>
    public static DicomTag BlendingMode => new(0x0070, 0x1B06);

    /// <summary>(0070,1B07) Time Series Blending, CS 1</summary>
    public static DicomTag TimeSeriesBlending => new(0x0070, 0x1B07);

    /// <summary>(0070,1B08) Geometry for Display, CS 1</summary>
    public static DicomTag GeometryForDisplay => new(0x0070, 0x1B08);

    /// <summary>(0070,1B11) Threshold Sequence, SQ 1</summary>
    public static DicomTag ThresholdSequence => new(0x0070, 0x1B11);

    /// <summary>(0070,1B12) Threshold Value Sequence, SQ 1</summary>
    public static DicomTag ThresholdValueSequence => new(0x0070, 0x1B12);

    /// <summary>(0070,1B13) Threshold Type, CS 1</summary>
    public static DicomTag ThresholdType => new(0x0070, 0x1B13);

    /// <summary>(0070,1B14) Threshold Value, FD 1</summary>
    public static DicomTag ThresholdValue => new(0x0070, 0x1B14);

    /// <summary>(0072,0002) Hanging Protocol Name, SH 1</summary>
    public static DicomTag HangingProtocolName => new(0x0072, 0x0002);

    /// <summary>(0072,0004) Hanging Protocol Description, LO 1</summary>
    public static DicomTag HangingProtocolDescription => new(0x0072, 0x0004);

    /// <summary>(0072,0006) Hanging Protocol Level, CS 1</summary>
    public static DicomTag HangingProtocolLevel => new(0x0072, 0x0006);

    /// <summary>(0072,0008) Hanging Protocol Creator, LO 1</summary>
    public static DicomTag HangingProtocolCreator => new(0x0072, 0x0008);

    /// <summary>(0072,000A) Hanging Protocol Creation DateTime, DT 1</summary>
    public static DicomTag HangingProtocolCreationDateTime => new(0x0072, 0x000A);

    /// <summary>(0072,000C) Hanging Protocol Definition Sequence, SQ 1</summary>
    public static DicomTag HangingProtocolDefinitionSequence => new(0x0072, 0x000C);

    /// <summary>(0072,000E) Hanging Protocol User Identification Code Sequence, SQ 1</summary>
    public static DicomTag HangingProtocolUserIdentificationCodeSequence => new(0x0072, 0x000E);

    /// <summary>(0072,0010) Hanging Protocol User Group Name, LO 1</summary>
    public static DicomTag HangingProtocolUserGroupName => new(0x0072, 0x0010);

    /// <summary>(0072,0012) Source Hanging Protocol Sequence, SQ 1</summary>
    public static DicomTag SourceHangingProtocolSequence => new(0x0072, 0x0012);

    /// <summary>(0072,0014) Number of Priors Referenced, US 1</summary>
    public static DicomTag NumberOfPriorsReferenced => new(0x0072, 0x0014);

    /// <summary>(0072,0020) Image Sets Sequence, SQ 1</summary>
    public static DicomTag ImageSetsSequence => new(0x0072, 0x0020);

    /// <summary>(0072,0022) Image Set Selector Sequence, SQ 1</summary>
    public static DicomTag ImageSetSelectorSequence => new(0x0072, 0x0022);

    /// <summary>(0072,0024) Image Set Selector Usage Flag, CS 1</summary>
    public static DicomTag ImageSetSelectorUsageFlag => new(0x0072, 0x0024);

    /// <summary>(0072,0026) Selector Attribute, AT 1</summary>
    public static DicomTag SelectorAttribute => new(0x0072, 0x0026);

    /// <summary>(0072,0028) Selector Value Number, US 1</summary>
    public static DicomTag SelectorValueNumber => new(0x0072, 0x0028);

    /// <summary>(0072,0030) Time Based Image Sets Sequence, SQ 1</summary>
    public static DicomTag TimeBasedImageSetsSequence => new(0x0072, 0x0030);

    /// <summary>(0072,0032) Image Set Number, US 1</summary>
    public static DicomTag ImageSetNumber => new(0x0072, 0x0032);

    /// <summary>(0072,0034) Image Set Selector Category, CS 1</summary>
    public static DicomTag ImageSetSelectorCategory => new(0x0072, 0x0034);

    /// <summary>(0072,0038) Relative Time, US 2</summary>
    public static DicomTag RelativeTime => new(0x0072, 0x0038);

    /// <summary>(0072,003A) Relative Time Units, CS 1</summary>
    public static DicomTag RelativeTimeUnits => new(0x0072, 0x003A);

    /// <summary>(0072,003C) Abstract Prior Value, SS 2</summary>
    public static DicomTag AbstractPriorValue => new(0x0072, 0x003C);

    /// <summary>(0072,003E) Abstract Prior Code Sequence, SQ 1</summary>
    public static DicomTag AbstractPriorCodeSequence => new(0x0072, 0x003E);

    /// <summary>(0072,0040) Image Set Label, LO 1</summary>
    public static DicomTag ImageSetLabel => new(0x0072, 0x0040);

    /// <summary>(0072,0050) Selector Attribute VR, CS 1</summary>
    public static DicomTag SelectorAttributeVR => new(0x0072, 0x0050);

    /// <summary>(0072,0052) Selector Sequence Pointer, AT 1-n</summary>
    public static DicomTag SelectorSequencePointer => new(0x0072, 0x0052);

    /// <summary>(0072,0054) Selector Sequence Pointer Private Creator, LO 1-n</summary>
    public static DicomTag SelectorSequencePointerPrivateCreator => new(0x0072, 0x0054);

    /// <summary>(0072,0056) Selector Attribute Private Creator, LO 1</summary>
    public static DicomTag SelectorAttributePrivateCreator => new(0x0072, 0x0056);

    /// <summary>(0072,005E) Selector AE Value, AE 1-n</summary>
    public static DicomTag SelectorAEValue => new(0x0072, 0x005E);

    /// <summary>(0072,005F) Selector AS Value, AS 1-n</summary>
    public static DicomTag SelectorASValue => new(0x0072, 0x005F);

    /// <summary>(0072,0060) Selector AT Value, AT 1-n</summary>
    public static DicomTag SelectorATValue => new(0x0072, 0x0060);

    /// <summary>(0072,0061) Selector DA Value, DA 1-n</summary>
    public static DicomTag SelectorDAValue => new(0x0072, 0x0061);

    /// <summary>(0072,0062) Selector CS Value, CS 1-n</summary>
    public static DicomTag SelectorCSValue => new(0x0072, 0x0062);

    /// <summary>(0072,0063) Selector DT Value, DT 1-n</summary>
    public static DicomTag SelectorDTValue => new(0x0072, 0x0063);

    /// <summary>(0072,0064) Selector IS Value, IS 1-n</summary>
    public static DicomTag SelectorISValue => new(0x0072, 0x0064);

    /// <summary>(0072,0065) Selector OB Value, OB 1</summary>
    public static DicomTag SelectorOBValue => new(0x0072, 0x0065);

    /// <summary>(0072,0066) Selector LO Value, LO 1-n</summary>
    public static DicomTag SelectorLOValue => new(0x0072, 0x0066);

    /// <summary>(0072,0067) Selector OF Value, OF 1</summary>
    public static DicomTag SelectorOFValue => new(0x0072, 0x0067);

    /// <summary>(0072,0068) Selector LT Value, LT 1</summary>
    public static DicomTag SelectorLTValue => new(0x0072, 0x0068);

    /// <summary>(0072,0069) Selector OW Value, OW 1</summary>
    public static DicomTag SelectorOWValue => new(0x0072, 0x0069);

    /// <summary>(0072,006A) Selector PN Value, PN 1-n</summary>
    public static DicomTag SelectorPNValue => new(0x0072, 0x006A);

    /// <summary>(0072,006B) Selector TM Value, TM 1-n</summary>
    public static DicomTag SelectorTMValue => new(0x0072, 0x006B);

    /// <summary>(0072,006C) Selector SH Value, SH 1-n</summary>
    public static DicomTag SelectorSHValue => new(0x0072, 0x006C);

    /// <summary>(0072,006D) Selector UN Value, UN 1</summary>
    public static DicomTag SelectorUNValue => new(0x0072, 0x006D);

    /// <summary>(0072,006E) Selector ST Value, ST 1</summary>
    public static DicomTag SelectorSTValue => new(0x0072, 0x006E);

    /// <summary>(0072,006F) Selector UC Value, UC 1-n</summary>
    public static DicomTag SelectorUCValue => new(0x0072, 0x006F);

    /// <summary>(0072,0070) Selector UT Value, UT 1</summary>
    public static DicomTag SelectorUTValue => new(0x0072, 0x0070);

    /// <summary>(0072,0071) Selector UR Value, UR 1</summary>
    public static DicomTag SelectorURValue => new(0x0072, 0x0071);

    /// <summary>(0072,0072) Selector DS Value, DS 1-n</summary>
    public static DicomTag SelectorDSValue => new(0x0072, 0x0072);

    /// <summary>(0072,0073) Selector OD Value, OD 1</summary>
    public static DicomTag SelectorODValue => new(0x0072, 0x0073);

    /// <summary>(0072,0074) Selector FD Value, FD 1-n</summary>
    public static DicomTag SelectorFDValue => new(0x0072, 0x0074);

    /// <summary>(0072,0075) Selector OL Value, OL 1</summary>
    public static DicomTag SelectorOLValue => new(0x0072, 0x0075);

    /// <summary>(0072,0076) Selector FL Value, FL 1-n</summary>
    public static DicomTag SelectorFLValue => new(0x0072, 0x0076);

    /// <summary>(0072,0078) Selector UL Value, UL 1-n</summary>
    public static DicomTag SelectorULValue => new(0x0072, 0x0078);

    /// <summary>(0072,007A) Selector US Value, US 1-n</summary>
    public static DicomTag SelectorUSValue => new(0x0072, 0x007A);

    /// <summary>(0072,007C) Selector SL Value, SL 1-n</summary>
    public static DicomTag SelectorSLValue => new(0x0072, 0x007C);

    /// <summary>(0072,007E) Selector SS Value, SS 1-n</summary>
    public static DicomTag SelectorSSValue => new(0x0072, 0x007E);

    /// <summary>(0072,007F) Selector UI Value, UI 1-n</summary>
    public static DicomTag SelectorUIValue => new(0x0072, 0x007F);

    /// <summary>(0072,0080) Selector Code Sequence Value, SQ 1</summary>
    public static DicomTag SelectorCodeSequenceValue => new(0x0072, 0x0080);

    /// <summary>(0072,0081) Selector OV Value, OV 1</summary>
    public static DicomTag SelectorOVValue => new(0x0072, 0x0081);

    /// <summary>(0072,0082) Selector SV Value, SV 1-n</summary>
    public static DicomTag SelectorSVValue => new(0x0072, 0x0082);

    /// <summary>(0072,0083) Selector UV Value, UV 1-n</summary>
    public static DicomTag SelectorUVValue => new(0x0072, 0x0083);

    /// <summary>(0072,0100) Number of Screens, US 1</summary>
    public static DicomTag NumberOfScreens => new(0x0072, 0x0100);

    /// <summary>(0072,0102) Nominal Screen Definition Sequence, SQ 1</summary>
    public static DicomTag NominalScreenDefinitionSequence => new(0x0072, 0x0102);

    /// <summary>(0072,0104) Number of Vertical Pixels, US 1</summary>
    public static DicomTag NumberOfVerticalPixels => new(0x0072, 0x0104);

    /// <summary>(0072,0106) Number of Horizontal Pixels, US 1</summary>
    public static DicomTag NumberOfHorizontalPixels => new(0x0072, 0x0106);

    /// <summary>(0072,0108) Display Environment Spatial Position, FD 4</summary>
    public static DicomTag DisplayEnvironmentSpatialPosition => new(0x0072, 0x0108);

    /// <summary>(0072,010A) Screen Minimum Grayscale Bit Depth, US 1</summary>
    public static DicomTag ScreenMinimumGrayscaleBitDepth => new(0x0072, 0x010A);

    /// <summary>(0072,010C) Screen Minimum Color Bit Depth, US 1</summary>
    public static DicomTag ScreenMinimumColorBitDepth => new(0x0072, 0x010C);

    /// <summary>(0072,010E) Application Maximum Repaint Time, US 1</summary>
    public static DicomTag ApplicationMaximumRepaintTime => new(0x0072, 0x010E);

    /// <summary>(0072,0200) Display Sets Sequence, SQ 1</summary>
    public static DicomTag DisplaySetsSequence => new(0x0072, 0x0200);

    /// <summary>(0072,0202) Display Set Number, US 1</summary>
    public static DicomTag DisplaySetNumber => new(0x0072, 0x0202);

    /// <summary>(0072,0203) Display Set Label, LO 1</summary>
    public static DicomTag DisplaySetLabel => new(0x0072, 0x0203);

    /// <summary>(0072,0204) Display Set Presentation Group, US 1</summary>
    public static DicomTag DisplaySetPresentationGroup => new(0x0072, 0x0204);

    /// <summary>(0072,0206) Display Set Presentation Group Description, LO 1</summary>
    public static DicomTag DisplaySetPresentationGroupDescription => new(0x0072, 0x0206);

    /// <summary>(0072,0208) Partial Data Display Handling, CS 1</summary>
    public static DicomTag PartialDataDisplayHandling => new(0x0072, 0x0208);

    /// <summary>(0072,0210) Synchronized Scrolling Sequence, SQ 1</summary>
    public static DicomTag SynchronizedScrollingSequence => new(0x0072, 0x0210);

    /// <summary>(0072,0212) Display Set Scrolling Group, US 2-n</summary>
    public static DicomTag DisplaySetScrollingGroup => new(0x0072, 0x0212);

    /// <summary>(0072,0214) Navigation Indicator Sequence, SQ 1</summary>
    public static DicomTag NavigationIndicatorSequence => new(0x0072, 0x0214);

    /// <summary>(0072,0216) Navigation Display Set, US 1</summary>
    public static DicomTag NavigationDisplaySet => new(0x0072, 0x0216);

    /// <summary>(0072,0218) Reference Display Sets, US 1-n</summary>
    public static DicomTag ReferenceDisplaySets => new(0x0072, 0x0218);

    /// <summary>(0072,0300) Image Boxes Sequence, SQ 1</summary>
    public static DicomTag ImageBoxesSequence => new(0x0072, 0x0300);

    /// <summary>(0072,0302) Image Box Number, US 1</summary>
    public static DicomTag ImageBoxNumber => new(0x0072, 0x0302);

    /// <summary>(0072,0304) Image Box Layout Type, CS 1</summary>
    public static DicomTag ImageBoxLayoutType => new(0x0072, 0x0304);

    /// <summary>(0072,0306) Image Box Tile Horizontal Dimension, US 1</summary>
    public static DicomTag ImageBoxTileHorizontalDimension => new(0x0072, 0x0306);

    /// <summary>(0072,0308) Image Box Tile Vertical Dimension, US 1</summary>
    public static DicomTag ImageBoxTileVerticalDimension => new(0x0072, 0x0308);

    /// <summary>(0072,0310) Image Box Scroll Direction, CS 1</summary>
    public static DicomTag ImageBoxScrollDirection => new(0x0072, 0x0310);

    /// <summary>(0072,0312) Image Box Small Scroll Type, CS 1</summary>
    public static DicomTag ImageBoxSmallScrollType => new(0x0072, 0x0312);

    /// <summary>(0072,0314) Image Box Small Scroll Amount, US 1</summary>
    public static DicomTag ImageBoxSmallScrollAmount => new(0x0072, 0x0314);

    /// <summary>(0072,0316) Image Box Large Scroll Type, CS 1</summary>
    public static DicomTag ImageBoxLargeScrollType => new(0x0072, 0x0316);

    /// <summary>(0072,0318) Image Box Large Scroll Amount, US 1</summary>
    public static DicomTag ImageBoxLargeScrollAmount => new(0x0072, 0x0318);

    /// <summary>(0072,0320) Image Box Overlap Priority, US 1</summary>
    public static DicomTag ImageBoxOverlapPriority => new(0x0072, 0x0320);

    /// <summary>(0072,0330) Cine Relative to Real-Time, FD 1</summary>
    public static DicomTag CineRelativeToRealTime => new(0x0072, 0x0330);

    /// <summary>(0072,0400) Filter Operations Sequence, SQ 1</summary>
    public static DicomTag FilterOperationsSequence => new(0x0072, 0x0400);

    /// <summary>(0072,0402) Filter-by Category, CS 1</summary>
    public static DicomTag FilterByCategory => new(0x0072, 0x0402);

    /// <summary>(0072,0404) Filter-by Attribute Presence, CS 1</summary>
    public static DicomTag FilterByAttributePresence => new(0x0072, 0x0404);

    /// <summary>(0072,0406) Filter-by Operator, CS 1</summary>
    public static DicomTag FilterByOperator => new(0x0072, 0x0406);

    /// <summary>(0072,0420) Structured Display Background CIELab Value, US 3</summary>
    public static DicomTag StructuredDisplayBackgroundCIELabValue => new(0x0072, 0x0420);

    /// <summary>(0072,0421) Empty Image Box CIELab Value, US 3</summary>
    public static DicomTag EmptyImageBoxCIELabValue => new(0x0072, 0x0421);

    /// <summary>(0072,0422) Structured Display Image Box Sequence, SQ 1</summary>
    public static DicomTag StructuredDisplayImageBoxSequence => new(0x0072, 0x0422);

    /// <summary>(0072,0424) Structured Display Text Box Sequence, SQ 1</summary>
    public static DicomTag StructuredDisplayTextBoxSequence => new(0x0072, 0x0424);

    /// <summary>(0072,0427) Referenced First Frame Sequence, SQ 1</summary>
    public static DicomTag ReferencedFirstFrameSequence => new(0x0072, 0x0427);

    /// <summary>(0072,0430) Image Box Synchronization Sequence, SQ 1</summary>
    public static DicomTag ImageBoxSynchronizationSequence => new(0x0072, 0x0430);

    /// <summary>(0072,0432) Synchronized Image Box List, US 2-n</summary>
    public static DicomTag SynchronizedImageBoxList => new(0x0072, 0x0432);

    /// <summary>(0072,0434) Type of Synchronization, CS 1</summary>
    public static DicomTag TypeOfSynchronization => new(0x0072, 0x0434);

    /// <summary>(0072,0500) Blending Operation Type, CS 1</summary>
    public static DicomTag BlendingOperationType => new(0x0072, 0x0500);

    /// <summary>(0072,0510) Reformatting Operation Type, CS 1</summary>
    public static DicomTag ReformattingOperationType => new(0x0072, 0x0510);

    /// <summary>(0072,0512) Reformatting Thickness, FD 1</summary>
    public static DicomTag ReformattingThickness => new(0x0072, 0x0512);

    /// <summary>(0072,0514) Reformatting Interval, FD 1</summary>
    public static DicomTag ReformattingInterval => new(0x0072, 0x0514);

    /// <summary>(0072,0516) Reformatting Operation Initial View Direction, CS 1</summary>
    public static DicomTag ReformattingOperationInitialViewDirection => new(0x0072, 0x0516);

    /// <summary>(0072,0520) 3D Rendering Type, CS 1-n</summary>
    public static DicomTag ThreeDRenderingType => new(0x0072, 0x0520);

    /// <summary>(0072,0600) Sorting Operations Sequence, SQ 1</summary>
    public static DicomTag SortingOperationsSequence => new(0x0072, 0x0600);

    /// <summary>(0072,0602) Sort-by Category, CS 1</summary>
    public static DicomTag SortByCategory => new(0x0072, 0x0602);

    /// <summary>(0072,0604) Sorting Direction, CS 1</summary>
    public static DicomTag SortingDirection => new(0x0072, 0x0604);

    /// <summary>(0072,0700) Display Set Patient Orientation, CS 2</summary>
    public static DicomTag DisplaySetPatientOrientation => new(0x0072, 0x0700);

    /// <summary>(0072,0702) VOI Type, CS 1</summary>
    public static DicomTag VOIType => new(0x0072, 0x0702);

    /// <summary>(0072,0704) Pseudo-Color Type, CS 1</summary>
    public static DicomTag PseudoColorType => new(0x0072, 0x0704);

    /// <summary>(0072,0705) Pseudo-Color Palette Instance Reference Sequence, SQ 1</summary>
    public static DicomTag PseudoColorPaletteInstanceReferenceSequence => new(0x0072, 0x0705);

    /// <summary>(0072,0706) Show Grayscale Inverted, CS 1</summary>
    public static DicomTag ShowGrayscaleInverted => new(0x0072, 0x0706);

    /// <summary>(0072,0710) Show Image True Size Flag, CS 1</summary>
    public static DicomTag ShowImageTrueSizeFlag => new(0x0072, 0x0710);

    /// <summary>(0072,0712) Show Graphic Annotation Flag, CS 1</summary>
    public static DicomTag ShowGraphicAnnotationFlag => new(0x0072, 0x0712);

    /// <summary>(0072,0714) Show Patient Demographics Flag, CS 1</summary>
    public static DicomTag ShowPatientDemographicsFlag => new(0x0072, 0x0714);

    /// <summary>(0072,0716) Show Acquisition Techniques Flag, CS 1</summary>
    public static DicomTag ShowAcquisitionTechniquesFlag => new(0x0072, 0x0716);

    /// <summary>(0072,0717) Display Set Horizontal Justification, CS 1</summary>
    public static DicomTag DisplaySetHorizontalJustification => new(0x0072, 0x0717);

    /// <summary>(0072,0718) Display Set Vertical Justification, CS 1</summary>
    public static DicomTag DisplaySetVerticalJustification => new(0x0072, 0x0718);

    /// <summary>(0074,0120) Continuation Start Meterset, FD 1</summary>
    public static DicomTag ContinuationStartMeterset => new(0x0074, 0x0120);

    /// <summary>(0074,0121) Continuation End Meterset, FD 1</summary>
    public static DicomTag ContinuationEndMeterset => new(0x0074, 0x0121);

    /// <summary>(0074,1000) Procedure Step State, CS 1</summary>
    public static DicomTag ProcedureStepState => new(0x0074, 0x1000);

    /// <summary>(0074,1002) Procedure Step Progress Information Sequence, SQ 1</summary>
    public static DicomTag ProcedureStepProgressInformationSequence => new(0x0074, 0x1002);

    /// <summary>(0074,1004) Procedure Step Progress, DS 1</summary>
    public static DicomTag ProcedureStepProgress => new(0x0074, 0x1004);

    /// <summary>(0074,1006) Procedure Step Progress Description, ST 1</summary>
    public static DicomTag ProcedureStepProgressDescription => new(0x0074, 0x1006);

    /// <summary>(0074,1007) Procedure Step Progress Parameters Sequence, SQ 1</summary>
    public static DicomTag ProcedureStepProgressParametersSequence => new(0x0074, 0x1007);

    /// <summary>(0074,1008) Procedure Step Communications URI Sequence, SQ 1</summary>
    public static DicomTag ProcedureStepCommunicationsURISequence => new(0x0074, 0x1008);

    /// <summary>(0074,100A) Contact URI, UR 1</summary>
    public static DicomTag ContactURI => new(0x0074, 0x100A);

    /// <summary>(0074,100C) Contact Display Name, LO 1</summary>
    public static DicomTag ContactDisplayName => new(0x0074, 0x100C);

    /// <summary>(0074,100E) Procedure Step Discontinuation Reason Code Sequence, SQ 1</summary>
    public static DicomTag ProcedureStepDiscontinuationReasonCodeSequence => new(0x0074, 0x100E);

    /// <summary>(0074,1020) Beam Task Sequence, SQ 1</summary>
    public static DicomTag BeamTaskSequence => new(0x0074, 0x1020);

    /// <summary>(0074,1022) Beam Task Type, CS 1</summary>
    public static DicomTag BeamTaskType => new(0x0074, 0x1022);

    /// <summary>(0074,1024) Beam Order Index (Trial), IS 1, retired</summary>
    public static DicomTag BeamOrderIndexTrial => new(0x0074, 0x1024);

    /// <summary>(0074,1025) Autosequence Flag, CS 1</summary>
    public static DicomTag AutosequenceFlag => new(0x0074, 0x1025);

    /// <summary>(0074,1026) Table Top Vertical Adjusted Position, FD 1</summary>
    public static DicomTag TableTopVerticalAdjustedPosition => new(0x0074, 0x1026);

    /// <summary>(0074,1027) Table Top Longitudinal Adjusted Position, FD 1</summary>
    public static DicomTag TableTopLongitudinalAdjustedPosition => new(0x0074, 0x1027);

    /// <summary>(0074,1028) Table Top Lateral Adjusted Position, FD 1</summary>
    public static DicomTag TableTopLateralAdjustedPosition => new(0x0074, 0x1028);

    /// <summary>(0074,102A) Patient Support Adjusted Angle, FD 1</summary>
    public static DicomTag PatientSupportAdjustedAngle => new(0x0074, 0x102A);

    /// <summary>(0074,102B) Table Top Eccentric Adjusted Angle, FD 1</summary>
    public static DicomTag TableTopEccentricAdjustedAngle => new(0x0074, 0x102B);

    /// <summary>(0074,102C) Table Top Pitch Adjusted Angle, FD 1</summary>
    public static DicomTag TableTopPitchAdjustedAngle => new(0x0074, 0x102C);

    /// <summary>(0074,102D) Table Top Roll Adjusted Angle, FD 1</summary>
    public static DicomTag TableTopRollAdjustedAngle => new(0x0074, 0x102D);

    /// <summary>(0074,1030) Delivery Verification Image Sequence, SQ 1</summary>
    public static DicomTag DeliveryVerificationImageSequence => new(0x0074, 0x1030);

    /// <summary>(0074,1032) Verification Image Timing, CS 1</summary>
    public static DicomTag VerificationImageTiming => new(0x0074, 0x1032);

    /// <summary>(0074,1034) Double Exposure Flag, CS 1</summary>
    public static DicomTag DoubleExposureFlag => new(0x0074, 0x1034);

    /// <summary>(0074,1036) Double Exposure Ordering, CS 1</summary>
    public static DicomTag DoubleExposureOrdering => new(0x0074, 0x1036);

    /// <summary>(0074,1038) Double Exposure Meterset (Trial), DS 1, retired</summary>
    public static DicomTag DoubleExposureMetersetTrial => new(0x0074, 0x1038);

    /// <summary>(0074,103A) Double Exposure Field Delta (Trial), DS 4, retired</summary>
    public static DicomTag DoubleExposureFieldDeltaTrial => new(0x0074, 0x103A);

    /// <summary>(0074,1040) Related Reference RT Image Sequence, SQ 1</summary>
    public static DicomTag RelatedReferenceRTImageSequence => new(0x0074, 0x1040);

    /// <summary>(0074,1042) General Machine Verification Sequence, SQ 1</summary>
    public static DicomTag GeneralMachineVerificationSequence => new(0x0074, 0x1042);

    /// <summary>(0074,1044) Conventional Machine Verification Sequence, SQ 1</summary>
    public static DicomTag ConventionalMachineVerificationSequence => new(0x0074, 0x1044);

    /// <summary>(0074,1046) Ion Machine Verification Sequence, SQ 1</summary>
    public static DicomTag IonMachineVerificationSequence => new(0x0074, 0x1046);

    /// <summary>(0074,1048) Failed Attributes Sequence, SQ 1</summary>
    public static DicomTag FailedAttributesSequence => new(0x0074, 0x1048);

    /// <summary>(0074,104A) Overridden Attributes Sequence, SQ 1</summary>
    public static DicomTag OverriddenAttributesSequence => new(0x0074, 0x104A);

    /// <summary>(0074,104C) Conventional Control Point Verification Sequence, SQ 1</summary>
    public static DicomTag ConventionalControlPointVerificationSequence => new(0x0074, 0x104C);

    /// <summary>(0074,104E) Ion Control Point Verification Sequence, SQ 1</summary>
    public static DicomTag IonControlPointVerificationSequence => new(0x0074, 0x104E);

    /// <summary>(0074,1050) Attribute Occurrence Sequence, SQ 1</summary>
    public static DicomTag AttributeOccurrenceSequence => new(0x0074, 0x1050);

    /// <summary>(0074,1052) Attribute Occurrence Pointer, AT 1</summary>
    public static DicomTag AttributeOccurrencePointer => new(0x0074, 0x1052);

    /// <summary>(0074,1054) Attribute Item Selector, UL 1</summary>
    public static DicomTag AttributeItemSelector => new(0x0074, 0x1054);

    /// <summary>(0074,1056) Attribute Occurrence Private Creator, LO 1</summary>
    public static DicomTag AttributeOccurrencePrivateCreator => new(0x0074, 0x1056);

    /// <summary>(0074,1057) Selector Sequence Pointer Items, IS 1-n</summary>
    public static DicomTag SelectorSequencePointerItems => new(0x0074, 0x1057);

    /// <summary>(0074,1200) Scheduled Procedure Step Priority, CS 1</summary>
    public static DicomTag ScheduledProcedureStepPriority => new(0x0074, 0x1200);

    /// <summary>(0074,1202) Worklist Label, LO 1</summary>
    public static DicomTag WorklistLabel => new(0x0074, 0x1202);

    /// <summary>(0074,1204) Procedure Step Label, LO 1</summary>
    public static DicomTag ProcedureStepLabel => new(0x0074, 0x1204);

    /// <summary>(0074,1210) Scheduled Processing Parameters Sequence, SQ 1</summary>
    public static DicomTag ScheduledProcessingParametersSequence => new(0x0074, 0x1210);

    /// <summary>(0074,1212) Performed Processing Parameters Sequence, SQ 1</summary>
    public static DicomTag PerformedProcessingParametersSequence => new(0x0074, 0x1212);

    /// <summary>(0074,1216) Unified Procedure Step Performed Procedure Sequence, SQ 1</summary>
    public static DicomTag UnifiedProcedureStepPerformedProcedureSequence => new(0x0074, 0x1216);

    /// <summary>(0074,1220) Related Procedure Step Sequence, SQ 1, retired</summary>
    public static DicomTag RelatedProcedureStepSequence => new(0x0074, 0x1220);

    /// <summary>(0074,1222) Procedure Step Relationship Type, LO 1, retired</summary>
    public static DicomTag ProcedureStepRelationshipType => new(0x0074, 0x1222);

    /// <summary>(0074,1224) Replaced Procedure Step Sequence, SQ 1</summary>
    public static DicomTag ReplacedProcedureStepSequence => new(0x0074, 0x1224);

    /// <summary>(0074,1230) Deletion Lock, LO 1</summary>
    public static DicomTag DeletionLock => new(0x0074, 0x1230);

    /// <summary>(0074,1234) Receiving AE, AE 1</summary>
    public static DicomTag ReceivingAE => new(0x0074, 0x1234);

    /// <summary>(0074,1236) Requesting AE, AE 1</summary>
    public static DicomTag RequestingAE => new(0x0074, 0x1236);

    /// <summary>(0074,1238) Reason for Cancellation, LT 1</summary>
    public static DicomTag ReasonForCancellation => new(0x0074, 0x1238);

    /// <summary>(0074,1242) SCP Status, CS 1</summary>
    public static DicomTag SCPStatus => new(0x0074, 0x1242);

    /// <summary>(0074,1244) Subscription List Status, CS 1</summary>
    public static DicomTag SubscriptionListStatus => new(0x0074, 0x1244);

    /// <summary>(0074,1246) Unified Procedure Step List Status, CS 1</summary>
    public static DicomTag UnifiedProcedureStepListStatus => new(0x0074, 0x1246);

    /// <summary>(0074,1324) Beam Order Index, UL 1</summary>
    public static DicomTag BeamOrderIndex => new(0x0074, 0x1324);

    /// <summary>(0074,1338) Double Exposure Meterset, FD 1</summary>
    public static DicomTag DoubleExposureMeterset => new(0x0074, 0x1338);

    /// <summary>(0074,133A) Double Exposure Field Delta, FD 4</summary>
    public static DicomTag DoubleExposureFieldDelta => new(0x0074, 0x133A);

    /// <summary>(0074,1401) Brachy Task Sequence, SQ 1</summary>
    public static DicomTag BrachyTaskSequence => new(0x0074, 0x1401);

    /// <summary>(0074,1402) Continuation Start Total Reference Air Kerma, DS 1</summary>
    public static DicomTag ContinuationStartTotalReferenceAirKerma => new(0x0074, 0x1402);

    /// <summary>(0074,1403) Continuation End Total Reference Air Kerma, DS 1</summary>
    public static DicomTag ContinuationEndTotalReferenceAirKerma => new(0x0074, 0x1403);

    /// <summary>(0074,1404) Continuation Pulse Number, IS 1</summary>
    public static DicomTag ContinuationPulseNumber => new(0x0074, 0x1404);

    /// <summary>(0074,1405) Channel Delivery Order Sequence, SQ 1</summary>
    public static DicomTag ChannelDeliveryOrderSequence => new(0x0074, 0x1405);

    /// <summary>(0074,1406) Referenced Channel Number, IS 1</summary>
    public static DicomTag ReferencedChannelNumber => new(0x0074, 0x1406);

    /// <summary>(0074,1407) Start Cumulative Time Weight, DS 1</summary>
    public static DicomTag StartCumulativeTimeWeight => new(0x0074, 0x1407);

    /// <summary>(0074,1408) End Cumulative Time Weight, DS 1</summary>
    public static DicomTag EndCumulativeTimeWeight => new(0x0074, 0x1408);

    /// <summary>(0074,1409) Omitted Channel Sequence, SQ 1</summary>
    public static DicomTag OmittedChannelSequence => new(0x0074, 0x1409);

    /// <summary>(0074,140A) Reason for Channel Omission, CS 1</summary>
    public static DicomTag ReasonForChannelOmission => new(0x0074, 0x140A);

    /// <summary>(0074,140B) Reason for Channel Omission Description, LO 1</summary>
    public static DicomTag ReasonForChannelOmissionDescription => new(0x0074, 0x140B);

    /// <summary>(0074,140C) Channel Delivery Order Index, IS 1</summary>
    public static DicomTag ChannelDeliveryOrderIndex => new(0x0074, 0x140C);

    /// <summary>(0074,140D) Channel Delivery Continuation Sequence, SQ 1</summary>
    public static DicomTag ChannelDeliveryContinuationSequence => new(0x0074, 0x140D);

    /// <summary>(0074,140E) Omitted Application Setup Sequence, SQ 1</summary>
    public static DicomTag OmittedApplicationSetupSequence => new(0x0074, 0x140E);

    /// <summary>(0076,0001) Implant Assembly Template Name, LO 1</summary>
    public static DicomTag ImplantAssemblyTemplateName => new(0x0076, 0x0001);

    /// <summary>(0076,0003) Implant Assembly Template Issuer, LO 1</summary>
    public static DicomTag ImplantAssemblyTemplateIssuer => new(0x0076, 0x0003);

    /// <summary>(0076,0006) Implant Assembly Template Version, LO 1</summary>
    public static DicomTag ImplantAssemblyTemplateVersion => new(0x0076, 0x0006);

    /// <summary>(0076,0008) Replaced Implant Assembly Template Sequence, SQ 1</summary>
    public static DicomTag ReplacedImplantAssemblyTemplateSequence => new(0x0076, 0x0008);

    /// <summary>(0076,000A) Implant Assembly Template Type, CS 1</summary>
    public static DicomTag ImplantAssemblyTemplateType => new(0x0076, 0x000A);

    /// <summary>(0076,000C) Original Implant Assembly Template Sequence, SQ 1</summary>
    public static DicomTag OriginalImplantAssemblyTemplateSequence => new(0x0076, 0x000C);

    /// <summary>(0076,000E) Derivation Implant Assembly Template Sequence, SQ 1</summary>
    public static DicomTag DerivationImplantAssemblyTemplateSequence => new(0x0076, 0x000E);

    /// <summary>(0076,0010) Implant Assembly Template Target Anatomy Sequence, SQ 1</summary>
    public static DicomTag ImplantAssemblyTemplateTargetAnatomySequence => new(0x0076, 0x0010);

    /// <summary>(0076,0020) Procedure Type Code Sequence, SQ 1</summary>
    public static DicomTag ProcedureTypeCodeSequence => new(0x0076, 0x0020);

    /// <summary>(0076,0030) Surgical Technique, LO 1</summary>
    public static DicomTag SurgicalTechnique => new(0x0076, 0x0030);

    /// <summary>(0076,0032) Component Types Sequence, SQ 1</summary>
    public static DicomTag ComponentTypesSequence => new(0x0076, 0x0032);

    /// <summary>(0076,0034) Component Type Code Sequence, SQ 1</summary>
    public static DicomTag ComponentTypeCodeSequence => new(0x0076, 0x0034);

    /// <summary>(0076,0036) Exclusive Component Type, CS 1</summary>
    public static DicomTag ExclusiveComponentType => new(0x0076, 0x0036);

    /// <summary>(0076,0038) Mandatory Component Type, CS 1</summary>
    public static DicomTag MandatoryComponentType => new(0x0076, 0x0038);

    /// <summary>(0076,0040) Component Sequence, SQ 1</summary>
    public static DicomTag ComponentSequence => new(0x0076, 0x0040);

    /// <summary>(0076,0055) Component ID, US 1</summary>
    public static DicomTag ComponentID => new(0x0076, 0x0055);

    /// <summary>(0076,0060) Component Assembly Sequence, SQ 1</summary>
    public static DicomTag ComponentAssemblySequence => new(0x0076, 0x0060);

    /// <summary>(0076,0070) Component 1 Referenced ID, US 1</summary>
    public static DicomTag Component1ReferencedID => new(0x0076, 0x0070);

    /// <summary>(0076,0080) Component 1 Referenced Mating Feature Set ID, US 1</summary>
    public static DicomTag Component1ReferencedMatingFeatureSetID => new(0x0076, 0x0080);

    /// <summary>(0076,0090) Component 1 Referenced Mating Feature ID, US 1</summary>
    public static DicomTag Component1ReferencedMatingFeatureID => new(0x0076, 0x0090);

    /// <summary>(0076,00A0) Component 2 Referenced ID, US 1</summary>
    public static DicomTag Component2ReferencedID => new(0x0076, 0x00A0);

    /// <summary>(0076,00B0) Component 2 Referenced Mating Feature Set ID, US 1</summary>
    public static DicomTag Component2ReferencedMatingFeatureSetID => new(0x0076, 0x00B0);

    /// <summary>(0076,00C0) Component 2 Referenced Mating Feature ID, US 1</summary>
    public static DicomTag Component2ReferencedMatingFeatureID => new(0x0076, 0x00C0);

    /// <summary>(0078,0001) Implant Template Group Name, LO 1</summary>
    public static DicomTag ImplantTemplateGroupName => new(0x0078, 0x0001);

    /// <summary>(0078,0010) Implant Template Group Description, ST 1</summary>
    public static DicomTag ImplantTemplateGroupDescription => new(0x0078, 0x0010);

    /// <summary>(0078,0020) Implant Template Group Issuer, LO 1</summary>
    public static DicomTag ImplantTemplateGroupIssuer => new(0x0078, 0x0020);

    /// <summary>(0078,0024) Implant Template Group Version, LO 1</summary>
    public static DicomTag ImplantTemplateGroupVersion => new(0x0078, 0x0024);

    /// <summary>(0078,0026) Replaced Implant Template Group Sequence, SQ 1</summary>
    public static DicomTag ReplacedImplantTemplateGroupSequence => new(0x0078, 0x0026);

    /// <summary>(0078,0028) Implant Template Group Target Anatomy Sequence, SQ 1</summary>
    public static DicomTag ImplantTemplateGroupTargetAnatomySequence => new(0x0078, 0x0028);

    /// <summary>(0078,002A) Implant Template Group Members Sequence, SQ 1</summary>
    public static DicomTag ImplantTemplateGroupMembersSequence => new(0x0078, 0x002A);

    /// <summary>(0078,002E) Implant Template Group Member ID, US 1</summary>
    public static DicomTag ImplantTemplateGroupMemberID => new(0x0078, 0x002E);

    /// <summary>(0078,0050) 3D Implant Template Group Member Matching Point, FD 3</summary>
    public static DicomTag ThreeDImplantTemplateGroupMemberMatchingPoint => new(0x0078, 0x0050);

    /// <summary>(0078,0060) 3D Implant Template Group Member Matching Axes, FD 9</summary>
    public static DicomTag ThreeDImplantTemplateGroupMemberMatchingAxes => new(0x0078, 0x0060);

    /// <summary>(0078,0070) Implant Template Group Member Matching 2D Coordinates Sequence, SQ 1</summary>
    public static DicomTag ImplantTemplateGroupMemberMatching2DCoordinatesSequence => new(0x0078, 0x0070);

    /// <summary>(0078,0090) 2D Implant Template Group Member Matching Point, FD 2</summary>
    public static DicomTag TwoDImplantTemplateGroupMemberMatchingPoint => new(0x0078, 0x0090);

    /// <summary>(0078,00A0) 2D Implant Template Group Member Matching Axes, FD 4</summary>
    public static DicomTag TwoDImplantTemplateGroupMemberMatchingAxes => new(0x0078, 0x00A0);

    /// <summary>(0078,00B0) Implant Template Group Variation Dimension Sequence, SQ 1</summary>
    public static DicomTag ImplantTemplateGroupVariationDimensionSequence => new(0x0078, 0x00B0);

    /// <summary>(0078,00B2) Implant Template Group Variation Dimension Name, LO 1</summary>
    public static DicomTag ImplantTemplateGroupVariationDimensionName => new(0x0078, 0x00B2);

    /// <summary>(0078,00B4) Implant Template Group Variation Dimension Rank Sequence, SQ 1</summary>
    public static DicomTag ImplantTemplateGroupVariationDimensionRankSequence => new(0x0078, 0x00B4);

    /// <summary>(0078,00B6) Referenced Implant Template Group Member ID, US 1</summary>
    public static DicomTag ReferencedImplantTemplateGroupMemberID => new(0x0078, 0x00B6);

    /// <summary>(0078,00B8) Implant Template Group Variation Dimension Rank, US 1</summary>
    public static DicomTag ImplantTemplateGroupVariationDimensionRank => new(0x0078, 0x00B8);

    /// <summary>(0080,0001) Surface Scan Acquisition Type Code Sequence, SQ 1</summary>
    public static DicomTag SurfaceScanAcquisitionTypeCodeSequence => new(0x0080, 0x0001);

    /// <summary>(0080,0002) Surface Scan Mode Code Sequence, SQ 1</summary>
    public static DicomTag SurfaceScanModeCodeSequence => new(0x0080, 0x0002);

    /// <summary>(0080,0003) Registration Method Code Sequence, SQ 1</summary>
    public static DicomTag RegistrationMethodCodeSequence => new(0x0080, 0x0003);

    /// <summary>(0080,0004) Shot Duration Time, FD 1</summary>
    public static DicomTag ShotDurationTime => new(0x0080, 0x0004);

    /// <summary>(0080,0005) Shot Offset Time, FD 1</summary>
    public static DicomTag ShotOffsetTime => new(0x0080, 0x0005);

    /// <summary>(0080,0006) Surface Point Presentation Value Data, US 1-n</summary>
    public static DicomTag SurfacePointPresentationValueData => new(0x0080, 0x0006);

    /// <summary>(0080,0007) Surface Point Color CIELab Value Data, US 3-3n</summary>
    public static DicomTag SurfacePointColorCIELabValueData => new(0x0080, 0x0007);

    /// <summary>(0080,0008) UV Mapping Sequence, SQ 1</summary>
    public static DicomTag UVMappingSequence => new(0x0080, 0x0008);

    /// <summary>(0080,0009) Texture Label, SH 1</summary>
    public static DicomTag TextureLabel => new(0x0080, 0x0009);

    /// <summary>(0080,0010) U Value Data, OF 1</summary>
    public static DicomTag UValueData => new(0x0080, 0x0010);

    /// <summary>(0080,0011) V Value Data, OF 1</summary>
    public static DicomTag VValueData => new(0x0080, 0x0011);

    /// <summary>(0080,0012) Referenced Texture Sequence, SQ 1</summary>
    public static DicomTag ReferencedTextureSequence => new(0x0080, 0x0012);

    /// <summary>(0080,0013) Referenced Surface Data Sequence, SQ 1</summary>
    public static DicomTag ReferencedSurfaceDataSequence => new(0x0080, 0x0013);

    /// <summary>(0082,0001) Assessment Summary, CS 1</summary>
    public static DicomTag AssessmentSummary => new(0x0082, 0x0001);

    /// <summary>(0082,0003) Assessment Summary Description, UT 1</summary>
    public static DicomTag AssessmentSummaryDescription => new(0x0082, 0x0003);

    /// <summary>(0082,0004) Assessed SOP Instance Sequence, SQ 1</summary>
    public static DicomTag AssessedSOPInstanceSequence => new(0x0082, 0x0004);

    /// <summary>(0082,0005) Referenced Comparison SOP Instance Sequence, SQ 1</summary>
    public static DicomTag ReferencedComparisonSOPInstanceSequence => new(0x0082, 0x0005);

    /// <summary>(0082,0006) Number of Assessment Observations, UL 1</summary>
    public static DicomTag NumberOfAssessmentObservations => new(0x0082, 0x0006);

    /// <summary>(0082,0007) Assessment Observations Sequence, SQ 1</summary>
    public static DicomTag AssessmentObservationsSequence => new(0x0082, 0x0007);

    /// <summary>(0082,0008) Observation Significance, CS 1</summary>
    public static DicomTag ObservationSignificance => new(0x0082, 0x0008);

    /// <summary>(0082,000A) Observation Description, UT 1</summary>
    public static DicomTag ObservationDescription => new(0x0082, 0x000A);

    /// <summary>(0082,000C) Structured Constraint Observation Sequence, SQ 1</summary>
    public static DicomTag StructuredConstraintObservationSequence => new(0x0082, 0x000C);

    /// <summary>(0082,0010) Assessed Attribute Value Sequence, SQ 1</summary>
    public static DicomTag AssessedAttributeValueSequence => new(0x0082, 0x0010);

    /// <summary>(0082,0016) Assessment Set ID, LO 1</summary>
    public static DicomTag AssessmentSetID => new(0x0082, 0x0016);

    /// <summary>(0082,0017) Assessment Requester Sequence, SQ 1</summary>
    public static DicomTag AssessmentRequesterSequence => new(0x0082, 0x0017);

    /// <summary>(0082,0018) Selector Attribute Name, LO 1</summary>
    public static DicomTag SelectorAttributeName => new(0x0082, 0x0018);

    /// <summary>(0082,0019) Selector Attribute Keyword, LO 1</summary>
    public static DicomTag SelectorAttributeKeyword => new(0x0082, 0x0019);

    /// <summary>(0082,0021) Assessment Type Code Sequence, SQ 1</summary>
    public static DicomTag AssessmentTypeCodeSequence => new(0x0082, 0x0021);

    /// <summary>(0082,0022) Observation Basis Code Sequence, SQ 1</summary>
    public static DicomTag ObservationBasisCodeSequence => new(0x0082, 0x0022);

    /// <summary>(0082,0023) Assessment Label, LO 1</summary>
    public static DicomTag AssessmentLabel => new(0x0082, 0x0023);

    /// <summary>(0082,0032) Constraint Type, CS 1</summary>
    public static DicomTag ConstraintType => new(0x0082, 0x0032);

    /// <summary>(0082,0033) Specification Selection Guidance, UT 1</summary>
    public static DicomTag SpecificationSelectionGuidance => new(0x0082, 0x0033);

    /// <summary>(0082,0034) Constraint Value Sequence, SQ 1</summary>
    public static DicomTag ConstraintValueSequence => new(0x0082, 0x0034);

    /// <summary>(0082,0035) Recommended Default Value Sequence, SQ 1</summary>
    public static DicomTag RecommendedDefaultValueSequence => new(0x0082, 0x0035);

    /// <summary>(0082,0036) Constraint Violation Significance, CS 1</summary>
    public static DicomTag ConstraintViolationSignificance => new(0x0082, 0x0036);

    /// <summary>(0082,0037) Constraint Violation Condition, UT 1</summary>
    public static DicomTag ConstraintViolationCondition => new(0x0082, 0x0037);

    /// <summary>(0082,0038) Modifiable Constraint Flag, CS 1</summary>
    public static DicomTag ModifiableConstraintFlag => new(0x0082, 0x0038);

    /// <summary>(0088,0130) Storage Media File-set ID, SH 1</summary>
    public static DicomTag StorageMediaFileSetID => new(0x0088, 0x0130);

    /// <summary>(0088,0140) Storage Media File-set UID, UI 1</summary>
    public static DicomTag StorageMediaFileSetUID => new(0x0088, 0x0140);

    /// <summary>(0088,0200) Icon Image Sequence, SQ 1</summary>
    public static DicomTag IconImageSequence => new(0x0088, 0x0200);

    /// <summary>(0088,0904) Topic Title, LO 1, retired</summary>
    public static DicomTag TopicTitle => new(0x0088, 0x0904);

    /// <summary>(0088,0906) Topic Subject, ST 1, retired</summary>
    public static DicomTag TopicSubject => new(0x0088, 0x0906);

    /// <summary>(0088,0910) Topic Author, LO 1, retired</summary>
    public static DicomTag TopicAuthor => new(0x0088, 0x0910);

    /// <summary>(0088,0912) Topic Keywords, LO 1-32, retired</summary>
    public static DicomTag TopicKeywords => new(0x0088, 0x0912);

    /// <summary>(0100,0410) SOP Instance Status, CS 1</summary>
    public static DicomTag SOPInstanceStatus => new(0x0100, 0x0410);

    /// <summary>(0100,0420) SOP Authorization DateTime, DT 1</summary>
    public static DicomTag SOPAuthorizationDateTime => new(0x0100, 0x0420);

    /// <summary>(0100,0424) SOP Authorization Comment, LT 1</summary>
    public static DicomTag SOPAuthorizationComment => new(0x0100, 0x0424);

    /// <summary>(0100,0426) Authorization Equipment Certification Number, LO 1</summary>
    public static DicomTag AuthorizationEquipmentCertificationNumber => new(0x0100, 0x0426);

    /// <summary>(0400,0005) MAC ID Number, US 1</summary>
    public static DicomTag MACIDNumber => new(0x0400, 0x0005);

    /// <summary>(0400,0010) MAC Calculation Transfer Syntax UID, UI 1</summary>
    public static DicomTag MACCalculationTransferSyntaxUID => new(0x0400, 0x0010);

    /// <summary>(0400,0015) MAC Algorithm, CS 1</summary>
    public static DicomTag MACAlgorithm => new(0x0400, 0x0015);

    /// <summary>(0400,0020) Data Elements Signed, AT 1-n</summary>
    public static DicomTag DataElementsSigned => new(0x0400, 0x0020);

    /// <summary>(0400,0100) Digital Signature UID, UI 1</summary>
    public static DicomTag DigitalSignatureUID => new(0x0400, 0x0100);

    /// <summary>(0400,0105) Digital Signature DateTime, DT 1</summary>
    public static DicomTag DigitalSignatureDateTime => new(0x0400, 0x0105);

    /// <summary>(0400,0110) Certificate Type, CS 1</summary>
    public static DicomTag CertificateType => new(0x0400, 0x0110);

    /// <summary>(0400,0115) Certificate of Signer, OB 1</summary>
    public static DicomTag CertificateOfSigner => new(0x0400, 0x0115);

    /// <summary>(0400,0120) Signature, OB 1</summary>
    public static DicomTag Signature => new(0x0400, 0x0120);

    /// <summary>(0400,0305) Certified Timestamp Type, CS 1</summary>
    public static DicomTag CertifiedTimestampType => new(0x0400, 0x0305);

    /// <summary>(0400,0310) Certified Timestamp, OB 1</summary>
    public static DicomTag CertifiedTimestamp => new(0x0400, 0x0310);

    /// <summary>(0400,0401) Digital Signature Purpose Code Sequence, SQ 1</summary>
    public static DicomTag DigitalSignaturePurposeCodeSequence => new(0x0400, 0x0401);

    /// <summary>(0400,0402) Referenced Digital Signature Sequence, SQ 1</summary>
    public static DicomTag ReferencedDigitalSignatureSequence => new(0x0400, 0x0402);

    /// <summary>(0400,0403) Referenced SOP Instance MAC Sequence, SQ 1</summary>
    public static DicomTag ReferencedSOPInstanceMACSequence => new(0x0400, 0x0403);

    /// <summary>(0400,0404) MAC, OB 1</summary>
    public static DicomTag MAC => new(0x0400, 0x0404);

    /// <summary>(0400,0500) Encrypted Attributes Sequence, SQ 1</summary>
    public static DicomTag EncryptedAttributesSequence => new(0x0400, 0x0500);

    /// <summary>(0400,0510) Encrypted Content Transfer Syntax UID, UI 1</summary>
    public static DicomTag EncryptedContentTransferSyntaxUID => new(0x0400, 0x0510);

    /// <summary>(0400,0520) Encrypted Content, OB 1</summary>
    public static DicomTag EncryptedContent => new(0x0400, 0x0520);

    /// <summary>(0400,0550) Modified Attributes Sequence, SQ 1</summary>
    public static DicomTag ModifiedAttributesSequence => new(0x0400, 0x0550);

    /// <summary>(0400,0551) Nonconforming Modified Attributes Sequence, SQ 1</summary>
    public static DicomTag NonconformingModifiedAttributesSequence => new(0x0400, 0x0551);

    /// <summary>(0400,0552) Nonconforming Data Element Value, OB 1</summary>
    public static DicomTag NonconformingDataElementValue => new(0x0400, 0x0552);

    /// <summary>(0400,0561) Original Attributes Sequence, SQ 1</summary>
    public static DicomTag OriginalAttributesSequence => new(0x0400, 0x0561);

    /// <summary>(0400,0562) Attribute Modification DateTime, DT 1</summary>
    public static DicomTag AttributeModificationDateTime => new(0x0400, 0x0562);

    /// <summary>(0400,0563) Modifying System, LO 1</summary>
    public static DicomTag ModifyingSystem => new(0x0400, 0x0563);

    /// <summary>(0400,0564) Source of Previous Values, LO 1</summary>
    public static DicomTag SourceOfPreviousValues => new(0x0400, 0x0564);

    /// <summary>(0400,0565) Reason for the Attribute Modification, CS 1</summary>
    public static DicomTag ReasonForTheAttributeModification => new(0x0400, 0x0565);

    /// <summary>(0400,0600) Instance Origin Status, CS 1</summary>
    public static DicomTag InstanceOriginStatus => new(0x0400, 0x0600);

    /// <summary>(1000,xxx0) Escape Triplet, US 3, retired</summary>
    public static DicomTag EscapeTriplet => new(0x1000, 0x0000);

    /// <summary>(1000,xxx1) Run Length Triplet, US 3, retired</summary>
    public static DicomTag RunLengthTriplet => new(0x1000, 0x0001);

    /// <summary>(1000,xxx2) Huffman Table Size, US 1, retired</summary>
    public static DicomTag HuffmanTableSize => new(0x1000, 0x0002);

    /// <summary>(1000,xxx3) Huffman Table Triplet, US 3, retired</summary>
    public static DicomTag HuffmanTableTriplet => new(0x1000, 0x0003);

    /// <summary>(1000,xxx4) Shift Table Size, US 1, retired</summary>
    public static DicomTag ShiftTableSize => new(0x1000, 0x0004);

    /// <summary>(1000,xxx5) Shift Table Triplet, US 3, retired</summary>
    public static DicomTag ShiftTableTriplet => new(0x1000, 0x0005);

    /// <summary>(1010,xxxx) Zonal Map, US 1-n, retired</summary>
    public static DicomTag ZonalMap => new(0x1010, 0x0000);

    /// <summary>(2000,0010) Number of Copies, IS 1</summary>
    public static DicomTag NumberOfCopies => new(0x2000, 0x0010);

    /// <summary>(2000,001E) Printer Configuration Sequence, SQ 1</summary>
    public static DicomTag PrinterConfigurationSequence => new(0x2000, 0x001E);

    /// <summary>(2000,0020) Print Priority, CS 1</summary>
    public static DicomTag PrintPriority => new(0x2000, 0x0020);

    /// <summary>(2000,0030) Medium Type, CS 1</summary>
    public static DicomTag MediumType => new(0x2000, 0x0030);

    /// <summary>(2000,0040) Film Destination, CS 1</summary>
    public static DicomTag FilmDestination => new(0x2000, 0x0040);

    /// <summary>(2000,0050) Film Session Label, LO 1</summary>
    public static DicomTag FilmSessionLabel => new(0x2000, 0x0050);

    /// <summary>(2000,0060) Memory Allocation, IS 1</summary>
    public static DicomTag MemoryAllocation => new(0x2000, 0x0060);

    /// <summary>(2000,0061) Maximum Memory Allocation, IS 1</summary>
    public static DicomTag MaximumMemoryAllocation => new(0x2000, 0x0061);

    /// <summary>(2000,0062) Color Image Printing Flag, CS 1, retired</summary>
    public static DicomTag ColorImagePrintingFlag => new(0x2000, 0x0062);

    /// <summary>(2000,0063) Collation Flag, CS 1, retired</summary>
    public static DicomTag CollationFlag => new(0x2000, 0x0063);

    /// <summary>(2000,0065) Annotation Flag, CS 1, retired</summary>
    public static DicomTag AnnotationFlag => new(0x2000, 0x0065);

    /// <summary>(2000,0067) Image Overlay Flag, CS 1, retired</summary>
    public static DicomTag ImageOverlayFlag => new(0x2000, 0x0067);

    /// <summary>(2000,0069) Presentation LUT Flag, CS 1, retired</summary>
    public static DicomTag PresentationLUTFlag => new(0x2000, 0x0069);

    /// <summary>(2000,006A) Image Box Presentation LUT Flag, CS 1, retired</summary>
    public static DicomTag ImageBoxPresentationLUTFlag => new(0x2000, 0x006A);

    /// <summary>(2000,00A0) Memory Bit Depth, US 1</summary>
    public static DicomTag MemoryBitDepth => new(0x2000, 0x00A0);

    /// <summary>(2000,00A1) Printing Bit Depth, US 1</summary>
    public static DicomTag PrintingBitDepth => new(0x2000, 0x00A1);

    /// <summary>(2000,00A2) Media Installed Sequence, SQ 1</summary>
    public static DicomTag MediaInstalledSequence => new(0x2000, 0x00A2);

    /// <summary>(2000,00A4) Other Media Available Sequence, SQ 1</summary>
    public static DicomTag OtherMediaAvailableSequence => new(0x2000, 0x00A4);

    /// <summary>(2000,00A8) Supported Image Display Formats Sequence, SQ 1</summary>
    public static DicomTag SupportedImageDisplayFormatsSequence => new(0x2000, 0x00A8);

    /// <summary>(2000,0500) Referenced Film Box Sequence, SQ 1</summary>
    public static DicomTag ReferencedFilmBoxSequence => new(0x2000, 0x0500);

    /// <summary>(2000,0510) Referenced Stored Print Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedStoredPrintSequence => new(0x2000, 0x0510);

    /// <summary>(2010,0010) Image Display Format, ST 1</summary>
    public static DicomTag ImageDisplayFormat => new(0x2010, 0x0010);

    /// <summary>(2010,0030) Annotation Display Format ID, CS 1</summary>
    public static DicomTag AnnotationDisplayFormatID => new(0x2010, 0x0030);

    /// <summary>(2010,0040) Film Orientation, CS 1</summary>
    public static DicomTag FilmOrientation => new(0x2010, 0x0040);

    /// <summary>(2010,0050) Film Size ID, CS 1</summary>
    public static DicomTag FilmSizeID => new(0x2010, 0x0050);

    /// <summary>(2010,0052) Printer Resolution ID, CS 1</summary>
    public static DicomTag PrinterResolutionID => new(0x2010, 0x0052);

    /// <summary>(2010,0054) Default Printer Resolution ID, CS 1</summary>
    public static DicomTag DefaultPrinterResolutionID => new(0x2010, 0x0054);

    /// <summary>(2010,0060) Magnification Type, CS 1</summary>
    public static DicomTag MagnificationType => new(0x2010, 0x0060);

    /// <summary>(2010,0080) Smoothing Type, CS 1</summary>
    public static DicomTag SmoothingType => new(0x2010, 0x0080);

    /// <summary>(2010,00A6) Default Magnification Type, CS 1</summary>
    public static DicomTag DefaultMagnificationType => new(0x2010, 0x00A6);

    /// <summary>(2010,00A7) Other Magnification Types Available, CS 1-n</summary>
    public static DicomTag OtherMagnificationTypesAvailable => new(0x2010, 0x00A7);

    /// <summary>(2010,00A8) Default Smoothing Type, CS 1</summary>
    public static DicomTag DefaultSmoothingType => new(0x2010, 0x00A8);

    /// <summary>(2010,00A9) Other Smoothing Types Available, CS 1-n</summary>
    public static DicomTag OtherSmoothingTypesAvailable => new(0x2010, 0x00A9);

    /// <summary>(2010,0100) Border Density, CS 1</summary>
    public static DicomTag BorderDensity => new(0x2010, 0x0100);

    /// <summary>(2010,0110) Empty Image Density, CS 1</summary>
    public static DicomTag EmptyImageDensity => new(0x2010, 0x0110);

    /// <summary>(2010,0120) Min Density, US 1</summary>
    public static DicomTag MinDensity => new(0x2010, 0x0120);

    /// <summary>(2010,0130) Max Density, US 1</summary>
    public static DicomTag MaxDensity => new(0x2010, 0x0130);

    /// <summary>(2010,0140) Trim, CS 1</summary>
    public static DicomTag Trim => new(0x2010, 0x0140);

    /// <summary>(2010,0150) Configuration Information, ST 1</summary>
    public static DicomTag ConfigurationInformation => new(0x2010, 0x0150);

    /// <summary>(2010,0152) Configuration Information Description, LT 1</summary>
    public static DicomTag ConfigurationInformationDescription => new(0x2010, 0x0152);

    /// <summary>(2010,0154) Maximum Collated Films, IS 1</summary>
    public static DicomTag MaximumCollatedFilms => new(0x2010, 0x0154);

    /// <summary>(2010,015E) Illumination, US 1</summary>
    public static DicomTag Illumination => new(0x2010, 0x015E);

    /// <summary>(2010,0160) Reflected Ambient Light, US 1</summary>
    public static DicomTag ReflectedAmbientLight => new(0x2010, 0x0160);

    /// <summary>(2010,0376) Printer Pixel Spacing, DS 2</summary>
    public static DicomTag PrinterPixelSpacing => new(0x2010, 0x0376);

    /// <summary>(2010,0500) Referenced Film Session Sequence, SQ 1</summary>
    public static DicomTag ReferencedFilmSessionSequence => new(0x2010, 0x0500);

    /// <summary>(2010,0510) Referenced Image Box Sequence, SQ 1</summary>
    public static DicomTag ReferencedImageBoxSequence => new(0x2010, 0x0510);

    /// <summary>(2010,0520) Referenced Basic Annotation Box Sequence, SQ 1</summary>
    public static DicomTag ReferencedBasicAnnotationBoxSequence => new(0x2010, 0x0520);

    /// <summary>(2020,0010) Image Box Position, US 1</summary>
    public static DicomTag ImageBoxPosition => new(0x2020, 0x0010);

    /// <summary>(2020,0020) Polarity, CS 1</summary>
    public static DicomTag Polarity => new(0x2020, 0x0020);

    /// <summary>(2020,0030) Requested Image Size, DS 1</summary>
    public static DicomTag RequestedImageSize => new(0x2020, 0x0030);

    /// <summary>(2020,0040) Requested Decimate/Crop Behavior, CS 1</summary>
    public static DicomTag RequestedDecimateCropBehavior => new(0x2020, 0x0040);

    /// <summary>(2020,0050) Requested Resolution ID, CS 1</summary>
    public static DicomTag RequestedResolutionID => new(0x2020, 0x0050);

    /// <summary>(2020,00A0) Requested Image Size Flag, CS 1</summary>
    public static DicomTag RequestedImageSizeFlag => new(0x2020, 0x00A0);

    /// <summary>(2020,00A2) Decimate/Crop Result, CS 1</summary>
    public static DicomTag DecimateCropResult => new(0x2020, 0x00A2);

    /// <summary>(2020,0110) Basic Grayscale Image Sequence, SQ 1</summary>
    public static DicomTag BasicGrayscaleImageSequence => new(0x2020, 0x0110);

    /// <summary>(2020,0111) Basic Color Image Sequence, SQ 1</summary>
    public static DicomTag BasicColorImageSequence => new(0x2020, 0x0111);

    /// <summary>(2020,0130) Referenced Image Overlay Box Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedImageOverlayBoxSequence => new(0x2020, 0x0130);

    /// <summary>(2020,0140) Referenced VOI LUT Box Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedVOILUTBoxSequence => new(0x2020, 0x0140);

    /// <summary>(2030,0010) Annotation Position, US 1</summary>
    public static DicomTag AnnotationPosition => new(0x2030, 0x0010);

    /// <summary>(2030,0020) Text String, LO 1</summary>
    public static DicomTag TextString => new(0x2030, 0x0020);

    /// <summary>(2040,0010) Referenced Overlay Plane Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedOverlayPlaneSequence => new(0x2040, 0x0010);

    /// <summary>(2040,0011) Referenced Overlay Plane Groups, US 1-99, retired</summary>
    public static DicomTag ReferencedOverlayPlaneGroups => new(0x2040, 0x0011);

    /// <summary>(2040,0020) Overlay Pixel Data Sequence, SQ 1, retired</summary>
    public static DicomTag OverlayPixelDataSequence => new(0x2040, 0x0020);

    /// <summary>(2040,0060) Overlay Magnification Type, CS 1, retired</summary>
    public static DicomTag OverlayMagnificationType => new(0x2040, 0x0060);

    /// <summary>(2040,0070) Overlay Smoothing Type, CS 1, retired</summary>
    public static DicomTag OverlaySmoothingType => new(0x2040, 0x0070);

    /// <summary>(2040,0072) Overlay or Image Magnification, CS 1, retired</summary>
    public static DicomTag OverlayOrImageMagnification => new(0x2040, 0x0072);

    /// <summary>(2040,0074) Magnify to Number of Columns, US 1, retired</summary>
    public static DicomTag MagnifyToNumberOfColumns => new(0x2040, 0x0074);

    /// <summary>(2040,0080) Overlay Foreground Density, CS 1, retired</summary>
    public static DicomTag OverlayForegroundDensity => new(0x2040, 0x0080);

    /// <summary>(2040,0082) Overlay Background Density, CS 1, retired</summary>
    public static DicomTag OverlayBackgroundDensity => new(0x2040, 0x0082);

    /// <summary>(2040,0090) Overlay Mode, CS 1, retired</summary>
    public static DicomTag OverlayMode => new(0x2040, 0x0090);

    /// <summary>(2040,0100) Threshold Density, CS 1, retired</summary>
    public static DicomTag ThresholdDensity => new(0x2040, 0x0100);

    /// <summary>(2040,0500) Referenced Image Box Sequence (Retired), SQ 1, retired</summary>
    public static DicomTag ReferencedImageBoxSequenceRetired => new(0x2040, 0x0500);

    /// <summary>(2050,0010) Presentation LUT Sequence, SQ 1</summary>
    public static DicomTag PresentationLUTSequence => new(0x2050, 0x0010);

    /// <summary>(2050,0020) Presentation LUT Shape, CS 1</summary>
    public static DicomTag PresentationLUTShape => new(0x2050, 0x0020);

    /// <summary>(2050,0500) Referenced Presentation LUT Sequence, SQ 1</summary>
    public static DicomTag ReferencedPresentationLUTSequence => new(0x2050, 0x0500);

    /// <summary>(2100,0010) Print Job ID, SH 1, retired</summary>
    public static DicomTag PrintJobID => new(0x2100, 0x0010);

    /// <summary>(2100,0020) Execution Status, CS 1</summary>
    public static DicomTag ExecutionStatus => new(0x2100, 0x0020);

    /// <summary>(2100,0030) Execution Status Info, CS 1</summary>
    public static DicomTag ExecutionStatusInfo => new(0x2100, 0x0030);

    /// <summary>(2100,0040) Creation Date, DA 1</summary>
    public static DicomTag CreationDate => new(0x2100, 0x0040);

    /// <summary>(2100,0050) Creation Time, TM 1</summary>
    public static DicomTag CreationTime => new(0x2100, 0x0050);

    /// <summary>(2100,0070) Originator, AE 1</summary>
    public static DicomTag Originator => new(0x2100, 0x0070);

    /// <summary>(2100,0140) Destination AE, AE 1</summary>
    public static DicomTag DestinationAE => new(0x2100, 0x0140);

    /// <summary>(2100,0160) Owner ID, SH 1</summary>
    public static DicomTag OwnerID => new(0x2100, 0x0160);

    /// <summary>(2100,0170) Number of Films, IS 1</summary>
    public static DicomTag NumberOfFilms => new(0x2100, 0x0170);

    /// <summary>(2100,0500) Referenced Print Job Sequence (Pull Stored Print), SQ 1, retired</summary>
    public static DicomTag ReferencedPrintJobSequencePullStoredPrint => new(0x2100, 0x0500);

    /// <summary>(2110,0010) Printer Status, CS 1</summary>
    public static DicomTag PrinterStatus => new(0x2110, 0x0010);

    /// <summary>(2110,0020) Printer Status Info, CS 1</summary>
    public static DicomTag PrinterStatusInfo => new(0x2110, 0x0020);

    /// <summary>(2110,0030) Printer Name, LO 1</summary>
    public static DicomTag PrinterName => new(0x2110, 0x0030);

    /// <summary>(2110,0099) Print Queue ID, SH 1, retired</summary>
    public static DicomTag PrintQueueID => new(0x2110, 0x0099);

    /// <summary>(2120,0010) Queue Status, CS 1, retired</summary>
    public static DicomTag QueueStatus => new(0x2120, 0x0010);

    /// <summary>(2120,0050) Print Job Description Sequence, SQ 1, retired</summary>
    public static DicomTag PrintJobDescriptionSequence => new(0x2120, 0x0050);

    /// <summary>(2120,0070) Referenced Print Job Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedPrintJobSequence => new(0x2120, 0x0070);

    /// <summary>(2130,0010) Print Management Capabilities Sequence, SQ 1, retired</summary>
    public static DicomTag PrintManagementCapabilitiesSequence => new(0x2130, 0x0010);

    /// <summary>(2130,0015) Printer Characteristics Sequence, SQ 1, retired</summary>
    public static DicomTag PrinterCharacteristicsSequence => new(0x2130, 0x0015);

    /// <summary>(2130,0030) Film Box Content Sequence, SQ 1, retired</summary>
    public static DicomTag FilmBoxContentSequence => new(0x2130, 0x0030);

    /// <summary>(2130,0040) Image Box Content Sequence, SQ 1, retired</summary>
    public static DicomTag ImageBoxContentSequence => new(0x2130, 0x0040);

    /// <summary>(2130,0050) Annotation Content Sequence, SQ 1, retired</summary>
    public static DicomTag AnnotationContentSequence => new(0x2130, 0x0050);

    /// <summary>(2130,0060) Image Overlay Box Content Sequence, SQ 1, retired</summary>
    public static DicomTag ImageOverlayBoxContentSequence => new(0x2130, 0x0060);

    /// <summary>(2130,0080) Presentation LUT Content Sequence, SQ 1, retired</summary>
    public static DicomTag PresentationLUTContentSequence => new(0x2130, 0x0080);

    /// <summary>(2130,00A0) Proposed Study Sequence, SQ 1, retired</summary>
    public static DicomTag ProposedStudySequence => new(0x2130, 0x00A0);

    /// <summary>(2130,00C0) Original Image Sequence, SQ 1, retired</summary>
    public static DicomTag OriginalImageSequence => new(0x2130, 0x00C0);

    /// <summary>(2200,0001) Label Using Information Extracted From Instances, CS 1</summary>
    public static DicomTag LabelUsingInformationExtractedFromInstances => new(0x2200, 0x0001);

    /// <summary>(2200,0002) Label Text, UT 1</summary>
    public static DicomTag LabelText => new(0x2200, 0x0002);

    /// <summary>(2200,0003) Label Style Selection, CS 1</summary>
    public static DicomTag LabelStyleSelection => new(0x2200, 0x0003);

    /// <summary>(2200,0004) Media Disposition, LT 1</summary>
    public static DicomTag MediaDisposition => new(0x2200, 0x0004);

    /// <summary>(2200,0005) Barcode Value, LT 1</summary>
    public static DicomTag BarcodeValue => new(0x2200, 0x0005);

    /// <summary>(2200,0006) Barcode Symbology, CS 1</summary>
    public static DicomTag BarcodeSymbology => new(0x2200, 0x0006);

    /// <summary>(2200,0007) Allow Media Splitting, CS 1</summary>
    public static DicomTag AllowMediaSplitting => new(0x2200, 0x0007);

    /// <summary>(2200,0008) Include Non-DICOM Objects, CS 1</summary>
    public static DicomTag IncludeNonDICOMObjects => new(0x2200, 0x0008);

    /// <summary>(2200,0009) Include Display Application, CS 1</summary>
    public static DicomTag IncludeDisplayApplication => new(0x2200, 0x0009);

    /// <summary>(2200,000A) Preserve Composite Instances After Media Creation, CS 1</summary>
    public static DicomTag PreserveCompositeInstancesAfterMediaCreation => new(0x2200, 0x000A);

    /// <summary>(2200,000B) Total Number of Pieces of Media Created, US 1</summary>
    public static DicomTag TotalNumberOfPiecesOfMediaCreated => new(0x2200, 0x000B);

    /// <summary>(2200,000C) Requested Media Application Profile, LO 1</summary>
    public static DicomTag RequestedMediaApplicationProfile => new(0x2200, 0x000C);

    /// <summary>(2200,000D) Referenced Storage Media Sequence, SQ 1</summary>
    public static DicomTag ReferencedStorageMediaSequence => new(0x2200, 0x000D);

    /// <summary>(2200,000E) Failure Attributes, AT 1-n</summary>
    public static DicomTag FailureAttributes => new(0x2200, 0x000E);

    /// <summary>(2200,000F) Allow Lossy Compression, CS 1</summary>
    public static DicomTag AllowLossyCompression => new(0x2200, 0x000F);

    /// <summary>(2200,0020) Request Priority, CS 1</summary>
    public static DicomTag RequestPriority => new(0x2200, 0x0020);

    /// <summary>(3002,0002) RT Image Label, SH 1</summary>
    public static DicomTag RTImageLabel => new(0x3002, 0x0002);

    /// <summary>(3002,0003) RT Image Name, LO 1</summary>
    public static DicomTag RTImageName => new(0x3002, 0x0003);

    /// <summary>(3002,0004) RT Image Description, ST 1</summary>
    public static DicomTag RTImageDescription => new(0x3002, 0x0004);

    /// <summary>(3002,000A) Reported Values Origin, CS 1</summary>
    public static DicomTag ReportedValuesOrigin => new(0x3002, 0x000A);

    /// <summary>(3002,000C) RT Image Plane, CS 1</summary>
    public static DicomTag RTImagePlane => new(0x3002, 0x000C);

    /// <summary>(3002,000D) X-Ray Image Receptor Translation, DS 3</summary>
    public static DicomTag XRayImageReceptorTranslation => new(0x3002, 0x000D);

    /// <summary>(3002,000E) X-Ray Image Receptor Angle, DS 1</summary>
    public static DicomTag XRayImageReceptorAngle => new(0x3002, 0x000E);

    /// <summary>(3002,0010) RT Image Orientation, DS 6</summary>
    public static DicomTag RTImageOrientation => new(0x3002, 0x0010);

    /// <summary>(3002,0011) Image Plane Pixel Spacing, DS 2</summary>
    public static DicomTag ImagePlanePixelSpacing => new(0x3002, 0x0011);

    /// <summary>(3002,0012) RT Image Position, DS 2</summary>
    public static DicomTag RTImagePosition => new(0x3002, 0x0012);

    /// <summary>(3002,0020) Radiation Machine Name, SH 1</summary>
    public static DicomTag RadiationMachineName => new(0x3002, 0x0020);

    /// <summary>(3002,0022) Radiation Machine SAD, DS 1</summary>
    public static DicomTag RadiationMachineSAD => new(0x3002, 0x0022);

    /// <summary>(3002,0024) Radiation Machine SSD, DS 1</summary>
    public static DicomTag RadiationMachineSSD => new(0x3002, 0x0024);

    /// <summary>(3002,0026) RT Image SID, DS 1</summary>
    public static DicomTag RTImageSID => new(0x3002, 0x0026);

    /// <summary>(3002,0028) Source to Reference Object Distance, DS 1</summary>
    public static DicomTag SourceToReferenceObjectDistance => new(0x3002, 0x0028);

    /// <summary>(3002,0029) Fraction Number, IS 1</summary>
    public static DicomTag FractionNumber => new(0x3002, 0x0029);

    /// <summary>(3002,0030) Exposure Sequence, SQ 1</summary>
    public static DicomTag ExposureSequence => new(0x3002, 0x0030);

    /// <summary>(3002,0032) Meterset Exposure, DS 1</summary>
    public static DicomTag MetersetExposure => new(0x3002, 0x0032);

    /// <summary>(3002,0034) Diaphragm Position, DS 4</summary>
    public static DicomTag DiaphragmPosition => new(0x3002, 0x0034);

    /// <summary>(3002,0040) Fluence Map Sequence, SQ 1</summary>
    public static DicomTag FluenceMapSequence => new(0x3002, 0x0040);

    /// <summary>(3002,0041) Fluence Data Source, CS 1</summary>
    public static DicomTag FluenceDataSource => new(0x3002, 0x0041);

    /// <summary>(3002,0042) Fluence Data Scale, DS 1</summary>
    public static DicomTag FluenceDataScale => new(0x3002, 0x0042);

    /// <summary>(3002,0050) Primary Fluence Mode Sequence, SQ 1</summary>
    public static DicomTag PrimaryFluenceModeSequence => new(0x3002, 0x0050);

    /// <summary>(3002,0051) Fluence Mode, CS 1</summary>
    public static DicomTag FluenceMode => new(0x3002, 0x0051);

    /// <summary>(3002,0052) Fluence Mode ID, SH 1</summary>
    public static DicomTag FluenceModeID => new(0x3002, 0x0052);

    /// <summary>(3004,0001) DVH Type, CS 1</summary>
    public static DicomTag DVHType => new(0x3004, 0x0001);

    /// <summary>(3004,0002) Dose Units, CS 1</summary>
    public static DicomTag DoseUnits => new(0x3004, 0x0002);

    /// <summary>(3004,0004) Dose Type, CS 1</summary>
    public static DicomTag DoseType => new(0x3004, 0x0004);

    /// <summary>(3004,0005) Spatial Transform of Dose, CS 1</summary>
    public static DicomTag SpatialTransformOfDose => new(0x3004, 0x0005);

    /// <summary>(3004,0006) Dose Comment, LO 1</summary>
    public static DicomTag DoseComment => new(0x3004, 0x0006);

    /// <summary>(3004,0008) Normalization Point, DS 3</summary>
    public static DicomTag NormalizationPoint => new(0x3004, 0x0008);

    /// <summary>(3004,000A) Dose Summation Type, CS 1</summary>
    public static DicomTag DoseSummationType => new(0x3004, 0x000A);

    /// <summary>(3004,000C) Grid Frame Offset Vector, DS 2-n</summary>
    public static DicomTag GridFrameOffsetVector => new(0x3004, 0x000C);

    /// <summary>(3004,000E) Dose Grid Scaling, DS 1</summary>
    public static DicomTag DoseGridScaling => new(0x3004, 0x000E);

    /// <summary>(3004,0010) RT Dose ROI Sequence, SQ 1</summary>
    public static DicomTag RTDoseROISequence => new(0x3004, 0x0010);

    /// <summary>(3004,0012) Dose Value, DS 1</summary>
    public static DicomTag DoseValue => new(0x3004, 0x0012);

    /// <summary>(3004,0014) Tissue Heterogeneity Correction, CS 1-3</summary>
    public static DicomTag TissueHeterogeneityCorrection => new(0x3004, 0x0014);

    /// <summary>(3004,0040) DVH Normalization Point, DS 3</summary>
    public static DicomTag DVHNormalizationPoint => new(0x3004, 0x0040);

    /// <summary>(3004,0042) DVH Normalization Dose Value, DS 1</summary>
    public static DicomTag DVHNormalizationDoseValue => new(0x3004, 0x0042);

    /// <summary>(3004,0050) DVH Sequence, SQ 1</summary>
    public static DicomTag DVHSequence => new(0x3004, 0x0050);

    /// <summary>(3004,0052) DVH Dose Scaling, DS 1</summary>
    public static DicomTag DVHDoseScaling => new(0x3004, 0x0052);

    /// <summary>(3004,0054) DVH Volume Units, CS 1</summary>
    public static DicomTag DVHVolumeUnits => new(0x3004, 0x0054);

    /// <summary>(3004,0056) DVH Number of Bins, IS 1</summary>
    public static DicomTag DVHNumberOfBins => new(0x3004, 0x0056);

    /// <summary>(3004,0058) DVH Data, DS 2-2n</summary>
    public static DicomTag DVHData => new(0x3004, 0x0058);

    /// <summary>(3004,0060) DVH Referenced ROI Sequence, SQ 1</summary>
    public static DicomTag DVHReferencedROISequence => new(0x3004, 0x0060);

    /// <summary>(3004,0062) DVH ROI Contribution Type, CS 1</summary>
    public static DicomTag DVHROIContributionType => new(0x3004, 0x0062);

    /// <summary>(3004,0070) DVH Minimum Dose, DS 1</summary>
    public static DicomTag DVHMinimumDose => new(0x3004, 0x0070);

    /// <summary>(3004,0072) DVH Maximum Dose, DS 1</summary>
    public static DicomTag DVHMaximumDose => new(0x3004, 0x0072);

    /// <summary>(3004,0074) DVH Mean Dose, DS 1</summary>
    public static DicomTag DVHMeanDose => new(0x3004, 0x0074);

    /// <summary>(3006,0002) Structure Set Label, SH 1</summary>
    public static DicomTag StructureSetLabel => new(0x3006, 0x0002);

    /// <summary>(3006,0004) Structure Set Name, LO 1</summary>
    public static DicomTag StructureSetName => new(0x3006, 0x0004);

    /// <summary>(3006,0006) Structure Set Description, ST 1</summary>
    public static DicomTag StructureSetDescription => new(0x3006, 0x0006);

    /// <summary>(3006,0008) Structure Set Date, DA 1</summary>
    public static DicomTag StructureSetDate => new(0x3006, 0x0008);

    /// <summary>(3006,0009) Structure Set Time, TM 1</summary>
    public static DicomTag StructureSetTime => new(0x3006, 0x0009);

    /// <summary>(3006,0010) Referenced Frame of Reference Sequence, SQ 1</summary>
    public static DicomTag ReferencedFrameOfReferenceSequence => new(0x3006, 0x0010);

    /// <summary>(3006,0012) RT Referenced Study Sequence, SQ 1</summary>
    public static DicomTag RTReferencedStudySequence => new(0x3006, 0x0012);

    /// <summary>(3006,0014) RT Referenced Series Sequence, SQ 1</summary>
    public static DicomTag RTReferencedSeriesSequence => new(0x3006, 0x0014);

    /// <summary>(3006,0016) Contour Image Sequence, SQ 1</summary>
    public static DicomTag ContourImageSequence => new(0x3006, 0x0016);

    /// <summary>(3006,0018) Predecessor Structure Set Sequence, SQ 1</summary>
    public static DicomTag PredecessorStructureSetSequence => new(0x3006, 0x0018);

    /// <summary>(3006,0020) Structure Set ROI Sequence, SQ 1</summary>
    public static DicomTag StructureSetROISequence => new(0x3006, 0x0020);

    /// <summary>(3006,0022) ROI Number, IS 1</summary>
    public static DicomTag ROINumber => new(0x3006, 0x0022);

    /// <summary>(3006,0024) Referenced Frame of Reference UID, UI 1</summary>
    public static DicomTag ReferencedFrameOfReferenceUID => new(0x3006, 0x0024);

    /// <summary>(3006,0026) ROI Name, LO 1</summary>
    public static DicomTag ROIName => new(0x3006, 0x0026);

    /// <summary>(3006,0028) ROI Description, ST 1</summary>
    public static DicomTag ROIDescription => new(0x3006, 0x0028);

    /// <summary>(3006,002A) ROI Display Color, IS 3</summary>
    public static DicomTag ROIDisplayColor => new(0x3006, 0x002A);

    /// <summary>(3006,002C) ROI Volume, DS 1</summary>
    public static DicomTag ROIVolume => new(0x3006, 0x002C);

    /// <summary>(3006,0030) RT Related ROI Sequence, SQ 1</summary>
    public static DicomTag RTRelatedROISequence => new(0x3006, 0x0030);

    /// <summary>(3006,0033) RT ROI Relationship, CS 1</summary>
    public static DicomTag RTROIRelationship => new(0x3006, 0x0033);

    /// <summary>(3006,0036) ROI Generation Algorithm, CS 1</summary>
    public static DicomTag ROIGenerationAlgorithm => new(0x3006, 0x0036);

    /// <summary>(3006,0037) ROI Derivation Algorithm Identification Sequence, SQ 1</summary>
    public static DicomTag ROIDerivationAlgorithmIdentificationSequence => new(0x3006, 0x0037);

    /// <summary>(3006,0038) ROI Generation Description, LO 1</summary>
    public static DicomTag ROIGenerationDescription => new(0x3006, 0x0038);

    /// <summary>(3006,0039) ROI Contour Sequence, SQ 1</summary>
    public static DicomTag ROIContourSequence => new(0x3006, 0x0039);

    /// <summary>(3006,0040) Contour Sequence, SQ 1</summary>
    public static DicomTag ContourSequence => new(0x3006, 0x0040);

    /// <summary>(3006,0042) Contour Geometric Type, CS 1</summary>
    public static DicomTag ContourGeometricType => new(0x3006, 0x0042);

    /// <summary>(3006,0044) Contour Slab Thickness, DS 1, retired</summary>
    public static DicomTag ContourSlabThickness => new(0x3006, 0x0044);

    /// <summary>(3006,0045) Contour Offset Vector, DS 3, retired</summary>
    public static DicomTag ContourOffsetVector => new(0x3006, 0x0045);

    /// <summary>(3006,0046) Number of Contour Points, IS 1</summary>
    public static DicomTag NumberOfContourPoints => new(0x3006, 0x0046);

    /// <summary>(3006,0048) Contour Number, IS 1</summary>
    public static DicomTag ContourNumber => new(0x3006, 0x0048);

    /// <summary>(3006,0049) Attached Contours, IS 1-n, retired</summary>
    public static DicomTag AttachedContours => new(0x3006, 0x0049);

    /// <summary>(3006,004A) Source Pixel Planes Characteristics Sequence, SQ 1</summary>
    public static DicomTag SourcePixelPlanesCharacteristicsSequence => new(0x3006, 0x004A);

    /// <summary>(3006,0050) Contour Data, DS 3-3n</summary>
    public static DicomTag ContourData => new(0x3006, 0x0050);

    /// <summary>(3006,0080) RT ROI Observations Sequence, SQ 1</summary>
    public static DicomTag RTROIObservationsSequence => new(0x3006, 0x0080);

    /// <summary>(3006,0082) Observation Number, IS 1</summary>
    public static DicomTag ObservationNumber => new(0x3006, 0x0082);

    /// <summary>(3006,0084) Referenced ROI Number, IS 1</summary>
    public static DicomTag ReferencedROINumber => new(0x3006, 0x0084);

    /// <summary>(3006,0085) ROI Observation Label, SH 1</summary>
    public static DicomTag ROIObservationLabel => new(0x3006, 0x0085);

    /// <summary>(3006,0086) RT ROI Identification Code Sequence, SQ 1</summary>
    public static DicomTag RTROIIdentificationCodeSequence => new(0x3006, 0x0086);

    /// <summary>(3006,0088) ROI Observation Description, ST 1</summary>
    public static DicomTag ROIObservationDescription => new(0x3006, 0x0088);

    /// <summary>(3006,00A0) Related RT ROI Observations Sequence, SQ 1</summary>
    public static DicomTag RelatedRTROIObservationsSequence => new(0x3006, 0x00A0);

    /// <summary>(3006,00A4) RT ROI Interpreted Type, CS 1</summary>
    public static DicomTag RTROIInterpretedType => new(0x3006, 0x00A4);

    /// <summary>(3006,00A6) ROI Interpreter, PN 1</summary>
    public static DicomTag ROIInterpreter => new(0x3006, 0x00A6);

    /// <summary>(3006,00B0) ROI Physical Properties Sequence, SQ 1</summary>
    public static DicomTag ROIPhysicalPropertiesSequence => new(0x3006, 0x00B0);

    /// <summary>(3006,00B2) ROI Physical Property, CS 1</summary>
    public static DicomTag ROIPhysicalProperty => new(0x3006, 0x00B2);

    /// <summary>(3006,00B4) ROI Physical Property Value, DS 1</summary>
    public static DicomTag ROIPhysicalPropertyValue => new(0x3006, 0x00B4);

    /// <summary>(3006,00B6) ROI Elemental Composition Sequence, SQ 1</summary>
    public static DicomTag ROIElementalCompositionSequence => new(0x3006, 0x00B6);

    /// <summary>(3006,00B7) ROI Elemental Composition Atomic Number, US 1</summary>
    public static DicomTag ROIElementalCompositionAtomicNumber => new(0x3006, 0x00B7);

    /// <summary>(3006,00B8) ROI Elemental Composition Atomic Mass Fraction, FL 1</summary>
    public static DicomTag ROIElementalCompositionAtomicMassFraction => new(0x3006, 0x00B8);

    /// <summary>(3006,00B9) Additional RT ROI Identification Code Sequence, SQ 1, retired</summary>
    public static DicomTag AdditionalRTROIIdentificationCodeSequence => new(0x3006, 0x00B9);

    /// <summary>(3006,00C0) Frame of Reference Relationship Sequence, SQ 1, retired</summary>
    public static DicomTag FrameOfReferenceRelationshipSequence => new(0x3006, 0x00C0);

    /// <summary>(3006,00C2) Related Frame of Reference UID, UI 1, retired</summary>
    public static DicomTag RelatedFrameOfReferenceUID => new(0x3006, 0x00C2);

    /// <summary>(3006,00C4) Frame of Reference Transformation Type, CS 1, retired</summary>
    public static DicomTag FrameOfReferenceTransformationType => new(0x3006, 0x00C4);

    /// <summary>(3006,00C6) Frame of Reference Transformation Matrix, DS 16</summary>
    public static DicomTag FrameOfReferenceTransformationMatrix => new(0x3006, 0x00C6);

    /// <summary>(3006,00C8) Frame of Reference Transformation Comment, LO 1</summary>
    public static DicomTag FrameOfReferenceTransformationComment => new(0x3006, 0x00C8);

    /// <summary>(3006,00C9) Patient Location Coordinates Sequence, SQ 1</summary>
    public static DicomTag PatientLocationCoordinatesSequence => new(0x3006, 0x00C9);

    /// <summary>(3006,00CA) Patient Location Coordinates Code Sequence, SQ 1</summary>
    public static DicomTag PatientLocationCoordinatesCodeSequence => new(0x3006, 0x00CA);

    /// <summary>(3006,00CB) Patient Support Position Sequence, SQ 1</summary>
    public static DicomTag PatientSupportPositionSequence => new(0x3006, 0x00CB);

    /// <summary>(3008,0010) Measured Dose Reference Sequence, SQ 1</summary>
    public static DicomTag MeasuredDoseReferenceSequence => new(0x3008, 0x0010);

    /// <summary>(3008,0012) Measured Dose Description, ST 1</summary>
    public static DicomTag MeasuredDoseDescription => new(0x3008, 0x0012);

    /// <summary>(3008,0014) Measured Dose Type, CS 1</summary>
    public static DicomTag MeasuredDoseType => new(0x3008, 0x0014);

    /// <summary>(3008,0016) Measured Dose Value, DS 1</summary>
    public static DicomTag MeasuredDoseValue => new(0x3008, 0x0016);

    /// <summary>(3008,0020) Treatment Session Beam Sequence, SQ 1</summary>
    public static DicomTag TreatmentSessionBeamSequence => new(0x3008, 0x0020);

    /// <summary>(3008,0021) Treatment Session Ion Beam Sequence, SQ 1</summary>
    public static DicomTag TreatmentSessionIonBeamSequence => new(0x3008, 0x0021);

    /// <summary>(3008,0022) Current Fraction Number, IS 1</summary>
    public static DicomTag CurrentFractionNumber => new(0x3008, 0x0022);

    /// <summary>(3008,0024) Treatment Control Point Date, DA 1</summary>
    public static DicomTag TreatmentControlPointDate => new(0x3008, 0x0024);

    /// <summary>(3008,0025) Treatment Control Point Time, TM 1</summary>
    public static DicomTag TreatmentControlPointTime => new(0x3008, 0x0025);

    /// <summary>(3008,002A) Treatment Termination Status, CS 1</summary>
    public static DicomTag TreatmentTerminationStatus => new(0x3008, 0x002A);

    /// <summary>(3008,002B) Treatment Termination Code, SH 1</summary>
    public static DicomTag TreatmentTerminationCode => new(0x3008, 0x002B);

    /// <summary>(3008,002C) Treatment Verification Status, CS 1</summary>
    public static DicomTag TreatmentVerificationStatus => new(0x3008, 0x002C);

    /// <summary>(3008,0030) Referenced Treatment Record Sequence, SQ 1</summary>
    public static DicomTag ReferencedTreatmentRecordSequence => new(0x3008, 0x0030);

    /// <summary>(3008,0032) Specified Primary Meterset, DS 1</summary>
    public static DicomTag SpecifiedPrimaryMeterset => new(0x3008, 0x0032);

    /// <summary>(3008,0033) Specified Secondary Meterset, DS 1</summary>
    public static DicomTag SpecifiedSecondaryMeterset => new(0x3008, 0x0033);

    /// <summary>(3008,0036) Delivered Primary Meterset, DS 1</summary>
    public static DicomTag DeliveredPrimaryMeterset => new(0x3008, 0x0036);

    /// <summary>(3008,0037) Delivered Secondary Meterset, DS 1</summary>
    public static DicomTag DeliveredSecondaryMeterset => new(0x3008, 0x0037);

    /// <summary>(3008,003A) Specified Treatment Time, DS 1</summary>
    public static DicomTag SpecifiedTreatmentTime => new(0x3008, 0x003A);

    /// <summary>(3008,003B) Delivered Treatment Time, DS 1</summary>
    public static DicomTag DeliveredTreatmentTime => new(0x3008, 0x003B);

    /// <summary>(3008,0040) Control Point Delivery Sequence, SQ 1</summary>
    public static DicomTag ControlPointDeliverySequence => new(0x3008, 0x0040);

    /// <summary>(3008,0041) Ion Control Point Delivery Sequence, SQ 1</summary>
    public static DicomTag IonControlPointDeliverySequence => new(0x3008, 0x0041);

    /// <summary>(3008,0042) Specified Meterset, DS 1</summary>
    public static DicomTag SpecifiedMeterset => new(0x3008, 0x0042);

    /// <summary>(3008,0044) Delivered Meterset, DS 1</summary>
    public static DicomTag DeliveredMeterset => new(0x3008, 0x0044);

    /// <summary>(3008,0045) Meterset Rate Set, FL 1</summary>
    public static DicomTag MetersetRateSet => new(0x3008, 0x0045);

    /// <summary>(3008,0046) Meterset Rate Delivered, FL 1</summary>
    public static DicomTag MetersetRateDelivered => new(0x3008, 0x0046);

    /// <summary>(3008,0047) Scan Spot Metersets Delivered, FL 1-n</summary>
    public static DicomTag ScanSpotMetersetsDelivered => new(0x3008, 0x0047);

    /// <summary>(3008,0048) Dose Rate Delivered, DS 1</summary>
    public static DicomTag DoseRateDelivered => new(0x3008, 0x0048);

    /// <summary>(3008,0050) Treatment Summary Calculated Dose Reference Sequence, SQ 1</summary>
    public static DicomTag TreatmentSummaryCalculatedDoseReferenceSequence => new(0x3008, 0x0050);

    /// <summary>(3008,0052) Cumulative Dose to Dose Reference, DS 1</summary>
    public static DicomTag CumulativeDoseToDoseReference => new(0x3008, 0x0052);

    /// <summary>(3008,0054) First Treatment Date, DA 1</summary>
    public static DicomTag FirstTreatmentDate => new(0x3008, 0x0054);

    /// <summary>(3008,0056) Most Recent Treatment Date, DA 1</summary>
    public static DicomTag MostRecentTreatmentDate => new(0x3008, 0x0056);

    /// <summary>(3008,005A) Number of Fractions Delivered, IS 1</summary>
    public static DicomTag NumberOfFractionsDelivered => new(0x3008, 0x005A);

    /// <summary>(3008,0060) Override Sequence, SQ 1</summary>
    public static DicomTag OverrideSequence => new(0x3008, 0x0060);

    /// <summary>(3008,0061) Parameter Sequence Pointer, AT 1</summary>
    public static DicomTag ParameterSequencePointer => new(0x3008, 0x0061);

    /// <summary>(3008,0062) Override Parameter Pointer, AT 1</summary>
    public static DicomTag OverrideParameterPointer => new(0x3008, 0x0062);

    /// <summary>(3008,0063) Parameter Item Index, IS 1</summary>
    public static DicomTag ParameterItemIndex => new(0x3008, 0x0063);

    /// <summary>(3008,0064) Measured Dose Reference Number, IS 1</summary>
    public static DicomTag MeasuredDoseReferenceNumber => new(0x3008, 0x0064);

    /// <summary>(3008,0065) Parameter Pointer, AT 1</summary>
    public static DicomTag ParameterPointer => new(0x3008, 0x0065);

    /// <summary>(3008,0066) Override Reason, ST 1</summary>
    public static DicomTag OverrideReason => new(0x3008, 0x0066);

    /// <summary>(3008,0067) Parameter Value Number, US 1</summary>
    public static DicomTag ParameterValueNumber => new(0x3008, 0x0067);

    /// <summary>(3008,0068) Corrected Parameter Sequence, SQ 1</summary>
    public static DicomTag CorrectedParameterSequence => new(0x3008, 0x0068);

    /// <summary>(3008,006A) Correction Value, FL 1</summary>
    public static DicomTag CorrectionValue => new(0x3008, 0x006A);

    /// <summary>(3008,0070) Calculated Dose Reference Sequence, SQ 1</summary>
    public static DicomTag CalculatedDoseReferenceSequence => new(0x3008, 0x0070);

    /// <summary>(3008,0072) Calculated Dose Reference Number, IS 1</summary>
    public static DicomTag CalculatedDoseReferenceNumber => new(0x3008, 0x0072);

    /// <summary>(3008,0074) Calculated Dose Reference Description, ST 1</summary>
    public static DicomTag CalculatedDoseReferenceDescription => new(0x3008, 0x0074);

    /// <summary>(3008,0076) Calculated Dose Reference Dose Value, DS 1</summary>
    public static DicomTag CalculatedDoseReferenceDoseValue => new(0x3008, 0x0076);

    /// <summary>(3008,0078) Start Meterset, DS 1</summary>
    public static DicomTag StartMeterset => new(0x3008, 0x0078);

    /// <summary>(3008,007A) End Meterset, DS 1</summary>
    public static DicomTag EndMeterset => new(0x3008, 0x007A);

    /// <summary>(3008,0080) Referenced Measured Dose Reference Sequence, SQ 1</summary>
    public static DicomTag ReferencedMeasuredDoseReferenceSequence => new(0x3008, 0x0080);

    /// <summary>(3008,0082) Referenced Measured Dose Reference Number, IS 1</summary>
    public static DicomTag ReferencedMeasuredDoseReferenceNumber => new(0x3008, 0x0082);

    /// <summary>(3008,0090) Referenced Calculated Dose Reference Sequence, SQ 1</summary>
    public static DicomTag ReferencedCalculatedDoseReferenceSequence => new(0x3008, 0x0090);

    /// <summary>(3008,0092) Referenced Calculated Dose Reference Number, IS 1</summary>
    public static DicomTag ReferencedCalculatedDoseReferenceNumber => new(0x3008, 0x0092);

    /// <summary>(3008,00A0) Beam Limiting Device Leaf Pairs Sequence, SQ 1</summary>
    public static DicomTag BeamLimitingDeviceLeafPairsSequence => new(0x3008, 0x00A0);

    /// <summary>(3008,00B0) Recorded Wedge Sequence, SQ 1</summary>
    public static DicomTag RecordedWedgeSequence => new(0x3008, 0x00B0);

    /// <summary>(3008,00C0) Recorded Compensator Sequence, SQ 1</summary>
    public static DicomTag RecordedCompensatorSequence => new(0x3008, 0x00C0);

    /// <summary>(3008,00D0) Recorded Block Sequence, SQ 1</summary>
    public static DicomTag RecordedBlockSequence => new(0x3008, 0x00D0);

    /// <summary>(3008,00D1) Recorded Block Slab Sequence, SQ 1</summary>
    public static DicomTag RecordedBlockSlabSequence => new(0x3008, 0x00D1);

    /// <summary>(3008,00E0) Treatment Summary Measured Dose Reference Sequence, SQ 1</summary>
    public static DicomTag TreatmentSummaryMeasuredDoseReferenceSequence => new(0x3008, 0x00E0);

    /// <summary>(3008,00F0) Recorded Snout Sequence, SQ 1</summary>
    public static DicomTag RecordedSnoutSequence => new(0x3008, 0x00F0);

    /// <summary>(3008,00F2) Recorded Range Shifter Sequence, SQ 1</summary>
    public static DicomTag RecordedRangeShifterSequence => new(0x3008, 0x00F2);

    /// <summary>(3008,00F4) Recorded Lateral Spreading Device Sequence, SQ 1</summary>
    public static DicomTag RecordedLateralSpreadingDeviceSequence => new(0x3008, 0x00F4);

    /// <summary>(3008,00F6) Recorded Range Modulator Sequence, SQ 1</summary>
    public static DicomTag RecordedRangeModulatorSequence => new(0x3008, 0x00F6);

    /// <summary>(3008,0100) Recorded Source Sequence, SQ 1</summary>
    public static DicomTag RecordedSourceSequence => new(0x3008, 0x0100);

    /// <summary>(3008,0105) Source Serial Number, LO 1</summary>
    public static DicomTag SourceSerialNumber => new(0x3008, 0x0105);

    /// <summary>(3008,0110) Treatment Session Application Setup Sequence, SQ 1</summary>
    public static DicomTag TreatmentSessionApplicationSetupSequence => new(0x3008, 0x0110);

    /// <summary>(3008,0116) Application Setup Check, CS 1</summary>
    public static DicomTag ApplicationSetupCheck => new(0x3008, 0x0116);

    /// <summary>(3008,0120) Recorded Brachy Accessory Device Sequence, SQ 1</summary>
    public static DicomTag RecordedBrachyAccessoryDeviceSequence => new(0x3008, 0x0120);

    /// <summary>(3008,0122) Referenced Brachy Accessory Device Number, IS 1</summary>
    public static DicomTag ReferencedBrachyAccessoryDeviceNumber => new(0x3008, 0x0122);

    /// <summary>(3008,0130) Recorded Channel Sequence, SQ 1</summary>
    public static DicomTag RecordedChannelSequence => new(0x3008, 0x0130);

    /// <summary>(3008,0132) Specified Channel Total Time, DS 1</summary>
    public static DicomTag SpecifiedChannelTotalTime => new(0x3008, 0x0132);

    /// <summary>(3008,0134) Delivered Channel Total Time, DS 1</summary>
    public static DicomTag DeliveredChannelTotalTime => new(0x3008, 0x0134);

    /// <summary>(3008,0136) Specified Number of Pulses, IS 1</summary>
    public static DicomTag SpecifiedNumberOfPulses => new(0x3008, 0x0136);

    /// <summary>(3008,0138) Delivered Number of Pulses, IS 1</summary>
    public static DicomTag DeliveredNumberOfPulses => new(0x3008, 0x0138);

    /// <summary>(3008,013A) Specified Pulse Repetition Interval, DS 1</summary>
    public static DicomTag SpecifiedPulseRepetitionInterval => new(0x3008, 0x013A);

    /// <summary>(3008,013C) Delivered Pulse Repetition Interval, DS 1</summary>
    public static DicomTag DeliveredPulseRepetitionInterval => new(0x3008, 0x013C);

    /// <summary>(3008,0140) Recorded Source Applicator Sequence, SQ 1</summary>
    public static DicomTag RecordedSourceApplicatorSequence => new(0x3008, 0x0140);

    /// <summary>(3008,0142) Referenced Source Applicator Number, IS 1</summary>
    public static DicomTag ReferencedSourceApplicatorNumber => new(0x3008, 0x0142);

    /// <summary>(3008,0150) Recorded Channel Shield Sequence, SQ 1</summary>
    public static DicomTag RecordedChannelShieldSequence => new(0x3008, 0x0150);

    /// <summary>(3008,0152) Referenced Channel Shield Number, IS 1</summary>
    public static DicomTag ReferencedChannelShieldNumber => new(0x3008, 0x0152);

    /// <summary>(3008,0160) Brachy Control Point Delivered Sequence, SQ 1</summary>
    public static DicomTag BrachyControlPointDeliveredSequence => new(0x3008, 0x0160);

    /// <summary>(3008,0162) Safe Position Exit Date, DA 1</summary>
    public static DicomTag SafePositionExitDate => new(0x3008, 0x0162);

    /// <summary>(3008,0164) Safe Position Exit Time, TM 1</summary>
    public static DicomTag SafePositionExitTime => new(0x3008, 0x0164);

    /// <summary>(3008,0166) Safe Position Return Date, DA 1</summary>
    public static DicomTag SafePositionReturnDate => new(0x3008, 0x0166);

    /// <summary>(3008,0168) Safe Position Return Time, TM 1</summary>
    public static DicomTag SafePositionReturnTime => new(0x3008, 0x0168);

    /// <summary>(3008,0171) Pulse Specific Brachy Control Point Delivered Sequence, SQ 1</summary>
    public static DicomTag PulseSpecificBrachyControlPointDeliveredSequence => new(0x3008, 0x0171);

    /// <summary>(3008,0172) Pulse Number, US 1</summary>
    public static DicomTag PulseNumber => new(0x3008, 0x0172);

    /// <summary>(3008,0173) Brachy Pulse Control Point Delivered Sequence, SQ 1</summary>
    public static DicomTag BrachyPulseControlPointDeliveredSequence => new(0x3008, 0x0173);

    /// <summary>(3008,0200) Current Treatment Status, CS 1</summary>
    public static DicomTag CurrentTreatmentStatus => new(0x3008, 0x0200);

    /// <summary>(3008,0202) Treatment Status Comment, ST 1</summary>
    public static DicomTag TreatmentStatusComment => new(0x3008, 0x0202);

    /// <summary>(3008,0220) Fraction Group Summary Sequence, SQ 1</summary>
    public static DicomTag FractionGroupSummarySequence => new(0x3008, 0x0220);

    /// <summary>(3008,0223) Referenced Fraction Number, IS 1</summary>
    public static DicomTag ReferencedFractionNumber => new(0x3008, 0x0223);

    /// <summary>(3008,0224) Fraction Group Type, CS 1</summary>
    public static DicomTag FractionGroupType => new(0x3008, 0x0224);

    /// <summary>(3008,0230) Beam Stopper Position, CS 1</summary>
    public static DicomTag BeamStopperPosition => new(0x3008, 0x0230);

    /// <summary>(3008,0240) Fraction Status Summary Sequence, SQ 1</summary>
    public static DicomTag FractionStatusSummarySequence => new(0x3008, 0x0240);

    /// <summary>(3008,0250) Treatment Date, DA 1</summary>
    public static DicomTag TreatmentDate => new(0x3008, 0x0250);

    /// <summary>(3008,0251) Treatment Time, TM 1</summary>
    public static DicomTag TreatmentTime => new(0x3008, 0x0251);

    /// <summary>(300A,0002) RT Plan Label, SH 1</summary>
    public static DicomTag RTPlanLabel => new(0x300A, 0x0002);

    /// <summary>(300A,0003) RT Plan Name, LO 1</summary>
    public static DicomTag RTPlanName => new(0x300A, 0x0003);

    /// <summary>(300A,0004) RT Plan Description, ST 1</summary>
    public static DicomTag RTPlanDescription => new(0x300A, 0x0004);

    /// <summary>(300A,0006) RT Plan Date, DA 1</summary>
    public static DicomTag RTPlanDate => new(0x300A, 0x0006);

    /// <summary>(300A,0007) RT Plan Time, TM 1</summary>
    public static DicomTag RTPlanTime => new(0x300A, 0x0007);

    /// <summary>(300A,0009) Treatment Protocols, LO 1-n</summary>
    public static DicomTag TreatmentProtocols => new(0x300A, 0x0009);

    /// <summary>(300A,000A) Plan Intent, CS 1</summary>
    public static DicomTag PlanIntent => new(0x300A, 0x000A);

    /// <summary>(300A,000B) Treatment Sites, LO 1-n, retired</summary>
    public static DicomTag TreatmentSites => new(0x300A, 0x000B);

    /// <summary>(300A,000C) RT Plan Geometry, CS 1</summary>
    public static DicomTag RTPlanGeometry => new(0x300A, 0x000C);

    /// <summary>(300A,000E) Prescription Description, ST 1</summary>
    public static DicomTag PrescriptionDescription => new(0x300A, 0x000E);

    /// <summary>(300A,0010) Dose Reference Sequence, SQ 1</summary>
    public static DicomTag DoseReferenceSequence => new(0x300A, 0x0010);

    /// <summary>(300A,0012) Dose Reference Number, IS 1</summary>
    public static DicomTag DoseReferenceNumber => new(0x300A, 0x0012);

    /// <summary>(300A,0013) Dose Reference UID, UI 1</summary>
    public static DicomTag DoseReferenceUID => new(0x300A, 0x0013);

    /// <summary>(300A,0014) Dose Reference Structure Type, CS 1</summary>
    public static DicomTag DoseReferenceStructureType => new(0x300A, 0x0014);

    /// <summary>(300A,0015) Nominal Beam Energy Unit, CS 1</summary>
    public static DicomTag NominalBeamEnergyUnit => new(0x300A, 0x0015);

    /// <summary>(300A,0016) Dose Reference Description, LO 1</summary>
    public static DicomTag DoseReferenceDescription => new(0x300A, 0x0016);

    /// <summary>(300A,0018) Dose Reference Point Coordinates, DS 3</summary>
    public static DicomTag DoseReferencePointCoordinates => new(0x300A, 0x0018);

    /// <summary>(300A,001A) Nominal Prior Dose, DS 1</summary>
    public static DicomTag NominalPriorDose => new(0x300A, 0x001A);

    /// <summary>(300A,0020) Dose Reference Type, CS 1</summary>
    public static DicomTag DoseReferenceType => new(0x300A, 0x0020);

    /// <summary>(300A,0021) Constraint Weight, DS 1</summary>
    public static DicomTag ConstraintWeight => new(0x300A, 0x0021);

    /// <summary>(300A,0022) Delivery Warning Dose, DS 1</summary>
    public static DicomTag DeliveryWarningDose => new(0x300A, 0x0022);

    /// <summary>(300A,0023) Delivery Maximum Dose, DS 1</summary>
    public static DicomTag DeliveryMaximumDose => new(0x300A, 0x0023);

    /// <summary>(300A,0025) Target Minimum Dose, DS 1</summary>
    public static DicomTag TargetMinimumDose => new(0x300A, 0x0025);

    /// <summary>(300A,0026) Target Prescription Dose, DS 1</summary>
    public static DicomTag TargetPrescriptionDose => new(0x300A, 0x0026);

    /// <summary>(300A,0027) Target Maximum Dose, DS 1</summary>
    public static DicomTag TargetMaximumDose => new(0x300A, 0x0027);

    /// <summary>(300A,0028) Target Underdose Volume Fraction, DS 1</summary>
    public static DicomTag TargetUnderdoseVolumeFraction => new(0x300A, 0x0028);

    /// <summary>(300A,002A) Organ at Risk Full-volume Dose, DS 1</summary>
    public static DicomTag OrganAtRiskFullVolumeDose => new(0x300A, 0x002A);

    /// <summary>(300A,002B) Organ at Risk Limit Dose, DS 1</summary>
    public static DicomTag OrganAtRiskLimitDose => new(0x300A, 0x002B);

    /// <summary>(300A,002C) Organ at Risk Maximum Dose, DS 1</summary>
    public static DicomTag OrganAtRiskMaximumDose => new(0x300A, 0x002C);

    /// <summary>(300A,002D) Organ at Risk Overdose Volume Fraction, DS 1</summary>
    public static DicomTag OrganAtRiskOverdoseVolumeFraction => new(0x300A, 0x002D);

    /// <summary>(300A,0040) Tolerance Table Sequence, SQ 1</summary>
    public static DicomTag ToleranceTableSequence => new(0x300A, 0x0040);

    /// <summary>(300A,0042) Tolerance Table Number, IS 1</summary>
    public static DicomTag ToleranceTableNumber => new(0x300A, 0x0042);

    /// <summary>(300A,0043) Tolerance Table Label, SH 1</summary>
    public static DicomTag ToleranceTableLabel => new(0x300A, 0x0043);

    /// <summary>(300A,0044) Gantry Angle Tolerance, DS 1</summary>
    public static DicomTag GantryAngleTolerance => new(0x300A, 0x0044);

    /// <summary>(300A,0046) Beam Limiting Device Angle Tolerance, DS 1</summary>
    public static DicomTag BeamLimitingDeviceAngleTolerance => new(0x300A, 0x0046);

    /// <summary>(300A,0048) Beam Limiting Device Tolerance Sequence, SQ 1</summary>
    public static DicomTag BeamLimitingDeviceToleranceSequence => new(0x300A, 0x0048);

    /// <summary>(300A,004A) Beam Limiting Device Position Tolerance, DS 1</summary>
    public static DicomTag BeamLimitingDevicePositionTolerance => new(0x300A, 0x004A);

    /// <summary>(300A,004B) Snout Position Tolerance, FL 1</summary>
    public static DicomTag SnoutPositionTolerance => new(0x300A, 0x004B);

    /// <summary>(300A,004C) Patient Support Angle Tolerance, DS 1</summary>
    public static DicomTag PatientSupportAngleTolerance => new(0x300A, 0x004C);

    /// <summary>(300A,004E) Table Top Eccentric Angle Tolerance, DS 1</summary>
    public static DicomTag TableTopEccentricAngleTolerance => new(0x300A, 0x004E);

    /// <summary>(300A,004F) Table Top Pitch Angle Tolerance, FL 1</summary>
    public static DicomTag TableTopPitchAngleTolerance => new(0x300A, 0x004F);

    /// <summary>(300A,0050) Table Top Roll Angle Tolerance, FL 1</summary>
    public static DicomTag TableTopRollAngleTolerance => new(0x300A, 0x0050);

    /// <summary>(300A,0051) Table Top Vertical Position Tolerance, DS 1</summary>
    public static DicomTag TableTopVerticalPositionTolerance => new(0x300A, 0x0051);

    /// <summary>(300A,0052) Table Top Longitudinal Position Tolerance, DS 1</summary>
    public static DicomTag TableTopLongitudinalPositionTolerance => new(0x300A, 0x0052);

    /// <summary>(300A,0053) Table Top Lateral Position Tolerance, DS 1</summary>
    public static DicomTag TableTopLateralPositionTolerance => new(0x300A, 0x0053);

    /// <summary>(300A,0055) RT Plan Relationship, CS 1</summary>
    public static DicomTag RTPlanRelationship => new(0x300A, 0x0055);

    /// <summary>(300A,0070) Fraction Group Sequence, SQ 1</summary>
    public static DicomTag FractionGroupSequence => new(0x300A, 0x0070);

    /// <summary>(300A,0071) Fraction Group Number, IS 1</summary>
    public static DicomTag FractionGroupNumber => new(0x300A, 0x0071);

    /// <summary>(300A,0072) Fraction Group Description, LO 1</summary>
    public static DicomTag FractionGroupDescription => new(0x300A, 0x0072);

    /// <summary>(300A,0078) Number of Fractions Planned, IS 1</summary>
    public static DicomTag NumberOfFractionsPlanned => new(0x300A, 0x0078);

    /// <summary>(300A,0079) Number of Fraction Pattern Digits Per Day, IS 1</summary>
    public static DicomTag NumberOfFractionPatternDigitsPerDay => new(0x300A, 0x0079);

    /// <summary>(300A,007A) Repeat Fraction Cycle Length, IS 1</summary>
    public static DicomTag RepeatFractionCycleLength => new(0x300A, 0x007A);

    /// <summary>(300A,007B) Fraction Pattern, LT 1</summary>
    public static DicomTag FractionPattern => new(0x300A, 0x007B);

    /// <summary>(300A,0080) Number of Beams, IS 1</summary>
    public static DicomTag NumberOfBeams => new(0x300A, 0x0080);

    /// <summary>(300A,0082) Beam Dose Specification Point, DS 3, retired</summary>
    public static DicomTag BeamDoseSpecificationPoint => new(0x300A, 0x0082);

    /// <summary>(300A,0083) Referenced Dose Reference UID, UI 1</summary>
    public static DicomTag ReferencedDoseReferenceUID => new(0x300A, 0x0083);

    /// <summary>(300A,0084) Beam Dose, DS 1</summary>
    public static DicomTag BeamDose => new(0x300A, 0x0084);

    /// <summary>(300A,0086) Beam Meterset, DS 1</summary>
    public static DicomTag BeamMeterset => new(0x300A, 0x0086);

    /// <summary>(300A,0088) Beam Dose Point Depth, FL 1</summary>
    public static DicomTag BeamDosePointDepth => new(0x300A, 0x0088);

    /// <summary>(300A,0089) Beam Dose Point Equivalent Depth, FL 1</summary>
    public static DicomTag BeamDosePointEquivalentDepth => new(0x300A, 0x0089);

    /// <summary>(300A,008A) Beam Dose Point SSD, FL 1</summary>
    public static DicomTag BeamDosePointSSD => new(0x300A, 0x008A);

    /// <summary>(300A,008B) Beam Dose Meaning, CS 1</summary>
    public static DicomTag BeamDoseMeaning => new(0x300A, 0x008B);

    /// <summary>(300A,008C) Beam Dose Verification Control Point Sequence, SQ 1</summary>
    public static DicomTag BeamDoseVerificationControlPointSequence => new(0x300A, 0x008C);

    /// <summary>(300A,008D) Average Beam Dose Point Depth, FL 1, retired</summary>
    public static DicomTag AverageBeamDosePointDepth => new(0x300A, 0x008D);

    /// <summary>(300A,008E) Average Beam Dose Point Equivalent Depth, FL 1, retired</summary>
    public static DicomTag AverageBeamDosePointEquivalentDepth => new(0x300A, 0x008E);

    /// <summary>(300A,008F) Average Beam Dose Point SSD, FL 1, retired</summary>
    public static DicomTag AverageBeamDosePointSSD => new(0x300A, 0x008F);

    /// <summary>(300A,0090) Beam Dose Type, CS 1</summary>
    public static DicomTag BeamDoseType => new(0x300A, 0x0090);

    /// <summary>(300A,0091) Alternate Beam Dose, DS 1</summary>
    public static DicomTag AlternateBeamDose => new(0x300A, 0x0091);

    /// <summary>(300A,0092) Alternate Beam Dose Type, CS 1</summary>
    public static DicomTag AlternateBeamDoseType => new(0x300A, 0x0092);

    /// <summary>(300A,0093) Depth Value Averaging Flag, CS 1</summary>
    public static DicomTag DepthValueAveragingFlag => new(0x300A, 0x0093);

    /// <summary>(300A,0094) Beam Dose Point Source to External Contour Distance, DS 1</summary>
    public static DicomTag BeamDosePointSourceToExternalContourDistance => new(0x300A, 0x0094);

    /// <summary>(300A,00A0) Number of Brachy Application Setups, IS 1</summary>
    public static DicomTag NumberOfBrachyApplicationSetups => new(0x300A, 0x00A0);

    /// <summary>(300A,00A2) Brachy Application Setup Dose Specification Point, DS 3</summary>
    public static DicomTag BrachyApplicationSetupDoseSpecificationPoint => new(0x300A, 0x00A2);

    /// <summary>(300A,00A4) Brachy Application Setup Dose, DS 1</summary>
    public static DicomTag BrachyApplicationSetupDose => new(0x300A, 0x00A4);

    /// <summary>(300A,00B0) Beam Sequence, SQ 1</summary>
    public static DicomTag BeamSequence => new(0x300A, 0x00B0);

    /// <summary>(300A,00B2) Treatment Machine Name, SH 1</summary>
    public static DicomTag TreatmentMachineName => new(0x300A, 0x00B2);

    /// <summary>(300A,00B3) Primary Dosimeter Unit, CS 1</summary>
    public static DicomTag PrimaryDosimeterUnit => new(0x300A, 0x00B3);

    /// <summary>(300A,00B4) Source-Axis Distance, DS 1</summary>
    public static DicomTag SourceAxisDistance => new(0x300A, 0x00B4);

    /// <summary>(300A,00B6) Beam Limiting Device Sequence, SQ 1</summary>
    public static DicomTag BeamLimitingDeviceSequence => new(0x300A, 0x00B6);

    /// <summary>(300A,00B8) RT Beam Limiting Device Type, CS 1</summary>
    public static DicomTag RTBeamLimitingDeviceType => new(0x300A, 0x00B8);

    /// <summary>(300A,00BA) Source to Beam Limiting Device Distance, DS 1</summary>
    public static DicomTag SourceToBeamLimitingDeviceDistance => new(0x300A, 0x00BA);

    /// <summary>(300A,00BB) Isocenter to Beam Limiting Device Distance, FL 1</summary>
    public static DicomTag IsocenterToBeamLimitingDeviceDistance => new(0x300A, 0x00BB);

    /// <summary>(300A,00BC) Number of Leaf/Jaw Pairs, IS 1</summary>
    public static DicomTag NumberOfLeafJawPairs => new(0x300A, 0x00BC);

    /// <summary>(300A,00BE) Leaf Position Boundaries, DS 3-n</summary>
    public static DicomTag LeafPositionBoundaries => new(0x300A, 0x00BE);

    /// <summary>(300A,00C0) Beam Number, IS 1</summary>
    public static DicomTag BeamNumber => new(0x300A, 0x00C0);

    /// <summary>(300A,00C2) Beam Name, LO 1</summary>
    public static DicomTag BeamName => new(0x300A, 0x00C2);

    /// <summary>(300A,00C3) Beam Description, ST 1</summary>
    public static DicomTag BeamDescription => new(0x300A, 0x00C3);

    /// <summary>(300A,00C4) Beam Type, CS 1</summary>
    public static DicomTag BeamType => new(0x300A, 0x00C4);

    /// <summary>(300A,00C5) Beam Delivery Duration Limit, FD 1</summary>
    public static DicomTag BeamDeliveryDurationLimit => new(0x300A, 0x00C5);

    /// <summary>(300A,00C6) Radiation Type, CS 1</summary>
    public static DicomTag RadiationType => new(0x300A, 0x00C6);

    /// <summary>(300A,00C7) High-Dose Technique Type, CS 1</summary>
    public static DicomTag HighDoseTechniqueType => new(0x300A, 0x00C7);

    /// <summary>(300A,00C8) Reference Image Number, IS 1</summary>
    public static DicomTag ReferenceImageNumber => new(0x300A, 0x00C8);

    /// <summary>(300A,00CA) Planned Verification Image Sequence, SQ 1</summary>
    public static DicomTag PlannedVerificationImageSequence => new(0x300A, 0x00CA);

    /// <summary>(300A,00CC) Imaging Device-Specific Acquisition Parameters, LO 1-n</summary>
    public static DicomTag ImagingDeviceSpecificAcquisitionParameters => new(0x300A, 0x00CC);

    /// <summary>(300A,00CE) Treatment Delivery Type, CS 1</summary>
    public static DicomTag TreatmentDeliveryType => new(0x300A, 0x00CE);

    /// <summary>(300A,00D0) Number of Wedges, IS 1</summary>
    public static DicomTag NumberOfWedges => new(0x300A, 0x00D0);

    /// <summary>(300A,00D1) Wedge Sequence, SQ 1</summary>
    public static DicomTag WedgeSequence => new(0x300A, 0x00D1);

    /// <summary>(300A,00D2) Wedge Number, IS 1</summary>
    public static DicomTag WedgeNumber => new(0x300A, 0x00D2);

    /// <summary>(300A,00D3) Wedge Type, CS 1</summary>
    public static DicomTag WedgeType => new(0x300A, 0x00D3);

    /// <summary>(300A,00D4) Wedge ID, SH 1</summary>
    public static DicomTag WedgeID => new(0x300A, 0x00D4);

    /// <summary>(300A,00D5) Wedge Angle, IS 1</summary>
    public static DicomTag WedgeAngle => new(0x300A, 0x00D5);

    /// <summary>(300A,00D6) Wedge Factor, DS 1</summary>
    public static DicomTag WedgeFactor => new(0x300A, 0x00D6);

    /// <summary>(300A,00D7) Total Wedge Tray Water-Equivalent Thickness, FL 1</summary>
    public static DicomTag TotalWedgeTrayWaterEquivalentThickness => new(0x300A, 0x00D7);

    /// <summary>(300A,00D8) Wedge Orientation, DS 1</summary>
    public static DicomTag WedgeOrientation => new(0x300A, 0x00D8);

    /// <summary>(300A,00D9) Isocenter to Wedge Tray Distance, FL 1</summary>
    public static DicomTag IsocenterToWedgeTrayDistance => new(0x300A, 0x00D9);

    /// <summary>(300A,00DA) Source to Wedge Tray Distance, DS 1</summary>
    public static DicomTag SourceToWedgeTrayDistance => new(0x300A, 0x00DA);

    /// <summary>(300A,00DB) Wedge Thin Edge Position, FL 1</summary>
    public static DicomTag WedgeThinEdgePosition => new(0x300A, 0x00DB);

    /// <summary>(300A,00DC) Bolus ID, SH 1</summary>
    public static DicomTag BolusID => new(0x300A, 0x00DC);

    /// <summary>(300A,00DD) Bolus Description, ST 1</summary>
    public static DicomTag BolusDescription => new(0x300A, 0x00DD);

    /// <summary>(300A,00DE) Effective Wedge Angle, DS 1</summary>
    public static DicomTag EffectiveWedgeAngle => new(0x300A, 0x00DE);

    /// <summary>(300A,00E0) Number of Compensators, IS 1</summary>
    public static DicomTag NumberOfCompensators => new(0x300A, 0x00E0);

    /// <summary>(300A,00E1) Material ID, SH 1</summary>
    public static DicomTag MaterialID => new(0x300A, 0x00E1);

    /// <summary>(300A,00E2) Total Compensator Tray Factor, DS 1</summary>
    public static DicomTag TotalCompensatorTrayFactor => new(0x300A, 0x00E2);

    /// <summary>(300A,00E3) Compensator Sequence, SQ 1</summary>
    public static DicomTag CompensatorSequence => new(0x300A, 0x00E3);

    /// <summary>(300A,00E4) Compensator Number, IS 1</summary>
    public static DicomTag CompensatorNumber => new(0x300A, 0x00E4);

    /// <summary>(300A,00E5) Compensator ID, SH 1</summary>
    public static DicomTag CompensatorID => new(0x300A, 0x00E5);

    /// <summary>(300A,00E6) Source to Compensator Tray Distance, DS 1</summary>
    public static DicomTag SourceToCompensatorTrayDistance => new(0x300A, 0x00E6);

    /// <summary>(300A,00E7) Compensator Rows, IS 1</summary>
    public static DicomTag CompensatorRows => new(0x300A, 0x00E7);

    /// <summary>(300A,00E8) Compensator Columns, IS 1</summary>
    public static DicomTag CompensatorColumns => new(0x300A, 0x00E8);

    /// <summary>(300A,00E9) Compensator Pixel Spacing, DS 2</summary>
    public static DicomTag CompensatorPixelSpacing => new(0x300A, 0x00E9);

    /// <summary>(300A,00EA) Compensator Position, DS 2</summary>
    public static DicomTag CompensatorPosition => new(0x300A, 0x00EA);

    /// <summary>(300A,00EB) Compensator Transmission Data, DS 1-n</summary>
    public static DicomTag CompensatorTransmissionData => new(0x300A, 0x00EB);

    /// <summary>(300A,00EC) Compensator Thickness Data, DS 1-n</summary>
    public static DicomTag CompensatorThicknessData => new(0x300A, 0x00EC);

    /// <summary>(300A,00ED) Number of Boli, IS 1</summary>
    public static DicomTag NumberOfBoli => new(0x300A, 0x00ED);

    /// <summary>(300A,00EE) Compensator Type, CS 1</summary>
    public static DicomTag CompensatorType => new(0x300A, 0x00EE);

    /// <summary>(300A,00EF) Compensator Tray ID, SH 1</summary>
    public static DicomTag CompensatorTrayID => new(0x300A, 0x00EF);

    /// <summary>(300A,00F0) Number of Blocks, IS 1</summary>
    public static DicomTag NumberOfBlocks => new(0x300A, 0x00F0);

    /// <summary>(300A,00F2) Total Block Tray Factor, DS 1</summary>
    public static DicomTag TotalBlockTrayFactor => new(0x300A, 0x00F2);

    /// <summary>(300A,00F3) Total Block Tray Water-Equivalent Thickness, FL 1</summary>
    public static DicomTag TotalBlockTrayWaterEquivalentThickness => new(0x300A, 0x00F3);

    /// <summary>(300A,00F4) Block Sequence, SQ 1</summary>
    public static DicomTag BlockSequence => new(0x300A, 0x00F4);

    /// <summary>(300A,00F5) Block Tray ID, SH 1</summary>
    public static DicomTag BlockTrayID => new(0x300A, 0x00F5);

    /// <summary>(300A,00F6) Source to Block Tray Distance, DS 1</summary>
    public static DicomTag SourceToBlockTrayDistance => new(0x300A, 0x00F6);

    /// <summary>(300A,00F7) Isocenter to Block Tray Distance, FL 1</summary>
    public static DicomTag IsocenterToBlockTrayDistance => new(0x300A, 0x00F7);

    /// <summary>(300A,00F8) Block Type, CS 1</summary>
    public static DicomTag BlockType => new(0x300A, 0x00F8);

    /// <summary>(300A,00F9) Accessory Code, LO 1</summary>
    public static DicomTag AccessoryCode => new(0x300A, 0x00F9);

    /// <summary>(300A,00FA) Block Divergence, CS 1</summary>
    public static DicomTag BlockDivergence => new(0x300A, 0x00FA);

    /// <summary>(300A,00FB) Block Mounting Position, CS 1</summary>
    public static DicomTag BlockMountingPosition => new(0x300A, 0x00FB);

    /// <summary>(300A,00FC) Block Number, IS 1</summary>
    public static DicomTag BlockNumber => new(0x300A, 0x00FC);

    /// <summary>(300A,00FE) Block Name, LO 1</summary>
    public static DicomTag BlockName => new(0x300A, 0x00FE);

    /// <summary>(300A,0100) Block Thickness, DS 1</summary>
    public static DicomTag BlockThickness => new(0x300A, 0x0100);

    /// <summary>(300A,0102) Block Transmission, DS 1</summary>
    public static DicomTag BlockTransmission => new(0x300A, 0x0102);

    /// <summary>(300A,0104) Block Number of Points, IS 1</summary>
    public static DicomTag BlockNumberOfPoints => new(0x300A, 0x0104);

    /// <summary>(300A,0106) Block Data, DS 2-2n</summary>
    public static DicomTag BlockData => new(0x300A, 0x0106);

    /// <summary>(300A,0107) Applicator Sequence, SQ 1</summary>
    public static DicomTag ApplicatorSequence => new(0x300A, 0x0107);

    /// <summary>(300A,0108) Applicator ID, SH 1</summary>
    public static DicomTag ApplicatorID => new(0x300A, 0x0108);

    /// <summary>(300A,0109) Applicator Type, CS 1</summary>
    public static DicomTag ApplicatorType => new(0x300A, 0x0109);

    /// <summary>(300A,010A) Applicator Description, LO 1</summary>
    public static DicomTag ApplicatorDescription => new(0x300A, 0x010A);

    /// <summary>(300A,010C) Cumulative Dose Reference Coefficient, DS 1</summary>
    public static DicomTag CumulativeDoseReferenceCoefficient => new(0x300A, 0x010C);

    /// <summary>(300A,010E) Final Cumulative Meterset Weight, DS 1</summary>
    public static DicomTag FinalCumulativeMetersetWeight => new(0x300A, 0x010E);

    /// <summary>(300A,0110) Number of Control Points, IS 1</summary>
    public static DicomTag NumberOfControlPoints => new(0x300A, 0x0110);

    /// <summary>(300A,0111) Control Point Sequence, SQ 1</summary>
    public static DicomTag ControlPointSequence => new(0x300A, 0x0111);

    /// <summary>(300A,0112) Control Point Index, IS 1</summary>
    public static DicomTag ControlPointIndex => new(0x300A, 0x0112);

    /// <summary>(300A,0114) Nominal Beam Energy, DS 1</summary>
    public static DicomTag NominalBeamEnergy => new(0x300A, 0x0114);

    /// <summary>(300A,0115) Dose Rate Set, DS 1</summary>
    public static DicomTag DoseRateSet => new(0x300A, 0x0115);

    /// <summary>(300A,0116) Wedge Position Sequence, SQ 1</summary>
    public static DicomTag WedgePositionSequence => new(0x300A, 0x0116);

    /// <summary>(300A,0118) Wedge Position, CS 1</summary>
    public static DicomTag WedgePosition => new(0x300A, 0x0118);

    /// <summary>(300A,011A) Beam Limiting Device Position Sequence, SQ 1</summary>
    public static DicomTag BeamLimitingDevicePositionSequence => new(0x300A, 0x011A);

    /// <summary>(300A,011C) Leaf/Jaw Positions, DS 2-2n</summary>
    public static DicomTag LeafJawPositions => new(0x300A, 0x011C);

    /// <summary>(300A,011E) Gantry Angle, DS 1</summary>
    public static DicomTag GantryAngle => new(0x300A, 0x011E);

    /// <summary>(300A,011F) Gantry Rotation Direction, CS 1</summary>
    public static DicomTag GantryRotationDirection => new(0x300A, 0x011F);

    /// <summary>(300A,0120) Beam Limiting Device Angle, DS 1</summary>
    public static DicomTag BeamLimitingDeviceAngle => new(0x300A, 0x0120);

    /// <summary>(300A,0121) Beam Limiting Device Rotation Direction, CS 1</summary>
    public static DicomTag BeamLimitingDeviceRotationDirection => new(0x300A, 0x0121);

    /// <summary>(300A,0122) Patient Support Angle, DS 1</summary>
    public static DicomTag PatientSupportAngle => new(0x300A, 0x0122);

    /// <summary>(300A,0123) Patient Support Rotation Direction, CS 1</summary>
    public static DicomTag PatientSupportRotationDirection => new(0x300A, 0x0123);

    /// <summary>(300A,0124) Table Top Eccentric Axis Distance, DS 1</summary>
    public static DicomTag TableTopEccentricAxisDistance => new(0x300A, 0x0124);

    /// <summary>(300A,0125) Table Top Eccentric Angle, DS 1</summary>
    public static DicomTag TableTopEccentricAngle => new(0x300A, 0x0125);

    /// <summary>(300A,0126) Table Top Eccentric Rotation Direction, CS 1</summary>
    public static DicomTag TableTopEccentricRotationDirection => new(0x300A, 0x0126);

    /// <summary>(300A,0128) Table Top Vertical Position, DS 1</summary>
    public static DicomTag TableTopVerticalPosition => new(0x300A, 0x0128);

    /// <summary>(300A,0129) Table Top Longitudinal Position, DS 1</summary>
    public static DicomTag TableTopLongitudinalPosition => new(0x300A, 0x0129);

    /// <summary>(300A,012A) Table Top Lateral Position, DS 1</summary>
    public static DicomTag TableTopLateralPosition => new(0x300A, 0x012A);

    /// <summary>(300A,012C) Isocenter Position, DS 3</summary>
    public static DicomTag IsocenterPosition => new(0x300A, 0x012C);

    /// <summary>(300A,012E) Surface Entry Point, DS 3</summary>
    public static DicomTag SurfaceEntryPoint => new(0x300A, 0x012E);

    /// <summary>(300A,0130) Source to Surface Distance, DS 1</summary>
    public static DicomTag SourceToSurfaceDistance => new(0x300A, 0x0130);

    /// <summary>(300A,0131) Average Beam Dose Point Source to External Contour Distance, FL 1</summary>
    public static DicomTag AverageBeamDosePointSourceToExternalContourDistance => new(0x300A, 0x0131);

    /// <summary>(300A,0132) Source to External Contour Distance, FL 1</summary>
    public static DicomTag SourceToExternalContourDistance => new(0x300A, 0x0132);

    /// <summary>(300A,0133) External Contour Entry Point, FL 3</summary>
    public static DicomTag ExternalContourEntryPoint => new(0x300A, 0x0133);

    /// <summary>(300A,0134) Cumulative Meterset Weight, DS 1</summary>
    public static DicomTag CumulativeMetersetWeight => new(0x300A, 0x0134);

    /// <summary>(300A,0140) Table Top Pitch Angle, FL 1</summary>
    public static DicomTag TableTopPitchAngle => new(0x300A, 0x0140);

    /// <summary>(300A,0142) Table Top Pitch Rotation Direction, CS 1</summary>
    public static DicomTag TableTopPitchRotationDirection => new(0x300A, 0x0142);

    /// <summary>(300A,0144) Table Top Roll Angle, FL 1</summary>
    public static DicomTag TableTopRollAngle => new(0x300A, 0x0144);

    /// <summary>(300A,0146) Table Top Roll Rotation Direction, CS 1</summary>
    public static DicomTag TableTopRollRotationDirection => new(0x300A, 0x0146);

    /// <summary>(300A,0148) Head Fixation Angle, FL 1</summary>
    public static DicomTag HeadFixationAngle => new(0x300A, 0x0148);

    /// <summary>(300A,014A) Gantry Pitch Angle, FL 1</summary>
    public static DicomTag GantryPitchAngle => new(0x300A, 0x014A);

    /// <summary>(300A,014C) Gantry Pitch Rotation Direction, CS 1</summary>
    public static DicomTag GantryPitchRotationDirection => new(0x300A, 0x014C);

    /// <summary>(300A,014E) Gantry Pitch Angle Tolerance, FL 1</summary>
    public static DicomTag GantryPitchAngleTolerance => new(0x300A, 0x014E);

    /// <summary>(300A,0150) Fixation Eye, CS 1</summary>
    public static DicomTag FixationEye => new(0x300A, 0x0150);

    /// <summary>(300A,0151) Chair Head Frame Position, DS 1</summary>
    public static DicomTag ChairHeadFramePosition => new(0x300A, 0x0151);

    /// <summary>(300A,0152) Head Fixation Angle Tolerance, DS 1</summary>
    public static DicomTag HeadFixationAngleTolerance => new(0x300A, 0x0152);

    /// <summary>(300A,0153) Chair Head Frame Position Tolerance, DS 1</summary>
    public static DicomTag ChairHeadFramePositionTolerance => new(0x300A, 0x0153);

    /// <summary>(300A,0154) Fixation Light Azimuthal Angle Tolerance, DS 1</summary>
    public static DicomTag FixationLightAzimuthalAngleTolerance => new(0x300A, 0x0154);

    /// <summary>(300A,0155) Fixation Light Polar Angle Tolerance, DS 1</summary>
    public static DicomTag FixationLightPolarAngleTolerance => new(0x300A, 0x0155);

    /// <summary>(300A,0180) Patient Setup Sequence, SQ 1</summary>
    public static DicomTag PatientSetupSequence => new(0x300A, 0x0180);

    /// <summary>(300A,0182) Patient Setup Number, IS 1</summary>
    public static DicomTag PatientSetupNumber => new(0x300A, 0x0182);

    /// <summary>(300A,0183) Patient Setup Label, LO 1</summary>
    public static DicomTag PatientSetupLabel => new(0x300A, 0x0183);

    /// <summary>(300A,0184) Patient Additional Position, LO 1</summary>
    public static DicomTag PatientAdditionalPosition => new(0x300A, 0x0184);

    /// <summary>(300A,0190) Fixation Device Sequence, SQ 1</summary>
    public static DicomTag FixationDeviceSequence => new(0x300A, 0x0190);

    /// <summary>(300A,0192) Fixation Device Type, CS 1</summary>
    public static DicomTag FixationDeviceType => new(0x300A, 0x0192);

    /// <summary>(300A,0194) Fixation Device Label, SH 1</summary>
    public static DicomTag FixationDeviceLabel => new(0x300A, 0x0194);

    /// <summary>(300A,0196) Fixation Device Description, ST 1</summary>
    public static DicomTag FixationDeviceDescription => new(0x300A, 0x0196);

    /// <summary>(300A,0198) Fixation Device Position, SH 1</summary>
    public static DicomTag FixationDevicePosition => new(0x300A, 0x0198);

    /// <summary>(300A,0199) Fixation Device Pitch Angle, FL 1</summary>
    public static DicomTag FixationDevicePitchAngle => new(0x300A, 0x0199);

    /// <summary>(300A,019A) Fixation Device Roll Angle, FL 1</summary>
    public static DicomTag FixationDeviceRollAngle => new(0x300A, 0x019A);

    /// <summary>(300A,01A0) Shielding Device Sequence, SQ 1</summary>
    public static DicomTag ShieldingDeviceSequence => new(0x300A, 0x01A0);

    /// <summary>(300A,01A2) Shielding Device Type, CS 1</summary>
    public static DicomTag ShieldingDeviceType => new(0x300A, 0x01A2);

    /// <summary>(300A,01A4) Shielding Device Label, SH 1</summary>
    public static DicomTag ShieldingDeviceLabel => new(0x300A, 0x01A4);

    /// <summary>(300A,01A6) Shielding Device Description, ST 1</summary>
    public static DicomTag ShieldingDeviceDescription => new(0x300A, 0x01A6);

    /// <summary>(300A,01A8) Shielding Device Position, SH 1</summary>
    public static DicomTag ShieldingDevicePosition => new(0x300A, 0x01A8);

    /// <summary>(300A,01B0) Setup Technique, CS 1</summary>
    public static DicomTag SetupTechnique => new(0x300A, 0x01B0);

    /// <summary>(300A,01B2) Setup Technique Description, ST 1</summary>
    public static DicomTag SetupTechniqueDescription => new(0x300A, 0x01B2);

    /// <summary>(300A,01B4) Setup Device Sequence, SQ 1</summary>
    public static DicomTag SetupDeviceSequence => new(0x300A, 0x01B4);

    /// <summary>(300A,01B6) Setup Device Type, CS 1</summary>
    public static DicomTag SetupDeviceType => new(0x300A, 0x01B6);

    /// <summary>(300A,01B8) Setup Device Label, SH 1</summary>
    public static DicomTag SetupDeviceLabel => new(0x300A, 0x01B8);

    /// <summary>(300A,01BA) Setup Device Description, ST 1</summary>
    public static DicomTag SetupDeviceDescription => new(0x300A, 0x01BA);

    /// <summary>(300A,01BC) Setup Device Parameter, DS 1</summary>
    public static DicomTag SetupDeviceParameter => new(0x300A, 0x01BC);

    /// <summary>(300A,01D0) Setup Reference Description, ST 1</summary>
    public static DicomTag SetupReferenceDescription => new(0x300A, 0x01D0);

    /// <summary>(300A,01D2) Table Top Vertical Setup Displacement, DS 1</summary>
    public static DicomTag TableTopVerticalSetupDisplacement => new(0x300A, 0x01D2);

    /// <summary>(300A,01D4) Table Top Longitudinal Setup Displacement, DS 1</summary>
    public static DicomTag TableTopLongitudinalSetupDisplacement => new(0x300A, 0x01D4);

    /// <summary>(300A,01D6) Table Top Lateral Setup Displacement, DS 1</summary>
    public static DicomTag TableTopLateralSetupDisplacement => new(0x300A, 0x01D6);

    /// <summary>(300A,0200) Brachy Treatment Technique, CS 1</summary>
    public static DicomTag BrachyTreatmentTechnique => new(0x300A, 0x0200);

    /// <summary>(300A,0202) Brachy Treatment Type, CS 1</summary>
    public static DicomTag BrachyTreatmentType => new(0x300A, 0x0202);

    /// <summary>(300A,0206) Treatment Machine Sequence, SQ 1</summary>
    public static DicomTag TreatmentMachineSequence => new(0x300A, 0x0206);

    /// <summary>(300A,0210) Source Sequence, SQ 1</summary>
    public static DicomTag SourceSequence => new(0x300A, 0x0210);

    /// <summary>(300A,0212) Source Number, IS 1</summary>
    public static DicomTag SourceNumber => new(0x300A, 0x0212);

    /// <summary>(300A,0214) Source Type, CS 1</summary>
    public static DicomTag SourceType => new(0x300A, 0x0214);

    /// <summary>(300A,0216) Source Manufacturer, LO 1</summary>
    public static DicomTag SourceManufacturer => new(0x300A, 0x0216);

    /// <summary>(300A,0218) Active Source Diameter, DS 1</summary>
    public static DicomTag ActiveSourceDiameter => new(0x300A, 0x0218);

    /// <summary>(300A,021A) Active Source Length, DS 1</summary>
    public static DicomTag ActiveSourceLength => new(0x300A, 0x021A);

    /// <summary>(300A,021B) Source Model ID, SH 1</summary>
    public static DicomTag SourceModelID => new(0x300A, 0x021B);

    /// <summary>(300A,021C) Source Description, LO 1</summary>
    public static DicomTag SourceDescription => new(0x300A, 0x021C);

    /// <summary>(300A,0222) Source Encapsulation Nominal Thickness, DS 1</summary>
    public static DicomTag SourceEncapsulationNominalThickness => new(0x300A, 0x0222);

    /// <summary>(300A,0224) Source Encapsulation Nominal Transmission, DS 1</summary>
    public static DicomTag SourceEncapsulationNominalTransmission => new(0x300A, 0x0224);

    /// <summary>(300A,0226) Source Isotope Name, LO 1</summary>
    public static DicomTag SourceIsotopeName => new(0x300A, 0x0226);

    /// <summary>(300A,0228) Source Isotope Half Life, DS 1</summary>
    public static DicomTag SourceIsotopeHalfLife => new(0x300A, 0x0228);

    /// <summary>(300A,0229) Source Strength Units, CS 1</summary>
    public static DicomTag SourceStrengthUnits => new(0x300A, 0x0229);

    /// <summary>(300A,022A) Reference Air Kerma Rate, DS 1</summary>
    public static DicomTag ReferenceAirKermaRate => new(0x300A, 0x022A);

    /// <summary>(300A,022B) Source Strength, DS 1</summary>
    public static DicomTag SourceStrength => new(0x300A, 0x022B);

    /// <summary>(300A,022C) Source Strength Reference Date, DA 1</summary>
    public static DicomTag SourceStrengthReferenceDate => new(0x300A, 0x022C);

    /// <summary>(300A,022E) Source Strength Reference Time, TM 1</summary>
    public static DicomTag SourceStrengthReferenceTime => new(0x300A, 0x022E);

    /// <summary>(300A,0230) Application Setup Sequence, SQ 1</summary>
    public static DicomTag ApplicationSetupSequence => new(0x300A, 0x0230);

    /// <summary>(300A,0232) Application Setup Type, CS 1</summary>
    public static DicomTag ApplicationSetupType => new(0x300A, 0x0232);

    /// <summary>(300A,0234) Application Setup Number, IS 1</summary>
    public static DicomTag ApplicationSetupNumber => new(0x300A, 0x0234);

    /// <summary>(300A,0236) Application Setup Name, LO 1</summary>
    public static DicomTag ApplicationSetupName => new(0x300A, 0x0236);

    /// <summary>(300A,0238) Application Setup Manufacturer, LO 1</summary>
    public static DicomTag ApplicationSetupManufacturer => new(0x300A, 0x0238);

    /// <summary>(300A,0240) Template Number, IS 1</summary>
    public static DicomTag TemplateNumber => new(0x300A, 0x0240);

    /// <summary>(300A,0242) Template Type, SH 1</summary>
    public static DicomTag TemplateType => new(0x300A, 0x0242);

    /// <summary>(300A,0244) Template Name, LO 1</summary>
    public static DicomTag TemplateName => new(0x300A, 0x0244);

    /// <summary>(300A,0250) Total Reference Air Kerma, DS 1</summary>
    public static DicomTag TotalReferenceAirKerma => new(0x300A, 0x0250);

    /// <summary>(300A,0260) Brachy Accessory Device Sequence, SQ 1</summary>
    public static DicomTag BrachyAccessoryDeviceSequence => new(0x300A, 0x0260);

    /// <summary>(300A,0262) Brachy Accessory Device Number, IS 1</summary>
    public static DicomTag BrachyAccessoryDeviceNumber => new(0x300A, 0x0262);

    /// <summary>(300A,0263) Brachy Accessory Device ID, SH 1</summary>
    public static DicomTag BrachyAccessoryDeviceID => new(0x300A, 0x0263);

    /// <summary>(300A,0264) Brachy Accessory Device Type, CS 1</summary>
    public static DicomTag BrachyAccessoryDeviceType => new(0x300A, 0x0264);

    /// <summary>(300A,0266) Brachy Accessory Device Name, LO 1</summary>
    public static DicomTag BrachyAccessoryDeviceName => new(0x300A, 0x0266);

    /// <summary>(300A,026A) Brachy Accessory Device Nominal Thickness, DS 1</summary>
    public static DicomTag BrachyAccessoryDeviceNominalThickness => new(0x300A, 0x026A);

    /// <summary>(300A,026C) Brachy Accessory Device Nominal Transmission, DS 1</summary>
    public static DicomTag BrachyAccessoryDeviceNominalTransmission => new(0x300A, 0x026C);

    /// <summary>(300A,0271) Channel Effective Length, DS 1</summary>
    public static DicomTag ChannelEffectiveLength => new(0x300A, 0x0271);

    /// <summary>(300A,0272) Channel Inner Length, DS 1</summary>
    public static DicomTag ChannelInnerLength => new(0x300A, 0x0272);

    /// <summary>(300A,0273) Afterloader Channel ID, SH 1</summary>
    public static DicomTag AfterloaderChannelID => new(0x300A, 0x0273);

    /// <summary>(300A,0274) Source Applicator Tip Length, DS 1</summary>
    public static DicomTag SourceApplicatorTipLength => new(0x300A, 0x0274);

    /// <summary>(300A,0280) Channel Sequence, SQ 1</summary>
    public static DicomTag ChannelSequence => new(0x300A, 0x0280);

    /// <summary>(300A,0282) Channel Number, IS 1</summary>
    public static DicomTag ChannelNumber => new(0x300A, 0x0282);

    /// <summary>(300A,0284) Channel Length, DS 1</summary>
    public static DicomTag ChannelLength => new(0x300A, 0x0284);

    /// <summary>(300A,0286) Channel Total Time, DS 1</summary>
    public static DicomTag ChannelTotalTime => new(0x300A, 0x0286);

    /// <summary>(300A,0288) Source Movement Type, CS 1</summary>
    public static DicomTag SourceMovementType => new(0x300A, 0x0288);

    /// <summary>(300A,028A) Number of Pulses, IS 1</summary>
    public static DicomTag NumberOfPulses => new(0x300A, 0x028A);

    /// <summary>(300A,028C) Pulse Repetition Interval, DS 1</summary>
    public static DicomTag PulseRepetitionInterval => new(0x300A, 0x028C);

    /// <summary>(300A,0290) Source Applicator Number, IS 1</summary>
    public static DicomTag SourceApplicatorNumber => new(0x300A, 0x0290);

    /// <summary>(300A,0291) Source Applicator ID, SH 1</summary>
    public static DicomTag SourceApplicatorID => new(0x300A, 0x0291);

    /// <summary>(300A,0292) Source Applicator Type, CS 1</summary>
    public static DicomTag SourceApplicatorType => new(0x300A, 0x0292);

    /// <summary>(300A,0294) Source Applicator Name, LO 1</summary>
    public static DicomTag SourceApplicatorName => new(0x300A, 0x0294);

    /// <summary>(300A,0296) Source Applicator Length, DS 1</summary>
    public static DicomTag SourceApplicatorLength => new(0x300A, 0x0296);

    /// <summary>(300A,0298) Source Applicator Manufacturer, LO 1</summary>
    public static DicomTag SourceApplicatorManufacturer => new(0x300A, 0x0298);

    /// <summary>(300A,029C) Source Applicator Wall Nominal Thickness, DS 1</summary>
    public static DicomTag SourceApplicatorWallNominalThickness => new(0x300A, 0x029C);

    /// <summary>(300A,029E) Source Applicator Wall Nominal Transmission, DS 1</summary>
    public static DicomTag SourceApplicatorWallNominalTransmission => new(0x300A, 0x029E);

    /// <summary>(300A,02A0) Source Applicator Step Size, DS 1</summary>
    public static DicomTag SourceApplicatorStepSize => new(0x300A, 0x02A0);

    /// <summary>(300A,02A1) Applicator Shape Referenced ROI Number, IS 1</summary>
    public static DicomTag ApplicatorShapeReferencedROINumber => new(0x300A, 0x02A1);

    /// <summary>(300A,02A2) Transfer Tube Number, IS 1</summary>
    public static DicomTag TransferTubeNumber => new(0x300A, 0x02A2);

    /// <summary>(300A,02A4) Transfer Tube Length, DS 1</summary>
    public static DicomTag TransferTubeLength => new(0x300A, 0x02A4);

    /// <summary>(300A,02B0) Channel Shield Sequence, SQ 1</summary>
    public static DicomTag ChannelShieldSequence => new(0x300A, 0x02B0);

    /// <summary>(300A,02B2) Channel Shield Number, IS 1</summary>
    public static DicomTag ChannelShieldNumber => new(0x300A, 0x02B2);

    /// <summary>(300A,02B3) Channel Shield ID, SH 1</summary>
    public static DicomTag ChannelShieldID => new(0x300A, 0x02B3);

    /// <summary>(300A,02B4) Channel Shield Name, LO 1</summary>
    public static DicomTag ChannelShieldName => new(0x300A, 0x02B4);

    /// <summary>(300A,02B8) Channel Shield Nominal Thickness, DS 1</summary>
    public static DicomTag ChannelShieldNominalThickness => new(0x300A, 0x02B8);

    /// <summary>(300A,02BA) Channel Shield Nominal Transmission, DS 1</summary>
    public static DicomTag ChannelShieldNominalTransmission => new(0x300A, 0x02BA);

    /// <summary>(300A,02C8) Final Cumulative Time Weight, DS 1</summary>
    public static DicomTag FinalCumulativeTimeWeight => new(0x300A, 0x02C8);

    /// <summary>(300A,02D0) Brachy Control Point Sequence, SQ 1</summary>
    public static DicomTag BrachyControlPointSequence => new(0x300A, 0x02D0);

    /// <summary>(300A,02D2) Control Point Relative Position, DS 1</summary>
    public static DicomTag ControlPointRelativePosition => new(0x300A, 0x02D2);

    /// <summary>(300A,02D4) Control Point 3D Position, DS 3</summary>
    public static DicomTag ControlPoint3DPosition => new(0x300A, 0x02D4);

    /// <summary>(300A,02D6) Cumulative Time Weight, DS 1</summary>
    public static DicomTag CumulativeTimeWeight => new(0x300A, 0x02D6);

    /// <summary>(300A,02E0) Compensator Divergence, CS 1</summary>
    public static DicomTag CompensatorDivergence => new(0x300A, 0x02E0);

    /// <summary>(300A,02E1) Compensator Mounting Position, CS 1</summary>
    public static DicomTag CompensatorMountingPosition => new(0x300A, 0x02E1);

    /// <summary>(300A,02E2) Source to Compensator Distance, DS 1-n</summary>
    public static DicomTag SourceToCompensatorDistance => new(0x300A, 0x02E2);

    /// <summary>(300A,02E3) Total Compensator Tray Water-Equivalent Thickness, FL 1</summary>
    public static DicomTag TotalCompensatorTrayWaterEquivalentThickness => new(0x300A, 0x02E3);

    /// <summary>(300A,02E4) Isocenter to Compensator Tray Distance, FL 1</summary>
    public static DicomTag IsocenterToCompensatorTrayDistance => new(0x300A, 0x02E4);

    /// <summary>(300A,02E5) Compensator Column Offset, FL 1</summary>
    public static DicomTag CompensatorColumnOffset => new(0x300A, 0x02E5);

    /// <summary>(300A,02E6) Isocenter to Compensator Distances, FL 1-n</summary>
    public static DicomTag IsocenterToCompensatorDistances => new(0x300A, 0x02E6);

    /// <summary>(300A,02E7) Compensator Relative Stopping Power Ratio, FL 1</summary>
    public static DicomTag CompensatorRelativeStoppingPowerRatio => new(0x300A, 0x02E7);

    /// <summary>(300A,02E8) Compensator Milling Tool Diameter, FL 1</summary>
    public static DicomTag CompensatorMillingToolDiameter => new(0x300A, 0x02E8);

    /// <summary>(300A,02EA) Ion Range Compensator Sequence, SQ 1</summary>
    public static DicomTag IonRangeCompensatorSequence => new(0x300A, 0x02EA);

    /// <summary>(300A,02EB) Compensator Description, LT 1</summary>
    public static DicomTag CompensatorDescription => new(0x300A, 0x02EB);

    /// <summary>(300A,0302) Radiation Mass Number, IS 1</summary>
    public static DicomTag RadiationMassNumber => new(0x300A, 0x0302);

    /// <summary>(300A,0304) Radiation Atomic Number, IS 1</summary>
    public static DicomTag RadiationAtomicNumber => new(0x300A, 0x0304);

    /// <summary>(300A,0306) Radiation Charge State, SS 1</summary>
    public static DicomTag RadiationChargeState => new(0x300A, 0x0306);

    /// <summary>(300A,0308) Scan Mode, CS 1</summary>
    public static DicomTag ScanMode => new(0x300A, 0x0308);

    /// <summary>(300A,0309) Modulated Scan Mode Type, CS 1</summary>
    public static DicomTag ModulatedScanModeType => new(0x300A, 0x0309);

    /// <summary>(300A,030A) Virtual Source-Axis Distances, FL 2</summary>
    public static DicomTag VirtualSourceAxisDistances => new(0x300A, 0x030A);

    /// <summary>(300A,030C) Snout Sequence, SQ 1</summary>
    public static DicomTag SnoutSequence => new(0x300A, 0x030C);

    /// <summary>(300A,030D) Snout Position, FL 1</summary>
    public static DicomTag SnoutPosition => new(0x300A, 0x030D);

    /// <summary>(300A,030F) Snout ID, SH 1</summary>
    public static DicomTag SnoutID => new(0x300A, 0x030F);

    /// <summary>(300A,0312) Number of Range Shifters, IS 1</summary>
    public static DicomTag NumberOfRangeShifters => new(0x300A, 0x0312);

    /// <summary>(300A,0314) Range Shifter Sequence, SQ 1</summary>
    public static DicomTag RangeShifterSequence => new(0x300A, 0x0314);

    /// <summary>(300A,0316) Range Shifter Number, IS 1</summary>
    public static DicomTag RangeShifterNumber => new(0x300A, 0x0316);

    /// <summary>(300A,0318) Range Shifter ID, SH 1</summary>
    public static DicomTag RangeShifterID => new(0x300A, 0x0318);

    /// <summary>(300A,0320) Range Shifter Type, CS 1</summary>
    public static DicomTag RangeShifterType => new(0x300A, 0x0320);

    /// <summary>(300A,0322) Range Shifter Description, LO 1</summary>
    public static DicomTag RangeShifterDescription => new(0x300A, 0x0322);

    /// <summary>(300A,0330) Number of Lateral Spreading Devices, IS 1</summary>
    public static DicomTag NumberOfLateralSpreadingDevices => new(0x300A, 0x0330);

    /// <summary>(300A,0332) Lateral Spreading Device Sequence, SQ 1</summary>
    public static DicomTag LateralSpreadingDeviceSequence => new(0x300A, 0x0332);

    /// <summary>(300A,0334) Lateral Spreading Device Number, IS 1</summary>
    public static DicomTag LateralSpreadingDeviceNumber => new(0x300A, 0x0334);

    /// <summary>(300A,0336) Lateral Spreading Device ID, SH 1</summary>
    public static DicomTag LateralSpreadingDeviceID => new(0x300A, 0x0336);

    /// <summary>(300A,0338) Lateral Spreading Device Type, CS 1</summary>
    public static DicomTag LateralSpreadingDeviceType => new(0x300A, 0x0338);

    /// <summary>(300A,033A) Lateral Spreading Device Description, LO 1</summary>
    public static DicomTag LateralSpreadingDeviceDescription => new(0x300A, 0x033A);

    /// <summary>(300A,033C) Lateral Spreading Device Water Equivalent Thickness, FL 1</summary>
    public static DicomTag LateralSpreadingDeviceWaterEquivalentThickness => new(0x300A, 0x033C);

    /// <summary>(300A,0340) Number of Range Modulators, IS 1</summary>
    public static DicomTag NumberOfRangeModulators => new(0x300A, 0x0340);

    /// <summary>(300A,0342) Range Modulator Sequence, SQ 1</summary>
    public static DicomTag RangeModulatorSequence => new(0x300A, 0x0342);

    /// <summary>(300A,0344) Range Modulator Number, IS 1</summary>
    public static DicomTag RangeModulatorNumber => new(0x300A, 0x0344);

    /// <summary>(300A,0346) Range Modulator ID, SH 1</summary>
    public static DicomTag RangeModulatorID => new(0x300A, 0x0346);

    /// <summary>(300A,0348) Range Modulator Type, CS 1</summary>
    public static DicomTag RangeModulatorType => new(0x300A, 0x0348);

    /// <summary>(300A,034A) Range Modulator Description, LO 1</summary>
    public static DicomTag RangeModulatorDescription => new(0x300A, 0x034A);

    /// <summary>(300A,034C) Beam Current Modulation ID, SH 1</summary>
    public static DicomTag BeamCurrentModulationID => new(0x300A, 0x034C);

    /// <summary>(300A,0350) Patient Support Type, CS 1</summary>
    public static DicomTag PatientSupportType => new(0x300A, 0x0350);

    /// <summary>(300A,0352) Patient Support ID, SH 1</summary>
    public static DicomTag PatientSupportID => new(0x300A, 0x0352);

    /// <summary>(300A,0354) Patient Support Accessory Code, LO 1</summary>
    public static DicomTag PatientSupportAccessoryCode => new(0x300A, 0x0354);

    /// <summary>(300A,0355) Tray Accessory Code, LO 1</summary>
    public static DicomTag TrayAccessoryCode => new(0x300A, 0x0355);

    /// <summary>(300A,0356) Fixation Light Azimuthal Angle, FL 1</summary>
    public static DicomTag FixationLightAzimuthalAngle => new(0x300A, 0x0356);

    /// <summary>(300A,0358) Fixation Light Polar Angle, FL 1</summary>
    public static DicomTag FixationLightPolarAngle => new(0x300A, 0x0358);

    /// <summary>(300A,035A) Meterset Rate, FL 1</summary>
    public static DicomTag MetersetRate => new(0x300A, 0x035A);

    /// <summary>(300A,0360) Range Shifter Settings Sequence, SQ 1</summary>
    public static DicomTag RangeShifterSettingsSequence => new(0x300A, 0x0360);

    /// <summary>(300A,0362) Range Shifter Setting, LO 1</summary>
    public static DicomTag RangeShifterSetting => new(0x300A, 0x0362);

    /// <summary>(300A,0364) Isocenter to Range Shifter Distance, FL 1</summary>
    public static DicomTag IsocenterToRangeShifterDistance => new(0x300A, 0x0364);

    /// <summary>(300A,0366) Range Shifter Water Equivalent Thickness, FL 1</summary>
    public static DicomTag RangeShifterWaterEquivalentThickness => new(0x300A, 0x0366);

    /// <summary>(300A,0370) Lateral Spreading Device Settings Sequence, SQ 1</summary>
    public static DicomTag LateralSpreadingDeviceSettingsSequence => new(0x300A, 0x0370);

    /// <summary>(300A,0372) Lateral Spreading Device Setting, LO 1</summary>
    public static DicomTag LateralSpreadingDeviceSetting => new(0x300A, 0x0372);

    /// <summary>(300A,0374) Isocenter to Lateral Spreading Device Distance, FL 1</summary>
    public static DicomTag IsocenterToLateralSpreadingDeviceDistance => new(0x300A, 0x0374);

    /// <summary>(300A,0380) Range Modulator Settings Sequence, SQ 1</summary>
    public static DicomTag RangeModulatorSettingsSequence => new(0x300A, 0x0380);

    /// <summary>(300A,0382) Range Modulator Gating Start Value, FL 1</summary>
    public static DicomTag RangeModulatorGatingStartValue => new(0x300A, 0x0382);

    /// <summary>(300A,0384) Range Modulator Gating Stop Value, FL 1</summary>
    public static DicomTag RangeModulatorGatingStopValue => new(0x300A, 0x0384);

    /// <summary>(300A,0386) Range Modulator Gating Start Water Equivalent Thickness, FL 1</summary>
    public static DicomTag RangeModulatorGatingStartWaterEquivalentThickness => new(0x300A, 0x0386);

    /// <summary>(300A,0388) Range Modulator Gating Stop Water Equivalent Thickness, FL 1</summary>
    public static DicomTag RangeModulatorGatingStopWaterEquivalentThickness => new(0x300A, 0x0388);

    /// <summary>(300A,038A) Isocenter to Range Modulator Distance, FL 1</summary>
    public static DicomTag IsocenterToRangeModulatorDistance => new(0x300A, 0x038A);

    /// <summary>(300A,038F) Scan Spot Time Offset, FL 1-n</summary>
    public static DicomTag ScanSpotTimeOffset => new(0x300A, 0x038F);

    /// <summary>(300A,0390) Scan Spot Tune ID, SH 1</summary>
    public static DicomTag ScanSpotTuneID => new(0x300A, 0x0390);

    /// <summary>(300A,0391) Scan Spot Prescribed Indices, IS 1-n</summary>
    public static DicomTag ScanSpotPrescribedIndices => new(0x300A, 0x0391);

    /// <summary>(300A,0392) Number of Scan Spot Positions, IS 1</summary>
    public static DicomTag NumberOfScanSpotPositions => new(0x300A, 0x0392);

    /// <summary>(300A,0393) Scan Spot Reordered, CS 1</summary>
    public static DicomTag ScanSpotReordered => new(0x300A, 0x0393);

    /// <summary>(300A,0394) Scan Spot Position Map, FL 1-n</summary>
    public static DicomTag ScanSpotPositionMap => new(0x300A, 0x0394);

    /// <summary>(300A,0395) Scan Spot Reordering Allowed, CS 1</summary>
    public static DicomTag ScanSpotReorderingAllowed => new(0x300A, 0x0395);

    /// <summary>(300A,0396) Scan Spot Meterset Weights, FL 1-n</summary>
    public static DicomTag ScanSpotMetersetWeights => new(0x300A, 0x0396);

    /// <summary>(300A,0398) Scanning Spot Size, FL 2</summary>
    public static DicomTag ScanningSpotSize => new(0x300A, 0x0398);

    /// <summary>(300A,0399) Scan Spot Sizes Delivered, FL 2-2n</summary>
    public static DicomTag ScanSpotSizesDelivered => new(0x300A, 0x0399);

    /// <summary>(300A,039A) Number of Paintings, IS 1</summary>
    public static DicomTag NumberOfPaintings => new(0x300A, 0x039A);

    /// <summary>(300A,03A0) Ion Tolerance Table Sequence, SQ 1</summary>
    public static DicomTag IonToleranceTableSequence => new(0x300A, 0x03A0);

    /// <summary>(300A,03A2) Ion Beam Sequence, SQ 1</summary>
    public static DicomTag IonBeamSequence => new(0x300A, 0x03A2);

    /// <summary>(300A,03A4) Ion Beam Limiting Device Sequence, SQ 1</summary>
    public static DicomTag IonBeamLimitingDeviceSequence => new(0x300A, 0x03A4);

    /// <summary>(300A,03A6) Ion Block Sequence, SQ 1</summary>
    public static DicomTag IonBlockSequence => new(0x300A, 0x03A6);

    /// <summary>(300A,03A8) Ion Control Point Sequence, SQ 1</summary>
    public static DicomTag IonControlPointSequence => new(0x300A, 0x03A8);

    /// <summary>(300A,03AA) Ion Wedge Sequence, SQ 1</summary>
    public static DicomTag IonWedgeSequence => new(0x300A, 0x03AA);

    /// <summary>(300A,03AC) Ion Wedge Position Sequence, SQ 1</summary>
    public static DicomTag IonWedgePositionSequence => new(0x300A, 0x03AC);

    /// <summary>(300A,0401) Referenced Setup Image Sequence, SQ 1</summary>
    public static DicomTag ReferencedSetupImageSequence => new(0x300A, 0x0401);

    /// <summary>(300A,0402) Setup Image Comment, ST 1</summary>
    public static DicomTag SetupImageComment => new(0x300A, 0x0402);

    /// <summary>(300A,0410) Motion Synchronization Sequence, SQ 1</summary>
    public static DicomTag MotionSynchronizationSequence => new(0x300A, 0x0410);

    /// <summary>(300A,0412) Control Point Orientation, FL 3</summary>
    public static DicomTag ControlPointOrientation => new(0x300A, 0x0412);

    /// <summary>(300A,0420) General Accessory Sequence, SQ 1</summary>
    public static DicomTag GeneralAccessorySequence => new(0x300A, 0x0420);

    /// <summary>(300A,0421) General Accessory ID, SH 1</summary>
    public static DicomTag GeneralAccessoryID => new(0x300A, 0x0421);

    /// <summary>(300A,0422) General Accessory Description, ST 1</summary>
    public static DicomTag GeneralAccessoryDescription => new(0x300A, 0x0422);

    /// <summary>(300A,0423) General Accessory Type, CS 1</summary>
    public static DicomTag GeneralAccessoryType => new(0x300A, 0x0423);

    /// <summary>(300A,0424) General Accessory Number, IS 1</summary>
    public static DicomTag GeneralAccessoryNumber => new(0x300A, 0x0424);

    /// <summary>(300A,0425) Source to General Accessory Distance, FL 1</summary>
    public static DicomTag SourceToGeneralAccessoryDistance => new(0x300A, 0x0425);

    /// <summary>(300A,0426) Isocenter to General Accessory Distance, DS 1</summary>
    public static DicomTag IsocenterToGeneralAccessoryDistance => new(0x300A, 0x0426);

    /// <summary>(300A,0431) Applicator Geometry Sequence, SQ 1</summary>
    public static DicomTag ApplicatorGeometrySequence => new(0x300A, 0x0431);

    /// <summary>(300A,0432) Applicator Aperture Shape, CS 1</summary>
    public static DicomTag ApplicatorApertureShape => new(0x300A, 0x0432);

    /// <summary>(300A,0433) Applicator Opening, FL 1</summary>
    public static DicomTag ApplicatorOpening => new(0x300A, 0x0433);

    /// <summary>(300A,0434) Applicator Opening X, FL 1</summary>
    public static DicomTag ApplicatorOpeningX => new(0x300A, 0x0434);

    /// <summary>(300A,0435) Applicator Opening Y, FL 1</summary>
    public static DicomTag ApplicatorOpeningY => new(0x300A, 0x0435);

    /// <summary>(300A,0436) Source to Applicator Mounting Position Distance, FL 1</summary>
    public static DicomTag SourceToApplicatorMountingPositionDistance => new(0x300A, 0x0436);

    /// <summary>(300A,0440) Number of Block Slab Items, IS 1</summary>
    public static DicomTag NumberOfBlockSlabItems => new(0x300A, 0x0440);

    /// <summary>(300A,0441) Block Slab Sequence, SQ 1</summary>
    public static DicomTag BlockSlabSequence => new(0x300A, 0x0441);

    /// <summary>(300A,0442) Block Slab Thickness, DS 1</summary>
    public static DicomTag BlockSlabThickness => new(0x300A, 0x0442);

    /// <summary>(300A,0443) Block Slab Number, US 1</summary>
    public static DicomTag BlockSlabNumber => new(0x300A, 0x0443);

    /// <summary>(300A,0450) Device Motion Control Sequence, SQ 1</summary>
    public static DicomTag DeviceMotionControlSequence => new(0x300A, 0x0450);

    /// <summary>(300A,0451) Device Motion Execution Mode, CS 1</summary>
    public static DicomTag DeviceMotionExecutionMode => new(0x300A, 0x0451);

    /// <summary>(300A,0452) Device Motion Observation Mode, CS 1</summary>
    public static DicomTag DeviceMotionObservationMode => new(0x300A, 0x0452);

    /// <summary>(300A,0453) Device Motion Parameter Code Sequence, SQ 1</summary>
    public static DicomTag DeviceMotionParameterCodeSequence => new(0x300A, 0x0453);

    /// <summary>(300A,0501) Distal Depth Fraction, FL 1</summary>
    public static DicomTag DistalDepthFraction => new(0x300A, 0x0501);

    /// <summary>(300A,0502) Distal Depth, FL 1</summary>
    public static DicomTag DistalDepth => new(0x300A, 0x0502);

    /// <summary>(300A,0503) Nominal Range Modulation Fractions, FL 2</summary>
    public static DicomTag NominalRangeModulationFractions => new(0x300A, 0x0503);

    /// <summary>(300A,0504) Nominal Range Modulated Region Depths, FL 2</summary>
    public static DicomTag NominalRangeModulatedRegionDepths => new(0x300A, 0x0504);

    /// <summary>(300A,0505) Depth Dose Parameters Sequence, SQ 1</summary>
    public static DicomTag DepthDoseParametersSequence => new(0x300A, 0x0505);

    /// <summary>(300A,0506) Delivered Depth Dose Parameters Sequence, SQ 1</summary>
    public static DicomTag DeliveredDepthDoseParametersSequence => new(0x300A, 0x0506);

    /// <summary>(300A,0507) Delivered Distal Depth Fraction, FL 1</summary>
    public static DicomTag DeliveredDistalDepthFraction => new(0x300A, 0x0507);

    /// <summary>(300A,0508) Delivered Distal Depth, FL 1</summary>
    public static DicomTag DeliveredDistalDepth => new(0x300A, 0x0508);

    /// <summary>(300A,0509) Delivered Nominal Range Modulation Fractions, FL 2</summary>
    public static DicomTag DeliveredNominalRangeModulationFractions => new(0x300A, 0x0509);

    /// <summary>(300A,0510) Delivered Nominal Range Modulated Region Depths, FL 2</summary>
    public static DicomTag DeliveredNominalRangeModulatedRegionDepths => new(0x300A, 0x0510);

    /// <summary>(300A,0511) Delivered Reference Dose Definition, CS 1</summary>
    public static DicomTag DeliveredReferenceDoseDefinition => new(0x300A, 0x0511);

    /// <summary>(300A,0512) Reference Dose Definition, CS 1</summary>
    public static DicomTag ReferenceDoseDefinition => new(0x300A, 0x0512);

    /// <summary>(300A,0600) RT Control Point Index, US 1</summary>
    public static DicomTag RTControlPointIndex => new(0x300A, 0x0600);

    /// <summary>(300A,0601) Radiation Generation Mode Index, US 1</summary>
    public static DicomTag RadiationGenerationModeIndex => new(0x300A, 0x0601);

    /// <summary>(300A,0602) Referenced Defined Device Index, US 1</summary>
    public static DicomTag ReferencedDefinedDeviceIndex => new(0x300A, 0x0602);

    /// <summary>(300A,0603) Radiation Dose Identification Index, US 1</summary>
    public static DicomTag RadiationDoseIdentificationIndex => new(0x300A, 0x0603);

    /// <summary>(300A,0604) Number of RT Control Points, US 1</summary>
    public static DicomTag NumberOfRTControlPoints => new(0x300A, 0x0604);

    /// <summary>(300A,0605) Referenced Radiation Generation Mode Index, US 1</summary>
    public static DicomTag ReferencedRadiationGenerationModeIndex => new(0x300A, 0x0605);

    /// <summary>(300A,0606) Treatment Position Index, US 1</summary>
    public static DicomTag TreatmentPositionIndex => new(0x300A, 0x0606);

    /// <summary>(300A,0607) Referenced Device Index, US 1</summary>
    public static DicomTag ReferencedDeviceIndex => new(0x300A, 0x0607);

    /// <summary>(300A,0608) Treatment Position Group Label, LO 1</summary>
    public static DicomTag TreatmentPositionGroupLabel => new(0x300A, 0x0608);

    /// <summary>(300A,0609) Treatment Position Group UID, UI 1</summary>
    public static DicomTag TreatmentPositionGroupUID => new(0x300A, 0x0609);

    /// <summary>(300A,060A) Treatment Position Group Sequence, SQ 1</summary>
    public static DicomTag TreatmentPositionGroupSequence => new(0x300A, 0x060A);

    /// <summary>(300A,060B) Referenced Treatment Position Index, US 1</summary>
    public static DicomTag ReferencedTreatmentPositionIndex => new(0x300A, 0x060B);

    /// <summary>(300A,060C) Referenced Radiation Dose Identification Index, US 1</summary>
    public static DicomTag ReferencedRadiationDoseIdentificationIndex => new(0x300A, 0x060C);

    /// <summary>(300A,060D) RT Accessory Holder Water-Equivalent Thickness, FD 1</summary>
    public static DicomTag RTAccessoryHolderWaterEquivalentThickness => new(0x300A, 0x060D);

    /// <summary>(300A,060E) Referenced RT Accessory Holder Device Index, US 1</summary>
    public static DicomTag ReferencedRTAccessoryHolderDeviceIndex => new(0x300A, 0x060E);

    /// <summary>(300A,060F) RT Accessory Holder Slot Existence Flag, CS 1</summary>
    public static DicomTag RTAccessoryHolderSlotExistenceFlag => new(0x300A, 0x060F);

    /// <summary>(300A,0610) RT Accessory Holder Slot Sequence, SQ 1</summary>
    public static DicomTag RTAccessoryHolderSlotSequence => new(0x300A, 0x0610);

    /// <summary>(300A,0611) RT Accessory Holder Slot ID, LO 1</summary>
    public static DicomTag RTAccessoryHolderSlotID => new(0x300A, 0x0611);

    /// <summary>(300A,0612) RT Accessory Holder Slot Distance, FD 1</summary>
    public static DicomTag RTAccessoryHolderSlotDistance => new(0x300A, 0x0612);

    /// <summary>(300A,0613) RT Accessory Slot Distance, FD 1</summary>
    public static DicomTag RTAccessorySlotDistance => new(0x300A, 0x0613);

    /// <summary>(300A,0614) RT Accessory Holder Definition Sequence, SQ 1</summary>
    public static DicomTag RTAccessoryHolderDefinitionSequence => new(0x300A, 0x0614);

    /// <summary>(300A,0615) RT Accessory Device Slot ID, LO 1</summary>
    public static DicomTag RTAccessoryDeviceSlotID => new(0x300A, 0x0615);

    /// <summary>(300A,0616) RT Radiation Sequence, SQ 1</summary>
    public static DicomTag RTRadiationSequence => new(0x300A, 0x0616);

    /// <summary>(300A,0617) Radiation Dose Sequence, SQ 1</summary>
    public static DicomTag RadiationDoseSequence => new(0x300A, 0x0617);

    /// <summary>(300A,0618) Radiation Dose Identification Sequence, SQ 1</summary>
    public static DicomTag RadiationDoseIdentificationSequence => new(0x300A, 0x0618);

    /// <summary>(300A,0619) Radiation Dose Identification Label, LO 1</summary>
    public static DicomTag RadiationDoseIdentificationLabel => new(0x300A, 0x0619);

    /// <summary>(300A,061A) Reference Dose Type, CS 1</summary>
    public static DicomTag ReferenceDoseType => new(0x300A, 0x061A);

    /// <summary>(300A,061B) Primary Dose Value Indicator, CS 1</summary>
    public static DicomTag PrimaryDoseValueIndicator => new(0x300A, 0x061B);

    /// <summary>(300A,061C) Dose Values Sequence, SQ 1</summary>
    public static DicomTag DoseValuesSequence => new(0x300A, 0x061C);

    /// <summary>(300A,061D) Dose Value Purpose, CS 1-n</summary>
    public static DicomTag DoseValuePurpose => new(0x300A, 0x061D);

    /// <summary>(300A,061E) Reference Dose Point Coordinates, FD 3</summary>
    public static DicomTag ReferenceDosePointCoordinates => new(0x300A, 0x061E);

    /// <summary>(300A,061F) Radiation Dose Values Parameters Sequence, SQ 1</summary>
    public static DicomTag RadiationDoseValuesParametersSequence => new(0x300A, 0x061F);

    /// <summary>(300A,0620) Meterset to Dose Mapping Sequence, SQ 1</summary>
    public static DicomTag MetersetToDoseMappingSequence => new(0x300A, 0x0620);

    /// <summary>(300A,0621) Expected In-Vivo Measurement Values Sequence, SQ 1</summary>
    public static DicomTag ExpectedInVivoMeasurementValuesSequence => new(0x300A, 0x0621);

    /// <summary>(300A,0622) Expected In-Vivo Measurement Value Index, US 1</summary>
    public static DicomTag ExpectedInVivoMeasurementValueIndex => new(0x300A, 0x0622);

    /// <summary>(300A,0623) Radiation Dose In-Vivo Measurement Label, LO 1</summary>
    public static DicomTag RadiationDoseInVivoMeasurementLabel => new(0x300A, 0x0623);

    /// <summary>(300A,0624) Radiation Dose Central Axis Displacement, FD 2</summary>
    public static DicomTag RadiationDoseCentralAxisDisplacement => new(0x300A, 0x0624);

    /// <summary>(300A,0625) Radiation Dose Value, FD 1</summary>
    public static DicomTag RadiationDoseValue => new(0x300A, 0x0625);

    /// <summary>(300A,0626) Radiation Dose Source to Skin Distance, FD 1</summary>
    public static DicomTag RadiationDoseSourceToSkinDistance => new(0x300A, 0x0626);

    /// <summary>(300A,0627) Radiation Dose Measurement Point Coordinates, FD 3</summary>
    public static DicomTag RadiationDoseMeasurementPointCoordinates => new(0x300A, 0x0627);

    /// <summary>(300A,0628) Radiation Dose Source to External Contour Distance, FD 1</summary>
    public static DicomTag RadiationDoseSourceToExternalContourDistance => new(0x300A, 0x0628);

    /// <summary>(300A,0629) RT Tolerance Set Sequence, SQ 1</summary>
    public static DicomTag RTToleranceSetSequence => new(0x300A, 0x0629);

    /// <summary>(300A,062A) RT Tolerance Set Label, LO 1</summary>
    public static DicomTag RTToleranceSetLabel => new(0x300A, 0x062A);

    /// <summary>(300A,062B) Attribute Tolerance Values Sequence, SQ 1</summary>
    public static DicomTag AttributeToleranceValuesSequence => new(0x300A, 0x062B);

    /// <summary>(300A,062C) Tolerance Value, FD 1</summary>
    public static DicomTag ToleranceValue => new(0x300A, 0x062C);

    /// <summary>(300A,062D) Patient Support Position Tolerance Sequence, SQ 1</summary>
    public static DicomTag PatientSupportPositionToleranceSequence => new(0x300A, 0x062D);

    /// <summary>(300A,062E) Treatment Time Limit, FD 1</summary>
    public static DicomTag TreatmentTimeLimit => new(0x300A, 0x062E);

    /// <summary>(300A,062F) C-Arm Photon-Electron Control Point Sequence, SQ 1</summary>
    public static DicomTag CArmPhotonElectronControlPointSequence => new(0x300A, 0x062F);

    /// <summary>(300A,0630) Referenced RT Radiation Sequence, SQ 1</summary>
    public static DicomTag ReferencedRTRadiationSequence => new(0x300A, 0x0630);

    /// <summary>(300A,0631) Referenced RT Instance Sequence, SQ 1</summary>
    public static DicomTag ReferencedRTInstanceSequence => new(0x300A, 0x0631);

    /// <summary>(300A,0632) Referenced RT Patient Setup Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedRTPatientSetupSequence => new(0x300A, 0x0632);

    /// <summary>(300A,0634) Source to Patient Surface Distance, FD 1</summary>
    public static DicomTag SourceToPatientSurfaceDistance => new(0x300A, 0x0634);

    /// <summary>(300A,0635) Treatment Machine Special Mode Code Sequence, SQ 1</summary>
    public static DicomTag TreatmentMachineSpecialModeCodeSequence => new(0x300A, 0x0635);

    /// <summary>(300A,0636) Intended Number of Fractions, US 1</summary>
    public static DicomTag IntendedNumberOfFractions => new(0x300A, 0x0636);

    /// <summary>(300A,0637) RT Radiation Set Intent, CS 1</summary>
    public static DicomTag RTRadiationSetIntent => new(0x300A, 0x0637);

    /// <summary>(300A,0638) RT Radiation Physical and Geometric Content Detail Flag, CS 1</summary>
    public static DicomTag RTRadiationPhysicalAndGeometricContentDetailFlag => new(0x300A, 0x0638);

    /// <summary>(300A,0639) RT Record Flag, CS 1</summary>
    public static DicomTag RTRecordFlag => new(0x300A, 0x0639);

    /// <summary>(300A,063A) Treatment Device Identification Sequence, SQ 1</summary>
    public static DicomTag TreatmentDeviceIdentificationSequence => new(0x300A, 0x063A);

    /// <summary>(300A,063B) Referenced RT Physician Intent Sequence, SQ 1</summary>
    public static DicomTag ReferencedRTPhysicianIntentSequence => new(0x300A, 0x063B);

    /// <summary>(300A,063C) Cumulative Meterset, FD 1</summary>
    public static DicomTag CumulativeMeterset => new(0x300A, 0x063C);

    /// <summary>(300A,063D) Delivery Rate, FD 1</summary>
    public static DicomTag DeliveryRate => new(0x300A, 0x063D);

    /// <summary>(300A,063E) Delivery Rate Unit Sequence, SQ 1</summary>
    public static DicomTag DeliveryRateUnitSequence => new(0x300A, 0x063E);

    /// <summary>(300A,063F) Treatment Position Sequence, SQ 1</summary>
    public static DicomTag TreatmentPositionSequence => new(0x300A, 0x063F);

    /// <summary>(300A,0640) Radiation Source-Axis Distance, FD 1</summary>
    public static DicomTag RadiationSourceAxisDistance => new(0x300A, 0x0640);

    /// <summary>(300A,0641) Number of RT Beam Limiting Devices, US 1</summary>
    public static DicomTag NumberOfRTBeamLimitingDevices => new(0x300A, 0x0641);

    /// <summary>(300A,0642) RT Beam Limiting Device Proximal Distance, FD 1</summary>
    public static DicomTag RTBeamLimitingDeviceProximalDistance => new(0x300A, 0x0642);

    /// <summary>(300A,0643) RT Beam Limiting Device Distal Distance, FD 1</summary>
    public static DicomTag RTBeamLimitingDeviceDistalDistance => new(0x300A, 0x0643);

    /// <summary>(300A,0644) Parallel RT Beam Delimiter Device Orientation Label Code Sequence, SQ 1</summary>
    public static DicomTag ParallelRTBeamDelimiterDeviceOrientationLabelCodeSequence => new(0x300A, 0x0644);

    /// <summary>(300A,0645) Beam Modifier Orientation Angle, FD 1</summary>
    public static DicomTag BeamModifierOrientationAngle => new(0x300A, 0x0645);

    /// <summary>(300A,0646) Fixed RT Beam Delimiter Device Sequence, SQ 1</summary>
    public static DicomTag FixedRTBeamDelimiterDeviceSequence => new(0x300A, 0x0646);

    /// <summary>(300A,0647) Parallel RT Beam Delimiter Device Sequence, SQ 1</summary>
    public static DicomTag ParallelRTBeamDelimiterDeviceSequence => new(0x300A, 0x0647);

    /// <summary>(300A,0648) Number of Parallel RT Beam Delimiters, US 1</summary>
    public static DicomTag NumberOfParallelRTBeamDelimiters => new(0x300A, 0x0648);

    /// <summary>(300A,0649) Parallel RT Beam Delimiter Boundaries, FD 2-n</summary>
    public static DicomTag ParallelRTBeamDelimiterBoundaries => new(0x300A, 0x0649);

    /// <summary>(300A,064A) Parallel RT Beam Delimiter Positions, FD 2-n</summary>
    public static DicomTag ParallelRTBeamDelimiterPositions => new(0x300A, 0x064A);

    /// <summary>(300A,064B) RT Beam Limiting Device Offset, FD 2</summary>
    public static DicomTag RTBeamLimitingDeviceOffset => new(0x300A, 0x064B);

    /// <summary>(300A,064C) RT Beam Delimiter Geometry Sequence, SQ 1</summary>
    public static DicomTag RTBeamDelimiterGeometrySequence => new(0x300A, 0x064C);

    /// <summary>(300A,064D) RT Beam Limiting Device Definition Sequence, SQ 1</summary>
    public static DicomTag RTBeamLimitingDeviceDefinitionSequence => new(0x300A, 0x064D);

    /// <summary>(300A,064E) Parallel RT Beam Delimiter Opening Mode, CS 1</summary>
    public static DicomTag ParallelRTBeamDelimiterOpeningMode => new(0x300A, 0x064E);

    /// <summary>(300A,064F) Parallel RT Beam Delimiter Leaf Mounting Side, CS 1-n</summary>
    public static DicomTag ParallelRTBeamDelimiterLeafMountingSide => new(0x300A, 0x064F);

    /// <summary>(300A,0650) Patient Setup UID, UI 1, retired</summary>
    public static DicomTag PatientSetupUID => new(0x300A, 0x0650);

    /// <summary>(300A,0651) Wedge Definition Sequence, SQ 1</summary>
    public static DicomTag WedgeDefinitionSequence => new(0x300A, 0x0651);

    /// <summary>(300A,0652) Radiation Beam Wedge Angle, FD 1</summary>
    public static DicomTag RadiationBeamWedgeAngle => new(0x300A, 0x0652);

    /// <summary>(300A,0653) Radiation Beam Wedge Thin Edge Distance, FD 1</summary>
    public static DicomTag RadiationBeamWedgeThinEdgeDistance => new(0x300A, 0x0653);

    /// <summary>(300A,0654) Radiation Beam Effective Wedge Angle, FD 1</summary>
    public static DicomTag RadiationBeamEffectiveWedgeAngle => new(0x300A, 0x0654);

    /// <summary>(300A,0655) Number of Wedge Positions, US 1</summary>
    public static DicomTag NumberOfWedgePositions => new(0x300A, 0x0655);

    /// <summary>(300A,0656) RT Beam Limiting Device Opening Sequence, SQ 1</summary>
    public static DicomTag RTBeamLimitingDeviceOpeningSequence => new(0x300A, 0x0656);

    /// <summary>(300A,0657) Number of RT Beam Limiting Device Openings, US 1</summary>
    public static DicomTag NumberOfRTBeamLimitingDeviceOpenings => new(0x300A, 0x0657);

    /// <summary>(300A,0658) Radiation Dosimeter Unit Sequence, SQ 1</summary>
    public static DicomTag RadiationDosimeterUnitSequence => new(0x300A, 0x0658);

    /// <summary>(300A,0659) RT Device Distance Reference Location Code Sequence, SQ 1</summary>
    public static DicomTag RTDeviceDistanceReferenceLocationCodeSequence => new(0x300A, 0x0659);

    /// <summary>(300A,065A) Radiation Device Configuration and Commissioning Key Sequence, SQ 1</summary>
    public static DicomTag RadiationDeviceConfigurationAndCommissioningKeySequence => new(0x300A, 0x065A);

    /// <summary>(300A,065B) Patient Support Position Parameter Sequence, SQ 1</summary>
    public static DicomTag PatientSupportPositionParameterSequence => new(0x300A, 0x065B);

    /// <summary>(300A,065C) Patient Support Position Specification Method, CS 1</summary>
    public static DicomTag PatientSupportPositionSpecificationMethod => new(0x300A, 0x065C);

    /// <summary>(300A,065D) Patient Support Position Device Parameter Sequence, SQ 1</summary>
    public static DicomTag PatientSupportPositionDeviceParameterSequence => new(0x300A, 0x065D);

    /// <summary>(300A,065E) Device Order Index, US 1</summary>
    public static DicomTag DeviceOrderIndex => new(0x300A, 0x065E);

    /// <summary>(300A,065F) Patient Support Position Parameter Order Index, US 1</summary>
    public static DicomTag PatientSupportPositionParameterOrderIndex => new(0x300A, 0x065F);

    /// <summary>(300A,0660) Patient Support Position Device Tolerance Sequence, SQ 1</summary>
    public static DicomTag PatientSupportPositionDeviceToleranceSequence => new(0x300A, 0x0660);

    /// <summary>(300A,0661) Patient Support Position Tolerance Order Index, US 1</summary>
    public static DicomTag PatientSupportPositionToleranceOrderIndex => new(0x300A, 0x0661);

    /// <summary>(300A,0662) Compensator Definition Sequence, SQ 1</summary>
    public static DicomTag CompensatorDefinitionSequence => new(0x300A, 0x0662);

    /// <summary>(300A,0663) Compensator Map Orientation, CS 1</summary>
    public static DicomTag CompensatorMapOrientation => new(0x300A, 0x0663);

    /// <summary>(300A,0664) Compensator Proximal Thickness Map, OF 1</summary>
    public static DicomTag CompensatorProximalThicknessMap => new(0x300A, 0x0664);

    /// <summary>(300A,0665) Compensator Distal Thickness Map, OF 1</summary>
    public static DicomTag CompensatorDistalThicknessMap => new(0x300A, 0x0665);

    /// <summary>(300A,0666) Compensator Base Plane Offset, FD 1</summary>
    public static DicomTag CompensatorBasePlaneOffset => new(0x300A, 0x0666);

    /// <summary>(300A,0667) Compensator Shape Fabrication Code Sequence, SQ 1</summary>
    public static DicomTag CompensatorShapeFabricationCodeSequence => new(0x300A, 0x0667);

    /// <summary>(300A,0668) Compensator Shape Sequence, SQ 1</summary>
    public static DicomTag CompensatorShapeSequence => new(0x300A, 0x0668);

    /// <summary>(300A,0669) Radiation Beam Compensator Milling Tool Diameter, FD 1</summary>
    public static DicomTag RadiationBeamCompensatorMillingToolDiameter => new(0x300A, 0x0669);

    /// <summary>(300A,066A) Block Definition Sequence, SQ 1</summary>
    public static DicomTag BlockDefinitionSequence => new(0x300A, 0x066A);

    /// <summary>(300A,066B) Block Edge Data, OF 1</summary>
    public static DicomTag BlockEdgeData => new(0x300A, 0x066B);

    /// <summary>(300A,066C) Block Orientation, CS 1</summary>
    public static DicomTag BlockOrientation => new(0x300A, 0x066C);

    /// <summary>(300A,066D) Radiation Beam Block Thickness, FD 1</summary>
    public static DicomTag RadiationBeamBlockThickness => new(0x300A, 0x066D);

    /// <summary>(300A,066E) Radiation Beam Block Slab Thickness, FD 1</summary>
    public static DicomTag RadiationBeamBlockSlabThickness => new(0x300A, 0x066E);

    /// <summary>(300A,066F) Block Edge Data Sequence, SQ 1</summary>
    public static DicomTag BlockEdgeDataSequence => new(0x300A, 0x066F);

    /// <summary>(300A,0670) Number of RT Accessory Holders, US 1</summary>
    public static DicomTag NumberOfRTAccessoryHolders => new(0x300A, 0x0670);

    /// <summary>(300A,0671) General Accessory Definition Sequence, SQ 1</summary>
    public static DicomTag GeneralAccessoryDefinitionSequence => new(0x300A, 0x0671);

    /// <summary>(300A,0672) Number of General Accessories, US 1</summary>
    public static DicomTag NumberOfGeneralAccessories => new(0x300A, 0x0672);

    /// <summary>(300A,0673) Bolus Definition Sequence, SQ 1</summary>
    public static DicomTag BolusDefinitionSequence => new(0x300A, 0x0673);

    /// <summary>(300A,0674) Number of Boluses, US 1</summary>
    public static DicomTag NumberOfBoluses => new(0x300A, 0x0674);

    /// <summary>(300A,0675) Equipment Frame of Reference UID, UI 1</summary>
    public static DicomTag EquipmentFrameOfReferenceUID => new(0x300A, 0x0675);

    /// <summary>(300A,0676) Equipment Frame of Reference Description, ST 1</summary>
    public static DicomTag EquipmentFrameOfReferenceDescription => new(0x300A, 0x0676);

    /// <summary>(300A,0677) Equipment Reference Point Coordinates Sequence, SQ 1</summary>
    public static DicomTag EquipmentReferencePointCoordinatesSequence => new(0x300A, 0x0677);

    /// <summary>(300A,0678) Equipment Reference Point Code Sequence, SQ 1</summary>
    public static DicomTag EquipmentReferencePointCodeSequence => new(0x300A, 0x0678);

    /// <summary>(300A,0679) RT Beam Limiting Device Angle, FD 1</summary>
    public static DicomTag RTBeamLimitingDeviceAngle => new(0x300A, 0x0679);

    /// <summary>(300A,067A) Source Roll Angle, FD 1</summary>
    public static DicomTag SourceRollAngle => new(0x300A, 0x067A);

    /// <summary>(300A,067B) Radiation GenerationMode Sequence, SQ 1</summary>
    public static DicomTag RadiationGenerationModeSequence => new(0x300A, 0x067B);

    /// <summary>(300A,067C) Radiation GenerationMode Label, SH 1</summary>
    public static DicomTag RadiationGenerationModeLabel => new(0x300A, 0x067C);

    /// <summary>(300A,067D) Radiation GenerationMode Description, ST 1</summary>
    public static DicomTag RadiationGenerationModeDescription => new(0x300A, 0x067D);

    /// <summary>(300A,067E) Radiation GenerationMode Machine Code Sequence, SQ 1</summary>
    public static DicomTag RadiationGenerationModeMachineCodeSequence => new(0x300A, 0x067E);

    /// <summary>(300A,067F) Radiation Type Code Sequence, SQ 1</summary>
    public static DicomTag RadiationTypeCodeSequence => new(0x300A, 0x067F);

    /// <summary>(300A,0680) Nominal Energy, DS 1</summary>
    public static DicomTag NominalEnergy => new(0x300A, 0x0680);

    /// <summary>(300A,0681) Minimum Nominal Energy, DS 1</summary>
    public static DicomTag MinimumNominalEnergy => new(0x300A, 0x0681);

    /// <summary>(300A,0682) Maximum Nominal Energy, DS 1</summary>
    public static DicomTag MaximumNominalEnergy => new(0x300A, 0x0682);

    /// <summary>(300A,0683) Radiation Fluence Modifier Code Sequence, SQ 1</summary>
    public static DicomTag RadiationFluenceModifierCodeSequence => new(0x300A, 0x0683);

    /// <summary>(300A,0684) Energy Unit Code Sequence, SQ 1</summary>
    public static DicomTag EnergyUnitCodeSequence => new(0x300A, 0x0684);

    /// <summary>(300A,0685) Number of Radiation GenerationModes, US 1</summary>
    public static DicomTag NumberOfRadiationGenerationModes => new(0x300A, 0x0685);

    /// <summary>(300A,0686) Patient Support Devices Sequence, SQ 1</summary>
    public static DicomTag PatientSupportDevicesSequence => new(0x300A, 0x0686);

    /// <summary>(300A,0687) Number of Patient Support Devices, US 1</summary>
    public static DicomTag NumberOfPatientSupportDevices => new(0x300A, 0x0687);

    /// <summary>(300A,0688) RT Beam Modifier Definition Distance, FD 1</summary>
    public static DicomTag RTBeamModifierDefinitionDistance => new(0x300A, 0x0688);

    /// <summary>(300A,0689) Beam Area Limit Sequence, SQ 1</summary>
    public static DicomTag BeamAreaLimitSequence => new(0x300A, 0x0689);

    /// <summary>(300A,068A) Referenced RT Prescription Sequence, SQ 1</summary>
    public static DicomTag ReferencedRTPrescriptionSequence => new(0x300A, 0x068A);

    /// <summary>(300A,0700) Treatment Session UID, UI 1</summary>
    public static DicomTag TreatmentSessionUID => new(0x300A, 0x0700);

    /// <summary>(300A,0701) RT Radiation Usage, CS 1</summary>
    public static DicomTag RTRadiationUsage => new(0x300A, 0x0701);

    /// <summary>(300A,0702) Referenced RT Radiation Set Sequence, SQ 1</summary>
    public static DicomTag ReferencedRTRadiationSetSequence => new(0x300A, 0x0702);

    /// <summary>(300A,0703) Referenced RT Radiation Record Sequence, SQ 1</summary>
    public static DicomTag ReferencedRTRadiationRecordSequence => new(0x300A, 0x0703);

    /// <summary>(300A,0704) RT Radiation Set Delivery Number, US 1</summary>
    public static DicomTag RTRadiationSetDeliveryNumber => new(0x300A, 0x0704);

    /// <summary>(300A,0705) Clinical Fraction Number, US 1</summary>
    public static DicomTag ClinicalFractionNumber => new(0x300A, 0x0705);

    /// <summary>(300A,0706) RT Treatment Fraction Completion Status, CS 1</summary>
    public static DicomTag RTTreatmentFractionCompletionStatus => new(0x300A, 0x0706);

    /// <summary>(300A,0707) RT Radiation Set Usage, CS 1</summary>
    public static DicomTag RTRadiationSetUsage => new(0x300A, 0x0707);

    /// <summary>(300A,0708) Treatment Delivery Continuation Flag, CS 1</summary>
    public static DicomTag TreatmentDeliveryContinuationFlag => new(0x300A, 0x0708);

    /// <summary>(300A,0709) Treatment Record Content Origin, CS 1</summary>
    public static DicomTag TreatmentRecordContentOrigin => new(0x300A, 0x0709);

    /// <summary>(300A,0714) RT Treatment Termination Status, CS 1</summary>
    public static DicomTag RTTreatmentTerminationStatus => new(0x300A, 0x0714);

    /// <summary>(300A,0715) RT Treatment Termination Reason Code Sequence, SQ 1</summary>
    public static DicomTag RTTreatmentTerminationReasonCodeSequence => new(0x300A, 0x0715);

    /// <summary>(300A,0716) Machine-Specific Treatment Termination Code Sequence, SQ 1</summary>
    public static DicomTag MachineSpecificTreatmentTerminationCodeSequence => new(0x300A, 0x0716);

    /// <summary>(300A,0722) RT Radiation Salvage Record Control Point Sequence, SQ 1</summary>
    public static DicomTag RTRadiationSalvageRecordControlPointSequence => new(0x300A, 0x0722);

    /// <summary>(300A,0723) Starting Meterset Value Known Flag, CS 1</summary>
    public static DicomTag StartingMetersetValueKnownFlag => new(0x300A, 0x0723);

    /// <summary>(300A,0730) Treatment Termination Description, ST 1</summary>
    public static DicomTag TreatmentTerminationDescription => new(0x300A, 0x0730);

    /// <summary>(300A,0731) Treatment Tolerance Violation Sequence, SQ 1</summary>
    public static DicomTag TreatmentToleranceViolationSequence => new(0x300A, 0x0731);

    /// <summary>(300A,0732) Treatment Tolerance Violation Category, CS 1</summary>
    public static DicomTag TreatmentToleranceViolationCategory => new(0x300A, 0x0732);

    /// <summary>(300A,0733) Treatment Tolerance Violation Attribute Sequence, SQ 1</summary>
    public static DicomTag TreatmentToleranceViolationAttributeSequence => new(0x300A, 0x0733);

    /// <summary>(300A,0734) Treatment Tolerance Violation Description, ST 1</summary>
    public static DicomTag TreatmentToleranceViolationDescription => new(0x300A, 0x0734);

    /// <summary>(300A,0735) Treatment Tolerance Violation Identification, ST 1</summary>
    public static DicomTag TreatmentToleranceViolationIdentification => new(0x300A, 0x0735);

    /// <summary>(300A,0736) Treatment Tolerance Violation DateTime, DT 1</summary>
    public static DicomTag TreatmentToleranceViolationDateTime => new(0x300A, 0x0736);

    /// <summary>(300A,073A) Recorded RT Control Point DateTime, DT 1</summary>
    public static DicomTag RecordedRTControlPointDateTime => new(0x300A, 0x073A);

    /// <summary>(300A,073B) Referenced Radiation RT Control Point Index, US 1</summary>
    public static DicomTag ReferencedRadiationRTControlPointIndex => new(0x300A, 0x073B);

    /// <summary>(300A,073E) Alternate Value Sequence, SQ 1</summary>
    public static DicomTag AlternateValueSequence => new(0x300A, 0x073E);

    /// <summary>(300A,073F) Confirmation Sequence, SQ 1</summary>
    public static DicomTag ConfirmationSequence => new(0x300A, 0x073F);

    /// <summary>(300A,0740) Interlock Sequence, SQ 1</summary>
    public static DicomTag InterlockSequence => new(0x300A, 0x0740);

    /// <summary>(300A,0741) Interlock DateTime, DT 1</summary>
    public static DicomTag InterlockDateTime => new(0x300A, 0x0741);

    /// <summary>(300A,0742) Interlock Description, ST 1</summary>
    public static DicomTag InterlockDescription => new(0x300A, 0x0742);

    /// <summary>(300A,0743) Interlock Originating Device Sequence, SQ 1</summary>
    public static DicomTag InterlockOriginatingDeviceSequence => new(0x300A, 0x0743);

    /// <summary>(300A,0744) Interlock Code Sequence, SQ 1</summary>
    public static DicomTag InterlockCodeSequence => new(0x300A, 0x0744);

    /// <summary>(300A,0745) Interlock Resolution Code Sequence, SQ 1</summary>
    public static DicomTag InterlockResolutionCodeSequence => new(0x300A, 0x0745);

    /// <summary>(300A,0746) Interlock Resolution User Sequence, SQ 1</summary>
    public static DicomTag InterlockResolutionUserSequence => new(0x300A, 0x0746);

    /// <summary>(300A,0760) Override DateTime, DT 1</summary>
    public static DicomTag OverrideDateTime => new(0x300A, 0x0760);

    /// <summary>(300A,0761) Treatment Tolerance Violation Type Code Sequence, SQ 1</summary>
    public static DicomTag TreatmentToleranceViolationTypeCodeSequence => new(0x300A, 0x0761);

    /// <summary>(300A,0762) Treatment Tolerance Violation Cause Code Sequence, SQ 1</summary>
    public static DicomTag TreatmentToleranceViolationCauseCodeSequence => new(0x300A, 0x0762);

    /// <summary>(300A,0772) Measured Meterset to Dose Mapping Sequence, SQ 1</summary>
    public static DicomTag MeasuredMetersetToDoseMappingSequence => new(0x300A, 0x0772);

    /// <summary>(300A,0773) Referenced Expected In-Vivo Measurement Value Index, US 1</summary>
    public static DicomTag ReferencedExpectedInVivoMeasurementValueIndex => new(0x300A, 0x0773);

    /// <summary>(300A,0774) Dose Measurement Device Code Sequence, SQ 1</summary>
    public static DicomTag DoseMeasurementDeviceCodeSequence => new(0x300A, 0x0774);

    /// <summary>(300A,0780) Additional Parameter Recording Instance Sequence, SQ 1</summary>
    public static DicomTag AdditionalParameterRecordingInstanceSequence => new(0x300A, 0x0780);

    /// <summary>(300A,0783) Interlock Origin Description, ST 1</summary>
    public static DicomTag InterlockOriginDescription => new(0x300A, 0x0783);

    /// <summary>(300A,0784) RT Patient Position Scope Sequence, SQ 1</summary>
    public static DicomTag RTPatientPositionScopeSequence => new(0x300A, 0x0784);

    /// <summary>(300A,0785) Referenced Treatment Position Group UID, UI 1</summary>
    public static DicomTag ReferencedTreatmentPositionGroupUID => new(0x300A, 0x0785);

    /// <summary>(300A,0786) Radiation Order Index, US 1</summary>
    public static DicomTag RadiationOrderIndex => new(0x300A, 0x0786);

    /// <summary>(300A,0787) Omitted Radiation Sequence, SQ 1</summary>
    public static DicomTag OmittedRadiationSequence => new(0x300A, 0x0787);

    /// <summary>(300A,0788) Reason for Omission Code Sequence, SQ 1</summary>
    public static DicomTag ReasonForOmissionCodeSequence => new(0x300A, 0x0788);

    /// <summary>(300A,0789) RT Delivery Start Patient Position Sequence, SQ 1</summary>
    public static DicomTag RTDeliveryStartPatientPositionSequence => new(0x300A, 0x0789);

    /// <summary>(300A,078A) RT Treatment Preparation Patient Position Sequence, SQ 1</summary>
    public static DicomTag RTTreatmentPreparationPatientPositionSequence => new(0x300A, 0x078A);

    /// <summary>(300A,078B) Referenced RT Treatment Preparation Sequence, SQ 1</summary>
    public static DicomTag ReferencedRTTreatmentPreparationSequence => new(0x300A, 0x078B);

    /// <summary>(300A,078C) Referenced Patient Setup Photo Sequence, SQ 1</summary>
    public static DicomTag ReferencedPatientSetupPhotoSequence => new(0x300A, 0x078C);

    /// <summary>(300A,078D) Patient Treatment Preparation Method Code Sequence, SQ 1</summary>
    public static DicomTag PatientTreatmentPreparationMethodCodeSequence => new(0x300A, 0x078D);

    /// <summary>(300A,078E) Patient Treatment Preparation Procedure Parameter Description, LT 1</summary>
    public static DicomTag PatientTreatmentPreparationProcedureParameterDescription => new(0x300A, 0x078E);

    /// <summary>(300A,078F) Patient Treatment Preparation Device Sequence, SQ 1</summary>
    public static DicomTag PatientTreatmentPreparationDeviceSequence => new(0x300A, 0x078F);

    /// <summary>(300A,0790) Patient Treatment Preparation Procedure Sequence, SQ 1</summary>
    public static DicomTag PatientTreatmentPreparationProcedureSequence => new(0x300A, 0x0790);

    /// <summary>(300A,0791) Patient Treatment Preparation Procedure Code Sequence, SQ 1</summary>
    public static DicomTag PatientTreatmentPreparationProcedureCodeSequence => new(0x300A, 0x0791);

    /// <summary>(300A,0792) Patient Treatment Preparation Method Description, LT 1</summary>
    public static DicomTag PatientTreatmentPreparationMethodDescription => new(0x300A, 0x0792);

    /// <summary>(300A,0793) Patient Treatment Preparation Procedure Parameter Sequence, SQ 1</summary>
    public static DicomTag PatientTreatmentPreparationProcedureParameterSequence => new(0x300A, 0x0793);

    /// <summary>(300A,0794) Patient Setup Photo Description, LT 1</summary>
    public static DicomTag PatientSetupPhotoDescription => new(0x300A, 0x0794);

    /// <summary>(300A,0795) Patient Treatment Preparation Procedure Index, US 1</summary>
    public static DicomTag PatientTreatmentPreparationProcedureIndex => new(0x300A, 0x0795);

    /// <summary>(300A,0796) Referenced Patient Setup Procedure Index, US 1</summary>
    public static DicomTag ReferencedPatientSetupProcedureIndex => new(0x300A, 0x0796);

    /// <summary>(300A,0797) RT Radiation Task Sequence, SQ 1</summary>
    public static DicomTag RTRadiationTaskSequence => new(0x300A, 0x0797);

    /// <summary>(300A,0798) RT Patient Position Displacement Sequence, SQ 1</summary>
    public static DicomTag RTPatientPositionDisplacementSequence => new(0x300A, 0x0798);

    /// <summary>(300A,0799) RT Patient Position Sequence, SQ 1</summary>
    public static DicomTag RTPatientPositionSequence => new(0x300A, 0x0799);

    /// <summary>(300A,079A) Displacement Reference Label, LO 1</summary>
    public static DicomTag DisplacementReferenceLabel => new(0x300A, 0x079A);

    /// <summary>(300A,079B) Displacement Matrix, FD 16</summary>
    public static DicomTag DisplacementMatrix => new(0x300A, 0x079B);

    /// <summary>(300A,079C) Patient Support Displacement Sequence, SQ 1</summary>
    public static DicomTag PatientSupportDisplacementSequence => new(0x300A, 0x079C);

    /// <summary>(300A,079D) Displacement Reference Location Code Sequence, SQ 1</summary>
    public static DicomTag DisplacementReferenceLocationCodeSequence => new(0x300A, 0x079D);

    /// <summary>(300A,079E) RT Radiation Set Delivery Usage, CS 1</summary>
    public static DicomTag RTRadiationSetDeliveryUsage => new(0x300A, 0x079E);

    /// <summary>(300C,0002) Referenced RT Plan Sequence, SQ 1</summary>
    public static DicomTag ReferencedRTPlanSequence => new(0x300C, 0x0002);

    /// <summary>(300C,0004) Referenced Beam Sequence, SQ 1</summary>
    public static DicomTag ReferencedBeamSequence => new(0x300C, 0x0004);

    /// <summary>(300C,0006) Referenced Beam Number, IS 1</summary>
    public static DicomTag ReferencedBeamNumber => new(0x300C, 0x0006);

    /// <summary>(300C,0007) Referenced Reference Image Number, IS 1</summary>
    public static DicomTag ReferencedReferenceImageNumber => new(0x300C, 0x0007);

    /// <summary>(300C,0008) Start Cumulative Meterset Weight, DS 1</summary>
    public static DicomTag StartCumulativeMetersetWeight => new(0x300C, 0x0008);

    /// <summary>(300C,0009) End Cumulative Meterset Weight, DS 1</summary>
    public static DicomTag EndCumulativeMetersetWeight => new(0x300C, 0x0009);

    /// <summary>(300C,000A) Referenced Brachy Application Setup Sequence, SQ 1</summary>
    public static DicomTag ReferencedBrachyApplicationSetupSequence => new(0x300C, 0x000A);

    /// <summary>(300C,000C) Referenced Brachy Application Setup Number, IS 1</summary>
    public static DicomTag ReferencedBrachyApplicationSetupNumber => new(0x300C, 0x000C);

    /// <summary>(300C,000E) Referenced Source Number, IS 1</summary>
    public static DicomTag ReferencedSourceNumber => new(0x300C, 0x000E);

    /// <summary>(300C,0020) Referenced Fraction Group Sequence, SQ 1</summary>
    public static DicomTag ReferencedFractionGroupSequence => new(0x300C, 0x0020);

    /// <summary>(300C,0022) Referenced Fraction Group Number, IS 1</summary>
    public static DicomTag ReferencedFractionGroupNumber => new(0x300C, 0x0022);

    /// <summary>(300C,0040) Referenced Verification Image Sequence, SQ 1</summary>
    public static DicomTag ReferencedVerificationImageSequence => new(0x300C, 0x0040);

    /// <summary>(300C,0042) Referenced Reference Image Sequence, SQ 1</summary>
    public static DicomTag ReferencedReferenceImageSequence => new(0x300C, 0x0042);

    /// <summary>(300C,0050) Referenced Dose Reference Sequence, SQ 1</summary>
    public static DicomTag ReferencedDoseReferenceSequence => new(0x300C, 0x0050);

    /// <summary>(300C,0051) Referenced Dose Reference Number, IS 1</summary>
    public static DicomTag ReferencedDoseReferenceNumber => new(0x300C, 0x0051);

    /// <summary>(300C,0055) Brachy Referenced Dose Reference Sequence, SQ 1</summary>
    public static DicomTag BrachyReferencedDoseReferenceSequence => new(0x300C, 0x0055);

    /// <summary>(300C,0060) Referenced Structure Set Sequence, SQ 1</summary>
    public static DicomTag ReferencedStructureSetSequence => new(0x300C, 0x0060);

    /// <summary>(300C,006A) Referenced Patient Setup Number, IS 1</summary>
    public static DicomTag ReferencedPatientSetupNumber => new(0x300C, 0x006A);

    /// <summary>(300C,0080) Referenced Dose Sequence, SQ 1</summary>
    public static DicomTag ReferencedDoseSequence => new(0x300C, 0x0080);

    /// <summary>(300C,00A0) Referenced Tolerance Table Number, IS 1</summary>
    public static DicomTag ReferencedToleranceTableNumber => new(0x300C, 0x00A0);

    /// <summary>(300C,00B0) Referenced Bolus Sequence, SQ 1</summary>
    public static DicomTag ReferencedBolusSequence => new(0x300C, 0x00B0);

    /// <summary>(300C,00C0) Referenced Wedge Number, IS 1</summary>
    public static DicomTag ReferencedWedgeNumber => new(0x300C, 0x00C0);

    /// <summary>(300C,00D0) Referenced Compensator Number, IS 1</summary>
    public static DicomTag ReferencedCompensatorNumber => new(0x300C, 0x00D0);

    /// <summary>(300C,00E0) Referenced Block Number, IS 1</summary>
    public static DicomTag ReferencedBlockNumber => new(0x300C, 0x00E0);

    /// <summary>(300C,00F0) Referenced Control Point Index, IS 1</summary>
    public static DicomTag ReferencedControlPointIndex => new(0x300C, 0x00F0);

    /// <summary>(300C,00F2) Referenced Control Point Sequence, SQ 1</summary>
    public static DicomTag ReferencedControlPointSequence => new(0x300C, 0x00F2);

    /// <summary>(300C,00F4) Referenced Start Control Point Index, IS 1</summary>
    public static DicomTag ReferencedStartControlPointIndex => new(0x300C, 0x00F4);

    /// <summary>(300C,00F6) Referenced Stop Control Point Index, IS 1</summary>
    public static DicomTag ReferencedStopControlPointIndex => new(0x300C, 0x00F6);

    /// <summary>(300C,0100) Referenced Range Shifter Number, IS 1</summary>
    public static DicomTag ReferencedRangeShifterNumber => new(0x300C, 0x0100);

    /// <summary>(300C,0102) Referenced Lateral Spreading Device Number, IS 1</summary>
    public static DicomTag ReferencedLateralSpreadingDeviceNumber => new(0x300C, 0x0102);

    /// <summary>(300C,0104) Referenced Range Modulator Number, IS 1</summary>
    public static DicomTag ReferencedRangeModulatorNumber => new(0x300C, 0x0104);

    /// <summary>(300C,0111) Omitted Beam Task Sequence, SQ 1</summary>
    public static DicomTag OmittedBeamTaskSequence => new(0x300C, 0x0111);

    /// <summary>(300C,0112) Reason for Omission, CS 1</summary>
    public static DicomTag ReasonForOmission => new(0x300C, 0x0112);

    /// <summary>(300C,0113) Reason for Omission Description, LO 1</summary>
    public static DicomTag ReasonForOmissionDescription => new(0x300C, 0x0113);

    /// <summary>(300C,0114) Prescription Overview Sequence, SQ 1</summary>
    public static DicomTag PrescriptionOverviewSequence => new(0x300C, 0x0114);

    /// <summary>(300C,0115) Total Prescription Dose, FL 1</summary>
    public static DicomTag TotalPrescriptionDose => new(0x300C, 0x0115);

    /// <summary>(300C,0116) Plan Overview Sequence, SQ 1</summary>
    public static DicomTag PlanOverviewSequence => new(0x300C, 0x0116);

    /// <summary>(300C,0117) Plan Overview Index, US 1</summary>
    public static DicomTag PlanOverviewIndex => new(0x300C, 0x0117);

    /// <summary>(300C,0118) Referenced Plan Overview Index, US 1</summary>
    public static DicomTag ReferencedPlanOverviewIndex => new(0x300C, 0x0118);

    /// <summary>(300C,0119) Number of Fractions Included, US 1</summary>
    public static DicomTag NumberOfFractionsIncluded => new(0x300C, 0x0119);

    /// <summary>(300C,0120) Dose Calibration Conditions Sequence, SQ 1</summary>
    public static DicomTag DoseCalibrationConditionsSequence => new(0x300C, 0x0120);

    /// <summary>(300C,0121) Absorbed Dose to Meterset Ratio, FD 1</summary>
    public static DicomTag AbsorbedDoseToMetersetRatio => new(0x300C, 0x0121);

    /// <summary>(300C,0122) Delineated Radiation Field Size, FD 2</summary>
    public static DicomTag DelineatedRadiationFieldSize => new(0x300C, 0x0122);

    /// <summary>(300C,0123) Dose Calibration Conditions Verified Flag, CS 1</summary>
    public static DicomTag DoseCalibrationConditionsVerifiedFlag => new(0x300C, 0x0123);

    /// <summary>(300C,0124) Calibration Reference Point Depth, FD 1</summary>
    public static DicomTag CalibrationReferencePointDepth => new(0x300C, 0x0124);

    /// <summary>(300C,0125) Gating Beam Hold Transition Sequence, SQ 1</summary>
    public static DicomTag GatingBeamHoldTransitionSequence => new(0x300C, 0x0125);

    /// <summary>(300C,0126) Beam Hold Transition, CS 1</summary>
    public static DicomTag BeamHoldTransition => new(0x300C, 0x0126);

    /// <summary>(300C,0127) Beam Hold Transition DateTime, DT 1</summary>
    public static DicomTag BeamHoldTransitionDateTime => new(0x300C, 0x0127);

    /// <summary>(300C,0128) Beam Hold Originating Device Sequence, SQ 1</summary>
    public static DicomTag BeamHoldOriginatingDeviceSequence => new(0x300C, 0x0128);

    /// <summary>(300E,0002) Approval Status, CS 1</summary>
    public static DicomTag ApprovalStatus => new(0x300E, 0x0002);

    /// <summary>(300E,0004) Review Date, DA 1</summary>
    public static DicomTag ReviewDate => new(0x300E, 0x0004);

    /// <summary>(300E,0005) Review Time, TM 1</summary>
    public static DicomTag ReviewTime => new(0x300E, 0x0005);

    /// <summary>(300E,0008) Reviewer Name, PN 1</summary>
    public static DicomTag ReviewerName => new(0x300E, 0x0008);

    /// <summary>(3010,0001) Radiobiological Dose Effect Sequence, SQ 1</summary>
    public static DicomTag RadiobiologicalDoseEffectSequence => new(0x3010, 0x0001);

    /// <summary>(3010,0002) Radiobiological Dose Effect Flag, CS 1</summary>
    public static DicomTag RadiobiologicalDoseEffectFlag => new(0x3010, 0x0002);

    /// <summary>(3010,0003) Effective Dose Calculation Method Category Code Sequence, SQ 1</summary>
    public static DicomTag EffectiveDoseCalculationMethodCategoryCodeSequence => new(0x3010, 0x0003);

    /// <summary>(3010,0004) Effective Dose Calculation Method Code Sequence, SQ 1</summary>
    public static DicomTag EffectiveDoseCalculationMethodCodeSequence => new(0x3010, 0x0004);

    /// <summary>(3010,0005) Effective Dose Calculation Method Description, LO 1</summary>
    public static DicomTag EffectiveDoseCalculationMethodDescription => new(0x3010, 0x0005);

    /// <summary>(3010,0006) Conceptual Volume UID, UI 1</summary>
    public static DicomTag ConceptualVolumeUID => new(0x3010, 0x0006);

    /// <summary>(3010,0007) Originating SOP Instance Reference Sequence, SQ 1</summary>
    public static DicomTag OriginatingSOPInstanceReferenceSequence => new(0x3010, 0x0007);

    /// <summary>(3010,0008) Conceptual Volume Constituent Sequence, SQ 1</summary>
    public static DicomTag ConceptualVolumeConstituentSequence => new(0x3010, 0x0008);

    /// <summary>(3010,0009) Equivalent Conceptual Volume Instance Reference Sequence, SQ 1</summary>
    public static DicomTag EquivalentConceptualVolumeInstanceReferenceSequence => new(0x3010, 0x0009);

    /// <summary>(3010,000A) Equivalent Conceptual Volumes Sequence, SQ 1</summary>
    public static DicomTag EquivalentConceptualVolumesSequence => new(0x3010, 0x000A);

    /// <summary>(3010,000B) Referenced Conceptual Volume UID, UI 1</summary>
    public static DicomTag ReferencedConceptualVolumeUID => new(0x3010, 0x000B);

    /// <summary>(3010,000C) Conceptual Volume Combination Expression, UT 1</summary>
    public static DicomTag ConceptualVolumeCombinationExpression => new(0x3010, 0x000C);

    /// <summary>(3010,000D) Conceptual Volume Constituent Index, US 1</summary>
    public static DicomTag ConceptualVolumeConstituentIndex => new(0x3010, 0x000D);

    /// <summary>(3010,000E) Conceptual Volume Combination Flag, CS 1</summary>
    public static DicomTag ConceptualVolumeCombinationFlag => new(0x3010, 0x000E);

    /// <summary>(3010,000F) Conceptual Volume Combination Description, ST 1</summary>
    public static DicomTag ConceptualVolumeCombinationDescription => new(0x3010, 0x000F);

    /// <summary>(3010,0010) Conceptual Volume Segmentation Defined Flag, CS 1</summary>
    public static DicomTag ConceptualVolumeSegmentationDefinedFlag => new(0x3010, 0x0010);

    /// <summary>(3010,0011) Conceptual Volume Segmentation Reference Sequence, SQ 1</summary>
    public static DicomTag ConceptualVolumeSegmentationReferenceSequence => new(0x3010, 0x0011);

    /// <summary>(3010,0012) Conceptual Volume Constituent Segmentation Reference Sequence, SQ 1</summary>
    public static DicomTag ConceptualVolumeConstituentSegmentationReferenceSequence => new(0x3010, 0x0012);

    /// <summary>(3010,0013) Constituent Conceptual Volume UID, UI 1</summary>
    public static DicomTag ConstituentConceptualVolumeUID => new(0x3010, 0x0013);

    /// <summary>(3010,0014) Derivation Conceptual Volume Sequence, SQ 1</summary>
    public static DicomTag DerivationConceptualVolumeSequence => new(0x3010, 0x0014);

    /// <summary>(3010,0015) Source Conceptual Volume UID, UI 1</summary>
    public static DicomTag SourceConceptualVolumeUID => new(0x3010, 0x0015);

    /// <summary>(3010,0016) Conceptual Volume Derivation Algorithm Sequence, SQ 1</summary>
    public static DicomTag ConceptualVolumeDerivationAlgorithmSequence => new(0x3010, 0x0016);

    /// <summary>(3010,0017) Conceptual Volume Description, ST 1</summary>
    public static DicomTag ConceptualVolumeDescription => new(0x3010, 0x0017);

    /// <summary>(3010,0018) Source Conceptual Volume Sequence, SQ 1</summary>
    public static DicomTag SourceConceptualVolumeSequence => new(0x3010, 0x0018);

    /// <summary>(3010,0019) Author Identification Sequence, SQ 1</summary>
    public static DicomTag AuthorIdentificationSequence => new(0x3010, 0x0019);

    /// <summary>(3010,001A) Manufacturer's Model Version, LO 1</summary>
    public static DicomTag ManufacturerModelVersion => new(0x3010, 0x001A);

    /// <summary>(3010,001B) Device Alternate Identifier, UC 1</summary>
    public static DicomTag DeviceAlternateIdentifier => new(0x3010, 0x001B);

    /// <summary>(3010,001C) Device Alternate Identifier Type, CS 1</summary>
    public static DicomTag DeviceAlternateIdentifierType => new(0x3010, 0x001C);

    /// <summary>(3010,001D) Device Alternate Identifier Format, LT 1</summary>
    public static DicomTag DeviceAlternateIdentifierFormat => new(0x3010, 0x001D);

    /// <summary>(3010,001E) Segmentation Creation Template Label, LO 1</summary>
    public static DicomTag SegmentationCreationTemplateLabel => new(0x3010, 0x001E);

    /// <summary>(3010,001F) Segmentation Template UID, UI 1</summary>
    public static DicomTag SegmentationTemplateUID => new(0x3010, 0x001F);

    /// <summary>(3010,0020) Referenced Segment Reference Index, US 1</summary>
    public static DicomTag ReferencedSegmentReferenceIndex => new(0x3010, 0x0020);

    /// <summary>(3010,0021) Segment Reference Sequence, SQ 1</summary>
    public static DicomTag SegmentReferenceSequence => new(0x3010, 0x0021);

    /// <summary>(3010,0022) Segment Reference Index, US 1</summary>
    public static DicomTag SegmentReferenceIndex => new(0x3010, 0x0022);

    /// <summary>(3010,0023) Direct Segment Reference Sequence, SQ 1</summary>
    public static DicomTag DirectSegmentReferenceSequence => new(0x3010, 0x0023);

    /// <summary>(3010,0024) Combination Segment Reference Sequence, SQ 1</summary>
    public static DicomTag CombinationSegmentReferenceSequence => new(0x3010, 0x0024);

    /// <summary>(3010,0025) Conceptual Volume Sequence, SQ 1</summary>
    public static DicomTag ConceptualVolumeSequence => new(0x3010, 0x0025);

    /// <summary>(3010,0026) Segmented RT Accessory Device Sequence, SQ 1</summary>
    public static DicomTag SegmentedRTAccessoryDeviceSequence => new(0x3010, 0x0026);

    /// <summary>(3010,0027) Segment Characteristics Sequence, SQ 1</summary>
    public static DicomTag SegmentCharacteristicsSequence => new(0x3010, 0x0027);

    /// <summary>(3010,0028) Related Segment Characteristics Sequence, SQ 1</summary>
    public static DicomTag RelatedSegmentCharacteristicsSequence => new(0x3010, 0x0028);

    /// <summary>(3010,0029) Segment Characteristics Precedence, US 1</summary>
    public static DicomTag SegmentCharacteristicsPrecedence => new(0x3010, 0x0029);

    /// <summary>(3010,002A) RT Segment Annotation Sequence, SQ 1</summary>
    public static DicomTag RTSegmentAnnotationSequence => new(0x3010, 0x002A);

    /// <summary>(3010,002B) Segment Annotation Category Code Sequence, SQ 1</summary>
    public static DicomTag SegmentAnnotationCategoryCodeSequence => new(0x3010, 0x002B);

    /// <summary>(3010,002C) Segment Annotation Type Code Sequence, SQ 1</summary>
    public static DicomTag SegmentAnnotationTypeCodeSequence => new(0x3010, 0x002C);

    /// <summary>(3010,002D) Device Label, LO 1</summary>
    public static DicomTag DeviceLabel => new(0x3010, 0x002D);

    /// <summary>(3010,002E) Device Type Code Sequence, SQ 1</summary>
    public static DicomTag DeviceTypeCodeSequence => new(0x3010, 0x002E);

    /// <summary>(3010,002F) Segment Annotation Type Modifier Code Sequence, SQ 1</summary>
    public static DicomTag SegmentAnnotationTypeModifierCodeSequence => new(0x3010, 0x002F);

    /// <summary>(3010,0030) Patient Equipment Relationship Code Sequence, SQ 1</summary>
    public static DicomTag PatientEquipmentRelationshipCodeSequence => new(0x3010, 0x0030);

    /// <summary>(3010,0031) Referenced Fiducials UID, UI 1</summary>
    public static DicomTag ReferencedFiducialsUID => new(0x3010, 0x0031);

    /// <summary>(3010,0032) Patient Treatment Orientation Sequence, SQ 1</summary>
    public static DicomTag PatientTreatmentOrientationSequence => new(0x3010, 0x0032);

    /// <summary>(3010,0033) User Content Label, SH 1</summary>
    public static DicomTag UserContentLabel => new(0x3010, 0x0033);

    /// <summary>(3010,0034) User Content Long Label, LO 1</summary>
    public static DicomTag UserContentLongLabel => new(0x3010, 0x0034);

    /// <summary>(3010,0035) Entity Label, SH 1</summary>
    public static DicomTag EntityLabel => new(0x3010, 0x0035);

    /// <summary>(3010,0036) Entity Name, LO 1</summary>
    public static DicomTag EntityName => new(0x3010, 0x0036);

    /// <summary>(3010,0037) Entity Description, ST 1</summary>
    public static DicomTag EntityDescription => new(0x3010, 0x0037);

    /// <summary>(3010,0038) Entity Long Label, LO 1</summary>
    public static DicomTag EntityLongLabel => new(0x3010, 0x0038);

    /// <summary>(3010,0039) Device Index, US 1</summary>
    public static DicomTag DeviceIndex => new(0x3010, 0x0039);

    /// <summary>(3010,003A) RT Treatment Phase Index, US 1</summary>
    public static DicomTag RTTreatmentPhaseIndex => new(0x3010, 0x003A);

    /// <summary>(3010,003B) RT Treatment Phase UID, UI 1</summary>
    public static DicomTag RTTreatmentPhaseUID => new(0x3010, 0x003B);

    /// <summary>(3010,003C) RT Prescription Index, US 1</summary>
    public static DicomTag RTPrescriptionIndex => new(0x3010, 0x003C);

    /// <summary>(3010,003D) RT Segment Annotation Index, US 1</summary>
    public static DicomTag RTSegmentAnnotationIndex => new(0x3010, 0x003D);

    /// <summary>(3010,003E) Basis RT Treatment Phase Index, US 1</summary>
    public static DicomTag BasisRTTreatmentPhaseIndex => new(0x3010, 0x003E);

    /// <summary>(3010,003F) Related RT Treatment Phase Index, US 1</summary>
    public static DicomTag RelatedRTTreatmentPhaseIndex => new(0x3010, 0x003F);

    /// <summary>(3010,0040) Referenced RT Treatment Phase Index, US 1</summary>
    public static DicomTag ReferencedRTTreatmentPhaseIndex => new(0x3010, 0x0040);

    /// <summary>(3010,0041) Referenced RT Prescription Index, US 1</summary>
    public static DicomTag ReferencedRTPrescriptionIndex => new(0x3010, 0x0041);

    /// <summary>(3010,0042) Referenced Parent RT Prescription Index, US 1</summary>
    public static DicomTag ReferencedParentRTPrescriptionIndex => new(0x3010, 0x0042);

    /// <summary>(3010,0043) Manufacturer's Device Identifier, ST 1</summary>
    public static DicomTag ManufacturerDeviceIdentifier => new(0x3010, 0x0043);

    /// <summary>(3010,0044) Instance-Level Referenced Performed Procedure Step Sequence, SQ 1</summary>
    public static DicomTag InstanceLevelReferencedPerformedProcedureStepSequence => new(0x3010, 0x0044);

    /// <summary>(3010,0045) RT Treatment Phase Intent Presence Flag, CS 1</summary>
    public static DicomTag RTTreatmentPhaseIntentPresenceFlag => new(0x3010, 0x0045);

    /// <summary>(3010,0046) Radiotherapy Treatment Type, CS 1</summary>
    public static DicomTag RadiotherapyTreatmentType => new(0x3010, 0x0046);

    /// <summary>(3010,0047) Teletherapy Radiation Type, CS 1-n</summary>
    public static DicomTag TeletherapyRadiationType => new(0x3010, 0x0047);

    /// <summary>(3010,0048) Brachytherapy Source Type, CS 1-n</summary>
    public static DicomTag BrachytherapySourceType => new(0x3010, 0x0048);

    /// <summary>(3010,0049) Referenced RT Treatment Phase Sequence, SQ 1</summary>
    public static DicomTag ReferencedRTTreatmentPhaseSequence => new(0x3010, 0x0049);

    /// <summary>(3010,004A) Referenced Direct Segment Instance Sequence, SQ 1</summary>
    public static DicomTag ReferencedDirectSegmentInstanceSequence => new(0x3010, 0x004A);

    /// <summary>(3010,004B) Intended RT Treatment Phase Sequence, SQ 1</summary>
    public static DicomTag IntendedRTTreatmentPhaseSequence => new(0x3010, 0x004B);

    /// <summary>(3010,004C) Intended Phase Start Date, DA 1</summary>
    public static DicomTag IntendedPhaseStartDate => new(0x3010, 0x004C);

    /// <summary>(3010,004D) Intended Phase End Date, DA 1</summary>
    public static DicomTag IntendedPhaseEndDate => new(0x3010, 0x004D);

    /// <summary>(3010,004E) RT Treatment Phase Interval Sequence, SQ 1</summary>
    public static DicomTag RTTreatmentPhaseIntervalSequence => new(0x3010, 0x004E);

    /// <summary>(3010,004F) Temporal Relationship Interval Anchor, CS 1</summary>
    public static DicomTag TemporalRelationshipIntervalAnchor => new(0x3010, 0x004F);

    /// <summary>(3010,0050) Minimum Number of Interval Days, FD 1</summary>
    public static DicomTag MinimumNumberOfIntervalDays => new(0x3010, 0x0050);

    /// <summary>(3010,0051) Maximum Number of Interval Days, FD 1</summary>
    public static DicomTag MaximumNumberOfIntervalDays => new(0x3010, 0x0051);

    /// <summary>(3010,0052) Pertinent SOP Classes in Study, UI 1-n</summary>
    public static DicomTag PertinentSOPClassesInStudy => new(0x3010, 0x0052);

    /// <summary>(3010,0053) Pertinent SOP Classes in Series, UI 1-n</summary>
    public static DicomTag PertinentSOPClassesInSeries => new(0x3010, 0x0053);

    /// <summary>(3010,0054) RT Prescription Label, LO 1</summary>
    public static DicomTag RTPrescriptionLabel => new(0x3010, 0x0054);

    /// <summary>(3010,0055) RT Physician Intent Predecessor Sequence, SQ 1</summary>
    public static DicomTag RTPhysicianIntentPredecessorSequence => new(0x3010, 0x0055);

    /// <summary>(3010,0056) RT Treatment Approach Label, LO 1</summary>
    public static DicomTag RTTreatmentApproachLabel => new(0x3010, 0x0056);

    /// <summary>(3010,0057) RT Physician Intent Sequence, SQ 1</summary>
    public static DicomTag RTPhysicianIntentSequence => new(0x3010, 0x0057);

    /// <summary>(3010,0058) RT Physician Intent Index, US 1</summary>
    public static DicomTag RTPhysicianIntentIndex => new(0x3010, 0x0058);

    /// <summary>(3010,0059) RT Treatment Intent Type, CS 1</summary>
    public static DicomTag RTTreatmentIntentType => new(0x3010, 0x0059);

    /// <summary>(3010,005A) RT Physician Intent Narrative, UT 1</summary>
    public static DicomTag RTPhysicianIntentNarrative => new(0x3010, 0x005A);

    /// <summary>(3010,005B) RT Protocol Code Sequence, SQ 1</summary>
    public static DicomTag RTProtocolCodeSequence => new(0x3010, 0x005B);

    /// <summary>(3010,005C) Reason for Superseding, ST 1</summary>
    public static DicomTag ReasonForSuperseding => new(0x3010, 0x005C);

    /// <summary>(3010,005D) RT Diagnosis Code Sequence, SQ 1</summary>
    public static DicomTag RTDiagnosisCodeSequence => new(0x3010, 0x005D);

    /// <summary>(3010,005E) Referenced RT Physician Intent Index, US 1</summary>
    public static DicomTag ReferencedRTPhysicianIntentIndex => new(0x3010, 0x005E);

    /// <summary>(3010,005F) RT Physician Intent Input Instance Sequence, SQ 1</summary>
    public static DicomTag RTPhysicianIntentInputInstanceSequence => new(0x3010, 0x005F);

    /// <summary>(3010,0060) RT Anatomic Prescription Sequence, SQ 1</summary>
    public static DicomTag RTAnatomicPrescriptionSequence => new(0x3010, 0x0060);

    /// <summary>(3010,0061) Prior Treatment Dose Description, UT 1</summary>
    public static DicomTag PriorTreatmentDoseDescription => new(0x3010, 0x0061);

    /// <summary>(3010,0062) Prior Treatment Reference Sequence, SQ 1</summary>
    public static DicomTag PriorTreatmentReferenceSequence => new(0x3010, 0x0062);

    /// <summary>(3010,0063) Dosimetric Objective Evaluation Scope, CS 1</summary>
    public static DicomTag DosimetricObjectiveEvaluationScope => new(0x3010, 0x0063);

    /// <summary>(3010,0064) Therapeutic Role Category Code Sequence, SQ 1</summary>
    public static DicomTag TherapeuticRoleCategoryCodeSequence => new(0x3010, 0x0064);

    /// <summary>(3010,0065) Therapeutic Role Type Code Sequence, SQ 1</summary>
    public static DicomTag TherapeuticRoleTypeCodeSequence => new(0x3010, 0x0065);

    /// <summary>(3010,0066) Conceptual Volume Optimization Precedence, US 1</summary>
    public static DicomTag ConceptualVolumeOptimizationPrecedence => new(0x3010, 0x0066);

    /// <summary>(3010,0067) Conceptual Volume Category Code Sequence, SQ 1</summary>
    public static DicomTag ConceptualVolumeCategoryCodeSequence => new(0x3010, 0x0067);

    /// <summary>(3010,0068) Conceptual Volume Blocking Constraint, CS 1</summary>
    public static DicomTag ConceptualVolumeBlockingConstraint => new(0x3010, 0x0068);

    /// <summary>(3010,0069) Conceptual Volume Type Code Sequence, SQ 1</summary>
    public static DicomTag ConceptualVolumeTypeCodeSequence => new(0x3010, 0x0069);

    /// <summary>(3010,006A) Conceptual Volume Type Modifier Code Sequence, SQ 1</summary>
    public static DicomTag ConceptualVolumeTypeModifierCodeSequence => new(0x3010, 0x006A);

    /// <summary>(3010,006B) RT Prescription Sequence, SQ 1</summary>
    public static DicomTag RTPrescriptionSequence => new(0x3010, 0x006B);

    /// <summary>(3010,006C) Dosimetric Objective Sequence, SQ 1</summary>
    public static DicomTag DosimetricObjectiveSequence => new(0x3010, 0x006C);

    /// <summary>(3010,006D) Dosimetric Objective Type Code Sequence, SQ 1</summary>
    public static DicomTag DosimetricObjectiveTypeCodeSequence => new(0x3010, 0x006D);

    /// <summary>(3010,006E) Dosimetric Objective UID, UI 1</summary>
    public static DicomTag DosimetricObjectiveUID => new(0x3010, 0x006E);

    /// <summary>(3010,006F) Referenced Dosimetric Objective UID, UI 1</summary>
    public static DicomTag ReferencedDosimetricObjectiveUID => new(0x3010, 0x006F);

    /// <summary>(3010,0070) Dosimetric Objective Parameter Sequence, SQ 1</summary>
    public static DicomTag DosimetricObjectiveParameterSequence => new(0x3010, 0x0070);

    /// <summary>(3010,0071) Referenced Dosimetric Objectives Sequence, SQ 1</summary>
    public static DicomTag ReferencedDosimetricObjectivesSequence => new(0x3010, 0x0071);

    /// <summary>(3010,0073) Absolute Dosimetric Objective Flag, CS 1</summary>
    public static DicomTag AbsoluteDosimetricObjectiveFlag => new(0x3010, 0x0073);

    /// <summary>(3010,0074) Dosimetric Objective Weight, FD 1</summary>
    public static DicomTag DosimetricObjectiveWeight => new(0x3010, 0x0074);

    /// <summary>(3010,0075) Dosimetric Objective Purpose, CS 1</summary>
    public static DicomTag DosimetricObjectivePurpose => new(0x3010, 0x0075);

    /// <summary>(3010,0076) Planning Input Information Sequence, SQ 1</summary>
    public static DicomTag PlanningInputInformationSequence => new(0x3010, 0x0076);

    /// <summary>(3010,0077) Treatment Site, LO 1</summary>
    public static DicomTag TreatmentSite => new(0x3010, 0x0077);

    /// <summary>(3010,0078) Treatment Site Code Sequence, SQ 1</summary>
    public static DicomTag TreatmentSiteCodeSequence => new(0x3010, 0x0078);

    /// <summary>(3010,0079) Fraction Pattern Sequence, SQ 1</summary>
    public static DicomTag FractionPatternSequence => new(0x3010, 0x0079);

    /// <summary>(3010,007A) Treatment Technique Notes, UT 1</summary>
    public static DicomTag TreatmentTechniqueNotes => new(0x3010, 0x007A);

    /// <summary>(3010,007B) Prescription Notes, UT 1</summary>
    public static DicomTag PrescriptionNotes => new(0x3010, 0x007B);

    /// <summary>(3010,007C) Number of Interval Fractions, IS 1</summary>
    public static DicomTag NumberOfIntervalFractions => new(0x3010, 0x007C);

    /// <summary>(3010,007D) Number of Fractions, US 1</summary>
    public static DicomTag NumberOfFractions => new(0x3010, 0x007D);

    /// <summary>(3010,007E) Intended Delivery Duration, US 1</summary>
    public static DicomTag IntendedDeliveryDuration => new(0x3010, 0x007E);

    /// <summary>(3010,007F) Fractionation Notes, UT 1</summary>
    public static DicomTag FractionationNotes => new(0x3010, 0x007F);

    /// <summary>(3010,0080) RT Treatment Technique Code Sequence, SQ 1</summary>
    public static DicomTag RTTreatmentTechniqueCodeSequence => new(0x3010, 0x0080);

    /// <summary>(3010,0081) Prescription Notes Sequence, SQ 1</summary>
    public static DicomTag PrescriptionNotesSequence => new(0x3010, 0x0081);

    /// <summary>(3010,0082) Fraction-Based Relationship Sequence, SQ 1</summary>
    public static DicomTag FractionBasedRelationshipSequence => new(0x3010, 0x0082);

    /// <summary>(3010,0083) Fraction-Based Relationship Interval Anchor, CS 1</summary>
    public static DicomTag FractionBasedRelationshipIntervalAnchor => new(0x3010, 0x0083);

    /// <summary>(3010,0084) Minimum Hours between Fractions, FD 1</summary>
    public static DicomTag MinimumHoursBetweenFractions => new(0x3010, 0x0084);

    /// <summary>(3010,0085) Intended Fraction Start Time, TM 1-n</summary>
    public static DicomTag IntendedFractionStartTime => new(0x3010, 0x0085);

    /// <summary>(3010,0086) Intended Start Day of Week, LT 1</summary>
    public static DicomTag IntendedStartDayOfWeek => new(0x3010, 0x0086);

    /// <summary>(3010,0087) Weekday Fraction Pattern Sequence, SQ 1</summary>
    public static DicomTag WeekdayFractionPatternSequence => new(0x3010, 0x0087);

    /// <summary>(3010,0088) Delivery Time Structure Code Sequence, SQ 1</summary>
    public static DicomTag DeliveryTimeStructureCodeSequence => new(0x3010, 0x0088);

    /// <summary>(3010,0089) Treatment Site Modifier Code Sequence, SQ 1</summary>
    public static DicomTag TreatmentSiteModifierCodeSequence => new(0x3010, 0x0089);

    /// <summary>(3010,0090) Robotic Base Location Indicator, CS 1</summary>
    public static DicomTag RoboticBaseLocationIndicator => new(0x3010, 0x0090);

    /// <summary>(3010,0091) Robotic Path Node Set Code Sequence, SQ 1</summary>
    public static DicomTag RoboticPathNodeSetCodeSequence => new(0x3010, 0x0091);

    /// <summary>(3010,0092) Robotic Node Identifier, UL 1</summary>
    public static DicomTag RoboticNodeIdentifier => new(0x3010, 0x0092);

    /// <summary>(3010,0093) RT Treatment Source Coordinates, FD 3</summary>
    public static DicomTag RTTreatmentSourceCoordinates => new(0x3010, 0x0093);

    /// <summary>(3010,0094) Radiation Source Coordinate SystemYaw Angle, FD 1</summary>
    public static DicomTag RadiationSourceCoordinateSystemYawAngle => new(0x3010, 0x0094);

    /// <summary>(3010,0095) Radiation Source Coordinate SystemRoll Angle, FD 1</summary>
    public static DicomTag RadiationSourceCoordinateSystemRollAngle => new(0x3010, 0x0095);

    /// <summary>(3010,0096) Radiation Source Coordinate System Pitch Angle, FD 1</summary>
    public static DicomTag RadiationSourceCoordinateSystemPitchAngle => new(0x3010, 0x0096);

    /// <summary>(3010,0097) Robotic Path Control Point Sequence, SQ 1</summary>
    public static DicomTag RoboticPathControlPointSequence => new(0x3010, 0x0097);

    /// <summary>(3010,0098) Tomotherapeutic Control Point Sequence, SQ 1</summary>
    public static DicomTag TomotherapeuticControlPointSequence => new(0x3010, 0x0098);

    /// <summary>(3010,0099) Tomotherapeutic Leaf Open Durations, FD 1-n</summary>
    public static DicomTag TomotherapeuticLeafOpenDurations => new(0x3010, 0x0099);

    /// <summary>(3010,009A) Tomotherapeutic Leaf Initial Closed Durations, FD 1-n</summary>
    public static DicomTag TomotherapeuticLeafInitialClosedDurations => new(0x3010, 0x009A);

    /// <summary>(4000,0010) Arbitrary, LT 1, retired</summary>
    public static DicomTag Arbitrary => new(0x4000, 0x0010);

    /// <summary>(4000,4000) Text Comments, LT 1, retired</summary>
    public static DicomTag TextComments => new(0x4000, 0x4000);

    /// <summary>(4008,0040) Results ID, SH 1, retired</summary>
    public static DicomTag ResultsID => new(0x4008, 0x0040);

    /// <summary>(4008,0042) Results ID Issuer, LO 1, retired</summary>
    public static DicomTag ResultsIDIssuer => new(0x4008, 0x0042);

    /// <summary>(4008,0050) Referenced Interpretation Sequence, SQ 1, retired</summary>
    public static DicomTag ReferencedInterpretationSequence => new(0x4008, 0x0050);

    /// <summary>(4008,00FF) Report Production Status (Trial), CS 1, retired</summary>
    public static DicomTag ReportProductionStatusTrial => new(0x4008, 0x00FF);

    /// <summary>(4008,0100) Interpretation Recorded Date, DA 1, retired</summary>
    public static DicomTag InterpretationRecordedDate => new(0x4008, 0x0100);

    /// <summary>(4008,0101) Interpretation Recorded Time, TM 1, retired</summary>
    public static DicomTag InterpretationRecordedTime => new(0x4008, 0x0101);

    /// <summary>(4008,0102) Interpretation Recorder, PN 1, retired</summary>
    public static DicomTag InterpretationRecorder => new(0x4008, 0x0102);

    /// <summary>(4008,0103) Reference to Recorded Sound, LO 1, retired</summary>
    public static DicomTag ReferenceToRecordedSound => new(0x4008, 0x0103);

    /// <summary>(4008,0108) Interpretation Transcription Date, DA 1, retired</summary>
    public static DicomTag InterpretationTranscriptionDate => new(0x4008, 0x0108);

    /// <summary>(4008,0109) Interpretation Transcription Time, TM 1, retired</summary>
    public static DicomTag InterpretationTranscriptionTime => new(0x4008, 0x0109);

    /// <summary>(4008,010A) Interpretation Transcriber, PN 1, retired</summary>
    public static DicomTag InterpretationTranscriber => new(0x4008, 0x010A);

    /// <summary>(4008,010B) Interpretation Text, ST 1, retired</summary>
    public static DicomTag InterpretationText => new(0x4008, 0x010B);

    /// <summary>(4008,010C) Interpretation Author, PN 1, retired</summary>
    public static DicomTag InterpretationAuthor => new(0x4008, 0x010C);

    /// <summary>(4008,0111) Interpretation Approver Sequence, SQ 1, retired</summary>
    public static DicomTag InterpretationApproverSequence => new(0x4008, 0x0111);

    /// <summary>(4008,0112) Interpretation Approval Date, DA 1, retired</summary>
    public static DicomTag InterpretationApprovalDate => new(0x4008, 0x0112);

    /// <summary>(4008,0113) Interpretation Approval Time, TM 1, retired</summary>
    public static DicomTag InterpretationApprovalTime => new(0x4008, 0x0113);

    /// <summary>(4008,0114) Physician Approving Interpretation, PN 1, retired</summary>
    public static DicomTag PhysicianApprovingInterpretation => new(0x4008, 0x0114);

    /// <summary>(4008,0115) Interpretation Diagnosis Description, LT 1, retired</summary>
    public static DicomTag InterpretationDiagnosisDescription => new(0x4008, 0x0115);

    /// <summary>(4008,0117) Interpretation Diagnosis Code Sequence, SQ 1, retired</summary>
    public static DicomTag InterpretationDiagnosisCodeSequence => new(0x4008, 0x0117);

    /// <summary>(4008,0118) Results Distribution List Sequence, SQ 1, retired</summary>
    public static DicomTag ResultsDistributionListSequence => new(0x4008, 0x0118);

    /// <summary>(4008,0119) Distribution Name, PN 1, retired</summary>
    public static DicomTag DistributionName => new(0x4008, 0x0119);

    /// <summary>(4008,011A) Distribution Address, LO 1, retired</summary>
    public static DicomTag DistributionAddress => new(0x4008, 0x011A);

    /// <summary>(4008,0200) Interpretation ID, SH 1, retired</summary>
    public static DicomTag InterpretationID => new(0x4008, 0x0200);

    /// <summary>(4008,0202) Interpretation ID Issuer, LO 1, retired</summary>
    public static DicomTag InterpretationIDIssuer => new(0x4008, 0x0202);

    /// <summary>(4008,0210) Interpretation Type ID, CS 1, retired</summary>
    public static DicomTag InterpretationTypeID => new(0x4008, 0x0210);

    /// <summary>(4008,0212) Interpretation Status ID, CS 1, retired</summary>
    public static DicomTag InterpretationStatusID => new(0x4008, 0x0212);

    /// <summary>(4008,0300) Impressions, ST 1, retired</summary>
    public static DicomTag Impressions => new(0x4008, 0x0300);

    /// <summary>(4008,4000) Results Comments, ST 1, retired</summary>
    public static DicomTag ResultsComments => new(0x4008, 0x4000);

    /// <summary>(4010,0001) Low Energy Detectors, CS 1</summary>
    public static DicomTag LowEnergyDetectors => new(0x4010, 0x0001);

    /// <summary>(4010,0002) High Energy Detectors, CS 1</summary>
    public static DicomTag HighEnergyDetectors => new(0x4010, 0x0002);

    /// <summary>(4010,0004) Detector Geometry Sequence, SQ 1</summary>
    public static DicomTag DetectorGeometrySequence => new(0x4010, 0x0004);

    /// <summary>(4010,1001) Threat ROI Voxel Sequence, SQ 1</summary>
    public static DicomTag ThreatROIVoxelSequence => new(0x4010, 0x1001);

    /// <summary>(4010,1004) Threat ROI Base, FL 3</summary>
    public static DicomTag ThreatROIBase => new(0x4010, 0x1004);

    /// <summary>(4010,1005) Threat ROI Extents, FL 3</summary>
    public static DicomTag ThreatROIExtents => new(0x4010, 0x1005);

    /// <summary>(4010,1006) Threat ROI Bitmap, OB 1</summary>
    public static DicomTag ThreatROIBitmap => new(0x4010, 0x1006);

    /// <summary>(4010,1007) Route Segment ID, SH 1</summary>
    public static DicomTag RouteSegmentID => new(0x4010, 0x1007);

    /// <summary>(4010,1008) Gantry Type, CS 1</summary>
    public static DicomTag GantryType => new(0x4010, 0x1008);

    /// <summary>(4010,1009) OOI Owner Type, CS 1</summary>
    public static DicomTag OOIOwnerType => new(0x4010, 0x1009);

    /// <summary>(4010,100A) Route Segment Sequence, SQ 1</summary>
    public static DicomTag RouteSegmentSequence => new(0x4010, 0x100A);

    /// <summary>(4010,1010) Potential Threat Object ID, US 1</summary>
    public static DicomTag PotentialThreatObjectID => new(0x4010, 0x1010);

    /// <summary>(4010,1011) Threat Sequence, SQ 1</summary>
    public static DicomTag ThreatSequence => new(0x4010, 0x1011);

    /// <summary>(4010,1012) Threat Category, CS 1</summary>
    public static DicomTag ThreatCategory => new(0x4010, 0x1012);

    /// <summary>(4010,1013) Threat Category Description, LT 1</summary>
    public static DicomTag ThreatCategoryDescription => new(0x4010, 0x1013);

    /// <summary>(4010,1014) ATD Ability Assessment, CS 1</summary>
    public static DicomTag ATDAbilityAssessment => new(0x4010, 0x1014);

    /// <summary>(4010,1015) ATD Assessment Flag, CS 1</summary>
    public static DicomTag ATDAssessmentFlag => new(0x4010, 0x1015);

    /// <summary>(4010,1016) ATD Assessment Probability, FL 1</summary>
    public static DicomTag ATDAssessmentProbability => new(0x4010, 0x1016);

    /// <summary>(4010,1017) Mass, FL 1</summary>
    public static DicomTag Mass => new(0x4010, 0x1017);

    /// <summary>(4010,1018) Density, FL 1</summary>
    public static DicomTag Density => new(0x4010, 0x1018);

    /// <summary>(4010,1019) Z Effective, FL 1</summary>
    public static DicomTag ZEffective => new(0x4010, 0x1019);

    /// <summary>(4010,101A) Boarding Pass ID, SH 1</summary>
    public static DicomTag BoardingPassID => new(0x4010, 0x101A);

    /// <summary>(4010,101B) Center of Mass, FL 3</summary>
    public static DicomTag CenterOfMass => new(0x4010, 0x101B);

    /// <summary>(4010,101C) Center of PTO, FL 3</summary>
    public static DicomTag CenterOfPTO => new(0x4010, 0x101C);

    /// <summary>(4010,101D) Bounding Polygon, FL 6-n</summary>
    public static DicomTag BoundingPolygon => new(0x4010, 0x101D);

    /// <summary>(4010,101E) Route Segment Start Location ID, SH 1</summary>
    public static DicomTag RouteSegmentStartLocationID => new(0x4010, 0x101E);

    /// <summary>(4010,101F) Route Segment End Location ID, SH 1</summary>
    public static DicomTag RouteSegmentEndLocationID => new(0x4010, 0x101F);

    /// <summary>(4010,1020) Route Segment Location ID Type, CS 1</summary>
    public static DicomTag RouteSegmentLocationIDType => new(0x4010, 0x1020);

    /// <summary>(4010,1021) Abort Reason, CS 1-n</summary>
    public static DicomTag AbortReason => new(0x4010, 0x1021);

    /// <summary>(4010,1023) Volume of PTO, FL 1</summary>
    public static DicomTag VolumeOfPTO => new(0x4010, 0x1023);

    /// <summary>(4010,1024) Abort Flag, CS 1</summary>
    public static DicomTag AbortFlag => new(0x4010, 0x1024);

    /// <summary>(4010,1025) Route Segment Start Time, DT 1</summary>
    public static DicomTag RouteSegmentStartTime => new(0x4010, 0x1025);

    /// <summary>(4010,1026) Route Segment End Time, DT 1</summary>
    public static DicomTag RouteSegmentEndTime => new(0x4010, 0x1026);

    /// <summary>(4010,1027) TDR Type, CS 1</summary>
    public static DicomTag TDRType => new(0x4010, 0x1027);

    /// <summary>(4010,1028) International Route Segment, CS 1</summary>
    public static DicomTag InternationalRouteSegment => new(0x4010, 0x1028);

    /// <summary>(4010,1029) Threat Detection Algorithm and Version, LO 1-n</summary>
    public static DicomTag ThreatDetectionAlgorithmAndVersion => new(0x4010, 0x1029);

    /// <summary>(4010,102A) Assigned Location, SH 1</summary>
    public static DicomTag AssignedLocation => new(0x4010, 0x102A);

    /// <summary>(4010,102B) Alarm Decision Time, DT 1</summary>
    public static DicomTag AlarmDecisionTime => new(0x4010, 0x102B);

    /// <summary>(4010,1031) Alarm Decision, CS 1</summary>
    public static DicomTag AlarmDecision => new(0x4010, 0x1031);

    /// <summary>(4010,1033) Number of Total Objects, US 1</summary>
    public static DicomTag NumberOfTotalObjects => new(0x4010, 0x1033);

    /// <summary>(4010,1034) Number of Alarm Objects, US 1</summary>
    public static DicomTag NumberOfAlarmObjects => new(0x4010, 0x1034);

    /// <summary>(4010,1037) PTO Representation Sequence, SQ 1</summary>
    public static DicomTag PTORepresentationSequence => new(0x4010, 0x1037);

    /// <summary>(4010,1038) ATD Assessment Sequence, SQ 1</summary>
    public static DicomTag ATDAssessmentSequence => new(0x4010, 0x1038);

    /// <summary>(4010,1039) TIP Type, CS 1</summary>
    public static DicomTag TIPType => new(0x4010, 0x1039);

    /// <summary>(4010,103A) DICOS Version, CS 1</summary>
    public static DicomTag DICOSVersion => new(0x4010, 0x103A);

    /// <summary>(4010,1041) OOI Owner Creation Time, DT 1</summary>
    public static DicomTag OOIOwnerCreationTime => new(0x4010, 0x1041);

    /// <summary>(4010,1042) OOI Type, CS 1</summary>
    public static DicomTag OOIType => new(0x4010, 0x1042);

    /// <summary>(4010,1043) OOI Size, FL 3</summary>
    public static DicomTag OOISize => new(0x4010, 0x1043);

    /// <summary>(4010,1044) Acquisition Status, CS 1</summary>
    public static DicomTag AcquisitionStatus => new(0x4010, 0x1044);

    /// <summary>(4010,1045) Basis Materials Code Sequence, SQ 1</summary>
    public static DicomTag BasisMaterialsCodeSequence => new(0x4010, 0x1045);

    /// <summary>(4010,1046) Phantom Type, CS 1</summary>
    public static DicomTag PhantomType => new(0x4010, 0x1046);

    /// <summary>(4010,1047) OOI Owner Sequence, SQ 1</summary>
    public static DicomTag OOIOwnerSequence => new(0x4010, 0x1047);

    /// <summary>(4010,1048) Scan Type, CS 1</summary>
    public static DicomTag ScanType => new(0x4010, 0x1048);

    /// <summary>(4010,1051) Itinerary ID, LO 1</summary>
    public static DicomTag ItineraryID => new(0x4010, 0x1051);

    /// <summary>(4010,1052) Itinerary ID Type, SH 1</summary>
    public static DicomTag ItineraryIDType => new(0x4010, 0x1052);

    /// <summary>(4010,1053) Itinerary ID Assigning Authority, LO 1</summary>
    public static DicomTag ItineraryIDAssigningAuthority => new(0x4010, 0x1053);

    /// <summary>(4010,1054) Route ID, SH 1</summary>
    public static DicomTag RouteID => new(0x4010, 0x1054);

    /// <summary>(4010,1055) Route ID Assigning Authority, SH 1</summary>
    public static DicomTag RouteIDAssigningAuthority => new(0x4010, 0x1055);

    /// <summary>(4010,1056) Inbound Arrival Type, CS 1</summary>
    public static DicomTag InboundArrivalType => new(0x4010, 0x1056);

    /// <summary>(4010,1058) Carrier ID, SH 1</summary>
    public static DicomTag CarrierID => new(0x4010, 0x1058);

    /// <summary>(4010,1059) Carrier ID Assigning Authority, CS 1</summary>
    public static DicomTag CarrierIDAssigningAuthority => new(0x4010, 0x1059);

    /// <summary>(4010,1060) Source Orientation, FL 3</summary>
    public static DicomTag SourceOrientation => new(0x4010, 0x1060);

    /// <summary>(4010,1061) Source Position, FL 3</summary>
    public static DicomTag SourcePosition => new(0x4010, 0x1061);

    /// <summary>(4010,1062) Belt Height, FL 1</summary>
    public static DicomTag BeltHeight => new(0x4010, 0x1062);

    /// <summary>(4010,1064) Algorithm Routing Code Sequence, SQ 1</summary>
    public static DicomTag AlgorithmRoutingCodeSequence => new(0x4010, 0x1064);

    /// <summary>(4010,1067) Transport Classification, CS 1</summary>
    public static DicomTag TransportClassification => new(0x4010, 0x1067);

    /// <summary>(4010,1068) OOI Type Descriptor, LT 1</summary>
    public static DicomTag OOITypeDescriptor => new(0x4010, 0x1068);

    /// <summary>(4010,1069) Total Processing Time, FL 1</summary>
    public static DicomTag TotalProcessingTime => new(0x4010, 0x1069);

    /// <summary>(4010,106C) Detector Calibration Data, OB 1</summary>
    public static DicomTag DetectorCalibrationData => new(0x4010, 0x106C);

    /// <summary>(4010,106D) Additional Screening Performed, CS 1</summary>
    public static DicomTag AdditionalScreeningPerformed => new(0x4010, 0x106D);

    /// <summary>(4010,106E) Additional Inspection Selection Criteria, CS 1</summary>
    public static DicomTag AdditionalInspectionSelectionCriteria => new(0x4010, 0x106E);

    /// <summary>(4010,106F) Additional Inspection Method Sequence, SQ 1</summary>
    public static DicomTag AdditionalInspectionMethodSequence => new(0x4010, 0x106F);

    /// <summary>(4010,1070) AIT Device Type, CS 1</summary>
    public static DicomTag AITDeviceType => new(0x4010, 0x1070);

    /// <summary>(4010,1071) QR Measurements Sequence, SQ 1</summary>
    public static DicomTag QRMeasurementsSequence => new(0x4010, 0x1071);

    /// <summary>(4010,1072) Target Material Sequence, SQ 1</summary>
    public static DicomTag TargetMaterialSequence => new(0x4010, 0x1072);

    /// <summary>(4010,1073) SNR Threshold, FD 1</summary>
    public static DicomTag SNRThreshold => new(0x4010, 0x1073);

    /// <summary>(4010,1075) Image Scale Representation, DS 1</summary>
    public static DicomTag ImageScaleRepresentation => new(0x4010, 0x1075);

    /// <summary>(4010,1076) Referenced PTO Sequence, SQ 1</summary>
    public static DicomTag ReferencedPTOSequence => new(0x4010, 0x1076);

    /// <summary>(4010,1077) Referenced TDR Instance Sequence, SQ 1</summary>
    public static DicomTag ReferencedTDRInstanceSequence => new(0x4010, 0x1077);

    /// <summary>(4010,1078) PTO Location Description, ST 1</summary>
    public static DicomTag PTOLocationDescription => new(0x4010, 0x1078);

    /// <summary>(4010,1079) Anomaly Locator Indicator Sequence, SQ 1</summary>
    public static DicomTag AnomalyLocatorIndicatorSequence => new(0x4010, 0x1079);

    /// <summary>(4010,107A) Anomaly Locator Indicator, FL 3</summary>
    public static DicomTag AnomalyLocatorIndicator => new(0x4010, 0x107A);

    /// <summary>(4010,107B) PTO Region Sequence, SQ 1</summary>
    public static DicomTag PTORegionSequence => new(0x4010, 0x107B);

    /// <summary>(4010,107C) Inspection Selection Criteria, CS 1</summary>
    public static DicomTag InspectionSelectionCriteria => new(0x4010, 0x107C);

    /// <summary>(4010,107D) Secondary Inspection Method Sequence, SQ 1</summary>
    public static DicomTag SecondaryInspectionMethodSequence => new(0x4010, 0x107D);

    /// <summary>(4010,107E) PRCS to RCS Orientation, DS 6</summary>
    public static DicomTag PRCSToRCSOrientation => new(0x4010, 0x107E);

    /// <summary>(4FFE,0001) MAC Parameters Sequence, SQ 1</summary>
    public static DicomTag MACParametersSequence => new(0x4FFE, 0x0001);

    /// <summary>(50xx,0005) Curve Dimensions, US 1, retired</summary>
    public static DicomTag CurveDimensions => new(0x5000, 0x0005);

    /// <summary>(50xx,0010) Number of Points, US 1, retired</summary>
    public static DicomTag NumberOfPoints => new(0x5000, 0x0010);

    /// <summary>(50xx,0020) Type of Data, CS 1, retired</summary>
    public static DicomTag TypeOfData => new(0x5000, 0x0020);

    /// <summary>(50xx,0022) Curve Description, LO 1, retired</summary>
    public static DicomTag CurveDescription => new(0x5000, 0x0022);

    /// <summary>(50xx,0030) Axis Units, SH 1-n, retired</summary>
    public static DicomTag AxisUnits => new(0x5000, 0x0030);

    /// <summary>(50xx,0040) Axis Labels, SH 1-n, retired</summary>
    public static DicomTag AxisLabels => new(0x5000, 0x0040);

    /// <summary>(50xx,0103) Data Value Representation, US 1, retired</summary>
    public static DicomTag DataValueRepresentation => new(0x5000, 0x0103);

    /// <summary>(50xx,0104) Minimum Coordinate Value, US 1-n, retired</summary>
    public static DicomTag MinimumCoordinateValue => new(0x5000, 0x0104);

    /// <summary>(50xx,0105) Maximum Coordinate Value, US 1-n, retired</summary>
    public static DicomTag MaximumCoordinateValue => new(0x5000, 0x0105);

    /// <summary>(50xx,0106) Curve Range, SH 1-n, retired</summary>
    public static DicomTag CurveRange => new(0x5000, 0x0106);

    /// <summary>(50xx,0110) Curve Data Descriptor, US 1-n, retired</summary>
    public static DicomTag CurveDataDescriptor => new(0x5000, 0x0110);

    /// <summary>(50xx,0112) Coordinate Start Value, US 1-n, retired</summary>
    public static DicomTag CoordinateStartValue => new(0x5000, 0x0112);

    /// <summary>(50xx,0114) Coordinate Step Value, US 1-n, retired</summary>
    public static DicomTag CoordinateStepValue => new(0x5000, 0x0114);

    /// <summary>(50xx,1001) Curve Activation Layer, CS 1, retired</summary>
    public static DicomTag CurveActivationLayer => new(0x5000, 0x1001);

    /// <summary>(50xx,2000) Audio Type, US 1, retired</summary>
    public static DicomTag AudioType => new(0x5000, 0x2000);

    /// <summary>(50xx,2002) Audio Sample Format, US 1, retired</summary>
    public static DicomTag AudioSampleFormat => new(0x5000, 0x2002);

    /// <summary>(50xx,2004) Number of Channels, US 1, retired</summary>
    public static DicomTag NumberOfChannels => new(0x5000, 0x2004);

    /// <summary>(50xx,2006) Number of Samples, UL 1, retired</summary>
    public static DicomTag NumberOfSamples => new(0x5000, 0x2006);

    /// <summary>(50xx,2008) Sample Rate, UL 1, retired</summary>
    public static DicomTag SampleRate => new(0x5000, 0x2008);

    /// <summary>(50xx,200A) Total Time, UL 1, retired</summary>
    public static DicomTag TotalTime => new(0x5000, 0x200A);

    /// <summary>(50xx,200C) Audio Sample Data, OB/OW 1, retired</summary>
    public static DicomTag AudioSampleData => new(0x5000, 0x200C);

    /// <summary>(50xx,200E) Audio Comments, LT 1, retired</summary>
    public static DicomTag AudioComments => new(0x5000, 0x200E);

    /// <summary>(50xx,2500) Curve Label, LO 1, retired</summary>
    public static DicomTag CurveLabel => new(0x5000, 0x2500);

    /// <summary>(50xx,2600) Curve Referenced Overlay Sequence, SQ 1, retired</summary>
    public static DicomTag CurveReferencedOverlaySequence => new(0x5000, 0x2600);

    /// <summary>(50xx,2610) Curve Referenced Overlay Group, US 1, retired</summary>
    public static DicomTag CurveReferencedOverlayGroup => new(0x5000, 0x2610);

    /// <summary>(50xx,3000) Curve Data, OB/OW 1, retired</summary>
    public static DicomTag CurveData => new(0x5000, 0x3000);

    /// <summary>(5200,9229) Shared Functional Groups Sequence, SQ 1</summary>
    public static DicomTag SharedFunctionalGroupsSequence => new(0x5200, 0x9229);

    /// <summary>(5200,9230) Per-frame Functional Groups Sequence, SQ 1</summary>
    public static DicomTag PerFrameFunctionalGroupsSequence => new(0x5200, 0x9230);

    /// <summary>(5400,0100) Waveform Sequence, SQ 1</summary>
    public static DicomTag WaveformSequence => new(0x5400, 0x0100);

    /// <summary>(5400,0110) Channel Minimum Value, OB/OW 1</summary>
    public static DicomTag ChannelMinimumValue => new(0x5400, 0x0110);

    /// <summary>(5400,0112) Channel Maximum Value, OB/OW 1</summary>
    public static DicomTag ChannelMaximumValue => new(0x5400, 0x0112);

    /// <summary>(5400,1004) Waveform Bits Allocated, US 1</summary>
    public static DicomTag WaveformBitsAllocated => new(0x5400, 0x1004);

    /// <summary>(5400,1006) Waveform Sample Interpretation, CS 1</summary>
    public static DicomTag WaveformSampleInterpretation => new(0x5400, 0x1006);

    /// <summary>(5400,100A) Waveform Padding Value, OB/OW 1</summary>
    public static DicomTag WaveformPaddingValue => new(0x5400, 0x100A);

    /// <summary>(5400,1010) Waveform Data, OB/OW 1</summary>
    public static DicomTag WaveformData => new(0x5400, 0x1010);

    /// <summary>(5600,0010) First Order Phase Correction Angle, OF 1</summary>
    public static DicomTag FirstOrderPhaseCorrectionAngle => new(0x5600, 0x0010);

    /// <summary>(5600,0020) Spectroscopy Data, OF 1</summary>
    public static DicomTag SpectroscopyData => new(0x5600, 0x0020);

    /// <summary>(60xx,0010) Overlay Rows, US 1</summary>
    public static DicomTag OverlayRows => new(0x6000, 0x0010);

    /// <summary>(60xx,0011) Overlay Columns, US 1</summary>
    public static DicomTag OverlayColumns => new(0x6000, 0x0011);

    /// <summary>(60xx,0012) Overlay Planes, US 1, retired</summary>
    public static DicomTag OverlayPlanes => new(0x6000, 0x0012);

    /// <summary>(60xx,0015) Number of Frames in Overlay, IS 1</summary>
    public static DicomTag NumberOfFramesInOverlay => new(0x6000, 0x0015);

    /// <summary>(60xx,0022) Overlay Description, LO 1</summary>
    public static DicomTag OverlayDescription => new(0x6000, 0x0022);

    /// <summary>(60xx,0040) Overlay Type, CS 1</summary>
    public static DicomTag OverlayType => new(0x6000, 0x0040);

    /// <summary>(60xx,0045) Overlay Subtype, LO 1</summary>
    public static DicomTag OverlaySubtype => new(0x6000, 0x0045);

    /// <summary>(60xx,0050) Overlay Origin, SS 2</summary>
    public static DicomTag OverlayOrigin => new(0x6000, 0x0050);

    /// <summary>(60xx,0051) Image Frame Origin, US 1</summary>
    public static DicomTag ImageFrameOrigin => new(0x6000, 0x0051);

    /// <summary>(60xx,0052) Overlay Plane Origin, US 1, retired</summary>
    public static DicomTag OverlayPlaneOrigin => new(0x6000, 0x0052);

    /// <summary>(60xx,0060) Overlay Compression Code, CS 1, retired</summary>
    public static DicomTag OverlayCompressionCode => new(0x6000, 0x0060);

    /// <summary>(60xx,0061) Overlay Compression Originator, SH 1, retired</summary>
    public static DicomTag OverlayCompressionOriginator => new(0x6000, 0x0061);

    /// <summary>(60xx,0062) Overlay Compression Label, SH 1, retired</summary>
    public static DicomTag OverlayCompressionLabel => new(0x6000, 0x0062);

    /// <summary>(60xx,0063) Overlay Compression Description, CS 1, retired</summary>
    public static DicomTag OverlayCompressionDescription => new(0x6000, 0x0063);

    /// <summary>(60xx,0066) Overlay Compression Step Pointers, AT 1-n, retired</summary>
    public static DicomTag OverlayCompressionStepPointers => new(0x6000, 0x0066);

    /// <summary>(60xx,0068) Overlay Repeat Interval, US 1, retired</summary>
    public static DicomTag OverlayRepeatInterval => new(0x6000, 0x0068);

    /// <summary>(60xx,0069) Overlay Bits Grouped, US 1, retired</summary>
    public static DicomTag OverlayBitsGrouped => new(0x6000, 0x0069);

    /// <summary>(60xx,0100) Overlay Bits Allocated, US 1</summary>
    public static DicomTag OverlayBitsAllocated => new(0x6000, 0x0100);

    /// <summary>(60xx,0102) Overlay Bit Position, US 1</summary>
    public static DicomTag OverlayBitPosition => new(0x6000, 0x0102);

    /// <summary>(60xx,0110) Overlay Format, CS 1, retired</summary>
    public static DicomTag OverlayFormat => new(0x6000, 0x0110);

    /// <summary>(60xx,0200) Overlay Location, US 1, retired</summary>
    public static DicomTag OverlayLocation => new(0x6000, 0x0200);

    /// <summary>(60xx,0800) Overlay Code Label, CS 1-n, retired</summary>
    public static DicomTag OverlayCodeLabel => new(0x6000, 0x0800);

    /// <summary>(60xx,0802) Overlay Number of Tables, US 1, retired</summary>
    public static DicomTag OverlayNumberOfTables => new(0x6000, 0x0802);

    /// <summary>(60xx,0803) Overlay Code Table Location, AT 1-n, retired</summary>
    public static DicomTag OverlayCodeTableLocation => new(0x6000, 0x0803);

    /// <summary>(60xx,0804) Overlay Bits For Code Word, US 1, retired</summary>
    public static DicomTag OverlayBitsForCodeWord => new(0x6000, 0x0804);

    /// <summary>(60xx,1001) Overlay Activation Layer, CS 1</summary>
    public static DicomTag OverlayActivationLayer => new(0x6000, 0x1001);

    /// <summary>(60xx,1100) Overlay Descriptor - Gray, US 1, retired</summary>
    public static DicomTag OverlayDescriptorGray => new(0x6000, 0x1100);

    /// <summary>(60xx,1101) Overlay Descriptor - Red, US 1, retired</summary>
    public static DicomTag OverlayDescriptorRed => new(0x6000, 0x1101);

    /// <summary>(60xx,1102) Overlay Descriptor - Green, US 1, retired</summary>
    public static DicomTag OverlayDescriptorGreen => new(0x6000, 0x1102);

    /// <summary>(60xx,1103) Overlay Descriptor - Blue, US 1, retired</summary>
    public static DicomTag OverlayDescriptorBlue => new(0x6000, 0x1103);

    /// <summary>(60xx,1200) Overlays - Gray, US 1-n, retired</summary>
    public static DicomTag OverlaysGray => new(0x6000, 0x1200);

    /// <summary>(60xx,1201) Overlays - Red, US 1-n, retired</summary>
    public static DicomTag OverlaysRed => new(0x6000, 0x1201);

    /// <summary>(60xx,1202) Overlays - Green, US 1-n, retired</summary>
    public static DicomTag OverlaysGreen => new(0x6000, 0x1202);

    /// <summary>(60xx,1203) Overlays - Blue, US 1-n, retired</summary>
    public static DicomTag OverlaysBlue => new(0x6000, 0x1203);

    /// <summary>(60xx,1301) ROI Area, IS 1</summary>
    public static DicomTag ROIArea => new(0x6000, 0x1301);

    /// <summary>(60xx,1302) ROI Mean, DS 1</summary>
    public static DicomTag ROIMean => new(0x6000, 0x1302);

    /// <summary>(60xx,1303) ROI Standard Deviation, DS 1</summary>
    public static DicomTag ROIStandardDeviation => new(0x6000, 0x1303);

    /// <summary>(60xx,1500) Overlay Label, LO 1</summary>
    public static DicomTag OverlayLabel => new(0x6000, 0x1500);

    /// <summary>(60xx,3000) Overlay Data, OB/OW 1</summary>
    public static DicomTag OverlayData => new(0x6000, 0x3000);

    /// <summary>(60xx,4000) Overlay Comments, LT 1, retired</summary>
    public static DicomTag OverlayComments => new(0x6000, 0x4000);

    /// <summary>(7Fxx,0010) Variable Pixel Data, OB/OW 1, retired</summary>
    public static DicomTag VariablePixelData => new(0x7F00, 0x0010);

    /// <summary>(7Fxx,0011) Variable Next Data Group, US 1, retired</summary>
    public static DicomTag VariableNextDataGroup => new(0x7F00, 0x0011);

    /// <summary>(7Fxx,0020) Variable Coefficients SDVN, OW 1, retired</summary>
    public static DicomTag VariableCoefficientsSDVN => new(0x7F00, 0x0020);

    /// <summary>(7Fxx,0030) Variable Coefficients SDHN, OW 1, retired</summary>
    public static DicomTag VariableCoefficientsSDHN => new(0x7F00, 0x0030);

    /// <summary>(7Fxx,0040) Variable Coefficients SDDN, OW 1, retired</summary>
    public static DicomTag VariableCoefficientsSDDN => new(0x7F00, 0x0040);

    /// <summary>(7FE0,0001) Extended Offset Table, OV 1</summary>
    public static DicomTag ExtendedOffsetTable => new(0x7FE0, 0x0001);

    /// <summary>(7FE0,0002) Extended Offset Table Lengths, OV 1</summary>
    public static DicomTag ExtendedOffsetTableLengths => new(0x7FE0, 0x0002);

    /// <summary>(7FE0,0008) Float Pixel Data, OF 1</summary>
    public static DicomTag FloatPixelData => new(0x7FE0, 0x0008);

    /// <summary>(7FE0,0009) Double Float Pixel Data, OD 1</summary>
    public static DicomTag DoubleFloatPixelData => new(0x7FE0, 0x0009);

    /// <summary>(7FE0,0010) Pixel Data, OB/OW 1</summary>
    public static DicomTag PixelData => new(0x7FE0, 0x0010);

    /// <summary>(7FE0,0020) Coefficients SDVN, OW 1, retired</summary>
    public static DicomTag CoefficientsSDVN => new(0x7FE0, 0x0020);

    /// <summary>(7FE0,0030) Coefficients SDHN, OW 1, retired</summary>
    public static DicomTag CoefficientsSDHN => new(0x7FE0, 0x0030);

    /// <summary>(7FE0,0040) Coefficients SDDN, OW 1, retired</summary>
    public static DicomTag CoefficientsSDDN => new(0x7FE0, 0x0040);

    /// <summary>(FFFA,FFFA) Digital Signatures Sequence, SQ 1</summary>
    public static DicomTag DigitalSignaturesSequence => new(0xFFFA, 0xFFFA);

    /// <summary>(FFFC,FFFC) Data Set Trailing Padding, OB 1</summary>
    public static DicomTag DataSetTrailingPadding => new(0xFFFC, 0xFFFC);

    /// <summary>(FFFE,E000) Item</summary>
    public static DicomTag Item => new(0xFFFE, 0xE000);

    /// <summary>(FFFE,E00D) Item Delimitation Item</summary>
    public static DicomTag ItemDelimitationItem => new(0xFFFE, 0xE00D);

    /// <summary>(FFFE,E0DD) Sequence Delimitation Item</summary>
    public static DicomTag SequenceDelimitationItem => new(0xFFFE, 0xE0DD);
}
