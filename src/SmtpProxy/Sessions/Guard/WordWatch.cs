using System.Runtime.InteropServices;

namespace SmtpProxy.Sessions.Guard;

/// <summary>Looks for guarded commands in octets that pass and that nobody follows, however they are cut. Nothing is held back: without the
/// octet after it, the word alone is no command.</summary>
internal struct WordWatch
{
    /// <summary>The longest of the words.</summary>
    private const int Longest = sizeof(ulong);

    private ulong _last;
    private int _length;

    /// <summary>Looks at octets that are about to pass.</summary>
    /// <returns>They complete one.</returns>
    public bool Finds(ReadOnlySpan<byte> octets, GuardedWords among)
    {
        Span<byte> border = stackalloc byte[2 * (Longest + 1)];
        MemoryMarshal.AsBytes(new Span<ulong>(ref _last))[.._length].CopyTo(border);
        var head = octets[..Math.Min(octets.Length, Longest + 1)];
        head.CopyTo(border[_length..]);
        var seen = border[..(_length + head.Length)];
        if (GuardedWord.IsAnywhere(seen, among) || GuardedWord.IsAnywhere(octets, among))
        {
            return true;
        }

        Remember(octets);
        return false;
    }

    /// <summary>Octets pass that are not looked at: what comes after them may complete a word all the same.</summary>
    public void Remember(ReadOnlySpan<byte> octets)
    {
        var last = MemoryMarshal.AsBytes(new Span<ulong>(ref _last));
        if (octets.Length < Longest)
        {
            var kept = Math.Min(_length, Longest - octets.Length);
            last[(_length - kept).._length].CopyTo(last);
            octets.CopyTo(last[kept..]);
            _length = kept + octets.Length;
            return;
        }

        octets[^Longest..].CopyTo(last);
        _length = Longest;
    }
}
