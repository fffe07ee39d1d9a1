using System.Text;
using System.Text.Json.Nodes;
using SmtpProxy.Cli.Output;
using SmtpProxy.Inspection.Card;

namespace SmtpProxy.Cli.Probing;

/// <summary>A report card, for people and for scripts.</summary>
/// <param name="paint">Colours.</param>
/// <param name="width">Columns there are.</param>
internal sealed class CardText(Paint paint, int width)
{
    private const int NameWidth = 20;
    private const int SourceWidth = 28;

    /// <summary>All of it.</summary>
    public string Of(ReportCard card)
    {
        var text = new StringBuilder();
        text.AppendLine(paint.Bold($"{Printable.Of(card.Walk.Plan.Address.ToString())} at {card.Walk.Address}"));
        foreach (var entry in card.Entries)
        {
            var room = Math.Max(30, width - NameWidth - 2);
            var lines = Paint.Wrapped(Printable.Of(Words(entry)), room - SourceWidth - 2).ToArray();
            text.Append(Sign(entry.Mark)).Append(' ').Append(entry.Name.PadRight(NameWidth)).Append(lines[0].PadRight(room - SourceWidth))
                .AppendLine(paint.Dim(entry.Source));
            foreach (var line in lines.Skip(1))
            {
                text.Append(' ', NameWidth + 2).AppendLine(line);
            }
        }

        string Count(Mark mark, string words) => $"{card.Entries.Count(e => e.Mark == mark)} {words}";
        return text.AppendLine(string.Join(", ",
            Count(Mark.Good, "good"), Count(Mark.Look, "to look at"), Count(Mark.Wrong, "wrong"), Count(Mark.NotOffered, "not offered"),
            Count(Mark.NotTried, "not tried"))
            + ". No message was sent.").ToString();
    }

    /// <summary>One object.</summary>
    public static JsonObject Json(ReportCard card) => new()
    {
        ["server"] = card.Walk.Plan.Address.ToString(),
        ["address"] = card.Walk.Address?.ToString(),
        ["good"] = card.Entries.All(static e => e.Mark != Mark.Wrong),
        ["findings"] =
            new JsonArray([.. card.Entries.Select(static e => new JsonObject
                { ["name"] = e.Name, ["mark"] = NameOf(e.Mark), ["text"] = e.Text, ["source"] = e.Source })]),
    };

    private static string Words(CardEntry entry) => entry.Mark switch
    {
        Mark.NotOffered => entry.Text.Length == 0 ? "not offered" : $"not offered: {entry.Text}",
        Mark.NotTried => $"not tried: {entry.Text}",
        _ => entry.Text,
    };

    private static string NameOf(Mark mark) => mark switch
    {
        Mark.Good => "good",
        Mark.Look => "look",
        Mark.Wrong => "wrong",
        Mark.NotOffered => "not_offered",
        _ => "not_tried",
    };

    private string Sign(Mark mark) => mark switch
    {
        Mark.Good => paint.Green("✓"),
        Mark.Look => paint.Yellow("!"),
        Mark.Wrong => paint.Red("✗"),
        Mark.NotOffered => paint.Dim("–"),
        _ => paint.Dim("?"),
    };
}
