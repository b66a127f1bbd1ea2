using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Tests;

/// <summary>
/// A store and a reader that do as they are told. An instance to be stored is text: a status, and a number for its UID
/// ("Stored 7"); one to be read is whatever a test has put in.
/// </summary>
internal sealed class MemoryStudies : IStudyStore, IStudyReader
{
    public const string Study = "1.2.3";
    public const string Series = "1.2.3.4";

    /// <summary>UIDs that were committed, in order.</summary>
    public List<string> Committed { get; } = [];

    /// <summary>Instances in each commit.</summary>
    public List<int> Commits { get; } = [];

    public string? OnlyStudy { get; private set; }

    public bool CommitFails { get; set; }

    public ReadVerdict Verdict { get; set; } = ReadVerdict.Granted;

    public List<MemoryInstance> Instances { get; } = [];

    /// <summary>Done when an instance was taken in.</summary>
    public TaskCompletionSource FirstReceived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when something was committed.</summary>
    public TaskCompletionSource FirstCommit { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when a read session is disposed.</summary>
    public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IStoreSession Begin(string token, string? onlyStudy, string? address, string patientIdIssuer = "", bool oneByOne = false)
    {
        OnlyStudy = onlyStudy;
        return new StoreSession(this);
    }

    public ValueTask<OpenResult> OpenAsync(
        string token, string studyInstanceUid, PolicyActions action, string? address, CancellationToken cancellation) =>
        ValueTask.FromResult(Verdict != ReadVerdict.Granted ? new OpenResult(Verdict, null)
            : studyInstanceUid != Study ? new OpenResult(ReadVerdict.NotFound, null)
            : new OpenResult(ReadVerdict.Granted, new ReadSession(this)));

    private sealed class StoreSession(MemoryStudies studies) : IStoreSession
    {
        private readonly List<StoreResult> _received = [];

        public async ValueTask<StoreResult> ReceiveAsync(Stream source, CancellationToken cancellation)
        {
            using var bytes = new MemoryStream();
            await source.CopyToAsync(bytes, cancellation);
            var words = Encoding.ASCII.GetString(bytes.GetBuffer(), 0, (int)Math.Min(bytes.Length, 100)).Split(' ', '\n');
            if (!Enum.TryParse<StoreStatus>(words[0], out var status))
            {
                return new StoreResult(StoreStatus.CannotUnderstand) { Reason = "This is no DICOM file." };
            }

            if (status is StoreStatus.Unavailable)
            {
                throw new StorageUnavailableException("The disk is full.");
            }

            var result = new StoreResult(status, "1.2.840.10008.5.1.4.1.1.2", $"{Series}.{words[1]}", Study, Series);
            if (status is StoreStatus.Conflict || result.IsStored)
            {
                _received.Add(result);
                studies.FirstReceived.TrySetResult();
                return result with { Status = StoreStatus.Received };
            }

            return result with { Reason = "Refused." };
        }

        public ValueTask<IReadOnlyList<StoreResult>> CommitAsync(CancellationToken cancellation)
        {
            if (studies.CommitFails)
            {
                throw new StorageUnavailableException("The disk is full.");
            }

            var results = _received.ToArray();
            _received.Clear();
            studies.Commits.Add(results.Length);
            studies.Committed.AddRange(results.Where(result => result.IsStored).Select(result => result.SopInstanceUid!));
            studies.FirstCommit.TrySetResult();
            return ValueTask.FromResult<IReadOnlyList<StoreResult>>(results);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ReadSession(MemoryStudies studies) : IReadSession
    {
        public StudyHandle Study { get; } = StudyHandle.New();

        public string Reader => "reader";

        public CancellationToken Closing => default;

        public bool HasLost => studies.Instances.Any(one => one.Record.LostSince is not null);

        public async IAsyncEnumerable<InstanceRecord> InstancesAsync(
            string? seriesInstanceUid, [EnumeratorCancellation] CancellationToken cancellation)
        {
            foreach (var instance in studies.Instances.Where(one => seriesInstanceUid is null || one.Record.SeriesInstanceUid == seriesInstanceUid))
            {
                await Task.Yield();
                yield return instance.Record;
            }
        }

        public ValueTask<InstanceRecord?> FindAsync(string? seriesInstanceUid, string sopInstanceUid, CancellationToken cancellation) =>
            ValueTask.FromResult(studies.Instances.Select(one => one.Record).FirstOrDefault(record =>
                record.SopInstanceUid == sopInstanceUid && (seriesInstanceUid is null || record.SeriesInstanceUid == seriesInstanceUid)));

        public async ValueTask CopyAsync(
            InstanceRecord instance, long offset, long length, IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush,
            CancellationToken cancellation)
        {
            var stored = studies.Instances.Single(one => one.Record == instance);
            for (var done = 0L; done < length;)
            {
                var step = (int)Math.Min(64 * 1024, length - done);
                if (offset + done + step > stored.BreaksAt)
                {
                    throw stored.Failure;
                }

                output.Write(stored.File.AsSpan((int)(offset + done), step));
                done += step;
                await flush(cancellation);
            }
        }

        public ValueTask<IMemoryOwner<byte>> MetadataAsync(InstanceRecord instance, CancellationToken cancellation)
        {
            var metadata = studies.Instances.Single(one => one.Record == instance).Metadata;
            var owner = MemoryPool<byte>.Shared.Rent(metadata.Length);
            metadata.CopyTo(owner.Memory);
            return ValueTask.FromResult(owner);
        }

        public ValueTask<IReadOnlyList<(long Offset, long Length)>> FrameAsync(InstanceRecord instance, int frame, CancellationToken cancellation) =>
            ValueTask.FromResult(studies.Instances.Single(one => one.Record == instance).Fragments[frame - 1]);

        public ValueTask DisposeAsync()
        {
            studies.Closed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>An instance to be read, and where reading it fails.</summary>
internal sealed record MemoryInstance(InstanceRecord Record, byte[] File, byte[] Metadata)
{
    public IReadOnlyList<IReadOnlyList<(long Offset, long Length)>> Fragments { get; init; } = [];

    public long BreaksAt { get; init; } = long.MaxValue;

    public Exception Failure { get; init; } = new SealedObjectException("A chunk is damaged.");

    /// <summary>An instance of the one study, with the given number for the end of its UID.</summary>
    public static MemoryInstance Of(
        int number, byte[] file, string transferSyntax = "1.2.840.10008.1.2.1", string series = MemoryStudies.Series, FrameIndex? frames = null,
        string metadata = "{}", IReadOnlyList<int>? splices = null)
    {
        var json = Encoding.UTF8.GetBytes(metadata);
        return new MemoryInstance(
            new InstanceRecord
            {
                SopClassUid = "1.2.840.10008.5.1.4.1.1.2",
                SopInstanceUid = $"{MemoryStudies.Series}.{number}",
                SeriesInstanceUid = series,
                TransferSyntaxUid = transferSyntax,
                Object = new SealedPart(default, 0, file.Length),
                Metadata = new SealedPart(default, 0, json.Length),
                MetadataSplices = splices ?? [],
                Frames = frames,
                WrappedKey = [],
                DataSetMac = SHA256.HashData(file),
                AttributesMac = [],
                Attributes = [],
                Received = DateTimeOffset.UnixEpoch,
            },
            file,
            json);
    }
}
