using SecureStore.Grains.Studies;

namespace SecureStore.Silo.DicomWeb;

/// <summary>Bulk data (PS3.18 10.4.1.1.5) under the names that the metadata gives it.</summary>
internal static class WadoBulkData
{
    private const string PixelData = "7FE00010";

    public static async Task RespondAsync(WadoRequest request)
    {
        var path = request.Route("path") ?? "";
        if (await request.InstanceAsync() is not { } instance)
        {
            await request.RefuseAbsentAsync();
        }
        else if (path == PixelData && instance.Frames is { NativeFrameBits: 0 } frames)
        {
            await WadoFrames.RespondAsync(request, instance, [.. Enumerable.Range(1, frames.Count)]);
        }
        else
        {
            await request.RefuseAsync(StatusCodes.Status404NotFound, "The instance has no such bulk data.");
        }
    }
}
