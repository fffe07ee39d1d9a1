using SmtpProxy.Protocol;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>One exchange as the journal keeps it.</summary>
internal struct ExchangeEntry
{
    /// <summary>Position in command order.</summary>
    public int Index;

    /// <summary>Which of several replies to one end of data.</summary>
    public int Part;

    /// <summary>The RCPT that such a reply answers, or -1.</summary>
    public int RecipientIndex;

    public Verb Verb;
    public bool Pipelined;
    public bool Last;

    /// <summary>Code of the reply, 0 = none.</summary>
    public ushort Code;

    public EnhancedCode Enhanced;
    public Origin Origin;
    public ushort Challenges;
    public int Lines;

    /// <summary>BDAT.</summary>
    public long Size;

    /// <summary>Time to the reply, -1 = no clock ran.</summary>
    public long Ticks;

    /// <summary>The address of MAIL and RCPT, the mechanism of AUTH, the verb where it is unknown.</summary>
    public TextSpan Text;

    /// <summary>Parameters of MAIL.</summary>
    public TextSpan Parameters;
}

/// <summary>One transaction as the journal keeps it.</summary>
internal struct TransactionEntry
{
    /// <summary>As the protocol library settled it.</summary>
    public Transaction Facts;

    /// <summary>Its recipients among <see cref="SessionRecord.Recipients"/>.</summary>
    public (int Start, int Count) Recipients;

    /// <summary>Its final codes among <see cref="SessionRecord.FinalCodes"/>.</summary>
    public (int Start, int Count) FinalCodes;

    /// <summary>The relay's name for the message.</summary>
    public TextSpan QueueId;

    /// <summary>Times in ticks, -1 = no clock ran.</summary>
    public long DataReady;

    public long Body;
    public long Accept;

    /// <summary>From its MAIL to its end.</summary>
    public Shares Shares;
}
