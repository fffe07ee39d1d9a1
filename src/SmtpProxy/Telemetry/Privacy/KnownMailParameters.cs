using System.Text;

namespace SmtpProxy.Telemetry.Privacy;

/// <summary>What a parameter of MAIL may hold.</summary>
internal enum MailParameterKind : byte
{
    /// <summary>An unknown parameter, which may hold anything.</summary>
    Unknown,

    /// <summary>A number or a name out of a standard, and nothing else.</summary>
    Plain,

    /// <summary>A value that is an address, or may be one.</summary>
    Address,
}

/// <summary>The parameters of MAIL that are registered with IANA, and what their values are.</summary>
internal static class KnownMailParameters
{
    private const int LongestKeyword = 20;

    /// <summary>RFC 1870, 6152, 3030, 3461, 2852, 4865, 6710, 6531, 8689, 4141, and PRDR.</summary>
    private static readonly string[] Plain =
        ["SIZE", "BODY", "RET", "NOTIFY", "BY", "HOLDFOR", "HOLDUNTIL", "MT-PRIORITY", "SMTPUTF8", "REQUIRETLS", "CONPERM", "CONNEG",
            "PRDR"];

    /// <summary>RFC 4954 5, 3461 4.4 and 4.2, 3885, 6758; and those that Exchange uses.</summary>
    private static readonly string[] Addresses = ["AUTH", "ENVID", "ORCPT", "MTRK", "SOLICIT", "TRANSID", "XOORG", "XSYSPROBEID",
        "XMESSAGECONTEXT"];

    /// <summary>Returns what a keyword stands for. Private ones (RFC 5321 4.1.1.1: they begin with X) are
    /// shown without their value.</summary>
    public static MailParameterKind KindOf(ReadOnlySpan<byte> keyword, bool hasValue)
    {
        if (IsOneOf(keyword, Plain))
        {
            return MailParameterKind.Plain;
        }

        return IsOneOf(keyword, Addresses) || (hasValue && IsPrivate(keyword)) ? MailParameterKind.Address : MailParameterKind.Unknown;
    }

    /// <summary>Whether a parameter is made of what numbers, dates and names of a standard are made of, and is
    /// no longer than they are.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> parameter)
    {
        foreach (var octet in parameter)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet)
                && octet is not ((byte)'=' or (byte)'-' or (byte)';' or (byte)',' or (byte)':' or (byte)'.'))
            {
                return false;
            }
        }

        return parameter.Length <= 64;
    }

    /// <summary>Returns a value without the xtext encoding of RFC 3461 4, in which <c>+40</c> is @.</summary>
    public static byte[] Decoded(ReadOnlySpan<byte> value)
    {
        var decoded = new List<byte>(value.Length);
        for (var n = 0; n < value.Length; n++)
        {
            if (value[n] == '+' && n + 2 < value.Length && Convert.FromHexString(Hex(value.Slice(n + 1, 2))) is [var octet])
            {
                decoded.Add(octet);
                n += 2;
            }
            else
            {
                decoded.Add(value[n]);
            }
        }

        return [.. decoded];
    }

    private static string Hex(ReadOnlySpan<byte> digits) =>
        char.IsAsciiHexDigit((char)digits[0]) && char.IsAsciiHexDigit((char)digits[1]) ? Encoding.ASCII.GetString(digits) : "";

    private static bool IsPrivate(ReadOnlySpan<byte> keyword)
    {
        if (keyword is not [(byte)'X' or (byte)'x', ..] || keyword.Length > LongestKeyword || (keyword.Length > 1 && keyword[1] != '-'))
        {
            return false;
        }

        foreach (var octet in keyword)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet != '-')
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsOneOf(ReadOnlySpan<byte> keyword, string[] known)
    {
        foreach (var name in known)
        {
            if (Ascii.EqualsIgnoreCase(keyword, name))
            {
                return true;
            }
        }

        return false;
    }
}
