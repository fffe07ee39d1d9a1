using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Faults;

/// <summary>A fault ends the client's connection alone: what it had pipelined behind the struck command is nobody's business.</summary>
public sealed class ClosedClientTests : IDisposable
{
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("epoll", "fin")]
    [InlineData("epoll", "reset")]
    [InlineData("portable", "fin")]
    [InlineData("portable", "421")]
    public async Task Close_OfTheClientAlone_KeepsTheRestOfItsPipelineFromTheRelay(string transport, string how)
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await FaultedProxy.StartAsync($"--SmtpProxy:Transport={transport}", "--relay", relay.Address);
        var (status, problem) = await proxy.AskAsync("PUT", "rules/it",
            $"{{'ttl':'00:05:00','at':'rcpt','action':{{'type':'close','how':'{how}','side':'client'}}}}");
        Assert.True(status == 200, problem.ToString());
        await using (var client = await SecuredClient.ConnectAsync(proxy.Process.Listener()))
        {
            await client.SayAsync("EHLO client.example");
            await client.SendAsync("MAIL FROM:<me@example.org>\r\nRCPT TO:<you@example.org>\r\nRCPT TO:<her@example.org>\r\n"
                + "BDAT 4 LAST\r\nhi\r\nNOOP\r\nRSET\r\nQUIT\r\n");
            client.End();
            var record = (await proxy.Process.JournalAsync(1))[0];
            Assert.NotEqual("delivered",
                Assert.Single(record.GetProperty("transactions").EnumerateArray()).GetProperty("outcome").GetString());
            // No reply is booked for what the relay was not asked.
            Assert.All(record.GetProperty("exchanges").EnumerateArray().Skip(3),
                static exchange => Assert.Equal(JsonValueKind.Null, exchange.GetProperty("code").ValueKind));
        }

        Assert.Equal(["c:EHLO client.example", "c:MAIL FROM:<me@example.org>"], relay.Heard);
    }
}
