namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// A form in which a resource can be served: the media type of the data, its transfer syntax (null for documents), and
/// whether it goes out as parts of multipart/related.
/// </summary>
internal sealed record Representation(string MediaType, string? TransferSyntax = null, bool IsMultipart = false)
{
    public const string Dicom = "application/dicom";
    public const string DicomJson = "application/dicom+json";
    public const string Json = "application/json";
    public const string OctetStream = "application/octet-stream";

    /// <summary>The Content-Type of the data itself, or of each part.</summary>
    public string ContentType => TransferSyntax is null ? MediaType : $"{MediaType}; transfer-syntax={TransferSyntax}";
}
