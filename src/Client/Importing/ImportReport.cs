using System.Text;
using System.Text.Json;
using SecureStore.Client.Files;

namespace SecureStore.Client.Importing;

/// <summary>What became of an instance that is imported.</summary>
enum ImportOutcome
{
    /// <summary>Stored, read back, and the same.</summary>
    Imported,

    /// <summary>It was there already.</summary>
    Identical,

    /// <summary>Its study's retention period is over: it was not sent.</summary>
    Expired,

    /// <summary>It is no DICOM instance.</summary>
    NotDicom,

    /// <summary>Anything else.</summary>
    Refused,
}

/// <summary>Writes a line for each instance: JSON, or comma-separated values (RFC 4180) with a line of headings. Several may write at once.</summary>
sealed class ImportReport : IDisposable
{
    readonly Lock _lock = new();
    readonly StreamWriter? _file;
    readonly bool _isCsv;

    ImportReport(StreamWriter? file, bool isCsv) => (_file, _isCsv) = (file, isCsv);

    /// <param name="path">A file that is written anew, for its owner alone; null for no report.</param>
    public static ImportReport Create(string? path)
    {
        if (path is null)
        {
            return new ImportReport(null, false);
        }

        var file = PrivateFiles.Open(path, FileMode.Create);
        if (!OperatingSystem.IsWindows() && file.CanSeek)
        {
            File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite); // It may have been there before.
        }

        var report = new ImportReport(new StreamWriter(file, new UTF8Encoding(false)), path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase));
        if (report._isCsv)
        {
            report._file!.Write("outcome,study,series,instance,source,reason\r\n");
        }

        return report;
    }

    public void Write(ImportOutcome outcome, DicomIdentity identity, string source, string? reason)
    {
        if (_file is null)
        {
            return;
        }

        var word = outcome switch
        {
            ImportOutcome.Imported => "imported",
            ImportOutcome.Identical => "identical",
            ImportOutcome.Expired => "expired",
            ImportOutcome.NotDicom => "not DICOM",
            _ => "refused",
        };
        var line = _isCsv
            ? string.Join(',', new[] { word, identity.Study, identity.Series, identity.Instance, source, reason }.Select(Cell)) + "\r\n"
            : JsonSerializer.Serialize(new { outcome = word, study = identity.Study, series = identity.Series, instance = identity.Instance, source, reason }) + "\n";
        lock (_lock)
        {
            _file.Write(line);
        }
    }

    public void Flush()
    {
        lock (_lock)
        {
            _file?.Flush();
        }
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>A cell that begins like a formula is one to a spreadsheet: a quotation mark in front keeps it text.</summary>
    static string Cell(string? text)
    {
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text ?? "";
        return safe.AsSpan().ContainsAny(",\"\r\n") ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
