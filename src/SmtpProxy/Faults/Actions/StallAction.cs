using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults.Actions;

/// <summary>Says nothing more, for a time or until a peer gives up.</summary>
internal sealed class StallAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "stall",
        "No more octets to that side, for a time or until a peer closes; optionally nothing is read from it either.",
        [.. Everywhere.Where(static p => p is not (FaultPoint.Connect or FaultPoint.Dial))],
        [
            new Field("duration", FieldKind.Duration, "How long; then the session goes on."),
            new Field("untilPeerCloses", FieldKind.Flag, "Until a peer closes; then both ends are closed.") { Default = "false" },
            new Field("side", FieldKind.Choice, "Which side gets nothing.")
                { Choices = ["both", "client", "upstream"], Default = "client" },
            new Field("stopReading", FieldKind.Flag, "Nothing is read from it: its TCP window closes.") { Default = "false" },
        ],
        static (values, errors) => new StallAction(values, errors));

    private readonly TimeSpan? _duration;
    private readonly Leg? _side;
    private readonly bool _stopReading;

    private StallAction(Values values, List<RuleError> errors)
    {
        _duration = values.Duration("duration");
        _side = Sides.Of(values.Text("side") ?? "client");
        _stopReading = values.Flag("stopReading");
        if (_duration is not null == values.Flag("untilPeerCloses"))
        {
            errors.Add(new RuleError("action.duration", "give either duration, such as 00:05:00, or untilPeerCloses: true"));
        }
    }

    public override bool WorksOpaque => true;

    public override TimeSpan? LongestHold => _duration;

    public override bool HoldsRelay => true;

    public override bool ChangesReplyOnly => true;

    public override bool CutsOff => true;

    public override DeliveryEffect EffectAt(FaultPoint point) =>
        point == FaultPoint.EndOfData
            ? DeliveryEffect.DuplicateRisk : _duration is null ? DeliveryEffect.NotDelivered : DeliveryEffect.None;

    public override void Write(Strike strike, StrikeContext context) => strike.Reply = real =>
    [
        new ReplyStep.Stall(_duration, _side, _stopReading),
        .. _duration is null
            ? new ReplyStep[] { new ReplyStep.End(EndKind.Reset) }
            : real.IsEmpty ? [] : [new ReplyStep.Say(real)],
    ];
}
