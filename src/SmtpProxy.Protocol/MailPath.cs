namespace SmtpProxy.Protocol;

/// <summary>The path and the parameters of MAIL and RCPT (RFC 5321 4.1.1.2, 4.1.1.3), read leniently (PROTOCOL 5.1).</summary>
public readonly ref struct MailPath
{
    /// <summary>The address without angle brackets and source route; empty for the null path.</summary>
    public ReadOnlySpan<byte> Address { get; init; }

    /// <summary>What follows the path: parameters separated by blanks.</summary>
    public ReadOnlySpan<byte> Parameters { get; init; }

    /// <summary>Reads the arguments of a MAIL or RCPT line, <c>FROM:&lt;a@b&gt; SIZE=9</c>.</summary>
    public static MailPath Parse(ReadOnlySpan<byte> arguments) => throw new NotImplementedException();
}
