namespace SmtpProxy.Sessions.Faulted;

/// <summary>Keeps back what may be the beginning of the end of data, <c>.</c> CRLF at a line start: the dot must not reach the relay before
/// it is decided whether it may. At most two octets, until the next ones come.</summary>
internal sealed class DotGuard
{
    private static readonly byte[] End = ".\r\n"u8.ToArray();
    private int _matched;
    private byte _last;
    private byte _beforeLast;

    /// <summary>Octets kept back.</summary>
    public ReadOnlySpan<byte> Kept => End.AsSpan(0, _matched);

    /// <summary>A body begins, at a line start.</summary>
    public void Begin() => (_matched, _beforeLast, _last) = (0, (byte)'\r', (byte)'\n');

    /// <summary>Shows octets of the body, not its end.</summary>
    /// <param name="octets">What came.</param>
    /// <param name="free">How many of them may go, after what was kept before.</param>
    /// <returns>How many of the octets that were kept before may go.</returns>
    public int Pass(ReadOnlySpan<byte> octets, out int free)
    {
        var kept = _matched;
        foreach (var octet in octets.Length > 4 ? octets[^4..] : octets)
        {
            // A long read cannot go on with what was kept: its last octets say all.
            Step(octet);
        }

        var all = kept + octets.Length;
        var goes = all - _matched;
        free = Math.Max(0, goes - kept);
        return Math.Min(kept, goes);
    }

    private void Step(byte octet)
    {
        _matched = _matched switch
        {
            0 when octet == '.' && _beforeLast == '\r' && _last == '\n' => 1,
            1 when octet == '\r' => 2,
            _ => 0,
        };
        (_beforeLast, _last) = (_last, octet);
    }
}
