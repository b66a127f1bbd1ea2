using Microsoft.AspNetCore.Http;
using Orleans.Runtime;
using Polly.Timeout;
using SecureStore.Dicom.Network;
using SecureStore.Silo.DicomWeb;
using SecureStore.Silo.Dimse;

namespace SecureStore.Silo.Tests.DicomWeb;

public class ProblemResultsTests
{
    /// <summary>Orleans hands on what its placement fails with: the last is Polly's.</summary>
    [Fact]
    public void A_grain_that_does_not_answer_may_be_asked_again()
    {
        Exception[] failures = [new SiloUnavailableException(), new TimeoutException(), new TimeoutRejectedException()];
        Assert.All(failures, failure => Assert.Equal(StatusCodes.Status503ServiceUnavailable, ProblemResults.Of(failure)?.Status));
        Assert.All(failures, failure => Assert.Equal(DicomStatus.OutOfResources, DimseStatuses.Of(failure)));
    }

    [Fact]
    public void What_no_table_knows_is_said_to_be_nothing_that_passes()
    {
        Assert.Null(ProblemResults.Of(new InvalidOperationException()));
        Assert.Null(DimseStatuses.Of(new InvalidOperationException()));
    }
}
