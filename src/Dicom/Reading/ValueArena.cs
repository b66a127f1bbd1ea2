namespace SecureStore.Dicom;

/// <summary>Copies many short values into few arrays.</summary>
internal sealed class ValueArena
{
    private const int BlockSize = 8 * 1024;

    private Memory<byte> _free;

    public Memory<byte> Keep(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return default;

        if (value.Length > BlockSize / 4)
            return value.ToArray();

        if (value.Length > _free.Length)
            _free = GC.AllocateUninitializedArray<byte>(BlockSize);

        var kept = _free[..value.Length];
        _free = _free[value.Length..];
        value.CopyTo(kept.Span);
        return kept;
    }
}
