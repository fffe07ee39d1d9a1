namespace SmtpProxy.Codes;

/// <summary>What the first octets of a stream look like.</summary>
public enum FirstOctets : byte
{
    /// <summary>Nothing came.</summary>
    None,

    /// <summary>Three digits: a reply.</summary>
    Smtp,

    /// <summary>A TLS record (RFC 8446 5.1).</summary>
    Tls,

    /// <summary>An HTTP response.</summary>
    Http,

    /// <summary>SSH's identification.</summary>
    Ssh,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>Recognises protocols by the octets that they begin with, and TLS alerts in the clear.</summary>
public static class Octets
{
    /// <summary>Judges the beginning of a server's stream; a few octets suffice.</summary>
    public static FirstOctets Recognise(ReadOnlySpan<byte> octets) => octets switch
    {
        [] => FirstOctets.None,
        [>= (byte)'0' and <= (byte)'9', ..] => FirstOctets.Smtp,
        [0x14 or 0x15 or 0x16 or 0x17, 3, ..] => FirstOctets.Tls,
        [(byte)'H', (byte)'T', (byte)'T', (byte)'P', ..] => FirstOctets.Http,
        [(byte)'S', (byte)'S', (byte)'H', (byte)'-', ..] => FirstOctets.Ssh,
        _ => FirstOctets.Other,
    };

    /// <summary>The description of a fatal or certificate alert that stands in the clear at the end or the beginning of
    /// these octets; null = none.</summary>
    public static byte? Alert(ReadOnlySpan<byte> octets) =>
        octets is [.., 0x15, 3, <= 4, 0, 2, 1 or 2, var last] && last != 0 ? last
        : octets is [0x15, 3, <= 4, 0, 2, 1 or 2, var first, ..] && first != 0 ? first
        : null;

    /// <summary>Names of RFC 8446 6 and RFC 5246 7.2.</summary>
    public static string AlertName(byte description) => description switch
    {
        10 => "unexpected_message",
        20 => "bad_record_mac",
        22 => "record_overflow",
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        109 => "missing_extension",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        116 => "certificate_required",
        120 => "no_application_protocol",
        _ => $"alert {description}",
    };
}
