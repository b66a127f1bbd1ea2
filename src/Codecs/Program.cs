using System.Globalization;
using Microsoft.Win32.SafeHandles;
using SecureStore.Codecs;
using SecureStore.Codecs.Lockdown;
using SecureStore.Codecs.Protocol;
using SecureStore.Codecs.Rendering;

// Requests come on standard input, answers go to standard output (docs/codecs.md). Nothing else is read or written. The one argument is how many
// seconds a request may take before the kernel ends this process, whether or not anybody is there any more to do it.
if (args is not [var argument] || !uint.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var limit))
    return 2;

using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
using var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
try
{
    var decoders = FrameDecoders.Load();
    var worker = new Worker(input, output, decoders) { Watch = isAtWork => Alarm.Set(isAtWork ? limit : 0) };
    ImageEncoder.Load();
    var missing = Restrictions.Apply();
    worker.Greet(new WorkerReport { TransferSyntaxes = decoders.TransferSyntaxes, MissingPackages = decoders.MissingPackages, MissingRestrictions = missing });
    worker.Run();
    return 0;
}
catch (Exception over) when (over is CodecException or IOException)
{
    return 1;
}
