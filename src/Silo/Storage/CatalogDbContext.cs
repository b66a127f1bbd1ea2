using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Storage;

/// <summary>The catalog's tables as its readers see them; <see cref="ICatalogWriter"/> alone writes them.</summary>
internal sealed class CatalogDbContext(DbContextOptions<CatalogDbContext> options) : DbContext(options)
{
    public DbSet<StudyRow> Studies => Set<StudyRow>();

    public DbSet<InstanceRow> Instances => Set<InstanceRow>();

    /// <summary>A handle as it is stored: 16 bytes, in the order in which its digits are written.</summary>
    public static byte[] Stored(StudyHandle study) => study.Value.ToByteArray(bigEndian: true);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StudyRow>(row =>
        {
            row.ToTable("studies").HasKey(study => study.Study);
            row.Property(study => study.Study).HasColumnName("study");
            row.Property(study => study.StudyUid).HasColumnName("study_uid");
            row.Property(study => study.State).HasColumnName("state");
            row.Property(study => study.OwnerEpoch).HasColumnName("owner_epoch");
            row.Property(study => study.DueDay).HasColumnName("due_day");
            row.Property(study => study.Change).HasColumnName("change");
            row.Property(study => study.SealedFacts).HasColumnName("sealed_facts");
        });
        modelBuilder.Entity<InstanceRow>(row =>
        {
            row.ToTable("instances").HasKey(instance => new { instance.Study, instance.Ordinal });
            row.Property(instance => instance.Study).HasColumnName("study");
            row.Property(instance => instance.Ordinal).HasColumnName("ordinal");
            row.Property(instance => instance.SopInstanceUid).HasColumnName("sop_instance_uid");
            row.Property(instance => instance.SealedRecord).HasColumnName("sealed_record");
        });
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<StudyHandle>().HaveConversion<HandleConverter>();
        configurationBuilder.Properties<Mac>().HaveConversion<MacConverter>();
        configurationBuilder.Properties<DateOnly>().HaveConversion<DayConverter>();
    }

    private sealed class HandleConverter() : ValueConverter<StudyHandle, byte[]>(
        handle => Stored(handle), bytes => new StudyHandle(new Guid(bytes, true)));

    private sealed class MacConverter() : ValueConverter<Mac, byte[]>(mac => mac.ToArray(), bytes => new Mac(bytes));

    private sealed class DayConverter() : ValueConverter<DateOnly, int>(
        day => day.DayNumber, number => DateOnly.FromDayNumber(number));
}
