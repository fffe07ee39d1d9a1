using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Hello;

/// <summary>What of the keywords in a reply to EHLO (RFC 5321 4.1.1.1) a client gets to see.</summary>
/// <param name="Hides">Keywords that are taken out, upper case.</param>
/// <param name="Adds">One that is put in; empty: none.</param>
/// <param name="AddsOnlyIfOffered">It is put in only where the relay has it as well.</param>
public sealed record EhloRules(IReadOnlyList<byte[]> Hides, byte[] Adds, bool AddsOnlyIfOffered)
{
    /// <summary>A line may wait for what comes after it, so that it can become the last; otherwise nothing may be late.</summary>
    public bool HoldsLine { get; init; }

    /// <summary>What is written in the place of a line's text; null: it stays. Only for whole replies, of which
    /// each line is there at once.</summary>
    public Func<ReadOnlySpan<byte>, byte[]?>? Rewrites { get; init; }

    /// <summary>Whether this keyword is taken out.</summary>
    /// <param name="text">A line without code and separator.</param>
    public bool Hide(ReadOnlySpan<byte> text)
    {
        foreach (var keyword in Hides)
        {
            if (IsOf(text, keyword))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a line that begins like this may turn out to be one that does not stay as it is.</summary>
    public bool MayChange(ReadOnlySpan<byte> text)
    {
        if (Rewrites is not null)
        {
            return true;
        }

        var word = text.TrimStart(" \t"u8).TrimEnd((byte)'\r');
        foreach (var keyword in Hides)
        {
            var length = Math.Min(word.Length, keyword.Length);
            if (System.Text.Ascii.EqualsIgnoreCase(word[..length], keyword.AsSpan(0, length)) && word.Length <= keyword.Length)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether this line is the keyword that is put in.</summary>
    public bool IsAdded(ReadOnlySpan<byte> text) => Adds.Length > 0 && IsOf(text, Adds);

    /// <summary>Whether a whole reply at the beginning of the octets can pass as it is.</summary>
    /// <param name="octets">What the relay said.</param>
    /// <param name="length">The length of the reply.</param>
    public bool Passes(ReadOnlySpan<byte> octets, out int length)
    {
        length = 0;
        while (octets[length..].IndexOf((byte)'\n') is var end and >= 0)
        {
            if (!ReplyLine.TryParse(octets.Slice(length, end).TrimEnd((byte)'\r'), out var line)
                || line.IsInformation || (length > 0 && Hide(line.Text)))
            {
                return false;
            }

            length += end + 1;
            if (line.EndsReply)
            {
                return Adds.Length == 0 || line.Code / 100 != 2;
            }
        }

        return false;
    }

    /// <summary>Whether a line is of this keyword.</summary>
    /// <param name="text">The line without code and separator.</param>
    /// <param name="keyword">In any case.</param>
    public static bool IsOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> keyword)
    {
        var word = text.TrimStart(" \t"u8);
        return word.Length >= keyword.Length && System.Text.Ascii.EqualsIgnoreCase(word[..keyword.Length], keyword)
            && (word.Length == keyword.Length
                || !(char.IsAsciiLetterOrDigit((char)word[keyword.Length]) || word[keyword.Length] == (byte)'-'));
    }
}
