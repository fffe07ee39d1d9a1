namespace SmtpProxy.Protocol.Commands;

/// <summary>The path and the parameters of MAIL and RCPT (RFC 5321 4.1.1.2, 4.1.1.3, 4.1.2), read leniently (PROTOCOL 5.1).</summary>
/// <remarks><code>
/// mail = "MAIL FROM:" Reverse-path [ SP Mail-parameters ] CRLF
/// rcpt = "RCPT TO:" Forward-path [ SP Rcpt-parameters ] CRLF
/// Path = "&lt;" [ A-d-l ":" ] Mailbox "&gt;"
/// </code></remarks>
public readonly ref struct MailPath
{
    /// <summary>The path as sent between its angle brackets, a source route included (RFC 5321 C); empty for the null path.</summary>
    public ReadOnlySpan<byte> Path { get; init; }

    /// <summary>The address without angle brackets and source route; empty for the null path.</summary>
    public ReadOnlySpan<byte> Address { get; init; }

    /// <summary>What follows the path: parameters separated by blanks.</summary>
    public ReadOnlySpan<byte> Parameters { get; init; }

    /// <summary>Whether there is a path; <c>RCPT TO:</c> has none, and <c>RCPT TO:&lt;&gt;</c> has an empty one.</summary>
    public bool Exists { get; private init; }

    /// <summary>Reads the arguments of a MAIL or RCPT line, <c>FROM:&lt;a@b&gt; SIZE=9</c>. Blanks after the colon and
    /// missing brackets are accepted.</summary>
    public static MailPath Parse(ReadOnlySpan<byte> arguments)
    {
        var colon = arguments.IndexOf((byte)':');
        var rest = (colon < 0 ? arguments : arguments[(colon + 1)..]).TrimStart(" \t"u8);
        if (rest is not [(byte)'<', ..])
        {
            var blank = rest.IndexOfAny((byte)' ', (byte)'\t');
            return blank < 0
                ? new MailPath { Path = rest, Address = rest, Exists = !rest.IsEmpty }
                : new MailPath { Path = rest[..blank], Address = rest[..blank], Exists = true, Parameters = rest[(blank + 1)..]
                    .Trim(" \t"u8) };
        }

        var end = EndOfPath(rest);
        var path = rest[1..end];
        return new MailPath
        {
            Path = path,
            Exists = true,
            Address = WithoutRoute(path),
            Parameters = end < rest.Length ? rest[(end + 1)..].Trim(" \t"u8) : default,
        };
    }

    /// <summary>The first ">" outside a quoted string, or the end.</summary>
    private static int EndOfPath(ReadOnlySpan<byte> path)
    {
        var quoted = false;
        for (var at = 1; at < path.Length; at++)
        {
            switch (path[at])
            {
                case (byte)'\\' when quoted:
                    at++;
                    break;
                case (byte)'"':
                    quoted = !quoted;
                    break;
                case (byte)'>' when !quoted:
                    return at;
            }
        }

        return path.Length;
    }

    /// <summary>Without <c>@hop,@hop:</c> (RFC 5321 C).</summary>
    private static ReadOnlySpan<byte> WithoutRoute(ReadOnlySpan<byte> path)
    {
        if (path is not [(byte)'@', ..])
        {
            return path;
        }

        var colon = path.IndexOf((byte)':');
        return colon < 0 ? path : path[(colon + 1)..];
    }
}
