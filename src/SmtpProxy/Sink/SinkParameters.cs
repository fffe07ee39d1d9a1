using System.Text;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Sink;

/// <summary>The parameters of MAIL and RCPT that the sink's EHLO offers: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), AUTH
/// (RFC 4954), RET, ENVID, NOTIFY and ORCPT (RFC 3461).</summary>
internal ref struct SinkParameters
{
    private Seen _seen;

    [Flags]
    private enum Seen : byte
    {
        None = 0,
        Size = 1,
        Body = 2,
        SmtpUtf8 = 4,
        Auth = 8,
        Ret = 16,
        EnvId = 32,
        Notify = 64,
        Orcpt = 128,
    }

    /// <summary>The size that was announced; 0 = none.</summary>
    public long Size { get; private set; }

    /// <summary>Addresses and headers may be UTF-8.</summary>
    public readonly bool IsSmtpUtf8 => _seen.HasFlag(Seen.SmtpUtf8);

    /// <summary>Reads them.</summary>
    /// <param name="parameters">What stands behind the path.</param>
    /// <param name="verb">MAIL or RCPT: each has its own.</param>
    /// <returns>Empty, or the reply to what is wrong.</returns>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> parameters, Verb verb)
    {
        foreach (var range in parameters.SplitAny(" \t"u8))
        {
            var parameter = parameters[range];
            if (parameter.IsEmpty)
            {
                continue;
            }

            var equals = parameter.IndexOf((byte)'=');
            var keyword = equals < 0 ? parameter : parameter[..equals];
            var kind = verb == Verb.Mail ? KindOfMail(keyword) : KindOfRcpt(keyword);
            if (kind == Seen.None)
            {
                return Replies.UnknownParameter;
            }

            if (_seen.HasFlag(kind) || !IsValid(kind, equals >= 0, equals < 0 ? default : parameter[(equals + 1)..]))
            {
                return Replies.BadParameter;
            }

            _seen |= kind;
        }

        return default;
    }

    private static Seen KindOfMail(ReadOnlySpan<byte> keyword) =>
        Is(keyword, "SIZE"u8) ? Seen.Size
        : Is(keyword, "BODY"u8) ? Seen.Body
        : Is(keyword, "SMTPUTF8"u8) ? Seen.SmtpUtf8
        : Is(keyword, "AUTH"u8) ? Seen.Auth
        : Is(keyword, "RET"u8) ? Seen.Ret
        : Is(keyword, "ENVID"u8) ? Seen.EnvId
        : Seen.None;

    private static Seen KindOfRcpt(ReadOnlySpan<byte> keyword) =>
        Is(keyword, "NOTIFY"u8) ? Seen.Notify : Is(keyword, "ORCPT"u8) ? Seen.Orcpt : Seen.None;

    private bool IsValid(Seen kind, bool hasValue, ReadOnlySpan<byte> value) => kind switch
    {
        Seen.SmtpUtf8 => !hasValue,
        Seen.Size => TryReadSize(value),
        // BINARYMIME is not offered (RFC 3030 3).
        Seen.Body => Is(value, "7BIT"u8) || Is(value, "8BITMIME"u8),
        Seen.Ret => Is(value, "FULL"u8) || Is(value, "HDRS"u8),
        Seen.Notify => IsNotify(value),
        Seen.Orcpt => value.IndexOf((byte)';') > 0,
        _ => !value.IsEmpty,
    };

    private bool TryReadSize(ReadOnlySpan<byte> value)
    {
        // RFC 1870 4: 1 to 20 digits; what 63 bits cannot hold is too large in any case.
        const int MaxDigits = 20;
        if (value.Length is 0 or > MaxDigits || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        Size = long.TryParse(value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var size)
            ? size
            : long.MaxValue;
        return true;
    }

    private static bool IsNotify(ReadOnlySpan<byte> value)
    {
        if (Is(value, "NEVER"u8))
        {
            return true;
        }

        foreach (var range in value.Split((byte)','))
        {
            var when = value[range];
            if (!Is(when, "SUCCESS"u8) && !Is(when, "FAILURE"u8) && !Is(when, "DELAY"u8))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> keyword) => Ascii.EqualsIgnoreCase(text, keyword);
}
