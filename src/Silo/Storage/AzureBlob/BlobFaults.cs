using Azure;
using Azure.Storage.Blobs.Models;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace SecureStore.Silo.Storage.AzureBlob;

/// <summary>
/// Tells what the blob service's failures mean
/// (https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes).
/// </summary>
internal static class BlobFaults
{
    /// <summary>The blob is not there. A container that is not there is a fault of the service instead: it says nothing of the blob.</summary>
    public static bool IsMissing(RequestFailedException fault) => fault.Status == 404 && fault.ErrorCode == BlobErrorCode.BlobNotFound;

    /// <summary>A condition on the blob's state did not hold.</summary>
    public static bool IsConflict(RequestFailedException fault) => fault.Status is 409 or 412;

    /// <summary>The range begins behind the blob's end.</summary>
    public static bool IsBehindEnd(RequestFailedException fault) => fault.Status == 416;

    /// <summary>Whatever keeps a call from being done: refused, throttled, timed out, no connection, a broken circuit.</summary>
    public static bool MayPass(Exception fault, CancellationToken callers) => fault switch
    {
        OperationCanceledException => !callers.IsCancellationRequested,
        RequestFailedException or AggregateException or IOException or HttpRequestException or ExecutionRejectedException => true,
        _ => false,
    };

    /// <summary>The service as a whole does not answer as it should: no connection, too slow, throttling, 5xx. It counts towards a broken circuit.</summary>
    public static bool IsOutage(Exception? fault, CancellationToken callers) => fault switch
    {
        RequestFailedException failed => failed.Status is 0 or 408 or 429 or >= 500,
        AggregateException several => several.InnerExceptions.Any(inner => IsOutage(inner, callers)),
        OperationCanceledException => !callers.IsCancellationRequested,
        BrokenCircuitException => false,
        IOException or HttpRequestException or TimeoutRejectedException => true,
        _ => false,
    };
}
