using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Faults;

/// <summary>A fault cuts a client off, or keeps it, at a command behind which it has pipelined a whole message (RFC 3030): that message
/// is not at the relay, or the client would send it a second time.</summary>
public sealed class CutOffClientTests : IDisposable
{
    private const string Rest = "BDAT 0\r\nBDAT 0 LAST\r\nQUIT\r\n";

    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("epoll", "mail", "'type':'truncateReply','bytes':2")]
    [InlineData("epoll", "rcpt", "'type':'truncateReply','bytes':2,'then':'reset'")]
    [InlineData("epoll", "bdat", "'type':'truncateReply','lines':1,'then':'stall'")]
    [InlineData("epoll", "mail", "'type':'stall','untilPeerCloses':true")]
    [InlineData("epoll", "rcpt", "'type':'stall','untilPeerCloses':true,'side':'both'")]
    [InlineData("epoll", "bdat", "'type':'stall','untilPeerCloses':true", "2xx")]
    [InlineData("epoll", "anyCommand", "'type':'truncateReply','bytes':1", "250")]
    [InlineData("portable", "mail", "'type':'stall','untilPeerCloses':true")]
    [InlineData("portable", "rcpt", "'type':'truncateReply','bytes':2", "2xx")]
    [InlineData("portable", "bdat", "'type':'truncateReply','bytes':2")]
    public async Task Message_BehindTheStruckCommand_IsNotAtTheRelay(string transport, string at, string action, string? replies = null)
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await FaultedProxy.StartAsync($"--SmtpProxy:Transport={transport}", "--relay", relay.Address);
        await using var client = await SecuredClient.ConnectAsync(proxy.Process.Listener());
        await client.SayAsync("EHLO client.example");
        var match = replies is null ? "" : $"'match':{{'upstreamReply':'{replies}'}},";
        var (status, problem) = await proxy.AskAsync("PUT", "rules/it", $"{{'ttl':'00:05:00','at':'{at}',{match}'action':{{{action}}}}}");
        Assert.True(status == 200, problem.ToString());

        await client.SendAsync("MAIL FROM:<me@example.org>\r\nRCPT TO:<you@example.org>\r\n" + Rest);
        // It is struck; what is kept goes on when the client is.
        await Eventually.Async(async () => (await proxy.AskAsync("GET", "status")).Body.GetProperty("rules")[0].GetProperty("injected")
            .GetInt64() > 0, "nothing was struck");
        client.End();
        var record = (await proxy.Process.JournalAsync(1))[0];

        string[] said = ["c:EHLO client.example", "c:MAIL FROM:<me@example.org>", "c:RCPT TO:<you@example.org>", "c:BDAT 0"];
        Assert.Equal(said[..(at switch { "bdat" => 4, "rcpt" => 3, _ => 2 })], relay.Heard);
        Assert.Equal("fault", record.GetProperty("outcome").GetString());
        // Whatever the client has said is in the record.
        Assert.Equal(["EHLO", "MAIL", "RCPT", "BDAT", "BDAT", "QUIT"], record.GetProperty("exchanges").EnumerateArray()
            .Select(static exchange => exchange.GetProperty("verb").GetString()).Where(static verb => verb is not (null or "")));
        Assert.All(record.GetProperty("transactions").EnumerateArray(),
            static message => Assert.NotEqual("delivered", message.GetProperty("outcome").GetString()));
    }

    /// <summary>However much it has pipelined, a client that is kept until it closes is seen to close, and nothing of it goes on.</summary>
    [Theory]
    [InlineData("epoll", "mail", "'type':'stall','untilPeerCloses':true", false)]
    [InlineData("epoll", "rcpt", "'type':'truncateReply','bytes':2,'then':'stall'", true)]
    [InlineData("portable", "mail", "'type':'stall','untilPeerCloses':true", true)]
    [InlineData("portable", "rcpt", "'type':'truncateReply','bytes':2,'then':'stall'", false)]
    public async Task Client_WithMuchBehindTheStruckCommand_IsSeenToClose(string transport, string at, string action, bool closes)
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await FaultedProxy.StartAsync($"--SmtpProxy:Transport={transport}", "--relay", relay.Address);
        var client = await SecuredClient.ConnectAsync(proxy.Process.Listener());
        await client.SayAsync("EHLO client.example");
        var (status, problem) = await proxy.AskAsync("PUT", "rules/it", $"{{'ttl':'00:05:00','at':'{at}','action':{{{action}}}}}");
        Assert.True(status == 200, problem.ToString());
        await client.SendAsync("MAIL FROM:<me@example.org>\r\nRCPT TO:<you@example.org>\r\nBDAT 60000 LAST\r\n" + new string('x', 60_000));
        await Eventually.Async(async () => (await proxy.AskAsync("GET", "status")).Body.GetProperty("rules")[0].GetProperty("injected")
            .GetInt64() > 0, "nothing was struck");
        if (closes)
        {
            await client.DisposeAsync();
        }
        else
        {
            client.End();
        }

        Assert.Equal("fault", (await proxy.Process.JournalAsync(1))[0].GetProperty("outcome").GetString());
        Assert.DoesNotContain(relay.Heard, static line => line.Contains("BDAT", StringComparison.Ordinal));
        await client.DisposeAsync();
    }

    /// <summary>A stall that ends by itself keeps the rest for its time, and no longer.</summary>
    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Stall_ForATime_LetsTheRestGoAfterIt(string transport)
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await FaultedProxy.StartAsync($"--SmtpProxy:Transport={transport}", "--relay", relay.Address);
        await using var client = await SecuredClient.ConnectAsync(proxy.Process.Listener());
        await client.SayAsync("EHLO client.example");
        Assert.Equal(200, (await proxy.AskAsync("PUT", "rules/it",
            "{'ttl':'00:05:00','at':'mail','action':{'type':'stall','duration':'00:00:00.3'}}")).Status);
        await client.SendAsync("MAIL FROM:<me@example.org>\r\nRCPT TO:<you@example.org>\r\n" + Rest);
        for (var reply = 0; reply < 4; reply++)
        {
            Assert.Equal("250 2.0.0 ok\n", await client.ReplyAsync());
        }

        Assert.Equal("221 2.0.0 bye\n", await client.ReplyAsync());
        client.End();
        Assert.Equal("delivered", Assert.Single((await proxy.Process.JournalAsync(1))[0].GetProperty("transactions").EnumerateArray())
            .GetProperty("outcome").GetString());
        Assert.Equal("c:QUIT", relay.Heard[^1]);
    }

    /// <summary>Two chunks in one piece: the first has its answer before the relay is left, the last has what the rule says.</summary>
    [Theory]
    [InlineData("epoll", "'type':'blackhole'", "250 ")]
    [InlineData("epoll", "'type':'rejectMessage','code':554", "554 ")]
    [InlineData("portable", "'type':'blackhole'", "250 ")]
    [InlineData("portable", "'type':'close','side':'upstream'", "421 ")]
    public async Task LastChunk_BehindAnother_IsStruckInItsTurn(string transport, string action, string told)
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await FaultedProxy.StartAsync($"--SmtpProxy:Transport={transport}", "--relay", relay.Address,
            "--SmtpProxy:Faults:AllowLossRisk=true");
        await using var client = await SecuredClient.ConnectAsync(proxy.Process.Listener());
        await client.SayAsync("EHLO client.example");
        var (status, problem) = await proxy.AskAsync("PUT", "rules/it", $"{{'ttl':'00:05:00','at':'endOfData','action':{{{action}}}}}");
        Assert.True(status == 200, problem.ToString());
        await client.SendAsync("MAIL FROM:<me@example.org>\r\nRCPT TO:<you@example.org>\r\n" + Rest);
        for (var reply = 0; reply < 3; reply++)
        {
            Assert.Equal("250 2.0.0 ok\n", await client.ReplyAsync());
        }

        Assert.StartsWith(told, await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("c:BDAT 0 LAST", relay.Heard);
        Assert.Equal("c:BDAT 0", relay.Heard[3]);
    }

    /// <summary>Some relays read a size that is none by the grammar: where such a chunk ends nobody knows, and nothing of it is
    /// kept.</summary>
    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Chunk_WhoseSizeCannotBeRead_IsNotKept(string transport)
    {
        await using var relay = new RecordingRelay(_made.Good().Load(), isLax: true);
        await using var proxy = await FaultedProxy.StartAsync($"--SmtpProxy:Transport={transport}", "--relay", relay.Address);
        await using var client = await SecuredClient.ConnectAsync(proxy.Process.Listener());
        Assert.Equal(200, (await proxy.AskAsync("PUT", "rules/it",
            "{'ttl':'00:05:00','at':'vrfy','action':{'type':'delay','duration':'00:00:01'}}")).Status);
        await client.SayAsync("EHLO client.example");
        // To this relay a CR ends a line as well: it hears the chunk without its LF.
        await client.SendAsync("BDAT +5 LAST\r\nhello\r");
        await Eventually.Async(() => relay.Heard.Contains("c:hello"), "the chunk is kept");
    }
}
