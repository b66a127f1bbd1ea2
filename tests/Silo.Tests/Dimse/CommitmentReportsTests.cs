using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts.Fakes;
using SecureStore.Dicom;
using SecureStore.Dicom.Network;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Dimse;

namespace SecureStore.Silo.Tests.Dimse;

/// <summary>Reports of storage commitment that wait for a peer: one that takes the association, and refuses each report.</summary>
public sealed class CommitmentReportsTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("reports");
    private readonly FakeTimeProvider clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly List<IDisposable> opened = [];
    private Vault vault = null!;
    private DicomServer peer = null!;
    private int calls;

    public async ValueTask InitializeAsync()
    {
        var keys = FileRootKey.Create(Path.Combine(folder.FullName, "keys"));
        vault = new Vault(new InMemoryVaultStore(), keys, clock, new VaultOptions());
        opened.AddRange([keys, vault]);
        await vault.InitialiseAsync(default);
        peer = new DicomServer(
            new DicomServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] }, _ => new Peer(() => Interlocked.Increment(ref calls)), (_, _) => { });
        peer.Start();
    }

    [Fact]
    public async Task A_report_that_is_refused_is_tried_again_at_longer_and_longer_intervals_and_given_up_after_a_day()
    {
        using var reports = Reports();
        var report = Report("1.2.3");
        Assert.Equal(ReportIntake.Kept, await reports.AddAsync(report, default));
        await AssertCallsAsync(reports, 0);
        reports.Release(report);
        await AssertCallsAsync(reports, 1);
        foreach (var minutes in new[] { 1, 2, 4, 8, 15, 15 })
        {
            clock.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
            await AssertCallsAsync(reports, 0);
            clock.Advance(TimeSpan.FromSeconds(1));
            await AssertCallsAsync(reports, 1);
        }

        clock.Advance(CommitmentReports.Lifetime);
        await AssertCallsAsync(reports, 0);
        Assert.Equal(0, await vault.ErrandsAsync(VaultRowKind.CommitmentReport, default).CountAsync());
    }

    [Fact]
    public async Task Another_silo_sends_what_is_in_nobody_s_hand_any_more()
    {
        using var one = Reports();
        using var other = Reports();
        await one.AddAsync(Report("1.2.3"), default);
        await AssertCallsAsync(other, 0);
        clock.Advance(Errands.FirstRetry);
        await AssertCallsAsync(other, 1);
        await AssertCallsAsync(one, 0);

        // Alone, it does not wait for anybody.
        calls = 0;
        using var again = Reports();
        await again.SendDueAsync(isLeftBehind: true, default);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task What_the_peer_has_answered_is_not_sent_again()
    {
        using var reports = Reports();
        var (taken, refused) = (Report("1.2.3"), Report("1.2.4"));
        await reports.AddAsync(taken, default);
        await reports.AddAsync(refused, default);
        await reports.AnsweredAsync(taken, DicomStatus.Success);
        await reports.AnsweredAsync(refused, DicomStatus.ProcessingFailure);
        await AssertCallsAsync(reports, 0);
        var (_, _, text) = Assert.Single(await vault.ErrandsAsync(VaultRowKind.CommitmentReport, default).ToListAsync());
        Assert.Equal("1.2.4", CommitmentReport.Read(text).TransactionUid);
        clock.Advance(Errands.FirstRetry);
        await AssertCallsAsync(reports, 1);
    }

    [Fact]
    public async Task A_report_that_was_kept_before_the_clock_was_set_back_does_not_wait_for_that_time()
    {
        using var one = Reports();
        using var other = Reports();
        await one.AddAsync(Report("1.2.3"), default);
        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromDays(3000));
        await AssertCallsAsync(other, 1);
        await AssertCallsAsync(other, 0);
    }

    [Fact]
    public async Task A_report_that_cannot_be_read_holds_up_no_other()
    {
        using var reports = Reports();
        foreach (var number in Enumerable.Range(1, 5))
            await vault.ChangeErrandAsync(VaultRowKind.CommitmentReport, Guid.NewGuid(), _ => "{}"u8.ToArray(), default);

        await reports.AddAsync(Report("1.2.3"), default);
        reports.Release(Report("1.2.3"));
        await AssertCallsAsync(reports, 1);
    }

    [Fact]
    public async Task A_Transaction_UID_is_not_used_for_two_requests_of_one_peer()
    {
        using var reports = Reports();
        await reports.AddAsync(Report("1.2.3", 5), default);
        Assert.Equal(ReportIntake.UidInUse, await reports.AddAsync(Report("1.2.3", 6), default));
        Assert.Equal(ReportIntake.Kept, await reports.AddAsync(Report("1.2.3", 5), default));
        Assert.Equal(ReportIntake.Kept, await reports.AddAsync(Report("1.2.3", 6) with { Peer = "OTHER" }, default));
        Assert.Equal(2, await vault.ErrandsAsync(VaultRowKind.CommitmentReport, default).CountAsync());
    }

    [Fact]
    public async Task A_peer_that_takes_none_has_no_more_kept_than_there_may_be_and_the_others_have()
    {
        using var reports = Reports();
        for (var number = 0; number < 20; number++)
            Assert.Equal(ReportIntake.Kept, await reports.AddAsync(Report($"1.2.{number}", 5000), default));

        Assert.Equal(ReportIntake.TooMany, await reports.AddAsync(Report("1.2.20"), default));
        Assert.Equal(ReportIntake.Kept, await reports.AddAsync(Report("1.2.20") with { Peer = "OTHER" }, default));

        // Nor where many ask at once.
        Assert.Equal(20, (await Task.WhenAll(Enumerable.Range(0, 40).Select(number => Task.Run(
            async () => await reports.AddAsync(Report($"1.2.{number}", 5000) with { Peer = "BUSY" }, default))))).Count(intake => intake == ReportIntake.Kept));

        // Another silo knows it once it has looked.
        using var other = Reports();
        await AssertCallsAsync(other, 0);
        Assert.Equal(ReportIntake.TooMany, await other.AddAsync(Report("1.2.21"), default));
        await reports.AnsweredAsync(Report("1.2.0", 5000), DicomStatus.Success);
        Assert.Equal(ReportIntake.Kept, await reports.AddAsync(Report("1.2.21"), default));
    }

    public async ValueTask DisposeAsync()
    {
        await peer.DisposeAsync();
        opened.AsEnumerable().Reverse().ToList().ForEach(one => one.Dispose());
        folder.Delete(recursive: true);
    }

    private async Task AssertCallsAsync(CommitmentReports reports, int expected)
    {
        calls = 0;
        await reports.SendDueAsync(isLeftBehind: false, default);
        Assert.Equal(expected, calls);
    }

    private CommitmentReport Report(string transaction, int instances = 1) => new()
    {
        Peer = "PEER",
        TransactionUid = transaction,
        Since = clock.GetUtcNow(),
        Next = clock.GetUtcNow() + Errands.FirstRetry,
        Held = [.. Enumerable.Range(1, instances).Select(number => new InstanceReference("1.2.840.10008.5.1.4.1.1.2", $"1.2.3.{number}"))],
        Failed = [],
    };

    private CommitmentReports Reports()
    {
        var settings = DimseSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Dimse:Peers:0:AeTitle"] = "PEER", ["Dimse:Peers:0:Addresses:0"] = "127.0.0.1", ["Dimse:Peers:0:Host"] = "127.0.0.1", ["Dimse:Peers:0:Port"] = $"{peer.EndPoints[0].Port}",
        }).Build());
        return new CommitmentReports(settings, vault, clock, NullLogger<CommitmentReports>.Instance, isAlone: false);
    }

    /// <summary>Has no service for N-EVENT-REPORT, which is answered so.</summary>
    private sealed class Peer(Action called) : IDicomServiceProvider
    {
        public ValueTask<DicomAssociationAnswer> OnAssociationRequestAsync(DicomAssociation association, CancellationToken cancellation)
        {
            var context = Assert.Single(association.PresentationContexts);
            Assert.Equal(DicomUID.StorageCommitmentPushModel.UID, context.AbstractSyntax);
            context.Accept(context.TransferSyntaxes[0]);
            called();
            return new(new DicomAssociationAnswer { Roles = association.Roles });
        }

        public void OnAssociationEnded(Exception? failure)
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
