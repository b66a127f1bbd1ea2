using Microsoft.EntityFrameworkCore;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage;

/// <summary>The catalog's reads, compiled once for each kind of database: a compiled query belongs to one model.</summary>
internal sealed class CatalogQueries
{
    /// <summary>Rows in a page of a list.</summary>
    public const int PageSize = 128;

    public Func<CatalogDbContext, StudyHandle, Task<StudyRow?>> StudyByHandle { get; } = EF.CompileAsyncQuery(
        (CatalogDbContext catalog, StudyHandle study) => catalog.Studies.SingleOrDefault(row => row.Study == study));

    public Func<CatalogDbContext, Mac, Task<StudyRow?>> StudyByUid { get; } = EF.CompileAsyncQuery(
        (CatalogDbContext catalog, Mac uid) => catalog.Studies.SingleOrDefault(row => row.StudyUid == uid));

    public Func<CatalogDbContext, StudyHandle, Mac, IAsyncEnumerable<InstanceRow>> InstanceByUid { get; } = EF.CompileAsyncQuery(
        (CatalogDbContext catalog, StudyHandle study, Mac uid) => catalog.Instances.Where(row => row.Study == study && row.SopInstanceUid == uid));

    public Func<CatalogDbContext, Mac, IAsyncEnumerable<StudyHandle>> StudiesByInstance { get; } = EF.CompileAsyncQuery(
        (CatalogDbContext catalog, Mac uid) =>
            catalog.Instances.Where(row => row.SopInstanceUid == uid).Select(row => row.Study));

    public Func<CatalogDbContext, StudyHandle, long, IAsyncEnumerable<InstanceRow>> InstancesAfter { get; } = EF.CompileAsyncQuery(
        (CatalogDbContext catalog, StudyHandle study, long after) =>
            catalog.Instances.Where(row => row.Study == study && row.Ordinal > after).OrderBy(row => row.Ordinal).Take(PageSize));

    public Func<CatalogDbContext, long, IAsyncEnumerable<StudyRow>> StudiesAfter { get; } = EF.CompileAsyncQuery(
        (CatalogDbContext catalog, long after) =>
            catalog.Studies.Where(row => row.Change > after).OrderBy(row => row.Change).Take(PageSize));

    /// <summary>A page of the studies whose stored handle is above another, ascending: bytes have an order in SQL, and none here.</summary>
    public static IQueryable<StudyRow> StudiesAbove(CatalogDbContext catalog, byte[] handle) => catalog.Studies.FromSql(
        $"SELECT study, study_uid, state, owner_epoch, due_day, change, sealed_facts FROM studies WHERE study > {handle} ORDER BY study LIMIT {PageSize}");
}
