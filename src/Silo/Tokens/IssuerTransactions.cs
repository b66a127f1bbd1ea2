using System.Net;
using Microsoft.AspNetCore;
using OpenIddict.Server;

namespace SecureStore.Silo.Tokens;

/// <summary>The HTTP side of the issuer's transactions.</summary>
internal static class IssuerTransactions
{
    public static IPAddress? CallerAddress(this OpenIddictServerTransaction transaction) =>
        transaction.GetHttpRequest()?.HttpContext.Connection.RemoteIpAddress;

    public static HttpResponse Response(this OpenIddictServerTransaction transaction) =>
        transaction.GetHttpRequest()?.HttpContext.Response ?? throw new InvalidOperationException("The request did not come by HTTP.");
}
