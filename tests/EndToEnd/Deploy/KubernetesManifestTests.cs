using System.Text.RegularExpressions;
using k8s;
using k8s.Models;

namespace SecureStore.EndToEnd.Deploy;

/// <summary>The manifests of deploy/kubernetes: each field is one of its kind's, and what one names another is.</summary>
public class KubernetesManifestTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy/kubernetes");

    private static readonly List<IKubernetesObject> Objects =
        [.. Directory.GetFiles(Folder, "*.yaml").Where(file => !file.EndsWith("kustomization.yaml", StringComparison.Ordinal)).SelectMany(Load)];

    private static V1Deployment Silos => One<V1Deployment>();

    private static V1Container Silo => Assert.Single(Silos.Spec.Template.Spec.Containers);

    private static IDictionary<string, string> Labels => Silos.Spec.Template.Metadata.Labels;

    [Fact]
    public void Every_manifest_is_in_the_kustomization_and_in_one_namespace()
    {
        var listed = Regex.Matches(File.ReadAllText(Path.Combine(Folder, "kustomization.yaml")), @"- (\S+\.yaml)").Select(one => one.Groups[1].Value).Order();
        Assert.Equal(Directory.GetFiles(Folder, "*.yaml").Select(Path.GetFileName).Where(name => name != "kustomization.yaml").Order(), listed);
        Assert.All(
            Objects.OfType<IMetadata<V1ObjectMeta>>().Where(one => one is not V1Namespace),
            one => Assert.Equal(One<V1Namespace>().Metadata.Name, one.Metadata.NamespaceProperty));
    }

    [Fact]
    public void Selectors_match_the_pods_and_ports_are_those_that_the_silo_has()
    {
        foreach (var selector in (IDictionary<string, string>[])
                 [
                     Silos.Spec.Selector.MatchLabels, One<V1Service>().Spec.Selector, One<V1PodDisruptionBudget>().Spec.Selector.MatchLabels,
                     .. Silos.Spec.Template.Spec.TopologySpreadConstraints.Select(one => one.LabelSelector.MatchLabels),
                 ])
        {
            Assert.NotEmpty(selector);
            Assert.All(selector, label => Assert.Equal(label.Value, Labels[label.Key]));
        }

        var ports = Silo.Ports.ToDictionary(port => port.Name, port => port.ContainerPort);
        Assert.All(One<V1Service>().Spec.Ports, port => Assert.Contains(port.TargetPort.Value, ports.Keys));
        var settings = One<V1ConfigMap>().Data;
        Assert.Equal($"https://[::]:{ports["https"]}", settings["SECURESTORE_urls"]);
        Assert.Equal(ports["silo"].ToString(), settings["SECURESTORE_Cluster__SiloPort"]);
        foreach (var (probe, path) in new[] { (Silo.StartupProbe, "/health/live"), (Silo.LivenessProbe, "/health/live"), (Silo.ReadinessProbe, "/health/ready") })
        {
            Assert.Equal(("https", "HTTPS", path), (probe.HttpGet.Port.Value, probe.HttpGet.Scheme, probe.HttpGet.Path));
        }

        var policy = Assert.Single(Objects.OfType<V1NetworkPolicy>(), one => one.Metadata.Name == "silos");
        Assert.Equal(ports.Values.Order(), policy.Spec.Ingress.SelectMany(rule => rule.Ports).Select(port => int.Parse(port.Port.Value)).Order());
        Assert.Contains(Objects.OfType<V1NetworkPolicy>(), one => one.Spec.PodSelector.MatchLabels is null && one.Spec.Ingress is null && one.Spec.Egress is null);
    }

    [Fact]
    public void Secrets_volumes_and_accounts_are_named_alike_everywhere_and_the_handbook_makes_them()
    {
        var pod = Silos.Spec.Template.Spec;
        Assert.Equal(One<V1ServiceAccount>().Metadata.Name, pod.ServiceAccountName);
        var binding = One<V1RoleBinding>();
        Assert.Equal(One<V1Role>().Metadata.Name, binding.RoleRef.Name);
        Assert.Equal(One<V1ServiceAccount>().Metadata.Name, Assert.Single(binding.Subjects).Name);
        Assert.Equal(pod.Volumes.Select(volume => volume.Name).Order(), Silo.VolumeMounts.Select(mount => mount.Name).Order());
        Assert.Equal(One<V1ConfigMap>().Metadata.Name, Assert.Single(Silo.EnvFrom).ConfigMapRef.Name);
        var claim = Assert.Single(pod.Volumes, volume => volume.PersistentVolumeClaim is not null).PersistentVolumeClaim.ClaimName;
        Assert.Equal(One<V1PersistentVolumeClaim>().Metadata.Name, claim);
        Assert.Contains("ReadWriteMany", One<V1PersistentVolumeClaim>().Spec.AccessModes);
        var volume = Assert.IsType<V1PersistentVolume>(Assert.Single(Load(Path.Combine(Repository.Root, "deploy/azure/keys-volume.yaml"))));
        Assert.Equal((claim, One<V1PersistentVolumeClaim>().Spec.StorageClassName), (volume.Spec.ClaimRef.Name, volume.Spec.StorageClassName));

        var handbook = File.ReadAllText(Path.Combine(Repository.Root, "docs/operations.md"));
        var connections = Silo.Env.Where(one => one.ValueFrom?.SecretKeyRef is not null).Select(one => one.ValueFrom.SecretKeyRef).ToList();
        Assert.Equal(["catalog", "cluster", "objects", "vault"], connections.Select(one => one.Key).Order());
        Assert.All(connections, one => Assert.Contains($"--from-literal={one.Key}=", handbook, StringComparison.Ordinal));
        foreach (var secret in connections.Select(one => one.Name).Concat(pod.Volumes.Where(one => one.Secret is not null).Select(one => one.Secret.SecretName)).Distinct())
        {
            Assert.Contains($"create secret generic {secret}", handbook, StringComparison.Ordinal);
        }

        Assert.All(pod.Volumes.Where(one => one.Secret is not null), one => Assert.Equal(0b100_100_000, one.Secret.DefaultMode));
    }

    [Fact]
    public void The_pods_tell_orleans_what_its_kubernetes_hosting_asks_for()
    {
        var settings = One<V1ConfigMap>().Data;
        var id = settings["SECURESTORE_Cluster__Id"];
        Assert.Equal("Kubernetes", settings["SECURESTORE_Cluster__Hosting"]);
        Assert.Equal([id, id, id, id], (string[])[settings["ORLEANS_SERVICE_ID"], settings["ORLEANS_CLUSTER_ID"], Labels["orleans/serviceId"], Labels["orleans/clusterId"]]);
        var fields = Silo.Env.Where(one => one.ValueFrom?.FieldRef is not null).ToDictionary(one => one.Name, one => one.ValueFrom.FieldRef.FieldPath);
        Assert.Equal(("metadata.name", "metadata.namespace", "status.podIP"), (fields["POD_NAME"], fields["POD_NAMESPACE"], fields["POD_IP"]));
        Assert.Equal("$(POD_IP)", Assert.Single(Silo.Env, one => one.Name == "SECURESTORE_Cluster__Address").Value);
        Assert.Equal(["get", "list", "patch", "watch"], Assert.Single(One<V1Role>().Rules).Verbs.Order());
        Assert.All(settings.Where(one => one.Value.StartsWith('/')), one => Assert.Contains(Silo.VolumeMounts, mount => one.Value.StartsWith(mount.MountPath + "/", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_silo_has_no_rights_that_it_does_not_need_and_an_upgrade_takes_no_silo_away()
    {
        var pod = Silos.Spec.Template.Spec;
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.NotEqual(0, pod.SecurityContext.RunAsUser);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.False(Silo.SecurityContext.AllowPrivilegeEscalation);
        Assert.True(Silo.SecurityContext.ReadOnlyRootFilesystem);
        Assert.Equal(["ALL"], Silo.SecurityContext.Capabilities.Drop);
        Assert.NotNull(Silo.Resources.Limits["memory"]);
        Assert.Equal("restricted", One<V1Namespace>().Metadata.Labels["pod-security.kubernetes.io/enforce"]);
        Assert.Equal(("1", "0"), (Silos.Spec.Strategy.RollingUpdate.MaxSurge.Value, Silos.Spec.Strategy.RollingUpdate.MaxUnavailable.Value));
        Assert.Equal("1", One<V1PodDisruptionBudget>().Spec.MaxUnavailable.Value);
        var drain = TimeSpan.Parse(One<V1ConfigMap>().Data["SECURESTORE_Http__DrainDelay"]) + TimeSpan.FromSeconds(30);
        Assert.True(pod.TerminationGracePeriodSeconds > drain.TotalSeconds);
    }

    private static T One<T>()
        where T : class => Assert.IsType<T>(Assert.Single(Objects, one => one is T));

    /// <summary>A field that its kind does not have is an error.</summary>
    private static IEnumerable<IKubernetesObject> Load(string file) =>
        KubernetesYaml.LoadAllFromString(File.ReadAllText(file), null, strict: true).Cast<IKubernetesObject>();
}
