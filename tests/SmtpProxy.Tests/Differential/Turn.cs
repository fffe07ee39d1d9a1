namespace SmtpProxy.Tests.Differential;

/// <summary>What a turn of the client is.</summary>
internal enum TurnKind
{
    /// <summary>The client says nothing: the relay speaks by itself.</summary>
    Relay,

    /// <summary>A command with one reply and no meaning of its own: NOOP, VRFY, HELP, an unknown one.</summary>
    Plain,

    /// <summary>EHLO, LHLO, or HELO.</summary>
    Hello,

    /// <summary>MAIL.</summary>
    Mail,

    /// <summary>RCPT.</summary>
    Rcpt,

    /// <summary>DATA, and with a go-ahead its message.</summary>
    Data,

    /// <summary>A chunk.</summary>
    Bdat,

    /// <summary>AUTH, with its challenges.</summary>
    Auth,

    /// <summary>RSET.</summary>
    Reset,

    /// <summary>QUIT.</summary>
    Quit,
}

/// <summary>One command of a dialogue with all that belongs to it. Who writes it knows what each octet is meant to be; nobody
/// has to read them to know.</summary>
internal sealed record Turn(TurnKind Kind, string Verb, string Line)
{
    /// <summary>What the relay says to the command: one reply, or for AUTH its challenges and the last word, or none.</summary>
    public IReadOnlyList<Answer> Answers { get; init; } = [];

    /// <summary>The client's responses to the challenges.</summary>
    public IReadOnlyList<string> Responses { get; init; } = [];

    /// <summary>The message with its end, or the octets of the chunk.</summary>
    public string Payload { get; init; } = "";

    /// <summary>Octets of the message on the wire, without its end.</summary>
    public int WireOctets { get; init; }

    /// <summary>Octets of the message, without transparency dots.</summary>
    public int MessageOctets { get; init; }

    /// <summary>The replies to the message: one, or for LMTP and PRDR one for each recipient and so on.</summary>
    public IReadOnlyList<Answer> Finals { get; init; } = [];

    /// <summary>Address of MAIL or RCPT; mechanism of AUTH.</summary>
    public string Argument { get; init; } = "";

    /// <summary>Parameters of MAIL.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    /// <summary>What EHLO is offered.</summary>
    public IReadOnlyList<string> Offers { get; init; } = [];

    /// <summary>The last chunk.</summary>
    public bool IsLast { get; init; }

    /// <summary>What is wrong with the line or the message.</summary>
    public IReadOnlyList<string> Anomalies { get; init; } = [];

    /// <summary>What is wrong with the line of DATA, where <see cref="Anomalies"/> are those of the message too.</summary>
    public IReadOnlyList<string> DataLineAnomalies { get; init; } = [];

    /// <summary>The client waits for all that is outstanding before it says this.</summary>
    public bool Waits { get; init; } = true;

    /// <summary>After so many further turns of the client the relay answers, unless the client waits.</summary>
    public int Lag { get; init; }

    /// <summary>Where the line is cut, and the relay speaks before the rest, if it has something to say; 0: nowhere.</summary>
    public double CutLine { get; init; }

    /// <summary>Where the first reply is cut, and the client speaks before the rest, if it does not wait; 0: nowhere.</summary>
    public double CutReply { get; init; }

    /// <summary>The client waits for its reply before it says anything more (RFC 2920 3.1, and where the
    /// reply says what follows).</summary>
    public bool EndsGroup => Kind is TurnKind.Hello or TurnKind.Data or TurnKind.Auth or TurnKind.Quit || Verb is "NOOP" or "VRFY";
}
