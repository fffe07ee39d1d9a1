using SmtpProxy.Protocol.Lines;

namespace SmtpProxy.Protocol.Hello;

/// <summary>The first octets of a line that may be a ClientHello instead, kept until they are enough to tell. Where they are none they are
/// given back, to be read as the line that they are.</summary>
internal struct HelloWatch
{
    private byte[]? _octets;
    private int _length;
    private int _from;

    /// <summary>Whether they do not tell yet.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Octets that are kept.</summary>
    public readonly ReadOnlySpan<byte> Octets => _octets.AsSpan(_from, _length - _from);

    /// <summary>Octets that are to be read as a line, before anything else.</summary>
    public readonly ReadOnlySpan<byte> Line => IsOpen ? default : Octets;

    /// <summary>Takes octets as long as they do not tell.</summary>
    public Plausibility Take(ReadOnlySpan<byte> octets, out int taken)
    {
        _octets ??= new byte[ClientHelloRecord.Enough];
        IsOpen = true;
        var judged = Plausibility.Undecided;
        for (taken = 0; taken < octets.Length && judged == Plausibility.Undecided; taken++)
        {
            _octets[_length++] = octets[taken];
            judged = ClientHelloRecord.Judge(_octets.AsSpan(0, _length));
        }

        return judged;
    }

    /// <summary>It is no ClientHello: all of it is to be read as a line.</summary>
    public void GiveBack() => IsOpen = false;

    /// <summary>So much of <see cref="Line"/> was read.</summary>
    public void Remove(int octets)
    {
        _from += octets;
        if (_from == _length)
        {
            Clear();
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => (_length, _from, IsOpen) = (0, 0, false);
}
