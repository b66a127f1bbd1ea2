using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using SecureStore.Contracts.Servers;

namespace SecureStore.EndToEnd;

/// <summary>What passes over loopback to and from some ports, as Debian's tcpdump sees it.</summary>
internal sealed class LoopbackCapture : IAsyncDisposable
{
    private const int FileHeader = 24;
    private const int PacketHeader = 16;
    private const int LongestPacket = 256 * 1024;
    private const uint PcapMagic = 0xA1B2C3D4;
    private const uint Ethernet = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process tcpdump;
    private readonly int markedPort;
    private readonly byte[] marker = RandomNumberGenerator.GetBytes(32);
    private readonly TaskCompletionSource marked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TcpSegment> segments = [];
    private readonly Task reading;
    private readonly Task<string> words;

    private LoopbackCapture(Process tcpdump, int markedPort)
    {
        (this.tcpdump, this.markedPort) = (tcpdump, markedPort);
        reading = ReadAsync();
        words = tcpdump.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts one; the test is skipped where capturing is not allowed.</summary>
    public static async Task<LoopbackCapture> StartAsync(params IReadOnlyList<int> ports)
    {
        var filter = string.Join(" or ", ports.Select(port => $"port {port}"));
        var tcpdump = Process.Start(new ProcessStartInfo("tcpdump", ["-i", "lo", "-n", "-w", "-", "-U", "-s", "0", "--immediate-mode", "-B", "65536", filter])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var first = "";
        while (await tcpdump.StandardError.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.Contains("listening on", StringComparison.Ordinal))
            {
                return new LoopbackCapture(tcpdump, ports[0]);
            }

            first += line + "\n";
        }

        tcpdump.Dispose();
        Assert.SkipWhen(first.Contains("permission", StringComparison.OrdinalIgnoreCase), "Capturing needs CAP_NET_RAW, which is not to be had here.");
        throw new InvalidOperationException("tcpdump did not start: " + first);
    }

    /// <summary>Ends it once it has seen all that was sent until now.</summary>
    /// <returns>What was sent, nothing missing.</returns>
    public async Task<IReadOnlyList<TcpStream>> StopAsync()
    {
        using (var sender = new UdpClient("127.0.0.1", markedPort))
        {
            await sender.SendAsync(marker);
        }

        await Task.WhenAny(marked.Task, reading).WaitAsync(Patience);
        Signals.AskToEnd(tcpdump);
        await reading.WaitAsync(Patience);
        Assert.True(marked.Task.IsCompleted);
        Assert.Contains("\n0 packets dropped by kernel", "\n" + await words, StringComparison.Ordinal);
        return TcpStream.Assemble(segments);
    }

    public async ValueTask DisposeAsync()
    {
        if (!tcpdump.HasExited)
        {
            tcpdump.Kill();
            await tcpdump.WaitForExitAsync();
        }

        tcpdump.Dispose();
    }

    private async Task ReadAsync()
    {
        await foreach (var frame in FramesAsync(tcpdump.StandardOutput.BaseStream))
        {
            if (TcpSegment.Read(frame) is { } segment)
            {
                segments.Add(segment);
            }
            else if (frame.AsSpan().EndsWith(marker))
            {
                marked.TrySetResult();
            }
        }
    }

    /// <summary>The frames of a capture file (libpcap's, in this machine's byte order), up to the end or to one that is not whole.</summary>
    private static async IAsyncEnumerable<byte[]> FramesAsync(Stream file, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var header = new byte[FileHeader];
        await file.ReadExactlyAsync(header, cancellation);
        Assert.Equal((PcapMagic, Ethernet), (BinaryPrimitives.ReadUInt32LittleEndian(header), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(20))));
        while (await file.ReadAtLeastAsync(header.AsMemory(0, PacketHeader), PacketHeader, false, cancellation) == PacketHeader)
        {
            var captured = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8));
            var sent = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12));
            Assert.True(captured == sent && captured <= LongestPacket, $"Captured {captured} of {sent} bytes.");
            var frame = new byte[captured];
            await file.ReadExactlyAsync(frame, cancellation);
            yield return frame;
        }
    }
}
