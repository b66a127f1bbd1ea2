using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace SecureStore.Dicom.Tests;

public class JsonTests
{
    private static string Json(DicomDataset dataset, List<int>? offsets = null)
    {
        var output = new ArrayBufferWriter<byte>();
        DicomJson.Write(output, dataset, offsets);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Value(DicomDataset dataset) => Json(dataset)[12..^1];

    private static DicomDataset Read(string json) => DicomJson.Read(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Names_have_their_groups()
    {
        var dataset = new DicomDataset()
            .AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 192")
            .AddOrUpdate(DicomTag.PatientName, "Yamada^Tarou=山田^太郎=やまだ^たろう", "", "=山田", "Doe^Jane");
        Assert.EndsWith(
            """
            "00100010":{"vr":"PN","Value":[{"Alphabetic":"Yamada^Tarou","Ideographic":"山田^太郎","Phonetic":"やまだ^たろう"},null,{"Ideographic":"山田"},{"Alphabetic":"Doe^Jane"}]}}
            """,
            Json(dataset),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.50", "1.50")]
    [InlineData("+1.5", "1.5")]
    [InlineData("-.5", "-0.5")]
    [InlineData("5.", "5")]
    [InlineData("007", "7")]
    [InlineData("-0", "-0")]
    [InlineData("1E5", "1E5")]
    [InlineData("1e-05", "1e-05")]
    [InlineData("1E400", "\"1E400\"")]
    [InlineData("NaN", "\"NaN\"")]
    [InlineData("1,5", "\"1,5\"")]
    [InlineData("1 5", "\"1 5\"")]
    [InlineData(".", "\".\"")]
    [InlineData("1e", "\"1e\"")]
    [InlineData("0x10", "\"0x10\"")]
    public void Decimal_strings_keep_their_digits(string text, string json) =>
        Assert.Equal($$"""{"vr":"DS","Value":[{{json}}]}""", Value(new DicomDataset().AddOrUpdate(DicomTag.SliceThickness, text)));

    [Theory]
    [InlineData("42", "42")]
    [InlineData("-007", "-7")]
    [InlineData("1.5", "\"1.5\"")]
    [InlineData("12345678901234567890", "\"12345678901234567890\"")]
    public void Integer_strings_are_whole_numbers(string text, string json) =>
        Assert.Equal($$"""{"vr":"IS","Value":[{{json}}]}""", Value(new DicomDataset().AddOrUpdate(DicomTag.NumberOfFrames, text)));

    [Fact]
    public void Numbers_are_numbers_where_JSON_can_say_them()
    {
        Assert.Equal("""{"vr":"US","Value":[0,65535]}""", Value(new DicomDataset().AddOrUpdate(DicomTag.Rows, 0, 65535)));
        Assert.Equal("""{"vr":"FD","Value":[0.1,"NaN","-Infinity"]}""", Value(new DicomDataset().AddOrUpdate(DicomTag.EventTimeOffset, 0.1, double.NaN, double.NegativeInfinity)));
        Assert.Equal("""{"vr":"UV","Value":[9007199254740991,"9007199254740992","18446744073709551615"]}""",
            Value(new DicomDataset().AddOrUpdate(DicomTag.SelectorUVValue, "9007199254740991", "9007199254740992", "18446744073709551615")));
        Assert.Equal("""{"vr":"AT","Value":["00181063"]}""", Value(new DicomDataset().AddOrUpdate(DicomTag.FrameIncrementPointer, "00181063")));
    }

    [Fact]
    public void Empty_is_absent_null_or_an_empty_item()
    {
        Assert.Equal("""{"vr":"LO"}""", Value(new DicomDataset().AddOrUpdate(DicomTag.PatientID)));
        Assert.Equal("""{"vr":"CS","Value":["A",null,"B"]}""", Value(new DicomDataset().AddOrUpdate(DicomTag.ImageType, "A", "", "B")));
        Assert.Equal("""{"vr":"SQ"}""", Value(new DicomDataset().AddOrUpdate(DicomTag.ReferencedImageSequence)));
        Assert.Equal("""{"vr":"SQ","Value":[{}]}""", Value(new DicomDataset().AddOrUpdate(DicomTag.ReferencedImageSequence, new DicomDataset())));
    }

    [Fact]
    public async Task Bytes_are_inline_and_little_endian()
    {
        var image = DicomGen.Image().AddOrUpdate(new DicomElement(DicomTag.RedPaletteColorLookupTableData, DicomVR.OW, new byte[] { 1, 0, 2, 0 }));
        var file = await DicomGen.Read(DicomGen.File(image, DicomTransferSyntax.ExplicitVRBigEndian));
        Assert.Contains("""{"vr":"OW","InlineBinary":"AQACAA=="}""", Json(file.Dataset), StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_0000_and_0002_and_group_lengths_are_left_out()
    {
        var dataset = new DicomDataset().AddOrUpdate(DicomTag.TransferSyntaxUID, "1.2").AddOrUpdate(DicomTag.MessageID, 1)
            .AddOrUpdate(new DicomElement(new(0x0008, 0x0000), DicomVR.UL, new byte[4]));
        Assert.Equal("{}", Json(dataset));
    }

    [Fact]
    public void Bulk_paths_can_be_given_a_base_URL()
    {
        var icon = new DicomDataset().AddOrUpdate(new DicomElement(DicomTag.PixelData, DicomVR.OB, new byte[4]));
        var dataset = DicomGen.Image()
            .AddOrUpdate(DicomTag.IconImageSequence, new(), icon)
            .AddOrUpdate(new DicomBulkItem(DicomTag.EncapsulatedDocument, DicomVR.OB, 10, 20_000))
            .AddOrUpdate(new DicomFragmentItem(DicomTag.PixelData, DicomVR.OB, default, []));
        var offsets = new List<int>();
        var json = Json(dataset, offsets);
        string[] paths = ["bulkdata/00420011\"", "bulkdata/00880200/1/7FE00010\"", "bulkdata/7FE00010\""];
        Assert.Equal(paths, offsets.Zip(paths, (offset, path) => json.Substring(offset, path.Length)));
        foreach (var offset in Enumerable.Reverse(offsets))
        {
            json = json.Insert(offset, "https://host/");
        }

        using var parsed = JsonDocument.Parse(json);
        Assert.Equal("https://host/bulkdata/7FE00010", parsed.RootElement.GetProperty("7FE00010").GetProperty("BulkDataURI").GetString());
    }

    [Fact]
    public void Elements_are_told_by_their_places() =>
        DicomGen.Dataset(3).Sample(
            dataset =>
            {
                dataset.AddOrUpdate(new DicomBulkItem(DicomTag.PixelData, DicomVR.OW, 0, 4));
                var output = new ArrayBufferWriter<byte>();
                var elements = new List<DicomJsonElement>();
                DicomJson.Write(output, dataset, null, elements);
                var json = Encoding.UTF8.GetString(output.WrittenSpan);
                Assert.Equal(json, "{" + string.Join(',', elements.Select(PropertyAt)) + "}");
                Assert.All(elements, element => Assert.StartsWith($"\"{element.Tag}\":{{", PropertyAt(element), StringComparison.Ordinal));
                Assert.All(elements, element => Assert.Equal(PropertyAt(element).Contains("BulkDataURI", StringComparison.Ordinal), element.HasBulk));

                string PropertyAt(DicomJsonElement element) => Encoding.UTF8.GetString(output.WrittenSpan.Slice(element.Start, element.Length));
            });

    [Fact]
    public void Results_of_a_search_hold_what_passes_the_filter_and_is_in_memory()
    {
        var dataset = DicomGen.Image().AddOrUpdate(new DicomBulkItem(DicomTag.PixelData, DicomVR.OW, 0, 4));
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            DicomJson.WriteElements(json, dataset, tag => tag.Group is 0x0020 or 0x7FE0);
            json.WriteEndObject();
        }

        using var parsed = JsonDocument.Parse(output.WrittenMemory);
        Assert.Equal(["0020000D", "0020000E"], parsed.RootElement.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void What_was_written_is_read() =>
        DicomGen.Dataset(3).Sample(
            dataset =>
            {
                var json = Json(dataset);
                Assert.Equal(json, Json(Read(json)));
            },
            iter: 500);

    [Fact]
    public void Text_is_read_as_UTF_8_and_says_so()
    {
        var read = Read("""{"00080005":{"vr":"CS","Value":["ISO_IR 100"]},"00100010":{"vr":"PN","Value":[{"Alphabetic":"Äpfel","Phonetic":"x"}]}}""");
        Assert.Equal("ISO_IR 192", read.GetString(DicomTag.SpecificCharacterSet));
        Assert.Equal("Äpfel==x", read.GetString(DicomTag.PatientName));
        Assert.Equal("ISO_IR 192", Read("""{"00100020":{"vr":"LO","Value":["Ä"]}}""").GetString(DicomTag.SpecificCharacterSet));
        Assert.False(Read("""{"00100020":{"vr":"LO","Value":["A"]}}""").Contains(DicomTag.SpecificCharacterSet));
    }

    [Fact]
    public void The_order_of_properties_is_free()
    {
        var read = Read("""{"7FE00010":{"BulkDataURI":"x/y","vr":"OW"},"00280010":{"Value":[512],"extra":{"a":[1]},"vr":"US"},"00420011":{"InlineBinary":["AQI="],"vr":"OB"}}""");
        Assert.Equal("x/y", Assert.IsType<DicomBulkItem>(read.Find(DicomTag.PixelData)).Uri);
        Assert.Equal(512, read.GetInt32(DicomTag.Rows));
        Assert.Equal([1, 2], Assert.IsType<DicomElement>(read.Find(DicomTag.EncapsulatedDocument)).Value.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{} {}")]
    [InlineData("{\"PatientID\":{\"vr\":\"LO\"}}")]
    [InlineData("{\"00100020\":\"x\"}")]
    [InlineData("{\"00100020\":{\"vr\":\"LO\",\"Value\":\"x\"}}")]
    [InlineData("{\"00100020\":{\"vr\":\"LO\",\"Value\":[{}]}}")]
    [InlineData("{\"00100020\":{\"vr\":\"LO\",\"Value\":[\"x\"]")]
    [InlineData("{\"00100020\":{\"vr\":7}}")]
    [InlineData("{\"00280010\":{\"vr\":\"US\",\"Value\":[70000]}}")]
    [InlineData("{\"00280010\":{\"vr\":\"US\",\"Value\":[true]}}")]
    [InlineData("{\"00420011\":{\"vr\":\"OB\",\"InlineBinary\":\"?\"}}")]
    [InlineData("{\"00100020\":{\"vr\":\"LO\",\"Value\":[\"\\ud800\"]}}")]
    public void What_is_no_DICOM_JSON_is_refused(string json) => Assert.Throws<DicomDataException>(() => Read(json));

    [Fact]
    public void Depth_and_number_are_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"00081140":{"vr":"SQ","Value":[""", 100_000));
        Assert.Throws<DicomDataException>(() => Read(deep));
        Assert.Throws<DicomDataException>(() => DicomJson.Read("{\"00100020\":{}}"u8, new() { MaxElements = 0 }));
        Assert.Throws<DicomDataException>(() => DicomJson.Read("{\"00100020\":{}}"u8, new() { MaxHeaderBytes = 10 }));
    }

    [Fact]
    public void Damaged_JSON_is_read_or_refused_and_nothing_else() =>
        Gen.Select(DicomGen.Dataset(2).Select(dataset => Json(dataset)), Gen.Select(Gen.Int[0, 4000], Gen.Byte).Array[1, 4]).Sample(
            (json, flips) =>
            {
                var bytes = Encoding.UTF8.GetBytes(json);
                foreach (var (at, value) in flips)
                {
                    bytes[at % bytes.Length] ^= value;
                }

                try
                {
                    DicomJson.Read(bytes);
                }
                catch (DicomDataException)
                {
                    // As it should be.
                }
            },
            iter: 3000);
}
