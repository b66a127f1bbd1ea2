using SecureStore.Dicom;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Search;

/// <summary>Which attributes a search of each level can match and return, and which it returns unasked (PS3.18 10.6.3.3).</summary>
public static class SearchFields
{
    private static readonly DicomTag[] StudyComputed =
    [
        DicomTag.InstanceAvailability, DicomTag.ModalitiesInStudy, DicomTag.SOPClassesInStudy, DicomTag.RetrieveURL,
        DicomTag.StudyInstanceUID, DicomTag.NumberOfStudyRelatedSeries, DicomTag.NumberOfStudyRelatedInstances,
    ];

    private static readonly DicomTag[] SeriesComputed =
        [DicomTag.Modality, DicomTag.SeriesInstanceUID, DicomTag.NumberOfSeriesRelatedInstances];

    private static readonly DicomTag[] InstanceComputed =
        [DicomTag.SOPClassUID, DicomTag.SOPInstanceUID, DicomTag.AvailableTransferSyntaxUID];

    private static readonly DicomTag[] StudyRequired =
    [
        DicomTag.SpecificCharacterSet, DicomTag.StudyDate, DicomTag.StudyTime, DicomTag.AccessionNumber,
        DicomTag.InstanceAvailability, DicomTag.ModalitiesInStudy, DicomTag.ReferringPhysicianName,
        DicomTag.TimezoneOffsetFromUTC, DicomTag.RetrieveURL, DicomTag.PatientName, DicomTag.PatientID,
        DicomTag.PatientBirthDate, DicomTag.PatientSex, DicomTag.StudyInstanceUID, DicomTag.StudyID,
        DicomTag.NumberOfStudyRelatedSeries, DicomTag.NumberOfStudyRelatedInstances,
    ];

    private static readonly DicomTag[] SeriesRequired =
    [
        DicomTag.SpecificCharacterSet, DicomTag.Modality, DicomTag.TimezoneOffsetFromUTC, DicomTag.SeriesDescription,
        DicomTag.RetrieveURL, DicomTag.StudyInstanceUID, DicomTag.SeriesInstanceUID, DicomTag.SeriesNumber,
        DicomTag.NumberOfSeriesRelatedInstances, DicomTag.PerformedProcedureStepStartDate,
        DicomTag.PerformedProcedureStepStartTime, DicomTag.RequestAttributesSequence,
    ];

    private static readonly DicomTag[] InstanceRequired =
    [
        DicomTag.SpecificCharacterSet, DicomTag.SOPClassUID, DicomTag.SOPInstanceUID, DicomTag.InstanceAvailability,
        DicomTag.TimezoneOffsetFromUTC, DicomTag.RetrieveURL, DicomTag.StudyInstanceUID, DicomTag.SeriesInstanceUID,
        DicomTag.InstanceNumber, DicomTag.Rows, DicomTag.Columns, DicomTag.BitsAllocated, DicomTag.NumberOfFrames,
    ];

    private static readonly HashSet<DicomTag> OfInstance = [.. SearchAttributes.Instance, .. InstanceComputed];

    private static readonly HashSet<DicomTag>[] Known =
    [
        [.. SearchAttributes.Study, .. StudyComputed],
        [.. SearchAttributes.Study, .. StudyComputed, .. SearchAttributes.Series, .. SeriesComputed],
        [
            .. SearchAttributes.Study, .. StudyComputed, .. SearchAttributes.Series, .. SeriesComputed,
            .. SearchAttributes.Instance, .. InstanceComputed,
        ],
    ];

    /// <summary>Everything that a search of this level can return, upper levels included.</summary>
    public static IReadOnlySet<DicomTag> All(QueryLevel level) => Known[(int)level];

    /// <summary>Whether a search of this level can match by the attribute. A URL and a character set are nothing to search by.</summary>
    public static bool CanMatch(QueryLevel level, DicomTag tag) =>
        Known[(int)level].Contains(tag) && tag != DicomTag.RetrieveURL && tag != DicomTag.SpecificCharacterSet;

    /// <summary>Whether an instance's own values may decide about the attribute.</summary>
    public static bool IsOfInstance(DicomTag tag) => OfInstance.Contains(tag);

    /// <summary>
    /// What is returned unasked: the level's attributes, and those of the levels above that the request does not name by UID.
    /// </summary>
    public static IEnumerable<DicomTag> Required(QueryLevel level, bool studyIsNamed, bool seriesIsNamed) => level switch
    {
        QueryLevel.Study => StudyRequired,
        QueryLevel.Series => studyIsNamed ? SeriesRequired : [.. SeriesRequired, .. StudyRequired],
        _ => [.. InstanceRequired, .. seriesIsNamed ? [] : SeriesRequired, .. studyIsNamed ? [] : StudyRequired],
    };

    /// <summary>Attributes of type C in the tables: left out where the study has none.</summary>
    public static bool IsConditional(DicomTag tag) => tag == DicomTag.SpecificCharacterSet || tag == DicomTag.TimezoneOffsetFromUTC;
}
