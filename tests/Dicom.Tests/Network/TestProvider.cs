using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>Takes every context of the SOP classes below, and does as a test says.</summary>
internal sealed class TestProvider : IDicomServiceProvider, IDicomCStoreProvider, IDicomCFindProvider, IDicomRetrieveProvider, IDicomNActionProvider
{
    public const string Verification = "1.2.840.10008.1.1";
    public const string Storage = "1.2.840.10008.5.1.4.1.1.7";
    public const string Find = "1.2.840.10008.5.1.4.1.2.2.1";
    public const string Get = "1.2.840.10008.5.1.4.1.2.2.3";
    public const string Move = "1.2.840.10008.5.1.4.1.2.2.2";
    public const string Implicit = "1.2.840.10008.1.2";

    public static DicomResponse Match { get; } = new(DicomStatus.Pending, Dataset: new DicomDataset().AddOrUpdate(DicomTag.PatientID, "P1"));

    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Func<DicomMessage, CancellationToken, ValueTask<DicomResponse>> OnStore { get; init; } = (_, _) => ValueTask.FromResult(DicomResponse.Success);

    public Func<CancellationToken, IAsyncEnumerable<DicomResponse>> OnFind { get; init; } = FindUntilCancelled;

    public Func<DicomRetrieval> OnRetrieve { get; init; } = () => DicomRetrieval.Refused(DicomStatus.UnableToProcess, "Not in this test.");

    public DicomEventReport? Report { get; init; }

    /// <summary>The answers to reports.</summary>
    public ConcurrentQueue<(DicomEventReport Report, ushort Status)> Answers { get; } = [];

    /// <summary>Why the association ended; null where it was released.</summary>
    public Task<Exception?> Ended => _ended.Task.WaitAsync(TestPeer.Patience);

    public ValueTask<DicomAssociationAnswer> OnAssociationRequestAsync(DicomAssociation association, CancellationToken cancellation)
    {
        foreach (var context in association.PresentationContexts)
        {
            if (context.AbstractSyntax is Verification or Storage or Find or Get or Move)
                context.Accept(context.TransferSyntaxes[0]);
            else
                context.Reject(DicomPresentationContextResult.RejectAbstractSyntaxNotSupported);
        }

        return ValueTask.FromResult(new DicomAssociationAnswer { Roles = association.Roles });
    }

    public void OnAssociationEnded(Exception? failure) => _ended.TrySetResult(failure);

    public ValueTask<DicomResponse> OnCStoreRequestAsync(DicomMessage request, CancellationToken cancellation) => OnStore(request, cancellation);

    public IAsyncEnumerable<DicomResponse> OnCFindRequestAsync(DicomMessage request, DicomDataset identifier, CancellationToken cancellation) => OnFind(cancellation);

    public ValueTask<DicomRetrieval> OnRetrieveRequestAsync(DicomMessage request, DicomDataset identifier, CancellationToken cancellation) =>
        ValueTask.FromResult(OnRetrieve());

    public ValueTask<(DicomResponse Response, DicomEventReport? Report)> OnNActionRequestAsync(
        DicomMessage request, DicomDataset information, CancellationToken cancellation) => ValueTask.FromResult((DicomResponse.Success, Report));

    public ValueTask OnEventReportResponseAsync(DicomEventReport report, ushort status, CancellationToken cancellation)
    {
        Answers.Enqueue((report, status));
        return default;
    }

    public ValueTask DisposeAsync() => default;

    /// <summary>One match, and then none until it is cancelled.</summary>
    private static async IAsyncEnumerable<DicomResponse> FindUntilCancelled([EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return Match;
        await Task.Delay(Timeout.Infinite, cancellation);
    }
}
