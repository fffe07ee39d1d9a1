using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Tls;

/// <summary>
/// Names in a peer's certificate, fit to be written down. The peer chose them, and they may be a person's: of a subject only what names
/// hosts and organisations is shown, a mail address never (certificates are said to be broken at any level of privacy), no control
/// character, and no length at will.
/// </summary>
internal static class CertificateName
{
    /// <summary>Stands for a mail address.</summary>
    public const string Address = "(address)";

    /// <summary>Stands for a name of which nothing is shown.</summary>
    public const string Hidden = "(name not shown)";

    private const int Longest = 64;
    private const int MostParts = 6;

    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["2.5.4.3"] = "CN", ["2.5.4.10"] = "O", ["2.5.4.11"] = "OU", ["2.5.4.6"] = "C", ["2.5.4.7"] = "L", ["2.5.4.8"] = "ST",
        ["0.9.2342.19200300.100.1.25"] = "DC",
    };

    /// <summary>A subject or an issuer, as <c>CN=mx.example, O=Example</c>.</summary>
    public static string Of(X500DistinguishedName name)
    {
        try
        {
            var parts = name.EnumerateRelativeDistinguishedNames()
                .Where(static part => !part.HasMultipleElements && Kinds.ContainsKey(part.GetSingleElementType().Value ?? ""))
                .Select(static part => $"{Kinds[part.GetSingleElementType().Value!]}={Shown(part.GetSingleElementValue() ?? "")}")
                .Take(MostParts).ToArray();
            return parts.Length > 0 ? string.Join(", ", parts) : Hidden;
        }
        catch (CryptographicException)
        {
            // A peer may show anything.
            return Hidden;
        }
    }

    /// <summary>One value of a name.</summary>
    public static string Shown(string value)
    {
        // U+FF20 and U+FE6B are the sign in other widths.
        if (value.AsSpan().ContainsAny('@', '\uFF20', '\uFE6B'))
        {
            return Address;
        }

        var printable = string.Concat(value.Take(Longest).Select(static c => char.IsControl(c) || char.IsSurrogate(c)
            || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format
            or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator ? '?' : c));
        return value.Length > Longest ? printable + "..." : printable;
    }
}
