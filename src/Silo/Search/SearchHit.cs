using System.Text.Json;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Search;

/// <summary>A study, series or instance that may be a result, with its attributes and those of the levels above it.</summary>
public sealed class SearchHit
{
    private readonly AttributeSet[] attributes;

    private SearchHit(StudyEntry study, SeriesEntry? series, InstanceRecord? instance, AttributeSet[] attributes) =>
        (Study, Series, Instance, this.attributes) = (study, series, instance, attributes);

    public StudyEntry Study { get; }

    public SeriesEntry? Series { get; }

    public InstanceRecord? Instance { get; }

    /// <exception cref="JsonException">The attributes are no DICOM JSON object.</exception>
    public static SearchHit Of(StudyEntry study) => new(study, null, null, [AttributeSet.Parse(study.Attributes)]);

    /// <exception cref="JsonException">The attributes are no DICOM JSON object.</exception>
    public SearchHit With(SeriesEntry series) => new(Study, series, null, [AttributeSet.Parse(series.Attributes), .. attributes]);

    /// <exception cref="JsonException">The attributes are no DICOM JSON object.</exception>
    public SearchHit With(InstanceRecord instance) =>
        new(Study, Series, instance, [AttributeSet.Parse(instance.Attributes), .. attributes]);

    /// <summary>The values of an attribute, that of the lowest level that has it.</summary>
    /// <exception cref="JsonException">The attribute is not of the form of PS3.18 F.2.</exception>
    public IReadOnlyList<AttributeValue> Values(DicomTag tag) => Computed(tag) is { } computed
        ? [.. computed.Select(AttributeValue.OfText)]
        : attributes.FirstOrDefault(set => set.TryGet(tag, out _))?.Values(tag) ?? [];

    /// <summary>The attribute's own JSON object as it was stored, of the lowest level that has it.</summary>
    public bool TryGetStored(DicomTag tag, out ReadOnlyMemory<byte> element)
    {
        foreach (var set in attributes)
        {
            if (set.TryGet(tag, out element))
                return true;
        }

        element = default;
        return false;
    }

    /// <summary>The values of an attribute that the archive reckons or knows for certain; null for all others.</summary>
    public IReadOnlyList<string>? Computed(DicomTag tag) => tag switch
    {
        _ when tag == DicomTag.InstanceAvailability => ["ONLINE"],
        _ when tag == DicomTag.StudyInstanceUID => [Study.StudyInstanceUid],
        _ when tag == DicomTag.ModalitiesInStudy => Study.Modalities,
        _ when tag == DicomTag.SOPClassesInStudy => Study.SopClasses,
        _ when tag == DicomTag.NumberOfStudyRelatedSeries => [$"{Study.SeriesCount}"],
        _ when tag == DicomTag.NumberOfStudyRelatedInstances => [$"{Study.InstanceCount}"],
        _ when Series is null => null,
        _ when tag == DicomTag.SeriesInstanceUID => [Series.SeriesInstanceUid],
        _ when tag == DicomTag.Modality => Series.Modality.Length == 0 ? [] : [Series.Modality],
        _ when tag == DicomTag.NumberOfSeriesRelatedInstances => [$"{Series.InstanceCount}"],
        _ when Instance is null => null,
        _ when tag == DicomTag.SOPClassUID => [Instance.SopClassUid],
        _ when tag == DicomTag.SOPInstanceUID => [Instance.SopInstanceUid],
        _ when tag == DicomTag.AvailableTransferSyntaxUID => [Instance.TransferSyntaxUid],
        _ => null,
    };

    public override string ToString() => nameof(SearchHit);
}
