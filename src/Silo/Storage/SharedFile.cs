using Microsoft.Win32.SafeHandles;

namespace SecureStore.Silo.Storage;

/// <summary>
/// A file handle that several calls use at once. Whoever made it holds the first share; the handle closes when the last
/// share is given back, so that nobody reads or writes through a handle that another has closed.
/// </summary>
internal sealed class SharedFile(SafeFileHandle handle)
{
    private int shares = 1;

    /// <summary>To be used only between <see cref="TryAcquire"/> and <see cref="Release"/>.</summary>
    public SafeFileHandle Handle => handle;

    /// <summary>Takes a share; false where the file has been closed.</summary>
    public bool TryAcquire()
    {
        for (var seen = Volatile.Read(ref shares); seen > 0;)
        {
            var found = Interlocked.CompareExchange(ref shares, seen + 1, seen);
            if (found == seen)
                return true;
            seen = found;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref shares) == 0)
            handle.Dispose();
    }
}
