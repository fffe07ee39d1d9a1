using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Actions;

/// <summary>Replies in the relay's place.</summary>
internal sealed class ReplyAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "reply",
        "A reply of our own in the right place of the pipeline; the relay never gets the command.",
        [FaultPoint.Greeting, .. Commands],
        [
            .. ReplyText.Fields(0, null, "Fault injected"),
            new Field("close", FieldKind.Choice, "What follows the reply.") { Choices = ["no", "fin", "reset"], Default = "no" },
        ],
        static (values, errors) => new ReplyAction(values, errors));

    private readonly byte[] _reply;
    private readonly int _code;
    private readonly string _close;

    private ReplyAction(Values values, List<RuleError> errors)
    {
        _code = (int)values.Integer("code")!.Value;
        _reply = ReplyText.Of(values, _code, null, "Fault injected", errors);
        _close = values.Text("close") ?? "no";
    }

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.NotDelivered;

    public override RuleError? Refuse(FaultPoint point) =>
        _code / 100 is 2 && point is not (FaultPoint.Rset or FaultPoint.Noop or FaultPoint.Vrfy or FaultPoint.Quit)
            ? new RuleError("action.code",
                "a positive reply to a command that the relay never got would deceive the client; use a code from 400 on")
        : _code / 100 is 3
            ? new RuleError("action.code", "an intermediate reply asks the client for something that nobody takes; use a code from 400 on")
        : null;

    public override void Write(Strike strike, StrikeContext context)
    {
        strike.Withhold = true;
        strike.Reply = _ => _close == "no"
            ? [new ReplyStep.Say(_reply)]
            : [new ReplyStep.Say(_reply), new ReplyStep.End(Sides.How(_close))];
    }
}
