namespace SecureStore.Dicom.Network;

/// <summary>One service on an association, in one of the proposed transfer syntaxes (PS3.8 9.3.2.2).</summary>
/// <param name="id">Odd, 1 to 255.</param>
/// <param name="abstractSyntax">The SOP class; empty in an answer, which does not repeat it.</param>
/// <param name="transferSyntaxes">What was proposed, in that order.</param>
public sealed class DicomPresentationContext(byte id, string abstractSyntax, IReadOnlyList<string> transferSyntaxes)
{
    public byte ID { get; } = id;

    public string AbstractSyntax { get; } = abstractSyntax;

    public IReadOnlyList<string> TransferSyntaxes { get; } = transferSyntaxes;

    public DicomPresentationContextResult Result { get; private set; } = DicomPresentationContextResult.RejectNoReason;

    /// <summary>The transfer syntax that was accepted, or null.</summary>
    public string? AcceptedTransferSyntax { get; private set; }

    /// <summary>Takes the context in one of its transfer syntaxes.</summary>
    public void Accept(string transferSyntax) =>
        (Result, AcceptedTransferSyntax) = (DicomPresentationContextResult.Accept, transferSyntax);

    public void Reject(DicomPresentationContextResult reason) => (Result, AcceptedTransferSyntax) = (reason, null);
}

/// <summary>Which roles the requestor of an association plays for a SOP class (PS3.7 D.3.3.4).</summary>
public sealed record DicomRoleSelection(string SOPClassUID, bool IsUser, bool IsProvider);

/// <summary>Who is at the other end (PS3.7 D.3.3.7). Says nothing of itself: the fields are secrets.</summary>
public sealed record DicomUserIdentity(DicomUserIdentityType Type, bool WantsResponse, ReadOnlyMemory<byte> Primary, ReadOnlyMemory<byte> Secondary)
{
    public override string ToString() => Type.ToString();
}
