using SecureStore.Dicom;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Search;
using static SecureStore.Silo.Tests.Search.SearchArchive;

namespace SecureStore.Silo.Tests.Search;

public sealed class SearchResultTests : IDisposable
{
    private readonly SearchArchive archive = new();

    public void Dispose() => archive.Dispose();

    private static StudyFacts Dated(string uid, string patient, string date) =>
        Facts(uid, patient, Json((DicomTag.StudyDate, date), (DicomTag.PatientID, patient)));

    [Fact]
    public async Task Pages_follow_one_another_without_gap_or_overlap()
    {
        for (var i = 0; i < 700; i++)
            archive.Add(Dated($"1.{i}", "P", $"202001{1 + i % 3:00}"));

        var all = await archive.StudiesAsync("");
        var paged = new List<string>();
        for (var offset = 0; offset < 750; offset += 50)
            paged.AddRange(await archive.StudiesAsync($"limit=50&offset={offset}"));

        Assert.Equal(700, all.Distinct().Count());
        Assert.Equal(all, paged);
        Assert.Empty(await archive.StudiesAsync("limit=0"));
    }

    [Fact]
    public async Task What_is_destroyed_while_results_are_read_is_not_in_the_pages_that_come_after()
    {
        var handles = Enumerable.Range(0, 400).Select(i => archive.Add(Dated($"1.{i}", "P", "20200101"))).ToList();
        var order = await archive.StudiesAsync("");
        var found = new List<string>();
        await foreach (var hit in await archive.Search.BeginAsync(archive.Query(QueryLevel.Study, ""), Everything, default))
        {
            if (found.Count == 0)
                archive.Put(handles[int.Parse(order[^1].AsSpan(2), System.Globalization.CultureInfo.InvariantCulture)], null, StudyState.Destroyed);
            found.Add(hit.Study.StudyInstanceUid);
        }

        Assert.Equal(order[..^1], found);
    }

    [Fact]
    public async Task While_keys_cannot_be_read_searches_fail_and_then_leave_no_study_out()
    {
        archive.Add(Dated("1.1", "P", "20200101"));
        archive.KeysAreAway = true;
        await Assert.ThrowsAsync<StorageUnavailableException>(() => archive.StudiesAsync(""));

        archive.KeysAreAway = false;
        Assert.Equal(["1.1"], await archive.StudiesAsync(""));
    }

    [Fact]
    public async Task A_catalog_that_lost_its_newest_changes_is_searched_as_it_is()
    {
        archive.Add(Dated("1.1", "P", "20200101"));
        archive.Add(Dated("1.2", "P", "20210101"));
        archive.Add(Dated("1.3", "P", "20220101"));
        Assert.Equal(["1.3", "1.2", "1.1"], await archive.StudiesAsync(""));

        archive.Lose(2);
        Assert.Equal(["1.1"], await archive.StudiesAsync(""));
        archive.Add(Dated("1.4", "P", "20230101"));
        Assert.Equal(["1.4", "1.1"], await archive.StudiesAsync("PatientID=P"));
    }

    [Fact]
    public async Task The_newest_study_comes_first_and_one_without_a_date_last()
    {
        archive.Add(Dated("1.1", "P", ""));
        archive.Add(Dated("1.2", "P", "20200101"));
        archive.Add(Dated("1.3", "P", "20250101"));
        Assert.Equal(["1.3", "1.2", "1.1"], await archive.StudiesAsync(""));
    }

    [Fact]
    public async Task Only_studies_in_the_tokens_scope_are_found()
    {
        archive.Add(Dated("1.1", "A", "20200101"));
        archive.Add(Dated("1.2", "B", "20200102"));
        archive.Add(Dated("1.3", "C", "20200103"));
        archive.Add(Dated("1.4", "A", "20200104") with { Patient = new("OTHER", "A") });
        var scope = SearchScope.Of(Token(new PolicyLocation.OfPatient(new("", "A")), new PolicyLocation.OfStudy("1.3")));

        Assert.Equal(["1.3", "1.1"], await archive.StudiesAsync("", scope));
        Assert.Empty(await archive.StudiesAsync("PatientID=B", scope));
        Assert.Empty(await archive.StudiesAsync("StudyInstanceUID=1.2", scope));
        Assert.Empty(await archive.StudiesAsync("", SearchScope.Of(Token())));
    }

    [Fact]
    public void A_token_without_the_search_action_has_no_scope() =>
        Assert.Null(SearchScope.Of(Token(PolicyActions.Read | PolicyActions.Store, new PolicyLocation.Everything())));

    [Fact]
    public async Task A_study_disappears_on_its_day_unless_it_is_held()
    {
        archive.Add(Dated("1.1", "A", "20200101") with { DueDay = new(2026, 3, 2) });
        archive.Add(Dated("1.2", "A", "20190101") with { DueDay = new(2026, 3, 2), LegalHold = "court" });
        Assert.Equal(["1.1", "1.2"], await archive.StudiesAsync(""));

        archive.Clock.SetUtcNow(new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(["1.2"], await archive.StudiesAsync(""));
    }

    [Fact]
    public async Task Changes_are_seen_by_the_next_search_and_nothing_is_read_twice()
    {
        var study = archive.Add(Dated("1.1", "A", "20200101"));
        Assert.Equal(["1.1"], await archive.StudiesAsync("PatientID=A"));

        archive.Put(study, Dated("1.1", "B", "20200101"));
        Assert.Empty(await archive.StudiesAsync("PatientID=A"));
        Assert.Equal(["1.1"], await archive.StudiesAsync("PatientID=B"));
        Assert.Equal(["1.1"], await archive.StudiesAsync("PatientID=*B*"));
        Assert.Equal(2, archive.RowsRead);
    }

    [Theory]
    [InlineData(StudyState.Destroying)]
    [InlineData(StudyState.Destroyed)]
    public async Task A_destroyed_study_leaves_the_model(StudyState state)
    {
        var facts = Facts("1.1", "A", Json((DicomTag.PatientName, "Doe^Jane")));
        var study = archive.Add(facts);
        Assert.Equal(["1.1"], await archive.StudiesAsync("PatientName=*jane*"));

        archive.Put(study, facts, state);
        Assert.Empty(await archive.StudiesAsync(""));
        Assert.Empty(await archive.StudiesAsync("PatientName=*jane*"));
        Assert.Empty(await archive.SeriesAsync(""));
    }

    [Fact]
    public async Task A_study_whose_key_is_gone_or_whose_row_is_tampered_with_is_left_out()
    {
        var gone = archive.Add(Dated("1.1", "A", "20200101"));
        var damaged = archive.Add(Dated("1.2", "A", "20200101"));
        var unreadable = archive.Add(Facts("1.3", "A", "{\"0008\":1}"u8.ToArray()));
        archive.Add(Dated("1.5", "A", "20200101"));
        archive.Put(gone, null);
        archive.Damaged.Add(damaged);
        Assert.NotEqual(default, unreadable);

        Assert.Equal(["1.5"], await archive.StudiesAsync(""));
    }

    [Fact]
    public async Task Searches_at_once_bring_the_model_up_to_date_once()
    {
        for (var i = 0; i < 50; i++)
            archive.Add(Dated($"1.{i}", "A", "20200101"));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => archive.StudiesAsync(""))));
        Assert.Equal(50, archive.RowsRead);
    }

    [Fact]
    public async Task Series_are_found_by_their_own_keys_and_those_of_their_study()
    {
        archive.Add(Facts("1", "A", Json((DicomTag.PatientID, "A"), (DicomTag.StudyDate, "20200101")),
            Series("1.1", "CT", Json((DicomTag.SeriesNumber, 10), (DicomTag.SeriesDescription, "Axial"))),
            Series("1.2", "CT", Json((DicomTag.SeriesNumber, 2), (DicomTag.SeriesDescription, "Scout"))),
            Series("1.3", "SR", instances: 7)));
        archive.Add(Facts("2", "B", Json((DicomTag.PatientID, "B")), Series("2.1", "CT")));

        Assert.Equal(["1.2", "1.1", "1.3"], await archive.SeriesAsync("", "1"));
        Assert.Equal(["1.2", "1.1", "2.1"], await archive.SeriesAsync("Modality=CT"));
        Assert.Equal(["1.2", "1.1"], await archive.SeriesAsync("Modality=CT&PatientID=A"));
        Assert.Equal(["1.1"], await archive.SeriesAsync("SeriesDescription=Ax*"));
        Assert.Equal(["1.3"], await archive.SeriesAsync("NumberOfSeriesRelatedInstances=7"));
        Assert.Equal(["1.2", "2.1"], await archive.SeriesAsync("SeriesInstanceUID=1.2,2.1"));
        Assert.Equal(["1.1"], await archive.SeriesAsync("limit=1&offset=1"));
        Assert.Empty(await archive.SeriesAsync("", "3"));
    }

    [Fact]
    public async Task Instances_are_found_by_their_own_keys_and_those_above()
    {
        archive.Add(Facts("1", "A", Json((DicomTag.StudyDate, "20200101")), Series("1.1", "CT"), Series("1.2", "SR")),
            Instance("1.1", "1.1.1", Json((DicomTag.InstanceNumber, 1))), Instance("1.1", "1.1.2", Json((DicomTag.InstanceNumber, 2))),
            Instance("1.2", "1.2.1"));
        archive.Add(Facts("2", "B", "{}"u8.ToArray(), Series("2.1", "MR")), Instance("2.1", "2.1.1", Json((DicomTag.InstanceNumber, 2))));

        Assert.Equal(["1.1.1", "1.1.2", "1.2.1", "2.1.1"], await archive.InstancesAsync(""));
        Assert.Equal(["1.1.2", "2.1.1"], await archive.InstancesAsync("InstanceNumber=2"));
        Assert.Equal(["1.2.1"], await archive.InstancesAsync("", "1", "1.2"));
        Assert.Equal(["1.1.2"], await archive.InstancesAsync("Modality=CT&limit=1&offset=1", "1"));
        Assert.Equal(["1.1.1", "2.1.1"], await archive.InstancesAsync("SOPInstanceUID=1.1.1,2.1.1,9"));
    }

    [Fact]
    public async Task An_instance_is_found_by_its_uid_without_listing_other_studies()
    {
        for (var i = 0; i < 20; i++)
            archive.Add(Facts($"{i}", "A", "{}"u8.ToArray(), Series($"{i}.1", "CT")), Instance($"{i}.1", $"{i}.1.1"));

        Assert.Equal(["7.1.1"], await archive.InstancesAsync("SOPInstanceUID=7.1.1"));
        Assert.Equal(1, archive.StudiesListed);
        Assert.Empty(await archive.InstancesAsync("Modality=MR"));
        Assert.Equal(1, archive.StudiesListed);
    }
}
