using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry.Tracing;

public sealed class MessageHeadersTests
{
    private const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static readonly TelemetryOptions Both = new() { SampleShare = 1, ReadMessageId = true, ReadTraceParent = true };

    [Theory]
    [InlineData("Message-ID: <a.1@example.org>\r\nSubject: x\r\n\r\nbody", "<a.1@example.org>")]
    [InlineData("Subject: x\r\nmessage-id:\r\n <folded@example.org>\r\n\r\nbody", "<folded@example.org>")]
    [InlineData("Message-ID: no brackets\r\n\r\n", "")]
    [InlineData("Message-ID: <two words@example.org>\r\n\r\n", "")]
    [InlineData("Subject: x\r\n\r\nMessage-ID: <in-the-body@example.org>\r\n", "")]
    [InlineData("Message-ID: <first@example.org>\r\nMessage-ID: <second@example.org>\r\n\r\n", "<first@example.org>")]
    [InlineData("X-Message-ID: <other@example.org>\nMessage-ID: <lf@example.org>\n\n", "<lf@example.org>")]
    [InlineData("Message-ID: <unfinished@example.org>", "<unfinished@example.org>")]
    public void MessageId_OfTheHeaderOnly_HoweverItIsCut(string message, string expected)
    {
        var octets = Encoding.ASCII.GetBytes(message);
        for (var cut = 0; cut <= octets.Length; cut++)
        {
            var reader = new HeaderReader(wantsId: true, wantsParent: false);
            reader.Begin();
            reader.Read(octets.AsSpan(0, cut));
            reader.Read(octets.AsSpan(cut));
            reader.End();
            Assert.Equal(expected, Encoding.ASCII.GetString(reader.MessageId));
        }
    }

    [Fact]
    public void Header_WithoutEnd_IsReadUpToABound()
    {
        var reader = new HeaderReader(wantsId: true, wantsParent: true);
        reader.Begin();
        reader.Read(Encoding.ASCII.GetBytes(new string('x', 100_000)));
        Assert.False(reader.IsReading);
    }

    [Fact]
    public void TraceParent_LinksTheTransaction_AndTheMessageIdIsTold()
    {
        using var talk = new Conversation(traces: Both);
        talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok").Ask("DATA", "354 go")
            .Wait(1).Client($"traceparent: {Parent}", "Message-ID: <m@example.org>", "", "traceparent: no", ".").Wait(1).Relay("250 ok")
            .Over();
        var transaction = talk.Spans!["SMTP transaction"];
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", Assert.Single(transaction.Links).Context.TraceId.ToHexString());
        Assert.Equal("<m@example.org>", transaction.GetTagItem("smtp.message.id"));
        Assert.Equal("<m@example.org>", talk.Line().GetProperty("transactions")[0].GetProperty("message_id").GetString());
    }

    [Fact]
    public void PipelinedChunks_EachMessage_KeepsItsOwnId()
    {
        using var talk = new Conversation(traces: Both);
        static string Message(int n) => $"Message-ID: <{n}@example.org>\r\n\r\nbody\r\n";
        static string Group(int n) =>
            $"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nBDAT {Message(n).Length} LAST\r\n{Message(n)}";
        talk.Greet().Wait(1).Pass(Leg.Client, Encoding.ASCII.GetBytes(Group(1) + Group(2) + Group(3)))
            .Wait(1).Relay("250 ok", "250 ok", "250 one", "550 no", "550 no", "503 no", "250 ok", "250 ok", "250 three").Over();
        Assert.Equal(["<1@example.org>", "<3@example.org>"],
            talk.Line().GetProperty("transactions").EnumerateArray().Select(t => t.GetProperty("message_id").GetString()));
    }

    [Fact]
    public void Header_NotAskedFor_IsNotRead()
    {
        using var talk = new Conversation(traces: new TelemetryOptions { SampleShare = 1 });
        talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok").Ask("DATA", "354 go")
            .Wait(1).Client($"traceparent: {Parent}", "Message-ID: <m@example.org>", "", ".").Wait(1).Relay("250 ok").Over();
        Assert.Empty(talk.Spans!["SMTP transaction"].Links);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, talk.Line().GetProperty("transactions")[0].GetProperty("message_id").ValueKind);
    }
}
