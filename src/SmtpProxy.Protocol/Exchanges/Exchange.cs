using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Protocol.Exchanges;

/// <summary>One entry of the queue of expected replies: a command and its reply, or a pseudo-exchange (greeting, end of data).</summary>
public struct Exchange
{
    /// <summary>Position in command order; the greeting is 0. Replies that share a command (LMTP, PRDR) share it.</summary>
    public int Index;

    /// <summary>For LMTP and PRDR: which of the replies to this end of data, from 0. Otherwise 0.</summary>
    public int Part;

    /// <summary>For replies per recipient (LMTP, PRDR): <see cref="Index"/> of the RCPT it answers. Otherwise -1.</summary>
    public int RecipientIndex;

    /// <summary>What the command is.</summary>
    public Verb Verb;

    /// <summary>The phase it belongs to.</summary>
    public Operation Operation;

    /// <summary>Whether its first octet came while an earlier reply was outstanding (RFC 2920; the greeting counts).</summary>
    public bool Pipelined;

    /// <summary>BDAT: the chunk is the last (RFC 3030 2).</summary>
    public bool Last;

    /// <summary>AUTH: number of 334 challenges so far.</summary>
    public ushort Challenges;

    /// <summary>BDAT: announced size in octets; -1 when it could not be read (bad-bdat). DATA's end: wire octets so far.</summary>
    public long Size;

    /// <summary>MAIL: PRDR was asked for. End of data, last chunk: 353 announced a reply for each recipient, and one for all.</summary>
    internal bool PerRecipient;

    /// <summary>MAIL: SMTPUTF8 was asked for.</summary>
    internal bool UsesUtf8;

    /// <summary>The end of data, or the last octet of the chunk, was sent.</summary>
    internal bool IsComplete;

    /// <summary>Replies to the message that are still to come; 0 before the first.</summary>
    internal int RepliesLeft;

    /// <summary>BDAT whose arguments could be read. One that has none moves no octets, and is a command like
    /// any other (PROTOCOL 6.3).</summary>
    public readonly bool IsChunk => Verb == Verb.Bdat && Size >= 0;

    /// <summary>It ends a message: the verdict is its reply, once it is complete.</summary>
    internal readonly bool EndsMessage => Verb == Verb.EndOfData || (Last && Verb is Verb.Bdat or Verb.Burl);

    /// <summary>Belongs to the observer: set it when the exchange opens, find it when the reply comes.
    /// Never read by the dialogue.</summary>
    public long Mark;

    /// <summary>Belongs to the observer, like <see cref="Mark"/>.</summary>
    public long Mark2;
}
