using Npgsql;

namespace SecureStore.EndToEnd.Chaos;

/// <summary>
/// Who wrote what in the catalog, in the order of the commits: triggers keep it from inside the silos' own transactions, while they hold
/// the study's row. Each session says whose it is (<see cref="ClusterOfSilos"/>).
/// </summary>
internal sealed class CommitHistory
{
    private const string Triggers =
        """
        CREATE SCHEMA chaos;
        CREATE TABLE chaos.writes (
            number bigserial PRIMARY KEY, study bytea NOT NULL, before bigint NOT NULL, after bigint NOT NULL, is_commit boolean NOT NULL, silo text);
        CREATE FUNCTION chaos.study() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO chaos.writes (study, before, after, is_commit, silo) VALUES
                (NEW.study, OLD.owner_epoch, NEW.owner_epoch, NEW.change <> OLD.change, current_setting('test.silo'));
            RETURN NULL; END $$;
        CREATE FUNCTION chaos.instance() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO chaos.writes (study, before, after, is_commit, silo)
                SELECT study, owner_epoch, owner_epoch, true, current_setting('test.silo') FROM catalog.studies
                WHERE study = CASE TG_OP WHEN 'DELETE' THEN OLD.study ELSE NEW.study END;
            RETURN NULL; END $$;
        CREATE TRIGGER chaos AFTER UPDATE ON catalog.studies FOR EACH ROW EXECUTE FUNCTION chaos.study();
        CREATE TRIGGER chaos AFTER INSERT OR UPDATE OR DELETE ON catalog.instances FOR EACH ROW EXECUTE FUNCTION chaos.instance();
        """;

    private CommitHistory()
    {
    }

    public int Commits { get; private set; }

    public int Claims { get; private set; }

    /// <summary>How often another process claimed a study than had it before.</summary>
    public int Moves { get; private set; }

    public static async Task KeepAsync(ClusterOfSilos cluster)
    {
        await using var database = NpgsqlDataSource.Create(cluster.Databases["Catalog"]);
        await using var command = database.CreateCommand(Triggers);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Each epoch of a study is one process's, epochs only rise, and nobody commits but the process whose epoch it is.</summary>
    public static async Task<CommitHistory> CheckAsync(ClusterOfSilos cluster, Action<string> wrong)
    {
        var history = new CommitHistory();
        var owners = new Dictionary<string, (long Epoch, string? Silo)>();
        await using var database = NpgsqlDataSource.Create(cluster.Databases["Catalog"]);
        await using var command = database.CreateCommand("SELECT study, before, after, is_commit, silo FROM chaos.writes ORDER BY number");
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var (study, before, after, silo) = (Convert.ToHexString((byte[])rows[0]), rows.GetInt64(1), rows.GetInt64(2), rows.GetString(4));
            var owner = owners.GetValueOrDefault(study);
            if (before != owner.Epoch || after < before)
            {
                wrong($"The owner epoch of {study} went from {owner.Epoch} to {before} to {after}");
            }

            if (after != before)
            {
                history.Claims++;
                history.Moves += owner.Silo is not null && owner.Silo != silo ? 1 : 0;
                owners[study] = owner = (after, silo);
            }

            if (rows.GetBoolean(3))
            {
                history.Commits++;
                if (owner.Silo != silo)
                {
                    wrong($"Silo {silo} committed {study} under epoch {owner.Epoch}, which is silo {owner.Silo}'s");
                }
            }
        }

        return history;
    }
}
