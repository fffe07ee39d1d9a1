using System.Security.Cryptography;
using System.Text;

namespace SmtpProxy.Telemetry;

/// <summary>How much of a mail address may be written down.</summary>
public enum AddressPrivacy : byte
{
    /// <summary>Nothing (<c>none</c>).</summary>
    None,

    /// <summary>The domain (<c>domain</c>).</summary>
    Domain,

    /// <summary>A keyed hash: equal addresses are equal, nobody without the key can say which (<c>hash</c>).</summary>
    Hash,

    /// <summary>All of it (<c>full</c>).</summary>
    Full,
}

/// <summary>Lets through of an address what the privacy level allows.</summary>
internal sealed class AddressFilter(AddressPrivacy level, byte[] key)
{
    /// <summary>Lets nothing through.</summary>
    public static readonly AddressFilter None = new(AddressPrivacy.None, []);

    /// <summary>Octets of the hash that are shown: 64 bits, enough to tell the addresses of a site apart.</summary>
    private const int HashOctets = 8;

    /// <summary>Whether anything of an address is shown at all.</summary>
    public bool Shows => level != AddressPrivacy.None;

    /// <summary>What may be written of an address (of MAIL, RCPT). Null = nothing. The null path of a bounce (RFC 5321 4.5.5) is nobody's
    /// address and stays the empty string.</summary>
    public byte[]? Apply(ReadOnlySpan<byte> address)
    {
        if (!Shows)
        {
            return null;
        }

        if (address.IsEmpty || level == AddressPrivacy.Full)
        {
            return address.ToArray();
        }

        var at = address.LastIndexOf((byte)'@');
        if (level == AddressPrivacy.Domain)
        {
            return at < 0 ? null : address[(at + 1)..].ToArray();
        }

        // Domains compare without case (RFC 5321 2.4), and mail systems in practice treat local parts likewise.
        var lower = address.ToArray();
        Ascii.ToLowerInPlace(lower, out _);
        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(key, lower).AsSpan(0, HashOctets)));
    }

    /// <summary>What may be written of a parameter of MAIL: all of it, unless its value is or contains an address (AUTH of RFC 4954 5, and
    /// whatever has an @), which follows the privacy level.</summary>
    public byte[] ApplyToParameter(ReadOnlySpan<byte> parameter)
    {
        var equals = parameter.IndexOf((byte)'=');
        if (equals < 0 || level == AddressPrivacy.Full || !HoldsAddress(parameter[..equals], parameter[(equals + 1)..]))
        {
            return parameter.ToArray();
        }

        var value = Apply(parameter[(equals + 1)..]);
        return value is null ? parameter[..equals].ToArray() : [.. parameter[..(equals + 1)], .. value];
    }

    private static bool HoldsAddress(ReadOnlySpan<byte> keyword, ReadOnlySpan<byte> value) =>
        Ascii.EqualsIgnoreCase(keyword, "AUTH"u8) || value.Contains((byte)'@') || value.IndexOf("+40"u8) >= 0;
}
