namespace SmtpProxy.Tests.Fuzzing;

/// <summary>Makes inputs out of inputs: octets changed, doubled, dropped, tokens put in, two inputs joined. The same
/// seed makes the same inputs.</summary>
internal sealed class Mutator(FuzzTarget target, IEnumerable<byte[]> corpus, int seed)
{
    private const int Longest = 4_096;
    private readonly Random _random = new(seed);
    private readonly List<byte[]> _pool = [.. target.Seeds, .. corpus, []];
    private byte[] _room = new byte[Longest];
    private byte[] _spare = new byte[Longest];
    private int _length;

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        var from = _pool[_random.Next(_pool.Count)];
        _length = Math.Min(from.Length, Longest);
        from.AsSpan(0, _length).CopyTo(_room);
        for (var changes = 1 << _random.Next(5); changes > 0; changes--)
        {
            Change();
        }

        return _room.AsSpan(0, _length).ToArray();
    }

    /// <summary>Keeps an input to make others of.</summary>
    public void Keep(byte[] input)
    {
        if (_pool.Count < 4_000)
        {
            _pool.Add(input);
            return;
        }

        _pool[_random.Next(_pool.Count)] = input;
    }

    private void Change()
    {
        var at = _random.Next(_length + 1);
        switch (_random.Next(9))
        {
            case 0 when at < _length:
                _room[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < _length:
                _room[at] = (byte)_random.Next(256);
                break;
            case 2:
                Replace(at, 0, [(byte)_random.Next(256)]);
                break;
            case 3 when at < _length:
                Replace(at, _random.Next(1, Math.Min(_length - at, 16) + 1), []);
                break;
            case 4 when at < _length:
                Replace(at, 0, _room.AsSpan(at, _random.Next(1, Math.Min(_length - at, 64) + 1)).ToArray());
                break;
            case 5:
                var other = _pool[_random.Next(_pool.Count)];
                var begin = _random.Next(other.Length + 1);
                Replace(at, _length - at, other.AsSpan(begin));
                break;
            case 6 when at < _length && target.Tokens.Count > 0:
                var token = Token();
                Replace(at, Math.Min(token.Length, _length - at), token);
                break;
            default:
                Replace(at, 0, target.Tokens.Count > 0 ? Token() : [0]);
                break;
        }
    }

    private byte[] Token() => target.Tokens[_random.Next(target.Tokens.Count)];

    private void Replace(int at, int count, ReadOnlySpan<byte> by)
    {
        by = by[..Math.Min(by.Length, Longest - (_length - count))];
        var rest = _length - at - count;
        _room.AsSpan(0, at).CopyTo(_spare);
        by.CopyTo(_spare.AsSpan(at));
        _room.AsSpan(at + count, rest).CopyTo(_spare.AsSpan(at + by.Length));
        (_room, _spare) = (_spare, _room);
        _length = at + by.Length + rest;
    }
}
