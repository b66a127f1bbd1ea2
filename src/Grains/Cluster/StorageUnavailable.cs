using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Cluster;

/// <summary>
/// A <see cref="StorageUnavailableException"/> on its way to the silo whose caller asked: there, too, it is a fault that may pass. What caused it
/// is of types that no message may carry.
/// </summary>
[GenerateSerializer, Immutable, Alias("securestore.StorageUnavailable")]
internal readonly record struct StorageUnavailable([property: Id(0)] string Message);

[RegisterConverter]
internal sealed class StorageUnavailableConverter : IConverter<StorageUnavailableException, StorageUnavailable>
{
    public StorageUnavailableException ConvertFromSurrogate(in StorageUnavailable surrogate) => new(surrogate.Message);

    public StorageUnavailable ConvertToSurrogate(in StorageUnavailableException value) => new(value.Message);
}
