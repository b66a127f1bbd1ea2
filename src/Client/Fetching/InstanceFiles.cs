using SecureStore.Client.Files;

namespace SecureStore.Client.Fetching;

/// <summary>
/// Writes the parts of an answer to FOLDER/study/series/instance.dcm. A part goes to a file of a temporary name first; the
/// names come from the UIDs inside the instance (or, where it has none that can be read, from the part's Content-Location),
/// are checked to be UIDs and to belong to what was asked for, so no answer can write elsewhere.
/// </summary>
sealed class InstanceFiles(string folder, FetchTarget target)
{
    public async Task<FetchOutcome> WriteAsync(
        MultipartReader body, IReadOnlyDictionary<string, string> headers, IProgress<long>? progress, CancellationToken cancellation)
    {
        var temporary = Path.Combine(folder, $".securestore-{Guid.NewGuid():N}.part");
        try
        {
            var file = PrivateFiles.Open(temporary, FileMode.CreateNew);
            await using (file.ConfigureAwait(false))
            {
                await body.CopyPartAsync(file, progress, cancellation).ConfigureAwait(false);
            }

            var identity = Identify(temporary, headers.GetValueOrDefault("Content-Location"));
            if (identity is null)
            {
                return new FetchOutcome(null, "an instance came without UIDs that a file could be named by");
            }

            if (!target.Covers(identity))
            {
                return new FetchOutcome(null, "an instance came that was not asked for");
            }

            var directory = Path.Combine(folder, identity.Study!, identity.Series!);
            PrivateFiles.CreateFolder(directory);
            var path = Path.Combine(directory, identity.Instance + ".dcm");
            File.Move(temporary, path, overwrite: true);
            return new FetchOutcome(path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    static DicomIdentity? Identify(string file, string? location)
    {
        using var stream = File.OpenRead(file);
        var inside = DicomPeek.Read(stream) ?? DicomIdentity.Unknown;
        var outside = FromLocation(location);
        var identity = new DicomIdentity(inside.Study ?? outside.Study, inside.Series ?? outside.Series, inside.Instance ?? outside.Instance);
        return DicomIdentity.IsUid(identity.Study) && DicomIdentity.IsUid(identity.Series) && DicomIdentity.IsUid(identity.Instance)
            ? identity
            : null;
    }

    static DicomIdentity FromLocation(string? location) =>
        location?.Split('/') is [.., "studies", var study, "series", var series, "instances", var instance]
            ? new DicomIdentity(study, series, instance)
            : DicomIdentity.Unknown;
}
