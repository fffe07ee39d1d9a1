using System.Buffers;
using System.Text;

namespace SmtpProxy.Sessions.Guard;

/// <summary>Commands that the proxy may have to answer itself.</summary>
[Flags]
internal enum GuardedWords : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>RFC 3207.</summary>
    StartTls = 1,

    /// <summary>Postfix XCLIENT.</summary>
    XClient = 2,

    /// <summary>Postfix XFORWARD.</summary>
    XForward = 4,

    /// <summary>RFC 3030. Not answered here: what follows its line is no line, so that nobody can say where
    /// the next command begins.</summary>
    Bdat = 8,
}

/// <summary>Recognises guarded commands by how a line begins, more generously than the grammar: some relays skip blanks and control
/// characters before a verb and take any of them as its end. What begins like a guarded command must not pass
/// because it is written oddly.</summary>
internal static class GuardedWord
{
    private static readonly (GuardedWords Word, byte[] Verb)[] All =
    [
        (GuardedWords.StartTls, "STARTTLS"u8.ToArray()), (GuardedWords.XClient, "XCLIENT"u8.ToArray()),
        (GuardedWords.XForward, "XFORWARD"u8.ToArray()), (GuardedWords.Bdat, "BDAT"u8.ToArray()),
    ];

    /// <summary>So many octets tell whether a line begins with one of them: the longest, and what comes after it.</summary>
    private const int Longest = 8 + 1;

    private static readonly SearchValues<byte> Blanks =
        SearchValues.Create([.. Enumerable.Range(0, 33).Where(static c => c != '\n').Select(static c => (byte)c), 127]);

    /// <summary>Octets that some relays skip at the beginning of a line.</summary>
    public static bool IsBlank(byte octet) => Blanks.Contains(octet);

    /// <summary>How many octets at the beginning of a line some relays skip.</summary>
    public static int Lead(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(Blanks) is var start and >= 0 ? start : line.Length;

    /// <summary>What a line is.</summary>
    /// <param name="line">The line, or its beginning.</param>
    /// <param name="among">The commands that are looked for.</param>
    /// <param name="isOpen">It is none of them so far, and may become one.</param>
    /// <returns>Which it is, even if the line is not complete.</returns>
    public static GuardedWords Of(ReadOnlySpan<byte> line, GuardedWords among, out bool isOpen)
    {
        isOpen = false;
        var text = line[Lead(line)..];
        if (text.IsEmpty)
        {
            isOpen = !line.IsEmpty;
            return GuardedWords.None;
        }

        foreach (var (word, verb) in All)
        {
            if ((among & word) == 0)
            {
                continue;
            }

            var length = Math.Min(text.Length, verb.Length);
            if (!Ascii.EqualsIgnoreCase(text[..length], verb.AsSpan(0, length)))
            {
                continue;
            }

            if (text.Length > verb.Length)
            {
                return IsOfVerb(text[verb.Length]) ? GuardedWords.None : word;
            }

            isOpen = true;
            return GuardedWords.None;
        }

        return GuardedWords.None;
    }

    /// <summary>What a complete line hides from who ends lines at LF only, and shows those relays that end one at a CR
    /// or a NUL alone as well.</summary>
    /// <param name="line">A line that does not begin like one of the commands.</param>
    /// <param name="among">The commands that are looked for.</param>
    public static GuardedWords Hidden(ReadOnlySpan<byte> line, GuardedWords among)
    {
        var text = line.TrimEnd((byte)'\n').TrimEnd((byte)'\r');
        return text.IndexOfAny((byte)'\r', (byte)0) < 0 ? GuardedWords.None : default(LineWatch).Finds(line, among);
    }

    /// <summary>Those words of which this octet is the next.</summary>
    /// <param name="among">The words that begin as a line does.</param>
    /// <param name="length">Length of that beginning.</param>
    /// <param name="octet">The octet after it.</param>
    public static GuardedWords Narrow(GuardedWords among, int length, byte octet)
    {
        var left = GuardedWords.None;
        foreach (var (word, verb) in All)
        {
            left |= (among & word) != 0 && length < verb.Length && (octet & ~0x20) == verb[length] ? word : GuardedWords.None;
        }

        return left;
    }

    /// <summary>Which of the words has this length.</summary>
    public static GuardedWords OfLength(GuardedWords among, int length)
    {
        foreach (var (word, verb) in All)
        {
            if ((among & word) != 0 && verb.Length == length)
            {
                return word;
            }
        }

        return GuardedWords.None;
    }

    /// <summary>Whether an octet can be of a verb, so that the one before it does not end it.</summary>
    public static bool IsOfVerb(byte octet) => char.IsAsciiLetterOrDigit((char)octet) || octet == (byte)'-';

    /// <summary>How many octets, of several lines, come before one that is guarded or may become so; what it begins with before its verb is
    /// not its own. After a chunk a command can stand anywhere in a line: nothing goes on after a line that announces one.</summary>
    /// <param name="octets">The octets, from the beginning of a line.</param>
    /// <param name="among">The commands that are looked for.</param>
    /// <param name="gone">How many of them were found to come before it earlier.</param>
    public static int Before(ReadOnlySpan<byte> octets, GuardedWords among, int gone)
    {
        var before = BeforeCut(octets, among, gone, BeforeLine(octets, among, gone));
        // To some relays a CR or a NUL alone ends a line.
        var from = octets[..gone].LastIndexOfAnyExcept(Blanks) + 1;
        for (var at = from; at < before && octets[at..before].IndexOfAny((byte)'\r', (byte)0) is var next and >= 0; at++)
        {
            at += next;
            var rest = octets[(at + 1)..];
            var lead = Lead(rest);
            if (lead == rest.Length)
            {
                break;
            }

            if (rest[0] != (byte)'\n' && (Of(rest[lead..], among, out var isOpen) != GuardedWords.None || isOpen))
            {
                // What begins the line before its verb goes on.
                return Math.Max(gone, at + 1 + lead);
            }

            // Whatever ends a line among these blanks, the next one has the same first word: each is looked at once, not once for each
            // NUL before it.
            at += lead;
        }

        return before;
    }

    /// <summary>A few octets that can stand in the place of all that has gone on, for <see cref="Before"/> to find the same in what comes
    /// next: whether the last whole line announces a chunk, how the line after it begins, how long it is where that matters, and whether
    /// it stands where some relays begin another.</summary>
    /// <param name="gone">What has gone on, from the beginning of a line.</param>
    public static byte[] Gist(ReadOnlySpan<byte> gone)
    {
        var at = gone.LastIndexOf((byte)'\n') + 1;
        if (at > 0 && AnnouncesChunk(gone[(gone[..(at - 1)].LastIndexOf((byte)'\n') + 1)..at]))
        {
            return [.. "BDAT \n"u8];
        }

        // Blanks before a verb are skipped: so many stand as long as they may count (CutWatch).
        var text = GistOfLine(gone[at..]);
        var missing = Math.Min(gone.Length - at, CutWatch.Shortest) - text.Length;
        return missing > 0 ? [.. Enumerable.Repeat((byte)' ', missing), .. text] : text;
    }

    private static byte[] GistOfLine(ReadOnlySpan<byte> line)
    {
        var text = line[Lead(line)..];
        if (text.Length <= Longest)
        {
            return [.. text];
        }

        var isInner = text[(text.LastIndexOfAnyExcept(Blanks) + 1)..].IndexOfAny((byte)'\r', (byte)0) >= 0;
        return [.. text[..Longest], isInner ? (byte)'\r' : (byte)'x'];
    }

    /// <summary>How many octets come before a word where some relays may have cut its line.</summary>
    private static int BeforeCut(ReadOnlySpan<byte> octets, GuardedWords among, int gone, int before)
    {
        var first = (among & GuardedWords.StartTls) == 0 ? "Xx"u8 : "XxSs"u8;
        for (var at = octets[..gone].LastIndexOf((byte)'\n') + 1; at < before;)
        {
            var end = octets[at..before].IndexOf((byte)'\n') is var length and >= 0 ? at + length + 1 : before;
            for (at = Math.Max(gone, at + CutWatch.Shortest); at < end; at++)
            {
                at = octets[at..end].IndexOfAny(first) is var next and >= 0 ? at + next : end;
                if (at < end && MayBeCut(octets[at..], among))
                {
                    return at;
                }
            }

            at = end;
        }

        return before;
    }

    private static bool MayBeCut(ReadOnlySpan<byte> octets, GuardedWords among)
    {
        var word = Of(octets, among, out var isOpen);
        return isOpen || (word != GuardedWords.None && octets[LengthOf(word)] <= (byte)' ');
    }

    private static int BeforeLine(ReadOnlySpan<byte> octets, GuardedWords among, int gone)
    {
        var at = octets[..gone].LastIndexOf((byte)'\n') + 1;
        if (at > 0 && AnnouncesChunk(octets[(octets[..(at - 1)].LastIndexOf((byte)'\n') + 1)..at]))
        {
            return gone;
        }

        while (at < octets.Length)
        {
            var line = octets[at..];
            var word = Of(line, among, out var isOpen);
            if (isOpen || word != GuardedWords.None)
            {
                return Math.Max(gone, at + Lead(line));
            }

            var end = line.IndexOf((byte)'\n') + 1;
            if (end == 0)
            {
                return octets.Length;
            }

            at += end;
            if (AnnouncesChunk(line[..end]))
            {
                return at;
            }
        }

        return at;
    }

    /// <summary>Whether a guarded command, and a blank or line end after it, stands anywhere in octets of which nobody knows what they are.
    /// In prose it is followed by other signs more often than not.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="among">The commands that are looked for.</param>
    public static bool IsAnywhere(ReadOnlySpan<byte> octets, GuardedWords among)
    {
        var first = (among & GuardedWords.StartTls) == 0 ? "Xx"u8 : "XxSs"u8;
        for (var at = 0; at < octets.Length; at++)
        {
            var next = octets[at..].IndexOfAny(first);
            if (next < 0)
            {
                return false;
            }

            at += next;
            var word = Of(octets[at..], among, out _);
            if (word != GuardedWords.None && octets[at + LengthOf(word)] <= (byte)' ')
            {
                return true;
            }
        }

        return false;
    }

    private static bool AnnouncesChunk(ReadOnlySpan<byte> line) => Of(line, GuardedWords.Bdat, out _) != GuardedWords.None;

    private static int LengthOf(GuardedWords word) => Array.Find(All, known => known.Word == word).Verb.Length;
}
