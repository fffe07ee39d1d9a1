using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Protocol;

/// <summary>When <see cref="Dialogue.FromClient"/> returns.</summary>
public enum StopAt : byte
{
    /// <summary>When all octets are consumed.</summary>
    Never,

    /// <summary>Behind the first element that is complete.</summary>
    Element,
}

/// <summary>Bounds of the interpreter; none of them bounds what is forwarded.</summary>
public sealed record DialogueLimits
{
    /// <summary>The defaults.</summary>
    public static DialogueLimits Default { get; } = new();

    /// <summary>Octets of a line that are kept, at least 512.</summary>
    public int LinePrefix { get; init; } = 2048;

    /// <summary>Octets held while their meaning depends on a reply (PROTOCOL 4.5).</summary>
    public int HeldOctets { get; init; } = 64 * 1024;

    /// <summary>Exchanges that may be outstanding.</summary>
    public int Outstanding { get; init; } = 10_000;

    /// <summary>What the queues of all dialogues with these limits, or limits made from these, may take together.</summary>
    public ExchangeMemory Memory { get; init; } = new();

    /// <summary>Message data is followed to its end and not looked at otherwise: its sizes are 0 and nothing in it is reported. For a
    /// second dialogue beside one that does.</summary>
    public bool OnlyFraming { get; init; }
}
