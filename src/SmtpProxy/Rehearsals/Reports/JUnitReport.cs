using System.Globalization;
using System.Text;
using System.Xml;

namespace SmtpProxy.Rehearsals.Reports;

/// <summary>Results as JUnit XML, which every CI system shows: a suite for each rehearsal, a test for each expectation.</summary>
internal static class JUnitReport
{
    /// <summary>The text.</summary>
    /// <param name="results">The results.</param>
    /// <param name="waterfall">Draws a session.</param>
    public static string Of(IReadOnlyList<RehearsalResult> results, Func<Observed.SeenSession, string> waterfall)
    {
        // The writer would declare the encoding of a string.
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings
            { Indent = true, CheckCharacters = false, OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("testsuites");
            foreach (var result in results)
            {
                Suite(xml, result, waterfall);
            }

            xml.WriteEndElement();
        }

        return text.Append('\n').ToString();
    }

    private static void Suite(XmlWriter xml, RehearsalResult result, Func<Observed.SeenSession, string> waterfall)
    {
        var judged = result.Phases.SelectMany(static p => p.Judged.Select(j => (Phase: p, j.Expectation, j.Judgement))).ToList();
        var others = result.Reason is null ? 0 : 1;
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", Clean(result.Plan.Name));
        xml.WriteAttributeString("tests", Number(judged.Count + others));
        xml.WriteAttributeString("failures",
            Number(judged.Count(static j => !j.Judgement.IsHeld) + (result.Verdict == RehearsalVerdict.Failed ? others : 0)));
        xml.WriteAttributeString("skipped", Number(result.Verdict == RehearsalVerdict.NotRun ? others : 0));
        xml.WriteAttributeString("time", result.Duration.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture));
        foreach (var (phase, expectation, judgement) in judged)
        {
            Case(xml, result, $"{phase.Name}: {expectation.Text}", judgement.IsHeld ? null : "failure", judgement.Why);
        }

        if (result.Reason is { } reason)
        {
            Case(xml, result, "the rehearsal itself", result.Verdict == RehearsalVerdict.Failed ? "failure" : "skipped", reason);
        }

        xml.WriteElementString("system-out", Clean(string.Join('\n', [
            .. result.Deciding is { } deciding ? ClientStory.Lines(deciding.Seen) : [],
            "", result.Deciding?.Deciding is { } session ? waterfall(session) : ""])));
        if (result.ClientOutput.Length > 0)
        {
            xml.WriteElementString("system-err", Clean(result.ClientOutput));
        }

        xml.WriteEndElement();
    }

    private static void Case(XmlWriter xml, RehearsalResult result, string name, string? bad, string why)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", Clean(result.Plan.Name));
        xml.WriteAttributeString("name", Clean(name));
        if (bad is not null)
        {
            xml.WriteStartElement(bad);
            xml.WriteAttributeString("message", Clean(why));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Without what XML 1.0 cannot hold, whoever said it.</summary>
    private static string Clean(string text) => string.Concat(text.EnumerateRunes()
        .Where(static r => r.Value is '\n' or '\t' or (>= ' ' and not (0xFFFE or 0xFFFF))).Select(static r => r.ToString()));
}
