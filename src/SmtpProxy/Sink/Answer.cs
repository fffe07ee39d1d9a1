using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Sink;

/// <summary>What an answer does beside being sent.</summary>
internal enum AnswerEnding : byte
{
    /// <summary>The session goes on.</summary>
    None,

    /// <summary>FIN behind the reply.</summary>
    Close,

    /// <summary>FIN in its place.</summary>
    Drop,

    /// <summary>RST in its place.</summary>
    Reset,
}

/// <summary>The reply that an address, or the sink's settings, can choose (docs/sink.md).</summary>
internal enum Stage : byte
{
    /// <summary>In the greeting's place. For the sink as a whole; an address comes too late to choose it.</summary>
    Greeting,

    /// <summary>To EHLO, HELO and LHLO; as above.</summary>
    Ehlo,

    /// <summary>To the last line of AUTH; as above.</summary>
    Auth,

    /// <summary>To MAIL.</summary>
    Mail,

    /// <summary>To RCPT.</summary>
    Rcpt,

    /// <summary>To DATA, or to the first chunk.</summary>
    Data,

    /// <summary>To the end of data, or to the last chunk.</summary>
    Dot,

    /// <summary>To QUIT.</summary>
    Quit,
}

/// <summary>What one stage shall be answered. The default value asks for nothing.</summary>
internal readonly record struct Answer
{
    /// <summary>The longest delay of one reply; also what several delays of one stage may add up to.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromHours(1);

    /// <summary>How long the reply waits.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>4yz or 5yz, or 0 for the ordinary reply.</summary>
    public ushort Code { get; init; }

    /// <summary>Its enhanced code, when one was chosen.</summary>
    public EnhancedCode Enhanced { get; init; }

    /// <summary>What it does beside.</summary>
    public AnswerEnding Ending { get; init; }

    /// <summary>Whether what is asked for is, after a while, the ordinary reply.</summary>
    public bool IsAcceptance => Code == 0 && Ending == AnswerEnding.None;

    /// <summary>Both wishes: delays add up, the first code wins, the first ending wins.</summary>
    public Answer And(Answer other)
    {
        var delay = Delay + other.Delay;
        return new Answer
        {
            Delay = delay > MaxDelay ? MaxDelay : delay,
            Code = Code != 0 ? Code : other.Code,
            Enhanced = Code != 0 ? Enhanced : other.Enhanced,
            Ending = Ending != AnswerEnding.None ? Ending : other.Ending,
        };
    }
}
