namespace SecureStore.Dicom.Tests;

/// <summary>What files in the wild do, and dcmtk or pydicom forgive.</summary>
public class ReaderQuirkTests
{
    private const uint Undefined = 0xFFFFFFFF;
    private static readonly DicomTag Item = new(0xFFFE, 0xE000);
    private static readonly DicomTag ItemEnd = new(0xFFFE, 0xE00D);
    private static readonly DicomTag SequenceEnd = new(0xFFFE, 0xE0DD);
    private static readonly DicomTag Private = new(0x0021, 0x1001);
    private static readonly DicomTag Last = new(0x0028, 0x0010);

    private static Bytes AfterUids => new Bytes().Add(DicomGen.File(DicomGen.Image()));

    private static async Task<DicomDataset> Read(Bytes bytes) => (await DicomGen.Read(bytes.ToArray())).Dataset;

    private static Bytes Rows(Bytes bytes) => bytes.Element(Last, "US", 2).Word(512);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_data_set_without_preamble_or_meta_is_recognised(int index)
    {
        var syntax = DicomGen.Syntaxes[index];
        var file = await DicomGen.Read(DicomGen.Bytes(DicomGen.Image(), syntax));
        Assert.Equal(syntax, file.Syntax);
        Assert.Equal("Doe^Jane", file.Dataset.GetString(DicomTag.PatientName));
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    public async Task The_elements_tell_whether_VRs_stand_there_not_the_syntax(string named)
    {
        var lie = DicomTransferSyntax.Find(named)!;
        var truth = lie.IsExplicitVR ? DicomTransferSyntax.ImplicitVRLittleEndian : DicomTransferSyntax.ExplicitVRLittleEndian;
        var head = DicomGen.File(new(), lie);
        var file = await DicomGen.Read([.. head, .. DicomGen.Bytes(DicomGen.Image(), truth)]);
        Assert.Equal("Doe^Jane", file.Dataset.GetString(DicomTag.PatientName));
        Assert.Equal(named, file.Syntax!.UID);
    }

    [Fact]
    public async Task An_unknown_syntax_is_read_as_explicit_little_endian()
    {
        var meta = new DicomDataset().AddOrUpdate(DicomTag.TransferSyntaxUID, "1.2.3.4.5");
        byte[] preamble = [.. new byte[128], .. "DICM"u8];
        await using var reader = new DicomStreamReader(
            new MemoryStream([.. preamble, .. DicomGen.Bytes(meta), .. DicomGen.Bytes(DicomGen.Image())]));
        await reader.OpenAsync(TestContext.Current.CancellationToken);
        await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Null(reader.Syntax);
        Assert.Equal("1.2.3.4.5", reader.TransferSyntaxUID);
        Assert.Equal("P1", reader.Dataset.GetString(DicomTag.PatientID));
    }

    [Fact]
    public async Task A_sequence_in_UN_is_implicit_inside()
    {
        var bytes = AfterUids.Element(Private, "UN", Undefined)
            .Item(Item, Undefined).Item(DicomTag.PatientID, 2).Add("X1"u8).Item(ItemEnd, 0)
            .Item(SequenceEnd, 0);
        var dataset = await Read(Rows(bytes));
        Assert.Equal("X1", dataset.GetSequence(Private)!.Items[0].GetString(DicomTag.PatientID));
        Assert.Equal(512, dataset.GetInt32(Last));
    }

    [Fact]
    public async Task A_known_element_in_UN_has_its_own_VR()
    {
        var dataset = await Read(Rows(AfterUids.Element(DicomTag.StudyID, "UN", 4).Add("S123"u8)));
        Assert.Equal("S123", dataset.GetString(DicomTag.StudyID));
        Assert.Equal(DicomVR.SH, dataset.Find(DicomTag.StudyID)!.VR);
    }

    [Fact]
    public async Task Explicit_sequences_may_have_implicit_items()
    {
        var bytes = AfterUids.Element(new(0x0021, 0x1002), "SQ", 18).Item(Item, 10).Item(DicomTag.PatientID, 2).Add("X1"u8);
        var dataset = await Read(Rows(bytes));
        Assert.Equal("X1", dataset.GetSequence(new(0x0021, 0x1002))!.Items[0].GetString(DicomTag.PatientID));
        Assert.Equal(512, dataset.GetInt32(Last));
    }

    [Theory]
    [InlineData("ZZ", 4)]
    [InlineData("ZZ", 0)]
    public async Task A_VR_that_nobody_knows_with_a_short_length_is_UN(string vr, ushort length)
    {
        var bytes = AfterUids.Tag(Private).Add([(byte)vr[0], (byte)vr[1]]).Word(length).Add(new byte[length])
            .Element(new(0x0021, 0x1002), "LO", 2).Add("ok"u8);
        var dataset = await Read(Rows(bytes));
        Assert.Equal(DicomVR.UN, dataset.Find(Private)!.VR);
        Assert.Equal("ok", dataset.GetString(new(0x0021, 0x1002)));
    }

    [Fact]
    public async Task A_new_VR_with_a_long_length_is_UN()
    {
        var bytes = AfterUids.Tag(Private).Add("ZZ"u8).Word(0).Long(4).Add(new byte[4]);
        var dataset = await Read(Rows(bytes));
        Assert.Equal(4, Assert.IsType<DicomElement>(dataset.Find(Private)).Value.Length);
        Assert.Equal(512, dataset.GetInt32(Last));
    }

    [Fact]
    public async Task Delimiters_missing_at_the_end_are_forgiven()
    {
        var bytes = AfterUids.Element(Private, "SQ", Undefined).Item(Item, Undefined).Element(DicomTag.PatientID, "LO", 2).Add("X1"u8);
        var dataset = await Read(bytes);
        Assert.Equal("X1", dataset.GetSequence(Private)!.Items[0].GetString(DicomTag.PatientID));
    }

    [Fact]
    public async Task Delimiters_missing_or_too_many_in_the_middle_are_forgiven()
    {
        var bytes = AfterUids.Element(Private, "SQ", Undefined)
            .Item(Item, Undefined).Element(DicomTag.PatientID, "LO", 2).Add("X1"u8)
            .Item(Item, 10).Element(DicomTag.PatientID, "LO", 2).Add("X2"u8).Item(ItemEnd, 0)
            .Item(SequenceEnd, 0);
        var dataset = await Read(Rows(bytes));
        Assert.Equal(["X1", "X2"], dataset.GetSequence(Private)!.Items.Select(item => item.GetString(DicomTag.PatientID)));
        Assert.Equal(512, dataset.GetInt32(Last));
    }

    [Fact]
    public async Task A_length_that_leaves_its_item_is_cut_off_there()
    {
        var bytes = AfterUids.Element(Private, "SQ", 18).Item(Item, 10).Element(DicomTag.PatientID, "LO", 2000).Add("X1"u8);
        var dataset = await Read(Rows(bytes));
        Assert.Equal("X1", dataset.GetSequence(Private)!.Items[0].GetString(DicomTag.PatientID));
        Assert.Equal(512, dataset.GetInt32(Last));
    }

    [Fact]
    public async Task An_undefined_length_without_items_ends_at_the_delimiter()
    {
        var bytes = AfterUids.Element(Private, "OB", Undefined).Add("no items"u8).Item(SequenceEnd, 0);
        var dataset = await Read(Rows(bytes));
        Assert.Equal(8, Assert.IsType<DicomBulkItem>(dataset.Find(Private)).Length);
        Assert.Equal(512, dataset.GetInt32(Last));
    }

    [Fact]
    public async Task Odd_lengths_are_read()
    {
        var dataset = await Read(Rows(AfterUids.Element(DicomTag.StudyID, "SH", 3).Add("odd"u8)));
        Assert.Equal("odd", dataset.GetString(DicomTag.StudyID));
        Assert.Equal(512, dataset.GetInt32(Last));
    }

    [Fact]
    public async Task Pixel_Representation_decides_between_US_and_SS()
    {
        foreach (var isSigned in new[] { false, true })
        {
            var image = DicomGen.Image()
                .AddOrUpdate(DicomTag.PixelRepresentation, isSigned ? 1 : 0)
                .AddOrUpdate(new DicomElement(DicomTag.SmallestImagePixelValue, DicomVR.US, new byte[] { 0xFF, 0xFF }));
            var file = await DicomGen.Read(DicomGen.File(image, DicomTransferSyntax.ImplicitVRLittleEndian));
            Assert.Equal(isSigned ? -1 : 65535, file.Dataset.GetInt32(DicomTag.SmallestImagePixelValue));
        }
    }

    [Fact]
    public async Task Items_inherit_the_character_set_or_have_their_own()
    {
        var image = DicomGen.Image().AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 192")
            .AddOrUpdate(DicomTag.ReferencedImageSequence, new(), new DicomDataset().AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 100"));
        var items = image.GetSequence(DicomTag.ReferencedImageSequence)!.Items;
        items[0].AddOrUpdate(DicomTag.PatientName, "Äpfel");
        items[1].AddOrUpdate(DicomTag.PatientName, "Äpfel");
        var read = (await DicomGen.Read(DicomGen.File(image))).Dataset.GetSequence(DicomTag.ReferencedImageSequence)!.Items;
        Assert.Equal(["Äpfel", "Äpfel"], read.Select(item => item.GetString(DicomTag.PatientName)));
        Assert.Equal([6, 6], read.Select(item => ((DicomElement)item.Find(DicomTag.PatientName)!).Value.Length));
    }
}
