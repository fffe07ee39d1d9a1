using SmtpProxy.FunctionalTests.Support;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>Mail goes on at three real proxies whatever becomes of their Redis: every message that was accepted is with the relay, once,
/// and no session ends otherwise than its client wants.</summary>
[Collection("Fleet")]
public sealed class UndisturbedTests(ITestOutputHelper output)
{
    private const int Clients = 4;

    [SkippableTheory]
    [InlineData("Epoll")]
    [InlineData("Portable")]
    public async Task Mail_WhileRedisIsStalledKilledAndRevived_GoesOn(string transport)
    {
        // Limits are counted, and a rule that counts is armed, though it never matches.
        await using var fleet = await FleetRig.StartAsync($"--SmtpProxy:Transport={transport}",
            "--SmtpProxy:Limits:ClientLimitExempt=192.0.2.1", $"--SmtpProxy:Limits:MaxSessionsPerClient={10 * 3 * Clients}",
            "--SmtpProxy:Limits:ConnectionsPerMinutePerClient=0");
        var taken = 0;
        fleet.Relay.Answer = command =>
        {
            if (command == ".")
            {
                Interlocked.Increment(ref taken);
            }

            return TalkingRelay.Yes(command);
        };
        await fleet.ArmAsync(fleet.Proxies[0],
            "{'at':'rcpt','ttl':'00:10:00','match':{'rcptTo':['never@example.org']},'occurrence':{'first':5},"
            + "'action':{'type':'reply','code':451}}");
        using var enough = new CancellationTokenSource();
        var sent = new int[3 * Clients];
        var senders = Enumerable.Range(0, sent.Length)
            .Select(n => Task.Run(async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await SendAsync(fleet.Proxies[n % 3]);
                    sent[n]++;
                }
            })).ToArray();

        await MoreAsync(sent);
        fleet.Redis.Stall();
        await fleet.StateAsync(fleet.Proxies[0], "degraded");
        await MoreAsync(sent);
        fleet.Redis.GoOn();
        await fleet.JoinedAsync(3);
        await fleet.Redis.KillAsync();
        await MoreAsync(sent);
        await fleet.StateAsync(fleet.Proxies[1], "degraded");
        await fleet.Redis.StartAgainAsync();
        await fleet.JoinedAsync(3);
        await MoreAsync(sent);

        // A fail-over: it is a replica for a while, and takes nothing.
        await fleet.Redis.AskAsync("REPLICAOF", "127.0.0.1", "1");
        await fleet.StateAsync(fleet.Proxies[2], "degraded");
        await MoreAsync(sent);
        await fleet.Redis.AskAsync("REPLICAOF", "NO", "ONE");
        await fleet.JoinedAsync(3);
        await MoreAsync(sent);
        await enough.CancelAsync();
        await Task.WhenAll(senders);
        output.WriteLine($"{transport}: {sent.Sum()} messages");
        Assert.Equal(sent.Sum(), taken);
        foreach (var proxy in fleet.Proxies)
        {
            var metrics = await Metrics.ReadAsync(proxy);
            Assert.Equal(metrics.Sum("smtpproxy_sessions_total"), metrics.Sum("smtpproxy_sessions_total", ("smtpproxy_outcome", "quit")));
        }
    }

    /// <summary>Each client has sent two more.</summary>
    private static async Task MoreAsync(int[] sent)
    {
        var before = sent.ToArray();
        await Eventually.Async(() => sent.Zip(before).All(static s => s.First >= s.Second + 2), "a client does not get on");
    }

    private static async Task SendAsync(ProxyProcess proxy)
    {
        using var talk = new Talk(proxy);
        Assert.Equal("220 relay", await talk.GreetingAsync());
        Assert.Equal("250 ok", await talk.AskAsync("EHLO client.example"));
        Assert.Equal("250 ok", await talk.AskAsync("MAIL FROM:<a@example.org>"));
        Assert.Equal("250 ok", await talk.AskAsync("RCPT TO:<b@example.org>"));
        Assert.Equal("354 go", await talk.AskAsync("DATA"));
        Assert.Equal("250 ok", await talk.AskAsync("Subject: x\r\n\r\nx\r\n."));
        Assert.Equal("221 bye", await talk.AskAsync("QUIT"));
    }
}
