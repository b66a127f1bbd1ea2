using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>N-ACTION, and the N-EVENT-REPORT that may follow it, over loopback.</summary>
public class ActionTests
{
    private static readonly DicomEventReport Report =
        new("1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1", EventTypeID: 1, new DicomDataset().AddOrUpdate(DicomTag.TransactionUID, "1.2.3"));

    [Fact]
    public async Task An_action_is_answered()
    {
        await using var server = new TestServer();
        await using var peer = await ActAsync(server);
        await peer.AssertEchoAsync();
    }

    [Fact]
    public async Task A_report_follows_its_action_and_its_answer_is_heard()
    {
        await using var server = new TestServer(new TestProvider { Report = Report });
        await using var peer = await ActAsync(server);
        await peer.AnswerAsync(await ReceiveReportAsync(peer), DicomStatus.ProcessingFailure);
        await peer.AssertEchoAsync();
        Assert.Equal((Report, DicomStatus.ProcessingFailure), Assert.Single(server.Provider.Answers));
    }

    [Fact]
    public async Task A_report_is_answered_when_the_peer_likes()
    {
        await using var server = new TestServer(new TestProvider { Report = Report });
        await using var peer = await ActAsync(server);
        var report = await ReceiveReportAsync(peer);
        await peer.AssertEchoAsync();

        // Where a cancel is watched for, too.
        await peer.QueryAsync(5, DicomCommandField.CFindRequest, messageId: 5);
        Assert.Equal(DicomStatus.Pending, (await peer.ReceiveAsync()).Status);
        await peer.AnswerAsync(report, DicomStatus.Success);
        await peer.CancelAsync(5, messageId: 5);
        Assert.Equal(DicomStatus.Cancel, (await peer.ReceiveAsync()).Status);
        await peer.AssertEchoAsync();
        Assert.Equal((Report, DicomStatus.Success), Assert.Single(server.Provider.Answers));
    }

    [Fact]
    public async Task A_release_in_the_place_of_an_answer_is_granted()
    {
        await using var server = new TestServer(new TestProvider { Report = Report });
        await using var peer = await ActAsync(server);
        await ReceiveReportAsync(peer);
        Assert.Empty(await peer.ReleaseAsync());
        Assert.Null(await server.Provider.Ended);
        Assert.Empty(server.Provider.Answers);
    }

    [Fact]
    public async Task An_answer_to_no_report_aborts_the_association()
    {
        await using var server = new TestServer(new TestProvider { Report = Report });
        await using var peer = await ActAsync(server);
        var report = await ReceiveReportAsync(peer);
        await peer.AnswerAsync(report, DicomStatus.Success);
        await peer.AnswerAsync(report, DicomStatus.Success);
        await peer.AssertAbortAsync(DicomAbortReason.UnexpectedPDUParameter);
    }

    private static async Task<TestPeer> ActAsync(TestServer server)
    {
        var peer = await server.AssociateAsync();
        var command = DimseCommands.Request(DicomCommandField.NActionRequest, TestProvider.Verification, 1).AddOrUpdate(DicomTag.ActionTypeID, 4);
        await peer.SendAsync(1, command);
        var answer = await peer.ReceiveAsync();
        Assert.Equal((DicomCommandField.NActionResponse, DicomStatus.Success), (answer.Type, answer.Status));
        Assert.Equal(4, answer.Command.GetInt32(DicomTag.ActionTypeID));
        return peer;
    }

    private static async Task<DicomMessage> ReceiveReportAsync(TestPeer peer)
    {
        var report = await peer.ReceiveAsync();
        Assert.Equal(DicomCommandField.NEventReportRequest, report.Type);
        Assert.Equal(Report.SOPInstanceUID, report.SOPInstanceUID);
        Assert.Equal("1.2.3", (await report.ReadDatasetAsync(default)).GetString(DicomTag.TransactionUID));
        return report;
    }
}
