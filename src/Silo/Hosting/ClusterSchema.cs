namespace SecureStore.Silo.Hosting;

/// <summary>
/// The tables in which silos find one another and keep reminders, and the queries that Orleans' AdoNet packages look up in
/// <c>OrleansQuery</c>: the packages ship none. The names of that table, of the queries, of their parameters and of the columns that they return are
/// Orleans'; the rest is ours. Each query is one statement, so it is atomic by itself.
/// </summary>
internal static class ClusterSchema
{
    public const string Name = "orleans";

    /// <summary>What leads from each version of the schema to the next; a step stays as it was released.</summary>
    public static IReadOnlyList<string> Steps => [Tables + Queries(First)];

    private const string Tables =
        """
        CREATE TABLE orleans.cluster (
            id text PRIMARY KEY,
            version integer NOT NULL,
            changed timestamptz NOT NULL);

        CREATE TABLE orleans.silo (
            cluster text NOT NULL REFERENCES orleans.cluster (id),
            address text NOT NULL,
            port integer NOT NULL,
            generation integer NOT NULL,
            name text NOT NULL,
            host text NOT NULL,
            status integer NOT NULL,
            gateway_port integer NOT NULL,
            suspected text,
            started timestamptz NOT NULL,
            alive timestamptz NOT NULL,
            PRIMARY KEY (cluster, address, port, generation));

        CREATE TABLE orleans.reminder (
            service text NOT NULL,
            grain text NOT NULL,
            name text NOT NULL,
            hash integer NOT NULL,
            starts timestamptz NOT NULL,
            period bigint NOT NULL,
            version integer NOT NULL,
            PRIMARY KEY (service, grain, name));
        CREATE INDEX reminder_by_hash ON orleans.reminder (service, hash);

        CREATE TABLE orleans.OrleansQuery (
            QueryKey text PRIMARY KEY,
            QueryText text NOT NULL);

        """;

    private const string SiloColumns =
        """
        silo.address AS Address, silo.port AS Port, silo.generation AS Generation, silo.name AS SiloName, silo.host AS HostName,
        silo.status AS Status, silo.gateway_port AS ProxyPort, silo.suspected AS SuspectTimes, silo.started AS StartTime, silo.alive AS IAmAliveTime,
        cluster.version AS Version
        """;

    private const string ThisSilo =
        "silo.cluster = @DeploymentId AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation";

    private const string ReminderColumns =
        "SELECT grain AS GrainId, name AS ReminderName, starts AS StartTime, period AS Period, version AS Version FROM orleans.reminder WHERE service = @ServiceId";

    private static readonly IReadOnlyDictionary<string, string> First = new Dictionary<string, string>
    {
        ["InsertMembershipVersionKey"] =
            """
            WITH added AS (INSERT INTO orleans.cluster VALUES (@DeploymentId, 0, now()) ON CONFLICT DO NOTHING RETURNING 1)
            SELECT EXISTS (SELECT FROM added)
            """,
        ["InsertMembershipKey"] =
            $"""
            WITH counted AS (
                UPDATE orleans.cluster SET version = version + 1, changed = now()
                WHERE id = @DeploymentId AND version = @Version AND NOT EXISTS (SELECT FROM orleans.silo WHERE {ThisSilo}) RETURNING id),
            added AS (
                INSERT INTO orleans.silo (cluster, address, port, generation, name, host, status, gateway_port, started, alive)
                SELECT id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM counted RETURNING 1)
            SELECT EXISTS (SELECT FROM added)
            """,
        ["UpdateMembershipKey"] =
            $"""
            WITH counted AS (
                UPDATE orleans.cluster SET version = version + 1, changed = now()
                WHERE id = @DeploymentId AND version = @Version AND EXISTS (SELECT FROM orleans.silo WHERE {ThisSilo}) RETURNING id),
            changed AS (
                UPDATE orleans.silo SET status = @Status, suspected = @SuspectTimes, alive = @IAmAliveTime
                FROM counted WHERE silo.cluster = counted.id AND {ThisSilo} RETURNING 1)
            SELECT EXISTS (SELECT FROM changed)
            """,
        ["UpdateIAmAlivetimeKey"] = $"UPDATE orleans.silo SET alive = @IAmAliveTime WHERE {ThisSilo}",
        ["MembershipReadRowKey"] =
            $"SELECT {SiloColumns} FROM orleans.cluster LEFT JOIN orleans.silo ON silo.cluster = cluster.id AND {ThisSilo} WHERE cluster.id = @DeploymentId",
        ["MembershipReadAllKey"] =
            $"SELECT {SiloColumns} FROM orleans.cluster LEFT JOIN orleans.silo ON silo.cluster = cluster.id WHERE cluster.id = @DeploymentId",
        ["GatewaysQueryKey"] =
            """
            SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation
            FROM orleans.silo WHERE cluster = @DeploymentId AND status = @Status AND gateway_port > 0
            """,
        ["DeleteMembershipTableEntriesKey"] =
            """
            WITH gone AS (DELETE FROM orleans.silo WHERE cluster = @DeploymentId)
            UPDATE orleans.cluster SET version = version + 1, changed = now() WHERE id = @DeploymentId
            """,
        // 6 is SiloStatus.Dead.
        ["CleanupDefunctSiloEntriesKey"] = "DELETE FROM orleans.silo WHERE cluster = @DeploymentId AND status = 6 AND alive < @IAmAliveTime",
        ["CleanupDefunctSiloEntryKey"] =
            $"""
            DELETE FROM orleans.silo WHERE {ThisSilo} AND status = 6 AND started = @StartTime AND alive = @IAmAliveTime
            AND coalesce(suspected, '') = coalesce(@SuspectTimes, '')
            """,
        ["ReadReminderRowsKey"] = $"{ReminderColumns} AND grain = @GrainId",
        ["ReadReminderRowKey"] = $"{ReminderColumns} AND grain = @GrainId AND name = @ReminderName",
        ["ReadRangeRows1Key"] = $"{ReminderColumns} AND hash > @BeginHash AND hash <= @EndHash",
        ["ReadRangeRows2Key"] = $"{ReminderColumns} AND (hash > @BeginHash OR hash <= @EndHash)",
        ["UpsertReminderRowKey"] =
            """
            INSERT INTO orleans.reminder AS reminder (service, grain, name, hash, starts, period, version)
            VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period, 0)
            ON CONFLICT (service, grain, name) DO UPDATE
            SET hash = excluded.hash, starts = excluded.starts, period = excluded.period, version = reminder.version + 1
            RETURNING version AS Version
            """,
        ["DeleteReminderRowKey"] =
            """
            WITH gone AS (
                DELETE FROM orleans.reminder WHERE service = @ServiceId AND grain = @GrainId AND name = @ReminderName AND version = @Version RETURNING 1)
            SELECT EXISTS (SELECT FROM gone)
            """,
        ["DeleteReminderRowsKey"] = "DELETE FROM orleans.reminder WHERE service = @ServiceId",
    };

    private static string Queries(IReadOnlyDictionary<string, string> queries) => string.Concat(
        queries.Select(query => $"INSERT INTO orleans.OrleansQuery VALUES ('{query.Key}', '{query.Value.Replace("'", "''", StringComparison.Ordinal)}');\n"));
}
