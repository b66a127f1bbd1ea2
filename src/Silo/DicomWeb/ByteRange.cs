using System.Buffers.Text;
using Microsoft.Net.Http.Headers;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// The one range of bytes that a request asks for of a value that goes out by itself (RFC 9110 14.2). Several ranges, other units and
/// what cannot be read are passed over: the whole value goes out.
/// </summary>
internal readonly record struct ByteRange(long Start, long Length, bool IsPart = true)
{
    private const int TagBytes = 16;

    /// <summary>Whether a range is asked for, so that a value is better served by itself than in a multipart.</summary>
    public static bool IsAsked(HttpRequest request) => request.Headers.ContainsKey(HeaderNames.Range);

    /// <summary>Says what an If-Range may name: the instance's data set, which never changes under its UID, by a keyed hash.</summary>
    public static EntityTagHeaderValue Tag(InstanceRecord instance) => new($"\"{Base64Url.EncodeToString(instance.DataSetMac.AsSpan(0, TagBytes))}\"");

    /// <summary>The range to send: all of it where none is asked for; null where what is asked for lies beyond the end (416).</summary>
    public static ByteRange? Of(HttpRequest request, EntityTagHeaderValue tag, long length)
    {
        if (!HttpMethods.IsGet(request.Method)
            || !RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var asked)
            || asked is not { Unit.Value: "bytes", Ranges.Count: 1 }
            || !IsCurrent(request, tag))
        {
            return new ByteRange(0, length, IsPart: false);
        }

        var range = asked.Ranges.First();
        if (range.From is { } from)
        {
            return from < length ? new ByteRange(from, Math.Min(length - 1, range.To ?? long.MaxValue) - from + 1) : null;
        }

        var last = Math.Min(length, range.To ?? 0);
        return last > 0 ? new ByteRange(length - last, last) : null;
    }

    /// <summary>RFC 9110 13.1.5: without If-Range, or where it names the value as it is. Values have no date.</summary>
    private static bool IsCurrent(HttpRequest request, EntityTagHeaderValue tag) =>
        !request.Headers.ContainsKey(HeaderNames.IfRange)
        || (RangeConditionHeaderValue.TryParse(request.Headers.IfRange.ToString(), out var condition)
            && condition.EntityTag is { } named && named.Compare(tag, useStrongComparison: true));
}
