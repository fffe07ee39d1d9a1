using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Actions;

/// <summary>Refuses whom it does not know yet, and lets a proper retry pass (RFC 6647).</summary>
internal sealed class GreylistAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "greylist",
        "450 until a retry comes after minDelay (or the given number of attempts) and within the window.",
        [FaultPoint.Rcpt, FaultPoint.Mail],
        [
            new Field("key", FieldKind.Choice, "What is remembered.")
                { Choices = ["client", "sender", "recipient", "triplet"], Default = "triplet" },
            new Field("minDelay", FieldKind.Duration, "A retry before this is refused again.") { Default = "00:05:00" },
            new Field("window", FieldKind.Duration, "A retry after this is a first attempt again.") { Default = "04:00:00" },
            new Field("attempts", FieldKind.Integer, "Let the n-th attempt pass, whenever it comes, instead of minDelay.")
                { Min = 2, Max = 100 },
            new Field("reply", FieldKind.Object, "The refusal.")
                { Members = ReplyText.Fields(450, "4.7.1", "Greylisted, try again later") },
            new Field("clientPrefix", FieldKind.Object, "How much of a client's address counts.")
            {
                Members =
                [
                    new Field("v4", FieldKind.Integer, "Bits of an IPv4 address.") { Min = 0, Max = 32, Default = "24" },
                    new Field("v6", FieldKind.Integer, "Bits of an IPv6 address.") { Min = 0, Max = 128, Default = "64" },
                ],
            },
        ],
        static (values, errors) => new GreylistAction(values, errors));

    /// <summary>What is remembered at most; the oldest is forgotten first.</summary>
    private const int Most = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (DateTimeOffset First, int Attempts)> _known = [];
    private readonly Queue<string> _order = new();
    private readonly string _key;
    private readonly TimeSpan _minDelay;
    private readonly TimeSpan _window;
    private readonly long? _attempts;
    private readonly byte[] _reply;
    private readonly int _v4;
    private readonly int _v6;

    private GreylistAction(Values values, List<RuleError> errors)
    {
        _key = values.Text("key") ?? "triplet";
        _minDelay = values.Duration("minDelay") ?? TimeSpan.FromMinutes(5);
        _window = values.Duration("window") ?? TimeSpan.FromHours(4);
        _attempts = values.Integer("attempts");
        _reply = ReplyText.Of(values.Object("reply"), 450, "4.7.1", "Greylisted, try again later", errors, "action.reply");
        (_v4, _v6) = ((int)(values.Object("clientPrefix").Integer("v4") ?? 24), (int)(values.Object("clientPrefix").Integer("v6") ?? 64));
        if (_reply[0] != '4')
        {
            errors.Add(new RuleError("action.reply.code", "must be 4xx: greylisting asks for a retry (RFC 6647)"));
        }

        if (_minDelay > _window)
        {
            errors.Add(new RuleError("action.minDelay", "is above action.window: no retry could ever pass"));
        }
    }

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.NotDelivered;

    public override RuleError? Refuse(FaultPoint point) => point == FaultPoint.Mail && _key is "recipient" or "triplet"
        ? new RuleError("action.key", "at mail no recipient is known yet; write client or sender, or strike at rcpt")
        : null;

    public override bool Wants(FaultFacts facts, DateTimeOffset now, bool peek)
    {
        var key = KeyOf(facts);
        lock (_lock)
        {
            if (!_known.TryGetValue(key, out var known) || now - known.First > _window)
            {
                Remember(key, (now, 1), peek);
                return true;
            }

            var attempt = known.Attempts + 1;
            if (!peek)
            {
                _known[key] = (known.First, attempt);
            }

            return _attempts is { } passes ? attempt < passes : now - known.First < _minDelay;
        }
    }

    internal override TimeSpan CommonWindow => _window;

    internal override string CommonKey(FaultFacts facts) => KeyOf(facts);

    internal override bool WantsCommon(long attempts, TimeSpan age) =>
        attempts == 1 || (_attempts is { } passes ? attempts < passes : age < _minDelay);

    public override void Reset()
    {
        lock (_lock)
        {
            _known.Clear();
            _order.Clear();
        }
    }

    public override void Write(Strike strike, StrikeContext context)
    {
        strike.Withhold = true;
        strike.Reply = _ => [new ReplyStep.Say(_reply)];
    }

    private void Remember(string key, (DateTimeOffset, int) entry, bool peek)
    {
        if (peek)
        {
            return;
        }

        if (!_known.ContainsKey(key))
        {
            _order.Enqueue(key);
        }

        _known[key] = entry;
        while (_known.Count > Most && _order.TryDequeue(out var oldest))
        {
            _known.Remove(oldest);
        }
    }

    private string KeyOf(FaultFacts facts)
    {
        var client = ClientPrefix.Of(facts.Client, _v4, _v6);
        return _key switch
        {
            "client" => client,
            "sender" => facts.MailFrom ?? "",
            "recipient" => facts.RcptTo ?? "",
            _ => $"{client}\n{facts.MailFrom}\n{facts.RcptTo}",
        };
    }
}
