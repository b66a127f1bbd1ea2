using Microsoft.Extensions.DependencyInjection;
using SecureStore.Silo.Hosting;
using SecureStore.Silo.Storage;

namespace SecureStore.Silo.Tests.Storage;

public sealed class StorageServicesTests
{
    private const string Valid = "DefaultEndpointsProtocol=https;AccountName=archive;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net";

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("AccountName=archive;EndpointSuffix=c2VjcmV0")]
    [InlineData("Host=db;Username=u;Password=c2VjcmV0")]
    public void A_connection_string_that_is_none_is_refused_by_its_name_and_not_repeated(string connectionString)
    {
        var wrong = Assert.Throws<SettingException>(() => new ServiceCollection().AddAzureBlobObjects(connectionString, "securestore"));
        Assert.StartsWith("ConnectionStrings:Objects", wrong.Message, StringComparison.Ordinal);
        Assert.Null(wrong.InnerException);
        Assert.DoesNotContain("c2VjcmV0", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("Archive")]
    [InlineData("-archive")]
    [InlineData("archive-")]
    [InlineData("ar--chive")]
    [InlineData("archive\n")]
    [InlineData("a/b/c")]
    public void A_container_that_cannot_be_one_is_refused_by_its_name(string container)
    {
        var wrong = Assert.Throws<SettingException>(() => new ServiceCollection().AddAzureBlobObjects(Valid, container));
        Assert.StartsWith("Objects:Container", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_right_is_taken() => new ServiceCollection().AddAzureBlobObjects(Valid, "my-archive-2");
}
