using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults.Actions;

/// <summary>Loses the acknowledgement of a message that the relay has.</summary>
internal sealed class AckLossAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "ackLoss",
        "The dot is forwarded, the relay's final reply is swallowed, and the connection ends: a client that retries sends the message " +
            "twice (RFC 1047).",
        [FaultPoint.EndOfData],
        [
            new Field("then", FieldKind.Choice, "What the client sees instead.") { Choices = ["fin", "reset", "stall"], Default = "reset" },
            new Field("duration", FieldKind.Duration, "For stall: how long; then the connection is reset.")
                { Default = "until the client closes" },
            new Field("onlyWhen", FieldKind.TextList, "Only when the relay answered so: classes or codes.") { Default = "2xx" },
        ],
        static (values, errors) => new AckLossAction(values, errors));

    private readonly string _then;
    private readonly TimeSpan? _duration;
    private readonly ReplyCodes _when;

    private AckLossAction(Values values, List<RuleError> errors)
    {
        (_then, _duration) = (values.Text("then") ?? "reset", values.Duration("duration"));
        _when = ReplyCodes.Of(values.Texts("onlyWhen") is { Count: > 0 } given ? given : ["2xx"], "action.onlyWhen", errors);
        if (_duration is not null && _then != "stall")
        {
            errors.Add(new RuleError("action.duration", "goes with then: stall only"));
        }
    }

    public override TimeSpan? LongestHold => _duration;

    internal override (ReplyCodes Codes, string Where)? Needs => (_when, "action.onlyWhen");

    public override bool IsOnReply(FaultPoint point) => true;

    public override bool CutsOff => true;

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.DuplicateRisk;

    public override bool Wants(FaultFacts facts, DateTimeOffset now, bool peek) => _when.Includes(facts.RelayCode);

    public override void Write(Strike strike, StrikeContext context) => strike.Reply = _ => _then == "stall"
        ? [new ReplyStep.Stall(_duration, Leg.Client, StopReading: false), new ReplyStep.End(EndKind.Reset)]
        : [new ReplyStep.End(Sides.How(_then))];
}
