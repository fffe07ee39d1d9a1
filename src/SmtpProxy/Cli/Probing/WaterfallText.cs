using System.Globalization;
using System.Text;
using SmtpProxy.Cli.Output;
using SmtpProxy.Codes;
using SmtpProxy.Inspection;

namespace SmtpProxy.Cli.Probing;

/// <summary>A walk as a waterfall, for people to read: one line a step, its bar on the one time axis, and what was said.</summary>
/// <param name="paint">Colours.</param>
/// <param name="width">Columns there are.</param>
internal sealed class WaterfallText(Paint paint, int width)
{
    private const int NameWidth = 14;
    private const int BarWidth = 24;
    private const int Lead = NameWidth + 10 + BarWidth + 2;

    /// <summary>All of it.</summary>
    public string Of(WalkResult walk)
    {
        var text = new StringBuilder();
        text.AppendLine(paint.Bold(Printable.Of(walk.Plan.Address.ToString())
            + (walk.Address is { } at && walk.Plan.Address.EndPoint is null ? $" at {at}" : "")));
        foreach (var step in walk.Steps)
        {
            Append(text, step, walk.Total);
        }

        if (walk.Offers.Count > 0)
        {
            Fact(text, "offers", string.Join(", ", walk.Offers));
            var auth = walk.Offers.Where(static o => o.StartsWith("AUTH", StringComparison.OrdinalIgnoreCase))
                .Select(static o => o[4..].TrimStart(' ', '=')).ToArray();
            Fact(text, "auth", auth.Length == 0 ? "not offered" : $"{string.Join(", ", auth)}; no credentials were sent");
        }

        if (walk.Tls is { } tls)
        {
            Append(text, tls, walk.At);
        }

        foreach (var warning in walk.Warnings)
        {
            Fact(text, "look at", warning, paint.Yellow);
        }

        text.AppendLine(Conclusion(walk));
        if (walk.Finding is { } finding)
        {
            Append(text, finding);
        }

        return text.ToString();
    }

    private void Append(StringBuilder text, WalkStep step, double total)
    {
        var said = Printable.Of(step.Problem ?? Shown(step));
        var room = Math.Max(20, width - Lead);
        var lines = Paint.Wrapped(said, room).ToArray();
        var colour = step.Problem is not null || step.Reply is { Code: >= 400 }
            ? (Func<string, string>)paint.Red : step.Reply is not null ? paint.Green : static s => s;
        text.Append(step.Name.PadRight(NameWidth))
            .Append(string.Create(CultureInfo.InvariantCulture, $"{step.Took,8:0.0}  "))
            .Append(paint.Cyan(Bar(step, total))).Append("  ").AppendLine(colour(lines[0]));
        foreach (var line in lines.Skip(1))
        {
            text.Append(' ', Lead).AppendLine(colour(line));
        }
    }

    private static string Shown(WalkStep step) => step switch
    {
        // The capabilities stand below the waterfall, once.
        { Name: "ehlo", Reply: { IsPositive: true } reply } => $"{reply.Code} {reply.Lines[0]} (+{reply.Lines.Count - 1})",
        { Reply: { } reply } => $"{reply.Code} {string.Join(" / ", reply.Lines)}",
        _ => step.Note ?? "",
    };

    /// <summary>Where in the whole time a step was; at least one cell, because it was there.</summary>
    private static string Bar(WalkStep step, double total)
    {
        var cells = total > 0 ? BarWidth / total : 0;
        var before = Math.Min(BarWidth - 1, (int)(step.At * cells));
        var cellsWide = Math.Clamp((int)Math.Round(step.Took * cells), 1, BarWidth - before);
        return new string(' ', before) + new string('█', cellsWide) + new string(' ', BarWidth - before - cellsWide);
    }

    private void Append(StringBuilder text, SecurityFacts tls, DateTimeOffset now)
    {
        Fact(text, "certificate", $"{string.Join(", ", tls.Names)}; signed by {tls.Issuer}; sha256:{tls.Fingerprint}");
        foreach (var (subject, until) in tls.Chain)
        {
            var days = (int)Math.Floor((until - now).TotalDays);
            Fact(text, "chain", string.Create(CultureInfo.InvariantCulture,
                $"{subject} until {until:yyyy-MM-dd}, {(days < 0 ? $"EXPIRED {-days} days ago" : $"{days} days")}"));
        }
    }

    /// <summary>A name and what there is to say of it, which others may have chosen: coloured only after it was made printable.</summary>
    private void Fact(StringBuilder text, string name, string value, Func<string, string>? colour = null)
    {
        var lead = name.PadRight(NameWidth);
        foreach (var line in Paint.Wrapped(Printable.Of(value), Math.Max(40, width - NameWidth)))
        {
            text.Append(lead).AppendLine(colour?.Invoke(line) ?? line);
            lead = new string(' ', NameWidth);
        }
    }

    private string Conclusion(WalkResult walk)
    {
        var took = string.Create(CultureInfo.InvariantCulture, $"{walk.Total:0.0} ms");
        return walk switch
        {
            { IsGood: false } => paint.Red($"✗ stopped at {walk.Steps.LastOrDefault(IsAmiss)?.Name ?? walk.Steps[^1].Name} after {took}"),
            { Plan.StopsBeforeData: true } => paint.Green($"✓ the recipient is accepted, {took}; RSET and QUIT were said"),
            _ => paint.Green($"✓ the server asked for the message, {took}; none was sent"),
        };
    }

    private static bool IsAmiss(WalkStep step) => step.Problem is not null || step.Reply is { Code: >= 400 };

    private void Append(StringBuilder text, Finding finding)
    {
        Fact(text, "diagnosis", $"{finding.Code}: {finding.Text}");
        if (finding.Candidates.Count > 0)
        {
            Fact(text, "it may be", string.Join(", ", finding.Candidates.Select(static c => Catalogue.Of(c).Code)));
        }

        Fact(text, "remedy", finding.Remedy);
    }
}
