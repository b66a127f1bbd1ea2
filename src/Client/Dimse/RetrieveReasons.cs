using SecureStore.Dicom.Network;

namespace SecureStore.Client.Dimse;

/// <summary>What the statuses of C-GET and C-MOVE say (PS3.4 tables C.4-2 and C.4-3), in words.</summary>
static class RetrieveReasons
{
    /// <summary>Why something has not come: the other end's own words where it has some, and the status.</summary>
    public static string Of(DicomRetrieveResult result)
    {
        var meaning = result.Status switch
        {
            DicomStatus.Success => "it was left out without a reason",
            DicomStatus.SubOperationsWithFailures => "some instances could not be sent",
            DicomStatus.MoveDestinationUnknown => "the destination is not known there",
            DicomStatus.NotAuthorized => "this is not allowed there",
            DicomStatus.Cancel => "it was cancelled there",
            >= 0xA700 and <= 0xA7FF => "nothing could be sent",
            >= 0xA900 and <= 0xA9FF => "what was asked for is not understood there",
            _ => "it failed there",
        };
        return $"{(string.IsNullOrWhiteSpace(result.Comment) ? meaning : result.Comment)} ({result.Status:X4}H)";
    }
}
