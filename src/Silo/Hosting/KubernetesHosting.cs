namespace SecureStore.Silo.Hosting;

/// <summary>
/// <c>Cluster:Hosting=Kubernetes</c>: Orleans' Kubernetes hosting, which takes the silo's name from its pod and tells a silo dead whose pod
/// is gone. deploy/kubernetes gives the pods what it needs.
/// </summary>
internal static class KubernetesHosting
{
    public const string Setting = "Cluster:Hosting";

    private const string Kubernetes = "Kubernetes";

    /// <summary>What Orleans' Kubernetes hosting reads of the environment, which the pod's manifest sets.</summary>
    private static readonly string[] OfThePod = ["POD_NAME", "POD_NAMESPACE", "POD_IP"];

    private static readonly string[] OfTheCluster = ["ORLEANS_SERVICE_ID", "ORLEANS_CLUSTER_ID"];

    /// <summary>Switches it on where the setting says so. To be called in cluster mode alone, after the silo's other options.</summary>
    /// <param name="silo">The silo that is being configured.</param>
    /// <param name="clusterId">Cluster:Id: the environment has to name the same, for it is what Orleans goes by.</param>
    public static void UseKubernetes(this ISiloBuilder silo, string clusterId)
    {
        if (IsOn(silo.Configuration))
        {
            Check(Environment.GetEnvironmentVariable, clusterId);
            silo.UseKubernetesHosting();
        }
    }

    /// <exception cref="SettingException">The setting is wrong, or given without a cluster.</exception>
    public static bool IsOn(IConfiguration configuration) => configuration[Setting] switch
    {
        null => false,
        var value when value.Equals("None", StringComparison.OrdinalIgnoreCase) => false,
        var value when !value.Equals(Kubernetes, StringComparison.OrdinalIgnoreCase) =>
            throw new SettingException($"{Setting} must be None or {Kubernetes}, not '{value}'."),
        _ when string.IsNullOrEmpty(configuration.GetConnectionString("Cluster")) =>
            throw new SettingException($"{Setting}={Kubernetes} needs ConnectionStrings:Cluster: a silo by itself has no pods to look after."),
        _ => true,
    };

    /// <exception cref="SettingException">The environment lacks something, or names another cluster.</exception>
    internal static void Check(Func<string, string?> environment, string clusterId)
    {
        if (OfThePod.FirstOrDefault(name => string.IsNullOrEmpty(environment(name))) is { } missing)
        {
            throw new SettingException($"{Setting}={Kubernetes} needs {missing} in the environment, from the pod's own fields (deploy/kubernetes).");
        }

        if (OfTheCluster.FirstOrDefault(name => environment(name) != clusterId) is { } other)
        {
            throw new SettingException($"{Setting}={Kubernetes} needs {other} in the environment to be what Cluster:Id is, '{clusterId}'.");
        }
    }
}
