using System.Text.Json;
using System.Text.Json.Serialization;
using SecureStore.Grains.Vault;

namespace SecureStore.Silo.Dimse;

/// <summary>An instance that is to be sent on. Kept sealed, as an errand of the vault.</summary>
internal sealed record ForwardErrand
{
    /// <summary>The destination's AE title.</summary>
    public required string To { get; init; }

    public required string StudyInstanceUid { get; init; }

    public required string SopInstanceUid { get; init; }

    /// <summary>When it was stored.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Not to be sent before.</summary>
    public required DateTimeOffset Next { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <inheritdoc cref="Errands.TryRead"/>
    public static ForwardErrand? TryRead(Errand errand) => errand.TryRead(ForwardJson.Default.ForwardErrand);

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, ForwardJson.Default.ForwardErrand);

    public override string ToString() => nameof(ForwardErrand);
}

[JsonSerializable(typeof(ForwardErrand))]
internal sealed partial class ForwardJson : JsonSerializerContext;
