namespace SecureStore.Dicom.Network;

/// <summary>What two application entities agree on before they speak (PS3.8 7.1.1, PS3.7 annex D).</summary>
public sealed record DicomAssociation
{
    /// <summary>The most characters of an AE title (PS3.5 6.2).</summary>
    public const int MaxAELength = 16;

    public required string CalledAE { get; init; }

    public required string CallingAE { get; init; }

    /// <summary>There is only one (PS3.7 annex A).</summary>
    public string ApplicationContextName { get; init; } = DicomUID.DICOMApplicationContext.UID;

    public IReadOnlyList<DicomPresentationContext> PresentationContexts { get; init; } = [];

    /// <summary>The most bytes that whoever sent this takes in a P-DATA-TF PDU behind its header; 0 is any number (PS3.8 D.1).</summary>
    public uint MaximumPDULength { get; init; }

    public string ImplementationClassUID { get; init; } = "";

    public string ImplementationVersionName { get; init; } = "";

    /// <summary>Operations that may be under way at once, invoked and performed; null where it was not negotiated (PS3.7 D.3.3.3).</summary>
    public (ushort Invoked, ushort Performed)? AsynchronousOperations { get; init; }

    public IReadOnlyList<DicomRoleSelection> Roles { get; init; } = [];

    /// <summary>Service class application information by SOP class (PS3.7 D.3.3.5).</summary>
    public IReadOnlyList<(string SOPClassUID, ReadOnlyMemory<byte> Information)> ExtendedNegotiations { get; init; } = [];

    /// <summary>The service class of a SOP class that the acceptor may not know (PS3.7 D.3.3.6).</summary>
    public IReadOnlyList<(string SOPClassUID, string ServiceClassUID)> CommonExtendedNegotiations { get; init; } = [];

    public DicomUserIdentity? UserIdentity { get; init; }

    /// <summary>Whether the answer says that the user identity was taken.</summary>
    public bool ConfirmsUserIdentity { get; init; }

    /// <summary>The context with this number, where it was accepted.</summary>
    public DicomPresentationContext? Accepted(byte id) =>
        PresentationContexts.FirstOrDefault(context => context.ID == id && context.Result == DicomPresentationContextResult.Accept);

    public override string ToString() => $"{CallingAE} to {CalledAE}";
}
