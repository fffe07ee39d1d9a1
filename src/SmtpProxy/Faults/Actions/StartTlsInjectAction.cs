using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Actions;

/// <summary>Puts plain text where TLS should begin: a probe for STARTTLS injection.</summary>
internal sealed class StartTlsInjectAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "starttlsInject",
        "Extra plain text in one piece with the 220 (client) or with STARTTLS (upstream): does the peer take it for part of the " +
            "encrypted session?",
        [FaultPoint.StartTls],
        [
            new Field("side", FieldKind.Choice, "Who is probed.") { Choices = ["client", "upstream"], Default = "client" },
            new Field("text", FieldKind.Text, "The injected line.") { Default = "250 injected (client) or NOOP (upstream)" },
        ],
        static (values, errors) => new StartTlsInjectAction(values, errors));

    private static readonly ReplyCodes Granted = ReplyCodes.Of(["220"], "", []);

    private readonly bool _client;
    private readonly byte[] _line;

    private StartTlsInjectAction(Values values, List<RuleError> errors)
    {
        _client = values.Text("side") != "upstream";
        var text = values.Text("text") ?? (_client ? "250 injected" : "NOOP");
        if (text.Length is 0 or > 510 || text.Any(static c => c is < ' ' or > '~'))
        {
            errors.Add(new RuleError("action.text", "must be one line of printable ASCII"));
        }

        _line = ReplyText.Octets(text + "\r\n");
    }

    public override bool IsSecurityProbe => true;

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.None;

    internal override (ReplyCodes Codes, string Where)? Needs => _client ? (Granted, "what STARTTLS must be answered") : null;

    public override bool IsOnReply(FaultPoint point) => _client;

    public override bool Wants(FaultFacts facts, DateTimeOffset now, bool peek) => _client ? Granted.Includes(facts.RelayCode)
        // Inside TLS it is refused, and what is behind it is another command.
        : !facts.IsTlsTerminated;

    public override void Write(Strike strike, StrikeContext context)
    {
        if (_client)
        {
            strike.Reply = real => [new ReplyStep.Say((byte[])[.. real.Span, .. _line])];
        }
        else
        {
            strike.BehindCommand = _line;
        }
    }
}
