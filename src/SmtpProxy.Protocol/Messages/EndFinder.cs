namespace SmtpProxy.Protocol.Messages;

/// <summary>Finds the end of message data (RFC 5321 4.1.1.4; PROTOCOL 5.4), <c>CRLF.CRLF</c> or <c>.CRLF</c> as the first line, and looks
/// at nothing else: for whoever must know where the commands go on and does not report. Resumable at any octet, at the speed
/// of a vectorised search.</summary>
public struct EndFinder
{
    /// <summary>Octets of <see cref="End"/> that stand directly before the next octet.</summary>
    private int _matched;

    private static ReadOnlySpan<byte> End => "\r\n.\r\n"u8;

    /// <summary>After the go-ahead: as if a line end had just come.</summary>
    public static EndFinder Start() => new() { _matched = 2 };

    /// <summary>Looks for the end.</summary>
    /// <param name="octets">What was read.</param>
    /// <param name="ended">Whether the end of data is complete.</param>
    /// <returns>How many octets belong to the body and its end.</returns>
    public int Scan(ReadOnlySpan<byte> octets, out bool ended)
    {
        var at = 0;
        // What an earlier read began is compared octet by octet; from there the search goes on by itself.
        while (at < octets.Length && _matched > 0)
        {
            Step(octets[at++]);
            if (_matched == End.Length)
            {
                ended = true;
                return at;
            }
        }

        var found = octets[at..].IndexOf(End);
        ended = found >= 0;
        if (ended)
        {
            return at + found + End.Length;
        }

        // The beginning of an end may be the last that came.
        foreach (var octet in octets[Math.Max(at, octets.Length - End.Length + 1)..])
        {
            Step(octet);
        }

        return octets.Length;
    }

    private void Step(byte octet)
    {
        // Of what has matched only a last CR, or CRLF, can be the beginning of another end.
        _matched = octet == End[_matched] ? _matched + 1 : octet == (byte)'\r' ? 1 : 0;
    }
}
