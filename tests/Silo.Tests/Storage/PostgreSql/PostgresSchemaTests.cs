using Npgsql;
using SecureStore.Contracts.Servers;
using SecureStore.Silo.Storage.PostgreSql;

namespace SecureStore.Silo.Tests.Storage.PostgreSql;

public sealed class PostgresSchemaTests(PostgresServer server) : IAsyncLifetime
{
    private string database = "";

    public async ValueTask InitializeAsync() => database = await server.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Ten_silos_that_start_at_once_make_one_schema()
    {
        PostgresSchema[] schemas = [PostgresSchemas.Catalog, PostgresSchemas.Audit, PostgresSchemas.Tokens, PostgresSchemas.Vault];
        await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(_ => schemas).Select(schema => Task.Run(() => Migrate(schema))));
        foreach (var schema in schemas)
            Assert.Equal(schema.Steps.Count, (long)(await ScalarAsync($"SELECT count(*) FROM {schema.Name}.schema_version"))!);
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM catalog.latest_change"));
    }

    [Fact]
    public async Task A_schema_of_a_newer_program_is_refused_in_one_sentence()
    {
        Migrate(PostgresSchemas.Vault);
        await ScalarAsync("INSERT INTO vault.schema_version VALUES (99)");
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => PostgresVaultStore.OpenAsync(database, default));
        Assert.Equal("The vault has schema version 99, and this program knows versions up to 1: start the program that wrote it.", refusal.Message);
    }

    [Fact]
    public async Task A_newer_program_adds_its_steps_to_what_is_there()
    {
        var old = new PostgresSchema("things", "The thing", ["CREATE TABLE things (id integer)", "INSERT INTO things VALUES (1)"]);
        Migrate(old);
        Migrate(old with { Steps = [.. old.Steps, "INSERT INTO things VALUES (2)"] });
        Assert.Equal(3L, await ScalarAsync("SELECT sum(id) FROM things.things"));
        Assert.Equal(3, await ScalarAsync("SELECT max(version) FROM things.schema_version"));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_nothing_behind()
    {
        var wrong = new PostgresSchema("things", "The thing", ["CREATE TABLE things (id integer)", "SELECT 1 / 0"]);
        Assert.Contains("22012", Assert.Throws<InvalidDataException>(() => Migrate(wrong)).Message);
        Assert.Equal(DBNull.Value, await ScalarAsync("SELECT to_regclass('things.things')::text"));
    }

    [Fact]
    public void A_database_that_is_not_there_is_named_and_no_passing_fault()
    {
        var refusal = Assert.Throws<InvalidDataException>(() => new PostgresCatalog(server.ConnectionString("none_such")));
        Assert.Contains("none_such", refusal.Message);
    }

    [Fact]
    public async Task A_role_without_the_right_to_make_schemas_uses_those_it_was_given()
    {
        await ScalarAsync("CREATE ROLE archivist LOGIN; CREATE SCHEMA catalog AUTHORIZATION archivist");
        await using var catalog = new PostgresCatalog(new NpgsqlConnectionStringBuilder(database) { Username = "archivist" }.ConnectionString);
        Assert.Equal(0, await catalog.LatestChangeAsync(default));
    }

    private void Migrate(PostgresSchema schema)
    {
        using var migrating = new PostgresDatabase(database, schema, 1);
        migrating.Migrate();
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
