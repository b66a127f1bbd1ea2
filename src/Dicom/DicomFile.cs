using System.Buffers;

namespace SecureStore.Dicom;

/// <summary>A DICOM file (PS3.10): group 0002 and a data set.</summary>
public sealed class DicomFile(DicomDataset fileMeta, DicomDataset dataset, DicomTransferSyntax? syntax = null)
{
    public DicomDataset FileMeta { get; } = fileMeta;

    public DicomDataset Dataset { get; } = dataset;

    /// <summary>What it was read as and is written as; null for a syntax that PS3.6 does not list.</summary>
    public DicomTransferSyntax? Syntax { get; } = syntax ?? FindSyntax(fileMeta);

    /// <summary>Where the frames are in the file that it was read from; otherwise null.</summary>
    public DicomPixelLayout? PixelData { get; private init; }

    /// <summary>Reads a file; with <see cref="DicomReadOptions.KeepAll"/> its pixel data, too.</summary>
    /// <exception cref="DicomDataException">It is no DICOM file, or goes beyond a limit.</exception>
    public static async Task<DicomFile> OpenAsync(
        Stream source, DicomReadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        await using var reader = new DicomStreamReader(source, options);
        await reader.OpenAsync(cancellation).ConfigureAwait(false);
        await reader.ReadToEndAsync(cancellation).ConfigureAwait(false);
        return new DicomFile(reader.FileMeta, reader.Dataset, reader.Syntax) { PixelData = reader.PixelData };
    }

    /// <summary>As <see cref="OpenAsync(Stream, DicomReadOptions?, CancellationToken)"/>.</summary>
    public static async Task<DicomFile> OpenAsync(
        string path, DicomReadOptions? options = null, CancellationToken cancellation = default)
    {
        await using var source = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return await OpenAsync(source, options, cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes the file in <see cref="Syntax"/>, or explicit VR little endian where that is null.</summary>
    /// <exception cref="DicomDataException">A value is not in memory.</exception>
    public async Task SaveAsync(Stream target, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var buffer = new ArrayBufferWriter<byte>();
        DicomWriter.WriteFile(buffer, FileMeta, Dataset, Syntax ?? DicomTransferSyntax.ExplicitVRLittleEndian);
        await target.WriteAsync(buffer.WrittenMemory, cancellation).ConfigureAwait(false);
    }

    private static DicomTransferSyntax? FindSyntax(DicomDataset fileMeta) =>
        fileMeta.GetString(DicomTag.TransferSyntaxUID) is { } uid ? DicomTransferSyntax.Find(uid) : null;
}
