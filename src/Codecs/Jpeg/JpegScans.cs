namespace SecureStore.Codecs.Jpeg;

/// <summary>Decodes a scan.</summary>
/// <param name="position">Where its entropy-coded segment begins.</param>
/// <returns>Where it ended.</returns>
/// <exception cref="CodecException">It is damaged.</exception>
internal delegate int ScanDecoder(ReadOnlySpan<byte> codestream, int position, JpegScan scan, JpegTables tables, Span<byte> native);

/// <summary>Goes through the scans of a codestream until each component has come (ISO/IEC 10918-1 B.2.1).</summary>
internal static class JpegScans
{
    /// <exception cref="CodecException">The codestream is damaged, or ends before each component has come.</exception>
    public static void Decode(ReadOnlySpan<byte> codestream, JpegFrame header, Span<byte> native, ScanDecoder decode)
    {
        var tables = new JpegTables();
        var markers = new JpegMarkers(codestream);
        var missing = (1 << header.Components.Count) - 1;
        while (missing != 0)
        {
            var marker = markers.Next();
            if (marker == JpegMarkers.EndOfImage)
                throw new CodecException("The JPEG codestream ends before its image does.");

            if (marker != JpegMarkers.StartOfScan)
            {
                tables.Read(marker, markers.Segment);
                continue;
            }

            var scan = tables.ReadScan(header, markers.Segment);
            markers.Position = decode(codestream, markers.Position, scan, tables, native);
            foreach (var component in scan.Components)
                missing &= ~(1 << component.Index);
        }
    }
}
