using Microsoft.AspNetCore;
using Microsoft.Net.Http.Headers;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace SecureStore.Silo.Tokens;

/// <summary>
/// Reads a form before OpenIddict does, so that one that is too long or broken is the caller's error and not ours. Forms of other
/// kinds are left unread: those with files would be written to the temporary folder as they come.
/// </summary>
internal sealed class TokenForms : IOpenIddictServerHandler<ExtractTokenRequestContext>, IOpenIddictServerHandler<ExtractRevocationRequestContext>
{
    public ValueTask HandleAsync(ExtractTokenRequestContext context) => ReadAsync(context);

    public ValueTask HandleAsync(ExtractRevocationRequestContext context) => ReadAsync(context);

    private static async ValueTask ReadAsync(BaseValidatingContext context)
    {
        if (context.Transaction.GetHttpRequest() is not { } request
            || !MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType != "application/x-www-form-urlencoded")
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
