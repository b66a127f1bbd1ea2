using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using SecureStore.Dicom;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Studies;

/// <summary>What the store pass takes from an instance for searches and for telling duplicates: cut from its metadata.</summary>
internal sealed class InstanceAttributes(DicomDataset dataset, ReadOnlyMemory<byte> metadata, IReadOnlyList<DicomJsonElement> elements)
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

    public byte[] Study() => Json(StudyTags);

    public byte[] Series() => Json(SeriesTags);

    public byte[] Instance() => Json(InstanceTags);

    /// <summary>MAC of every attribute that all transfer syntaxes share: the pixel data group is left out.</summary>
    public Mac Mac(SecretKey key)
    {
        using var mac = key.BeginMac();
        foreach (var element in elements)
        {
            if (element.Tag.Group != 0x7FE0 && !OfTransferSyntax.Contains(element.Tag))
            {
                mac.AppendData(BytesOf(element));
            }
        }

        return mac.Finish();
    }

    private byte[] Json(FrozenSet<DicomTag> tags)
    {
        var output = new ArrayBufferWriter<byte>(2048);
        output.Write("{"u8);
        foreach (var element in elements)
        {
            if (tags.Contains(element.Tag) && BytesOf(element) is { IsEmpty: false } bytes)
            {
                if (output.WrittenCount > 1)
                {
                    output.Write(","u8);
                }

                output.Write(bytes);
            }
        }

        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>An element's property; what is not in memory is left out of it, and it is empty where that is all.</summary>
    private ReadOnlySpan<byte> BytesOf(DicomJsonElement element)
    {
        if (!element.HasBulk)
        {
            return metadata.Span.Slice(element.Start, element.Length);
        }

        var output = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            DicomJson.WriteElements(json, dataset, tag => tag == element.Tag);
            json.WriteEndObject();
        }

        return output.WrittenSpan[1..^1];
    }
}
