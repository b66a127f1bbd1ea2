using Npgsql;
using SecureStore.Grains.Audit;

namespace SecureStore.EndToEnd.Chaos;

/// <summary>Every head that the audit log ever had, kept by a trigger; and the log's entries held against them (docs/audit-log.md).</summary>
internal static class LogHistory
{
    private const string Triggers =
        """
        CREATE TABLE chaos.heads (number bigserial PRIMARY KEY, size bigint NOT NULL, frontier bytea NOT NULL);
        CREATE FUNCTION chaos.head() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO chaos.heads (size, frontier) VALUES (NEW.size, NEW.frontier);
            RETURN NULL; END $$;
        CREATE TRIGGER chaos AFTER INSERT OR UPDATE ON audit.head FOR EACH ROW EXECUTE FUNCTION chaos.head();
        """;

    public static async Task KeepAsync(ClusterOfSilos cluster)
    {
        await using var database = NpgsqlDataSource.Create(cluster.Databases["Catalog"]);
        await using var command = database.CreateCommand(Triggers);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>
    /// No gap: the entries are numbered from 0 on. No fork: each head there ever was is larger than the one before, and its tree is that
    /// of the first entries of the log as it is.
    /// </summary>
    /// <returns>The number of entries, and of heads.</returns>
    public static async Task<(long Entries, int Heads)> CheckAsync(ClusterOfSilos cluster, Action<string> wrong)
    {
        await using var database = NpgsqlDataSource.Create(cluster.Databases["Catalog"]);
        var heads = new List<(long Size, byte[] Frontier)>();
        await using (var command = database.CreateCommand("SELECT size, frontier FROM chaos.heads ORDER BY number"))
        {
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                heads.Add((rows.GetInt64(0), (byte[])rows[1]));
            }
        }

        foreach (var (before, after) in heads.Zip(heads.Skip(1)))
        {
            if (after.Size <= before.Size)
            {
                wrong($"The audit log's head went from {before.Size} to {after.Size} entries");
            }
        }

        var tree = new MerkleTree();
        var frontiers = heads.ToLookup(head => head.Size, head => head.Frontier);
        await using var entries = database.CreateCommand("SELECT number, sealed FROM audit.entries ORDER BY number");
        await using var read = await entries.ExecuteReaderAsync();
        while (tree.Size < heads[^1].Size && await read.ReadAsync())
        {
            if (read.GetInt64(0) != tree.Size)
            {
                wrong($"In the place of the audit log's entry {tree.Size} is entry {read.GetInt64(0)}");
            }

            tree.Append(MerkleTree.LeafHash((byte[])read[1]));
            if (frontiers[tree.Size].Any(frontier => !frontier.AsSpan().SequenceEqual(tree.Frontier())))
            {
                wrong($"The audit log's head over {tree.Size} entries was over others than there are");
            }
        }

        if (tree.Size != heads[^1].Size)
        {
            wrong($"The audit log has {tree.Size} entries, and its head {heads[^1].Size}");
        }

        return (tree.Size, heads.Count);
    }
}
