using Microsoft.EntityFrameworkCore;
using SecureStore.Grains.Audit;

namespace SecureStore.Silo.Storage;

/// <summary>The audit log's tables: its entries, and its head as a table of one row.</summary>
internal sealed class AuditDbContext(DbContextOptions<AuditDbContext> options) : DbContext(options)
{
    public DbSet<AuditRow> Entries => Set<AuditRow>();

    public DbSet<StoredHead> Heads => Set<StoredHead>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AuditRow>(row =>
        {
            row.ToTable("entries").HasKey(entry => entry.Index);
            row.Property(entry => entry.Index).HasColumnName("number").ValueGeneratedNever();
            row.Property(entry => entry.EventId).HasColumnName("event_id").HasConversion(id => id.ToByteArray(true), bytes => new Guid(bytes, true));
            row.Property(entry => entry.Mac).HasColumnName("mac");
            row.Property(entry => entry.Sealed).HasColumnName("sealed");
        });
        modelBuilder.Entity<StoredHead>(row =>
        {
            row.ToTable("head").HasKey(head => head.Id);
            row.Property(head => head.Id).HasColumnName("id").ValueGeneratedNever();
            row.Property(head => head.Size).HasColumnName("size");
            row.Property(head => head.Frontier).HasColumnName("frontier");
            row.Property(head => head.Mac).HasColumnName("mac");
        });
    }

    /// <summary>The head's row, whose key is always <see cref="OnlyId"/>.</summary>
    internal sealed record StoredHead(int Id, long Size, byte[] Frontier, byte[] Mac)
    {
        public const int OnlyId = 1;
    }
}
