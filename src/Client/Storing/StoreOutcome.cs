namespace SecureStore.Client.Storing;

/// <summary>What became of one file that was to be stored.</summary>
public enum StoreStatus
{
    /// <summary>The archive has it, durably.</summary>
    Stored,

    /// <summary>The archive has it, with a remark.</summary>
    StoredWithWarning,

    /// <summary>The archive refused it.</summary>
    Refused,

    /// <summary>It is no DICOM file and was not sent.</summary>
    NotDicom,

    /// <summary>It could not be read here.</summary>
    Unreadable,
}

/// <param name="Path">The file, as it was given.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Reason">Why, for all but <see cref="StoreStatus.Stored"/>.</param>
public sealed record StoreOutcome(string Path, StoreStatus Status, string? Reason = null)
{
    public bool IsStored => Status is StoreStatus.Stored or StoreStatus.StoredWithWarning;
}
