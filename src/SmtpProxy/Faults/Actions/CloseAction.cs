using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults.Actions;

/// <summary>Ends the session.</summary>
internal sealed class CloseAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "close",
        "Ends the session, in the place that the reply would have had.",
        Everywhere,
        [
            new Field("how", FieldKind.Choice, "FIN, RST, or a reply 421 and then FIN.")
                { Choices = ["fin", "reset", "421"], Default = "fin" },
            new Field("side", FieldKind.Choice, "Whose connection; of a client that keeps its own, the proxy takes leave politely.")
                { Choices = ["both", "client", "upstream"], Default = "both" },
            new Field("text", FieldKind.Text, "Text of the 421.") { Default = "Service closing transmission channel" },
        ],
        static (values, errors) => new CloseAction(values, errors));

    private readonly string _how;
    private readonly Leg? _side;
    private readonly byte[] _reply;

    private CloseAction(Values values, List<RuleError> errors)
    {
        _how = values.Text("how") ?? "fin";
        _side = Sides.Of(values.Text("side") ?? "both");
        var text = values.Text("text") ?? "Service closing transmission channel";
        if (text.Any(static c => c is < ' ' or > '~'))
        {
            errors.Add(new RuleError("action.text", "must be printable ASCII (RFC 5321 4.2)"));
        }

        _reply = ReplyText.Octets($"421 4.3.2 {text}\r\n");
    }

    public override bool WorksOpaque => true;

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.NotDelivered;

    public override RuleError? Refuse(FaultPoint point) =>
        _side == Leg.Relay && _how == "421"
            ? new RuleError("action.how", "421 is for clients; write fin or reset for upstream")
        : _side == Leg.Relay && point is FaultPoint.Connect or FaultPoint.Dial or FaultPoint.Greeting
            ? new RuleError("action.side", "there is no relay yet; use dialFail to act as if it could not be reached")
        : _how == "421" && point == FaultPoint.DataBody
            ? new RuleError("action.how", "nobody reads a reply in the middle of a message; write fin or reset")
        : null;

    public override void Write(Strike strike, StrikeContext context)
    {
        strike.Withhold = true;
        if (_side == Leg.Relay)
        {
            strike.AbortRelay = Sides.How(_how);
            strike.Reply = static _ => [new ReplyStep.Say("421 4.3.2 Service not available, closing transmission channel\r\n"u8.ToArray()),
                new ReplyStep.End(EndKind.Fin)];
            return;
        }

        strike.Reply = _ => _how == "421"
            ? [new ReplyStep.Say(_reply), new ReplyStep.End(EndKind.Fin, _side)]
            : [new ReplyStep.End(Sides.How(_how), _side)];
    }
}
