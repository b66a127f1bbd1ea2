using System.Buffers;
using SecureStore.Contracts.Fuzzing;

namespace SecureStore.Dicom.Tests;

/// <summary>Damaged documents of the DICOM JSON Model.</summary>
public class JsonFuzzTests(ITestOutputHelper output)
{
    private static FuzzTarget Documents => new(FuzzTarget.Corpus("tests/vectors/fuzz/json"), Read, typeof(DicomDataException));

    [Fact]
    public void Damaged_documents() => output.WriteLine(Documents.Run(100_000));

    [Fact]
    [Trait("Long", "yes")]
    public void A_million_damaged_documents() => output.WriteLine(Documents.Run(1_000_000));

    private static Task Read(byte[] input)
    {
        var dataset = DicomJson.Read(input);
        DicomJson.Write(new ArrayBufferWriter<byte>(), dataset);
        return Task.CompletedTask;
    }
}
