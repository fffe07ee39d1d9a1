namespace SmtpProxy.Protocol;

/// <summary>The arguments of BDAT: <c>size [SP "LAST"]</c> (RFC 3030 2; PROTOCOL 6.1, 6.3).</summary>
public static class ChunkSize
{
    /// <summary>Reads them; false when the size is missing, signed, no number, above 64 bits, or followed by junk.</summary>
    public static bool TryParse(ReadOnlySpan<byte> arguments, out long size, out bool last)
    {
        size = -1;
        last = false;
        var blank = arguments.IndexOfAny((byte)' ', (byte)'\t');
        var digits = blank < 0 ? arguments : arguments[..blank];
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || !ulong.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var rest = blank < 0 ? default : arguments[blank..].Trim(" \t"u8);
        last = System.Text.Ascii.EqualsIgnoreCase(rest, "LAST"u8);
        if (!rest.IsEmpty && !last)
        {
            return false;
        }

        // So much never passes: what it is beyond 63 bits makes no difference.
        size = (long)Math.Min(number, long.MaxValue);
        return true;
    }
}
