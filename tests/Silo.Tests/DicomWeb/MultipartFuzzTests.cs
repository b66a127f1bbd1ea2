using SecureStore.Contracts.Fuzzing;
using SecureStore.Silo.DicomWeb;

namespace SecureStore.Silo.Tests;

/// <summary>Damaged multipart bodies, as STOW-RS takes them.</summary>
public class MultipartFuzzTests(ITestOutputHelper output)
{
    private static FuzzTarget Bodies => new(FuzzTarget.Corpus("tests/vectors/fuzz/multipart"), ReadAsync, typeof(MultipartException));

    [Fact]
    public void Damaged_bodies() => output.WriteLine(Bodies.Run(50_000));

    [Fact]
    [Trait("Long", "yes")]
    public void A_million_damaged_bodies() => output.WriteLine(Bodies.Run(1_000_000));

    private static async Task ReadAsync(byte[] input)
    {
        using var reader = new MultipartPartReader(new MemoryStream(input), "b0undary");
        while (await reader.NextPartAsync(default) is { } part)
        {
            await part.CopyToAsync(Stream.Null, 100);
        }
    }
}
