using System.Globalization;

namespace SecureStore.Silo.Hosting;

/// <summary>Reads single settings; what is wrong with one is a <see cref="SettingException"/> that names it.</summary>
internal static class SettingValues
{
    /// <summary>One of the allowed words, in any case; the first where nothing is given.</summary>
    public static string OneOf(this IConfiguration configuration, string setting, params string[] allowed)
    {
        var value = configuration[setting] ?? allowed[0];
        return allowed.FirstOrDefault(one => one.Equals(value, StringComparison.OrdinalIgnoreCase))
            ?? throw new SettingException($"{setting} must be {string.Join(" or ", allowed)}, not '{value}'.");
    }

    /// <summary>The absolute path of a folder.</summary>
    public static string Folder(this IConfiguration configuration, string setting, string otherwise) =>
        FullPath(configuration[setting] ?? otherwise) ?? throw new SettingException($"{setting} must name a folder.");

    /// <summary>The absolute path of a file; <paramref name="reason"/> is why it must be given.</summary>
    public static string File(this IConfiguration configuration, string setting, string what, string reason) =>
        FullPath(configuration[setting] ?? "") ?? throw new SettingException($"{setting} must name {what}, because {reason}.");

    public static TimeSpan Period(this IConfiguration configuration, string setting, TimeSpan otherwise, TimeSpan least)
    {
        if (configuration[setting] is not { } value)
        {
            return otherwise;
        }

        return TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var period) && period >= least
            ? period
            : throw new SettingException($"{setting} must be a period of {least:c} or more, written like 7.00:00:00.");
    }

    public static int Number(this IConfiguration configuration, string setting, int otherwise, int least, int most) =>
        configuration[setting] is not { } value ? otherwise
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new SettingException($"{setting} must be a number from {least} to {most}.");

    /// <summary>Refuses what was given to no purpose: whoever gave it meant something to happen.</summary>
    public static void RefuseWithout(this IConfiguration configuration, string missing, params string[] settings)
    {
        if (settings.FirstOrDefault(setting => configuration[setting] is not null) is { } idle)
        {
            throw new SettingException($"{idle} is of no use without {missing}.");
        }
    }

    private static string? FullPath(string value) => value.Length > 0 && !value.Contains('\0') ? Path.GetFullPath(value) : null;
}
