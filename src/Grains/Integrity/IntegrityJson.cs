using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecureStore.Grains.Integrity;

/// <summary>How notes are written: JSON in UTF-8, so that a later version can add members and still read what an earlier one wrote.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(LogMark))]
[JsonSerializable(typeof(FsckPosition))]
[JsonSerializable(typeof(SweepMark))]
[JsonSerializable(typeof(QuarantineNote))]
internal sealed partial class IntegrityJson : JsonSerializerContext;
