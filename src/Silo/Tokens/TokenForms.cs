using Microsoft.AspNetCore;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace SecureStore.Silo.Tokens;

/// <summary>Reads a form before OpenIddict does, so that one that is too long or broken is the caller's error and not ours.</summary>
internal sealed class TokenForms : IOpenIddictServerHandler<ExtractTokenRequestContext>, IOpenIddictServerHandler<ExtractRevocationRequestContext>
{
    public ValueTask HandleAsync(ExtractTokenRequestContext context) => ReadAsync(context);

    public ValueTask HandleAsync(ExtractRevocationRequestContext context) => ReadAsync(context);

    private static async ValueTask ReadAsync(BaseValidatingContext context)
    {
        if (context.Transaction.GetHttpRequest() is not { HasFormContentType: true } request)
            return;
        try
        {
            await request.ReadFormAsync(context.CancellationToken);
        }
        catch (InvalidDataException)
        {
            context.Reject(Errors.InvalidRequest, "The form is broken, or too long.");
        }
    }
}
