using System.Net.Http.Headers;
using System.Text;
using CsCheck;
using SecureStore.Client.Fetching;

namespace SecureStore.Client.Tests;

public class MultipartReaderTests
{
    static async Task<List<(string? Location, byte[] Body)>> ReadAsync(byte[] message, int step = int.MaxValue)
    {
        var reader = new MultipartReader(new StepStream(message, step), "b");
        var parts = new List<(string?, byte[])>();
        while (await reader.NextPartAsync(default) is { } headers)
        {
            using var body = new MemoryStream();
            await reader.CopyPartAsync(body, null, default);
            parts.Add((headers.GetValueOrDefault("content-location"), body.ToArray()));
        }

        return parts;
    }

    static byte[] Write(IEnumerable<byte[]> bodies, string preamble = "")
    {
        using var message = new MemoryStream();
        message.Write(Encoding.ASCII.GetBytes(preamble));
        foreach (var body in bodies)
        {
            message.Write("\r\n--b\r\nContent-Location: x\r\n\r\n"u8);
            message.Write(body);
        }

        message.Write("\r\n--b--\r\n"u8);
        return message.ToArray();
    }

    [Fact]
    public void Parts_come_back_whatever_they_hold_and_however_they_arrive()
    {
        // Bodies of the delimiter's own bytes make near misses likely.
        var body = Gen.OneOf(Gen.Const((byte)'\r'), Gen.Const((byte)'\n'), Gen.Const((byte)'-'), Gen.Const((byte)'b'), Gen.Byte).Array[0, 50]
            .Where(b => !Encoding.Latin1.GetString([.. b]).Contains("\r\n--b", StringComparison.Ordinal));
        Gen.Select(body.Array[0, 5], Gen.Int[1, 40]).Sample((bodies, step) =>
        {
            var read = ReadAsync(Write(bodies), step).GetAwaiter().GetResult();
            return bodies.Length == read.Count && bodies.Zip(read).All(p => p.First.SequenceEqual(p.Second.Body) && p.Second.Location == "x");
        });
    }

    [Fact]
    public async Task A_part_larger_than_the_window_is_streamed()
    {
        var body = new byte[1_000_000];
        new Random(1).NextBytes(body);

        Assert.Equal(body, Assert.Single(await ReadAsync(Write([body]), 77_777)).Body);
    }

    [Fact]
    public async Task A_preamble_is_passed_over() =>
        Assert.Single(await ReadAsync(Write([[1]], "This is a message of several parts.")));

    [Fact]
    public async Task The_first_boundary_needs_no_line_break() =>
        Assert.Single(await ReadAsync(Write([[1]])[2..]));

    [Theory]
    [InlineData(73, true)]
    [InlineData(200, true)]
    [InlineData(201, false)]
    public void A_boundary_may_be_longer_than_RFC_2046_allows(int length, bool isTaken)
    {
        var boundary = new string('b', length);
        var type = MediaTypeHeaderValue.Parse($"multipart/related; type=\"application/dicom\"; boundary=\"{boundary}\"");
        Assert.Equal(isTaken ? boundary : null, MultipartReader.BoundaryOf(type));
    }

    [Fact]
    public async Task Every_truncation_is_an_error()
    {
        var message = Write([[1, 2, 3], [4]]);
        for (var length = 0; length < message.Length - 2; length++)
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(message[..length]));
        }
    }

    [Fact]
    public async Task Endless_headers_are_an_error()
    {
        var line = Encoding.ASCII.GetBytes("--b\r\nX: " + new string('x', 200_000));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(line));

        var lines = Encoding.ASCII.GetBytes("--b\r\n" + string.Concat(Enumerable.Repeat("X: 12345678\r\n", 20_000)));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(lines));
    }

    sealed class StepStream(byte[] content, int step) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
