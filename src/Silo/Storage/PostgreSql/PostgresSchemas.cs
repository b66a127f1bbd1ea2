namespace SecureStore.Silo.Storage.PostgreSql;

/// <summary>
/// The schemas of the archive. What is sealed is not compressible (STORAGE EXTERNAL), and stands last, so that a look at
/// the other columns does not read past it.
/// </summary>
internal static class PostgresSchemas
{
    // A day is a day number (0 = 0001-01-01).
    public static PostgresSchema Catalog { get; } = new("catalog", "The catalog",
    [
        """
        CREATE TABLE studies (
            study bytea PRIMARY KEY,
            study_uid bytea NOT NULL UNIQUE,
            state integer NOT NULL,
            owner_epoch bigint NOT NULL,
            due_day integer,
            change bigint NOT NULL,
            sealed_facts bytea NOT NULL);
        ALTER TABLE studies ALTER COLUMN sealed_facts SET STORAGE EXTERNAL;
        CREATE INDEX studies_by_due_day ON studies (state, due_day);
        CREATE INDEX studies_by_change ON studies (change);
        CREATE TABLE instances (
            study bytea NOT NULL,
            ordinal bigint NOT NULL,
            sop_instance_uid bytea NOT NULL,
            sealed_record bytea NOT NULL,
            PRIMARY KEY (study, ordinal));
        ALTER TABLE instances ALTER COLUMN sealed_record SET STORAGE EXTERNAL;
        CREATE UNIQUE INDEX instances_by_uid ON instances (sop_instance_uid, study);
        CREATE TABLE latest_change (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), number bigint NOT NULL)
            WITH (fillfactor = 50);
        INSERT INTO latest_change (number) VALUES (0);
        """,
    ]);

    // The triggers keep slips of a hand out of a log that is append only; whoever means harm is found out by the log itself.
    public static PostgresSchema Audit { get; } = new("audit", "The audit log",
    [
        """
        CREATE TABLE entries (
            number bigint PRIMARY KEY,
            event_id bytea NOT NULL UNIQUE,
            mac bytea NOT NULL,
            sealed bytea NOT NULL);
        ALTER TABLE entries ALTER COLUMN sealed SET STORAGE EXTERNAL;
        CREATE TABLE head (
            id integer PRIMARY KEY CHECK (id = 1),
            size bigint NOT NULL,
            frontier bytea NOT NULL,
            mac bytea NOT NULL)
            WITH (fillfactor = 50);
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append only'; END $$;
        CREATE TRIGGER entries_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        """,
    ]);

    public static PostgresSchema Tokens { get; } = new("tokens", "The token store",
    [
        """
        CREATE TABLE clients (client_id text PRIMARY KEY, secret_mac bytea NOT NULL);
        CREATE TABLE revoked (token_mac bytea PRIMARY KEY, expires bigint NOT NULL);
        CREATE INDEX revoked_by_expiry ON revoked (expires);
        """,
    ]);

    public static PostgresSchema Vault { get; } = new("vault", "The vault",
    [
        """
        CREATE TABLE keys (
            kind integer NOT NULL,
            id bytea NOT NULL,
            version bigint NOT NULL,
            key_id bytea NOT NULL,
            parent bytea NOT NULL,
            look_up bytea,
            wrapped_key bytea NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (kind, id));
        ALTER TABLE keys ALTER COLUMN wrapped_key SET STORAGE EXTERNAL, ALTER COLUMN sealed SET STORAGE EXTERNAL;
        CREATE INDEX keys_by_parent ON keys (parent, kind);
        CREATE UNIQUE INDEX keys_by_look_up ON keys (kind, look_up) WHERE look_up IS NOT NULL;
        """,
    ]);
}
