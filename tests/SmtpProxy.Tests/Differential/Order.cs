namespace SmtpProxy.Tests.Differential;

/// <summary>Makes one total order of the octets of both sides of what turns are to be said: who waits, who is late, and whose line is cut
/// while the other speaks.</summary>
internal sealed class Order
{
    private readonly List<Piece> _pieces = [];
    private readonly List<(Answer Answer, Turn? Turn, int Due)> _owed = [];
    private Turn? _before;
    private int _turns;

    private Order()
    {
    }

    /// <summary>The order. The first turn is the greeting.</summary>
    public static List<Piece> Of(IReadOnlyList<Turn> turns)
    {
        var order = new Order();
        foreach (var turn in turns)
        {
            order.Say(turn);
        }

        order.SettleAll();
        return order._pieces;
    }

    private void Say(Turn turn)
    {
        _turns++;
        if (turn.Kind == TurnKind.Relay)
        {
            SettleAll();
            AddWhole(turn.Answers[0], turn);
            return;
        }

        // What is said after these is read when their reply is known (PROTOCOL 4.5), or what it may be depends on it.
        if (turn.Waits || _before is { Kind: TurnKind.Hello or TurnKind.Auth } or { Kind: TurnKind.Data, Payload.Length: 0 })
        {
            SettleAll();
        }

        _before = turn;

        SayLine(turn);
        if (turn.Kind == TurnKind.Auth)
        {
            SettleAll();
            for (var n = 0; n < turn.Answers.Count; n++)
            {
                AddWhole(turn.Answers[n], turn);
                if (n < turn.Responses.Count)
                {
                    Add(PieceKind.Response, turn, turn.Responses[n]);
                }
            }

            return;
        }

        if (turn.Kind == TurnKind.Bdat && turn.Payload.Length > 0)
        {
            Add(PieceKind.Payload, turn, turn.Payload);
        }

        Owe(turn, turn.Answers);
        if (turn.Kind == TurnKind.Data && turn.Answers is [{ Code: 354 }, ..])
        {
            SettleAll();
            Add(PieceKind.Payload, turn, turn.Payload);
            Owe(turn, turn.Finals);
        }
        else if (turn.Kind == TurnKind.Bdat)
        {
            Owe(turn, turn.Finals);
        }

        if (turn.EndsGroup)
        {
            // The next one waits in any case: what it is depends on the reply, or RFC 2920 wants it.
            return;
        }

        Settle(_turns);
    }

    private void SayLine(Turn turn)
    {
        var cut = (int)(turn.CutLine * turn.Line.Length);
        if (cut > 0 && _owed.Count > 0)
        {
            _pieces.Add(new Piece(PieceKind.Line, turn, turn.Line, 0, cut));
            SettleFirst(0);
            _pieces.Add(new Piece(PieceKind.Line, turn, turn.Line, cut, turn.Line.Length));
            return;
        }

        // A reply that is begun before this line is heard, and ended after it.
        if (_owed.Count > 0 && _owed[0].Turn is { CutReply: > 0 } late)
        {
            var (answer, of, _) = _owed[0];
            var at = Math.Max(1, (int)(late.CutReply * answer.Text.Length));
            _pieces.Add(new Piece(PieceKind.Reply, of, answer.Text, 0, at, answer));
            Add(PieceKind.Line, turn, turn.Line);
            _pieces.Add(new Piece(PieceKind.Reply, of, answer.Text, at, answer.Text.Length, answer));
            _owed.RemoveAt(0);
            return;
        }

        Add(PieceKind.Line, turn, turn.Line);
    }

    private void Owe(Turn turn, IEnumerable<Answer> answers) =>
        _owed.AddRange(answers.Select(answer => (answer, (Turn?)turn, _turns + turn.Lag)));

    private void Settle(int now)
    {
        while (_owed.Count > 0 && _owed[0].Due <= now)
        {
            SettleFirst(0);
        }
    }

    private void SettleAll()
    {
        while (_owed.Count > 0)
        {
            SettleFirst(0);
        }
    }

    private void SettleFirst(int at)
    {
        var (answer, turn, _) = _owed[at];
        _owed.RemoveAt(at);
        AddWhole(answer, turn);
    }

    private void AddWhole(Answer answer, Turn? turn) =>
        _pieces.Add(new Piece(PieceKind.Reply, turn, answer.Text, 0, answer.Text.Length, answer));

    private void Add(PieceKind kind, Turn turn, string octets) => _pieces.Add(new Piece(kind, turn, octets, 0, octets.Length));
}
