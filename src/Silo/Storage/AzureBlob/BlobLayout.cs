using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage.AzureBlob;

/// <summary>Where segments are: <c>HH/STUDY/SEGMENT</c>, HH being the first two digits of the study's handle.</summary>
internal static class BlobLayout
{
    public const string Delimiter = "/";

    /// <summary>The 256 prefixes that studies are spread over.</summary>
    public static IEnumerable<string> Shelves => Enumerable.Range(0, 256).Select(i => i.ToString("x2") + Delimiter);

    /// <summary>What the names of a study's blobs begin with.</summary>
    public static string Prefix(StudyHandle study) => $"{study.ToString()[..2]}/{study}/";

    public static string Name(StudyHandle study, SegmentId segment) => Prefix(study) + segment;

    /// <summary>The study whose prefix this is, or null where it is not one of this layout.</summary>
    public static StudyHandle? StudyOf(string prefix) =>
        prefix.Split(Delimiter) is [_, var name, ""] && Guid.TryParseExact(name, "N", out var handle)
            && Prefix(new StudyHandle(handle)) == prefix
            ? new StudyHandle(handle)
            : null;

    /// <summary>The segment that a blob is, or null where its name is not one of this layout.</summary>
    public static SegmentId? SegmentOf(string name) =>
        name.Split(Delimiter) is [_, _, var segment] && Guid.TryParseExact(segment, "N", out var id) ? new SegmentId(id) : null;
}
