namespace SecureStore.Grains.Studies;

/// <summary>Where a study stands. It only ever moves downwards.</summary>
public enum StudyState
{
    /// <summary>Stores and reads are served.</summary>
    Active = 0,

    /// <summary>Destruction has begun: nothing is stored or read any more.</summary>
    Destroying = 1,

    /// <summary>Only the tombstone and the certificate are left.</summary>
    Destroyed = 2,
}
