using SecureStore.Bench;
using SecureStore.Bench.Capacity;
using SecureStore.Bench.Cluster;
using SecureStore.Bench.Search;

const string Usage = """
    usage: SecureStore.Bench archive|seal|frames|all|dimse|cluster|search|rows|capacity [--rounds N] [--slices N] [--studies N] [--folder PATH]

      archive  STOW-RS, WADO-RS and metadata of a CT study beside Orthanc (Debian: orthanc, orthanc-dicomweb)
      seal     sealed chunks beside bare AES-256-GCM
      frames   one frame of a 1 GiB object beside one of a 10 MiB object
      all      these three
      dimse    C-STORE by dcmsend beside Orthanc, over one association, over four, and over one for each image (Debian: dcmtk, orthanc)
      cluster  STOW-RS through three silos beside one, and requests that ask a study's grain, on one, two and three silos
               (Debian: postgresql, nodejs; npm ci in tests/npm)
      search   QIDO-RS and C-FIND over a catalog of generated studies, in SQLite and in PostgreSQL (Debian: postgresql)
      rows     bytes of rows, from the databases of an archive that generated studies are stored in
      capacity what a year of images needs, and what gives out first (docs/capacity.md)
      --rounds N     rounds that the medians are of (default 5)
      --slices N     slices of the study, a multiple of 50 (default 1000)
      --studies N    studies in the catalog that is searched (default 1000000)
      --folder PATH  where the servers keep their data while they are measured (default: the temporary folder)
    """;

if (BenchOptions.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(Usage);
    return 2;
}

if (options.Runs("capacity"))
{
    await Console.Out.WriteAsync(CapacityTable.Of(CapacityModel.Of(new CapacityInputs())));
    return 0;
}

if (options.Runs("rows"))
{
    await Console.Out.WriteAsync(await RowMeasurement.RunAsync(options.Folder));
    return 0;
}

if (options.Runs("search"))
{
    await Console.Out.WriteAsync(await SearchBenchmark.RunAsync(options));
    return 0;
}

var table = new FigureTable();
if (options.Runs("seal"))
{
    SealBenchmark.Run(options, table);
}

if (options.Runs("archive"))
{
    await ArchiveBenchmark.RunAsync(options, table);
}

if (options.Runs("frames"))
{
    await FrameBenchmark.RunAsync(options, table);
}

if (options.Runs("dimse"))
{
    await DimseBenchmark.RunAsync(options, table);
}

if (options.Runs("cluster"))
{
    await ClusterBenchmark.RunAsync(options, table);
}

await Console.Out.WriteAsync(table.ToString());
return 0;
