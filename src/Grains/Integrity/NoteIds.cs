namespace SecureStore.Grains.Integrity;

/// <summary>The notes that checks keep in the vault. A study's quarantine is the note under the study's handle, which is random.</summary>
internal static class NoteIds
{
    public static readonly Guid LogMark = Own(1);
    public static readonly Guid Fsck = Own(2);
    public static readonly Guid OrphanSweep = Own(3);

    public static bool IsOfStudy(Guid id) => id != LogMark && id != Fsck && id != OrphanSweep;

    private static Guid Own(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
