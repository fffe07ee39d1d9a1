using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Actions;

/// <summary>Agrees to TLS, and then there is none.</summary>
internal sealed class StartTlsBreakAction : FaultAction
{
    /// <summary>Its description.</summary>
    public static readonly ActionDescription Description = new(
        "starttlsBreak",
        "220 to STARTTLS, and then no TLS that works; the relay is never told.",
        [FaultPoint.StartTls],
        [new Field("how", FieldKind.Choice, "What comes instead of TLS.") { IsRequired = true, Choices = ["fin", "reset", "garbage", "stall"] }],
        static (values, _) => new StartTlsBreakAction(values.Text("how") ?? "fin"));

    private static readonly byte[] Ready = "220 2.0.0 Ready to start TLS\r\n"u8.ToArray();
    private static readonly byte[] Garbage = "this is no TLS record, whatever you expected\r\n"u8.ToArray();
    private readonly string _how;

    private StartTlsBreakAction(string how) => _how = how;

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.NotDelivered;

    public override void Write(Strike strike, StrikeContext context)
    {
        strike.Withhold = true;
        strike.AbortRelay = EndHow.Fin;
        strike.Reply = _ => _how switch
        {
            "garbage" => [new ReplyStep.Say(Ready), new ReplyStep.Say(Garbage), new ReplyStep.End(EndHow.Fin, FaultSide.Both)],
            "stall" => [new ReplyStep.Say(Ready), new ReplyStep.Stall(null, FaultSide.Client, StopReading: false), new ReplyStep.End(EndHow.Reset, FaultSide.Both)],
            _ => [new ReplyStep.Say(Ready), new ReplyStep.End(Sides.How(_how), FaultSide.Both)],
        };
    }
}
