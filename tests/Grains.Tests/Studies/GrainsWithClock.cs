using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Runtime;
using SecureStore.Grains.Integrity;
using SecureStore.Grains.Retention;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Tests.Studies;

/// <summary>Gives the grains that have a clock the test's; Orleans itself keeps the real one, without which it does not run.</summary>
internal sealed class GrainsWithClock(TimeProvider time) : IConfigureGrainTypeComponents
{
    public void Configure(GrainType grainType, GrainProperties properties, GrainTypeSharedContext shared)
    {
        var name = properties.Properties.GetValueOrDefault(WellKnownGrainTypeProperties.FullTypeName);
        if (Array.Find([typeof(StudyGrain), typeof(RetentionGrain), typeof(IntegrityGrain)], type => type.FullName == name) is { } type)
        {
            shared.SetComponent<IGrainActivator>(new Activator(type, time));
        }
    }

    private sealed class Activator(Type type, TimeProvider time) : IGrainActivator
    {
        public object CreateInstance(IGrainContext context) => ActivatorUtilities.CreateInstance(context.ActivationServices, type, time);

        public ValueTask DisposeInstance(IGrainContext context, object instance)
        {
            (instance as IDisposable)?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
