using CsCheck;
using SecureStore.Client.Importing;
using SecureStore.Dicom;

namespace SecureStore.Client.Tests;

/// <summary>A DICOMDIR leads to files below its folder and nowhere else.</summary>
public sealed class DicomDirectoryTests : IDisposable
{
    readonly Run _run = new();
    readonly List<string> _problems = [];

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task The_files_of_records_in_use()
    {
        _run.Write("cd/IMAGES/IM1", [1]);
        _run.Write("cd/images2/im2", [1]);
        _run.Write("cd/IM3", [1]);
        var files = await FilesAsync(Record("IMAGES", "IM1"), Record("IMAGES2", "IM2"), Record(inUse: false, "IM3"), new DicomDataset());
        Assert.Equal([Path.Combine(_run.Folder, "cd/IMAGES/IM1"), Path.Combine(_run.Folder, "cd/images2/im2")], files);
        Assert.Empty(_problems);
    }

    [Theory]
    [InlineData("..", "OUTSIDE")]
    [InlineData("IMAGES", "..", "..", "OUTSIDE")]
    [InlineData("../OUTSIDE")]
    [InlineData("/etc/passwd")]
    [InlineData(".", "INSIDE")]
    [InlineData("LINK")]
    [InlineData("LINKED", "OUTSIDE")]
    [InlineData("INSIDE:STREAM")]
    [InlineData("NOTHING")]
    [InlineData("IMAGES")]
    [InlineData("A", "A", "A", "A", "A", "A", "A", "A", "INSIDE")]
    public async Task What_leads_elsewhere_is_a_problem_and_no_file(params string[] id)
    {
        _run.Write("OUTSIDE", [1]);
        _run.Write("cd/INSIDE", [1]);
        _run.Write("cd/A/A/A/A/A/A/A/A/INSIDE", [1]);
        Directory.CreateDirectory(Path.Combine(_run.Folder, "cd/IMAGES"));
        File.CreateSymbolicLink(Path.Combine(_run.Folder, "cd/LINK"), Path.Combine(_run.Folder, "OUTSIDE"));
        Directory.CreateSymbolicLink(Path.Combine(_run.Folder, "cd/LINKED"), _run.Folder);

        Assert.Equal([Path.Combine(_run.Folder, "cd/INSIDE")], await FilesAsync(Record(id), Record("INSIDE")));
        Assert.Single(_problems);
    }

    [Fact]
    public void No_ID_leads_out_of_the_folder()
    {
        var folder = Path.Combine(_run.Folder, "cd");
        _run.Write("cd/A/B", [1]);
        _run.Write("A/B", [1]);
        File.CreateSymbolicLink(Path.Combine(folder, "L"), Path.Combine(_run.Folder, "A"));
        string[] names = ["A", "B", "L", ".", "..", "../A", "/", "", "cd", "A/B", "..\\A", "b"];
        var component = Gen.OneOf(Gen.Int[0, names.Length - 1].Select(i => names[i]), Gen.String[0, 3]);
        Assert.Equal(Path.Combine(folder, "A", "B"), DicomDirectory.Resolve(folder, ["A", "B"]));
        component.Array[1, 4].Sample(
            id => Assert.True(DicomDirectory.Resolve(folder, id) is not { } file || file == Path.Combine(folder, "A", "B")), iter: 5000);
    }

    [Fact]
    public async Task What_is_no_DICOMDIR_is_a_problem()
    {
        var path = _run.Write("cd/DICOMDIR", new byte[1000]);
        Assert.Empty(await DicomDirectory.FilesAsync(path, (_, reason) => _problems.Add(reason), default).ToListAsync());
        Assert.Single(_problems);
    }

    static DicomDataset Record(params string[] id) => Record(true, id);

    static DicomDataset Record(bool inUse, params string[] id) =>
        new DicomDataset().AddOrUpdate(DicomTag.RecordInUseFlag, inUse ? 0xFFFFL : 0L).AddOrUpdate(DicomTag.ReferencedFileID, id);

    async Task<List<string>> FilesAsync(params DicomDataset[] records)
    {
        using var file = new MemoryStream();
        var meta = new DicomDataset().AddOrUpdate(DicomTag.MediaStorageSOPClassUID, "1.2.840.10008.1.3.10").AddOrUpdate(DicomTag.MediaStorageSOPInstanceUID, "1.2.3");
        await new DicomFile(meta, new DicomDataset().AddOrUpdate(DicomTag.DirectoryRecordSequence, records), DicomTransferSyntax.ExplicitVRLittleEndian).SaveAsync(file);
        var path = _run.Write("cd/DICOMDIR", file.ToArray());
        return await DicomDirectory.FilesAsync(path, (_, reason) => _problems.Add(reason), default).ToListAsync();
    }
}
