using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults.Actions;

/// <summary>Says 250 to a message that is thrown away.</summary>
internal sealed class BlackholeAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "blackhole",
        "The client is told 250, and the relay never gets the dot: the message is lost.",
        [FaultPoint.EndOfData],
        [new Field("text", FieldKind.Text, "Text of the 250.") { Default = "Ok: queued" }],
        static (values, errors) => new BlackholeAction(values, errors));

    private readonly byte[] _reply;

    private BlackholeAction(Values values, List<RuleError> errors)
    {
        var text = values.Text("text") ?? "Ok: queued";
        if (text.Any(static c => c is < ' ' or > '~'))
        {
            errors.Add(new RuleError("action.text", "must be printable ASCII (RFC 5321 4.2)"));
        }

        _reply = ReplyText.Octets($"250 2.0.0 {text}\r\n");
    }

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.LossRisk;

    public override void Write(Strike strike, StrikeContext context)
    {
        (strike.Withhold, strike.AbortRelay) = (true, EndKind.Reset);
        strike.Reply = _ => [new ReplyStep.Say(_reply)];
    }
}
