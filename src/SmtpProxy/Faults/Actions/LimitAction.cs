using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults.Actions;

/// <summary>Refuses only when a real limit of concurrency or rate is exceeded.</summary>
internal sealed class LimitAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "limit",
        "Refuses only when a real limit of concurrency or rate is exceeded.",
        [FaultPoint.Greeting, FaultPoint.Mail, FaultPoint.Rcpt],
        [
            new Field("maxConcurrentPerClient", FieldKind.Integer, "At greeting: sessions of one client address at a time.") { Min = 1 },
            new Field("connectionsPerMinute", FieldKind.Integer, "At greeting: sessions of one client address in any minute.") { Min = 1 },
            new Field("messagesPerMinute", FieldKind.Integer, "At mail: transactions of one client address in any minute.") { Min = 1 },
            new Field("recipientsPerMessage", FieldKind.Integer, "At rcpt: recipients of one message.") { Min = 1 },
            new Field("reply", FieldKind.Object, "The refusal; at greeting it ends the session.")
                { Members = ReplyText.Fields(421, "4.7.0", "Too many connections, try again later") },
        ],
        static (values, errors) => new LimitAction(values, errors));

    /// <summary>Clients that are remembered at most.</summary>
    private const int Most = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _open = [];
    private readonly Dictionary<string, Queue<DateTimeOffset>> _recent = [];
    private readonly Values _values;

    private LimitAction(Values values, List<RuleError> errors)
    {
        _values = values;
        // What is wrong with a reply is wrong with it at each point: the codes that they have by themselves are of one class.
        ReplyOf(FaultPoint.Greeting, errors);
    }

    internal override long? MostRecipients => _values.Integer("recipientsPerMessage");

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.NotDelivered;

    public override RuleError? Refuse(FaultPoint point)
    {
        var (fits, names) = point switch
        {
            FaultPoint.Greeting => (_values.Has("maxConcurrentPerClient") || _values.Has("connectionsPerMinute"),
                "maxConcurrentPerClient or connectionsPerMinute"),
            FaultPoint.Mail => (_values.Has("messagesPerMinute"), "messagesPerMinute"),
            _ => (_values.Has("recipientsPerMessage"), "recipientsPerMessage"),
        };
        return fits ? null : new RuleError("action", $"has no limit that goes with {FaultNames.Of(point)}; give {names}");
    }

    public override bool Wants(FaultFacts facts, DateTimeOffset now, bool peek)
    {
        if (facts.Point == FaultPoint.Rcpt)
        {
            return facts.RecipientCount > _values.Integer("recipientsPerMessage");
        }

        var client = facts.Client.ToString();
        lock (_lock)
        {
            return facts.Point == FaultPoint.Mail
                ? Exceeds(client, _values.Integer("messagesPerMinute"), now, peek)
                : Concurrent(client, peek) | Exceeds(client, _values.Integer("connectionsPerMinute"), now, peek);
        }
    }

    public override void SessionOver(FaultFacts facts)
    {
        lock (_lock)
        {
            var client = facts.Client.ToString();
            if (_open.TryGetValue(client, out var open) && open > 1)
            {
                _open[client] = open - 1;
            }
            else
            {
                _open.Remove(client);
            }
        }
    }

    public override void Reset()
    {
        lock (_lock)
        {
            _recent.Clear();
        }
    }

    public override void Write(Strike strike, StrikeContext context)
    {
        var reply = ReplyOf(context.Point, []);
        strike.Withhold = true;
        strike.Reply = _ => context.Point == FaultPoint.Greeting
            ? [new ReplyStep.Say(reply), new ReplyStep.End(EndKind.Fin)]
            : [new ReplyStep.Say(reply)];
    }

    private byte[] ReplyOf(FaultPoint point, List<RuleError> errors) => point switch
    {
        FaultPoint.Greeting => ReplyText.Of(_values.Object("reply"), 421, "4.7.0", "Too many connections, try again later", errors,
            "action.reply"),
        FaultPoint.Mail => ReplyText.Of(_values.Object("reply"), 450, "4.7.1", "Too many messages, try again later", errors,
            "action.reply"),
        _ => ReplyText.Of(_values.Object("reply"), 452, "4.5.3", "Too many recipients", errors, "action.reply"),
    };

    private bool Concurrent(string client, bool peek)
    {
        var open = _open.GetValueOrDefault(client) + 1;
        if (!peek && (open > 1 || _open.Count < Most))
        {
            _open[client] = open;
        }

        return open > _values.Integer("maxConcurrentPerClient");
    }

    private bool Exceeds(string client, long? limit, DateTimeOffset now, bool peek)
    {
        if (limit is null)
        {
            return false;
        }

        if (!_recent.TryGetValue(client, out var recent))
        {
            // Who is only asked about is not remembered, and costs nobody else a place.
            recent = new Queue<DateTimeOffset>();
            if (!peek)
            {
                if (_recent.Count >= Most)
                {
                    _recent.Clear();
                }

                _recent[client] = recent;
            }
        }

        while (recent.TryPeek(out var oldest) && now - oldest >= TimeSpan.FromMinutes(1))
        {
            recent.Dequeue();
        }

        if (!peek && recent.Count <= limit)
        {
            recent.Enqueue(now);
        }

        return recent.Count + (peek ? 1 : 0) > limit;
    }
}
