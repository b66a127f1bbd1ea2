using SecureStore.Dicom;

namespace SecureStore.Grains.Studies;

/// <summary>
/// The attributes that are kept at hand, sealed, for searches: what PS3.18 10.6.3.3 requires in answers and what PS3.4
/// C.6.2.1 lists as keys of each level, ascending by tag. The store pass copies them from each instance; counts,
/// modalities and the like are reckoned and not among them.
/// </summary>
public static class SearchAttributes
{
    /// <summary>Patient and study level: kept from the first instance of a study.</summary>
    public static IReadOnlyList<DicomTag> Study { get; } =
    [
        DicomTag.SpecificCharacterSet, DicomTag.StudyDate, DicomTag.StudyTime, DicomTag.AccessionNumber,
        DicomTag.IssuerOfAccessionNumberSequence, DicomTag.AnatomicRegionsInStudyCodeSequence,
        DicomTag.ReferringPhysicianName, DicomTag.ConsultingPhysicianName, DicomTag.TimezoneOffsetFromUTC,
        DicomTag.StudyDescription, DicomTag.ProcedureCodeSequence, DicomTag.PhysiciansOfRecord,
        DicomTag.NameOfPhysiciansReadingStudy, DicomTag.AdmittingDiagnosesDescription,
        DicomTag.ReferencedStudySequence, DicomTag.ReferencedPatientSequence, DicomTag.PatientName,
        DicomTag.PatientID, DicomTag.IssuerOfPatientID, DicomTag.TypeOfPatientID,
        DicomTag.IssuerOfPatientIDQualifiersSequence, DicomTag.PatientBirthDate, DicomTag.PatientBirthTime,
        DicomTag.PatientSex, DicomTag.OtherPatientIDs, DicomTag.OtherPatientNames, DicomTag.OtherPatientIDsSequence,
        DicomTag.PatientAge, DicomTag.PatientSize, DicomTag.PatientWeight, DicomTag.EthnicGroup, DicomTag.Occupation,
        DicomTag.AdditionalPatientHistory, DicomTag.PatientSpeciesDescription, DicomTag.PatientBreedDescription,
        DicomTag.ResponsiblePerson, DicomTag.PatientComments, DicomTag.PatientIdentityRemoved,
        DicomTag.StudyInstanceUID, DicomTag.StudyID, DicomTag.OtherStudyNumbers, DicomTag.ReasonForStudy,
        DicomTag.RequestingService, DicomTag.RequestedProcedureDescription, DicomTag.AdmissionID,
        DicomTag.ReasonForPerformedProcedureCodeSequence,
    ];

    /// <summary>Series level: kept from the first instance of a series.</summary>
    public static IReadOnlyList<DicomTag> Series { get; } =
    [
        DicomTag.SpecificCharacterSet, DicomTag.SeriesDate, DicomTag.SeriesTime, DicomTag.Modality,
        DicomTag.PresentationIntentType, DicomTag.Manufacturer, DicomTag.InstitutionName,
        DicomTag.TimezoneOffsetFromUTC, DicomTag.StationName, DicomTag.SeriesDescription,
        DicomTag.SeriesDescriptionCodeSequence, DicomTag.InstitutionalDepartmentName,
        DicomTag.PerformingPhysicianName, DicomTag.OperatorsName, DicomTag.ManufacturerModelName,
        DicomTag.ReferencedPerformedProcedureStepSequence, DicomTag.AnatomicalOrientationType,
        DicomTag.BodyPartExamined, DicomTag.DeviceSerialNumber, DicomTag.SoftwareVersions, DicomTag.ProtocolName,
        DicomTag.PatientPosition, DicomTag.SeriesInstanceUID, DicomTag.SeriesNumber, DicomTag.FrameOfReferenceUID,
        DicomTag.Laterality, DicomTag.PositionReferenceIndicator, DicomTag.PerformedProcedureStepStartDate,
        DicomTag.PerformedProcedureStepStartTime, DicomTag.PerformedProcedureStepEndDate,
        DicomTag.PerformedProcedureStepEndTime, DicomTag.PerformedProcedureStepID,
        DicomTag.PerformedProcedureStepDescription, DicomTag.PerformedProtocolCodeSequence,
        DicomTag.RequestAttributesSequence,
    ];

    /// <summary>Instance level: kept for each instance.</summary>
    public static IReadOnlyList<DicomTag> Instance { get; } =
    [
        DicomTag.SpecificCharacterSet, DicomTag.ImageType, DicomTag.InstanceCreationDate,
        DicomTag.InstanceCreationTime, DicomTag.SOPClassUID, DicomTag.SOPInstanceUID,
        DicomTag.RelatedGeneralSOPClassUID, DicomTag.AcquisitionDate, DicomTag.ContentDate,
        DicomTag.AcquisitionDateTime, DicomTag.AcquisitionTime, DicomTag.ContentTime, DicomTag.TimezoneOffsetFromUTC,
        DicomTag.SliceThickness, DicomTag.ViewPosition, DicomTag.AcquisitionNumber, DicomTag.InstanceNumber,
        DicomTag.ImagePositionPatient, DicomTag.ImageOrientationPatient, DicomTag.ImageLaterality,
        DicomTag.SliceLocation, DicomTag.ImageComments, DicomTag.SamplesPerPixel, DicomTag.PhotometricInterpretation,
        DicomTag.NumberOfFrames, DicomTag.Rows, DicomTag.Columns, DicomTag.PixelSpacing, DicomTag.BitsAllocated,
        DicomTag.BitsStored, DicomTag.WindowCenter, DicomTag.WindowWidth, DicomTag.ContainerIdentifier,
        DicomTag.SpecimenDescriptionSequence, DicomTag.VerificationDateTime, DicomTag.ObservationDateTime,
        DicomTag.ConceptNameCodeSequence, DicomTag.ReferencedRequestSequence, DicomTag.CompletionFlag,
        DicomTag.VerificationFlag, DicomTag.ContentTemplateSequence, DicomTag.DocumentTitle,
        DicomTag.MIMETypeOfEncapsulatedDocument, DicomTag.ContentLabel, DicomTag.ContentDescription,
        DicomTag.PresentationCreationDate, DicomTag.PresentationCreationTime, DicomTag.ContentCreatorName,
    ];
}
