using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Conformance;

namespace SmtpProxy.FunctionalTests.Faults;

/// <summary>Rules that must know each reply of the relay, and strike none: what the relay says arrives before it says more.</summary>
public abstract class AwaitedReplyTests<TTransport>(ReplayedProxy<TTransport> proxy) : IClassFixture<ReplayedProxy<TTransport>>
    where TTransport : ITransportName
{
    [Theory]
    [MemberData(nameof(AwaitedReplies.All), MemberType = typeof(AwaitedReplies))]
    public async Task RelaysWords_OfWhichRulesWaitForTheReply_ArriveBeforeItSaysMore(string name, string[] said)
    {
        Assert.NotEmpty(name);
        var events = said.Select(static words => new
            { from = words[0] == 'C' ? "client" : "server", data_b64 = Convert.ToBase64String(Encoding.ASCII.GetBytes(words[2..])) });
        object[] ends = [new { from = "client", op = "fin" }, new { from = "server", op = "fin" }];

        var line = await proxy.ReplayAsync(JsonSerializer.SerializeToElement(events.Concat(ends)), whole: true);

        Assert.Equal("tracked", line.GetProperty("mode").GetString());
        Assert.Equal(3 + (name.StartsWith("PRDR", StringComparison.Ordinal) ? 0 : -1),
            line.GetProperty("transactions")[0].GetProperty("final_codes").GetArrayLength());
    }
}

/// <summary>What relays say in several replies, and between them.</summary>
public static class AwaitedReplies
{
    private const string Offers = "250-mx\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 PRDR\r\n";
    private const string Envelope = "MAIL FROM:<a@example.org> PRDR\r\nRCPT TO:<b@example.net>\r\nRCPT TO:<c@example.net>\r\n";

    public static TheoryData<string, string[]> All => new()
    {
        {
            "PRDR after DATA",
            [
                "S:000 one moment\r\n", "S:050-\r\n", "S:220-mx\r\n220 mx\r\n", "C:EHLO c\r\n", "S:050 looking it up\r\n", "S:" + Offers,
                "C:" + Envelope + "DATA\r\n",
                "S:250 ok\r\n", "S:not a reply\r\n", "S:250 ok\r\n", "S:250 ok\r\n", "S:354 go\r\n", "C:Subject: x\r\n\r\nx\r\n.\r\n",
                "S:353 one by one\r\n", "S:250 first\r\n",
                "S:000 busy\r\n", "S:450 second\r\n", "S:250 2.0.0 queued as 4F\r\n", "C:QUIT\r\n", "S:221 bye\r\n",
            ]
        },
        {
            "PRDR after the last chunk",
            [
                "S:220 mx\r\n", "C:EHLO c\r\n", "S:" + Offers, "C:" + Envelope + "BDAT 3 LAST\r\nx\r\n", "S:250 ok\r\n250 ok\r\n250 ok\r\n",
                "S:000 checking\r\n", "S:353 one by one\r\n",
                "S:250 first\r\n", "S:050 still\r\n", "S:250 second\r\n", "S:250-2.0.0 queued\r\n250 2.0.0 as 4F\r\n", "C:QUIT\r\n",
                "S:221 bye\r\n",
            ]
        },
        {
            "LMTP",
            [
                "S:220 mx\r\n", "C:LHLO c\r\n", "S:" + Offers, "C:" + Envelope + "DATA\r\n", "S:250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n",
                "C:x\r\n.\r\n", "S:250 first\r\n", "S:000 busy\r\n",
                "S:450 second\r\n", "C:QUIT\r\n", "S:221 bye\r\n",
            ]
        },
    };
}

/// <summary>Over epoll, with a guard before the relay.</summary>
public sealed class EpollAwaitedReplyTests(ReplayedProxy<AwaitingName> proxy) : AwaitedReplyTests<AwaitingName>(proxy);

/// <summary>Over sockets and pipes, without.</summary>
public sealed class PortableAwaitedReplyTests(ReplayedProxy<PortableAwaitingName> proxy) : AwaitedReplyTests<PortableAwaitingName>(proxy);

/// <summary>With a rule at each point that waits for the relay's reply.</summary>
public sealed class AwaitingName : ITransportName
{
    private static readonly string[] Points = ["greeting", "ehlo", "helo", "startTls", "auth", "authStep", "mail", "rcpt", "data",
        "endOfData", "bdat", "rset", "noop", "vrfy", "quit", "anyCommand"];

    public static string Name => EpollName.Name;

    public static string[] More =>
    [
        "--SmtpProxy:Faults:Enabled=true",
        .. Points.SelectMany(static point => new[]
        {
            $"--SmtpProxy:Faults:Rules:awaits-{point}:At={point}",
            $"--SmtpProxy:Faults:Rules:awaits-{point}:Match:UpstreamReply:0=598",
            $"--SmtpProxy:Faults:Rules:awaits-{point}:Action:Type=delay",
            $"--SmtpProxy:Faults:Rules:awaits-{point}:Action:Duration=00:00:01",
        }),
    ];
}

/// <summary>The same over sockets and pipes, where every client may speak for others.</summary>
public sealed class PortableAwaitingName : ITransportName
{
    public static string Name => PortableName.Name;

    public static string[] More => [.. AwaitingName.More, "--SmtpProxy:Listeners:inbound:XClientFrom=0.0.0.0/0"];
}
