using CsCheck;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Audit;

public sealed class AuditEntrySealerTests : IDisposable
{
    private readonly SecretKey key = SecretKey.Generate();

    public void Dispose() => key.Dispose();

    [Fact]
    public void What_is_sealed_opens_as_the_same_event() => Events.Any.Sample(auditEvent =>
        Assert.Equal(auditEvent, AuditEntrySealer.Open(key, AuditEntrySealer.Seal(key, auditEvent))));

    [Fact]
    public void No_flipped_bit_goes_unseen()
    {
        var entry = AuditEntrySealer.Seal(key, Events.New());
        for (var bit = 0; bit < entry.Length * 8; bit++)
        {
            var changed = (byte[])entry.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<AuditLogDamagedException>(() => AuditEntrySealer.Open(key, changed));
        }
    }

    [Fact]
    public void No_cut_and_no_tail_goes_unseen()
    {
        var entry = AuditEntrySealer.Seal(key, Events.New());
        for (var length = 0; length < entry.Length; length++)
            Assert.Throws<AuditLogDamagedException>(() => AuditEntrySealer.Open(key, entry.AsSpan(0, length)));
        Assert.Throws<AuditLogDamagedException>(() => AuditEntrySealer.Open(key, [.. entry, .. new byte[256]]));
    }

    [Fact]
    public void An_entry_opens_with_its_own_key_and_that_key_opens_no_other()
    {
        var auditEvent = Events.New();
        var entry = AuditEntrySealer.Seal(key, auditEvent);
        var other = AuditEntrySealer.Seal(key, auditEvent);
        using var entryKey = AuditEntrySealer.KeyOf(key, entry);

        Assert.Equal(auditEvent, AuditEntrySealer.OpenWith(entryKey, entry));
        Assert.Throws<AuditLogDamagedException>(() => AuditEntrySealer.OpenWith(entryKey, other));
    }

    [Fact]
    public void Another_archive_opens_nothing()
    {
        using var other = SecretKey.Generate();
        Assert.Throws<AuditLogDamagedException>(() => AuditEntrySealer.Open(other, AuditEntrySealer.Seal(key, Events.New())));
    }

    [Fact]
    public void Lengths_say_little()
    {
        var lengths = Enumerable.Range(0, 60).Select(i => AuditEntrySealer.Seal(key, Events.New(new string('a', i))).Length).Distinct();
        Assert.InRange(lengths.Count(), 1, 2);
    }

    [Fact]
    public void Nothing_is_readable_in_an_entry() =>
        Assert.Equal(-1, AuditEntrySealer.Seal(key, Events.New()).AsSpan().IndexOf("PLANTED"u8));

    [Fact]
    public void An_event_too_long_for_a_bundle_is_refused() =>
        Assert.Throws<ArgumentException>(() => AuditEntrySealer.Seal(key, Events.New() with { Reason = new string('a', 65_535) }));
}
