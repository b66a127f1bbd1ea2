using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace SecureStore.Dicom;

/// <summary>
/// A data set: items in the order of their tags, one for each tag (PS3.5 section 7). Of an element that a file holds
/// twice, the first one counts: what has been decided by it cannot be changed by what comes later. Not safe for
/// writers beside other threads.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "DICOM's own name.")]
public sealed partial class DicomDataset : IReadOnlyCollection<DicomItem>
{
    private static readonly Comparer<DicomItem> ByTag = Comparer<DicomItem>.Create((a, b) => a.Tag.CompareTo(b.Tag));

    private readonly List<DicomItem> _items = [];
    private bool _isSorted = true;
    private DicomCharacterSet? _characterSet;

    public int Count => Sorted().Count;

    /// <summary>
    /// The character set of this data set's text: its own Specific Character Set (0008,0005), or where it has none,
    /// that of the data set it is nested in, or else the default repertoire (PS3.5 6.1.2.5).
    /// </summary>
    public DicomCharacterSet CharacterSet =>
        _characterSet ??= TryGet(DicomTag.SpecificCharacterSet, out var item)
            ? DicomCharacterSet.FromSpecificCharacterSet(SplitCodes(item))
            : Parent?.CharacterSet ?? DicomCharacterSet.FromSpecificCharacterSet([]);

    internal DicomDataset? Parent
    {
        get;
        set
        {
            field = value;
            ForgetCharacterSet();
        }
    }

    public bool Contains(DicomTag tag) => TryGet(tag, out _);

    /// <summary>The item with this tag, or null.</summary>
    public DicomItem? Find(DicomTag tag) => TryGet(tag, out var item) ? item : null;

    /// <summary>The sequence with this tag; null where it is absent or no sequence.</summary>
    public DicomSequence? GetSequence(DicomTag tag) => Find(tag) as DicomSequence;

    /// <summary>Adds an item in the place of the one that has the same tag.</summary>
    public DicomDataset AddOrUpdate(DicomItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var index = IndexOf(item.Tag);
        if (index >= 0)
            _items.RemoveAt(index);

        Append(item);
        return this;
    }

    /// <summary>Takes out the item with this tag; false where there is none.</summary>
    public bool Remove(DicomTag tag)
    {
        var index = IndexOf(tag);
        if (index < 0)
            return false;

        _items.RemoveAt(index);
        if (tag == DicomTag.SpecificCharacterSet)
            ForgetCharacterSet();

        return true;
    }

    public IEnumerator<DicomItem> GetEnumerator() => Sorted().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Adds an item, unless there is one with its tag. Files stand in order, so this is an addition at the end; others
    /// are put in order when next looked at.
    /// </summary>
    internal void Append(DicomItem item)
    {
        if (item is DicomSequence sequence)
            sequence.Owner = this;

        if (_items.Count > 0 && item.Tag <= _items[^1].Tag)
            _isSorted = false;

        _items.Add(item);
        if (item.Tag == DicomTag.SpecificCharacterSet)
            ForgetCharacterSet();
    }

    /// <summary>Nested data sets may have taken theirs from this one.</summary>
    private void ForgetCharacterSet()
    {
        if (_characterSet is null)
            return;

        _characterSet = null;
        foreach (var item in _items.OfType<DicomSequence>().SelectMany(sequence => sequence.Items))
        {
            item.ForgetCharacterSet();
        }
    }

    private bool TryGet(DicomTag tag, [NotNullWhen(true)] out DicomItem? item)
    {
        var index = IndexOf(tag);
        item = index < 0 ? null : _items[index];
        return item is not null;
    }

    private int IndexOf(DicomTag tag)
    {
        var items = Sorted();
        var (low, high) = (0, items.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            switch (items[middle].Tag.CompareTo(tag))
            {
                case 0:
                    return middle;
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return -1;
    }

    private List<DicomItem> Sorted()
    {
        if (_isSorted)
            return _items;

        var ordered = _items.Order(ByTag).ToList();
        _items.Clear();
        foreach (var item in ordered)
        {
            if (_items.Count == 0 || _items[^1].Tag != item.Tag)
                _items.Add(item);
        }

        _isSorted = true;
        return _items;
    }
}
