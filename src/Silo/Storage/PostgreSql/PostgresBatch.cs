using Npgsql;

namespace SecureStore.Silo.Storage.PostgreSql;

/// <summary>Statements of a batch and their positional parameters.</summary>
internal static class PostgresBatch
{
    public static void Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        batch.BatchCommands.Add(command);
    }

    public static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    public static NpgsqlParameter Bytes(IEnumerable<byte[]?> values) => Value<byte[]?[]>([.. values]);

    public static NpgsqlParameter Longs(IEnumerable<long> values) => Value<long[]>([.. values]);

    public static NpgsqlParameter Integers(IEnumerable<int> values) => Value<int[]>([.. values]);
}
