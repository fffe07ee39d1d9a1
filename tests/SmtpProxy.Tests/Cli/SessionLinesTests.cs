using System.Text.Json;
using SmtpProxy.Cli.Output;

namespace SmtpProxy.Tests.Cli;

/// <summary>What a terminal shows of a session.</summary>
public sealed class SessionLinesTests
{
    private const string Head = """ "client":"10.0.0.7:4711","destination":"mx1","duration_ms":20.4,"relay_ms":9.2 """;

    [Fact]
    public void Messages_OfAWholeSession_HaveALineEach_AndTheReasonOnce()
    {
        Assert.Equal(
            [
                "✓ 10.0.0.7 -> mx1 250 2.0.0 4F1X 12 ms (relay 9)",
                "✗ 10.0.0.7 -> mx1 450 4.2.0 RCPT 3 ms (relay 2)",
                "    greylisted: The relay postpones mail.",
            ],
            Lines($$"""
                {{{Head}}, "diagnosis":{"code":"greylisted","text":"The relay postpones mail."},
                 "refusals":[{"verb":"RCPT","code":450,"enhanced":"4.2.0"}],
                 "exchanges":[{"verb":"MAIL","code":250},{"verb":".","code":250,"enhanced":"2.0.0"}],
                 "transactions":[{"outcome":"delivered","final_codes":[250],"queue_id":"4F1X","duration_ms":12.1,"relay_ms":9.0},
                                 {"outcome":"failed","final_codes":[],"queue_id":null,"duration_ms":3.0,"relay_ms":2.0}]}
                """));
    }

    [Fact]
    public void Summary_OfASession_HasALineForEachVerdict() =>
        Assert.Equal(
            ["✓ 10.0.0.7 -> mx1 accepted 4F1X 4F1Y ×2 20 ms (relay 9)"],
            Lines("{" + Head + """, "diagnosis":null,"refusals":[],"queue_ids":["4F1X","4F1Y"],"messages":{"accepted":2,"tempfail":0}}"""));

    [Fact]
    public void Session_WithoutAMessage_IsShownOnlyWhenSomethingIsWrong()
    {
        Assert.Empty(Lines($$"""{{{Head}}, "diagnosis":null,"refusals":[],"transactions":[]}"""));
        Assert.Equal(
            ["✗ 10.0.0.7 -> no relay connect_failed 20 ms (relay 9)", "    relay_refused_connection: Nothing listens."],
            Lines("{" + Head.Replace("\"mx1\"", "null", StringComparison.Ordinal)
                + """, "outcome":"connect_failed","refusals":[],"transactions":[],"""
                + """ "diagnosis":{"code":"relay_refused_connection","text":"Nothing listens."}}"""));
    }

    [Fact]
    public void Text_OfOthers_CannotMoveTheCursor() =>
        Assert.DoesNotContain('\x1b',
            string.Concat(Lines(
                """
                {"client":"\u001b[2J","destination":"\u001b[31m","refusals":[],"transactions":[],
                 "diagnosis":{"code":"unclear","text":"\u001b[0m\n"}}
                """)));

    [Fact]
    public void Colours_AreGreenAndRed() =>
        Assert.StartsWith("\x1b[32m✓",
            Assert.Single(new SessionLines(new Paint(true))
                .Of(JsonDocument.Parse($$"""{{{Head}}, "transactions":[{"outcome":"delivered","final_codes":[]}]}""").RootElement)),
                StringComparison.Ordinal);

    private static string[] Lines(string session) => [.. new SessionLines(Paint.None).Of(JsonDocument.Parse(session).RootElement)];
}
