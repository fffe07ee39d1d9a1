namespace SmtpProxy.Sessions.Guard;

/// <summary>
/// Looks for guarded commands where a line is so long that some relay may cut it, and take the rest for the next command: at 512 octets
/// (RFC 5321 4.5.3.1.4), or at any other size of its buffer; Exim at 16384. Nothing is held back: the word without the octet after it is
/// no command yet.
/// </summary>
internal struct CutWatch
{
    /// <summary>No relay cuts a line that is shorter.</summary>
    public const int Shortest = 500;

    private WordWatch _words;
    private int _length;

    /// <summary>Looks at the next octets of lines.</summary>
    /// <param name="octets">The octets, cut anywhere.</param>
    /// <param name="among">The commands that are looked for.</param>
    /// <returns>They complete one.</returns>
    public bool Finds(ReadOnlySpan<byte> octets, GuardedWords among)
    {
        while (!octets.IsEmpty)
        {
            var end = octets.IndexOf((byte)'\n') + 1;
            var line = end == 0 ? octets : octets[..end];
            if (_length + line.Length > Shortest && _words.Finds(line[Math.Max(0, Shortest - _length)..], among))
            {
                return true;
            }

            (_words, _length) = end == 0 ? (_words, Math.Min(_length + line.Length, Shortest)) : (default, 0);
            octets = octets[line.Length..];
        }

        return false;
    }
}
