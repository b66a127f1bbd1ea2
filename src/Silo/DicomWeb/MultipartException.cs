namespace SecureStore.Silo.DicomWeb;

/// <summary>A multipart body that breaks RFC 2046: no or a wrong boundary, too long a header, cut off. The message holds no bytes of it.</summary>
internal sealed class MultipartException(string message) : Exception(message);
