namespace SmtpProxy.Protocol.Commands;

/// <summary>The verbs that tracking distinguishes, and what each means for it.</summary>
internal static class Verbs
{
    private const int ShortestLine = 512;
    private const int WithParameters = 2048;
    private const int WithSasl = 12288;

    /// <summary>Octets of the longest verb, X-ANONYMOUSTLS.</summary>
    private const int Longest = 14;

    /// <summary>Recognises a verb, case-insensitively (RFC 5321 2.4).</summary>
    public static Verb Of(ReadOnlySpan<byte> token)
    {
        Span<byte> upper = stackalloc byte[Longest];
        if (token.Length > upper.Length)
        {
            return Verb.Unknown;
        }

        for (var n = 0; n < token.Length; n++)
        {
            upper[n] = token[n] is >= (byte)'a' and <= (byte)'z' ? (byte)(token[n] - 32) : token[n];
        }

        return upper[..token.Length] switch
        {
            [(byte)'M', (byte)'A', (byte)'I', (byte)'L'] => Verb.Mail,
            [(byte)'R', (byte)'C', (byte)'P', (byte)'T'] => Verb.Rcpt,
            [(byte)'D', (byte)'A', (byte)'T', (byte)'A'] => Verb.Data,
            [(byte)'B', (byte)'D', (byte)'A', (byte)'T'] => Verb.Bdat,
            [(byte)'E', (byte)'H', (byte)'L', (byte)'O'] => Verb.Ehlo,
            [(byte)'Q', (byte)'U', (byte)'I', (byte)'T'] => Verb.Quit,
            [(byte)'R', (byte)'S', (byte)'E', (byte)'T'] => Verb.Rset,
            [(byte)'N', (byte)'O', (byte)'O', (byte)'P'] => Verb.Noop,
            [(byte)'A', (byte)'U', (byte)'T', (byte)'H'] => Verb.Auth,
            [(byte)'H', (byte)'E', (byte)'L', (byte)'O'] => Verb.Helo,
            [(byte)'L', (byte)'H', (byte)'L', (byte)'O'] => Verb.Lhlo,
            [(byte)'B', (byte)'U', (byte)'R', (byte)'L'] => Verb.Burl,
            [(byte)'V', (byte)'R', (byte)'F', (byte)'Y'] => Verb.Vrfy,
            [(byte)'E', (byte)'X', (byte)'P', (byte)'N'] => Verb.Expn,
            [(byte)'H', (byte)'E', (byte)'L', (byte)'P'] => Verb.Help,
            [(byte)'E', (byte)'T', (byte)'R', (byte)'N'] => Verb.Etrn,
            [(byte)'A', (byte)'T', (byte)'R', (byte)'N'] => Verb.Atrn,
            [(byte)'T', (byte)'U', (byte)'R', (byte)'N'] => Verb.Turn,
            _ => upper[..token.Length].SequenceEqual("STARTTLS"u8) ? Verb.StartTls
                : upper[..token.Length].SequenceEqual("XCLIENT"u8) ? Verb.XClient
                : upper[..token.Length].SequenceEqual("XFORWARD"u8) ? Verb.XForward
                : upper[..token.Length].SequenceEqual("X-ANONYMOUSTLS"u8) ? Verb.XAnonymousTls
                : Verb.Unknown,
        };
    }

    /// <summary>The phase that a verb belongs to.</summary>
    public static Operation OperationOf(Verb verb) => verb switch
    {
        Verb.Greeting => Operation.Greeting,
        Verb.EndOfData => Operation.EndOfData,
        Verb.Helo or Verb.Ehlo or Verb.Lhlo => Operation.Ehlo,
        Verb.Mail => Operation.Mail,
        Verb.Rcpt => Operation.Rcpt,
        Verb.Data => Operation.Data,
        Verb.Bdat => Operation.Bdat,
        Verb.Rset => Operation.Rset,
        Verb.Noop => Operation.Noop,
        Verb.Quit => Operation.Quit,
        Verb.Vrfy or Verb.Expn => Operation.Vrfy,
        Verb.StartTls or Verb.XAnonymousTls => Operation.StartTls,
        Verb.Auth => Operation.Auth,
        _ => Operation.Other,
    };

    /// <summary>Whether nothing may follow in the same group until it is answered (RFC 2920 3.1; RFC 3207 4).</summary>
    public static bool EndsGroup(Verb verb) =>
        verb is Verb.Ehlo or Verb.Lhlo or Verb.Data or Verb.Vrfy or Verb.Expn or Verb.Turn or Verb.Quit or Verb.Noop or Verb.StartTls
            or Verb.XAnonymousTls;

    /// <summary>Whether what the client's next octets mean depends on its reply (PROTOCOL 4.5).</summary>
    public static bool Holds(Verb verb) => verb is Verb.Data or Verb.Auth or Verb.StartTls or Verb.XAnonymousTls or Verb.Turn or Verb.Atrn;

    /// <summary>The longest line without report, CRLF included (PROTOCOL 2.3).</summary>
    public static int LongestLine(Verb verb) => verb switch
    {
        Verb.Auth => WithSasl,
        Verb.Mail or Verb.Rcpt or Verb.XClient or Verb.XForward or Verb.Burl => WithParameters,
        _ => ShortestLine,
    };
}
