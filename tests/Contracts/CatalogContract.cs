using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using Xunit;

namespace SecureStore.Contracts;

/// <summary>What every <see cref="ICatalog"/> does. A test class of an adapter inherits it.</summary>
public abstract class CatalogContract
{
    private static readonly DateOnly Day = new(2026, 3, 1);
    private int uids;

    /// <summary>The catalog under test: empty at first, the same one in each call.</summary>
    protected abstract ICatalog Catalog { get; }

    [Fact]
    public async Task A_study_is_reserved_once()
    {
        var uid = NewMac();
        var proposed = Enumerable.Range(0, 10).Select(_ => StudyHandle.New()).ToList();
        var rows = await Task.WhenAll(proposed.Select(async handle =>
        {
            await Task.Yield();
            return await Catalog.AddStudyAsync(uid, handle, default);
        }));

        var study = Assert.Single(rows.Select(row => row.Study).Distinct());
        Assert.Contains(study, proposed);
        var row = rows[0];
        Assert.Equal((uid, StudyState.Active, 0L, null, 0L), (row.StudyUid, row.State, row.OwnerEpoch, row.DueDay, row.Change));
        Assert.Empty(row.SealedFacts);
        Equal(row, await Catalog.FindStudyAsync(uid, default));
        Equal(row, await Catalog.GetStudyAsync(study, default));
        Assert.Null(await Catalog.FindStudyAsync(NewMac(), default));
        Assert.Null(await Catalog.GetStudyAsync(StudyHandle.New(), default));
    }

    [Fact]
    public async Task Of_many_claims_one_wins()
    {
        var study = await AddAsync();
        var claims = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            await Task.Yield();
            return await Catalog.ClaimAsync(study, 0, default);
        }));

        Assert.Equal(1, Assert.Single(claims, claim => claim is not null));
        Assert.Equal(2, await Catalog.ClaimAsync(study, 1, default));
        Assert.Null(await Catalog.ClaimAsync(StudyHandle.New(), 0, default));
        Assert.Equal(2, (await Catalog.GetStudyAsync(study, default))!.OwnerEpoch);
    }

    [Fact]
    public async Task A_commit_writes_the_study_and_its_instances()
    {
        var study = await ClaimedAsync();
        InstanceRow[] rows = [Instance(study, 1), Instance(study, 2), Instance(study, 10)];
        await Catalog.CommitAsync(Commit(study) with { Instances = rows }, default);
        var late = Instance(study, 11);
        await Catalog.CommitAsync(Commit(study) with { Instances = [late], SealedFacts = [9, 9], DueDay = null }, default);

        var row = (await Catalog.GetStudyAsync(study, default))!;
        Assert.Equal((StudyState.Active, 1L, null, 2L), (row.State, row.OwnerEpoch, row.DueDay, row.Change));
        Assert.Equal([9, 9], row.SealedFacts);
        Equal([.. rows, late], await Catalog.ListInstancesAsync(study, default).ToListAsync());
        Equal([rows[1], late], (await Catalog.FindInstancesAsync(
            study, [late.SopInstanceUid, NewMac(), rows[1].SopInstanceUid], default)).OrderBy(found => found.Ordinal));
        Assert.Empty(await Catalog.FindInstancesAsync(study, [], default));
        Assert.Empty(await Catalog.FindInstancesAsync(await AddAsync(), [late.SopInstanceUid], default));
    }

    [Fact]
    public async Task A_commit_by_a_former_owner_has_no_effect()
    {
        var study = await ClaimedAsync();
        await Catalog.CommitAsync(Commit(study), default);
        await Catalog.ClaimAsync(study, 1, default);
        var before = await Catalog.GetStudyAsync(study, default);

        foreach (var epoch in (long[])[0, 1, 3])
        {
            await Assert.ThrowsAsync<StudyFencedException>(async () => await Catalog.CommitAsync(
                Commit(study, epoch) with { State = StudyState.Destroyed, Instances = [Instance(study, 1)] }, default));
        }

        await Assert.ThrowsAsync<StudyFencedException>(
            async () => await Catalog.CommitAsync(Commit(StudyHandle.New()), default));
        Equal(before!, await Catalog.GetStudyAsync(study, default));
        Assert.Empty(await Catalog.ListInstancesAsync(study, default).ToListAsync());
        Assert.Equal(1, await Catalog.LatestChangeAsync(default));
    }

    [Fact]
    public async Task A_commit_with_an_instance_that_is_there_has_no_effect()
    {
        var study = await ClaimedAsync();
        var there = Instance(study, 1);
        await Catalog.CommitAsync(Commit(study) with { Instances = [there] }, default);
        var before = await Catalog.GetStudyAsync(study, default);

        InstanceRow[][] refused =
        [
            [Instance(study, 2), there with { Ordinal = 3 }],
            [Instance(study, 2), Instance(study, 1)],
            [Instance(study, 2), Instance(study, 2)],
        ];
        foreach (var rows in refused)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await Catalog.CommitAsync(
                Commit(study) with { Instances = rows, SealedFacts = [7] }, default));
        }

        await Assert.ThrowsAsync<ArgumentException>(async () => await Catalog.CommitAsync(
            Commit(study) with { Instances = [Instance(await AddAsync(), 5)] }, default));
        Equal(before!, await Catalog.GetStudyAsync(study, default));
        Equal([there], await Catalog.ListInstancesAsync(study, default).ToListAsync());
    }

    [Fact]
    public async Task Refused_commits_do_not_disturb_those_they_share_a_transaction_with()
    {
        var studies = await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ => await ClaimedAsync()));
        var outcomes = await Task.WhenAll(studies.Select(async (study, i) =>
        {
            await Task.Yield();
            var commit = Commit(study, epoch: i % 3 == 0 ? 7 : 1) with { Instances = [Instance(study, 1), Instance(study, i % 3 == 1 ? 1 : 2)] };
            return await Record.ExceptionAsync(async () => await Catalog.CommitAsync(commit, default));
        }));

        for (var i = 0; i < studies.Length; i++)
        {
            var rows = await Catalog.ListInstancesAsync(studies[i], default).ToListAsync();
            Assert.Equal(i % 3 == 2 ? 2 : 0, rows.Count);
            Assert.Equal(
                (i % 3) switch { 0 => typeof(StudyFencedException), 1 => typeof(InvalidOperationException), _ => null },
                outcomes[i]?.GetType());
        }

        Assert.Equal(20, await Catalog.LatestChangeAsync(default));
    }

    [Fact]
    public async Task A_reader_beside_twenty_writers_misses_no_change()
    {
        const int writers = 20, commits = 15;
        var studies = await Task.WhenAll(Enumerable.Range(0, writers * commits).Select(async _ => await ClaimedAsync()));
        var seen = new List<long>();
        var reader = Task.Run(async () =>
        {
            while (seen.Count < studies.Length)
            {
                var latest = await Catalog.LatestChangeAsync(default);
                await foreach (var row in Catalog.ChangesAsync(seen.Count, default))
                    seen.Add(row.Change);
                Assert.True(seen.Count >= latest);
            }
        });
        await Task.WhenAll(studies.Chunk(commits).Select(chunk => Task.Run(async () =>
        {
            foreach (var study in chunk)
                await Catalog.CommitAsync(Commit(study) with { Instances = [Instance(study, 1)] }, default);
        })));
        await reader;

        Assert.Equal(Enumerable.Range(1, studies.Length).Select(number => (long)number), seen);
    }

    [Fact]
    public async Task Twenty_committers_of_one_study_lose_nothing()
    {
        var study = await ClaimedAsync();
        await Task.WhenAll(Enumerable.Range(1, 20).Select(ordinal => Task.Run(
            async () => await Catalog.CommitAsync(Commit(study) with { Instances = [Instance(study, ordinal)] }, default))));

        var rows = await Catalog.ListInstancesAsync(study, default).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 20).Select(ordinal => (long)ordinal), rows.Select(row => row.Ordinal));
        Assert.Equal(20, (await Catalog.GetStudyAsync(study, default))!.Change);
    }

    [Fact]
    public async Task Changes_come_in_order_with_each_study_once()
    {
        var (first, second, third) = (await ClaimedAsync(), await ClaimedAsync(), await ClaimedAsync());
        await AddAsync();
        Assert.Equal(0, await Catalog.LatestChangeAsync(default));
        Assert.Empty(await Catalog.ChangesAsync(0, default).ToListAsync());
        foreach (var study in (StudyHandle[])[first, second, third, first])
            await Catalog.CommitAsync(Commit(study), default);

        Assert.Equal(
            [(second, 2L), (third, 3L), (first, 4L)],
            (await Catalog.ChangesAsync(0, default).ToListAsync()).Select(row => (row.Study, row.Change)));
        Assert.Equal([first], (await Catalog.ChangesAsync(3, default).ToListAsync()).Select(row => row.Study));
        Assert.Empty(await Catalog.ChangesAsync(4, default).ToListAsync());
        Assert.Equal(4, await Catalog.LatestChangeAsync(default));
    }

    [Fact]
    public async Task Studies_are_listed_by_handle_from_any_of_them_on()
    {
        Assert.Empty(await Catalog.ListStudiesAsync(null, default).ToListAsync());
        var studies = new List<StudyHandle> { await ClaimedAsync(), await CommittedAsync(StudyState.Destroyed, null) };
        for (var i = 0; i < 300; i++)
            studies.Add(await AddAsync());
        studies.Sort((one, other) => string.CompareOrdinal(one.ToString(), other.ToString()));

        Assert.Equal(studies, (await Catalog.ListStudiesAsync(null, default).ToListAsync()).Select(row => row.Study));
        Assert.Equal(studies[101..], (await Catalog.ListStudiesAsync(studies[100], default).ToListAsync()).Select(row => row.Study));
        Assert.Empty(await Catalog.ListStudiesAsync(studies[^1], default).ToListAsync());
        var row = await Catalog.ListStudiesAsync(null, default).FirstAsync(row => row.State == StudyState.Destroyed);
        Equal(row, await Catalog.GetStudyAsync(row.Study, default));
    }

    [Fact]
    public async Task Due_are_the_studies_whose_day_has_come_and_those_being_destroyed()
    {
        await CommittedAsync(StudyState.Active, null);
        await CommittedAsync(StudyState.Active, Day.AddDays(1));
        await CommittedAsync(StudyState.Destroyed, null);
        await CommittedAsync(StudyState.Destroyed, Day.AddDays(-9));
        await AddAsync();
        StudyHandle[] due =
        [
            await CommittedAsync(StudyState.Active, Day),
            await CommittedAsync(StudyState.Active, Day.AddYears(-20)),
            await CommittedAsync(StudyState.Destroying, null),
            await CommittedAsync(StudyState.Destroying, Day.AddDays(5)),
        ];

        var rows = await Catalog.DueAsync(Day, default).ToListAsync();
        Assert.Equal(due.ToHashSet(), rows.Select(row => row.Study).ToHashSet());
        Assert.Equal(due.Length, rows.Count);
        Assert.Contains(rows, row => row.DueDay == Day.AddYears(-20));
    }

    [Fact]
    public async Task A_tombstone_keeps_its_row_and_loses_its_instances()
    {
        var study = await ClaimedAsync();
        var other = await ClaimedAsync();
        var rows = Enumerable.Range(1, 300).Select(ordinal => Instance(study, ordinal)).ToArray();
        await Catalog.CommitAsync(Commit(study) with { Instances = rows }, default);
        await Catalog.CommitAsync(Commit(other) with { Instances = [rows[0] with { Study = other }] }, default);
        Assert.Equal(
            new[] { study, other }.ToHashSet(),
            (await Catalog.FindStudiesOfInstanceAsync(rows[0].SopInstanceUid, default)).ToHashSet());
        Equal(rows, await Catalog.ListInstancesAsync(study, default).ToListAsync());

        await Catalog.CommitAsync(
            Commit(study) with { State = StudyState.Destroyed, DueDay = null, RemoveInstances = true, SealedFacts = [5] }, default);

        Assert.Empty(await Catalog.ListInstancesAsync(study, default).ToListAsync());
        Assert.Empty(await Catalog.FindInstancesAsync(study, [rows[0].SopInstanceUid], default));
        Assert.Equal([other], await Catalog.FindStudiesOfInstanceAsync(rows[0].SopInstanceUid, default));
        Assert.Empty(await Catalog.FindStudiesOfInstanceAsync(rows[1].SopInstanceUid, default));
        var tombstone = (await Catalog.GetStudyAsync(study, default))!;
        Assert.Equal((StudyState.Destroyed, 3L), (tombstone.State, tombstone.Change));
        Equal(tombstone, await Catalog.AddStudyAsync(tombstone.StudyUid, StudyHandle.New(), default));
        Equal(tombstone, Assert.Single(await Catalog.ChangesAsync(2, default).ToListAsync()));
    }

    [Fact]
    public async Task Rows_can_be_replaced_in_one_commit()
    {
        var study = await ClaimedAsync();
        var row = Instance(study, 1);
        await Catalog.CommitAsync(Commit(study) with { Instances = [row, Instance(study, 2)] }, default);
        var renewed = row with { SealedRecord = [1, 2, 3] };
        await Catalog.CommitAsync(Commit(study) with { RemoveInstances = true, Instances = [renewed] }, default);

        Equal([renewed], await Catalog.ListInstancesAsync(study, default).ToListAsync());
    }

    /// <summary>A commit by the owner, with facts of three bytes.</summary>
    protected static StudyCommit Commit(StudyHandle study, long epoch = 1) => new()
    {
        Study = study, OwnerEpoch = epoch, State = StudyState.Active, DueDay = Day, SealedFacts = [1, 2, 3],
    };

    protected InstanceRow Instance(StudyHandle study, long ordinal) => new(study, NewMac(), ordinal, [4, (byte)ordinal]);

    /// <summary>A MAC that no other call gives.</summary>
    protected Mac NewMac()
    {
        var bytes = new byte[Mac.Size];
        BitConverter.TryWriteBytes(bytes, Interlocked.Increment(ref uids));
        return new Mac(bytes);
    }

    /// <summary>A study in owner epoch 1.</summary>
    protected async Task<StudyHandle> ClaimedAsync()
    {
        var study = await AddAsync();
        Assert.Equal(1, await Catalog.ClaimAsync(study, 0, default));
        return study;
    }

    private async Task<StudyHandle> AddAsync() => (await Catalog.AddStudyAsync(NewMac(), StudyHandle.New(), default)).Study;

    private async Task<StudyHandle> CommittedAsync(StudyState state, DateOnly? due)
    {
        var study = await ClaimedAsync();
        await Catalog.CommitAsync(Commit(study) with { State = state, DueDay = due }, default);
        return study;
    }

    private static void Equal(StudyRow expected, StudyRow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected with { SealedFacts = actual.SealedFacts }, actual);
        Assert.Equal(expected.SealedFacts, actual.SealedFacts);
    }

    private static void Equal(IEnumerable<InstanceRow> expected, IEnumerable<InstanceRow> actual) => Assert.Equal(
        expected.Select(row => (row.Study, row.SopInstanceUid, row.Ordinal, Convert.ToHexString(row.SealedRecord))),
        actual.Select(row => (row.Study, row.SopInstanceUid, row.Ordinal, Convert.ToHexString(row.SealedRecord))));
}
