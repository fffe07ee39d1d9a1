using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Replies;

/// <summary>The few replies that the proxy gives in the relay's place (law 3), as octets with their CRLF. Each is one line, ASCII, and
/// below the 512 octets of RFC 5321 4.5.3.1.5. 421 because that is the one code a client must expect at any time (RFC 5321 3.8).</summary>
internal static class LocalReply
{
    /// <summary>We are stopping (RFC 3463 X.3.2: system not accepting network messages).</summary>
    public static readonly byte[] Stopping = Line("421 4.3.2 Service is restarting, please try again");

    /// <summary>More sessions than allowed, here or in the process.</summary>
    public static readonly byte[] TooManySessions = Line("421 4.3.2 Too many sessions, please try again later");

    /// <summary>More sessions than allowed from one address (RFC 3463 X.7.0: policy).</summary>
    public static readonly byte[] TooManyFromClient = Line("421 4.7.0 Too many sessions from your address, please try again later");

    /// <summary>More connections in a minute than allowed from one address.</summary>
    public static readonly byte[] TooOften = Line("421 4.7.0 Too many connections from your address, please try again later");

    /// <summary>The listener does not serve the client's network. 554 in the greeting's place (RFC 5321 3.1):
    /// trying again is no use.</summary>
    public static readonly byte[] NotServed = Line("554 5.7.1 Access denied for your address");

    /// <summary>The client was silent for too long (RFC 3463 X.4.2: bad connection).</summary>
    public static readonly byte[] ClientSilent = Line("421 4.4.2 Timeout: no command or data in time, closing the connection");

    /// <summary>The relay was silent for too long.</summary>
    public static readonly byte[] RelaySilent = Line("421 4.4.2 Timeout: the relay did not answer in time, closing the connection");

    /// <summary>TLS is required, and there is none yet (RFC 3207, section 4).</summary>
    public static readonly byte[] TlsFirst = Line("530 5.7.0 Must issue a STARTTLS command first");

    /// <summary>TLS is required, and what comes is no dialogue that could lead there.</summary>
    public static readonly byte[] TlsNotReached =
        Line("421 4.7.0 TLS is required, and it did not begin as it should, closing the connection");

    /// <summary>XCLIENT or XFORWARD of somebody who may not speak for others (RFC 3463 X.7.0: policy).</summary>
    public static readonly byte[] NotForYou = Line("550 5.7.0 Command not permitted from your address");

    /// <summary>The same, where nobody can say which reply it would be.</summary>
    public static readonly byte[] NotFollowed = Line("421 4.7.0 Command not permitted from your address, closing the connection");

    /// <summary>A command that is longer than any that is known (RFC 5321 4.5.3.1.4; RFC 3463 X.5.2: syntax).</summary>
    public static readonly byte[] LineTooLong = Line("500 5.5.2 Line too long");

    /// <summary>STARTTLS is granted.</summary>
    public static readonly byte[] TlsReady = Line("220 2.0.0 Ready to start TLS");

    /// <summary>STARTTLS inside TLS.</summary>
    public static readonly byte[] TlsAlready = Line("503 5.5.1 TLS is already active");

    /// <summary>STARTTLS in the middle of a transaction, or after AUTH: what was said in the clear would go
    /// on to count inside TLS.</summary>
    public static readonly byte[] TlsTooLate = Line("503 5.5.1 STARTTLS is not possible inside a transaction or after AUTH");

    /// <summary>STARTTLS with something after the verb (RFC 3207, section 4).</summary>
    public static readonly byte[] TlsNoParameters = Line("501 5.5.4 STARTTLS takes no parameters");

    /// <summary>STARTTLS where there is none to have.</summary>
    public static readonly byte[] TlsNotOffered = Line("502 5.5.1 STARTTLS is not available");

    /// <summary>The client may have TLS, and the relay that shall have it as well cannot (RFC 3207, section 4).</summary>
    public static readonly byte[] TlsRelayFailed = Line("454 4.7.0 TLS is not available: TLS with the relay could not be established");

    /// <summary>As many clients shake hands as may (RFC 3207, section 4).</summary>
    public static readonly byte[] TlsBusy = Line("454 4.7.0 TLS is not available: too many handshakes, please try again later");

    /// <summary>What a client hears of the proxy that a fault has told something else than the relay said, or taken its relay.
    /// Counted as the fault's.</summary>
    public static class AfterFault
    {
        /// <summary>STARTTLS that the client was not shown.</summary>
        public static readonly byte[] NotOffered = Line("502 5.5.1 Command not implemented");

        /// <summary>MAIL that declares more than the SIZE that the client was shown (RFC 1870 6.1).</summary>
        public static readonly byte[] TooBig = Line("552 5.3.4 Message size exceeds fixed maximum message size");

        /// <summary>The relay is gone: nothing can be asked of it any more.</summary>
        public static readonly byte[] Closing = Line("421 4.3.2 Service not available, closing transmission channel");

        /// <summary>RSET or NOOP without a relay.</summary>
        public static readonly byte[] Ok = Line("250 2.0.0 Ok");

        /// <summary>QUIT without a relay.</summary>
        public static readonly byte[] Bye = Line("221 2.0.0 Bye");

        /// <summary>Anything but QUIT after 554 in the greeting's place (RFC 5321 3.1).</summary>
        public static readonly byte[] BadSequence = Line("503 5.5.1 Bad sequence of commands");
    }

    /// <summary>No relay could be reached; the cause in plain words.</summary>
    public static byte[] RelayUnreachable(string cause) => Line($"421 4.3.2 Service not available: {cause}");

    /// <summary>What a failed dial is called in a reply: never an address, which is nobody's business outside.</summary>
    public static string Cause(in DialResult result) => result.Outcome switch
    {
        DialOutcome.Refused => "the relay refused the connection",
        DialOutcome.TimedOut => "the relay did not accept the connection in time",
        DialOutcome.TlsFailed => "TLS with the relay could not be established",
        DialOutcome.GreetingFailed => result.Error ?? "the relay did not greet",
        DialOutcome.IntroductionFailed or DialOutcome.IntroductionRefused => "the relay could not be told who the client is",
        DialOutcome.Unreachable => "the relay cannot be reached over the network",
        DialOutcome.NotDialled => "local resources are short, please try again later",
        _ => "the connection to the relay failed",
    };

    private static byte[] Line(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            clean.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        const int MaxText = 510;
        return Encoding.ASCII.GetBytes(clean.ToString(0, Math.Min(clean.Length, MaxText)) + "\r\n");
    }
}
