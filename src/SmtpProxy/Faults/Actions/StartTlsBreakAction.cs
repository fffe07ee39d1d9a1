using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults.Actions;

/// <summary>Agrees to TLS, and then there is none.</summary>
internal sealed class StartTlsBreakAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "starttlsBreak",
        "220 to STARTTLS, and then no TLS that works, of which the relay is never told; or TLS with a certificate that should be " +
            "refused, where TLS ends at the proxy.",
        [FaultPoint.StartTls, FaultPoint.TlsHandshake],
        [
            new Field("how", FieldKind.Choice,
                "What comes instead of TLS, or what is wrong with the certificate (it signs itself in any case).")
            {
                IsRequired = true,
                Choices = ["fin", "reset", "garbage", "stall", "expiredCert", "wrongHost", "untrusted"],
            },
        ],
        static (values, _) => new StartTlsBreakAction(values.Text("how")!));

    private static readonly byte[] Ready = "220 2.0.0 Ready to start TLS\r\n"u8.ToArray();
    private static readonly byte[] Garbage = "this is no TLS record, whatever you expected\r\n"u8.ToArray();
    private readonly string _how;

    private StartTlsBreakAction(string how) => _how = how;

    public override bool NeedsTermination => Forged is not null;

    private CertificateFlaw? Forged => _how switch
    {
        "expiredCert" => CertificateFlaw.Expired,
        "wrongHost" => CertificateFlaw.WrongHost,
        "untrusted" => CertificateFlaw.Untrusted,
        _ => null,
    };

    /// <summary>Whether a bad certificate keeps mail back is for the client to say: many do not look at it.</summary>
    public override DeliveryEffect EffectAt(FaultPoint point) => Forged is null ? DeliveryEffect.NotDelivered : DeliveryEffect.None;

    public override void Write(Strike strike, StrikeContext context)
    {
        if (Forged is { } kind)
        {
            strike.Certificate = kind;
            return;
        }

        strike.Withhold = true;
        strike.AbortRelay = EndKind.Fin;
        strike.Reply = _ => _how switch
        {
            "garbage" => [new ReplyStep.Say(Ready), new ReplyStep.Say(Garbage), new ReplyStep.End(EndKind.Fin)],
            "stall" => [new ReplyStep.Say(Ready), new ReplyStep.Stall(null, Leg.Client, StopReading: false),
                new ReplyStep.End(EndKind.Reset)],
            _ => [new ReplyStep.Say(Ready), new ReplyStep.End(Sides.How(_how))],
        };
    }
}
