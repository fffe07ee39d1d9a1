namespace SmtpProxy.Protocol.Replies;

/// <summary>An enhanced mail system status code (RFC 3463 2). The default value means "none".</summary>
/// <remarks><code>
/// status-code = class "." subject "." detail
/// class       = "2" / "4" / "5"
/// subject     = 1*3DIGIT
/// detail      = 1*3DIGIT
/// </code></remarks>
/// <param name="Class">2, 4 or 5; 0 = no enhanced code.</param>
/// <param name="Subject">0-999.</param>
/// <param name="Detail">0-999.</param>
public readonly record struct EnhancedCode(byte Class, ushort Subject, ushort Detail)
{
    /// <summary>Whether there is a code at all.</summary>
    public bool IsPresent => Class != 0;

    /// <summary>Reads the code at the beginning of a reply's text, where a blank or the end follows it (RFC 2034 4).</summary>
    /// <returns>The code, or the default value where the text begins otherwise.</returns>
    public static EnhancedCode Read(ReadOnlySpan<byte> text)
    {
        if (text.Length < 5 || text[0] is not ((byte)'2' or (byte)'4' or (byte)'5') || text[1] != '.')
        {
            return default;
        }

        var rest = text[2..];
        return TryNumber(ref rest, out var subject) && rest is [(byte)'.', ..] && Skip(ref rest)
            && TryNumber(ref rest, out var detail) && rest is [] or [(byte)' ', ..]
            ? new EnhancedCode((byte)(text[0] - '0'), subject, detail)
            : default;
    }

    /// <summary><c>class.subject.detail</c>, or the empty string when there is none.</summary>
    public override string ToString() => IsPresent ? $"{Class}.{Subject}.{Detail}" : "";

    private static bool Skip(ref ReadOnlySpan<byte> rest)
    {
        rest = rest[1..];
        return true;
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> rest, out ushort number)
    {
        number = 0;
        var digits = 0;
        while (digits < 3 && digits < rest.Length && ReplyLine.IsDigit(rest[digits]))
        {
            number = (ushort)((number * 10) + (rest[digits++] - '0'));
        }

        rest = rest[digits..];
        return digits > 0;
    }
}
