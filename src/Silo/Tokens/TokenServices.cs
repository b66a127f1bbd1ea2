using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Vault;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace SecureStore.Silo.Tokens;

/// <summary>Registers the built-in issuer, the check of tokens in the archive, and the authentication of requests by them.</summary>
internal static class TokenServices
{
    /// <summary>More than a token request needs; what is longer is not read.</summary>
    private const int MaxFormValue = 64 * 1024;

    /// <param name="services">Has the open <see cref="Vault"/> and <see cref="Grains.Audit.IAuditLog"/> by the time the first service of these is asked for.</param>
    /// <param name="configuration">Tokens:Issuer, Tokens:Audience, Data:Path, urls.</param>
    /// <exception cref="Hosting.SettingException">A setting is wrong.</exception>
    public static IServiceCollection AddTokens(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = TokenSettings.Read(configuration);
        services.AddSingleton(settings);
        services.AddSingleton(provider => new TokenSigningKey(provider.GetRequiredService<Vault>().ServiceKey(ServiceKeyName.TokenSigning)));
        services.TryAddSingleton<ITokenRows>(_ => new SqliteTokenRows(settings.Database));
        services.AddSingleton(provider => new TokenStore(
            provider.GetRequiredService<ITokenRows>(), provider.GetRequiredService<Vault>().ServiceKey(ServiceKeyName.TokenSigning), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IRevokedTokens>(provider => provider.GetRequiredService<TokenStore>());
        services.AddSingleton(provider => new PolicyTokenReader(
            [new TrustedIssuer(settings.Issuer.AbsoluteUri, [provider.GetRequiredService<TokenSigningKey>().PublicKey])], settings.Audience));
        services.AddSingleton<IPolicyTokens, PolicyTokens>();
        services.AddSingleton<RefusedAttempts>();
        services.Configure<FormOptions>(form => (form.ValueLengthLimit, form.ValueCountLimit) = (MaxFormValue, 32));
        services.AddAuthentication(PolicyTokenAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, PolicyTokenAuthentication>(PolicyTokenAuthentication.SchemeName, null);
        services.AddAuthorization();
        services.AddOpenIddict().AddServer(server => AddIssuer(server, settings));
        services.AddOptions<OpenIddictServerOptions>().Configure<TokenSigningKey, TimeProvider>((options, key, clock) =>
        {
            options.SigningCredentials.Add(new SigningCredentials(key.SigningKey, SecurityAlgorithms.EcdsaSha256));
            options.TimeProvider = clock;
        });
        return services;
    }

    /// <summary>Keeps clients and revocations in PostgreSQL, for all silos, and not under Data:Path.</summary>
    /// <param name="services">Gets the rows of the token store, opened when first asked for.</param>
    /// <param name="connectionString">ConnectionStrings:Catalog.</param>
    public static IServiceCollection AddPostgreSqlTokens(this IServiceCollection services, string connectionString) =>
        services.AddSingleton<ITokenRows>(_ => new PostgresTokenRows(connectionString));

    private static void AddIssuer(OpenIddictServerBuilder server, TokenSettings settings)
    {
        server.EnableDegradedMode();
        server.AllowClientCredentialsFlow();
        server.SetIssuer(settings.Issuer);
        server.SetTokenEndpointUris("oauth2/token");
        server.SetRevocationEndpointUris("oauth2/revoke");
        server.DisableAccessTokenEncryption();

        // Wanted by OpenIddict for kinds of tokens that are never made here.
        server.AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)));

        // Beyond loopback the host lets plain HTTP in only where a setting says so; it decides that for all that it serves.
        server.UseAspNetCore().DisableTransportSecurityRequirement();
        server.AddEventHandler<ExtractTokenRequestContext>(handler => handler.UseSingletonHandler<TokenForms>().SetOrder(int.MinValue));
        server.AddEventHandler<ExtractRevocationRequestContext>(handler => handler.UseSingletonHandler<TokenForms>().SetOrder(int.MinValue));
        server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseSingletonHandler<TokenIssuer>());
        server.AddEventHandler<HandleTokenRequestContext>(handler => handler.UseSingletonHandler<TokenIssuer>());
        server.AddEventHandler<GenerateTokenContext>(handler => handler
            .UseSingletonHandler<TokenIssuer>()
            .SetOrder(OpenIddictServerHandlers.Protection.GenerateIdentityModelToken.Descriptor.Order - 1));
        server.AddEventHandler<ValidateRevocationRequestContext>(handler => handler.UseSingletonHandler<TokenRevocation>().SetOrder(int.MinValue));
    }
}
