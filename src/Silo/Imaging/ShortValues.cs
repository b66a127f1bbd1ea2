using System.Buffers;
using SecureStore.Codecs;
using SecureStore.Dicom;
using SecureStore.Grains.Studies;
using SecureStore.Silo.DicomWeb;

namespace SecureStore.Silo.Imaging;

/// <summary>Puts values that a reader left in the file into the data set: pixel data of icons, for one.</summary>
internal sealed class ShortValues(IReadSession session, InstanceRecord instance, bool isBigEndian)
{
    private const long MaxTotal = 32 * 1024 * 1024;

    /// <summary>Bytes of what was put in.</summary>
    public long Total { get; private set; }

    /// <exception cref="CodecException">There is too much of it, or pixel data that is compressed where none is expected.</exception>
    public async ValueTask LoadAsync(DicomDataset dataset, CancellationToken cancellation)
    {
        foreach (var item in dataset.ToList())
        {
            switch (item)
            {
                case DicomBulkItem bulk:
                    dataset.AddOrUpdate(await LoadAsync(bulk, cancellation));
                    break;
                case DicomSequence sequence when sequence.Tag == DicomTag.IconImageSequence && sequence.Items.Any(icon => icon.Any(one => one is DicomFragmentItem)):
                    // An icon says nothing that the image does not, and compressed it may not stand in a native data set (PS3.5 A.4).
                    dataset.Remove(sequence.Tag);
                    break;
                case DicomSequence sequence:
                    foreach (var nested in sequence.Items)
                    {
                        await LoadAsync(nested, cancellation);
                    }

                    break;
                case DicomFragmentItem:
                    throw new CodecException("The data set has compressed pixel data in a sequence.");
            }
        }
    }

    private async ValueTask<DicomElement> LoadAsync(DicomBulkItem bulk, CancellationToken cancellation)
    {
        Total += bulk.Length;
        if (Total > MaxTotal)
        {
            throw new CodecException("The stored data set is too large to be changed.");
        }

        var value = new ArrayBufferWriter<byte>(Math.Max(1, (int)bulk.Length));
        var data = FrameData.Of([(bulk.Offset, bulk.Length)], isBigEndian ? bulk.VR.UnitSize : 1);
        await data.CopyAsync(session, instance, value, static _ => ValueTask.CompletedTask, cancellation);
        return new DicomElement(bulk.Tag, bulk.VR, value.WrittenMemory);
    }
}
