using System.Text;
using CsCheck;
using SecureStore.Silo.DicomWeb;

namespace SecureStore.Silo.Tests;

public class MultipartPartReaderTests
{
    private const string Boundary = "b0undary";

    [Fact]
    public async Task Parts_come_back_byte_for_byte_however_the_body_arrives()
    {
        // Bytes that look like pieces of a delimiter are what a search across reads gets wrong.
        var piece = Gen.OneOf(
            Gen.Byte.Array[0, 200],
            Gen.Int[0, 14].Select(length => Encoding.ASCII.GetBytes("\r\n--b0undary"[..Math.Min(length, 11)])),
            Gen.Const("\r\n--b0undarx\r\n"u8.ToArray()),
            Gen.Const("--b0undary\r\n"u8.ToArray()),
            Gen.Const("\r\r\n--"u8.ToArray()));
        var part = piece.Array[0, 8].Select(pieces => pieces.SelectMany(bytes => bytes).ToArray())
            .Where(bytes => !Contains(bytes, "\r\n--" + Boundary) && !StartsLikeDelimiter(bytes));
        await Gen.Select(part.Array[1, 5], Gen.Int[1, 40].Array[1, 20], Gen.Bool).SampleAsync(async (parts, steps, hasHeader) =>
        {
            var body = Body(parts, hasHeader ? "Content-Type: application/dicom\r\n" : "");
            var (read, failure) = await ReadAllAsync(new PiecewiseStream(body, steps), Boundary);
            Assert.Null(failure);
            Assert.Equal(parts, read);
        }, iter: 2000);
    }

    [Fact]
    public async Task A_body_cut_off_anywhere_gives_its_whole_parts_and_then_an_error()
    {
        byte[][] parts = [[1, 2, 3], [], Enumerable.Range(0, 300).Select(i => (byte)i).ToArray()];
        var body = Body(parts, "Content-Type: application/dicom\r\n");
        var closing = body.Length - "\r\n".Length;
        for (var length = 0; length < closing; length++)
        {
            var (read, failure) = await ReadAllAsync(new MemoryStream(body[..length]), Boundary);
            Assert.IsType<MultipartException>(failure);
            Assert.True(read.Count <= parts.Length);
            Assert.All(read.Zip(parts), pair => Assert.Equal(pair.Second, pair.First));
        }
    }

    [Fact]
    public async Task Any_bytes_at_all_end_in_parts_or_in_an_error() =>
        await Gen.Select(Gen.Byte.Array[0, 100], Gen.Int[0, 300]).SampleAsync(async (noise, at) =>
        {
            var body = Body([new byte[50], new byte[50]], "Content-Type: application/dicom\r\n");
            var place = Math.Min(at, body.Length);
            var (_, failure) = await ReadAllAsync(new MemoryStream([.. body[..place], .. noise, .. body[place..]]), Boundary);
            Assert.True(failure is null or MultipartException);
        });

    [Theory]
    [InlineData("--b0undary\r\n\r\nabc\r\n--b0undary--", "abc")]
    [InlineData("\r\n--b0undary\r\n\r\nabc\r\n--b0undary--\r\nepilogue", "abc")]
    [InlineData("a preamble\r\n--b0undary \t\r\nContent-Type: x/y\r\n\r\nabc\r\n--b0undary--", "abc")]
    [InlineData("--b0undary\r\n\r\n\r\n--b0undary--", "")]
    [InlineData("--b0undary\r\nContent-Type: x/y\r\n\r\n--b0undary--", "")]
    public async Task Variants_that_RFC_2046_allows_are_read(string body, string expected)
    {
        var (read, failure) = await ReadAllAsync(new MemoryStream(Encoding.ASCII.GetBytes(body)), Boundary);
        Assert.Null(failure);
        Assert.Equal(expected, Encoding.ASCII.GetString(Assert.Single(read)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"json\": true}")]
    [InlineData("--other\r\n\r\nabc\r\n--other--")]
    [InlineData("--b0undary\r\n\r\nabc\r\n--b0undaryX\r\n")]
    [InlineData("--b0undary\r\n\r\nabc")]
    [InlineData("--b0undary\r\nContent-Type: x/y")]
    [InlineData("--b0undary")]
    public async Task Broken_bodies_are_errors(string body)
    {
        var (read, failure) = await ReadAllAsync(new MemoryStream(Encoding.ASCII.GetBytes(body)), Boundary);
        Assert.IsType<MultipartException>(failure);
        Assert.Empty(read);
    }

    [Fact]
    public async Task A_body_that_never_comes_to_its_boundary_is_given_up_early()
    {
        var body = new EndlessStream();
        var (_, failure) = await ReadAllAsync(body, Boundary);
        Assert.IsType<MultipartException>(failure);
        Assert.InRange(body.Given, 1, 1024 * 1024);
    }

    [Fact]
    public async Task A_header_without_end_is_given_up_early()
    {
        var body = new EndlessStream("--b0undary\r\nX: "u8.ToArray());
        var (_, failure) = await ReadAllAsync(body, Boundary);
        Assert.IsType<MultipartException>(failure);
        Assert.InRange(body.Given, 1, 1024 * 1024);
    }

    [Fact]
    public async Task What_is_left_of_a_part_is_passed_over()
    {
        using var reader = new MultipartPartReader(new MemoryStream(Body([new byte[500_000], [7]], "")), Boundary);
        var first = await reader.NextPartAsync(default);
        var second = await reader.NextPartAsync(default);
        Assert.Equal(0, await first!.ReadAsync(new byte[10]));
        var buffer = new byte[10];
        Assert.Equal(1, await second!.ReadAsync(buffer));
        Assert.Equal(7, buffer[0]);
        Assert.Null(await reader.NextPartAsync(default));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("a b", true)]
    [InlineData("ends with space ", false)]
    [InlineData("new\r\nline", false)]
    [InlineData("7bd3218f-9243-4c41-a501-9d846fc24d78-7bd3218f-9243-4c41-a501-9d846fc24d78", true)]
    public void Boundaries_are_checked(string boundary, bool isValid) => Assert.Equal(isValid, MultipartPartReader.IsBoundary(boundary));

    [Fact]
    public async Task A_boundary_may_be_longer_than_RFC_2046_allows_and_has_an_end_all_the_same()
    {
        var longest = new string('b', MultipartPartReader.MaxBoundaryLength);
        var body = Encoding.ASCII.GetBytes($"--{longest}\r\n\r\nabc\r\n--{longest}--");
        var (read, failure) = await ReadAllAsync(new MemoryStream(body), longest);
        Assert.Null(failure);
        Assert.Equal("abc", Encoding.ASCII.GetString(Assert.Single(read)));
        Assert.False(MultipartPartReader.IsBoundary(longest + "b"));
    }

    internal static byte[] Body(IEnumerable<byte[]> parts, string header)
    {
        using var body = new MemoryStream();
        foreach (var part in parts)
        {
            body.Write(Encoding.ASCII.GetBytes($"--{Boundary}\r\n{header}\r\n"));
            body.Write(part);
            body.Write("\r\n"u8);
        }

        body.Write(Encoding.ASCII.GetBytes($"--{Boundary}--\r\n"));
        return body.ToArray();
    }

    private static async Task<(List<byte[]> Parts, Exception? Failure)> ReadAllAsync(Stream body, string boundary)
    {
        var parts = new List<byte[]>();
        using var reader = new MultipartPartReader(body, boundary);
        try
        {
            while (await reader.NextPartAsync(default) is { } part)
            {
                using var bytes = new MemoryStream();
                await part.CopyToAsync(bytes, 37);
                parts.Add(bytes.ToArray());
            }
        }
        catch (MultipartException exception)
        {
            Assert.Same(exception, reader.Failure);
            return (parts, exception);
        }

        return (parts, null);
    }

    private static bool Contains(byte[] bytes, string text) => bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0;

    private static bool StartsLikeDelimiter(byte[] bytes) => bytes.AsSpan().StartsWith(Encoding.ASCII.GetBytes("--" + Boundary));

    /// <summary>Gives a body in pieces of the given lengths, over and over.</summary>
    private sealed class PiecewiseStream(byte[] body, int[] steps) : MemoryStream(body)
    {
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, steps[_reads++ % steps.Length])], cancellationToken);
    }

    private sealed class EndlessStream(byte[]? start = null) : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            if (Given == 0)
            {
                start?.CopyTo(buffer);
            }

            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
