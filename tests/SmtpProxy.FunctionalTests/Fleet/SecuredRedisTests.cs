using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>A Redis that speaks TLS, to a user who may do what docs/fleet.md says and nothing else.</summary>
[Collection("Fleet")]
public sealed class SecuredRedisTests
{
    private const string Password = "sesame-of-the-fleet";

    [SkippableFact]
    public async Task Fleet_WithTlsAndTheUserOfTheDocumentation_DoesEverything()
    {
        var line = File.ReadLines(Path.Combine(SourceFolder.Root, "docs", "fleet.md"))
            .Single(static l => l.Contains("ACL SETUSER ", StringComparison.Ordinal));
        var user = line.Trim()["ACL SETUSER ".Length..].Replace("PASSWORD", Password, StringComparison.Ordinal).Split(' ');
        using var made = new TestCertificates();
        var redis = await RedisServer.StartSecuredAsync(made.Good(), user);
        await using var fleet = await FleetRig.StartAsync(redis, "--SmtpProxy:Fleet:Tls=true", $"--SmtpProxy:Fleet:TlsCa={made.Ca}",
            "--SmtpProxy:Fleet:User=smtpproxy", $"--SmtpProxy:Fleet:PasswordFile={made.Write("password", Password + "\n")}",
            "--SmtpProxy:Limits:ClientLimitExempt=192.0.2.1");
        await fleet.ArmAsync(fleet.Proxies[0],
            "{'at':'mail','ttl':'00:10:00','occurrence':{'first':1},'budget':{'maxInjections':1,'maxPerMinute':5,'maxAffectedRatio':1},"
            + "'action':{'type':'greylist','key':'sender'}}");
        Assert.StartsWith("450", await MailAsync(fleet.Proxies[1]), StringComparison.Ordinal);
        Assert.StartsWith("250", await MailAsync(fleet.Proxies[2]), StringComparison.Ordinal);
        await fleet.FaultsAsync(fleet.Proxies[0], "POST", "halt");
        await Eventually.Async(async () => (await fleet.FleetOfAsync(fleet.Proxies[2])).GetProperty("members").EnumerateArray()
            .All(static m => m.GetProperty("faultsHalted").GetBoolean()), "not all are halted");
        foreach (var proxy in fleet.Proxies)
        {
            var metrics = await Metrics.ReadAsync(proxy);
            Assert.Equal(0, metrics.Sum("smtpproxy_fleet_requests_total", ("smtpproxy_outcome", "refused")));
            Assert.DoesNotContain(Password, proxy.Errors.Text, StringComparison.Ordinal);
        }

        // Who is not trusted is told nothing.
        var stranger = await fleet.AddAsync("stranger", $"--SmtpProxy:Fleet:TlsCa={made.OtherCa}");
        await fleet.StateAsync(stranger, "degraded");
        Assert.StartsWith("250", await MailAsync(stranger), StringComparison.Ordinal);
    }

    private static async Task<string> MailAsync(ProxyProcess proxy)
    {
        using var talk = new Talk(proxy);
        await talk.GreetingAsync();
        await talk.AskAsync("EHLO client.example");
        var reply = await talk.AskAsync("MAIL FROM:<a@example.org>");
        await talk.AskAsync("QUIT");
        return reply;
    }
}
