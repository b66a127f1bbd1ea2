using CsCheck;
using SecureStore.Grains.Retention;

namespace SecureStore.Grains.Tests.Retention;

public sealed class DestructionCertificateTests
{
    private static readonly DestructionCertificate Sample = new()
    {
        CertificateId = Guid.Parse("0b6dbf3c-3b1e-4b64-9f0f-2a2b6c0d1e2f"),
        StudyInstanceUid = "1.2.3",
        Series = 2,
        Instances = 40,
        Bytes = 20_971_520,
        Received = new(2026, 3, 1, 14, 0, 0, TimeSpan.FromHours(2)),
        RetentionStart = new(2026, 2, 28),
        DueDay = new(2036, 2, 28),
        Rule = "default",
        Reason = "The retention period was over.",
        Actor = "retention",
        DestroyedAt = new(2036, 2, 28, 0, 0, 7, TimeSpan.Zero),
        BeyondBackupsAt = new(2036, 3, 7, 0, 0, 0, TimeSpan.Zero),
        KeyProvider = "File",
        Statement = DestructionCertificate.FileProviderStatement,
    };

    [Fact]
    public void The_written_form_is_fixed() => Assert.Equal(
        """{"version":1,"certificate_id":"0b6dbf3c-3b1e-4b64-9f0f-2a2b6c0d1e2f","study_instance_uid":"1.2.3","series":2,"instances":40,"bytes":20971520,"received":"2026-03-01T12:00:00Z","retention_start":"2026-02-28","due_day":"2036-02-28","rule":"default","reason":"The retention period was over.","actor":"retention","destroyed_at":"2036-02-28T00:00:07Z","beyond_backups_at":"2036-03-07T00:00:00Z","key_provider":"File","statement":"The keys of the study were destroyed in the live system. The root keys are files: unlinking a file does not erase the medium it was on."}""",
        Sample.ToJson());

    [Fact]
    public void Reading_and_writing_again_changes_no_byte() => Gen.Select(Gen.String, Gen.String, Gen.Long).Sample((reason, token, bytes) =>
    {
        var json = (Sample with { Reason = reason, TokenId = token, Bytes = bytes }).ToJson();
        Assert.Equal(json, DestructionCertificate.FromJson(json).ToJson());
    });

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void Anything_else_is_no_certificate(string json) => Assert.Throws<FormatException>(() => DestructionCertificate.FromJson(json));

    [Fact]
    public void A_changed_or_added_member_is_noticed()
    {
        Assert.Throws<FormatException>(() => DestructionCertificate.FromJson(Sample.ToJson().Replace("\"version\":1", "\"version\":2")));
        Assert.Throws<FormatException>(() => DestructionCertificate.FromJson(Sample.ToJson().Replace("{\"version\"", "{\"patient\":\"x\",\"version\"")));
        Assert.Throws<FormatException>(() => DestructionCertificate.FromJson(Sample.ToJson().Replace("\"series\":2", "\"series\":2,\"series\":3")));
        Assert.Throws<FormatException>(() => DestructionCertificate.FromJson(Sample.ToJson().Replace("\"actor\":\"retention\"", "\"actor\":null")));
    }
}
