using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry.Records;

/// <summary>One exchange as the journal keeps it.</summary>
internal struct ExchangeEntry
{
    /// <summary>Position in command order.</summary>
    public int Index;

    /// <summary>Which of several replies to one end of data.</summary>
    public int Part;

    /// <summary>The RCPT that such a reply belongs to, or -1.</summary>
    public int RecipientIndex;

    public Verb Verb;
    public Operation Operation;
    public bool Pipelined;
    public bool Last;

    /// <summary>Code of the reply, 0 = none.</summary>
    public ushort Code;

    public EnhancedCode Enhanced;
    public Origin Origin;
    public ushort Challenges;
    public int Lines;

    /// <summary>Octets of a BDAT chunk; -1: not known.</summary>
    public long Size;

    /// <summary>Time to the reply, -1 = no clock ran.</summary>
    public long Ticks;

    /// <summary>When the relay had the command, in ticks of the monotonic clock; -1 = not known.</summary>
    public long Began;

    /// <summary>When its last reply came; -1 = none did.</summary>
    public long Ended;

    /// <summary>The address of MAIL and RCPT, the mechanism of AUTH, the name in EHLO (which no journal or trace has), the
    /// verb where it is unknown.</summary>
    public TextSpan Text;

    /// <summary>Parameters of MAIL.</summary>
    public TextSpan Parameters;

    /// <summary>Creates the entry of an exchange that has no reply yet.</summary>
    public static ExchangeEntry Of(in Exchange exchange) => new()
    {
        Index = exchange.Index,
        Part = exchange.Part,
        RecipientIndex = exchange.RecipientIndex,
        Verb = exchange.Verb,
        Operation = exchange.Operation,
        Pipelined = exchange.Pipelined,
        Last = exchange.Last,
        Size = exchange.Size,
        Ticks = -1,
        Began = -1,
        Ended = -1,
        Text = TextSpan.None,
        Parameters = TextSpan.None,
    };

    /// <summary>Fills in its reply.</summary>
    public void Fill(in Exchange exchange, in Reply reply, Origin origin, in Timing timing)
    {
        Update(exchange);
        (Code, Enhanced, Lines, Origin) = (reply.Code, reply.Enhanced, reply.Lines, origin);
        (Ticks, Began, Ended) = (timing.Ticks, timing.Began, timing.Ended);
    }

    /// <summary>Fills in what became known since it was opened: of an end of data when it came, of AUTH
    /// how often the relay asked.</summary>
    public void Update(in Exchange exchange) =>
        (RecipientIndex, Pipelined, Challenges) = (exchange.RecipientIndex, exchange.Pipelined, exchange.Challenges);
}
