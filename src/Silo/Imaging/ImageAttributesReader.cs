using SecureStore.Codecs;
using SecureStore.Codecs.Protocol;
using SecureStore.Dicom;

namespace SecureStore.Silo.Imaging;

/// <summary>Takes what rendering needs from a data set: of a frame's own functional groups, those that all share, or the data set itself (PS3.3 C.7.6.16).</summary>
internal static class ImageAttributesReader
{
    /// <summary>Tables of this length are still read into memory; longer ones cannot be.</summary>
    public static DicomReadOptions ReadOptions { get; } = new() { MaxInlineValue = LookupTable.MaxDataLength };

    /// <summary>The attributes of a frame, from 1.</summary>
    /// <exception cref="CodecException">The data set describes no pixels.</exception>
    public static ImageAttributes Read(DicomDataset dataset, int frame)
    {
        var isBitPacked = UInt16(dataset, DicomTag.BitsAllocated) == 1;
        var description = CompressedFrames.Describe(dataset, isBitPacked ? (8, 1) : null);
        var groups = Groups(dataset, frame);
        var values = Of(groups, DicomTag.PixelValueTransformationSequence) ?? dataset;
        var interest = Of(groups, DicomTag.FrameVOILUTSequence) ?? dataset;
        return new ImageAttributes
        {
            Frame = description,
            HighBit = isBitPacked ? (ushort)0 : UInt16(dataset, DicomTag.HighBit) ?? (ushort)(description.BitsStored - 1),
            IsBitPacked = isBitPacked,
            Slope = Number(values, DicomTag.RescaleSlope) is { } slope && slope != 0 ? slope : 1,
            Intercept = Number(values, DicomTag.RescaleIntercept) ?? 0,
            ModalityTable = Table(dataset.GetSequence(DicomTag.ModalityLUTSequence)),
            VoiTable = Table(interest.GetSequence(DicomTag.VOILUTSequence)),
            Window = ReadWindow(interest),
            IsInverse = dataset.GetString(DicomTag.PresentationLUTShape) == "INVERSE",
            Padding = dataset.TryGetInt32(DicomTag.PixelPaddingValue, out var padding)
                ? (padding, dataset.TryGetInt32(DicomTag.PixelPaddingRangeLimit, out var limit) ? limit : padding)
                : null,
            PixelAspect = ReadAspect(dataset, Of(groups, DicomTag.PixelMeasuresSequence) ?? dataset),
            Palette = ReadPalette(dataset),
        };
    }

    private static List<DicomDataset> Groups(DicomDataset dataset, int frame)
    {
        var groups = new List<DicomDataset>();
        if (dataset.GetSequence(DicomTag.PerFrameFunctionalGroupsSequence) is { } each && each.Items.Count >= frame)
        {
            groups.Add(each.Items[frame - 1]);
        }

        if (dataset.GetSequence(DicomTag.SharedFunctionalGroupsSequence) is { Items: [var shared, ..] })
        {
            groups.Add(shared);
        }

        return groups;
    }

    private static DicomDataset? Of(IEnumerable<DicomDataset> groups, DicomTag macro) =>
        groups.Select(group => group.GetSequence(macro) is { Items: [var item, ..] } ? item : null).FirstOrDefault(item => item is not null);

    private static Window? ReadWindow(DicomDataset dataset)
    {
        if (Number(dataset, DicomTag.WindowCenter) is not { } center || Number(dataset, DicomTag.WindowWidth) is not { } width)
        {
            return null;
        }

        var window = new Window(center, width, dataset.GetString(DicomTag.VOILUTFunction) switch
        {
            "SIGMOID" => WindowFunction.Sigmoid,
            "LINEAR_EXACT" => WindowFunction.LinearExact,
            _ => WindowFunction.Linear,
        });
        return window.IsPossible ? window : null;
    }

    /// <summary>Pixel Aspect Ratio is vertical \ horizontal, and Pixel Spacing that of rows \ that of columns (PS3.3 C.7.6.3.1.7, 10.7.1.3).</summary>
    private static double ReadAspect(DicomDataset dataset, DicomDataset measures)
    {
        foreach (var (source, tag) in (ReadOnlySpan<(DicomDataset, DicomTag)>)
                 [(dataset, DicomTag.PixelAspectRatio), (measures, DicomTag.PixelSpacing), (dataset, DicomTag.ImagerPixelSpacing)])
        {
            if (Number(source, tag) is > 0 and { } vertical && Number(source, tag, 1) is > 0 and { } horizontal)
            {
                return vertical / horizontal;
            }
        }

        return 1;
    }

    private static LookupTable[] ReadPalette(DicomDataset dataset)
    {
        (LookupTable?, LookupTable?, LookupTable?) tables = (
            Palette(dataset, DicomTag.RedPaletteColorLookupTableDescriptor, DicomTag.RedPaletteColorLookupTableData, DicomTag.SegmentedRedPaletteColorLookupTableData),
            Palette(dataset, DicomTag.GreenPaletteColorLookupTableDescriptor, DicomTag.GreenPaletteColorLookupTableData, DicomTag.SegmentedGreenPaletteColorLookupTableData),
            Palette(dataset, DicomTag.BluePaletteColorLookupTableDescriptor, DicomTag.BluePaletteColorLookupTableData, DicomTag.SegmentedBluePaletteColorLookupTableData));
        return tables is ({ } red, { } green, { } blue) ? [red, green, blue] : [];
    }

    private static LookupTable? Palette(DicomDataset dataset, DicomTag descriptor, DicomTag data, DicomTag segments) =>
        Table(dataset, descriptor, data, isSegmented: false) ?? Table(dataset, descriptor, segments, isSegmented: true);

    private static LookupTable? Table(DicomSequence? sequence) =>
        sequence is { Items: [var item, ..] } ? Table(item, DicomTag.LUTDescriptor, DicomTag.LUTData, isSegmented: false) : null;

    /// <summary>The descriptor's first value is unsigned whatever its VR is: 0 to 65,535.</summary>
    private static LookupTable? Table(DicomDataset dataset, DicomTag descriptor, DicomTag data, bool isSegmented) =>
        dataset.TryGetInt32(descriptor, out var count) && dataset.TryGetInt32(descriptor, out var first, 1) && dataset.TryGetInt32(descriptor, out var bits, 2)
        && bits is > 0 and <= 16 && dataset.Find(data) is DicomElement { Value.Length: > 0 and <= LookupTable.MaxDataLength } element
            ? new LookupTable((ushort)count, first, (ushort)bits, element.Value, isSegmented)
            : null;

    private static ushort? UInt16(DicomDataset dataset, DicomTag tag) =>
        dataset.TryGetInt32(tag, out var value) && value is >= 0 and <= ushort.MaxValue ? (ushort)value : null;

    private static double? Number(DicomDataset dataset, DicomTag tag, int index = 0) =>
        dataset.TryGetDouble(tag, out var value, index) && double.IsFinite(value) ? value : null;
}
