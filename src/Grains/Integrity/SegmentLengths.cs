using SecureStore.Grains.Storage;
using SecureStore.Grains.Studies;

namespace SecureStore.Grains.Integrity;

/// <summary>How long a study's segments are, as far as they are listed; listed again where one seems to be missing or short.</summary>
internal sealed class SegmentLengths(IObjectStore objects, StudyHandle study)
{
    private Dictionary<SegmentId, long>? lengths;

    public bool Has(SegmentId segment) => lengths?.ContainsKey(segment) == true;

    /// <summary>Whether a part lies within its segment.</summary>
    public async ValueTask<bool> HoldsAsync(SealedPart part, CancellationToken cancellation)
    {
        if (Holds(part))
        {
            return true;
        }

        lengths = await objects.ListSegmentsAsync(study, cancellation).ToDictionaryAsync(one => one.Segment, one => one.Length, cancellationToken: cancellation);
        return Holds(part);
    }

    private bool Holds(SealedPart part) => lengths?.TryGetValue(part.Segment, out var length) == true && PartCheck.EndOf(part) <= length;
}
