using System.Globalization;

namespace SecureStore.Silo.Search;

/// <summary>
/// How dates (DA), times (TM) and date-times (DT) are read and compared (PS3.5 6.2). A value stands for the span that
/// its precision leaves open: "1030" is from 10:30:00 to 10:30:59.999999.
/// </summary>
public abstract class TemporalForm
{
    /// <summary>DA: the number YYYYMMDD. The old form YYYY.MM.DD is read too.</summary>
    public static readonly TemporalForm Date = new DateForm();

    /// <summary>TM: microseconds since midnight. The old form with colons is read too.</summary>
    public static readonly TemporalForm Time = new TimeForm();

    /// <summary>DT: microseconds since 0001-01-01, moved to UTC where the value states an offset.</summary>
    public static readonly TemporalForm DateTime = new DateTimeForm();

    private const long Second = 1_000_000;
    private const long Minute = 60 * Second;
    private const long Hour = 60 * Minute;

    /// <summary>Reads one value; <paramref name="low"/> and <paramref name="high"/> are the first and last moment it stands for.</summary>
    public abstract bool TryParse(ReadOnlySpan<char> text, out long low, out long high);

    /// <summary>Reads a key: a value or a range "a-b", "a-", "-b" (PS3.4 C.2.2.2.5). Null where it is neither.</summary>
    public TemporalMatch? ParseKey(string key)
    {
        if (TryParse(key, out var low, out var high))
            return new(this, low, high);

        for (var dash = key.IndexOf('-'); dash >= 0; dash = key.IndexOf('-', dash + 1))
        {
            var from = key.AsSpan(0, dash).Trim();
            var to = key.AsSpan(dash + 1).Trim();
            if (from.IsEmpty && to.IsEmpty)
                return null;

            if ((from.IsEmpty || TryParse(from, out low, out _)) && (to.IsEmpty || TryParse(to, out _, out high)))
                return new(this, from.IsEmpty ? long.MinValue : low, to.IsEmpty ? long.MaxValue : high);
        }

        return null;
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, int low, int high, out int number) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= low && number <= high;

    private static bool TryTime(ReadOnlySpan<char> text, out long low, out long high)
    {
        (low, high) = (0, 0);
        var dot = text.IndexOf('.');
        var digits = dot < 0 ? text : text[..dot];
        var fraction = dot < 0 ? default : text[(dot + 1)..];
        var (minute, second, micro) = (0, 0, 0);
        if (digits.Length is not (2 or 4 or 6) || !TryNumber(digits[..2], 0, 23, out var hour)
            || digits.Length > 2 && !TryNumber(digits[2..4], 0, 59, out minute)
            || digits.Length > 4 && !TryNumber(digits[4..6], 0, 60, out second))
            return false;

        var span = digits.Length switch { 2 => Hour, 4 => Minute, _ => Second };
        if (dot >= 0)
        {
            if (digits.Length != 6 || fraction.Length > 6 || !TryNumber(fraction, 0, 999_999, out micro))
                return false;

            span = 1;
            for (var place = fraction.Length; place < 6; place++)
                (micro, span) = (micro * 10, span * 10);
        }

        low = hour * Hour + minute * Minute + second * Second + micro;
        high = low + span - 1;
        return true;
    }

    private sealed class DateForm : TemporalForm
    {
        public override bool TryParse(ReadOnlySpan<char> text, out long low, out long high)
        {
            var read = DateOnly.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                || DateOnly.TryParseExact(text, "yyyy.MM.dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
            low = high = date.Year * 10_000 + date.Month * 100 + date.Day;
            return read;
        }
    }

    private sealed class TimeForm : TemporalForm
    {
        public override bool TryParse(ReadOnlySpan<char> text, out long low, out long high) =>
            text.Length > 2 && text[2] == ':' && text.Length < 20
                ? TryTime(text.ToString().Replace(":", "", StringComparison.Ordinal), out low, out high)
                : TryTime(text, out low, out high);
    }

    private sealed class DateTimeForm : TemporalForm
    {
        public override bool TryParse(ReadOnlySpan<char> text, out long low, out long high)
        {
            (low, high) = (0, 0);
            long offset = 0;
            if (text.LastIndexOfAny('+', '-') is >= 4 and var sign)
            {
                if (text.Length - sign != 5 || !TryNumber(text.Slice(sign + 1, 2), 0, 14, out var hours)
                    || !TryNumber(text.Slice(sign + 3, 2), 0, 59, out var minutes))
                    return false;

                offset = (text[sign] == '-' ? -1 : 1) * (hours * Hour + minutes * Minute);
                text = text[..sign];
            }

            if (!TrySpan(text, out var first, out var last, out var timeOfDay, out var timeEnd))
                return false;

            low = first.Ticks / TimeSpan.TicksPerMicrosecond + timeOfDay - offset;
            high = last.Ticks / TimeSpan.TicksPerMicrosecond + timeEnd - offset;
            return true;
        }

        private static bool TrySpan(ReadOnlySpan<char> text, out System.DateTime first, out System.DateTime last, out long time, out long timeEnd)
        {
            (first, last, time, timeEnd) = (default, default, 0, 24 * Hour - 1);
            var (month, day) = (1, 1);
            if (text.Length is < 4 or 5 or 7 || !TryNumber(text[..4], 1, 9999, out var year)
                || text.Length >= 6 && !TryNumber(text[4..6], 1, 12, out month)
                || text.Length >= 8 && !TryNumber(text[6..8], 1, System.DateTime.DaysInMonth(year, month), out day)
                || text.Length > 8 && !TryTime(text[8..], out time, out timeEnd))
                return false;

            first = new(year, month, day);
            last = text.Length switch
            {
                4 => new(year, 12, 31),
                6 => new(year, month, System.DateTime.DaysInMonth(year, month)),
                _ => first,
            };
            return true;
        }
    }
}
