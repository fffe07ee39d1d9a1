using System.Text;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Actions;

/// <summary>Damages the syntax of a reply, not its meaning.</summary>
internal sealed class MalformReplyAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "malformReply",
        "The relay's reply with its syntax damaged.",
        Replies,
        [
            new Field("kind", FieldKind.Choice, "What is wrong with it.")
            {
                IsRequired = true,
                Choices = ["garbagePrefixLine", "bareLf", "noSeparator", "nonNumericCode", "overlongLine", "wrongContinuationCode"],
            },
        ],
        static (values, _) => new MalformReplyAction(values.Text("kind")!));

    private const int CodeLength = 3;
    private readonly string _kind;

    private MalformReplyAction(string kind) => _kind = kind;

    public override bool ChangesReplyOnly => true;

    public override DeliveryEffect EffectAt(FaultPoint point) =>
        point == FaultPoint.EndOfData ? DeliveryEffect.DuplicateRisk : DeliveryEffect.None;

    public override void Write(Strike strike, StrikeContext context) => strike.Reply = real => [new ReplyStep.Say(Damage(real.ToArray()))];

    private byte[] Damage(byte[] real)
    {
        var text = Encoding.Latin1.GetString(real);
        return Encoding.Latin1.GetBytes(_kind switch
        {
            "garbagePrefixLine" => "*** this is no reply line ***\r\n" + text,
            "bareLf" => text.Replace("\r\n", "\n", StringComparison.Ordinal),
            "noSeparator" => Lines(text, static line => line.Length > CodeLength ? line[..CodeLength] + line[(CodeLength + 1)..] : line),
            "nonNumericCode" => Lines(text, static line => "2x0" + line[CodeLength..]),
            "overlongLine" => Lines(text, static line => line + new string('x', 2000)),
            _ => Continued(text),
        });
    }

    private static string Lines(string text, Func<string, string> damage) =>
        string.Concat(text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(line => (line.Length >= CodeLength ? damage(line) : line) + "\r\n"));

    /// <summary>A continuation line with another code than the last one's (RFC 5321 4.2.1 wants the same).</summary>
    private static string Continued(string text) => (text.StartsWith('2') ? "550" : "250") + "-wait\r\n" + text;
}
