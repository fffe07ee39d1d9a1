namespace SmtpProxy.Sessions.Guard;

/// <summary>Looks for commands in octets that pass, at each place where some relay begins a line: after LF, and after a CR or a NUL alone.
/// The octets may be cut anywhere. Nothing is held back: the word without the octet after it is no command yet.</summary>
internal struct LineWatch
{
    private GuardedWords _left;
    private int _length;
    private bool _isOther;
    private bool _isInner;

    /// <summary>No octet of a line was seen, or blanks only.</summary>
    public readonly bool IsAtStart => !_isOther && _length == 0;

    /// <summary>Looks at the next octets.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="among">The commands that are looked for.</param>
    /// <param name="isResponse">They are believed to be SASL responses, and a word that is a whole line may be one:
    /// it is base64 (RFC 4954 4).</param>
    /// <returns>The first that they complete.</returns>
    public GuardedWords Finds(ReadOnlySpan<byte> octets, GuardedWords among, bool isResponse = false)
    {
        for (var at = 0; at < octets.Length; at++)
        {
            if (_isOther)
            {
                var next = octets[at..].IndexOfAny((byte)'\n', (byte)'\r', (byte)0);
                if (next < 0)
                {
                    break;
                }

                at += next;
            }

            var word = Take(octets[at], among, isResponse);
            if (word != GuardedWords.None)
            {
                return word;
            }
        }

        return GuardedWords.None;
    }

    private GuardedWords Take(byte octet, GuardedWords among, bool isResponse)
    {
        var word = _length > 0 && !GuardedWord.IsOfVerb(octet) ? GuardedWord.OfLength(_left, _length) : GuardedWords.None;
        if (word != GuardedWords.None && !(isResponse && !_isInner && octet is (byte)'\r' or (byte)'\n'))
        {
            return word;
        }

        if (octet is (byte)'\n' or (byte)'\r' or 0)
        {
            // To a relay that skips control characters the line that LF began is still at its beginning.
            _isInner = octet != (byte)'\n' && (_isInner || !IsAtStart);
            (_isOther, _length) = (false, 0);
        }
        else if (_length > 0 || !GuardedWord.IsBlank(octet))
        {
            _left = GuardedWord.Narrow(_length == 0 ? among : _left, _length, octet);
            (_isOther, _length) = (_left == GuardedWords.None, _left == GuardedWords.None ? 0 : _length + 1);
        }

        return GuardedWords.None;
    }
}
