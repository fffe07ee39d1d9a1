using System.Text.Json;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Tests.Telemetry.Journal;

/// <summary>Lines of a session that goes on: one after each transaction, as soon as nothing is outstanding.</summary>
public sealed class RecordPartTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Session_OfManyMessages_HasALineAfterEach_TracedOrNot(bool isTraced)
    {
        using var talk = new Conversation(perTransaction: true, traces: isTraced ? new TelemetryOptions { SampleShare = 1 } : null);
        talk.Greet().Deliver("250 2.0.0 Ok: queued as ONE");
        var first = talk.Line();
        talk.Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<c@example.net>", "550 5.1.1 User unknown").Ask("RSET", "250 ok");
        var second = talk.Line();
        talk.Deliver("250 2.0.0 Ok: queued as THREE");
        var third = talk.Line();
        var last = talk.Ask("QUIT", "221 bye").Over().Line();

        Assert.Equal([1, 2, 3, 4], new[] { first, second, third, last }.Select(static l => l.GetProperty("part").GetInt32()));
        Assert.Equal(["ONE", null, "THREE"],
            new[] { first, second, third }.Select(static l => l.GetProperty("transactions")[0].GetProperty("queue_id").GetString()));
        Assert.Equal("c@example.net", second.GetProperty("transactions")[0].GetProperty("recipients")[0].GetProperty("to").GetString());
        Assert.Equal([null, "recipient_unknown", null, "recipient_unknown"], new[] { first, second, third, last }.Select(CodeOf));
        Assert.Empty(last.GetProperty("transactions").EnumerateArray());
        Assert.Equal("quit", last.GetProperty("outcome").GetString());
        Assert.Equal(3, talk.Spans?.Of(SpanNames.Transaction).Count ?? 3);
        Assert.True(third.GetProperty("duration_ms").GetDecimal() > first.GetProperty("duration_ms").GetDecimal());
    }

    /// <summary>The next MAIL came with the end of the message: its exchange is open when the transaction ends.</summary>
    [Fact]
    public void Transaction_AnsweredWhileTheNextIsUnderWay_WaitsForIt()
    {
        using var talk = new Conversation(perTransaction: true);
        talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok").Ask("DATA", "354 go")
            .Client("hi", ".", "MAIL FROM:<c@example.org>").Relay("250 ok");
        Assert.False(talk.Queue!.Reader.TryPeek(out _));

        talk.Relay("250 ok").Ask("RSET", "250 ok");

        Assert.Equal(["a@example.org", "c@example.org"], talk.Line().GetProperty("transactions").EnumerateArray()
            .Select(static t => t.GetProperty("from").GetString()));
    }

    [Fact]
    public void Session_CutInItsTransaction_HasOneLine_ThatIsTheLast()
    {
        using var talk = new Conversation(perTransaction: true);
        talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok");
        talk.Session.Ended(Leg.Client, EndKind.Fin, Conversation.Ticks(talk.Now));

        var line = talk.Over(SessionOutcome.ClientGone).Line();

        Assert.Equal((1, "client_gone", "aborted"),
            (line.GetProperty("part").GetInt32(), line.GetProperty("outcome").GetString(),
                line.GetProperty("transactions")[0].GetProperty("verdict").GetString()));
    }

    private static string? CodeOf(JsonElement line) =>
        line.GetProperty("diagnosis") is { ValueKind: JsonValueKind.Object } found ? found.GetProperty("code").GetString() : null;
}
