using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Actions;

/// <summary>Limits the speed of what passes.</summary>
internal sealed class ThrottleAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "throttle",
        "Limits the octets a second from here on.",
        Everywhere,
        [
            new Field("bytesPerSecond", FieldKind.Integer, "Octets a second.") { IsRequired = true, Min = 1 },
            new Field("direction", FieldKind.Choice, "Which direction.") { Choices = ["both", "toUpstream", "toClient"], Default = "both" },
            new Field("burst", FieldKind.Integer, "Octets that may go at once.") { Min = 1, Default = "bytesPerSecond / 20, at least 1" },
        ],
        static (values, _) => new ThrottleAction(values));

    private readonly ThrottleSpec _spec;

    private ThrottleAction(Values values)
    {
        var rate = values.Integer("bytesPerSecond")!.Value;
        var direction = values.Text("direction") ?? "both";
        _spec = new ThrottleSpec(rate, values.Integer("burst") ?? Math.Max(1, rate / 20), direction != "toClient",
            direction != "toUpstream");
    }

    public override bool Stacks => true;

    public override bool WorksOpaque => true;

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.None;

    public override void Write(Strike strike, StrikeContext context) =>
        strike.Throttle = strike.Throttle is { } other && other.BytesPerSecond < _spec.BytesPerSecond ? other : _spec;
}
