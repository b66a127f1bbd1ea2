using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;
using SecureStore.Grains.Cluster;
using SecureStore.Grains.Integrity;
using SecureStore.Grains.Patients;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Tests.Versions;

/// <summary>Messages between silos of different versions: what version 1 sent is read by this one as what it was.</summary>
public sealed class MessageVectorTests
{
    private const string File = "messages";

    private static readonly Serializer Serializer = new ServiceCollection()
        .AddSerializer(serializer => serializer.AddAssembly(typeof(IStudyGrain).Assembly).AddAssembly(typeof(SiloAddress).Assembly))
        .BuildServiceProvider()
        .GetRequiredService<Serializer>();

    private static readonly Type[] Interfaces = [typeof(IStudyGrain), typeof(IPatientGrain), typeof(IRetentionGrain), typeof(IReaderService), typeof(IIntegrityGrain)];

    [Fact]
    public void Every_message_that_version_1_sent_is_read_as_what_it_was()
    {
        var samples = SamplesByName();
        if (Vectors.AreRecorded)
        {
            Vectors.Write(File, [.. samples.Select(sample => KeyValuePair.Create<string, JsonNode?>(sample.Key, Hex(sample.Value)))]);
        }

        foreach (var (name, vector) in Vectors.Read(File))
        {
            var read = Serializer.Deserialize<object>(Convert.FromHexString((string)vector!))!;
            Assert.Contains(name, samples.Keys);
            var sample = samples[name];
            Assert.Equal((name, sample.GetType(), Hex(sample)), (name, read.GetType(), Hex(read)));
        }
    }

    [Fact]
    public void Every_message_has_its_vector()
    {
        var recorded = Vectors.Read(File).Select(vector => vector.Key);
        Assert.Empty(SamplesByName().Keys.Except(recorded));
        Assert.Empty(MessageTypes().Except(Samples.OfMessages.Keys));
    }

    [Fact]
    public void Whatever_goes_into_messages_has_a_name_that_outlives_its_renaming()
    {
        Assert.All(MessageTypes().Concat(Interfaces), type => Assert.StartsWith("securestore.", type.GetCustomAttribute<AliasAttribute>()?.Alias));
        Assert.All(Interfaces.SelectMany(type => type.GetMethods()), method => Assert.NotNull(method.GetCustomAttribute<AliasAttribute>()));
    }

    [Fact]
    public void No_verdict_that_allows_something_is_what_a_missing_one_reads_as()
    {
        var verdicts = MessageTypes().Where(type => type.IsEnum);
        Assert.All(verdicts, type => Assert.False(Enum.IsDefined(type, 0), type.Name));
    }

    private static IEnumerable<Type> MessageTypes() =>
        typeof(IStudyGrain).Assembly.GetTypes().Where(type => type.GetCustomAttribute<GenerateSerializerAttribute>() is not null);

    private static Dictionary<string, object> SamplesByName()
    {
        var samples = Samples.OfMessages.Where(sample => sample.Key.GetCustomAttribute<AliasAttribute>() is not null)
            .ToDictionary(sample => sample.Key.GetCustomAttribute<AliasAttribute>()!.Alias, sample => sample.Value);
        var requests = typeof(IStudyGrain).Assembly.GetTypes()
            .Where(type => typeof(IInvokable).IsAssignableFrom(type) && !type.IsAbstract)
            .Select(type => (IInvokable)Activator.CreateInstance(type, nonPublic: true)!)
            .ToList();
        foreach (var request in requests)
        {
            var method = request.GetMethod();
            var name = $"{method.DeclaringType!.GetCustomAttribute<AliasAttribute>()!.Alias}.{method.GetCustomAttribute<AliasAttribute>()!.Alias}";
            foreach (var (parameter, index) in method.GetParameters().Select((parameter, index) => (parameter.ParameterType, index)))
            {
                request.SetArgument(index, Samples.OfMessages[parameter]);
            }

            samples.Add($"{name} request", request);
            if (method.ReturnType.IsGenericType)
            {
                var result = method.ReturnType.GetGenericArguments()[0];
                var wrap = typeof(Response).GetMethod(nameof(Response.FromResult))!.MakeGenericMethod(result);
                samples.Add($"{name} response", wrap.Invoke(null, [Samples.OfMessages[result]])!);
            }
        }

        return samples;
    }

    private static string Hex(object message) => Convert.ToHexStringLower(Serializer.SerializeToArray(message));
}
