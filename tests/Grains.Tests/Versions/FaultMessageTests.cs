using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;
using SecureStore.Grains.Vault;
using Xunit.Sdk;

namespace SecureStore.Grains.Tests.Versions;

/// <summary>What a grain throws reaches a caller on another silo as what it is.</summary>
public sealed class FaultMessageTests
{
    private static readonly Serializer Serializer = new ServiceCollection()
        .AddSerializer(serializer => serializer.AddAssembly(typeof(IStudyGrain).Assembly))
        .Configure<ExceptionSerializationOptions>(ClusterServices.TellFaults)
        .BuildServiceProvider()
        .GetRequiredService<Serializer>();

    [Fact]
    public void A_fault_that_may_pass_is_told_without_its_cause()
    {
        var told = Tell(new StorageUnavailableException("The database does not answer.", new XunitException("A cause.")));
        var fault = Assert.IsType<StorageUnavailableException>(told);
        Assert.Equal("The database does not answer.", fault.Message);
        Assert.Null(fault.InnerException);
    }

    [Fact]
    public void Damage_is_told_as_damage()
    {
        var fault = Assert.IsType<VaultIntegrityException>(Tell(new VaultIntegrityException("An active study has no key.")));
        Assert.Equal("An active study has no key.", fault.Message);
    }

    private static Exception Tell(Exception fault) => Serializer.Deserialize<Exception>(Serializer.SerializeToArray(fault))!;
}
