namespace SmtpProxy.Sink;

/// <summary>The sink's ordinary replies (RFC 5321 4.2.3) with their enhanced codes (RFC 3463; RFC 2034 wants them everywhere but in the
/// greeting and in the replies to HELO and EHLO).</summary>
internal static class Replies
{
    public static ReadOnlySpan<byte> Stopping => "421 4.3.2 The sink is stopping, closing the connection\r\n"u8;

    public static ReadOnlySpan<byte> Silent => "421 4.4.2 No command or data in time, closing the connection\r\n"u8;

    public static ReadOnlySpan<byte> Bye => "221 2.0.0 Bye\r\n"u8;

    public static ReadOnlySpan<byte> Ok => "250 2.0.0 Ok\r\n"u8;

    public static ReadOnlySpan<byte> SenderOk => "250 2.1.0 Sender ok\r\n"u8;

    public static ReadOnlySpan<byte> RecipientOk => "250 2.1.5 Recipient ok\r\n"u8;

    public static ReadOnlySpan<byte> ChunkOk => "250 2.0.0 Chunk received\r\n"u8;

    public static ReadOnlySpan<byte> GoAhead => "354 End the message with a line that is only a dot\r\n"u8;

    public static ReadOnlySpan<byte> Authenticated => "235 2.7.0 Authentication successful\r\n"u8;

    public static ReadOnlySpan<byte> AskForPlain => "334 \r\n"u8;

    // "Username:" and "Password:" in base64, which is what clients of LOGIN look for.
    public static ReadOnlySpan<byte> AskForUserName => "334 VXNlcm5hbWU6\r\n"u8;

    public static ReadOnlySpan<byte> AskForPassword => "334 UGFzc3dvcmQ6\r\n"u8;

    public static ReadOnlySpan<byte> CannotVerify => "252 2.1.5 Cannot verify, but every recipient is accepted\r\n"u8;

    public static ReadOnlySpan<byte> Help =>
        "214-2.0.0 EHLO HELO MAIL RCPT DATA BDAT RSET NOOP QUIT AUTH VRFY EXPN HELP\r\n214-2.0.0 This relay accepts mail and discards "u8 +
            "it.\r\n214 2.0.0 Addresses choose its answers: see docs/sink.md\r\n"u8;

    public static ReadOnlySpan<byte> LmtpHelp =>
        "214-2.0.0 LHLO MAIL RCPT DATA BDAT RSET NOOP QUIT AUTH VRFY EXPN HELP\r\n214-2.0.0 This server accepts mail and discards "u8 +
            "it.\r\n"u8 +
            "214 2.0.0 Addresses choose its answers: see docs/sink.md\r\n"u8;

    public static ReadOnlySpan<byte> Unrecognized => "500 5.5.2 Command unrecognized\r\n"u8;

    public static ReadOnlySpan<byte> LineTooLong => "500 5.5.2 Line too long\r\n"u8;

    public static ReadOnlySpan<byte> ControlOctet => "500 5.5.2 Neither NUL nor a CR inside the line, please\r\n"u8;

    public static ReadOnlySpan<byte> WrongHelloForSmtp => "500 5.5.1 This is SMTP: EHLO, not LHLO\r\n"u8;

    public static ReadOnlySpan<byte> WrongHelloForLmtp => "500 5.5.1 This is LMTP: LHLO, not HELO or EHLO\r\n"u8;

    public static ReadOnlySpan<byte> NotImplemented => "502 5.5.1 Command not implemented\r\n"u8;

    public static ReadOnlySpan<byte> NoArguments => "501 5.5.4 This command takes no arguments\r\n"u8;

    public static ReadOnlySpan<byte> ArgumentMissing => "501 5.5.4 An argument is missing\r\n"u8;

    public static ReadOnlySpan<byte> HelloSyntax => "501 5.5.4 Syntax: EHLO, HELO or LHLO and a host name\r\n"u8;

    public static ReadOnlySpan<byte> MailSyntax => "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"u8;

    public static ReadOnlySpan<byte> RcptSyntax => "501 5.5.4 Syntax: RCPT TO:<address>\r\n"u8;

    public static ReadOnlySpan<byte> BdatSyntax => "501 5.5.4 Syntax: BDAT octets [LAST]\r\n"u8;

    public static ReadOnlySpan<byte> AuthSyntax => "501 5.5.4 Syntax: AUTH mechanism [initial response]\r\n"u8;

    public static ReadOnlySpan<byte> BadSender => "501 5.1.7 Bad sender address syntax\r\n"u8;

    public static ReadOnlySpan<byte> BadRecipient => "501 5.1.3 Bad recipient address syntax\r\n"u8;

    public static ReadOnlySpan<byte> NeedsSmtpUtf8 => "553 5.6.7 This address needs SMTPUTF8\r\n"u8;

    public static ReadOnlySpan<byte> BadParameter => "501 5.5.4 A parameter has no valid value, or stands twice\r\n"u8;

    public static ReadOnlySpan<byte> UnknownParameter => "555 5.5.4 A parameter is not recognized\r\n"u8;

    public static ReadOnlySpan<byte> TooLarge => "552 5.3.4 The message is larger than SIZE allows\r\n"u8;

    public static ReadOnlySpan<byte> TooManyRecipients => "452 4.5.3 Too many recipients\r\n"u8;

    public static ReadOnlySpan<byte> OutOfMemory => "452 4.3.1 The sink has no memory for more envelopes, try again later\r\n"u8;

    public static ReadOnlySpan<byte> Greylisted => "451 4.7.1 Greylisted, try again later\r\n"u8;

    public static ReadOnlySpan<byte> BadCredentials => "535 5.7.8 Authentication credentials invalid\r\n"u8;

    public static ReadOnlySpan<byte> HelloFirst => "503 5.5.1 EHLO first\r\n"u8;

    public static ReadOnlySpan<byte> MailFirst => "503 5.5.1 MAIL first\r\n"u8;

    public static ReadOnlySpan<byte> RcptFirst => "503 5.5.1 RCPT first: no recipient was accepted\r\n"u8;

    public static ReadOnlySpan<byte> NestedMail => "503 5.5.1 A transaction is open already\r\n"u8;

    public static ReadOnlySpan<byte> InsideChunks => "503 5.5.1 Not between chunks\r\n"u8;

    public static ReadOnlySpan<byte> ChunksFailed => "503 5.5.1 A chunk of this message was refused: RSET first\r\n"u8;

    public static ReadOnlySpan<byte> AuthTwice => "503 5.5.1 Authenticated already\r\n"u8;

    public static ReadOnlySpan<byte> AuthInside => "503 5.5.1 Not inside a transaction\r\n"u8;

    public static ReadOnlySpan<byte> UnknownMechanism => "504 5.5.4 Mechanism not offered: PLAIN or LOGIN\r\n"u8;

    public static ReadOnlySpan<byte> AuthCancelled => "501 5.7.0 Authentication cancelled\r\n"u8;

    public static ReadOnlySpan<byte> AuthNotBase64 => "501 5.5.2 Not base64\r\n"u8;

    /// <summary>A message was accepted; Postfix's form, which log tools know.</summary>
    public static string Accepted(string id) => $"250 2.0.0 Ok: queued as {id}\r\n";
}
