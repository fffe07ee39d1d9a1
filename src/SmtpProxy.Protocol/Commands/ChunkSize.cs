namespace SmtpProxy.Protocol.Commands;

/// <summary>The arguments of BDAT (RFC 3030 2; PROTOCOL 6.1, 6.3).</summary>
/// <remarks><code>
/// bdat-cmd   = "BDAT" SP chunk-size [ SP end-marker ] CR LF
/// chunk-size = 1*DIGIT
/// end-marker = "LAST"
/// </code></remarks>
public static class ChunkSize
{
    /// <summary>Reads them.</summary>
    /// <param name="arguments">What follows the verb; tabs count as blanks.</param>
    /// <param name="size">The chunk's octets; -1 where there is no size.</param>
    /// <param name="last">Whether it is the message's last chunk.</param>
    /// <returns>False when the size is missing, signed, not a number, above 64 bits, or followed by anything but LAST.</returns>
    public static bool TryParse(ReadOnlySpan<byte> arguments, out long size, out bool last)
    {
        size = -1;
        last = false;
        var blank = arguments.IndexOfAny((byte)' ', (byte)'\t');
        var digits = blank < 0 ? arguments : arguments[..blank];
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || !ulong.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture,
                out var number))
        {
            return false;
        }

        var rest = blank < 0 ? default : arguments[blank..].Trim(" \t"u8);
        last = System.Text.Ascii.EqualsIgnoreCase(rest, "LAST"u8);
        if (!rest.IsEmpty && !last)
        {
            return false;
        }

        // No connection lives to see 2^63 octets, so that a larger size may count as that.
        size = (long)Math.Min(number, long.MaxValue);
        return true;
    }
}
