using System.Buffers;
using System.IO.Compression;

namespace SecureStore.Dicom;

/// <summary>How sequences and their items are ended (PS3.5 7.5).</summary>
public enum DicomSequenceLength
{
    /// <summary>The length stands in the header.</summary>
    Defined,

    /// <summary>A delimiter ends them.</summary>
    Undefined,
}

/// <summary>
/// Writes data sets and files. Group lengths other than that of group 0002 are left out (PS3.5 7.2), values are made
/// even, and a value too long for its representation's 16-bit length is written as UN (PS3.5 6.2.2). Fragments are
/// written as they are, whatever the transfer syntax.
/// </summary>
public static class DicomWriter
{
    /// <summary>Writes a data set, without preamble or group 0002.</summary>
    /// <exception cref="DicomDataException">A value is not in memory, or longer than 2^32 - 2 bytes.</exception>
    public static void WriteDataset(
        IBufferWriter<byte> output,
        DicomDataset dataset,
        DicomTransferSyntax syntax,
        DicomSequenceLength sequences = DicomSequenceLength.Defined)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(syntax);
        var writer = new DatasetEncoder(syntax.IsExplicitVR, syntax.IsBigEndian, sequences);
        writer.Write(dataset);
        if (syntax.IsDeflated)
            Deflate(writer.Written, output);
        else
            output.Write(writer.Written);
    }

    /// <summary>
    /// Writes a file (PS3.10 7.1): preamble, group 0002 with its length and the transfer syntax, and the data set.
    /// What group 0002 must have and <paramref name="fileMeta"/> lacks is taken from the data set.
    /// </summary>
    /// <exception cref="DicomDataException">As for <see cref="WriteDataset"/>.</exception>
    public static void WriteFile(
        IBufferWriter<byte> output,
        DicomDataset fileMeta,
        DicomDataset dataset,
        DicomTransferSyntax syntax,
        DicomSequenceLength sequences = DicomSequenceLength.Defined)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(fileMeta);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(syntax);
        WriteFileMeta(output, Complete(fileMeta, dataset, syntax));
        WriteDataset(output, dataset, syntax, sequences);
    }

    /// <summary>Writes what stands before a file's data set: preamble and group 0002, with its version and this implementation where they are missing.</summary>
    public static void WriteFileMeta(IBufferWriter<byte> output, DicomDataset fileMeta)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(fileMeta);
        if (!fileMeta.Contains(DicomTag.FileMetaInformationVersion))
            fileMeta.AddOrUpdate(new DicomElement(DicomTag.FileMetaInformationVersion, DicomVR.OB, new byte[] { 0, 1 }));
        if (!fileMeta.Contains(DicomTag.ImplementationClassUID))
            fileMeta.AddOrUpdate(DicomTag.ImplementationClassUID, DicomImplementation.ClassUID);

        var body = new DatasetEncoder(isExplicit: true, isBigEndian: false, DicomSequenceLength.Defined);
        body.Write(fileMeta);
        var length = new DicomDataset().AddOrUpdate(DicomTag.FileMetaInformationGroupLength, body.Written.Length);
        var head = new DatasetEncoder(isExplicit: true, isBigEndian: false, DicomSequenceLength.Defined) { KeepsGroupLengths = true };
        head.Write(length);

        output.Write(new byte[128]);
        output.Write("DICM"u8);
        output.Write(head.Written);
        output.Write(body.Written);
    }

    private static DicomDataset Complete(DicomDataset fileMeta, DicomDataset dataset, DicomTransferSyntax syntax)
    {
        var meta = new DicomDataset();
        CopyUID(DicomTag.SOPClassUID, DicomTag.MediaStorageSOPClassUID);
        CopyUID(DicomTag.SOPInstanceUID, DicomTag.MediaStorageSOPInstanceUID);
        foreach (var item in fileMeta)
        {
            meta.AddOrUpdate(item);
        }

        return meta.AddOrUpdate(DicomTag.TransferSyntaxUID, syntax.UID);

        void CopyUID(DicomTag from, DicomTag to)
        {
            if (dataset.GetString(from) is { } uid)
                meta.AddOrUpdate(to, uid);
        }
    }

    private static void Deflate(ReadOnlySpan<byte> dataset, IBufferWriter<byte> output)
    {
        using var compressed = new MemoryStream();
        using (var deflate = new DeflateStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(dataset);
        }

        if (compressed.Length % 2 != 0)
            compressed.WriteByte(0);

        output.Write(compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
    }
}
