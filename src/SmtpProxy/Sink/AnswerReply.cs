using System.Text;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Sink;

/// <summary>The reply that an address chose: its code, an enhanced code and a text that fit it (RFC 5321
/// 4.2.3, RFC 3463, RFC 5248).</summary>
internal static class AnswerReply
{
    /// <summary>The reply as octets.</summary>
    public static byte[] Of(in Answer answer)
    {
        var (enhanced, text) = Usual(answer.Code);
        return Encoding.ASCII.GetBytes(
            $"{answer.Code} {(answer.Enhanced.IsPresent ? answer.Enhanced.ToString() : enhanced)} {text}, as the address asked\r\n");
    }

    private static (string Enhanced, string Text) Usual(ushort code) => code switch
    {
        421 => ("4.3.2", "Service not available, closing the connection"),
        450 => ("4.2.0", "Mailbox unavailable"),
        451 => ("4.3.0", "Local error in processing"),
        452 => ("4.3.1", "Insufficient system storage"),
        454 => ("4.7.0", "Temporary authentication failure"),
        455 => ("4.5.1", "Server unable to accommodate parameters"),
        500 => ("5.5.2", "Syntax error, command unrecognized"),
        501 => ("5.5.4", "Syntax error in parameters or arguments"),
        502 => ("5.5.1", "Command not implemented"),
        503 => ("5.5.1", "Bad sequence of commands"),
        504 => ("5.5.4", "Command parameter not implemented"),
        521 => ("5.3.2", "Server does not accept mail"),
        530 => ("5.7.0", "Authentication required"),
        535 => ("5.7.8", "Authentication credentials invalid"),
        550 => ("5.1.1", "Mailbox unavailable"),
        551 => ("5.1.6", "User not local"),
        552 => ("5.2.2", "Exceeded storage allocation"),
        553 => ("5.1.3", "Mailbox name not allowed"),
        554 => ("5.7.1", "Transaction failed"),
        555 => ("5.5.4", "Parameters not recognized or not implemented"),
        556 => ("5.1.10", "Domain does not accept mail"),
        < 500 => ("4.0.0", "Refused for now"),
        _ => ("5.0.0", "Refused"),
    };
}
