using System.Buffers;

namespace SmtpProxy.Telemetry.Records;

/// <summary>Finds the relay's own name for a message in its final 250, so that proxy and relay logs can be joined. Nothing standardises the
/// text (RFC 5321 4.2.5); these are the forms of servers in the field.</summary>
internal static class QueueId
{
    private const int MaxLength = 128;
    private static readonly SearchValues<byte> Ends = SearchValues.Create(" \t,]>;)"u8);

    /// <summary>Returns the id; empty when there is none.</summary>
    /// <param name="text">Text of the reply's last line, with its enhanced code.</param>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> text) =>
        // Postfix, and everything that imitates it: "2.0.0 Ok: queued as 4F1XYZ12"
        Behind(text, "queued as "u8) is { IsEmpty: false } postfix ? postfix
        // Exim: "OK id=1tEabc-000000001Xy-0AbC"
        : Behind(text, "OK id="u8) is { IsEmpty: false } exim ? exim
        // Exchange: "2.6.0 <message-id> [InternalId=4711, Hostname=EX01.example.org] ... Queued mail for delivery"
        : Behind(text, "[InternalId="u8) is { IsEmpty: false } exchange ? exchange
        // Stalwart: "2.0.0 Message queued with id 1a2b3c."
        : Behind(text, "queued with id "u8) is { IsEmpty: false } stalwart ? stalwart
        // qmail: "ok 1732355201 qp 12345"
        : text.StartsWith("ok "u8) && Behind(text, " qp "u8) is { IsEmpty: false } qmail ? qmail
        // Sendmail and OpenSMTPD: "2.0.0 4A1B2C3D012345 Message accepted for delivery"
        : Before(text, " Message accepted for delivery"u8) is { IsEmpty: false } sendmail ? sendmail
        // Gmail: "2.0.0 OK  1732355201 a1-20020a05600c0a0100b003.12 - gsmtp"
        : text.EndsWith(" - gsmtp"u8) ? Before(text, " - gsmtp"u8)
        // Haraka: "Message Queued (6A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9.1)"
        : Behind(text, "Message Queued ("u8) is { IsEmpty: false } haraka ? haraka
        // Cisco's and Proofpoint's gateways: "ok:  Message 4711 accepted"
        : text.EndsWith(" accepted"u8) && Behind(text, "Message "u8) is { IsEmpty: false } gateway ? gateway
        // Amazon SES: "Ok 0100019a1b2c3d4e-5f607182-93a4-b5c6-d7e8-f90a1b2c3d4e-000000"
        : text.StartsWith("Ok 0"u8) && Behind(text, "Ok "u8) is { Length: > 40 } amazon ? amazon
        : default;

    private static ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix)
    {
        // The last one: content filters quote the next server's reply in their own.
        var at = text.LastIndexOf(prefix);
        if (at < 0)
        {
            return default;
        }

        var rest = text[(at + prefix.Length)..];
        var end = rest.IndexOfAny(Ends);
        return Checked((end < 0 ? rest : rest[..end]).TrimEnd((byte)'.'));
    }

    private static ReadOnlySpan<byte> Before(ReadOnlySpan<byte> text, ReadOnlySpan<byte> suffix)
    {
        var at = text.IndexOf(suffix);
        if (at <= 0)
        {
            return default;
        }

        var rest = text[..at];
        var id = rest[(rest.LastIndexOf((byte)' ') + 1)..];
        // "2.0.0 Message accepted for delivery": what stands before is the enhanced code, not an id.
        return id.Length == rest.Length && id.Contains((byte)'.') ? default : Checked(id);
    }

    /// <summary>An id is a name: what has an @ is an address, and what does not print is nothing that anybody could look for.</summary>
    private static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> id) =>
        id.Length <= MaxLength && !id.Contains((byte)'@') && id.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7E) < 0 ? id : default;
}
