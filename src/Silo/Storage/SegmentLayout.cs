using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage;

/// <summary>Where segments are: <c>ROOT/HH/STUDY/SEGMENT.seg</c>, HH being the first two digits of the study's handle.</summary>
internal sealed class SegmentLayout(string root)
{
    private const string Extension = ".seg";

    public string Root => root;

    /// <summary>The 256 folders that studies are spread over.</summary>
    public IEnumerable<string> Shelves => Enumerable.Range(0, 256).Select(i => Path.Combine(root, i.ToString("x2")));

    public string Shelf(StudyHandle study) => Path.Combine(root, study.ToString()[..2]);

    public string Folder(StudyHandle study) => Path.Combine(Shelf(study), study.ToString());

    public string File(StudyHandle study, SegmentId segment) => Path.Combine(Folder(study), segment + Extension);

    /// <summary>The study that a folder is of, or null where its name is not one of this layout.</summary>
    public static StudyHandle? StudyOf(string folder) =>
        Guid.TryParseExact(Path.GetFileName(folder), "N", out var handle) ? new StudyHandle(handle) : null;

    /// <summary>The segment that a file is, or null where its name is not one of this layout.</summary>
    public static SegmentId? SegmentOf(string file) =>
        Path.GetExtension(file) == Extension && Guid.TryParseExact(Path.GetFileNameWithoutExtension(file), "N", out var id)
            ? new SegmentId(id)
            : null;
}
