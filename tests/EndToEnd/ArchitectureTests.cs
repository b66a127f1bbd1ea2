using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using SecureStore.Client;
using SecureStore.Codecs;
using SecureStore.Dicom;
using SecureStore.Grains.Vault;
using SecureStore.Silo.Hosting;
using Assembly = System.Reflection.Assembly;

namespace SecureStore.EndToEnd;

/// <summary>
/// Imports run downwards only: Silo to Grains to Dicom, Silo to Codecs, Client to Dicom. The client speaks HTTP to SecureStore, and DIMSE to other
/// systems (docs/architecture.md).
/// </summary>
public class ArchitectureTests
{
    private static readonly Assembly Dicom = typeof(DicomTag).Assembly;
    private static readonly Assembly Grains = typeof(Vault).Assembly;
    private static readonly Assembly Codecs = typeof(CodecException).Assembly;
    private static readonly Assembly Silo = typeof(Settings).Assembly;
    private static readonly Assembly Client = typeof(SecureStoreClient).Assembly;

    private static readonly Architecture Product = new ArchLoader().LoadAssemblies(Dicom, Codecs, Grains, Silo, Client).Build();

    public static TheoryData<string, string> Forbidden => new()
    {
        { @"SecureStore\.Dicom", @"^(SecureStore\.(?!Dicom)|Orleans|Microsoft\.)" },
        { @"SecureStore\.Dicom(?!\.Network\.)", @"^(System\.Net|SecureStore\.Dicom\.Network)" },
        { @"SecureStore\.Grains", @"^(SecureStore\.(Silo|Client)|Microsoft\.(AspNetCore|EntityFrameworkCore|Data)|System\.Net\.(Http|Sockets))" },
        { @"SecureStore\.Client", @"^(SecureStore\.(Silo|Grains)|Orleans|Microsoft\.(AspNetCore|EntityFrameworkCore))" },
        { @"SecureStore\.Client\.(?!Dimse|Importing|Commands)", @"^SecureStore\.Dicom\.Network" },
        { @"SecureStore\.Client\.(Dimse|Importing)", @"^System\.Net\.(Http\.|Sockets\.(Socket|TcpClient|TcpListener|NetworkStream)$)" },
        { @"SecureStore\.Codecs", @"^(SecureStore\.(?!Codecs)|Orleans|Microsoft\.(?!Win32\.SafeHandles)|System\.Net)" },
        { @"SecureStore\.Silo", @"^SecureStore\.(Client|Codecs\.(?!Protocol\.|CodecException$))" },
    };

    /// <summary>What takes bytes and values and gives bytes and values: no disk, no network.</summary>
    public static TheoryData<string> Pure => new(
        @"^SecureStore\.Grains\.Policy\.", @"^SecureStore\.Grains\.Retention\.Retention(Rule|Schedule|Period|Options)$", @"^SecureStore\.Grains\.Retention\.DestructionCertificate$",
        @"^SecureStore\.Grains\.Vault\.(SealedFormat|SealedChunk|ObjectSealer|ObjectOpener|KeyWrap|RowSealer|RowContext|IncrementalMac|BulkMac)$",
        @"^SecureStore\.Grains\.Audit\.(MerkleTree|AuditEntrySealer|AuditSeals|AuditEventJson)$", @"^SecureStore\.Dicom\.DicomDataset$", @"^SecureStore\.Dicom\.CharacterSets\.");

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void A_layer_knows_nothing_of_those_above(string layer, string forbidden) =>
        Assert.Empty(Dependencies($@"^{layer}\.", forbidden));

    [Fact]
    public void Assemblies_refer_downwards_only()
    {
        static IEnumerable<string> Own(Assembly assembly) =>
            assembly.GetReferencedAssemblies().Select(one => one.Name!).Where(name => name.StartsWith("SecureStore", StringComparison.OrdinalIgnoreCase)).Order();

        Assert.Empty(Own(Dicom));
        Assert.Empty(Own(Codecs));
        Assert.Equal(["SecureStore.Dicom"], Own(Grains));
        Assert.Equal(["SecureStore.Codecs", "SecureStore.Dicom", "SecureStore.Grains"], Own(Silo));
        Assert.All(Own(Client), name => Assert.Equal("SecureStore.Dicom", name));
        Assert.DoesNotContain(Grains.GetReferencedAssemblies(), one => one.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || one.Name.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal) || one.Name == "Microsoft.Data.Sqlite");
    }

    [Theory]
    [MemberData(nameof(Pure))]
    public void What_is_pure_touches_no_disk_and_no_network(string types)
    {
        Assert.Contains(Product.Types, type => Regex.IsMatch(type.FullName, types));
        Assert.Empty(Dependencies(types, @"^System\.(IO\.(File|Directory|Path)|Net\.|Environment$)"));
    }

    private static IEnumerable<string> Dependencies(string of, string on) =>
        Product.Types.Where(type => Regex.IsMatch(type.FullName, of))
            .SelectMany(type => type.Dependencies.Select(dependency => dependency.Target.FullName).Where(name => Regex.IsMatch(name, on))
                .Distinct().Select(name => $"{type.FullName} uses {name}"));
}
