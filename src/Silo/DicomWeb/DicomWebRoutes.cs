using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.DicomWeb;

/// <summary>DICOMweb (PS3.18) under /dicom-web.</summary>
public static class DicomWebRoutes
{
    private const string CorsPolicy = "DicomWeb";

    /// <summary>Bytes of a response that wait for a caller at most, so that sending and opening overlap.</summary>
    private const int ResponseBuffer = 1 << 20;

    /// <summary>Reads the section DicomWeb, and lets the pages of its origins in (docs/dicomweb.md).</summary>
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static IServiceCollection AddDicomWeb(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection(DicomWebOptions.Section);
        Check(section);
        services.AddOptions<DicomWebOptions>().Bind(section);
        services.AddSingleton<IMemoryPoolFactory<byte>, TransferBlocks>();
        services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxResponseBufferSize = ResponseBuffer);
        return services.AddCors(cors => cors.AddPolicy(CorsPolicy, policy => policy
            .WithOrigins([.. section.GetSection(nameof(DicomWebOptions.CorsOrigins)).Get<string[]>() ?? []])
            .WithMethods(HttpMethods.Get, HttpMethods.Post)
            .WithHeaders("Accept", "Authorization", "Content-Type")));
    }

    /// <summary>Answers questions of browsers across origins; comes before authentication, which such questions do not carry.</summary>
    public static WebApplication UseDicomWebCors(this WebApplication app)
    {
        app.UseCors();
        return app;
    }

    /// <summary>Maps STOW-RS, QIDO-RS, WADO-RS and WADO-URI, and their description. The request feature <see cref="Tokens.CallerToken"/> says who calls.</summary>
    public static WebApplication MapDicomWeb(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.MapGroup("").RequireCors(CorsPolicy).MapStow().MapWado().MapQido();
        app.MapCapabilities();
        return app;
    }

    /// <exception cref="SettingException">A setting is wrong.</exception>
    internal static void Check(IConfiguration section)
    {
        DicomWebOptions options;
        try
        {
            options = section.Get<DicomWebOptions>() ?? new();
        }
        catch (InvalidOperationException)
        {
            throw new SettingException("DicomWeb:StrictTransferSyntax is to be true or false, and DicomWeb:MaxParts a number.");
        }

        if (options.MaxParts <= 0)
        {
            throw new SettingException("DicomWeb:MaxParts is to be 1 or more.");
        }

        if (!options.CorsOrigins.All(IsOrigin))
        {
            throw new SettingException("DicomWeb:CorsOrigins are to be origins such as https://viewer.example.");
        }
    }

    private static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && origin.TrimEnd('/') == uri.GetLeftPart(UriPartial.Authority);
}
