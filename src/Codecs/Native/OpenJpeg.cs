using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SecureStore.Codecs.Protocol;

namespace SecureStore.Codecs.Native;

/// <summary>OpenJPEG 2.5 (Debian's libopenjp2-7): JPEG 2000 part 1 and, as far as that release reads it, part 15 (HTJ2K).</summary>
internal static unsafe partial class OpenJpeg
{
    public const string Library = "libopenjp2.so.7";
    public const string Package = "libopenjp2-7";

    private const int Codestream = 0;
    private const int Jp2File = 2;

    /// <summary>More than opj_dparameters_t has (two file names of 4,096 characters, and numbers).</summary>
    private const int ParametersSize = 16 * 1024;

    private const int StreamBuffer = 1024 * 1024;

    /// <exception cref="CodecException">The codestream is damaged, or of another shape than its description.</exception>
    public static FrameDescription Decode(ReadOnlySpan<byte> codestream, FrameDescription frame, Span<byte> native)
    {
        // Files instead of codestreams are not allowed (PS3.5 8.2.4), and exist.
        var isFile = codestream.Length > 12 && codestream[4..8].SequenceEqual("jP  "u8);
        var codec = opj_create_decompress(isFile ? Jp2File : Codestream);
        var stream = opj_stream_create((nuint)Math.Min(StreamBuffer, codestream.Length), 1);
        var parameters = NativeMemory.AllocZeroed(ParametersSize);
        Image* image = null;
        try
        {
            if (codec == 0 || stream == 0)
                throw new CodecException("OpenJPEG does not start.");

            fixed (byte* bytes = codestream)
            {
                var source = new Source { Bytes = bytes, Length = codestream.Length };
                opj_stream_set_read_function(stream, &Read);
                opj_stream_set_skip_function(stream, &Skip);
                opj_stream_set_seek_function(stream, &Seek);
                opj_stream_set_user_data(stream, &source, null);
                opj_stream_set_user_data_length(stream, (ulong)codestream.Length);
                opj_set_default_decoder_parameters(parameters);
                if (opj_setup_decoder(codec, parameters) == 0 || opj_read_header(stream, codec, &image) == 0 || image is null)
                    throw new CodecException("The JPEG 2000 header is damaged.");

                // Nothing of the image's size is allocated before this.
                Check(image, frame);
                if (opj_decode(codec, stream, image) == 0 || opj_end_decompress(codec, stream) == 0)
                    throw new CodecException("The JPEG 2000 codestream is damaged.");

                Check(image, frame);
                for (var sample = 0; sample < frame.SamplesPerPixel; sample++)
                    Store(image->Components[sample], sample, frame, native);
            }
        }
        finally
        {
            opj_image_destroy(image);
            opj_stream_destroy(stream);
            opj_destroy_codec(codec);
            NativeMemory.Free(parameters);
        }

        // The colour transformations of JPEG 2000 are undone with the rest (PS3.5 8.2.4).
        return frame with
        {
            PlanarConfiguration = 0,
            PhotometricInterpretation = frame.PhotometricInterpretation is "YBR_RCT" or "YBR_ICT" ? "RGB" : frame.PhotometricInterpretation,
        };
    }

    private static void Check(Image* image, FrameDescription frame)
    {
        if (image->ComponentCount != frame.SamplesPerPixel || image->Components is null)
            throw new CodecException("The JPEG 2000 codestream has another number of components than the data set says.");

        for (var i = 0; i < image->ComponentCount; i++)
        {
            var component = image->Components[i];
            if (component.Width != frame.Columns || component.Height != frame.Rows || component.Dx != 1 || component.Dy != 1)
                throw new CodecException("The JPEG 2000 codestream has another size than the data set says.");

            if (component.Precision == 0 || component.Precision > frame.BitsAllocated)
                throw new CodecException("The JPEG 2000 codestream has more bits than the data set says.");
        }
    }

    /// <summary>The data set says whether samples are signed, whatever the codestream says: of its bits the highest is the sign.</summary>
    private static void Store(Component component, int sample, FrameDescription frame, Span<byte> native)
    {
        if (component.Data is null)
            throw new CodecException("The JPEG 2000 codestream has a component without samples.");

        var values = new ReadOnlySpan<int>(component.Data, frame.Rows * frame.Columns);
        var unused = 32 - (int)component.Precision;
        var isSigned = frame.IsSigned;
        var (bytes, step, at) = (frame.BitsAllocated / 8, frame.SamplesPerPixel * (frame.BitsAllocated / 8), sample * (frame.BitsAllocated / 8));
        foreach (var raw in values)
        {
            var value = isSigned ? raw << unused >> unused : (int)((uint)raw << unused >> unused);
            switch (bytes)
            {
                case 1:
                    native[at] = (byte)value;
                    break;
                case 2:
                    BinaryPrimitives.WriteInt16LittleEndian(native[at..], (short)value);
                    break;
                default:
                    BinaryPrimitives.WriteInt32LittleEndian(native[at..], value);
                    break;
            }

            at += step;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint Read(void* buffer, nuint count, void* user)
    {
        var source = (Source*)user;
        var taken = Math.Min(count, (nuint)(source->Length - source->Position));
        if (taken == 0)
            return nuint.MaxValue;

        Buffer.MemoryCopy(source->Bytes + source->Position, buffer, count, taken);
        source->Position += (long)taken;
        return taken;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long Skip(long count, void* user)
    {
        var source = (Source*)user;
        if (count < -source->Position || count > source->Length - source->Position)
            return -1;

        source->Position += count;
        return count;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Seek(long position, void* user)
    {
        var source = (Source*)user;
        if (position < 0 || position > source->Length)
            return 0;

        source->Position = position;
        return 1;
    }

    [LibraryImport(Library)]
    private static partial nint opj_create_decompress(int format);

    [LibraryImport(Library)]
    private static partial void opj_destroy_codec(nint codec);

    [LibraryImport(Library)]
    private static partial void opj_set_default_decoder_parameters(void* parameters);

    [LibraryImport(Library)]
    private static partial int opj_setup_decoder(nint codec, void* parameters);

    [LibraryImport(Library)]
    private static partial int opj_read_header(nint stream, nint codec, Image** image);

    [LibraryImport(Library)]
    private static partial int opj_decode(nint codec, nint stream, Image* image);

    [LibraryImport(Library)]
    private static partial int opj_end_decompress(nint codec, nint stream);

    [LibraryImport(Library)]
    private static partial void opj_image_destroy(Image* image);

    [LibraryImport(Library)]
    private static partial nint opj_stream_create(nuint bufferSize, int isInput);

    [LibraryImport(Library)]
    private static partial void opj_stream_destroy(nint stream);

    [LibraryImport(Library)]
    private static partial void opj_stream_set_user_data(nint stream, void* data, void* free);

    [LibraryImport(Library)]
    private static partial void opj_stream_set_user_data_length(nint stream, ulong length);

    [LibraryImport(Library)]
    private static partial void opj_stream_set_read_function(nint stream, delegate* unmanaged[Cdecl]<void*, nuint, void*, nuint> read);

    [LibraryImport(Library)]
    private static partial void opj_stream_set_skip_function(nint stream, delegate* unmanaged[Cdecl]<long, void*, long> skip);

    [LibraryImport(Library)]
    private static partial void opj_stream_set_seek_function(nint stream, delegate* unmanaged[Cdecl]<long, void*, int> seek);

    private struct Source
    {
        public byte* Bytes;
        public long Length;
        public long Position;
    }

#pragma warning disable CS0649 // The library fills these in.
    /// <summary>opj_image_t.</summary>
    private struct Image
    {
        public uint X0;
        public uint Y0;
        public uint X1;
        public uint Y1;
        public uint ComponentCount;
        public int ColorSpace;
        public Component* Components;
        public byte* IccProfile;
        public uint IccProfileLength;
    }

    /// <summary>opj_image_comp_t.</summary>
    private struct Component
    {
        public uint Dx;
        public uint Dy;
        public uint Width;
        public uint Height;
        public uint X0;
        public uint Y0;
        public uint Precision;
        public uint BitsPerPixel;
        public uint IsSigned;
        public uint Resolutions;
        public uint Factor;
        public int* Data;
        public ushort Alpha;
    }
}
