using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
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
        if (Database.IsNpgsql())
            NameForPostgreSql(key);
    });

    /// <summary>The file's columns are named by their properties, the server's as SQL names are.</summary>
    private static void NameForPostgreSql(EntityTypeBuilder<VaultEntity> key)
    {
        key.Property(row => row.Kind).HasColumnName("kind");
        key.Property(row => row.Id).HasColumnName("id");
        key.Property(row => row.Version).HasColumnName("version");
        key.Property(row => row.KeyId).HasColumnName("key_id");
        key.Property(row => row.Parent).HasColumnName("parent");
        key.Property(row => row.LookUp).HasColumnName("look_up");
        key.Property(row => row.WrappedKey).HasColumnName("wrapped_key");
        key.Property(row => row.Sealed).HasColumnName("sealed");
    }
}
