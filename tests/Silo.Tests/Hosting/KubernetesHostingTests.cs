using Microsoft.Extensions.Configuration;
using SecureStore.Silo.Hosting;
using SecureStore.Silo.Telemetry;

namespace SecureStore.Silo.Tests.Hosting;

/// <summary>Cluster:Hosting and Metrics:Loopback: wrong or half given, they stop the start.</summary>
public class KubernetesHostingTests
{
    private static readonly Dictionary<string, string?> Pod = new()
    {
        ["POD_NAME"] = "securestore-0", ["POD_NAMESPACE"] = "imaging", ["POD_IP"] = "10.0.0.7", ["ORLEANS_SERVICE_ID"] = "securestore", ["ORLEANS_CLUSTER_ID"] = "securestore",
    };

    [Theory]
    [InlineData("POD_NAME")]
    [InlineData("POD_NAMESPACE")]
    [InlineData("POD_IP")]
    [InlineData("ORLEANS_SERVICE_ID")]
    [InlineData("ORLEANS_CLUSTER_ID")]
    public void What_the_pod_does_not_say_is_named(string missing)
    {
        KubernetesHosting.Check(Pod.GetValueOrDefault, "securestore");
        var refused = Assert.Throws<SettingException>(() => KubernetesHosting.Check(name => name == missing ? null : Pod[name], "securestore"));
        Assert.Contains(missing, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_of_another_cluster_does_not_start() =>
        Assert.Contains("Cluster:Id", Assert.Throws<SettingException>(() => KubernetesHosting.Check(Pod.GetValueOrDefault, "other")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Kubernetes", "Host=db", true)]
    [InlineData("none", "Host=db", false)]
    [InlineData(null, null, false)]
    public void Kubernetes_hosting_is_on_where_it_is_asked_for(string? hosting, string? cluster, bool isOn) =>
        Assert.Equal(isOn, KubernetesHosting.IsOn(Given(("Cluster:Hosting", hosting), ("ConnectionStrings:Cluster", cluster))));

    [Theory]
    [InlineData("Kubernetes", null, "ConnectionStrings:Cluster")]
    [InlineData("Nomad", "Host=db", "Cluster:Hosting")]
    public void Kubernetes_hosting_without_a_cluster_or_misspelt_is_refused(string hosting, string? cluster, string named) =>
        Assert.Contains(
            named,
            Assert.Throws<SettingException>(() => KubernetesHosting.IsOn(Given(("Cluster:Hosting", hosting), ("ConnectionStrings:Cluster", cluster)))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Metrics_stay_closed_unless_the_setting_says_true()
    {
        Assert.False(MetricsAccess.Read(Given()).Loopback);
        Assert.False(MetricsAccess.Read(Given(("Metrics:Loopback", "false"))).Loopback);
        Assert.True(MetricsAccess.Read(Given(("Metrics:Loopback", "true"))).Loopback);
        Assert.Contains("Metrics:Loopback", Assert.Throws<SettingException>(() => MetricsAccess.Read(Given(("Metrics:Loopback", "yes")))).Message, StringComparison.Ordinal);
    }

    private static IConfigurationRoot Given(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).Build();
}
