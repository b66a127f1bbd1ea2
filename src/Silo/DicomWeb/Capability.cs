namespace SecureStore.Silo.DicomWeb;

/// <summary>What a route says of itself in the description of the service (PS3.18 H). Every route of DICOMweb carries one.</summary>
/// <param name="Transaction">The transaction, as PS3.18 table H-1 names it.</param>
/// <param name="MediaTypes">What it answers in, the default first.</param>
internal sealed record Capability(string Transaction, params IReadOnlyList<string> MediaTypes)
{
    /// <summary>Names of query parameters, with the one value that is possible where there is only one.</summary>
    public IReadOnlyList<(string Name, string? Value)> Query { get; init; } = [];

    /// <summary>Media types of the request's body.</summary>
    public IReadOnlyList<string> Body { get; init; } = [];

    public static string Multipart(string mediaType) => $"multipart/related; type=\"{mediaType}\"";
}
