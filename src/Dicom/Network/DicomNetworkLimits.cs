namespace SecureStore.Dicom.Network;

/// <summary>How long, and how much, an association waits for its peer. All times are those that are spent waiting for the peer, not for this side.</summary>
public sealed record DicomNetworkLimits
{
    /// <summary>From the connection to the end of the A-ASSOCIATE-RQ (PS3.8's ARTIM timer).</summary>
    public TimeSpan Association { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two messages.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For the next bytes within a message, or for the peer to take the next bytes of one; also how often the rate is looked at.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes a second within a message, while this side waits for them.</summary>
    public int MinBytesPerSecond { get; init; } = 240;

    /// <summary>Bytes of an association request: 128 contexts with all transfer syntaxes there are have a quarter of it.</summary>
    public int MaxAssociationPdu { get; init; } = 1024 * 1024;

    /// <summary>The most bytes of a P-DATA-TF PDU that is taken, behind its header. dcmtk sends no larger ones.</summary>
    public uint MaximumPDULength { get; init; } = 128 * 1024;
}
