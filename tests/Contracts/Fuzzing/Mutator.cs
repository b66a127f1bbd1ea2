using System.Buffers.Binary;

namespace SecureStore.Contracts.Fuzzing;

/// <summary>Damages bytes in ways that parsers have fallen for. The same seed, the same damage.</summary>
public sealed class Mutator(int seed)
{
    private const int MostInserted = 64;

    private readonly Random _random = new(seed);

    public T OneOf<T>(IReadOnlyList<T> values) => values[_random.Next(values.Count)];

    public byte[] Damage(byte[] valid)
    {
        var bytes = new List<byte>(valid);
        for (var times = _random.Next(1, 5); times > 0; times--)
            DamageOnce(bytes);

        return [.. bytes];
    }

    private void DamageOnce(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        var count = _random.Next(Math.Min(MostInserted, bytes.Count - at) + 1);
        switch (_random.Next(8))
        {
            case 0:
                bytes.RemoveRange(at, count);
                break;
            case 1:
                bytes.InsertRange(at, bytes.GetRange(at, count));
                break;
            case 2:
                var inserted = new byte[_random.Next(MostInserted)];
                _random.NextBytes(inserted);
                bytes.InsertRange(at, inserted);
                break;
            case 3:
                Put(bytes, at, OneOf<byte[]>([[0, 0], [0xFF, 0xFF], [0, 1]]));
                break;
            case 4:
                Put(bytes, at, OneOf<byte[]>([[0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF], [0, 0, 0, 1]]));
                break;
            case 5:
                var nearby = new byte[4];
                BinaryPrimitives.WriteInt32BigEndian(nearby, _random.Next(bytes.Count + 16));
                Put(bytes, at, _random.Next(2) == 0 ? nearby : nearby[2..]);
                break;
            case 6 when _random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                Put(bytes, at, [(byte)_random.Next(256)]);
                break;
        }
    }

    private static void Put(List<byte> bytes, int at, byte[] value)
    {
        for (var i = 0; i < value.Length && at + i < bytes.Count; i++)
            bytes[at + i] = value[i];
    }
}
