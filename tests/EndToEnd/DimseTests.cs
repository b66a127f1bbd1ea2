using System.Net.Sockets;

namespace SecureStore.EndToEnd;

/// <summary>dcmtk's programs store into the archive, find in it, and retrieve from it.</summary>
public class DimseTests
{
    [Fact]
    public async Task A_peer_known_by_AE_title_and_address_is_answered_and_nobody_else()
    {
        await using var archive = await DimseServer.StartAsync();
        Assert.Equal(0, (await archive.RunAsync("echoscu", "STORER", [])).ExitCode);

        var (exitCode, output) = await archive.RunAsync("echoscu", "STRANGER", []);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Calling AE Title Not Recognized", output, StringComparison.Ordinal);
        Assert.Contains("Dimse:Peers:1:AeTitle=STRANGER", archive.Server.Output, StringComparison.Ordinal);

        (exitCode, output) = await archive.RunAsync("echoscu", "STORER", ["-aec", "OTHER"]);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Called AE Title Not Recognized", output, StringComparison.Ordinal);

        using (var second = new TemporaryFolder())
        {
            var (taken, why) = await ServerProcess.StartInVainAsync(second.Path, $"Dimse:Port={archive.Port}");
            Assert.True(taken == 1 && why.Contains($"Dimse:Port: 127.0.0.1:{archive.Port} cannot be listened on", StringComparison.Ordinal), why);
        }

        // It may store: to find, it would have to show a certificate or a token.
        (exitCode, output) = await archive.RunAsync("findscu", "STORER", ["-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID"]);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("No Acceptable Presentation Contexts", output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task What_is_sent_is_stored_as_it_came_and_found_over_HTTP()
    {
        await using var archive = await DimseServer.StartAsync();
        var instance = new TestInstance { Rows = 300, Columns = 300 };
        string[] files = [.. Enumerable.Range(0, 3).Select(number => archive.File($"{number}.dcm"))];
        foreach (var (number, file) in files.Index())
        {
            await File.WriteAllBytesAsync(file, await (instance with { Instance = $"2.25.77{number}", Seed = number }).FileAsync());
        }

        var (exitCode, output) = await archive.RunAsync("storescu", "STORER", [], files[..2]);
        Assert.True(exitCode == 0, output);
        (exitCode, output) = await archive.RunAsync("dcmsend", "STORER", [], files[2..]);
        Assert.True(exitCode == 0, output);
        using var client = await archive.ClientAsync();
        foreach (var (number, file) in files.Index())
        {
            var (status, stored) = await client.FetchAsync(instance.Study, instance.Series, $"2.25.77{number}");
            Assert.Equal(200, status);
            Assert.Equal(await DataSet.OfAsync(file), await DataSet.OfAsync(stored));
        }

        // The same again is the same; a changed one is refused, and the first stays.
        Assert.Equal(0, (await archive.RunAsync("storescu", "STORER", [], files)).ExitCode);
        await File.WriteAllBytesAsync(files[0], await (instance with { Instance = "2.25.770", Seed = 99 }).FileAsync());
        (_, output) = await archive.RunAsync("storescu", "STORER", ["-v"], files[0]);
        Assert.True(output.Contains("0x111", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task Who_shows_a_certificate_or_a_token_finds_and_retrieves()
    {
        var destination = ServerProcess.FreePort();
        await using var archive = await DimseServer.StartAsync(tls: true, destination);
        var instance = new TestInstance { PatientName = "Muller^Anne", PatientId = "P-77" };
        var file = archive.File("one.dcm");
        await File.WriteAllBytesAsync(file, await instance.FileAsync());
        var (exitCode, output) = await archive.RunAsync("echoscu", "READER", archive.Tls("reader"));
        Assert.True(exitCode == 0, output);
        (exitCode, output) = await archive.RunAsync("storescu", "READER", archive.Tls("reader"), file);
        Assert.True(exitCode == 0, output);

        // By each level and both information models.
        (exitCode, output) = await archive.RunAsync(
            "findscu", "READER", [.. archive.Tls("reader"), "-v", "-P", "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=P-7*", "-k", "PatientName"]);
        Assert.True(exitCode == 0 && output.Contains("[P-77", StringComparison.Ordinal), output);
        foreach (var (level, key) in new[] { ("STUDY", instance.Study), ("SERIES", instance.Series), ("IMAGE", instance.Instance) })
        {
            (exitCode, output) = await archive.RunAsync(
                "findscu", "READER",
                [
                    .. archive.Tls("reader"), "-v", "-S", "-k", $"QueryRetrieveLevel={level}", "-k", $"StudyInstanceUID={instance.Study}",
                    "-k", "SeriesInstanceUID", "-k", "SOPInstanceUID", "-k", "StudyDate=20260101-20260131",
                ]);
            Assert.True(exitCode == 0 && output.Contains(key, StringComparison.Ordinal), output);
        }

        // C-GET, on the same association. getscu and movescu speak no TLS themselves.
        var got = Directory.CreateDirectory(archive.File("got"));
        using var tunnel = new TlsTunnel(archive.File("reader.pem"), archive.File("reader.key"), archive.Port);
        (exitCode, output) = await archive.RunAsync(
            tunnel.Port, "getscu", "READER", ["-v", "+B", "-od", got.FullName, "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={instance.Study}"]);
        Assert.True(exitCode == 0, output);
        Assert.Equal(await DataSet.OfAsync(file), await DataSet.OfAsync(Assert.Single(got.GetFiles()).FullName));

        // C-MOVE, to a configured destination and to no other.
        var moved = Directory.CreateDirectory(archive.File("moved"));
        using (var receiver = BackgroundProgram.Start("storescp", ["+B", "-od", moved.FullName, $"{destination}"]))
        {
            await receiver.ListensAsync(destination);
            (exitCode, output) = await archive.RunAsync(
                tunnel.Port, "movescu", "READER", ["-v", "-aem", "DESTINATION", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={instance.Study}"]);
            Assert.True(exitCode == 0, output);
            Assert.Single(moved.GetFiles());
            (_, output) = await archive.RunAsync(
                tunnel.Port, "movescu", "READER", ["-v", "-aem", "ELSEWHERE", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={instance.Study}"]);
            Assert.Contains("MoveDestinationUnknown", output, StringComparison.Ordinal);
        }

        // Another certificate of the same authority is another peer's; a peer without one can store.
        (exitCode, output) = await archive.RunAsync("echoscu", "READER", archive.Tls("archive"));
        Assert.True(exitCode != 0 && output.Contains("Calling AE Title Not Recognized", StringComparison.Ordinal), output);
        await File.WriteAllBytesAsync(file, await (instance with { Instance = "2.25.88" }).FileAsync());
        (exitCode, output) = await archive.RunAsync("storescu", "STORER", ["+tla", "+cf", archive.File("authority.pem")], file);
        Assert.True(exitCode == 0, output);

        // A policy token in User Identity counts in place of the peer's own policy.
        using var client = await archive.ClientAsync();
        await File.WriteAllTextAsync(archive.File("token.jwt"), await client.TokenAsync("read"));
        await File.WriteAllTextAsync(archive.File("store.jwt"), await client.TokenAsync("store"));
        Assert.NotEqual(0, (await archive.RunAsync("storescu", "STORER", ["+tla", "+cf", archive.File("authority.pem"), "--jwt", archive.File("token.jwt")], file)).ExitCode);
        (exitCode, output) = await archive.RunAsync("storescu", "STORER", ["+tla", "+cf", archive.File("authority.pem"), "--jwt", archive.File("store.jwt")], file);
        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("Muller", archive.Server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("P-77", archive.Server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(instance.Study, archive.Server.Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(archive.File("token.jwt"), "eyJhbGciOiJub25lIn0.e30.");
        (exitCode, output) = await archive.RunAsync("storescu", "STORER", ["+tla", "+cf", archive.File("authority.pem"), "--jwt", archive.File("token.jwt")], file);
        Assert.True(exitCode != 0 && output.Contains("Rejected", StringComparison.OrdinalIgnoreCase), output);
    }

    [Fact]
    public async Task A_destination_is_sent_to_over_TLS_where_it_shows_a_certificate_of_its_own_name()
    {
        var destination = ServerProcess.FreePort();
        await using var archive = await DimseServer.StartAsync(tls: true, destination, destinationTls: true);
        var instance = new TestInstance();
        var file = archive.File("one.dcm");
        await File.WriteAllBytesAsync(file, await instance.FileAsync());
        var (exitCode, output) = await archive.RunAsync("storescu", "READER", archive.Tls("reader"), file);
        Assert.True(exitCode == 0, output);

        var moved = Directory.CreateDirectory(archive.File("moved"));
        string[] move = ["-v", "-aem", "DESTINATION", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={instance.Study}"];
        using var tunnel = new TlsTunnel(archive.File("reader.pem"), archive.File("reader.key"), archive.Port);
        using (var receiver = BackgroundProgram.Start("storescp", [.. archive.Tls("reader"), "-rc", "+B", "-od", moved.FullName, $"{destination}"]))
        {
            await receiver.ListensAsync(destination);
            (exitCode, output) = await archive.RunAsync(tunnel.Port, "movescu", "READER", move);
            Assert.True(exitCode == 0, output);
            Assert.Equal(await DataSet.OfAsync(file), await DataSet.OfAsync(Assert.Single(moved.GetFiles()).FullName));
            moved.GetFiles().Single().Delete();
        }

        // Another's certificate, of the same authority.
        using (var receiver = BackgroundProgram.Start("storescp", [.. archive.Tls("elsewhere"), "+B", "-od", moved.FullName, $"{destination}"]))
        {
            await receiver.ListensAsync(destination);
            (_, output) = await archive.RunAsync(tunnel.Port, "movescu", "READER", move);
            Assert.Contains("Refused: OutOfResourcesSubOperations", output, StringComparison.Ordinal);
            Assert.Empty(moved.GetFiles());
        }
    }

    [Fact]
    public async Task Nonsense_and_silence_hold_up_nobody()
    {
        await using var archive = await DimseServer.StartAsync(more: "Dimse:MaxAssociations=3");
        var silent = new List<TcpClient>();
        try
        {
            // More connections than may wait: the oldest are dropped, and an association is had all the same.
            for (var i = 0; i < 250; i++)
            {
                var one = new TcpClient();
                await one.ConnectAsync("127.0.0.1", archive.Port);
                silent.Add(one);
            }

            Assert.Equal(0, (await archive.RunAsync("echoscu", "STORER", [])).ExitCode);

            byte[][] nonsense =
            [
                "GET / HTTP/1.1\r\n\r\n"u8.ToArray(),
                [1, 0, 0xFF, 0xFF, 0xFF, 0xFF],
                [4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 3],
                [.. new byte[] { 1, 0, 0, 0, 0, 80, 0, 1 }, .. new byte[74], 0x10, 0, 0xFF, 0xFF],
            ];
            foreach (var bytes in nonsense)
            {
                using var one = new TcpClient();
                await one.ConnectAsync("127.0.0.1", archive.Port);
                await one.GetStream().WriteAsync(bytes);
                var answer = new byte[64];
                Assert.True(await one.GetStream().ReadAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) is 0 or 10);
                Assert.True(answer[0] is 0 or 7);
            }

            Assert.Equal(0, (await archive.RunAsync("echoscu", "STORER", [])).ExitCode);
        }
        finally
        {
            silent.ForEach(one => one.Dispose());
        }
    }
}
