using System.Text;
using SecureStore.Dicom;

namespace SecureStore.EndToEnd;

/// <summary>What of a DICOM file must not be readable in what the archive keeps or prints.</summary>
internal static class SecretsOf
{
    private const int ShortestValue = 6;
    private const int RunLength = 32;
    private const int RunsPerFile = 16;

    private static readonly HashSet<DicomTag> Identifying =
    [
        DicomTag.PatientName, DicomTag.PatientID, DicomTag.OtherPatientIDs, DicomTag.OtherPatientNames, DicomTag.AccessionNumber, DicomTag.StudyDescription,
        DicomTag.SeriesDescription, DicomTag.RequestedProcedureDescription, DicomTag.AdmittingDiagnosesDescription, DicomTag.InstitutionName,
        DicomTag.InstitutionAddress, DicomTag.InstitutionalDepartmentName, DicomTag.ReferringPhysicianName, DicomTag.PerformingPhysicianName, DicomTag.OperatorsName,
    ];

    /// <summary>Values of 6 bytes and more, in the file's own encoding, UTF-8 and UTF-16, and runs of pixel data.</summary>
    public static async Task<IReadOnlyList<byte[]>> FindAsync(byte[] file)
    {
        var secrets = new List<byte[]>();
        DicomFile opened;
        try
        {
            using var stream = new MemoryStream(file);
            opened = await DicomFile.OpenAsync(stream);
        }
        catch (DicomDataException)
        {
            return secrets;
        }

        Collect(opened.Dataset, secrets);
        secrets.AddRange(PixelRuns(file));
        return secrets;
    }

    /// <summary>The forms in which a text may stand in a file, as far as they are long enough not to stand in sealed bytes by chance.</summary>
    public static IEnumerable<byte[]> Forms(string text) =>
        new[] { Encoding.UTF8.GetBytes(text), Encoding.Unicode.GetBytes(text), Encoding.BigEndianUnicode.GetBytes(text) }
            .Where(form => form.Length >= ShortestValue && (text.Length >= ShortestValue || text.Any(letter => letter > 0x7F)));

    private static void Collect(DicomDataset dataset, List<byte[]> secrets)
    {
        foreach (var item in dataset)
        {
            if (item is DicomSequence sequence)
            {
                foreach (var nested in sequence.Items)
                {
                    Collect(nested, secrets);
                }
            }
            else if (item is DicomElement element && (Identifying.Contains(item.Tag) || item.VR == DicomVR.UI))
            {
                foreach (var text in dataset.GetStrings(item.Tag).Where(text => !text.StartsWith("1.2.840.10008.", StringComparison.Ordinal)))
                {
                    secrets.AddRange(Forms(text));
                    secrets.AddRange(text.Split('^', '=').SelectMany(part => Forms(part.Trim())));
                }

                var raw = element.Value.Span.Trim([(byte)' ', (byte)0]);
                if (raw.Length >= ShortestValue && !raw.StartsWith("1.2.840.10008."u8))
                {
                    secrets.Add(raw.ToArray());
                }
            }
        }
    }

    /// <summary>Runs from the second half of the file, where the pixels are; those of few different bytes say nothing.</summary>
    private static IEnumerable<byte[]> PixelRuns(byte[] file)
    {
        var step = Math.Max(1, file.Length / 2 / RunsPerFile);
        for (var at = file.Length / 2; at + RunLength <= file.Length; at += step)
        {
            var run = file[at..(at + RunLength)];
            if (run.Distinct().Count() >= RunLength / 2)
            {
                yield return run;
            }
        }
    }
}
