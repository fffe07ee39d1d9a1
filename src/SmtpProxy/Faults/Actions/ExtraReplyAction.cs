using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Actions;

/// <summary>Sends the client a reply that belongs to no command.</summary>
internal sealed class ExtraReplyAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "extraReply",
        "An unsolicited reply beside the real one: the dialogue goes off by one.",
        Replies,
        [
            new Field("text", FieldKind.Text, "The whole extra line; 235 is refused.") { Default = "250 2.0.0 Ok" },
            new Field("position", FieldKind.Choice, "Before or after the real reply.") { Choices = ["before", "after"], Default = "after" },
        ],
        static (values, errors) => new ExtraReplyAction(values, errors));

    private readonly byte[] _line;
    private readonly bool _before;

    private ExtraReplyAction(Values values, List<RuleError> errors)
    {
        var text = values.Text("text") ?? "250 2.0.0 Ok";
        if (text.Length is 0 or > 510 || text.Any(static c => c is < ' ' or > '~'))
        {
            errors.Add(new RuleError("action.text", "must be one line of printable ASCII, such as 250 2.0.0 Ok"));
        }

        if (text.StartsWith("235", StringComparison.Ordinal))
        {
            errors.Add(new RuleError("action.text", "a client must not believe to be authenticated when it is not; use another code"));
        }

        _line = ReplyText.Octets(text + "\r\n");
        _before = values.Text("position") == "before";
    }

    public override bool ChangesReplyOnly => true;

    /// <summary>A client that waits for the verdict on its message takes an extra 2yz for it.</summary>
    public override DeliveryEffect EffectAt(FaultPoint point) =>
        _line[0] == '2' && point is (FaultPoint.Data or FaultPoint.Bdat or FaultPoint.EndOfData)
            ? DeliveryEffect.LossRisk : DeliveryEffect.DuplicateRisk;

    public override void Write(Strike strike, StrikeContext context) => strike.Reply = real => _before
        ? [new ReplyStep.Say(_line), new ReplyStep.Say(real)]
        : [new ReplyStep.Say(real), new ReplyStep.Say(_line)];
}
