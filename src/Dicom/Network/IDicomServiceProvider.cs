namespace SecureStore.Dicom.Network;

/// <summary>What one association is served by: it decides on the association first, and then does what it implements of the services below. C-ECHO (PS3.7 9.1.5) needs none of them: it says that the association works.</summary>
public interface IDicomServiceProvider : IAsyncDisposable
{
    /// <summary>Accepts or rejects each presentation context, or refuses the association as a whole.</summary>
    ValueTask<DicomAssociationAnswer> OnAssociationRequestAsync(DicomAssociation association, CancellationToken cancellation);

    /// <summary>The association is over.</summary>
    /// <param name="failure">Why, where it was not released.</param>
    void OnAssociationEnded(Exception? failure);
}

/// <summary>C-STORE (PS3.7 9.1.1, PS3.4 B).</summary>
public interface IDicomCStoreProvider
{
    /// <summary>Stores the data set of <paramref name="request"/>. What is left unread of it is dropped.</summary>
    ValueTask<DicomResponse> OnCStoreRequestAsync(DicomMessage request, CancellationToken cancellation);
}

/// <summary>C-FIND (PS3.7 9.1.2, PS3.4 C.4.1).</summary>
public interface IDicomCFindProvider
{
    /// <summary>Pending responses, each with a data set, and then a final one.</summary>
    IAsyncEnumerable<DicomResponse> OnCFindRequestAsync(DicomMessage request, DicomDataset identifier, CancellationToken cancellation);
}

/// <summary>C-GET and C-MOVE (PS3.7 9.1.3 and 9.1.4, PS3.4 C.4.2 and C.4.3).</summary>
public interface IDicomRetrieveProvider
{
    /// <summary>What is to be sent; a status other than success says why nothing is.</summary>
    ValueTask<DicomRetrieval> OnRetrieveRequestAsync(DicomMessage request, DicomDataset identifier, CancellationToken cancellation);
}

/// <summary>N-ACTION (PS3.7 10.1.4).</summary>
public interface IDicomNActionProvider
{
    /// <returns>The response, and an event report to send after it on the same association, or null: as long as one is not answered, there is no other.</returns>
    ValueTask<(DicomResponse Response, DicomEventReport? Report)> OnNActionRequestAsync(DicomMessage request, DicomDataset information, CancellationToken cancellation);

    /// <summary>An event report was answered. Where none comes before the end of the association, it was not.</summary>
    ValueTask OnEventReportResponseAsync(DicomEventReport report, ushort status, CancellationToken cancellation);
}

/// <summary>How an association request is answered. <see cref="Rejection"/> is null where it is accepted.</summary>
public sealed record DicomAssociationAnswer
{
    public (DicomRejectResult Result, DicomRejectReason Reason)? Rejection { get; init; }

    /// <summary>Of the roles that the requestor proposed, those that it may play.</summary>
    public IReadOnlyList<DicomRoleSelection> Roles { get; init; } = [];

    public bool ConfirmsUserIdentity { get; init; }
}

/// <summary>One response to a request.</summary>
/// <param name="Status">See <see cref="DicomStatus"/>.</param>
/// <param name="Comment">Error Comment (0000,0902), of at most 64 characters; no value of a data set.</param>
/// <param name="Dataset">Its data set, or null.</param>
public sealed record DicomResponse(ushort Status, string? Comment = null, DicomDataset? Dataset = null)
{
    public static DicomResponse Success { get; } = new(DicomStatus.Success);
}

/// <summary>An N-EVENT-REPORT (PS3.7 10.1.1).</summary>
public sealed record DicomEventReport(string SOPClassUID, string SOPInstanceUID, ushort EventTypeID, DicomDataset Information);
