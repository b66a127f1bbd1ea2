using CsCheck;
using SecureStore.Grains.Retention;

namespace SecureStore.Grains.Tests.Retention;

public sealed class RetentionOptionsTests
{
    [Fact]
    public void Without_settings_there_are_sensible_ones()
    {
        var options = Settings.Bind();
        Assert.Equal(TimeSpan.FromDays(30), options.Grace);
        Assert.Equal("P10Y", options.Default.ToString());
        Assert.Empty(options.Rules);
    }

    [Fact]
    public void Settings_are_read()
    {
        var options = Settings.Bind(
            ("Retention:Grace", "0"), ("Retention:Default", "P30Y"), ("Retention:SweepInterval", "00:05:00"),
            ("Retention:Rules:0:Name", "chest"), ("Retention:Rules:0:Modality", "DX"), ("Retention:Rules:0:Keep", "P6M"),
            ("Retention:Rules:1:Name", "rest"), ("Retention:Rules:1:Keep", "P7D"));
        Assert.Equal(TimeSpan.Zero, options.Grace);
        Assert.Equal(RetentionPeriod.Parse("P30Y"), options.Default);
        Assert.Equal(TimeSpan.FromMinutes(5), options.SweepInterval);
        Assert.Equal([new("chest", "DX", RetentionPeriod.Parse("P6M")), new("rest", null, RetentionPeriod.Parse("P7D"))], options.Rules);
    }

    [Theory]
    [InlineData("Retention:Grace", "-1.00:00:00")]
    [InlineData("Retention:Grace", "soon")]
    [InlineData("Retention:Grace", "3651.00:00:00")]
    [InlineData("Retention:Default", "-P1Y")]
    [InlineData("Retention:Default", "10")]
    [InlineData("Retention:SweepInterval", "0")]
    [InlineData("Retention:Rules:0:Keep", "P0Y")]
    [InlineData("Retention:Rules:0:Modality", "")]
    [InlineData("Retention:Rules:0:Modalty", "DX")]
    [InlineData("Retention:Graec", "30.00:00:00")]
    public void A_wrong_setting_is_named_in_one_sentence(string key, string value)
    {
        var error = Assert.Throws<FormatException>(() => Settings.Bind((key, value)));
        Assert.StartsWith(key, error.Message);
        Assert.EndsWith(".", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData(null, "P1Y")]
    [InlineData("default", "P1Y")]
    [InlineData("a", null)]
    public void A_rule_has_a_name_of_its_own_and_a_period(string? name, string? keep) =>
        Assert.Contains("Retention:Rules:0", Assert.Throws<FormatException>(() => Settings.Bind(
            ("Retention:Rules:0:Modality", "CT"), ("Retention:Rules:0:Name", name), ("Retention:Rules:0:Keep", keep))).Message);

    [Fact]
    public void Two_rules_cannot_have_one_name() =>
        Assert.Contains("Retention:Rules:1:Name", Assert.Throws<FormatException>(() => Settings.Bind(
            ("Retention:Rules:0:Name", "a"), ("Retention:Rules:0:Keep", "P1Y"),
            ("Retention:Rules:1:Name", "a"), ("Retention:Rules:1:Keep", "P2Y"))).Message);

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("P0D")]
    [InlineData("P0Y0M0D")]
    [InlineData("10Y")]
    [InlineData("p10y")]
    [InlineData("P10")]
    [InlineData("P1M1Y")]
    [InlineData("P1W")]
    [InlineData("P1.5Y")]
    [InlineData("PT1H")]
    [InlineData("P10000Y")]
    [InlineData("P10Y\n")]
    [InlineData("P１Y")]
    public void What_is_no_period_is_refused(string text) => Assert.Throws<FormatException>(() => RetentionPeriod.Parse(text));

    [Fact]
    public void Periods_read_back_as_written() => Gen.Select(Gen.Int[0, 9999], Gen.Int[0, 9999], Gen.Int[0, 9999]).Where((y, m, d) => y + m + d > 0).Sample((y, m, d) =>
    {
        var period = RetentionPeriod.Parse($"P{y}Y{m}M{d}D");
        Assert.Equal((y, m, d), (period.Years, period.Months, period.Days));
        Assert.Equal(period, RetentionPeriod.Parse(period.ToString()));
    });
}
