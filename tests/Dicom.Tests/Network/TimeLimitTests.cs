using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>How long a peer is waited for. The clock is the test's own.</summary>
public class TimeLimitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly DicomNetworkLimits Limits = new()
    {
        Association = 20 * Second,
        Idle = 300 * Second,
        Stall = 30 * Second,
        MinBytesPerSecond = 100,
    };

    private readonly WatchedTime _time = new();

    [Fact]
    public async Task A_connection_that_says_nothing_ends()
    {
        await AssertEndsAsync(() => AssociationPdus.ReadAsync(Open([]), Limits).AsTask());
        Assert.Equal(Limits.Association, _time.Elapsed);
    }

    [Fact]
    public async Task A_request_that_is_not_complete_in_time_ends_the_connection()
    {
        var request = AssociatePdu.WriteRequest(TestPeer.Request());
        await AssertEndsAsync(() => AssociationPdus.ReadAsync(Open(SlowPeer.Trickle(request, Second)), Limits).AsTask());
        Assert.Equal(Limits.Association, _time.Elapsed);
    }

    [Fact]
    public async Task A_request_that_is_complete_in_time_is_read()
    {
        var request = AssociatePdu.WriteRequest(TestPeer.Request());
        var (type, _) = await AssociationPdus.ReadAsync(Open(SlowPeer.Trickle(request, Second, 1 + (request.Length / 10))), Limits);
        Assert.Equal(PduType.AssociateRQ, type);
    }

    [Fact]
    public async Task An_idle_association_ends()
    {
        await AssertEndsAsync(() => Connect([]).ReadAsync(Limits.Idle).AsTask());
        Assert.Equal(Limits.Idle, _time.Elapsed);
    }

    [Fact]
    public async Task A_message_may_begin_as_late_as_the_idle_limit()
    {
        var message = await Connect([(Limits.Idle - Second, await StoreAsync(10))]).ReadAsync(Limits.Idle);
        Assert.Equal(1, message!.MessageID);
    }

    [Fact]
    public async Task The_header_of_a_message_does_not_buy_time_by_the_byte()
    {
        await AssertEndsAsync(async () => await Connect(SlowPeer.Trickle(await StoreAsync(10), 100 * Second)).ReadAsync(Limits.Idle));
        Assert.Equal(Limits.Idle, _time.Elapsed);
    }

    [Fact]
    public async Task A_command_set_that_stalls_ends_the_association()
    {
        var sent = await StoreAsync(10);
        await AssertEndsAsync(() => Connect(SlowPeer.AtOnce(sent[..30])).ReadAsync(Limits.Idle).AsTask());
        Assert.Equal(Limits.Stall, _time.Elapsed);
    }

    [Fact]
    public async Task A_data_set_that_stalls_ends_the_association()
    {
        var sent = await StoreAsync(100_000);
        var message = await Connect(SlowPeer.AtOnce(sent[..60_000])).ReadAsync(Limits.Idle);
        await AssertEndsAsync(() => message!.Dataset.CopyToAsync(Stream.Null));
        Assert.Equal(Limits.Stall, _time.Elapsed);
    }

    [Fact]
    public async Task What_is_dropped_of_a_data_set_may_not_stall_either()
    {
        var sent = await StoreAsync(100_000);
        var connection = Connect(SlowPeer.AtOnce(sent[..60_000]));
        await connection.ReadAsync(Limits.Idle);
        await AssertEndsAsync(() => connection.ReadAsync(Limits.Idle).AsTask());
        Assert.Equal(Limits.Stall, _time.Elapsed);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 10)]
    [InlineData(29, 2000)]
    public async Task A_data_set_that_trickles_ends_the_association(int seconds, int bytes)
    {
        var sent = await StoreAsync(100_000);
        var connection = Connect([.. SlowPeer.AtOnce(sent[..200]), .. SlowPeer.Trickle(sent[200..], seconds * Second, bytes)]);
        var message = await connection.ReadAsync(Limits.Idle);
        await AssertEndsAsync(() => message!.Dataset.CopyToAsync(Stream.Null));
        Assert.InRange(_time.Elapsed, Limits.Stall, 2 * Limits.Stall);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(29, 3100)]
    [InlineData(29, 6000)]
    public async Task A_data_set_that_is_slow_but_no_slower_than_allowed_is_read(int seconds, int bytes)
    {
        var sent = await StoreAsync(60_000);
        var message = await Connect(SlowPeer.Trickle(sent, seconds * Second, bytes)).ReadAsync(Limits.Idle);
        var read = new MemoryStream();
        await message!.Dataset.CopyToAsync(read);
        Assert.Equal(60_000, read.Length);
        Assert.True(_time.Elapsed > 2 * Limits.Stall);
    }

    [Fact]
    public async Task Time_that_this_side_takes_does_not_count()
    {
        var sent = await StoreAsync(90_000);
        var connection = Connect([(10 * Second, sent[..40_000]), (20 * Second, sent[40_000..]), (200 * Second, sent)]);
        _time.Pass(TimeSpan.FromHours(1));
        var message = await connection.ReadAsync(Limits.Idle);
        var buffer = new byte[10_000];
        while (await message!.Dataset.ReadAsync(buffer) > 0)
            _time.Pass(TimeSpan.FromHours(1));

        _time.Pass(TimeSpan.FromHours(1));
        Assert.NotNull(await connection.ReadAsync(Limits.Idle));
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_of_what_is_sent_ends_the_association()
    {
        var connection = new DimseConnection(new PduStream(new SlowPeer(_time, []) { IsStuck = true }, Limits, _time), Agreed(), Limits);
        await AssertEndsAsync(() => connection.SendAsync(1, Echo()).AsTask());
        Assert.Equal(Limits.Stall, _time.Elapsed);
    }

    [Fact]
    public async Task A_release_that_is_not_answered_ends_in_time()
    {
        await AssertEndsAsync(() => Connect([]).ReleaseAsync().AsTask());
        Assert.Equal(Limits.Stall, _time.Elapsed);
    }

    [Fact]
    public Task An_association_that_is_idle_after_a_find_ends() => AssertIdleAfterAsync(
        DicomCommandField.CFindRequest, context: 5, new() { OnFind = _ => new[] { DicomResponse.Success }.ToAsyncEnumerable() });

    [Fact]
    public Task A_peer_that_does_not_answer_what_is_stored_back_ends_the_association()
    {
        var instance = new DicomOutgoingInstance(TestProvider.Storage, "1.2.3", TestProvider.Implicit, DatasetLength: 2)
        {
            WriteAsync = (output, _, _) =>
            {
                output.GetSpan(2).Clear();
                output.Advance(2);
                return default;
            },
        };
        return AssertIdleAfterAsync(
            DicomCommandField.CGetRequest, context: 7, new() { OnRetrieve = () => new(DicomStatus.Success, 1, new[] { instance }.ToAsyncEnumerable()) });
    }

    private static DicomDataset Echo() => DimseCommands.Request(DicomCommandField.CEchoRequest, TestProvider.Verification, 1);

    private static DicomAssociation Agreed()
    {
        var association = TestPeer.Request();
        foreach (var context in association.PresentationContexts)
            context.Accept(TestProvider.Implicit);

        return association;
    }

    private static async Task<byte[]> StoreAsync(int length)
    {
        var wire = new Wire(default);
        await new DimseConnection(new PduStream(wire, Limits, TimeProvider.System), Agreed(), Limits)
            .SendAsync(3, DimseCommands.Request(DicomCommandField.CStoreRequest, TestProvider.Storage, 1), new byte[length]);
        return wire.Sent.ToArray();
    }

    private static Task<DicomAssociationAbortedException> AssertEndsAsync(Func<Task> reading) =>
        Assert.ThrowsAsync<DicomAssociationAbortedException>(() => reading().WaitAsync(TestPeer.Patience));

    /// <summary>A request, its answer, and then silence: the association ends at the idle limit, not before.</summary>
    private async Task AssertIdleAfterAsync(DicomCommandField type, byte context, TestProvider provider)
    {
        var asked = new Wire(default);
        var identifier = DicomGen.Bytes(new DicomDataset().AddOrUpdate(DicomTag.PatientID, "P1"), DicomTransferSyntax.ImplicitVRLittleEndian);
        await new DimseConnection(new PduStream(asked, Limits, _time), Agreed(), Limits)
            .SendAsync(context, DimseCommands.Request(type, TestProvider.Find, 1), identifier);
        var service = new DicomService(new PduStream(new SilentAfter(asked.Sent.ToArray()), Limits, _time), provider, Limits);
        var running = service.RunAsync(TestPeer.Request(), default);
        await _time.WaitedForAsync(Limits.Idle);
        _time.Pass(Limits.Idle - Second);
        Assert.False(running.IsCompleted);
        _time.Pass(Second);
        await running.WaitAsync(TestPeer.Patience);
        Assert.IsType<DicomAssociationAbortedException>(await provider.Ended);
    }

    private PduStream Open(IEnumerable<(TimeSpan After, byte[] Bytes)> pieces) => new(new SlowPeer(_time, pieces), Limits, _time);

    private DimseConnection Connect(IEnumerable<(TimeSpan After, byte[] Bytes)> pieces) => new(Open(pieces), Agreed(), Limits);

    /// <summary>Some bytes, and then nothing until the connection is closed.</summary>
    private sealed class SilentAfter(byte[] bytes) : ForwardStream
    {
        private ReadOnlyMemory<byte> _left = bytes;

        public override bool CanWrite => true;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left.IsEmpty)
                await Task.Delay(Timeout.Infinite, cancellationToken);

            var read = Math.Min(buffer.Length, _left.Length);
            _left[..read].CopyTo(buffer);
            _left = _left[read..];
            return read;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;
    }
}
