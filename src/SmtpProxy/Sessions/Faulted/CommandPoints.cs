using SmtpProxy.Faults;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Which point a command is.</summary>
internal static class CommandPoints
{
    /// <summary>All points at which a command line can be struck.</summary>
    public static readonly FaultPoint[] All =
    [
        FaultPoint.Ehlo, FaultPoint.Helo, FaultPoint.StartTls, FaultPoint.TlsHandshake, FaultPoint.Auth, FaultPoint.AuthStep,
        FaultPoint.Mail, FaultPoint.Rcpt,
        FaultPoint.Data, FaultPoint.Bdat, FaultPoint.EndOfData, FaultPoint.Rset, FaultPoint.Noop, FaultPoint.Vrfy, FaultPoint.Quit,
        FaultPoint.AnyCommand,
    ];

    /// <summary>The point of a command; the last chunk of BDAT ends the message.</summary>
    public static FaultPoint Of(Verb verb, bool isLast) => verb switch
    {
        Verb.Ehlo or Verb.Lhlo => FaultPoint.Ehlo,
        Verb.Helo => FaultPoint.Helo,
        Verb.StartTls => FaultPoint.StartTls,
        Verb.Auth => FaultPoint.Auth,
        Verb.Mail => FaultPoint.Mail,
        Verb.Rcpt => FaultPoint.Rcpt,
        Verb.Data => FaultPoint.Data,
        Verb.Bdat => isLast ? FaultPoint.EndOfData : FaultPoint.Bdat,
        Verb.Rset => FaultPoint.Rset,
        Verb.Noop => FaultPoint.Noop,
        Verb.Vrfy or Verb.Expn => FaultPoint.Vrfy,
        Verb.Quit => FaultPoint.Quit,
        _ => FaultPoint.AnyCommand,
    };

    /// <summary>The phase under which its reply is counted.</summary>
    public static Operation OperationOf(FaultPoint point) => point switch
    {
        FaultPoint.Connect or FaultPoint.Dial or FaultPoint.Greeting => Operation.Greeting,
        FaultPoint.Ehlo or FaultPoint.Helo => Operation.Ehlo,
        FaultPoint.StartTls => Operation.StartTls,
        FaultPoint.Auth or FaultPoint.AuthStep => Operation.Auth,
        FaultPoint.Mail => Operation.Mail,
        FaultPoint.Rcpt => Operation.Rcpt,
        FaultPoint.Data => Operation.Data,
        FaultPoint.EndOfData or FaultPoint.DataBody => Operation.EndOfData,
        FaultPoint.Bdat => Operation.Bdat,
        FaultPoint.Rset => Operation.Rset,
        FaultPoint.Noop => Operation.Noop,
        FaultPoint.Vrfy => Operation.Vrfy,
        FaultPoint.Quit => Operation.Quit,
        _ => Operation.Other,
    };
}
