using SmtpProxy.Inspection.Card;

namespace SmtpProxy.Tests.Inspection;

/// <summary>What a report card finds at servers with one flaw, and that it finds nothing at one without.</summary>
public sealed class ReportCardTests
{
    [Fact]
    public async Task Server_WithoutAFlaw_HasNoFinding()
    {
        var server = new ScriptedServer(Violator.Answers()) { IsStrict = true };
        var card = await Violator.CardAsync(server);
        Assert.Equal(
            ["NotOffered starttls", "NotOffered starttls injection", "NotTried end of data"],
            card.Where(static e => e.Mark != Mark.Good).Select(static e => $"{e.Mark} {e.Name}"));
        Assert.DoesNotContain("\n.", server.Heard, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("greeting", "Look", "", "220 *** welcome")]
    [InlineData("noop, rset", "Wrong", "NOOP", "500 5.5.1 what")]
    [InlineData("unknown command", "Wrong", "XSMTPPROXYPROBE", "250 2.0.0 ok")]
    [InlineData("order", "Wrong", "RCPT", "250 2.0.0 ok")]
    [InlineData("null sender", "Wrong", "MAIL", "550 5.7.1 no bounces here")]
    [InlineData("null sender", "NotTried", "MAIL", "530 5.7.0 log in first")]
    [InlineData("postmaster", "Wrong", "RCPT TO:<Postmaster>", "550 5.1.1 nobody")]
    [InlineData("size", "Wrong", "MAIL FROM:<> SIZE=1", "555 5.5.4 no such parameter")]
    [InlineData("size", "Look", "MAIL FROM:<> SIZE=1001", "250 2.0.0 ok")]
    [InlineData("8bitmime", "Wrong", "MAIL FROM:<> BODY=8BITMIME", "555 5.5.4 no such parameter")]
    [InlineData("smtputf8", "Wrong", "MAIL FROM:<> SMTPUTF8", "555 5.5.4 no such parameter")]
    [InlineData("dsn", "Wrong", "MAIL FROM:<> RET=HDRS", "501 5.5.4 no such parameter")]
    [InlineData("chunking", "Wrong", "BDAT", "500 5.5.2 what?")]
    [InlineData("chunking", "Wrong", "BDAT", "250 2.0.0 6 octets")]
    [InlineData("chunking", "Wrong", "(chunk)", "a command")]
    [InlineData("quit", "Wrong", "QUIT", "250 2.0.0 bye")]
    [InlineData("enhanced codes", "Wrong", "RSET", "250 done")]
    [InlineData("enhanced codes", "Wrong", "RSET", "250 5.0.0 done")]
    [InlineData("form of replies", "Wrong", "RSET", "250 2.0.0 done\n")]
    [InlineData("form of replies", "Wrong", "RSET", "251-2.0.0 done\r\n250 2.0.0 done")]
    [InlineData("limit of mistakes", "Look", "XSMTPPROXYPROBE", "")]
    [InlineData("limit of mistakes", "NotTried", "XSMTPPROXYPROBE", "500 5.5.2 what?")]
    public async Task Flaw_IsFound(string name, string mark, string command, string answer)
    {
        var server = new ScriptedServer(Violator.Answers(said => command.Length == 0 ? said.Length == 0 ? answer : null
            : said == command || (!command.Contains(' ', StringComparison.Ordinal) && said.StartsWith(command, StringComparison.Ordinal))
            ? answer : null)) { IsStrict = true };
        Assert.Equal(mark, (await Violator.CardAsync(server)).Single(e => e.Name == name).Mark.ToString());
        Assert.DoesNotContain("\n.", server.Heard, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ehlo", "Look", "SIZE 1000", "AUTH=LOGIN")]
    [InlineData("ehlo", "Look", "SIZE 1000", "SIZE 2000")]
    [InlineData("size", "Wrong", "SIZE much")]
    [InlineData("size", "Good", "SIZE 0")]
    [InlineData("smtputf8", "Wrong", "SMTPUTF8")]
    [InlineData("chunking", "Wrong", "BINARYMIME")]
    [InlineData("enhanced codes", "NotOffered", "HELP")]
    public async Task Offer_ThatCannotBe_IsFound(string name, string mark, params string[] offers) =>
        Assert.Equal(mark, (await Violator.CardAsync(new ScriptedServer(Violator.Answers(null, offers)) { IsStrict = true }))
            .Single(e => e.Name == name).Mark.ToString());

    [Fact]
    public async Task Hello_SaidAgainAndRefused_IsFound()
    {
        var hellos = 0;
        var server = new ScriptedServer(Violator.Answers(said => said.Length == 0
            ? $"220 mx.test {hellos = 0}" : said.StartsWith("EHLO", StringComparison.Ordinal) && ++hellos > 1 ? "503 5.5.1 once" : null));
        Assert.Contains(await HelloCheck.LookAsync(Violator.Examine(server), default),
            static e => e is { Name: "ehlo again", Mark: Mark.Look });
    }

    [Fact]
    public async Task Group_OfWhichAServerLosesWhatCameTogether_IsFound()
    {
        var entry =
            Assert.Single(await PipeliningCheck.LookAsync(Violator.Examine(new ScriptedServer(Violator.Answers()) { LosesGroups = true }),
                default));
        Assert.Equal(Mark.Wrong, entry.Mark);
        Assert.Contains("answered 250; one after another, 250, 501, 250, 503, 221", entry.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "Look")]
    [InlineData(true, "Good")]
    public async Task LineFeed_Alone_IsFound(bool isStrict, string mark) =>
        Assert.Equal(mark,
            Assert.Single(await LineChecks.BareLfAsync(Violator.Examine(new ScriptedServer(Violator.Answers()) { IsStrict = isStrict }),
                default)).Mark.ToString());

    [Theory]
    [InlineData(505, "500 5.5.2 line too long", "Wrong", "Good")]
    [InlineData(3000, "500 5.5.2 what\r\n500 5.5.2 what", "Good", "Wrong")]
    public async Task Line_AsLongAsAllowed_AndFarLonger_IsJudged(int from, string answer, string length, string tooLong)
    {
        var server = new ScriptedServer(Violator.Answers(said => said.Length >= from ? answer : null));
        Assert.Equal(length, Assert.Single(await LineChecks.LengthAsync(Violator.Examine(server), default)).Mark.ToString());
        Assert.Equal(tooLong, Assert.Single(await LineChecks.TooLongAsync(Violator.Examine(server), default)).Mark.ToString());
    }

    [Theory]
    // A lax server that asks for a message to nobody takes LF . LF for its end.
    [InlineData("550 5.1.2 no", "354 go", false, "Wrong", true)]
    [InlineData("550 5.1.2 no", "354 go", true, "Good", true)]
    // Where a message might come of it, nothing is tried.
    [InlineData("250 2.1.5 ok", "354 go", false, "NotTried", false)]
    [InlineData("450 4.2.0 later", "354 go", false, "NotTried", false)]
    [InlineData("550 5.1.2 no", "554 5.5.1 nobody", false, "NotTried", false)]
    public async Task EndOfData_OfLaxServers_IsTriedOnlyWithoutARecipient(string toNobody, string toData, bool isStrict, string mark,
        bool isTried)
    {
        var answers = Violator.Answers(said => said.Contains(".invalid", StringComparison.Ordinal) ? toNobody
            : said == "DATA" ? toData : said == "." ? "554 5.5.1 no recipients" : null);
        // What is no line of its own belongs to the message.
        var server = new ScriptedServer(said => said.AsSpan().IndexOfAny('\r', '\n') >= 0 ? "" : answers(said)) { IsStrict = isStrict };
        var examination = Violator.Examine(server);
        await EnvelopeChecks.LookAsync(examination, default);
        Assert.Equal(mark, Assert.Single(await EndOfDataCheck.LookAsync(examination, default)).Mark.ToString());
        Assert.Equal(isTried, server.Heard.Contains('.' + "\n", StringComparison.Ordinal));
        Assert.DoesNotContain("\r\n.\r\n", server.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_ThatStaysOpenAfterQuit_IsFound() =>
        Assert.Equal(Mark.Look,
            Assert.Single(await QuitCheck.LookAsync(Violator.Examine(new ScriptedServer(Violator.Answers()) { StaysOpen = true }),
                default)).Mark);
}
