namespace SmtpProxy.Sessions.Guard;

/// <summary>
/// Looks for guarded commands in what is believed to be a message and may be none to the relay: after a line that is only a dot to relays
/// that are lax about line ends (PROTOCOL 5.5, SMTP smuggling), and after a reply that came before the end of data (PROTOCOL 5.7), for a
/// relay that then takes the rest for commands.
/// </summary>
internal struct MessageWatch
{
    private byte _last = (byte)'\n';
    private bool _isDot;
    private bool _isLax;

    /// <summary>Nothing has passed: what comes begins a line.</summary>
    public MessageWatch()
    {
    }

    /// <summary>Looks at octets that are about to pass.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="words">Finds what passes and nobody follows.</param>
    /// <param name="isDoubtful">All of them may be commands.</param>
    /// <param name="isOver">They end the message.</param>
    /// <param name="among">The commands that are looked for.</param>
    /// <returns>They hold one that the relay could take.</returns>
    public bool Finds(ReadOnlySpan<byte> octets, ref WordWatch words, bool isDoubtful, bool isOver, GuardedWords among)
    {
        var from = isDoubtful ? 0 : AfterLaxDot(octets);
        if (from > 0)
        {
            words = default;
        }

        var found = from >= 0 && words.Finds(octets[from..], among);
        if (from < 0)
        {
            words.Remember(octets);
        }

        if (isOver)
        {
            (words, _last, _isDot, _isLax) = (default, (byte)'\n', false, false);
        }

        return found;
    }

    /// <summary>Where octets begin that may be commands; -1: none are. The true end of data looks lax too, and
    /// nothing comes after it.</summary>
    private int AfterLaxDot(ReadOnlySpan<byte> octets)
    {
        if (_isLax || octets.IsEmpty)
        {
            return _isLax ? 0 : -1;
        }

        if (_isDot && LineDots.IsEnd(octets[0]))
        {
            _isLax = true;
            return 0;
        }

        _isDot = false;
        var at = octets[0] == (byte)'.' && LineDots.IsEnd(_last) ? 0 : LineDots.Next(octets, 1);
        for (; at >= 0; at = LineDots.Next(octets, at + 1))
        {
            _isDot = at + 1 == octets.Length;
            if (!_isDot && LineDots.IsEnd(octets[at + 1]))
            {
                _isLax = true;
                return at + 1;
            }
        }

        _last = octets[^1];
        return -1;
    }
}
