namespace SecureStore.EndToEnd;

/// <summary>Tests that measure time, or keep every processor busy: no other test runs beside them.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;
