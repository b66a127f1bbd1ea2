using System.Buffers.Binary;
using CsCheck;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

public class CommandSetTests
{
    private static readonly DicomTag GroupLength = new(0x0000, 0x0000);

    [Fact]
    public void A_command_set_that_was_written_is_read() => NetworkGen.Command.Sample(
        command =>
        {
            var read = DimseCommandSet.Read(DimseCommandSet.Write(command).ToArray());
            read.Remove(GroupLength);
            Assert.Equal(DicomGen.Dump(command), DicomGen.Dump(read));
        },
        iter: 2000,
        threads: 1);

    [Fact]
    public void Its_length_stands_in_front() => NetworkGen.Command.Sample(
        command =>
        {
            var bytes = DimseCommandSet.Write(command).ToArray();
            Assert.Equal([0, 0, 0, 0, 4, 0, 0, 0], bytes[..8]);
            Assert.Equal(bytes.Length - 12, (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)));
        },
        iter: 100,
        threads: 1);

    [Fact]
    public void It_has_no_other_group() =>
        Assert.Throws<DicomNetworkException>(() => DimseCommandSet.Read(new byte[] { 8, 0, 0, 0, 0, 0, 0, 0 }));

    [Fact]
    public void An_element_is_no_longer_than_the_set() =>
        Assert.Throws<DicomNetworkException>(() => DimseCommandSet.Read(new byte[] { 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0 }));

    [Fact]
    public void It_does_not_end_within_an_element() =>
        Assert.Throws<DicomNetworkException>(() => DimseCommandSet.Read(new byte[] { 0, 0, 0, 1, 2 }));

    [Fact]
    public void Of_an_element_that_comes_twice_the_first_counts()
    {
        byte[] First(byte value) => [0, 0, 0x00, 0x01, 2, 0, 0, 0, value, 0];
        Assert.Equal(1, DimseCommandSet.Read(new byte[][] { First(1), First(2) }.SelectMany(bytes => bytes).ToArray()).GetInt32(DicomTag.CommandField));
    }
}
