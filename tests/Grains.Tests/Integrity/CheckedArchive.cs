using SecureStore.Grains.Integrity;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.Studies;

namespace SecureStore.Grains.Tests.Integrity;

/// <summary>What a check told.</summary>
internal sealed record Told(IReadOnlyList<FsckLine> Lines)
{
    public FsckCounts Counts => Lines.OfType<FsckLine.End>().Single().Counts;

    public IReadOnlyList<DamageKind> Kinds => [.. Lines.OfType<FsckLine.Finding>().Select(line => line.Damage.Kind)];

    public IReadOnlyList<DamageOutcome> Outcomes => [.. Lines.OfType<FsckLine.Finding>().Select(line => line.Outcome)];

    public IReadOnlyList<Damage> Known => [.. Lines.OfType<FsckLine.Known>().Select(line => line.Damage)];
}

internal static class CheckedArchive
{
    public static Task<Told> CheckAsync(this StudyArchive archive) => archive.CheckAsync(new FsckRequest { Actor = "tester" });

    public static Task<Told> RepairAsync(this StudyArchive archive) => archive.CheckAsync(new FsckRequest { Actor = "tester", Repair = true });

    public static async Task<Told> CheckAsync(this StudyArchive archive, FsckRequest request)
    {
        var lines = new List<FsckLine>();
        await archive.Create<Fsck>().RunAsync(
            request,
            line =>
            {
                lines.Add(line);
                return default;
            },
            default);
        return new Told(lines);
    }

    /// <summary>The study's instances with their records, opened.</summary>
    public static async Task<List<(InstanceRow Row, InstanceRecord Record)>> RecordsAsync(this StudyArchive archive, string study)
    {
        var handle = (await archive.RowAsync(study)).Study;
        using var key = await archive.Vault.OpenStudyKeyAsync(handle, default);
        return await archive.Catalog.ListInstancesAsync(handle, default)
            .Select(row => (row, StudyRows.OpenInstance(key!, row))).ToListAsync();
    }

    public static async Task FlipAsync(this StudyArchive archive, string study, SegmentId segment, long at)
    {
        var handle = (await archive.RowAsync(study)).Study;
        archive.Objects.Inner.Tamper(handle, segment, bytes =>
        {
            bytes[at] ^= 0x10;
            return bytes;
        });
    }

    public static byte[] Flipped(this byte[] bytes)
    {
        byte[] changed = [.. bytes];
        changed[changed.Length / 2] ^= 1;
        return changed;
    }
}
