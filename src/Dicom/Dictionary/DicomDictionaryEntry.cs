namespace SecureStore.Dicom;

/// <summary>What PS3.6 says of a data element.</summary>
/// <param name="Tag">The tag; of a repeating group, its first (60xx is 6000).</param>
/// <param name="Mask">Bits that a tag must share with <paramref name="Tag"/>: all but those of an x.</param>
/// <param name="Keyword">The keyword of PS3.6; empty for a few retired elements that have none.</param>
/// <param name="Name">The name of PS3.6; empty where the standard has withdrawn it.</param>
/// <param name="VRs">The representations allowed, in the standard's order; none for items and delimiters.</param>
/// <param name="VM">The value multiplicity as PS3.6 writes it ("1", "1-n", "2-2n").</param>
/// <param name="IsRetired">True where new objects no longer have the element.</param>
public sealed record DicomDictionaryEntry(
    DicomTag Tag, uint Mask, string Keyword, string Name, IReadOnlyList<DicomVR> VRs, string VM, bool IsRetired)
{
    /// <summary>True where the entry stands for many tags (PS3.5 7.6).</summary>
    public bool IsRepeating => Mask != uint.MaxValue;
}
