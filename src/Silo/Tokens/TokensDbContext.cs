using Microsoft.EntityFrameworkCore;

namespace SecureStore.Silo.Tokens;

/// <summary>Clients of the built-in issuer, and tokens that are revoked: neither secrets nor names stand in it.</summary>
internal sealed class TokensDbContext(DbContextOptions<TokensDbContext> options) : DbContext(options)
{
    public DbSet<ClientRow> Clients => Set<ClientRow>();

    public DbSet<RevokedRow> Revoked => Set<RevokedRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ClientRow>(row =>
        {
            row.ToTable("clients").HasKey(client => client.ClientId);
            row.Property(client => client.ClientId).HasColumnName("client_id");
            row.Property(client => client.SecretMac).HasColumnName("secret_mac");
        });
        modelBuilder.Entity<RevokedRow>(row =>
        {
            row.ToTable("revoked").HasKey(revoked => revoked.TokenMac);
            row.Property(revoked => revoked.TokenMac).HasColumnName("token_mac");
            row.Property(revoked => revoked.Expires).HasColumnName("expires");
        });
    }

    /// <param name="ClientId">client_id.</param>
    /// <param name="SecretMac">A MAC over client_id and client_secret.</param>
    internal sealed record ClientRow(string ClientId, byte[] SecretMac);

    /// <param name="TokenMac">A MAC over the issuer and the jti.</param>
    /// <param name="Expires">Seconds since 1970 after which the token is worth nothing anyway.</param>
    internal sealed record RevokedRow(byte[] TokenMac, long Expires);
}
