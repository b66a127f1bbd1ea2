using SecureStore.Contracts.Fuzzing;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>The files that come with pydicom, damaged.</summary>
public class DamagedFilesTests(ITestOutputHelper output)
{
    private const int LongestFile = 128 * 1024;

    [Fact]
    public async Task Damaged_real_files() => output.WriteLine((await TargetAsync()).Run(20_000));

    [Fact]
    [Trait("Long", "yes")]
    public async Task A_million_damaged_real_files() => output.WriteLine((await TargetAsync()).Run(1_000_000));

    private static async Task<FuzzTarget> TargetAsync()
    {
        var corpus = (await Pydicom.FilesAsync()).Where(path => new FileInfo(path).Length <= LongestFile).Select(File.ReadAllBytes);
        return new FuzzTarget([.. corpus.Where(bytes => Record(bytes) is null)], FuzzedFile.ReadAsync, typeof(DicomDataException));

        // Some are damaged as they come.
        static Exception? Record(byte[] bytes) => new FuzzTarget([], FuzzedFile.ReadAsync).Record(bytes);
    }
}
