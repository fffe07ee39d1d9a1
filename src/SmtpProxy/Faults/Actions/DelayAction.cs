using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Actions;

/// <summary>Holds the dial, the command or the reply, and then goes on unchanged.</summary>
internal sealed class DelayAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "delay",
        "Holds the reply (or the dial, or the command) and then goes on unchanged.",
        Everywhere,
        [
            new Field("duration", FieldKind.Duration, "How long; or min and max."),
            new Field("min", FieldKind.Duration, "The shortest time of a distribution; the median is halfway to max."),
            new Field("max", FieldKind.Duration, "The longest time of a distribution."),
            new Field("distribution", FieldKind.Choice, "How times between min and max are drawn.")
                { Choices = ["uniform", "normal", "logNormal"], Default = "uniform" },
            new Field("where", FieldKind.Choice, "What is held.")
            {
                Choices = ["beforeDial", "beforeForward", "beforeReply"],
                Default = "beforeDial at connect and dial, beforeForward at dataBody, otherwise beforeReply",
            },
        ],
        static (values, errors) => new DelayAction(values, errors));

    private readonly TimeSpan _min;
    private readonly TimeSpan _max;
    private readonly string _distribution;
    private readonly string? _where;

    private DelayAction(Values values, List<RuleError> errors)
    {
        var exact = values.Duration("duration");
        (_min, _max) = (exact ?? values.Duration("min") ?? default, exact ?? values.Duration("max") ?? default);
        (_distribution, _where) = (values.Text("distribution") ?? "uniform", values.Text("where"));
        if (exact is not null == (values.Has("min") || values.Has("max")) || (exact is null && !(values.Has("min") && values.Has("max"))))
        {
            errors.Add(new RuleError("action.duration", "give either duration, such as 00:00:35, or both min and max"));
        }
        else if (_min > _max)
        {
            errors.Add(new RuleError("action.min", "is above action.max"));
        }
    }

    public override bool Stacks => true;

    public override TimeSpan? LongestHold => _max;

    public override bool HoldsRelay => _where != "beforeDial";

    public override bool ChangesReplyOnly => _where is null or "beforeReply";

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.None;

    public override RuleError? Refuse(FaultPoint point) =>
        _where == "beforeDial" && point is not (FaultPoint.Connect or FaultPoint.Dial or FaultPoint.Greeting)
            ? new RuleError("action.where", "beforeDial goes with the points connect, dial and greeting only; the relay is dialled by then")
        : _where is "beforeForward" or "beforeReply" && point is FaultPoint.Connect or FaultPoint.Dial
            ? new RuleError("action.where", $"{FaultNames.Of(point)} comes before the dial; write beforeDial")
        : _where == "beforeForward" && point == FaultPoint.Greeting
            ? new RuleError("action.where", "the greeting has no command to hold; write beforeDial or beforeReply")
        : _where == "beforeReply" && point is FaultPoint.DataBody
            ? new RuleError("action.where", "message data has no reply of its own; write beforeForward, or strike at endOfData")
        : null;

    public override void Write(Strike strike, StrikeContext context)
    {
        var time = Time(context);
        switch (_where ?? Default(context.Point))
        {
            case "beforeDial":
                strike.BeforeDial += time;
                break;
            case "beforeForward":
                strike.BeforeForward += time;
                break;
            default:
                strike.BeforeReply += time;
                break;
        }
    }

    private static string Default(FaultPoint point) => point switch
    {
        FaultPoint.Connect or FaultPoint.Dial => "beforeDial",
        FaultPoint.DataBody => "beforeForward",
        _ => "beforeReply",
    };

    private TimeSpan Time(StrikeContext context)
    {
        if (_min == _max)
        {
            return _min;
        }

        var share = _distribution == "uniform" ? context.Draw() : Normal(context);
        // logNormal: short times are common, long ones rare, within the same bounds.
        return _distribution == "logNormal" && _min > TimeSpan.Zero
            ? _min * Math.Pow(_max / _min, share)
            : _min + ((_max - _min) * share);
    }

    /// <summary>Box and Muller's normal distribution, its three standard deviations laid onto 0 to 1.</summary>
    private static double Normal(StrikeContext context)
    {
        var deviation = Math.Sqrt(-2 * Math.Log(1 - context.Draw())) * Math.Cos(2 * Math.PI * context.Draw());
        return Math.Clamp(0.5 + (deviation / 6), 0, 1);
    }
}
