namespace SecureStore.Grains.Vault;

/// <summary>What a sealed object is to its instance. The parts share an object key; none can be passed off as another.</summary>
public enum ObjectPart : byte
{
    File = 1,
    Metadata = 2,
    FrameTable = 3,
}
