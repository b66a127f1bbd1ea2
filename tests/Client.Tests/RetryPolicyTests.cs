using System.Net.Http.Headers;
using SecureStore.Client.Http;

namespace SecureStore.Client.Tests;

public class RetryPolicyTests
{
    static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    static TimeSpan Delay(RetryConditionHeaderValue? retryAfter, int attempt = 0)
    {
        using var response = new HttpResponseMessage();
        response.Headers.RetryAfter = retryAfter;
        return RetryPolicy.Delay(response, attempt, Now);
    }

    [Fact]
    public void Retry_after_is_honoured_up_to_two_minutes()
    {
        Assert.Equal(TimeSpan.FromSeconds(7), Delay(new RetryConditionHeaderValue(TimeSpan.FromSeconds(7))));
        Assert.Equal(TimeSpan.FromSeconds(30), Delay(new RetryConditionHeaderValue(Now.AddSeconds(30))));
        Assert.Equal(TimeSpan.Zero, Delay(new RetryConditionHeaderValue(Now.AddSeconds(-30))));
        Assert.Equal(TimeSpan.FromMinutes(2), Delay(new RetryConditionHeaderValue(TimeSpan.FromDays(1))));
    }

    [Fact]
    public void Without_it_the_wait_doubles() =>
        Assert.Equal([0.5, 1, 2, 4], Enumerable.Range(0, 4).Select(attempt => Delay(null, attempt).TotalSeconds));
}
