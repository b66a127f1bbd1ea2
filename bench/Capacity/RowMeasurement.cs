using Microsoft.Data.Sqlite;
using SecureStore.Dicom;

namespace SecureStore.Bench.Capacity;

/// <summary>
/// How many bytes rows take, their indexes included: from the databases of an archive that generated studies are stored in. Films first, each of
/// a patient of its own; then another film study of each of these patients; then CT studies.
/// </summary>
internal static class RowMeasurement
{
    private const int Patients = 100;
    private const int FilmsAStudy = 2;
    private const int CtStudies = 2;
    private const int SlicesAStudy = 150;

    public static async Task<string> RunAsync(string folder)
    {
        await using var server = await MeasuredServer.StartSecureStoreAsync(folder);
        var frame = CtInstance.Noise(1);
        var sizes = new List<Sizes> { Sizes.Of(server.Folder) };
        var dicom = 0L;
        for (var round = 0; round < 2; round++)
        {
            for (var patient = 0; patient < Patients; patient++)
            {
                dicom += await StoreAsync(server, frame, $"FILM-{patient}", FilmsAStudy);
            }

            sizes.Add(Sizes.Of(server.Folder));
        }

        for (var study = 0; study < CtStudies; study++)
        {
            dicom += await StoreAsync(server, frame, $"CT-{study}", SlicesAStudy);
        }

        sizes.Add(Sizes.Of(server.Folder));
        var instance = (sizes[3].Catalog - sizes[2].Catalog) / (double)(CtStudies * SlicesAStudy);
        var vaultStudy = (sizes[2].Vault - sizes[1].Vault) / (double)Patients;
        var instances = 2 * Patients * FilmsAStudy + CtStudies * SlicesAStudy;
        return $"""
            catalog, bytes an instance: {instance:0}
            - of these its sealed record: {Sizes.Ask(server.Folder, "catalog.db", "SELECT CAST(avg(length(sealed_record)) AS INTEGER) FROM instances")}
            catalog, bytes a study: {(sizes[2].Catalog - sizes[0].Catalog) / (2.0 * Patients) - FilmsAStudy * instance:0}
            vault, bytes a study: {vaultStudy:0}
            vault, bytes a patient: {(sizes[1].Vault - sizes[0].Vault) / (double)Patients - vaultStudy:0}
            audit, bytes an entry: {(sizes[3].Audit - sizes[0].Audit) / (double)(sizes[3].Entries - sizes[0].Entries):0}
            objects, sealed bytes an instance beyond its file: {(sizes[3].Objects - sizes[0].Objects - dicom) / (double)instances:0}

            """;
    }

    private static async Task<long> StoreAsync(MeasuredServer server, byte[] frame, string patient, int images)
    {
        var (study, series) = (DicomUID.New(), DicomUID.New());
        var instances = new List<CtInstance>();
        for (var number = 1; number <= images; number++)
        {
            instances.Add(await CtInstance.CreateAsync(study, series, $"{series}.{number}", number, frame, patient: patient));
        }

        foreach (var request in instances.Chunk(ArchiveBenchmark.SlicesARequest))
        {
            using var body = new MultipartInstances(request);
            await server.Client.StoreAsync(body);
        }

        return instances.Sum(instance => instance.Length);
    }

    private sealed record Sizes(long Catalog, long Vault, long Audit, long Entries, long Objects)
    {
        public static Sizes Of(string folder)
        {
            const string size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
            return new Sizes(
                Ask(folder, "catalog.db", size),
                Ask(folder, "vault.db", size),
                Ask(folder, "audit.db", size),
                Ask(folder, "audit.db", "SELECT count(*) FROM entries"),
                new DirectoryInfo(Path.Combine(folder, "data", "objects")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length));
        }

        public static long Ask(string folder, string database, string query)
        {
            using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "data", database)};Mode=ReadOnly;Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = query;
            return (long)command.ExecuteScalar()!;
        }
    }
}
