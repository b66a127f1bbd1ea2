using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Client.Http;

namespace SecureStore.Client.Tests;

/// <summary>An answer that never ends, or never goes on, ends the reading of it.</summary>
public sealed class AnswerStreamTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task It_is_read_up_to_its_limit_and_not_beyond()
    {
        await using var whole = new AnswerStream(new MemoryStream(new byte[100]), 100, Patience, _time);
        using var copy = new MemoryStream();
        await whole.CopyToAsync(copy);
        Assert.Equal(100, copy.Length);

        await using var longer = new AnswerStream(new MemoryStream(new byte[101]), 100, Patience, _time);
        await Assert.ThrowsAsync<InvalidDataException>(() => longer.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task It_may_be_slow_and_not_silent()
    {
        var pipe = new Pipe();
        await using var answer = new AnswerStream(pipe.Reader.AsStream(), long.MaxValue, Patience, _time);
        for (var i = 0; i < 3; i++)
        {
            var reading = answer.ReadAsync(new byte[10]).AsTask();
            _time.Advance(Patience - TimeSpan.FromSeconds(1));
            await pipe.Writer.WriteAsync(new byte[1]);
            Assert.Equal(1, await reading);
        }

        var silent = answer.ReadAsync(new byte[10]).AsTask();
        _time.Advance(Patience);
        await Assert.ThrowsAsync<InvalidDataException>(() => silent);
    }

    [Fact]
    public async Task Who_breaks_off_is_told_so()
    {
        using var stop = new CancellationTokenSource();
        await using var answer = new AnswerStream(new Pipe().Reader.AsStream(), 100, Patience, _time);
        var reading = answer.ReadAsync(new byte[10], stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }
}
