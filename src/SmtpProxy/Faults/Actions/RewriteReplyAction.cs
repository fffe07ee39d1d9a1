using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults.Actions;

/// <summary>Replaces the relay's reply.</summary>
internal sealed class RewriteReplyAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "rewriteReply",
        "The command is forwarded, and the relay's reply is replaced.",
        [FaultPoint.Ehlo, FaultPoint.Auth, FaultPoint.AuthStep, FaultPoint.EndOfData],
        [
            .. ReplyText.Fields(0, null, "Fault injected"),
            new Field("when", FieldKind.TextList, "Only when the relay answered so: classes (2xx) or codes.") { Default = "any" },
            new Field("onConflict", FieldKind.Choice, "What happens after a reply that leaves client and relay in different places.")
                { Choices = ["close"], Default = "nothing" },
        ],
        static (values, errors) => new RewriteReplyAction(values, errors));

    private readonly byte[] _reply;
    private readonly int _code;
    private readonly ReplyCodes _when;
    private readonly bool _closes;

    private RewriteReplyAction(Values values, List<RuleError> errors)
    {
        _code = (int)values.Integer("code")!.Value;
        _reply = ReplyText.Of(values, _code, null, "Fault injected", errors);
        _when = ReplyCodes.Of(values.Texts("when"), "action.when", errors);
        _closes = values.Has("onConflict");
    }

    internal override (ReplyCodes Codes, string Where)? Needs => (_when, "action.when");

    public override bool IsOnReply(FaultPoint point) => true;

    public override DeliveryEffect EffectAt(FaultPoint point) =>
        point != FaultPoint.EndOfData ? DeliveryEffect.NotDelivered
        : _code / 100 == 2 ? DeliveryEffect.LossRisk
        : DeliveryEffect.DuplicateRisk;

    public override RuleError? Refuse(FaultPoint point) =>
        _code / 100 is 3 && point is not (FaultPoint.Auth or FaultPoint.AuthStep)
            ? new RuleError("action.code",
                "an intermediate reply asks the client for something that nobody takes; use a code of another class")
        : _code / 100 is 2 && point is FaultPoint.Auth or FaultPoint.AuthStep
            ? new RuleError("action.code", "a client must not believe to be authenticated when it is not; use a code from 400 on")
        : _code / 100 is 2 && point is FaultPoint.Ehlo
            ? new RuleError("action.code",
                "another list of capabilities could offer what the relay lacks; use editCapabilities to take some away")
        : null;

    public override bool Wants(FaultFacts facts, DateTimeOffset now, bool peek) => _when.Includes(facts.RelayCode);

    public override void Write(Strike strike, StrikeContext context) => strike.Reply = _ => _closes
        ? [new ReplyStep.Say(_reply), new ReplyStep.End(EndKind.Fin)]
        : [new ReplyStep.Say(_reply)];
}
