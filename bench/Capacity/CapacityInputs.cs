namespace SecureStore.Bench.Capacity;

/// <summary>
/// What the capacity model reckons with, bytes and seconds unless its name says otherwise. Measured figures come from <c>bench rows</c> and
/// docs/benchmarks.md; what is an assumption is to be replaced by what is known of one's own hospitals (docs/capacity.md).
/// </summary>
internal sealed record CapacityInputs
{
    public double ImagesAYear { get; init; } = 5e9;

    /// <summary>Part of the images that are chest films, 0 to 1.</summary>
    public double FilmShare { get; init; } = 0.38;

    // Assumptions about images and those who look at them.
    public double FilmsAStudy { get; init; } = 2;

    public double BytesAFilm { get; init; } = 9e6;

    public double SlicesAStudy { get; init; } = 250;

    public double BytesASlice { get; init; } = 0.53e6;

    /// <summary>Instances that a sender puts into one STOW-RS request, at most.</summary>
    public double ImagesARequest { get; init; } = 50;

    public double StudiesAPatient { get; init; } = 4;

    public double YearsKept { get; init; } = 10;

    public double ViewingsAStudy { get; init; } = 3;

    /// <summary>The busiest hour to the mean of the year.</summary>
    public double PeakToMean { get; init; } = 4;

    // Measured by bench rows: rows with their indexes, and sealed bytes beyond the file's own.
    public double CatalogBytesAnInstance { get; init; } = 4260;

    public double CatalogBytesAStudy { get; init; } = 4040;

    public double VaultBytesAStudy { get; init; } = 123;

    public double VaultBytesAPatient { get; init; } = 737;

    public double AuditBytesAnEntry { get; init; } = 718;

    public double SealedBytesAnInstance { get; init; } = 3112;

    // Measured, bench search over 1,000,000 studies: 2.3 GB, filled in 200 s on two cores.
    public double ReadModelBytesAStudy { get; init; } = 2300;

    public double ReadModelSecondsAStudy { get; init; } = 200e-6;

    // Measured, docs/benchmarks.md: one server that shares two cores with its client.
    public double StoreMebibytesASilo { get; init; } = 219;

    public double ReadMebibytesASilo { get; init; } = 650;

    // Assumptions about machines and databases.
    public double SiloMemory { get; init; } = 64e9;

    /// <summary>Part of a silo's memory that the read model may take.</summary>
    public double ReadModelShare { get; init; } = 0.5;

    /// <summary>A transaction that waits for its turn and for the medium.</summary>
    public double CommitSeconds { get; init; } = 0.003;

    /// <summary>Writes that share a transaction when many wait; the committer takes up to 256.</summary>
    public double WritesAGroup { get; init; } = 32;

    public double DatabaseRowsASecond { get; init; } = 20_000;

    public double StorageAccountBytes { get; init; } = 5e15;

    // The archive's own.
    public double EpochHours { get; init; } = 24;

    public double SegmentBytes { get; init; } = 1 << 30;

    public double PatientsAPage { get; init; } = 256;
}
