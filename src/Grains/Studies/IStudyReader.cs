using System.Buffers;
using SecureStore.Grains.Policy;

namespace SecureStore.Grains.Studies;

/// <summary>The way out: opens studies for callers with a token. One implementation; DICOMweb and DIMSE both read through it.</summary>
public interface IStudyReader
{
    /// <summary>
    /// Opens a study, or joins the viewing session that the same token has open on it for the same action. The audit log has
    /// the opening before this returns.
    /// </summary>
    ValueTask<OpenResult> OpenAsync(string token, string studyInstanceUid, PolicyActions action, string? address, CancellationToken cancellation);
}

/// <summary><see cref="Session"/> is set where the verdict is granted; dispose it when the request is done.</summary>
public sealed record OpenResult(ReadVerdict Verdict, IReadSession? Session);

/// <summary>A request's share of an open study. Reads stop with <see cref="StudyClosedException"/> when the study is closed under it.</summary>
public interface IReadSession : IAsyncDisposable
{
    StudyHandle Study { get; }

    /// <summary>Who reads: the token, by its issuer, subject and id. One subject may be a program that many read through.</summary>
    string Reader { get; }

    /// <summary>True where some of the study's instances are lost (<see cref="InstanceRecord.LostSince"/>).</summary>
    bool HasLost { get; }

    /// <summary>Cancelled when the study is closed under the session, or its lease has run out: what still waits to go out is not to go.</summary>
    CancellationToken Closing { get; }

    /// <summary>The study's instances in the order they were stored, or those of one series.</summary>
    IAsyncEnumerable<InstanceRecord> InstancesAsync(string? seriesInstanceUid, CancellationToken cancellation);

    /// <summary>One instance, or null where the study has none such (in that series, where one is named).</summary>
    ValueTask<InstanceRecord?> FindAsync(string? seriesInstanceUid, string sopInstanceUid, CancellationToken cancellation);

    /// <summary>
    /// Writes a byte range of the stored file to <paramref name="output"/>, flushing now and then. No byte of a damaged chunk is written.
    /// </summary>
    /// <exception cref="Vault.SealedObjectException">The stored bytes are damaged.</exception>
    /// <exception cref="InstanceLostException">They are lost, as is known.</exception>
    ValueTask CopyAsync(InstanceRecord instance, long offset, long length, IBufferWriter<byte> output, Func<CancellationToken, ValueTask> flush, CancellationToken cancellation);

    /// <summary>The instance's DICOM JSON as it was written in the store pass; to be disposed.</summary>
    ValueTask<IMemoryOwner<byte>> MetadataAsync(InstanceRecord instance, CancellationToken cancellation);

    /// <summary>Byte ranges of the file that make up a frame (from 1): one for native pixel data, one a fragment otherwise.</summary>
    ValueTask<IReadOnlyList<(long Offset, long Length)>> FrameAsync(InstanceRecord instance, int frame, CancellationToken cancellation);
}

/// <summary>The bytes of an instance are lost: a check of the archive found that. Its metadata may still be there.</summary>
public sealed class InstanceLostException() : Exception("The bytes of the instance are lost.");

/// <summary>The study was closed under a running read: destroyed, expired, the token revoked, or the lease not renewed in time. Asked again, its grain says which.</summary>
public sealed class StudyClosedException() : Exception("The study was closed.");
