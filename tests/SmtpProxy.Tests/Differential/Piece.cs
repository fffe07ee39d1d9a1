namespace SmtpProxy.Tests.Differential;

/// <summary>What some octets are.</summary>
internal enum PieceKind
{
    /// <summary>A command line.</summary>
    Line,

    /// <summary>A SASL response.</summary>
    Response,

    /// <summary>A message with its end, or a chunk.</summary>
    Payload,

    /// <summary>A reply.</summary>
    Reply,
}

/// <summary>Octets of one side that go without a word of the other in between.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Turn">What they belong to; null: the greeting.</param>
/// <param name="Whole">All octets of the line, payload or reply.</param>
/// <param name="From">Where in it these begin.</param>
/// <param name="To">Where they end.</param>
/// <param name="Answer">The reply that they are of.</param>
internal sealed record Piece(PieceKind Kind, Turn? Turn, string Whole, int From, int To, Answer? Answer = null)
{
    /// <summary>The octets, one character each.</summary>
    public string Octets => Whole[From..To];

    /// <summary>The client says them.</summary>
    public bool IsClients => Kind != PieceKind.Reply;

    /// <summary>The first of its line, payload or reply.</summary>
    public bool Begins => From == 0;

    /// <summary>The last of it.</summary>
    public bool Completes => To == Whole.Length;
}

/// <summary>How a connection ends.</summary>
internal enum EndWord
{
    /// <summary>FIN, when everything has been said.</summary>
    Fin,

    /// <summary>FIN of the one side; the other says what it has left before its own.</summary>
    HalfClose,

    /// <summary>RST.</summary>
    Reset,
}

/// <summary>How a dialogue ends.</summary>
/// <param name="ByClient">The client's doing.</param>
/// <param name="How">What it does.</param>
internal sealed record Ending(bool ByClient, EndWord How);
