using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults.Actions;

/// <summary>Refuses a message that the relay never had whole.</summary>
internal sealed class RejectMessageAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "rejectMessage",
        "The dot is withheld, the relay's connection is reset, and the client gets the code.",
        [FaultPoint.EndOfData],
        ReplyText.Fields(554, "5.7.1", "Message refused"),
        static (values, errors) => new RejectMessageAction(values, errors));

    private readonly byte[] _reply;

    private RejectMessageAction(Values values, List<RuleError> errors)
    {
        _reply = ReplyText.Of(values, 554, "5.7.1", "Message refused", errors);
        if (_reply[0] is not ((byte)'4' or (byte)'5'))
        {
            errors.Add(new RuleError("action.code", "must be 4xx or 5xx; blackhole is the action that says 250"));
        }
    }

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.NotDelivered;

    public override void Write(Strike strike, StrikeContext context)
    {
        (strike.Withhold, strike.AbortRelay) = (true, EndKind.Reset);
        strike.Reply = _ => [new ReplyStep.Say(_reply)];
    }
}
