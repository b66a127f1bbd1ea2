using SecureStore.Bench.Capacity;

namespace SecureStore.EndToEnd;

/// <summary>The capacity model: what goes in doubles what comes out, and the first bottleneck is the one that is.</summary>
public class CapacityTests
{
    private static readonly CapacityInputs Small = new()
    {
        ImagesAYear = 1000, FilmShare = 0.4, FilmsAStudy = 2, BytesAFilm = 10e6, SlicesAStudy = 100, BytesASlice = 1e6, SealedBytesAnInstance = 0, YearsKept = 10,
        StudiesAPatient = 2, CatalogBytesAnInstance = 1e9, CatalogBytesAStudy = 0, ViewingsAStudy = 0, ImagesARequest = 50,
    };

    [Fact]
    public void A_thousand_images_are_reckoned_by_hand()
    {
        var needs = CapacityModel.Of(Small).Needs.ToDictionary(need => need.What, need => need.Amount);
        Assert.Equal(400, needs["- chest films among them"]);
        Assert.Equal(206, needs["studies stored a year"]);
        Assert.Equal(206, needs["segments (blobs) written a year"]);
        Assert.Equal(4.6e9 / 1e15, needs["sealed objects, a year"], 12);
        Assert.Equal(10_000, needs["instance rows, 10 years"]);
        Assert.Equal(2060, needs["study rows, 10 years"]);
        Assert.Equal(1030, needs["patients, 10 years"]);
        Assert.Equal(10, needs["catalog database, 10 years"]);
        // 200 film studies in one request each, 6 CT studies in two.
        Assert.Equal(424, needs["audit entries a year"]);
    }

    [Fact]
    public void Twice_the_images_need_twice_as_much_and_meet_the_same_limits()
    {
        var (once, twice) = (CapacityModel.Of(new()), CapacityModel.Of(new() { ImagesAYear = 10e9 }));
        foreach (var (one, two) in once.Needs.Zip(twice.Needs))
        {
            Assert.Equal(2, two.Amount / one.Amount, 6);
        }

        foreach (var (one, two) in once.Limits.Zip(twice.Limits))
        {
            Assert.Equal((one.What, 1.0), (two.What, Math.Round(two.ImagesAYear / one.ImagesAYear, 6)));
        }
    }

    [Fact]
    public void The_first_bottleneck_is_the_smallest_limit_and_moves_with_what_it_lies_in()
    {
        var report = CapacityModel.Of(new());
        Assert.Equal(report.Limits.MinBy(limit => limit.ImagesAYear), report.Limits[0]);
        Assert.Equal("read model in a silo's memory", report.Limits[0].What);
        Assert.Equal(Math.Ceiling(5e9 / report.Limits[0].ImagesAYear), report.Archives);
        Assert.Equal("one storage account", CapacityModel.Of(new() { SiloMemory = 64e12 }).Limits[0].What);
        Assert.Equal("destructions, a page of patients each", CapacityModel.Of(new() { DatabaseRowsASecond = 10 }).Limits[0].What);
    }

    [Fact]
    public async Task The_document_shows_what_the_model_says()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/capacity.md"));
        Assert.Contains(CapacityTable.Of(CapacityModel.Of(new())), document, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.1234, "0.12")]
    [InlineData(3, "3")]
    [InlineData(12.34, "12.3")]
    [InlineData(20000, "20,000")]
    [InlineData(1.9e9, "1.90 billion")]
    public void Amounts_are_written_with_three_digits(double amount, string written) => Assert.Equal(written, CapacityTable.Number(amount));
}
