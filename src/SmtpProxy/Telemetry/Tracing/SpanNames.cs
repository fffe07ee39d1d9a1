using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>Names of spans and events: a closed set, never an address.</summary>
internal static class SpanNames
{
    public const string Session = "SMTP session";
    public const string Connect = "TCP connect";
    public const string TlsHandshake = "TLS handshake";
    public const string Transaction = "SMTP transaction";
    public const string Body = "SMTP body";

    /// <summary>Event of a transaction: the recipients that have no span of their own.</summary>
    public const string RecipientSummary = "smtp.rcpt.summary";

    /// <summary>Event of a session that failed: one exchange of its transcript.</summary>
    public const string Exchange = "smtp.exchange";

    /// <summary>Event of a session: an armed fault did something.</summary>
    public const string FaultInjected = "smtp.fault.injected";

    public static string Of(Operation operation) => operation switch
    {
        Operation.Connect => Connect,
        Operation.Greeting => "SMTP greeting",
        Operation.Ehlo => "SMTP EHLO",
        Operation.StartTls => "SMTP STARTTLS",
        Operation.TlsHandshake => TlsHandshake,
        Operation.Auth => "SMTP AUTH",
        Operation.Mail => "SMTP MAIL",
        Operation.Rcpt => "SMTP RCPT",
        Operation.Data => "SMTP DATA",
        Operation.Body => Body,
        Operation.EndOfData => "SMTP end-of-data",
        Operation.Bdat => "SMTP BDAT",
        Operation.Rset => "SMTP RSET",
        Operation.Noop => "SMTP NOOP",
        Operation.Vrfy => "SMTP VRFY",
        Operation.Quit => "SMTP QUIT",
        _ => "SMTP command",
    };
}
