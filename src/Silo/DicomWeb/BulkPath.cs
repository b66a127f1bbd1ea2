using System.Globalization;
using SecureStore.Dicom;

namespace SecureStore.Silo.DicomWeb;

/// <summary>The name of a bulk value in an instance: tags and item numbers ("00081140/0/00081155"), as <see cref="DicomJson"/> writes it.</summary>
internal sealed record BulkPath(IReadOnlyList<(DicomTag Sequence, int Item)> Items, DicomTag Tag)
{
    private const int MaxDepth = 64;

    public static bool TryParse(string text, out BulkPath path)
    {
        path = new BulkPath([], default);
        var pieces = text.Split('/', 2 * (MaxDepth + 1));
        if (pieces.Length % 2 == 0 || !DicomTag.TryParse(pieces[^1], out var tag))
        {
            return false;
        }

        var items = new List<(DicomTag, int)>();
        for (var i = 0; i < pieces.Length - 1; i += 2)
        {
            if (!DicomTag.TryParse(pieces[i], out var sequence)
                || !int.TryParse(pieces[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var item))
            {
                return false;
            }

            items.Add((sequence, item));
        }

        path = new BulkPath(items, tag);
        return true;
    }

    /// <summary>The tag in the data set itself under which the value stands.</summary>
    public DicomTag Root => Items is [var (sequence, _), ..] ? sequence : Tag;

    /// <summary>The element of that name, or null.</summary>
    public DicomItem? Find(DicomDataset dataset)
    {
        foreach (var (sequence, item) in Items)
        {
            if (dataset.GetSequence(sequence) is not { } found || item >= found.Items.Count)
            {
                return null;
            }

            dataset = found.Items[item];
        }

        return dataset.Find(Tag);
    }

    public override string ToString() => string.Concat(Items.Select(item => $"{item.Sequence}/{item.Item}/")) + Tag;
}
