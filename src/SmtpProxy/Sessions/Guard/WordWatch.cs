namespace SmtpProxy.Sessions.Guard;

/// <summary>Looks for guarded commands in octets that pass and that nobody follows, however they are cut. Nothing is held back: without the octet after it, the
/// word alone is no command.</summary>
internal struct WordWatch
{
    /// <summary>The longest of the words.</summary>
    private const int Longest = 8;

    private byte[]? _last;
    private int _length;

    /// <summary>Looks at octets that are about to pass.</summary>
    /// <returns>They complete one.</returns>
    public bool Finds(ReadOnlySpan<byte> octets, GuardedWords among)
    {
        Span<byte> border = stackalloc byte[2 * (Longest + 1)];
        _last ??= new byte[Longest];
        _last.AsSpan(0, _length).CopyTo(border);
        var head = octets[..Math.Min(octets.Length, Longest + 1)];
        head.CopyTo(border[_length..]);
        var seen = border[..(_length + head.Length)];
        if (GuardedWord.IsAnywhere(seen, among) || GuardedWord.IsAnywhere(octets, among))
        {
            return true;
        }

        var tail = octets.Length >= Longest ? octets[^Longest..] : seen[^Math.Min(seen.Length, Longest)..];
        tail.CopyTo(_last);
        _length = tail.Length;
        return false;
    }
}
