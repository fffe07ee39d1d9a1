using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults.Actions;

/// <summary>Acts as if the relay could not be reached.</summary>
internal sealed class DialFailAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "dialFail",
        "Acts as if the relay could not be reached; another relay of the pool is tried, and its health does not suffer.",
        [FaultPoint.Dial],
        [
            new Field("how", FieldKind.Choice, "How the dial fails.") { Choices = ["refused", "timeout", "reset"], Default = "refused" },
            new Field("delay", FieldKind.Duration, "How long the dial seems to take.") { Default = "00:00:00, and 00:00:30 for timeout" },
        ],
        static (values, _) => new DialFailAction(values));

    private readonly DialOutcome _how;
    private readonly TimeSpan _delay;

    private DialFailAction(Values values)
    {
        _how = values.Text("how") switch { "timeout" => DialOutcome.TimedOut, "reset" => DialOutcome.Failed, _ => DialOutcome.Refused };
        _delay = values.Duration("delay") ?? (_how == DialOutcome.TimedOut ? TimeSpan.FromSeconds(30) : TimeSpan.Zero);
    }

    public override TimeSpan? LongestHold => _delay;

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.NotDelivered;

    public override void Write(Strike strike, StrikeContext context)
    {
        strike.DialFails = _how;
        strike.BeforeDial += _delay;
    }
}
