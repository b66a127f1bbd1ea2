using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecureStore.Grains.Studies;

/// <summary>
/// How facts, records and tombstones stand inside their sealed rows: JSON in UTF-8, so that a later version can add members and still
/// read what an earlier one wrote.
/// </summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(StudyFacts))]
[JsonSerializable(typeof(InstanceRecord))]
[JsonSerializable(typeof(Tombstone))]
internal sealed partial class StudyJson : JsonSerializerContext;
