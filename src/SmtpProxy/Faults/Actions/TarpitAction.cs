using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Actions;

/// <summary>Lets a reply trickle, so that timers that run per read never fire.</summary>
internal sealed class TarpitAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "tarpit",
        "The reply trickles: continuation lines, or single octets; its end is the real one.",
        Replies,
        [
            new Field("mode", FieldKind.Choice, "lines: continuation lines before the reply; bytes: the reply itself, octet by octet.")
                { Choices = ["lines", "bytes"], Default = "lines" },
            new Field("interval", FieldKind.Duration, "Between two lines or octets.") { Default = "00:00:10" },
            new Field("count", FieldKind.Integer, "How many lines, or octets one by one; the rest goes at once.")
                { Min = 1, Max = MostSteps },
            new Field("total", FieldKind.Duration, "How long in all, instead of count."),
            new Field("text", FieldKind.Text, "Text of the continuation lines.") { Default = "please wait" },
        ],
        static (values, errors) => new TarpitAction(values, errors));

    private const int LongestLine = 512;
    private const int MostSteps = 10_000;
    private readonly bool _lines;
    private readonly TimeSpan _interval;
    private readonly int _count;
    private readonly string _text;

    private TarpitAction(Values values, List<RuleError> errors)
    {
        _lines = values.Text("mode") != "bytes";
        _interval = values.Duration("interval") ?? TimeSpan.FromSeconds(10);
        _text = values.Text("text") ?? "please wait";
        if (_interval <= TimeSpan.Zero)
        {
            errors.Add(new RuleError("action.interval", "must be above 00:00:00"));
            _interval = TimeSpan.FromSeconds(1);
        }

        if (values.Has("count") == values.Has("total"))
        {
            errors.Add(new RuleError("action.count", "give either count or total"));
        }

        if (_text.Length > LongestLine - 6 || _text.Any(static c => c is < ' ' or > '~'))
        {
            errors.Add(new RuleError("action.text", "must be one line of at most 506 printable ASCII characters (RFC 5321 4.5.3.1.5)"));
        }

        var count = values.Integer("count") ?? Math.Ceiling((values.Duration("total") ?? default) / _interval);
        if (count > MostSteps)
        {
            errors.Add(new RuleError("action.interval", $"cuts action.total into more than {MostSteps} pieces; write a longer interval"));
        }

        _count = (int)Math.Min(count, MostSteps);
    }

    public override TimeSpan? LongestHold => _interval * _count;

    public override bool HoldsRelay => true;

    public override bool ChangesReplyOnly => true;

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.None;

    public override void Write(Strike strike, StrikeContext context) => strike.Reply = _lines ? Lines : Octets;

    private List<ReplyStep> Lines(ReadOnlyMemory<byte> real)
    {
        var line = new byte[_text.Length + 6];
        real.Span[..3].CopyTo(line);
        ReplyText.Octets($"-{_text}\r\n").CopyTo(line, 3);
        var steps = new List<ReplyStep>();
        for (var n = 0; n < _count; n++)
        {
            steps.Add(new ReplyStep.Say(line));
            steps.Add(new ReplyStep.Pause(_interval));
        }

        steps.Add(new ReplyStep.Say(real));
        return steps;
    }

    private List<ReplyStep> Octets(ReadOnlyMemory<byte> real)
    {
        var steps = new List<ReplyStep>();
        var slow = Math.Min(_count, real.Length - 1);
        for (var n = 0; n < slow; n++)
        {
            steps.Add(new ReplyStep.Say(real.Slice(n, 1)));
            steps.Add(new ReplyStep.Pause(_interval));
        }

        steps.Add(new ReplyStep.Say(real[slow..]));
        return steps;
    }
}
