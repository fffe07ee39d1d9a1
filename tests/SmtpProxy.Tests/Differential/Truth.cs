using System.Text.Json.Nodes;

namespace SmtpProxy.Tests.Differential;

/// <summary>What a correct record of a dialogue is, from what its writer meant: walks along the pieces in their order and keeps the queue
/// of replies that are owed (PROTOCOL 4.1). It reads no octets.</summary>
internal sealed partial class Truth
{
    private readonly List<Owed> _queue = [];
    private readonly List<Entry> _exchanges = [];
    private readonly SortedSet<string> _must = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _may = new(StringComparer.Ordinal);
    private readonly Deal _deal;
    private IReadOnlyList<string> _capabilities = [];
    private (Piece Piece, bool Pipelined)? _begun;
    private readonly HashSet<string> _pending = new(StringComparer.Ordinal);
    private Piece? _saying;
    private Piece? _heard;
    private Answer? _greeting;
    private long _clientOctets;
    private long _relayOctets;
    private bool _offersPipelining;
    private bool _offeredThen;
    private bool _isLmtp;
    private bool _speaks;
    private bool _quit;
    private bool _closing;

    private Truth() => _deal = new Deal(this);

    /// <summary>Every reply, as verb and code; the greeting's verb is empty.</summary>
    public List<(string Verb, int Code)> Replies { get; } = [];

    /// <summary>What has to be reported, and what may be.</summary>
    public (IReadOnlySet<string> Must, IReadOnlySet<string> May) Anomalies => (_must, _may);

    /// <summary>Octets that each side said.</summary>
    public (long Client, long Relay) Octets => (_clientOctets, _relayOctets);

    /// <summary>What became of messages.</summary>
    public IReadOnlyList<string> Outcomes => [.. _deal.Ended.Select(static t => (string)t["outcome"]!)];

    /// <summary>The truth of these pieces, said in this order, with this end.</summary>
    public static (Truth Truth, JsonObject Record) Of(IEnumerable<Piece> pieces, Ending ending)
    {
        var truth = new Truth();
        foreach (var piece in pieces)
        {
            if (piece.IsClients)
            {
                truth._clientOctets += piece.Octets.Length;
                truth.FromClient(piece);
            }
            else
            {
                truth._relayOctets += piece.Octets.Length;
                truth.FromRelay(piece);
            }
        }

        return (truth, truth.End(ending));
    }

    private void FromClient(Piece piece)
    {
        if (piece.Begins && piece.Kind == PieceKind.Line)
        {
            _begun = (piece, _queue.Count > 0);
            _offeredThen = _offersPipelining;
            if (_queue.Count > 0)
            {
                // They are reported when the line is whole.
                _pending.Add("pipelining-unadvertised");
                _pending.UnionWith(_queue.Exists(static o => o is
                    { IsFinal: false, Turn.Verb: "EHLO" or "LHLO" or "DATA" or "VRFY" or "NOOP" or "QUIT" })
                    ? ["pipelining-sync-violation"] : []);
            }
        }

        _saying = piece.Completes ? null : piece;
        if (!piece.Completes)
        {
            return;
        }

        switch (piece.Kind)
        {
            case PieceKind.Line:
                Opened(piece.Turn!, _begun!.Value.Pipelined);
                _begun = null;
                break;
            case PieceKind.Payload:
                var owed = _queue.First(o => o.Turn == piece.Turn);
                owed.HasAll = true;
                if (owed.IsFinal)
                {
                    _exchanges.Add(owed.Entry);
                    _must.UnionWith(piece.Turn!.Anomalies);
                }

                break;
            default:
                break;
        }
    }

    private void Opened(Turn turn, bool pipelined)
    {
        // What EHLO was answered meanwhile may count for the line that began before.
        if (!_offeredThen || !_offersPipelining)
        {
            (_offeredThen || _offersPipelining ? _may : _must).UnionWith(_pending.Where(static a => a == "pipelining-unadvertised"));
        }

        _must.UnionWith(_pending.Where(static a => a != "pipelining-unadvertised"));
        _pending.Clear();
        _must.UnionWith(turn.Kind == TurnKind.Data && turn.Payload.Length > 0 ? turn.DataLineAnomalies : turn.Anomalies);

        _speaks = true;
        var entry = new Entry(turn.Verb, pipelined);
        if (turn.Kind == TurnKind.Auth)
        {
            entry.More["mechanism"] = turn.Argument;
            entry.More["challenges"] = 0;
        }
        else if (turn.Kind == TurnKind.Bdat)
        {
            entry.More["size"] = turn.Payload.Length;
            entry.More["last"] = turn.IsLast;
        }

        _exchanges.Add(entry);
        _queue.Add(new Owed(turn, entry) { HasAll = turn.Payload.Length == 0 || turn.Kind != TurnKind.Bdat });
    }

    private void FromRelay(Piece piece)
    {
        _heard = piece.Completes ? null : piece;
        if (!piece.Completes)
        {
            return;
        }

        var answer = piece.Answer!;
        _must.UnionWith(answer.Anomalies);
        if (_greeting is null)
        {
            _greeting = answer;
            Replies.Add(("", answer.Code));
            _closing = answer.Code == 421;
            return;
        }

        if (answer.Code == 421)
        {
            _closing = true;
        }

        if (_queue.Count == 0)
        {
            _must.Add("unsolicited-421");
            Replies.Add(("", answer.Code));
            return;
        }

        Answered(_queue[0], answer);
    }

    private void Answered(Owed owed, Answer answer)
    {
        if (owed is { Turn.Kind: TurnKind.Auth } && answer.Code == 334)
        {
            owed.Entry.More["challenges"] = (int)owed.Entry.More["challenges"]! + 1;
            owed.WasChallenged = true;
            Replies.Add((owed.Turn.Verb, 334));
            return;
        }

        if (owed.Turn.Kind == TurnKind.Bdat && owed.Turn.IsLast && !owed.IsFinal)
        {
            // Its replies are those of the message.
            owed.IsFinal = true;
        }

        Replies.Add((owed.Entry.Verb, answer.Code));
        if (owed.IsFinal)
        {
            FinalAnswer(owed, answer);
            return;
        }

        owed.Entry.Fill(answer);
        _queue.RemoveAt(0);
        Consequence(owed.Turn, answer);
    }

    private void FinalAnswer(Owed owed, Answer answer)
    {
        var open = _deal.Open;
        if (owed.Got == 0)
        {
            // How many there are is known now.
            owed.Of = answer.Code == 353 && open is { IsPrdr: true }
                ? [null, .. open.Accepted, null] : _isLmtp && open is { Accepted.Count: > 0 } ? [.. open.Accepted] : [null];
        }

        var entry = owed.Got == 0 ? owed.Entry : owed.Entry.Another();
        if (owed.Got > 0)
        {
            _exchanges.Insert(_exchanges.IndexOf(owed.Last!) + 1, entry);
        }

        entry.Fill(answer);
        entry.Recipient(owed.Of[owed.Got]);
        owed.Last = entry;
        owed.Got++;
        if (owed.Got == owed.Of.Count)
        {
            _queue.RemoveAt(0);
        }

        _deal.Verdict(owed, answer, isAll: owed.Got == owed.Of.Count);
    }

    private void Consequence(Turn turn, Answer answer)
    {
        switch (turn.Kind)
        {
            case TurnKind.Hello when answer.IsGood:
                _capabilities = turn.Offers;
                _offersPipelining = turn.Offers.Contains("PIPELINING");
                _isLmtp |= turn.Verb == "LHLO";
                _deal.Close("reset");
                break;
            case TurnKind.Mail when answer.IsGood:
                _deal.Begin(turn);
                break;
            case TurnKind.Rcpt:
                _deal.Recipient(turn, answer);
                break;
            case TurnKind.Reset when answer.IsGood:
                _deal.Close("reset");
                break;
            case TurnKind.Quit when answer.IsGood:
                _quit = true;
                _deal.Close("reset");
                break;
            case TurnKind.Data when answer.Code == 354:
                _queue.Insert(0, new Owed(turn, new Entry(".", false)) { IsFinal = true, HasAll = false });
                _deal.GoAhead(turn);
                break;
            case TurnKind.Data:
                _deal.Refused(answer);
                break;
            case TurnKind.Bdat:
                _deal.Chunk(turn, answer);
                break;
            default:
                break;
        }
    }

    /// <summary>A reply, or several, that the relay owes.</summary>
    internal sealed class Owed(Turn turn, Entry entry)
    {
        public Turn Turn { get; } = turn;

        public Entry Entry { get; } = entry;

        /// <summary>They are the replies to a message.</summary>
        public bool IsFinal { get; set; }

        /// <summary>All octets that they answer have been said.</summary>
        public bool HasAll { get; set; }

        public bool WasChallenged { get; set; }

        /// <summary>Replies so far.</summary>
        public int Got { get; set; }

        /// <summary>Of which recipient each is.</summary>
        public IReadOnlyList<string?> Of { get; set; } = [null];

        public Entry? Last { get; set; }
    }
}
