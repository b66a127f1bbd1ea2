using CsCheck;
using SecureStore.Grains.Retention;

namespace SecureStore.Grains.Tests.Retention;

public sealed class RetentionScheduleTests
{
    private static readonly DateTimeOffset Received = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly RetentionOptions Options = Settings.Bind(
        ("Retention:Default", "P10Y"),
        ("Retention:Rules:0:Name", "mammography"), ("Retention:Rules:0:Modality", "MG"), ("Retention:Rules:0:Keep", "P20Y"),
        ("Retention:Rules:1:Name", "mammography again"), ("Retention:Rules:1:Modality", "MG"), ("Retention:Rules:1:Keep", "P99Y"),
        ("Retention:Rules:2:Name", "chest"), ("Retention:Rules:2:Modality", "DX"), ("Retention:Rules:2:Keep", "P5Y"));

    private static RetentionDecision Decide(string? studyDate, params string[] modalities) =>
        RetentionSchedule.Decide(Options, modalities, studyDate, Received);

    [Fact]
    public void The_first_rule_that_covers_the_modality_decides()
    {
        Assert.Equal(new(new(2025, 6, 1), new(2045, 6, 1), "mammography", false, new(2045, 6, 1)), Decide("20250601", "MG"));
        Assert.Equal(new(new(2025, 6, 1), new(2030, 6, 1), "chest", false, new(2030, 6, 1)), Decide("20250601", "DX"));
        Assert.Equal(new(new(2025, 6, 1), new(2035, 6, 1), "default", false, new(2035, 6, 1)), Decide("20250601", "CT"));
        Assert.Equal("default", Decide("20250601").RuleName);
        Assert.Equal("default", Decide("20250601", "dx").RuleName);
    }

    [Fact]
    public void A_study_of_several_modalities_is_kept_longest()
    {
        Assert.Equal("mammography", Decide("20250601", "DX", "MG", "CT").RuleName);
        Assert.Equal("default", Decide("20250601", "DX", "CT").RuleName);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2025-06-01")]
    [InlineData("20250631")]
    [InlineData("20250229")]
    [InlineData("00000000")]
    [InlineData("18951107")]
    [InlineData("20260303")]
    [InlineData("99991231")]
    [InlineData("20250601-20250602")]
    [InlineData("２０２５０６０１")]
    public void An_implausible_date_counts_as_the_receipt(string? studyDate) =>
        Assert.Equal(new(new(2026, 3, 1), new(2036, 3, 1), "default", true, new(2036, 3, 1)), Decide(studyDate, "CT"));

    [Theory]
    [InlineData("18951108")]
    [InlineData("20260302")]
    [InlineData("20250601 ")]
    public void The_edges_of_what_is_plausible(string studyDate) => Assert.False(Decide(studyDate, "CT").ImplausibleDate);

    [Fact]
    public void Nothing_is_due_before_the_grace_is_over()
    {
        var expired = Decide("19800101", "CT");
        Assert.Equal((new DateOnly(2026, 4, 1), new DateOnly(1990, 1, 1)), (expired.DueDay, expired.RuleDay));
        var atMidnight = RetentionSchedule.Decide(Options, ["CT"], "19800101", new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(new DateOnly(2026, 3, 31), atMidnight.DueDay);
        var elsewhere = RetentionSchedule.Decide(Options, ["CT"], "19800101", new(2026, 3, 1, 0, 0, 0, TimeSpan.FromHours(2)));
        Assert.Equal(new DateOnly(2026, 3, 31), elsewhere.DueDay);
    }

    [Fact]
    public void Leap_days_end_on_the_last_of_February_unless_there_is_a_29th()
    {
        Assert.Equal(new DateOnly(2035, 2, 28), RetentionPeriod.Parse("P11Y").After(new(2024, 2, 29)));
        Assert.Equal(new DateOnly(2036, 2, 29), RetentionPeriod.Parse("P12Y").After(new(2024, 2, 29)));
        Assert.Equal(new DateOnly(2025, 2, 28), RetentionPeriod.Parse("P1M").After(new(2025, 1, 31)));
        Assert.Equal(new DateOnly(2026, 7, 6), RetentionPeriod.Parse("P1Y1M5D").After(new(2025, 6, 1)));
    }

    [Fact]
    public void The_calendar_ends_and_nothing_overflows()
    {
        Assert.Equal(DateOnly.MaxValue, RetentionPeriod.Parse("P9999Y").After(new(2, 1, 1)));
        Assert.Equal(DateOnly.MaxValue, RetentionPeriod.Parse("P9999Y9999M9999D").After(DateOnly.MaxValue));
        Assert.Equal(DateOnly.MaxValue, RetentionPeriod.Parse("P1D").After(DateOnly.MaxValue));
        Assert.Equal(new DateOnly(9999, 12, 1), RetentionPeriod.Parse("P1M").After(new(9999, 11, 1)));
        Assert.Equal(DateOnly.MaxValue, RetentionSchedule.Decide(Options, [], null, DateTimeOffset.MaxValue).DueDay);
    }

    [Fact]
    public void Due_days_never_precede_the_grace_and_never_move_back_with_the_period() =>
        Gen.Select(Gen.Date[new DateTime(1900, 1, 1), new DateTime(2100, 1, 1)], Gen.Date[new DateTime(1970, 1, 1), new DateTime(2100, 1, 1)], Gen.Int[1, 200], Gen.Int[0, 3650])
            .Sample((study, receipt, years, graceDays) =>
            {
                var received = new DateTimeOffset(receipt, TimeSpan.Zero);
                var due = With(years);
                Assert.True(due.DueDay.ToDateTime(TimeOnly.MinValue) >= receipt + TimeSpan.FromDays(graceDays));
                Assert.True(due.DueDay > due.Start);
                Assert.True(With(years + 1).DueDay >= due.DueDay);

                RetentionDecision With(int keep) => RetentionSchedule.Decide(
                    Settings.Bind(("Retention:Default", $"P{keep}Y"), ("Retention:Grace", $"{graceDays}.00:00:00")), ["CT"], $"{study:yyyyMMdd}", received);
            });
}
