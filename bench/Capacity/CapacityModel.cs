namespace SecureStore.Bench.Capacity;

/// <summary>An amount that is needed.</summary>
internal sealed record Need(string What, double Amount, string Unit);

/// <summary>How many images a year one archive can take before one of its parts has no more to give, however many silos it has.</summary>
internal sealed record Limit(string What, double ImagesAYear, string Remedy);

/// <summary>What a year of images asks for. <see cref="Limits"/> begins with the first bottleneck.</summary>
internal sealed record CapacityReport(IReadOnlyList<Need> Needs, IReadOnlyList<Limit> Limits, double Archives, double SilosAnArchive);

/// <summary>Reckons what the archive needs: multiplication and division of <see cref="CapacityInputs"/>, nothing else.</summary>
internal static class CapacityModel
{
    private const double SecondsAYear = 365.25 * 86400;
    private const double Mebibyte = 1 << 20;

    /// <summary>Silos of an archive that one may lose, and of which another may be upgraded meanwhile.</summary>
    private const double FewestSilos = 3;

    /// <summary>Entries of the audit log a lease: its beginning and its end.</summary>
    private const double EntriesALease = 2;

    public static CapacityReport Of(CapacityInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var films = inputs.ImagesAYear * inputs.FilmShare;
        var slices = inputs.ImagesAYear - films;
        var (filmStudies, sliceStudies) = (films / inputs.FilmsAStudy, slices / inputs.SlicesAStudy);
        var studies = filmStudies + sliceStudies;
        var bytes = films * inputs.BytesAFilm + slices * inputs.BytesASlice + inputs.ImagesAYear * inputs.SealedBytesAnInstance;
        var segments = filmStudies * Segments(inputs.FilmsAStudy * inputs.BytesAFilm) + sliceStudies * Segments(inputs.SlicesAStudy * inputs.BytesASlice);
        var commits = filmStudies + sliceStudies * Math.Ceiling(inputs.SlicesAStudy / inputs.ImagesARequest);
        var entries = (commits + studies * inputs.ViewingsAStudy) * EntriesALease;
        var years = inputs.YearsKept;
        var patients = studies * years / inputs.StudiesAPatient;
        var pages = patients / inputs.PatientsAPage;
        var storing = Peak(bytes) / Mebibyte;
        var reading = Peak(bytes * inputs.ViewingsAStudy) / Mebibyte;

        // A destruction gives the page a new key and wraps its patients again under it; the patient, likewise, its other studies.
        var rowsADestruction = inputs.PatientsAPage + inputs.StudiesAPatient + 2;
        Need[] needs =
        [
            new("images stored a year", inputs.ImagesAYear, "images"),
            new("- chest films among them", films, "images"),
            new("studies stored a year", studies, "studies"),
            new("sealed objects, a year", bytes / 1e15, "PB"),
            new($"sealed objects, {years:0} years kept", bytes * years / 1e15, "PB"),
            new("segments (blobs) written a year", segments, "segments"),
            new($"instance rows, {years:0} years", inputs.ImagesAYear * years, "rows"),
            new($"study rows, {years:0} years", studies * years, "rows"),
            new($"catalog database, {years:0} years", (inputs.ImagesAYear * inputs.CatalogBytesAnInstance + studies * inputs.CatalogBytesAStudy) * years / 1e12, "TB"),
            new($"patients, {years:0} years", patients, "patients"),
            new("object keys (in the instance rows)", inputs.ImagesAYear * years, "keys"),
            new("study and patient keys (vault rows)", studies * years + patients, "keys"),
            new("page keys, wrapped anew at each turn of the epoch", pages, "keys"),
            new($"vault database, {years:0} years", (studies * years * inputs.VaultBytesAStudy + patients * inputs.VaultBytesAPatient) / 1e12, "TB"),
            new("audit entries a year", entries, "entries"),
            new("audit log a year", entries * inputs.AuditBytesAnEntry / 1e12, "TB"),
            new("busiest hour: images stored", Peak(inputs.ImagesAYear), "images/s"),
            new("busiest hour: stored", storing, "MiB/s"),
            new("busiest hour: released", reading, "MiB/s"),
            new("busiest hour: study commits", Peak(commits), "commits/s"),
            new("busiest hour: audit entries", Peak(entries), "entries/s"),
            new("silos by throughput, of the two cores that were measured", storing / inputs.StoreMebibytesASilo + reading / inputs.ReadMebibytesASilo, "silos"),
            new("read model in each silo, all of it in one archive", studies * years * inputs.ReadModelBytesAStudy / 1e12, "TB"),
            new("filling it at start", studies * years * inputs.ReadModelSecondsAStudy / 3600, "h"),
            new("a turn of the epoch, page by page", pages * inputs.CommitSeconds / 3600, "h"),
            new("destructions, once as many go as come", studies / SecondsAYear, "studies/s"),
            new("vault rows rewritten by them", studies / SecondsAYear * rowsADestruction, "rows/s"),
        ];

        var imagesAStudy = inputs.ImagesAYear / studies;
        var serial = inputs.WritesAGroup / inputs.CommitSeconds * SecondsAYear / inputs.PeakToMean;
        List<Limit> limits =
        [
            new(
                "read model in a silo's memory",
                inputs.SiloMemory * inputs.ReadModelShare / inputs.ReadModelBytesAStudy / years * imagesAStudy,
                "more memory a silo; several archives; a read model that is not all in memory"),
            new("one storage account", inputs.StorageAccountBytes / (bytes / inputs.ImagesAYear) / years, "several archives; a larger account"),
            new("audit log, one head", serial / entries * inputs.ImagesAYear, "several archives"),
            new("catalog, one transaction after the other", serial / commits * inputs.ImagesAYear, "several archives"),
            new(
                "destructions, a page of patients each",
                inputs.DatabaseRowsASecond / rowsADestruction * SecondsAYear * imagesAStudy,
                "destroy by page; fewer patients a page"),
            new(
                "turn of the epoch within its period",
                inputs.EpochHours * 3600 / inputs.CommitSeconds * inputs.PatientsAPage * inputs.StudiesAPatient / years * imagesAStudy,
                "more patients a page; turn pages side by side"),
        ];
        limits.Sort((one, other) => one.ImagesAYear.CompareTo(other.ImagesAYear));
        var archives = Math.Ceiling(inputs.ImagesAYear / limits[0].ImagesAYear);
        var silos = (storing / inputs.StoreMebibytesASilo + reading / inputs.ReadMebibytesASilo) / archives;
        return new CapacityReport(needs, limits, archives, Math.Max(FewestSilos, Math.Ceiling(silos) + 1));

        double Peak(double aYear) => aYear / SecondsAYear * inputs.PeakToMean;

        double Segments(double studyBytes) => Math.Ceiling(studyBytes / inputs.SegmentBytes);
    }
}
