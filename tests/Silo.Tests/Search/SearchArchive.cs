using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Dicom;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Search;

namespace SecureStore.Silo.Tests.Search;

/// <summary>A catalog in memory with the search on top of it.</summary>
internal sealed class SearchArchive : ICatalog, IFactsOpener, IInstanceLister, IDisposable
{
    private readonly SortedDictionary<long, StudyRow> rows = [];
    private readonly Dictionary<StudyHandle, long> changes = [];
    private readonly Dictionary<StudyHandle, StudyFacts?> facts = [];
    private readonly Dictionary<StudyHandle, List<InstanceRecord>> instances = [];
    private readonly ReadModel model;
    private long change;

    /// <param name="model">Null for one as the archive has it.</param>
    public SearchArchive(ReadModel? model = null)
    {
        this.model = model ??= new();
        Follower = new(this, this, model, NullLogger<CatalogFollower>.Instance);
        Search = new(model, Follower, this, Clock, NullLogger<StudySearch>.Instance);
    }

    public static readonly SearchScope Everything = SearchScope.Of(Token(new PolicyLocation.Everything()))!;

    public FakeTimeProvider Clock { get; } = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public CatalogFollower Follower { get; }

    public StudySearch Search { get; }

    public ReadModel Model => model;

    public int RowsRead { get; private set; }

    public int StudiesListed { get; private set; }

    /// <summary>Handles whose rows have been tampered with.</summary>
    public HashSet<StudyHandle> Damaged { get; } = [];

    public bool IsAway { get; set; }

    public bool KeysAreAway { get; set; }

    public static PolicyToken Token(params PolicyLocation[] locations) => Token(PolicyActions.Search, locations);

    public static PolicyToken Token(PolicyActions actions, params PolicyLocation[] locations) => new()
    {
        Id = "jti", Subject = "dr", Issuer = "iss", NotBefore = default, Expires = DateTimeOffset.MaxValue,
        Grants = [new(actions, locations, "TREAT")],
    };

    public static byte[] Json(params (DicomTag Tag, object Value)[] attributes)
    {
        var json = new JsonObject();
        foreach (var (tag, value) in attributes)
        {
            var vr = DicomDictionary.VRFor(tag);
            JsonNode?[] values = value switch
            {
                null or "" => [],
                string name when vr == DicomVR.PN => [Name(name)],
                string text => [.. text.Split('\\').Select(part => (JsonNode)part)],
                int number => [number],
                byte[] item => [JsonNode.Parse(item)],
                _ => throw new ArgumentException("unexpected"),
            };
            json[tag.ToString()] = values.Length == 0
                ? new JsonObject { ["vr"] = vr.Code }
                : new JsonObject { ["vr"] = vr.Code, ["Value"] = new JsonArray(values) };
        }

        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    public static StudyFacts Facts(string uid, string patientId, byte[] attributes, params SeriesFacts[] series) => new()
    {
        StudyInstanceUid = uid, Patient = new("", patientId), PatientHandle = PatientHandle.New(), Received = default,
        RetentionStart = new(2020, 1, 1), DueDay = new(2030, 1, 1), RetentionRule = "default", Attributes = attributes,
        Series = series.Length > 0 ? series : [Series(uid + ".1", "CT")],
    };

    public static SeriesFacts Series(string uid, string modality, byte[]? attributes = null, int instances = 1) => new()
    {
        SeriesInstanceUid = uid, Modality = modality, Attributes = attributes ?? "{}"u8.ToArray(), Instances = instances,
        SopClasses = ["1.2.840.10008.5.1.4.1.1.2"],
    };

    public static InstanceRecord Instance(string seriesUid, string uid, byte[]? attributes = null) => new()
    {
        SopClassUid = "1.2.840.10008.5.1.4.1.1.2", SopInstanceUid = uid, SeriesInstanceUid = seriesUid,
        TransferSyntaxUid = "1.2.840.10008.1.2.1", Object = new(default, 0, 0), Metadata = new(default, 0, 0), WrappedKey = [],
        DataSetMac = [], AttributesMac = [], Attributes = attributes ?? "{}"u8.ToArray(), Received = default,
    };

    public StudyHandle Add(StudyFacts study, params InstanceRecord[] records)
    {
        var handle = StudyHandle.New();
        instances[handle] = [.. records];
        Put(handle, study);
        return handle;
    }

    public void Put(StudyHandle handle, StudyFacts? study, StudyState state = StudyState.Active)
    {
        if (changes.TryGetValue(handle, out var old))
            rows.Remove(old);

        facts[handle] = study;
        changes[handle] = change + 1;
        rows[++change] = new(handle, new(new byte[32]), state, 1, null, change, [1]);
    }

    /// <summary>The catalog goes back to what it was before its newest changes.</summary>
    public void Lose(int newest)
    {
        foreach (var lost in rows.Keys.Where(one => one > change - newest).ToList())
        {
            changes.Remove(rows[lost].Study);
            rows.Remove(lost);
        }

        change -= newest;
    }

    public StudyQuery Query(QueryLevel level, string text, string? study = null, string? series = null) => StudyQueryParser.Parse(
        level, study, series, text.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => KeyValuePair.Create(
            Uri.UnescapeDataString(pair.Split('=', 2)[0]), Uri.UnescapeDataString(pair.Split('=', 2)[1]))));

    public async Task<List<SearchHit>> HitsAsync(StudyQuery query, SearchScope? scope = null)
    {
        var hits = new List<SearchHit>();
        await foreach (var hit in await Search.BeginAsync(query, scope ?? Everything, CancellationToken.None))
            hits.Add(hit);

        return hits;
    }

    /// <summary>Study Instance UIDs of the studies found, in order.</summary>
    public async Task<List<string>> StudiesAsync(string text, SearchScope? scope = null) =>
        [.. (await HitsAsync(Query(QueryLevel.Study, text), scope)).Select(hit => hit.Study.StudyInstanceUid)];

    public async Task<List<string>> SeriesAsync(string text, string? study = null) =>
        [.. (await HitsAsync(Query(QueryLevel.Series, text, study))).Select(hit => hit.Series!.SeriesInstanceUid)];

    public async Task<List<string>> InstancesAsync(string text, string? study = null, string? series = null) =>
        [.. (await HitsAsync(Query(QueryLevel.Instance, text, study, series))).Select(hit => hit.Instance!.SopInstanceUid)];

    public async ValueTask<StudyFacts?> OpenAsync(StudyRow row, CancellationToken cancellation)
    {
        await Task.Yield();
        RowsRead++;
        return KeysAreAway ? throw new VaultException("away") : Damaged.Contains(row.Study) ? throw new InvalidDataException("tampered") : facts[row.Study];
    }

    public async ValueTask<IReadOnlyList<StudyFacts?>> OpenAsync(IReadOnlyList<StudyRow> many, CancellationToken cancellation)
    {
        var opened = new List<StudyFacts?>();
        foreach (var row in many)
            opened.Add(await OpenAsync(row, cancellation));

        return opened;
    }

    public async IAsyncEnumerable<InstanceRecord> ListAsync(StudyHandle study, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        StudiesListed++;
        foreach (var record in instances[study])
            yield return record;
    }

    public ValueTask<IReadOnlyList<StudyHandle>> FindStudiesOfInstanceAsync(string sopInstanceUid, CancellationToken cancellation) =>
        ValueTask.FromResult<IReadOnlyList<StudyHandle>>(
            [.. instances.Where(pair => pair.Value.Any(record => record.SopInstanceUid == sopInstanceUid)).Select(pair => pair.Key)]);

    public async IAsyncEnumerable<StudyRow> ChangesAsync(long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        foreach (var row in rows.Values.SkipWhile(row => row.Change <= after).ToList())
            yield return row;
    }

    public IAsyncEnumerable<StudyRow> ListStudiesAsync(StudyHandle? after, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public ValueTask<long> LatestChangeAsync(CancellationToken cancellation) =>
        IsAway ? throw new StorageUnavailableException("away") : ValueTask.FromResult(change);

    public void Dispose()
    {
        Follower.Dispose();
        model.Dispose();
    }

    ValueTask<StudyRow?> ICatalog.FindStudyAsync(Mac studyUid, CancellationToken cancellation) => throw new NotSupportedException();

    ValueTask<StudyRow?> ICatalog.GetStudyAsync(StudyHandle study, CancellationToken cancellation) => throw new NotSupportedException();

    ValueTask<StudyRow> ICatalog.AddStudyAsync(Mac studyUid, StudyHandle proposed, CancellationToken cancellation) => throw new NotSupportedException();

    ValueTask<long?> ICatalog.ClaimAsync(StudyHandle study, long expected, CancellationToken cancellation) => throw new NotSupportedException();

    ValueTask ICatalog.CommitAsync(StudyCommit commit, CancellationToken cancellation) => throw new NotSupportedException();

    ValueTask<IReadOnlyList<InstanceRow>> ICatalog.FindInstancesAsync(
        StudyHandle study, IReadOnlyList<Mac> sopInstanceUids, CancellationToken cancellation) => throw new NotSupportedException();

    ValueTask<IReadOnlyList<StudyHandle>> ICatalog.FindStudiesOfInstanceAsync(Mac sopInstanceUid, CancellationToken cancellation) =>
        throw new NotSupportedException();

    IAsyncEnumerable<InstanceRow> ICatalog.ListInstancesAsync(StudyHandle study, CancellationToken cancellation) => throw new NotSupportedException();

    IAsyncEnumerable<StudyRow> ICatalog.DueAsync(DateOnly day, CancellationToken cancellation) => throw new NotSupportedException();

    private static JsonObject Name(string value)
    {
        var name = new JsonObject();
        foreach (var (group, text) in new[] { "Alphabetic", "Ideographic", "Phonetic" }.Zip(value.Split('=')))
        {
            if (text.Length > 0)
                name[group] = text;
        }

        return name;
    }
}
