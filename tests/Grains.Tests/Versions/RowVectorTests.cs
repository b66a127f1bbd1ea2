using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using SecureStore.Contracts.Fakes;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Tests.VaultTests;
using SecureStore.Grains.Vault;

namespace SecureStore.Grains.Tests.Versions;

/// <summary>What version 1 stored, from the root key down, is opened by this one as what it was.</summary>
public sealed class RowVectorTests : IDisposable
{
    private const string File = "rows";
    private const string Uid = "1.2.3";

    private static readonly FakeTimeProvider Time = new(Samples.Received);

    private readonly string folder = Path.Combine(Directory.CreateTempSubdirectory("securestore-").FullName, "keys");

    [Fact]
    public async Task Every_row_that_version_1_stored_is_opened_as_what_it_was()
    {
        if (Vectors.AreRecorded)
        {
            await RecordAsync();
        }

        var vectors = Vectors.Read(File);
        using var keys = RestoreKeys(vectors);
        var store = new InMemoryVaultStore();
        store.Restore(vectors["vault"]!.AsArray().Select(row => VaultRowOf(row!)));
        using var vault = new Vault.Vault(store, keys, Time, new VaultOptions());
        await vault.OpenAsync(default);

        var study = store.Rows.Single(row => row.Kind == VaultRowKind.Study);
        Assert.Equal(Samples.Patient, await vault.FindIdentityAsync(new(study.Parent), default));
        Assert.Equal(study.Parent, (await vault.FindOrAddPatientAsync(Samples.Patient, default)).Value);
        using var key = (await vault.OpenStudyKeyAsync(new StudyHandle(study.Id), default))!;
        Assert.Equal(Hex(vectors, "study_key"), key.Span.ToArray());
        Assert.Equal(Hex(vectors, "uid_mac"), vault.MacOfUid(Uid).ToArray());

        var handle = new StudyHandle(study.Id);
        var facts = Row(vault, handle, StudyState.Active, Samples.Facts.SweepDay, Hex(vectors, "facts"));
        AssertSame(Samples.Facts, StudyRows.OpenFacts(key, facts));
        AssertSame(Samples.Record, StudyRows.OpenInstance(key, new InstanceRow(handle, vault.MacOfUid("1.2.3.1"), 1, Hex(vectors, "instance"))));
        var tombstones = vault.ServiceKey(ServiceKeyName.Tombstones);
        AssertSame(
            Samples.Tombstone(false), StudyRows.OpenTombstone(tombstones, Row(vault, handle, StudyState.Destroying, null, Hex(vectors, "tombstone_begun"))));
        AssertSame(
            Samples.Tombstone(true), StudyRows.OpenTombstone(tombstones, Row(vault, handle, StudyState.Destroyed, null, Hex(vectors, "tombstone_final"))));
        Assert.Equal(Samples.Event, AuditEntrySealer.Open(vault.ServiceKey(ServiceKeyName.Audit), Hex(vectors, "audit_entry")));
        Assert.Equal(Samples.Certificate, DestructionCertificate.FromJson((string)vectors["certificate"]!));
        Assert.Equal((string)vectors["certificate"]!, Samples.Certificate.ToJson());
    }

    [Fact]
    public void What_a_later_version_added_to_a_row_is_read_over_and_kept_when_the_row_is_written_anew()
    {
        using var key = SecretKey.Generate();
        var mac = key.Mac("uid"u8);
        var later = JsonNode.Parse(JsonSerializer.Serialize(Samples.Facts, StudyJson.Default.StudyFacts))!.AsObject();
        later["Stain"] = JsonNode.Parse("{\"Name\":\"HE\"}");
        later["Series"]![0]!["Laterality"] = "L";
        var context = RowContext.Of("catalog study", Samples.Study.Value, mac.Bytes.Span);
        var row = new StudyRow(
            Samples.Study, mac, StudyState.Active, 1, Samples.Facts.SweepDay, 1, RowSealer.Seal(key, context, JsonSerializer.SerializeToUtf8Bytes(later)));

        var opened = StudyRows.OpenFacts(key, row);
        var changed = opened with { LegalHold = null, Series = [.. opened.Series.Select(series => series with { Instances = 2 })] };
        var again = StudyRows.Seal(key, Samples.Study, mac, changed);

        var written = JsonNode.Parse(RowSealer.Open(key, context, again))!;
        Assert.Equal("HE", (string)written["Stain"]!["Name"]!);
        Assert.Equal("L", (string)written["Series"]![0]!["Laterality"]!);
        Assert.Equal(2, (int)written["Series"]![0]!["Instances"]!);
    }

    [Fact]
    public void A_tombstone_keeps_what_a_later_version_added_to_it()
    {
        using var key = SecretKey.Generate();
        var mac = key.Mac("uid"u8);
        var later = JsonNode.Parse(JsonSerializer.Serialize(Samples.Tombstone(false), StudyJson.Default.Tombstone))!.AsObject();
        later["Notice"] = 7;
        var context = RowContext.Of("catalog tombstone", Samples.Study.Value, mac.Bytes.Span);
        var row = new StudyRow(
            Samples.Study, mac, StudyState.Destroying, 1, null, 1, RowSealer.Seal(key, context, JsonSerializer.SerializeToUtf8Bytes(later)));

        var final = StudyRows.Seal(key, Samples.Study, mac, StudyRows.OpenTombstone(key, row) with { IsFinal = true });

        Assert.Equal(7, (int)JsonNode.Parse(RowSealer.Open(key, context, final))!["Notice"]!);
    }

    [Fact]
    public void What_is_not_known_of_a_later_version_opens_nothing()
    {
        using var key = SecretKey.Generate();
        var later = JsonNode.Parse(AuditEventJson.Write(Samples.Event))!.AsObject();
        later["action"] = "study_exported_to_mars";
        Assert.Throws<FormatException>(() => AuditEventJson.Read(JsonSerializer.SerializeToUtf8Bytes(later)));
        later["action"] = 99;
        Assert.Throws<FormatException>(() => AuditEventJson.Read(JsonSerializer.SerializeToUtf8Bytes(later)));
        var certificate = JsonNode.Parse(Samples.Certificate.ToJson())!.AsObject();
        certificate["version"] = 2;
        Assert.Throws<FormatException>(() => DestructionCertificate.FromJson(certificate.ToJsonString()));
        var row = RowSealer.Seal(key, [], "{}"u8);
        row[0]++;
        Assert.Throws<VaultIntegrityException>(() => RowSealer.Open(key, [], row));
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);

    private static async Task RecordAsync()
    {
        var (fixture, vault) = await VaultFixture.InitialisedAsync();
        using var _ = fixture;
        await vault.AddStudyKeyAsync(Samples.Study, await vault.FindOrAddPatientAsync(Samples.Patient, default), default);
        using var key = (await vault.OpenStudyKeyAsync(Samples.Study, default))!;
        var (uid, tombstones) = (vault.MacOfUid(Uid), vault.ServiceKey(ServiceKeyName.Tombstones));
        Vectors.Write(File, new JsonObject
        {
            ["root"] = Hex(await System.IO.File.ReadAllBytesAsync(Path.Combine(fixture.Folder, "root.key"))),
            ["epochs"] = new JsonObject(
                fixture.Keys.Epochs.Select(epoch => KeyValuePair.Create<string, JsonNode?>(
                    epoch.ToString(), Hex(System.IO.File.ReadAllBytes(Path.Combine(fixture.Folder, "epochs", $"{epoch}.key")))))),
            ["vault"] = new JsonArray([.. fixture.Store.Rows.Select(NodeOf)]),
            ["study_key"] = Hex(key.Span),
            ["uid_mac"] = Hex(uid.Bytes.Span),
            ["facts"] = Hex(StudyRows.Seal(key, Samples.Study, uid, Samples.Facts)),
            ["instance"] = Hex(StudyRows.Seal(key, Samples.Study, vault.MacOfUid("1.2.3.1"), Samples.Record)),
            ["tombstone_begun"] = Hex(StudyRows.Seal(tombstones, Samples.Study, uid, Samples.Tombstone(false))),
            ["tombstone_final"] = Hex(StudyRows.Seal(tombstones, Samples.Study, uid, Samples.Tombstone(true))),
            ["audit_entry"] = Hex(AuditEntrySealer.Seal(vault.ServiceKey(ServiceKeyName.Audit), Samples.Event)),
            ["certificate"] = Samples.Certificate.ToJson(),
        });
    }

    private FileRootKey RestoreKeys(JsonObject vectors)
    {
        FileRootKey.Create(folder).Dispose();
        Write(Path.Combine(folder, "root.key"), Hex(vectors, "root"));
        foreach (var (epoch, wrapped) in vectors["epochs"]!.AsObject())
        {
            Write(Path.Combine(folder, "epochs", $"{epoch}.key"), Convert.FromHexString((string)wrapped!));
        }

        return FileRootKey.Open(folder);
    }

    private static void Write(string path, byte[] content)
    {
        System.IO.File.WriteAllBytes(path, content);
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static StudyRow Row(Vault.Vault vault, StudyHandle study, StudyState state, DateOnly? due, byte[] sealedFacts) =>
        new(study, vault.MacOfUid(Uid), state, 1, due, 1, sealedFacts);

    /// <summary>By what they say: records with lists in them are not equal by value.</summary>
    private static void AssertSame<T>(T expected, T actual) => Assert.Equal(
        JsonSerializer.Serialize(expected, typeof(T), StudyJson.Default), JsonSerializer.Serialize(actual, typeof(T), StudyJson.Default));

    private static JsonNode NodeOf(VaultRow row) => new JsonObject
    {
        ["kind"] = (int)row.Kind,
        ["id"] = row.Id,
        ["version"] = row.Version,
        ["key_id"] = row.KeyId,
        ["parent"] = row.Parent,
        ["wrapped_key"] = Hex(row.WrappedKey),
        ["look_up"] = row.LookUp is { } mac ? Hex(mac.Bytes.Span) : null,
        ["sealed"] = Hex(row.Sealed),
    };

    private static VaultRow VaultRowOf(JsonNode row) => new()
    {
        Kind = (VaultRowKind)(int)row["kind"]!,
        Id = (Guid)row["id"]!,
        Version = (long)row["version"]!,
        KeyId = (Guid)row["key_id"]!,
        Parent = (Guid)row["parent"]!,
        WrappedKey = Convert.FromHexString((string)row["wrapped_key"]!),
        LookUp = row["look_up"] is { } mac ? new Mac(Convert.FromHexString((string)mac!)) : null,
        Sealed = Convert.FromHexString((string)row["sealed"]!),
    };

    private static byte[] Hex(JsonObject vectors, string name) => Convert.FromHexString((string)vectors[name]!);

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
