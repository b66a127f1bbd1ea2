using Microsoft.Extensions.Configuration;

namespace SecureStore.Grains.Retention;

/// <summary>What is kept for how long (docs/retention.md): the settings under <c>Retention:</c>, checked.</summary>
public sealed record RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>The name under which <see cref="Default"/> appears in facts and certificates.</summary>
    public const string DefaultRuleName = "default";

    /// <summary>The longest grace and the longest sweep interval.</summary>
    public static readonly TimeSpan MaxGrace = TimeSpan.FromDays(3650);

    /// <summary>Nothing is destroyed by a rule within this time of its receipt. Retention:Grace, 0 to 3650 days.</summary>
    public TimeSpan Grace { get; private init; } = TimeSpan.FromDays(30);

    /// <summary>How long a study is kept that no rule covers. Retention:Default.</summary>
    public RetentionPeriod Default { get; private init; } = RetentionPeriod.Parse("P10Y");

    /// <summary>The rules in their order: the first that covers a modality decides for it. Retention:Rules:N.</summary>
    public IReadOnlyList<RetentionRule> Rules { get; private init; } = [];

    /// <summary>How often the sweep looks for what is due. Retention:SweepInterval, 1 s to 1 day.</summary>
    public TimeSpan SweepInterval { get; private init; } = TimeSpan.FromHours(1);

    /// <summary>Reads the section. An unknown setting under it is an error too: a misspelt rule must not pass unseen.</summary>
    /// <exception cref="FormatException">A setting is wrong; the message is one sentence that names it.</exception>
    public static RetentionOptions Bind(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = new RetentionOptions();
        foreach (var setting in configuration.GetSection(Section).GetChildren())
        {
            options = setting.Key.ToUpperInvariant() switch
            {
                "GRACE" => options with { Grace = Time(setting, TimeSpan.Zero, MaxGrace) },
                "DEFAULT" => options with { Default = Period(setting) },
                "SWEEPINTERVAL" => options with { SweepInterval = Time(setting, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)) },
                "RULES" => options with { Rules = ReadRules(setting) },
                _ => throw new FormatException($"{setting.Path} is not a setting that exists."),
            };
        }

        return options;
    }

    private static List<RetentionRule> ReadRules(IConfigurationSection section)
    {
        var rules = new List<RetentionRule>();
        foreach (var rule in section.GetChildren())
        {
            string? name = null, modality = null;
            RetentionPeriod? keep = null;
            foreach (var setting in rule.GetChildren())
            {
                switch (setting.Key.ToUpperInvariant())
                {
                    case "NAME":
                        name = Word(setting, 64);
                        break;
                    case "MODALITY":
                        modality = Word(setting, 16);
                        break;
                    case "KEEP":
                        keep = Period(setting);
                        break;
                    default:
                        throw new FormatException($"{setting.Path} is not a setting that exists.");
                }
            }

            if (name is null || name == DefaultRuleName || rules.Any(other => other.Name == name))
                throw new FormatException($"{rule.Path}:Name must name the rule, unlike the other rules and unlike \"{DefaultRuleName}\".");
            rules.Add(new(name, modality, keep ?? throw new FormatException($"{rule.Path}:Keep must be a period like P10Y.")));
        }

        return rules;
    }

    private static string Word(IConfigurationSection setting, int maxLength) =>
        setting.Value is { Length: > 0 } word && word.Length <= maxLength && word.Trim() == word && !word.Any(char.IsControl) ? word
        : throw new FormatException($"{setting.Path} must be 1 to {maxLength} characters.");

    private static RetentionPeriod Period(IConfigurationSection setting) =>
        RetentionPeriod.TryParse(setting.Value, out var period) ? period
        : throw new FormatException($"{setting.Path} must be a positive period like P10Y, P1Y6M or P90D.");

    private static TimeSpan Time(IConfigurationSection setting, TimeSpan from, TimeSpan to) =>
        TimeSpan.TryParse(setting.Value, System.Globalization.CultureInfo.InvariantCulture, out var time) && time >= from && time <= to ? time
        : throw new FormatException($"{setting.Path} must be a time from {from:c} to {to:c}, written like 30.00:00:00.");
}
