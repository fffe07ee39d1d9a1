namespace SmtpProxy.Sessions.Pipeline;

/// <summary>Where there is another relay to go to, keeps the beginning of a relay's first line back until the line is whole: while the
/// client has seen nothing, a relay that does not get on with its greeting can be left. A line that comes in one piece, as lines do, is not
/// touched, and neither is anything that is no greeting.</summary>
internal sealed class FirstLine(IRelayChoice relays)
{
    /// <summary>The longest line of a reply (RFC 5321 4.5.3.1.5).</summary>
    private const int Longest = 512;

    private byte[] _kept = [];
    private bool _isOver = true;

    /// <summary>A relay is connected.</summary>
    public void Begin() => (_kept, _isOver) = ([], false);

    /// <summary>Whether octets of the relay are kept.</summary>
    public bool Keeps(ReadOnlySpan<byte> octets)
    {
        if (_isOver || octets.Contains((byte)'\n') || _kept.Length + octets.Length > Longest
            || !char.IsAsciiDigit((char)(_kept.Length > 0 ? _kept : octets)[0]) || !relays.HasAnother)
        {
            return false;
        }

        _kept = [.. _kept, .. octets];
        return true;
    }

    /// <summary>No more of it will come, or be waited for. Returns what was kept.</summary>
    public byte[] End()
    {
        var kept = _kept;
        (_kept, _isOver) = ([], true);
        return kept;
    }
}
