using Spectre.Console;

namespace SecureStore.Client.Output;

/// <summary>Counts files and bytes for the progress bar, if there is one.</summary>
sealed class TransferProgress : IProgress<long>
{
    readonly ProgressTask? _task;
    readonly int? _total;
    int _done;

    public TransferProgress(ProgressTask? task, int? total)
    {
        (_task, _total) = (task, total);
        Describe();
    }

    public long Bytes { get; private set; }

    public void Report(long value)
    {
        Bytes += value;
        _task?.Increment(value);
    }

    public void FileDone()
    {
        _done++;
        Describe();
    }

    void Describe()
    {
        if (_task is not null)
        {
            _task.Description = _total is { } total ? $"{_done}/{total} files" : $"{_done} files";
        }
    }
}
