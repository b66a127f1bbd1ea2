namespace SecureStore.Bench.Cluster;

/// <summary>What Orleans has counted since the silos started.</summary>
/// <param name="Calls">Calls that were answered, of the archive's grains and of Orleans' own parts.</param>
/// <param name="Local">Messages that stayed on their silo.</param>
/// <param name="Remote">Messages to another silo; a call and its answer are two.</param>
internal sealed record GrainTraffic(double Calls, double Local, double Remote)
{
    public static GrainTraffic Read(string metrics) => new(
        PrometheusText.Sum(metrics, "orleans_app_requests_latency_milliseconds_count"),
        PrometheusText.Sum(metrics, "orleans_messaging_sent_local_total"),
        PrometheusText.Sum(metrics, "orleans_messaging_sent_messages_size_bytes_count"));

    public static GrainTraffic Sum(IEnumerable<GrainTraffic> silos) => silos.Aggregate((one, other) => one.Times(1, other, 1));

    /// <summary>What was counted between an earlier look and this one, for each of so many requests.</summary>
    public GrainTraffic Since(GrainTraffic before, int requests) => Times(1.0 / requests, before, -1.0 / requests);

    private GrainTraffic Times(double ours, GrainTraffic other, double theirs) => new(
        (ours * Calls) + (theirs * other.Calls), (ours * Local) + (theirs * other.Local), (ours * Remote) + (theirs * other.Remote));
}
