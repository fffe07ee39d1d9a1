namespace SmtpProxy.Inspection;

/// <summary>Why a conversation with a server ended.</summary>
internal enum TalkBreak
{
    /// <summary>It closed the connection.</summary>
    Closed,

    /// <summary>It did not answer in time.</summary>
    Silent,

    /// <summary>What it said is no reply.</summary>
    NotSmtp,
}

/// <summary>A conversation that cannot go on. Its octets are what had come of the reply that was waited for.</summary>
internal sealed class TalkBrokenException(TalkBreak how, byte[] octets, string words, Exception? inner = null) : Exception(words, inner)
{
    public TalkBreak How { get; } = how;

    public byte[] Octets { get; } = octets;
}
