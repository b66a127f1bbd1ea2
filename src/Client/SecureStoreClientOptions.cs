using System.Net.Security;

namespace SecureStore.Client;

/// <summary>Where the archive is and how to speak to it.</summary>
public sealed record SecureStoreClientOptions
{
    /// <summary>The archive's base address, http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>The policy token that goes with each request, in the Authorization header; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>The root of DICOMweb below <see cref="Url"/>, with a slash behind it; empty where they are the same.</summary>
    public string DicomWebRoot { get; init; } = "dicom-web/";

    /// <summary>Headers beside those that each request has.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>How https is trusted, and what is shown there; null for the system's way.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>Told before each wait for an archive that is busy or away: how long the wait is.</summary>
    public Action<TimeSpan>? Waiting { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
