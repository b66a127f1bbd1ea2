using System.Text;
using Data = SecureStore.Dicom.DicomDictionaryData;

namespace SecureStore.Dicom;

/// <summary>The registry of data elements (PS3.6; command elements of PS3.7 Annex E), with repeating groups.</summary>
public static class DicomDictionary
{
    private static readonly DicomVR[][] VRsByIndex = [.. Data.VRNames.Select(ParseVRs)];

    private static readonly DicomDictionaryEntry?[] Entries = new DicomDictionaryEntry?[Data.Tags.Length];

    private static readonly DicomDictionaryEntry PrivateCreator =
        new(new(0x0009, 0x0010), 0x0001_0000, "PrivateCreator", "Private Creator", [DicomVR.LO], "1", IsRetired: false);

    private static readonly DicomDictionaryEntry GroupLength =
        new(new(0, 0), 0x0000_FFFF, "GenericGroupLength", "Generic Group Length", [DicomVR.UL], "1", IsRetired: true);

    /// <summary>
    /// The entry of a tag: its own, that of its repeating group, the private creator's for (gggg,0010-00FF) of an odd
    /// group, or the group length's for (gggg,0000). Null for any other private tag and for what PS3.6 does not know.
    /// </summary>
    public static DicomDictionaryEntry? Find(DicomTag tag) =>
        IndexOf(tag) is >= 0 and var index ? Entry(index)
        : tag.Element == 0 ? GroupLength
        : tag.IsPrivateCreator ? PrivateCreator
        : null;

    /// <summary>
    /// The first VR of the tag's entry (US of "US or SS", OB of "OB or OW"), LO for private creators, UL for group
    /// lengths, and UN for unknown tags, items and delimiters (PS3.5 6.2.2).
    /// </summary>
    public static DicomVR VRFor(DicomTag tag) =>
        IndexOf(tag) is >= 0 and var index ? VRsByIndex[Data.VRs[index]] is [var first, ..] ? first : DicomVR.UN
        : tag.Element == 0 ? DicomVR.UL
        : tag.IsPrivateCreator ? DicomVR.LO
        : DicomVR.UN;

    /// <summary>The tag with this keyword, spelt exactly; of a repeating group, its first tag.</summary>
    public static bool TryFindKeyword(ReadOnlySpan<char> keyword, out DicomTag tag)
    {
        var (low, high) = (0, Data.ByKeyword.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var index = Data.ByKeyword[middle];
            switch (Compare(keyword, Keyword(index)))
            {
                case 0:
                    tag = DicomTag.FromValue(Data.Tags[index]);
                    return true;
                case < 0:
                    high = middle - 1;
                    break;
                default:
                    low = middle + 1;
                    break;
            }
        }

        tag = default;
        return false;
    }

    private static int IndexOf(DicomTag tag)
    {
        if (tag.IsPrivate)
            return -1;

        var index = Data.Tags[..Data.ExactCount].BinarySearch(tag.Value);
        return index >= 0 ? index : IndexOfRepeating(tag);
    }

    private static int IndexOfRepeating(DicomTag tag)
    {
        var mayRepeat = tag.Group is 0x0020 or 0x0028 or 0x1000 or 0x1010 || tag.Group >> 8 is 0x50 or 0x60 or 0x7F;
        if (!mayRepeat || tag.Element == 0)
            return -1;

        var tags = Data.Tags[Data.ExactCount..];
        var masks = Data.RepeatingMasks;
        for (var i = 0; i < tags.Length; i++)
        {
            if ((tag.Value & masks[i]) == tags[i])
                return Data.ExactCount + i;
        }

        return -1;
    }

    private static DicomDictionaryEntry Entry(int index)
    {
        ref var entry = ref Entries[index];
        return Volatile.Read(ref entry) ?? Interlocked.CompareExchange(ref entry, Create(index), null) ?? entry;
    }

    private static DicomDictionaryEntry Create(int index)
    {
        var keyword = Keyword(index);
        var name = Data.Text[(Data.Offsets[index] + keyword.Length + 1)..(Data.Offsets[index + 1] - 1)];
        return new(
            DicomTag.FromValue(Data.Tags[index]),
            index < Data.ExactCount ? uint.MaxValue : Data.RepeatingMasks[index - Data.ExactCount],
            Encoding.ASCII.GetString(keyword),
            Encoding.ASCII.GetString(name),
            VRsByIndex[Data.VRs[index]],
            Data.VMNames[Data.VMs[index] & 0x7F],
            (Data.VMs[index] & 0x80) != 0);
    }

    private static ReadOnlySpan<byte> Keyword(int index)
    {
        var line = Data.Text[Data.Offsets[index]..];
        return line[..line.IndexOf((byte)'|')];
    }

    private static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<byte> right)
    {
        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            if (left[i] != right[i])
                return left[i].CompareTo((char)right[i]);
        }

        return left.Length.CompareTo(right.Length);
    }

    private static DicomVR[] ParseVRs(string codes) =>
        codes.Length == 0 ? [] : [.. codes.Split('/').Select(code => DicomVR.Find(code)
            ?? throw new InvalidOperationException($"The dictionary names an unknown VR: {code}"))];
}
