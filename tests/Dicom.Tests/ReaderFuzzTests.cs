using SecureStore.Contracts.Fuzzing;

namespace SecureStore.Dicom.Tests;

/// <summary>Damaged files and documents, as the archive reads them.</summary>
public class ReaderFuzzTests(ITestOutputHelper output)
{
    private static FuzzTarget Files => new(FuzzTarget.Corpus("tests/vectors/fuzz/reader"), FuzzedFile.ReadAsync, typeof(DicomDataException));

    [Fact]
    public void Damaged_files() => output.WriteLine(Files.Run(50_000));

    [Fact]
    [Trait("Long", "yes")]
    public void A_million_damaged_files() => output.WriteLine(Files.Run(1_000_000));
}
