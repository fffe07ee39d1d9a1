using System.Security.Cryptography;
using System.Text;

namespace SmtpProxy.Telemetry.Privacy;

/// <summary>How much of a mail address may be written down.</summary>
public enum AddressPrivacy : byte
{
    /// <summary>Nothing of it (<c>none</c>).</summary>
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
    private static readonly byte[] KeyOfProcess = RandomNumberGenerator.GetBytes(32);
    private readonly byte[] _key = key;

    /// <summary>Lets nothing through.</summary>
    public static readonly AddressFilter None = new(AddressPrivacy.None, []);

    /// <summary>Octets of the hash that are shown: 64 bits, enough that the addresses of a site do not collide.</summary>
    private const int HashOctets = 8;

    /// <summary>How much of a refusal's text is shown.</summary>
    public RefusalTextPrivacy RefusalText { get; init; }

    /// <summary>Whether anything of an address is shown at all.</summary>
    public bool Shows => level != AddressPrivacy.None;

    /// <summary>Returns what may be written of an address (of MAIL, RCPT); null: nothing. The null path of a bounce (RFC 5321 4.5.5) is
    /// nobody's address and stays the empty string.</summary>
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

        if (level == AddressPrivacy.Domain)
        {
            var domain = address[(address.LastIndexOf((byte)'@') + 1)..];
            return domain.Length < address.Length && IsDomain(domain) ? domain.ToArray() : null;
        }

        // Domains compare without case (RFC 5321 2.4), and mail systems in practice treat local parts likewise.
        var lower = address.ToArray();
        Ascii.ToLowerInPlace(lower, out _);
        return Encoding.ASCII.GetBytes(Hashed(_key, lower));
    }

    /// <summary>Returns what may be written of a draw's key. A key names the people whose mail it was, hashed with a seed: who knows the
    /// seed could try addresses. Equal keys stay equal as long as the process lives.</summary>
    public string ApplyToKey(string key) => level == AddressPrivacy.Full ? key
        : Hashed(level == AddressPrivacy.Hash ? _key : KeyOfProcess, Encoding.UTF8.GetBytes(key));

    /// <summary>Returns what may be written of a capability that a relay offers: a line with an address in it is
    /// cut down to its keyword.</summary>
    public ReadOnlySpan<byte> ApplyToCapability(ReadOnlySpan<byte> line)
    {
        if (level == AddressPrivacy.Full || !line.Contains((byte)'@'))
        {
            return line;
        }

        var blank = line.IndexOf((byte)' ');
        return blank < 0 || line[..blank].Contains((byte)'@') ? "?"u8 : line[..blank];
    }

    /// <summary>Returns what may be written of a parameter of MAIL. A value that is a number or a name of a standard may be; any other
    /// counts as an address. A parameter without a value that no standard knows may be anything, and becomes <c>?</c>.</summary>
    public byte[] ApplyToParameter(ReadOnlySpan<byte> parameter)
    {
        if (level == AddressPrivacy.Full)
        {
            return parameter.ToArray();
        }

        var equals = parameter.IndexOf((byte)'=');
        var keyword = equals < 0 ? parameter : parameter[..equals];
        switch (KnownMailParameters.KindOf(keyword, hasValue: equals >= 0))
        {
            case MailParameterKind.Unknown:
                return "?"u8.ToArray();
            case MailParameterKind.Plain when KnownMailParameters.IsPlain(parameter):
                return parameter.ToArray();
        }

        var value = equals < 0 ? null : Apply(KnownMailParameters.Decoded(parameter[(equals + 1)..]));
        return value is null ? keyword.ToArray() : [.. keyword, (byte)'=', .. value];
    }

    /// <summary>A name or a literal (RFC 5321 4.1.2), also of RFC 6531; nothing else that could stand after an @.</summary>
    private static bool IsDomain(ReadOnlySpan<byte> domain)
    {
        var isLiteral = domain is [(byte)'[', .., (byte)']'];
        foreach (var octet in isLiteral ? domain[1..^1] : domain)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet < 128 && octet is not ((byte)'.' or (byte)'-' or (byte)'_')
                && !(isLiteral && octet == ':'))
            {
                return false;
            }
        }

        return domain.Length > 0;
    }

    private static string Hashed(byte[] key, byte[] value) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, value).AsSpan(0, HashOctets));
}
