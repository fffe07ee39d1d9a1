using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Faults;

/// <summary>What is said in the clear behind STARTTLS goes nowhere (RFC 3207, section 4.2; CVE-2011-0411), also where a fault holds it, or
/// holds the replies before the one that grants TLS.</summary>
public sealed class StartTlsInjectionTests : IDisposable
{
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    public static TheoryData<string, string, string, string> All
    {
        get
        {
            var all = new TheoryData<string, string, string, string>();
            foreach (var transport in new[] { "epoll", "portable" })
            {
                foreach (var tls in new[] { "None", "AsClient", "Required" })
                {
                    all.Add(transport, tls, "connect", "'type':'throttle','bytesPerSecond':300,'direction':'toUpstream'");
                    all.Add(transport, tls, "starttls", "'type':'throttle','bytesPerSecond':300,'direction':'both'");
                    all.Add(transport, tls, "noop", "'type':'throttle','bytesPerSecond':300,'direction':'toClient'");
                    all.Add(transport, tls, "noop", "'type':'stall','duration':'00:00:00.3','side':'upstream'");
                    all.Add(transport, tls, "noop", "'type':'stall','duration':'00:00:00.3','side':'both'");
                    all.Add(transport, tls, "noop", "'type':'delay','duration':'00:00:00.3'");
                    all.Add(transport, tls, "starttls", "'type':'delay','duration':'00:00:00.3'");
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_ThatIsAskedToSayMoreInTheClear_ReachesNobodyWithIt(string transport, string relayTls, string at, string action)
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await FaultedProxy.StartAsync([
            $"--SmtpProxy:Transport={transport}", "--SmtpProxy:Listeners:inbound:Tls:Mode=StartTls", .. _made.Good().Arguments("inbound"),
            "--relay", relay.Address, $"--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls={relayTls}",
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.TlsServerName=localhost",
            $"--ReverseProxy:Clusters:relays:Metadata:Smtp.TlsCa={_made.Ca}"]);
        var (status, problem) = await proxy.AskAsync("PUT", "rules/it",
            $"{{'ttl':'00:05:00','at':'{at}','action':{{{action}}}}}");
        Assert.True(status == 200, problem.ToString());
        await using (var client = await SecuredClient.ConnectAsync(proxy.Process.Listener()))
        {
            Assert.StartsWith("250", await client.SayAsync("EHLO client.example"), StringComparison.Ordinal);
            await client.SendAsync("NOOP\r\nNOOP\r\nNOOP\r\nSTARTTLS\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<evil@example.net>\r\n");
            for (var n = 0; n < 3; n++)
            {
                Assert.StartsWith("250 ", await client.ReplyAsync(), StringComparison.Ordinal);
            }

            Assert.StartsWith("220 ", await client.ReplyAsync(), StringComparison.Ordinal);
            await client.SecureAsync();
            Assert.StartsWith("250-", await client.SayAsync("EHLO inside.example"), StringComparison.Ordinal);
            Assert.StartsWith("221 ", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        var how = relayTls == "None" ? "c:" : "t:";
        Assert.Equal([$"{how}EHLO inside.example", $"{how}QUIT"], relay.Heard.TakeLast(2));
        Assert.DoesNotContain(relay.Heard, static line => line.Contains("evil", StringComparison.Ordinal)
            || line.Contains("example.net", StringComparison.Ordinal));
        var record = (await proxy.Process.JournalAsync(1))[0];
        Assert.Equal(["EHLO", "NOOP", "NOOP", "NOOP", "STARTTLS", "EHLO", "QUIT"],
            record.GetProperty("exchanges").EnumerateArray().Select(static e => e.GetProperty("verb").GetString()));
        Assert.Contains("starttls-injection-client", record.GetProperty("anomalies").EnumerateArray().Select(static a => a.GetString()));
    }
}
