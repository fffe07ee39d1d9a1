using System.Xml.Linq;
using SmtpProxy.Rehearsals.Expectations;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Observed;
using SmtpProxy.Rehearsals.Reports;

namespace SmtpProxy.Tests.Rehearsals;

public sealed class JUnitReportTests
{
    [Fact]
    public void Of_ABrokenExpectationAndAReason_CountsBothAndKeepsToXml()
    {
        var result = Result(RehearsalVerdict.Failed, "stopped: \u0001 enough");
        var suite = XDocument.Parse(JUnitReport.Of([result], static _ => "waterfall")).Root!.Element("testsuite")!;
        Assert.Equal(("2", "2", "0"),
            (suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value, suite.Attribute("skipped")!.Value));
        Assert.Equal(["no fault struck: nothing was rehearsed", "stopped:  enough"],
            suite.Descendants("failure").Select(static f => f.Attribute("message")!.Value));
        Assert.Contains("no session: the client did not connect", suite.Element("system-out")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhatWasNotRun_IsSkipped()
    {
        var suite = XDocument.Parse(JUnitReport.Of([Result(RehearsalVerdict.NotRun, "it was interrupted") with { Phases = [] }],
            static _ => "")).Root!.Element("testsuite")!;
        Assert.Equal(("1", "0", "1"),
            (suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value, suite.Attribute("skipped")!.Value));
    }

    [Fact]
    public void Markdown_OfTheSame_HasATableAndNoHtmlOfOthers()
    {
        var text = MarkdownReport.Of([Result(RehearsalVerdict.Failed, null)], static _ => "");
        Assert.Contains("## failed: a &lt;b> \\| c", text, StringComparison.Ordinal);
        Assert.Contains("| during | the fault struck | no fault struck: nothing was rehearsed | **broken** |", text,
            StringComparison.Ordinal);
    }

    private static RehearsalResult Result(RehearsalVerdict verdict, string? reason)
    {
        var (seen, struck) = (new Observation(), new StruckExpectation(1, long.MaxValue));
        return new RehearsalResult
        {
            Plan = new RehearsalPlan { Name = "a <b> | c", File = "f" },
            Verdict = verdict,
            Reason = reason,
            Phases = [new PhaseResult("during", seen, [new JudgedExpectation(struck, struck.Judge(seen))])],
        };
    }
}
