using System.Buffers;
using CsCheck;

namespace SecureStore.Dicom.Tests;

/// <summary>Data sets as they come, and their bytes.</summary>
internal static class DicomGen
{
    private static readonly DicomTag[] Tags =
    [
        DicomTag.SOPInstanceUID, DicomTag.StudyDate, DicomTag.AccessionNumber, DicomTag.Modality, DicomTag.PatientName,
        DicomTag.PatientID, DicomTag.SliceThickness, DicomTag.EchoTrainLength, DicomTag.StudyInstanceUID,
        DicomTag.ImageComments, DicomTag.Rows, DicomTag.FrameIncrementPointer, DicomTag.SimpleFrameList,
        DicomTag.RecommendedDisplayFrameRateInFloat, DicomTag.EventTimeOffset, DicomTag.ReferencePixelX0,
        DicomTag.SelectorUVValue, DicomTag.TextValue, DicomTag.EncapsulatedDocument, DicomTag.RedPaletteColorLookupTableData,
        new(0x0009, 0x0010), new(0x0009, 0x1001),
    ];

    public static readonly DicomTransferSyntax[] Syntaxes =
    [
        DicomTransferSyntax.ImplicitVRLittleEndian, DicomTransferSyntax.ExplicitVRLittleEndian,
        DicomTransferSyntax.ExplicitVRBigEndian, DicomTransferSyntax.DeflatedExplicitVRLittleEndian,
    ];

    public static Gen<DicomTransferSyntax> Syntax => OneOf(Syntaxes);

    public static Gen<DicomSequenceLength> Length => OneOf(DicomSequenceLength.Defined, DicomSequenceLength.Undefined);

    public static Gen<DicomDataset> Dataset(int depth) =>
        Gen.Select(Element.Array[0, 8], depth == 0 ? Gen.Const(Array.Empty<DicomItem>()) : Sequence(depth).Array[0, 2], (elements, sequences) =>
        {
            var dataset = new DicomDataset();
            foreach (var item in elements.Concat(sequences))
            {
                dataset.AddOrUpdate(item);
            }

            return dataset;
        });

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Gen<DicomItem> Element => Gen.Select(OneOf(Tags), Gen.Byte.Array[0, 5], (tag, unit) =>
    {
        var vr = DicomDictionary.VRFor(tag);
        var bytes = vr.Kind is DicomValueKind.Number or DicomValueKind.Bytes
            ? Enumerable.Repeat(unit, DicomNumber.Size(vr) * 2).SelectMany(b => b).ToArray()
            : [.. unit.Select(b => (byte)('0' + (b % 10)))];
        return (DicomItem)new DicomElement(tag, vr, DicomDataset.Padded(vr, bytes));
    });

    private static Gen<DicomItem> Sequence(int depth) =>
        Gen.Select(
            OneOf(DicomTag.ReferencedImageSequence, DicomTag.RequestAttributesSequence),
            Dataset(depth - 1).Array[0, 3],
            (tag, items) => (DicomItem)new DicomSequence(tag, items));

    public static byte[] File(
        DicomDataset dataset, DicomTransferSyntax? syntax = null, DicomSequenceLength sequences = DicomSequenceLength.Defined)
    {
        var output = new ArrayBufferWriter<byte>();
        DicomWriter.WriteFile(output, new(), dataset, syntax ?? DicomTransferSyntax.ExplicitVRLittleEndian, sequences);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Bytes(
        DicomDataset dataset, DicomTransferSyntax? syntax = null, DicomSequenceLength sequences = DicomSequenceLength.Defined)
    {
        var output = new ArrayBufferWriter<byte>();
        DicomWriter.WriteDataset(output, dataset, syntax ?? DicomTransferSyntax.ExplicitVRLittleEndian, sequences);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>An image's data set with the UIDs that the store asks for.</summary>
    public static DicomDataset Image() => new DicomDataset()
        .AddOrUpdate(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7")
        .AddOrUpdate(DicomTag.SOPInstanceUID, "1.2.3.1")
        .AddOrUpdate(DicomTag.PatientName, "Doe^Jane")
        .AddOrUpdate(DicomTag.PatientID, "P1")
        .AddOrUpdate(DicomTag.StudyInstanceUID, "1.2.3.2")
        .AddOrUpdate(DicomTag.SeriesInstanceUID, "1.2.3.3");

    public static async Task<DicomFile> Read(byte[] file, DicomReadOptions? options = null) =>
        await DicomFile.OpenAsync(new MemoryStream(file), options);

    /// <summary>Text that is equal where data sets are.</summary>
    public static string Dump(DicomDataset dataset) => string.Join(';', dataset.Select(item => item switch
    {
        DicomElement element => $"{item.Tag}{item.VR}{Convert.ToHexString(element.Value.Span)}",
        DicomSequence sequence => $"{item.Tag}[{string.Join('|', sequence.Items.Select(Dump))}]",
        DicomFragmentItem fragments => $"{item.Tag}<{string.Join('|', fragments.Fragments.Select(f => Convert.ToHexString(f.Data.Span)))}>",
        DicomBulkItem bulk => $"{item.Tag}{item.VR}@{bulk.Length}",
        _ => throw new InvalidOperationException(),
    }));
}
