using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using SecureStore.Dicom;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>What the store pass takes from an instance for searches and for telling duplicates.</summary>
internal sealed class InstanceAttributes(DicomDataset dataset)
{
    private static readonly FrozenSet<DicomTag> StudyTags = SearchAttributes.Study.ToFrozenSet();
    private static readonly FrozenSet<DicomTag> SeriesTags = SearchAttributes.Series.ToFrozenSet();
    private static readonly FrozenSet<DicomTag> InstanceTags = SearchAttributes.Instance.ToFrozenSet();

    /// <summary>Attributes that may differ between two transfer syntaxes of one image.</summary>
    private static readonly FrozenSet<DicomTag> OfTransferSyntax = new[]
    {
        DicomTag.PhotometricInterpretation, DicomTag.PlanarConfiguration, DicomTag.LossyImageCompression,
        DicomTag.LossyImageCompressionRatio, DicomTag.LossyImageCompressionMethod,
    }.ToFrozenSet();

    public byte[] Study() => Json(StudyTags.Contains);

    public byte[] Series() => Json(SeriesTags.Contains);

    public byte[] Instance() => Json(InstanceTags.Contains);

    /// <summary>MAC of every attribute that all transfer syntaxes share: the pixel data group is left out.</summary>
    public Mac Mac(SecretKey key) => key.Mac(Json(tag => tag.Group != 0x7FE0 && !OfTransferSyntax.Contains(tag)));

    private byte[] Json(Func<DicomTag, bool> filter)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            DicomJson.WriteElements(json, dataset, filter);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }
}
