using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace SecureStore.EndToEnd.Chaos;

/// <summary>An instance that an archive said it stores, and the SHA-256 of its file.</summary>
internal sealed record StoredInstance(TestInstance Instance, string Hash)
{
    public static string HashOf(byte[] file) => Convert.ToHexString(SHA256.HashData(file));
}

/// <summary>What the archive has acknowledged of one study.</summary>
internal sealed class StoredStudy(TestInstance first)
{
    private readonly ConcurrentQueue<StoredInstance> instances = new();
    private int requests;

    public TestInstance First => first;

    public IReadOnlyCollection<StoredInstance> Instances => instances;

    /// <summary>Acknowledged requests that brought instances of it.</summary>
    public int Requests => requests;

    /// <summary>Its destruction was asked for.</summary>
    public bool IsDoomed { get; set; }

    /// <summary>The id of the certificate with which the first destruction was answered.</summary>
    public string? Certificate { get; set; }

    public bool WasRead { get; set; }

    public void Add(IEnumerable<StoredInstance> acknowledged)
    {
        foreach (var one in acknowledged)
        {
            instances.Enqueue(one);
        }

        Interlocked.Increment(ref requests);
    }
}

/// <summary>What the archive has acknowledged, what it did beside that, and what it should not have done.</summary>
internal sealed class Acknowledged
{
    private readonly ConcurrentDictionary<int, StoredStudy> studies = new();
    private readonly ConcurrentDictionary<string, int> counts = new();
    private readonly ConcurrentQueue<string> wrongs = new();
    private int last;

    public IEnumerable<StoredStudy> Studies => studies.Values;

    public IEnumerable<StoredStudy> Kept => Studies.Where(study => !study.IsDoomed);

    public IEnumerable<StoredStudy> Doomed => Studies.Where(study => study.IsDoomed);

    public IReadOnlyCollection<string> Wrongs => wrongs;

    public IReadOnlyDictionary<string, int> Counts => counts;

    /// <summary>Known to readers once an instance of it is acknowledged.</summary>
    public void Add(StoredStudy study) => studies[Interlocked.Increment(ref last) - 1] = study;

    /// <summary>Any study that was acknowledged, or null where there is none yet or the draw was a loss.</summary>
    public StoredStudy? Draw(Random random) => studies.GetValueOrDefault(random.Next(Math.Max(1, last)));

    public void Count(string what) => counts.AddOrUpdate(what, 1, (_, count) => count + 1);

    public void Wrong(string what) => wrongs.Enqueue(what);
}
