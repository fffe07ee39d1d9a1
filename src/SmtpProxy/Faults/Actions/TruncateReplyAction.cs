using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Faults.Actions;

/// <summary>Gives only the beginning of a reply.</summary>
internal sealed class TruncateReplyAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "truncateReply",
        "The first octets or lines of a reply, and then an end, a stall, or what comes next.",
        Replies,
        [
            new Field("bytes", FieldKind.Integer, "How many octets; or lines.") { Min = 0, Max = 65_536 },
            new Field("lines", FieldKind.Integer, "How many lines, whole; the last one as a continuation line.") { Min = 1, Max = 1_000 },
            new Field("then", FieldKind.Choice, "What follows.") { Choices = ["fin", "reset", "stall", "continue"], Default = "fin" },
        ],
        static (values, errors) => new TruncateReplyAction(values, errors));

    private readonly long? _bytes;
    private readonly long? _lines;
    private readonly string _then;

    private TruncateReplyAction(Values values, List<RuleError> errors)
    {
        (_bytes, _lines, _then) = (values.Integer("bytes"), values.Integer("lines"), values.Text("then") ?? "fin");
        if (_bytes is null == _lines is null)
        {
            errors.Add(new RuleError("action.bytes", "give either bytes or lines"));
        }
    }

    public override bool ChangesReplyOnly => true;

    public override bool CutsOff => _then != "continue";

    public override DeliveryEffect EffectAt(FaultPoint point) =>
        point == FaultPoint.EndOfData ? DeliveryEffect.DuplicateRisk : DeliveryEffect.None;

    public override void Write(Strike strike, StrikeContext context) => strike.Reply = Steps;

    private List<ReplyStep> Steps(ReadOnlyMemory<byte> real)
    {
        List<ReplyStep> steps = [new ReplyStep.Say(Beginning(real))];
        switch (_then)
        {
            case "stall":
                steps.Add(new ReplyStep.Stall(null, Leg.Client, StopReading: false));
                steps.Add(new ReplyStep.End(EndKind.Reset));
                break;
            case "fin" or "reset":
                steps.Add(new ReplyStep.End(Sides.How(_then)));
                break;
        }

        return steps;
    }

    private ReadOnlyMemory<byte> Beginning(ReadOnlyMemory<byte> real)
    {
        if (_bytes is { } bytes)
        {
            return real[..(int)Math.Min(bytes, Math.Max(0, real.Length - 1))];
        }

        // A reply whose last line says that another one follows (RFC 5321 4.2.1).
        const int CodeLength = 3;
        var (octets, end, line) = (real.ToArray(), 0, 0);
        for (; line < _lines && octets.AsSpan(end).IndexOf((byte)'\n') is var next and > CodeLength; line++)
        {
            if (octets[end + CodeLength] == (byte)' ')
            {
                octets[end + CodeLength] = (byte)'-';
            }

            end += next + 1;
        }

        return octets.AsMemory(0, end);
    }
}
