namespace SecureStore.Grains.Integrity;

/// <summary>What a check of the archive can find wrong. The names are stored and shown: never used again for another.</summary>
public enum DamageKind
{
    /// <summary>A segment that no record points to, older than the grace period.</summary>
    OrphanSegment,

    /// <summary>Segments of a study that the catalog does not know.</summary>
    ObjectsWithoutStudy,

    /// <summary>A record whose segment is missing.</summary>
    MissingSegment,

    /// <summary>A record whose segment is shorter than the record says.</summary>
    ShortSegment,

    /// <summary>A stored file that does not open: a chunk, its header or its key is damaged.</summary>
    DamagedObject,

    /// <summary>Metadata that does not open, though the file is whole.</summary>
    DamagedMetadata,

    /// <summary>A frame table that does not open, though the file is whole.</summary>
    DamagedFrameTable,

    /// <summary>An instance's sealed row that is damaged, or another's.</summary>
    DamagedRecord,

    /// <summary>A study's sealed row that is damaged, or another's.</summary>
    DamagedFacts,

    /// <summary>A destroyed study's sealed row that is damaged, or another's.</summary>
    DamagedTombstone,

    /// <summary>A study that has no key in the vault.</summary>
    StudyWithoutKey,

    /// <summary>A study whose key in the vault does not open.</summary>
    DamagedKey,

    /// <summary>A key in the vault whose study the catalog does not know.</summary>
    KeyWithoutStudy,

    /// <summary>A patient in the vault without a study.</summary>
    PatientWithoutStudies,

    /// <summary>A destruction that did not finish: the study's key, objects or instance rows are still there.</summary>
    UnfinishedDestruction,

    /// <summary>Counts in the study's facts that differ from its instances.</summary>
    WrongCounts,

    /// <summary>Instances that are not numbered from 1 on without a gap: rows are missing or were added.</summary>
    OrdinalGap,

    /// <summary>A row that shows another due day than the sealed facts.</summary>
    WrongDueDay,
}
