using System.Net;
using CsCheck;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Tests;

/// <summary>Ranges of bulk data (RFC 9110 14).</summary>
public class BulkDataRangeTests
{
    private const string Pixels = "/dicom-web/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.1/bulkdata/7FE00010";
    private const string BigEndian = "1.2.840.10008.1.2.2";

    [Theory]
    [InlineData("bytes=0-9", 206, "bytes 0-9/1000", 0, 10)]
    [InlineData("bytes=990-", 206, "bytes 990-999/1000", 990, 10)]
    [InlineData("bytes=990-5000", 206, "bytes 990-999/1000", 990, 10)]
    [InlineData("bytes=-10", 206, "bytes 990-999/1000", 990, 10)]
    [InlineData("bytes=-2000", 206, "bytes 0-999/1000", 0, 1000)]
    [InlineData("bytes=0-", 206, "bytes 0-999/1000", 0, 1000)]
    [InlineData("bytes=1000-", 416, "bytes */1000", 0, 0)]
    [InlineData("bytes=1000-2000", 416, "bytes */1000", 0, 0)]
    [InlineData("bytes=-0", 416, "bytes */1000", 0, 0)]
    [InlineData("bytes=9-0", 200, null, 0, 1000)]
    [InlineData("bytes=0-9,20-29", 200, null, 0, 1000)]
    [InlineData("bytes=99999999999999999999-", 200, null, 0, 1000)]
    [InlineData("words=0-9", 200, null, 0, 1000)]
    [InlineData("bytes=a-b", 200, null, 0, 1000)]
    public async Task One_range_is_served(string range, int status, string? contentRange, int from, int length)
    {
        await using var server = await WithAsync(Native(1000 * 8, 8), 1000);
        using var response = await GetAsync(server, range, "*/*");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(contentRange, response.Content.Headers.TryGetValues("Content-Range", out var values) ? values.Single() : null);
        Assert.Equal("bytes", response.Headers.AcceptRanges.Single());
        if (status != 416)
        {
            Assert.Equal(length, response.Content.Headers.ContentLength);
            Assert.Equal(server.Studies.Instances[0].File[from..(from + length)], await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_range_goes_on_only_in_what_it_began_with()
    {
        await using var server = await WithAsync(Native(1000 * 8, 8), 1000);
        using var first = await GetAsync(server, "bytes=0-9", "application/octet-stream");
        var tag = first.Headers.ETag!;
        Assert.False(tag.IsWeak);
        foreach (var (condition, status) in new[] { (tag.Tag, 206), ("\"other\"", 200), ($"W/{tag.Tag}", 200), ("Sun, 29 Nov 2026 18:00:00 GMT", 200), ("rubbish", 200) })
        {
            using var next = await GetAsync(server, "bytes=10-19", "application/octet-stream", condition);
            Assert.Equal(status, (int)next.StatusCode);
        }
    }

    [Fact]
    public async Task A_range_opens_no_more_than_itself()
    {
        await using var server = await DicomWebServer.StartAsync();
        server.Studies.Instances.Add(MemoryInstance.Of(1, new byte[1_000_000], frames: Native(8_000_000, 8)) with { BreaksAt = 200_000 });
        using var part = await GetAsync(server, "bytes=100000-199999", "application/octet-stream");
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(100_000, (await part.Content.ReadAsByteArrayAsync()).Length);
        using var damaged = await GetAsync(server, "bytes=200000-200009", "application/octet-stream");
        Assert.Equal(HttpStatusCode.InternalServerError, damaged.StatusCode);
        Assert.Null(damaged.Headers.ETag);
        Assert.Null(damaged.Content.Headers.ContentRange);
    }

    [Fact]
    public async Task A_multipart_is_sent_whole()
    {
        await using var server = await WithAsync(Native(1000 * 8, 8), 1000);
        using var response = await GetAsync(server, "bytes=0-9", "multipart/related; type=application/octet-stream");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(response.Headers.ETag);
    }

    /// <summary>Bits that are moved, words that are turned round, several frames: a range is the same piece of the same bytes.</summary>
    [Fact]
    public async Task Every_range_is_a_piece_of_the_whole()
    {
        var layout = Gen.Select(Gen.OneOf(Gen.Const(1), Gen.Const(8), Gen.Const(16), Gen.Const(32)), Gen.Int[1, 4], Gen.Int[1, 40], Gen.Bool);
        await Gen.Select(layout, Gen.Int[0, 400], Gen.Int[0, 400]).SampleAsync(
            async (one, start, length) =>
            {
                var (bits, frames, pixels, isBig) = one;
                var frameBits = (long)pixels * bits;
                var index = new FrameIndex { Count = frames, NativeOffset = 12, NativeFrameBits = frameBits, BitsAllocated = bits };
                await using var server = await WithAsync(index, 12 + (int)((frameBits * frames + 7) / 8) + 8, isBig ? BigEndian : "1.2.840.10008.1.2.1");
                using var all = await GetAsync(server, null, "application/octet-stream");
                var whole = await all.Content.ReadAsByteArrayAsync();
                using var part = await GetAsync(server, $"bytes={start}-{start + length}", "application/octet-stream");
                if (start >= whole.Length)
                {
                    Assert.Equal(416, (int)part.StatusCode);
                    return;
                }

                Assert.Equal(206, (int)part.StatusCode);
                Assert.Equal(whole[start..Math.Min(whole.Length, start + length + 1)], await part.Content.ReadAsByteArrayAsync());
            },
            iter: 100,
            threads: 1);
    }

    private static FrameIndex Native(long bits, int allocated) => new() { Count = 1, NativeFrameBits = bits, BitsAllocated = allocated };

    private static async Task<DicomWebServer> WithAsync(FrameIndex index, int length, string transferSyntax = "1.2.840.10008.1.2.1")
    {
        var server = await DicomWebServer.StartAsync();
        server.Studies.Instances.Add(MemoryInstance.Of(1, [.. Enumerable.Range(0, length).Select(value => (byte)(value * 7))], transferSyntax, frames: index));
        return server;
    }

    private static async Task<HttpResponseMessage> GetAsync(DicomWebServer server, string? range, string accept, string? condition = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Pixels);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (range is not null)
        {
            request.Headers.TryAddWithoutValidation("Range", range);
        }

        if (condition is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Range", condition);
        }

        return await server.Client.SendAsync(request);
    }
}
