using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage.VaultStore;

/// <summary>The vault's database: one table of wrapped keys.</summary>
internal sealed class VaultDbContext(DbContextOptions<VaultDbContext> options) : DbContext(options)
{
    public DbSet<VaultEntity> Keys => Set<VaultEntity>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<Guid>().HaveConversion<GuidToBytesConverter>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<VaultEntity>(key =>
    {
        key.ToTable("keys");
        key.HasKey(row => new { row.Kind, row.Id });
        key.Property(row => row.Version).IsConcurrencyToken();
        key.HasIndex(row => new { row.Parent, row.Kind });
        key.HasIndex(row => new { row.Kind, row.LookUp }).IsUnique().HasFilter("\"LookUp\" IS NOT NULL");
    });
}
