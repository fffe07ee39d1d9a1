using System.Buffers;
using System.Text;
using System.Text.Unicode;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Sink;

/// <summary>Judges the paths of MAIL and RCPT (RFC 5321 4.1.2): a local part, "@" and a domain or address literal. Whether they exist is
/// nobody's business here.</summary>
internal static class PathSyntax
{
    /// <summary>Octets of a path with its brackets (RFC 5321 4.5.3.1.3).</summary>
    private const int MaxLength = 256 - 2;

    /// <summary>What a local part may have only in quotes (RFC 5321 4.1.2, RFC 5322 3.2.3).</summary>
    private static readonly SearchValues<byte> Specials = SearchValues.Create(" <>()[],;:\\\"@"u8);

    /// <summary>Takes the arguments apart when they read <c>FROM:&lt;</c> or <c>TO:&lt;</c> … <c>&gt;</c>; blanks behind the colon are
    /// forgiven, as everywhere.</summary>
    public static bool TryParse(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> keyword, out MailPath path)
    {
        path = default;
        if (arguments.Length <= keyword.Length || !Ascii.EqualsIgnoreCase(arguments[..keyword.Length], keyword))
        {
            return false;
        }

        var rest = arguments[keyword.Length..].TrimStart(" \t"u8);
        if (rest is not [(byte)'<', ..])
        {
            return false;
        }

        path = MailPath.Parse(arguments);
        // Without ">" the parser takes all the rest for the path.
        return rest[..^path.Parameters.Length].TrimEnd(" \t"u8) is [.., (byte)'>'];
    }

    /// <summary>Whether an address can be one.</summary>
    public static bool IsAddress(ReadOnlySpan<byte> address)
    {
        if (address.Length > MaxLength || address.ContainsAnyInRange((byte)0, (byte)31) || address.Contains((byte)127)
            || !Utf8.IsValid(address))
        {
            return false;
        }

        var at = address.LastIndexOf((byte)'@');
        return at > 0 && IsLocalPart(address[..at]) && IsDomain(address[(at + 1)..]);
    }

    /// <summary>The part before the last "@"; all of it without one.</summary>
    public static ReadOnlySpan<byte> LocalPart(ReadOnlySpan<byte> address) =>
        address.LastIndexOf((byte)'@') is var at and >= 0 ? address[..at] : address;

    private static bool IsLocalPart(ReadOnlySpan<byte> text) => text is [(byte)'"', .., (byte)'"']
        || (!text.ContainsAny(Specials) && text[0] != '.' && text[^1] != '.' && text.IndexOf(".."u8) < 0);

    private static bool IsDomain(ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'[', _, .., (byte)']'])
        {
            return true;
        }

        foreach (var octet in text)
        {
            // Above 127: internationalized (RFC 6531 3.3). The underscore is no letter of the RFC, but of many test set-ups.
            if (octet < 128 && !char.IsAsciiLetterOrDigit((char)octet) && octet is not ((byte)'-' or (byte)'.' or (byte)'_'))
            {
                return false;
            }
        }

        return !text.IsEmpty && text[0] != '.' && text[^1] != '.' && text.IndexOf(".."u8) < 0;
    }
}
