using System.Security.Cryptography.X509Certificates;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Faults;

/// <summary>Faults of TLS that ends at the proxy, and of the dialogue inside it.</summary>
public sealed class TlsFaultTests : IDisposable
{
    private const string Tls = "--SmtpProxy:Listeners:inbound:Tls";
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("expiredCert", "tlsHandshake")]
    [InlineData("wrongHost", "starttls")]
    [InlineData("untrusted", "tlsHandshake")]
    public async Task StarttlsBreak_WithACertificate_ShowsItOnce_AndThenTheListenersOwn(string how, string point)
    {
        await using var proxy = await StartAsync();
        var (status, _) = await proxy.AskAsync("PUT", "rules/bad",
            $"{{'ttl':'00:02:00','at':'{point}','occurrence':{{'first':1}},'action':{{'type':'starttlsBreak','how':'{how}'}}}}");
        Assert.Equal(200, status);

        var bad = await ShownAsync(proxy);
        Assert.Equal(bad.Subject, bad.Issuer);
        Assert.Equal(how == "expiredCert", bad.NotAfter < DateTime.Now);
        Assert.Equal(how != "wrongHost", bad.MatchesHostname("localhost"));
        Assert.Equal("CN=Test CA", (await ShownAsync(proxy)).Issuer);

        var injection = Assert.Single(await proxy.InjectionsAsync(1));
        Assert.Equal((point, "none", 220),
            (injection.GetProperty("point").GetString(), injection.GetProperty("effect").GetString(),
                injection.GetProperty("clientCode").GetInt32()));
    }

    [Fact]
    public async Task StarttlsBreak_WithACertificate_WhereTlsPassesThrough_IsSkippedAndSaysSo()
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await FaultedProxy.StartAsync("--relay", relay.Address);
        await proxy.AskAsync("PUT", "rules/bad",
            "{'ttl':'00:02:00','at':'starttls','action':{'type':'starttlsBreak','how':'expiredCert'}}");

        Assert.Equal("CN=Test CA", (await ShownAsync(proxy)).Issuer);

        var metrics = await Metrics.ReadAsync(proxy.Process);
        Assert.Equal(1, metrics.Sum("smtpproxy_faults_skipped_total", ("smtpproxy_fault_reason", "not_terminated")));
    }

    [Fact]
    public async Task Rules_InsideTlsThatEndsHere_StrikeAsInTheClear()
    {
        await using var proxy = await StartAsync();
        await proxy.AskAsync("PUT", "rules/later",
            "{'ttl':'00:02:00','at':'rcpt','match':{'tls':'terminated'},'action':{'type':'reply','code':451,'enhanced':'4.3.0'}}");
        await using var client = await SecuredClient.ConnectAsync(proxy.Process.Listener());
        await client.SayAsync("EHLO client.example");
        await client.SayAsync("MAIL FROM:<me@example.org>");
        Assert.StartsWith("250 ", await client.SayAsync("RCPT TO:<you@example.org>"), StringComparison.Ordinal);
        await client.SayAsync("RSET");
        Assert.StartsWith("220 ", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await client.SecureAsync();
        await client.SayAsync("EHLO client.example");
        await client.SayAsync("MAIL FROM:<me@example.org>");
        Assert.StartsWith("451 4.3.0", await client.SayAsync("RCPT TO:<you@example.org>"), StringComparison.Ordinal);
        await client.SayAsync("QUIT");
        Assert.Single(await proxy.InjectionsAsync(1));
        var record = (await proxy.Process.JournalAsync(1))[0];
        Assert.Equal("tracked", record.GetProperty("mode").GetString());
    }

    [Fact]
    public async Task Reply454_ToStartTls_LeavesTheSessionInTheClear_AndTheNextTryIsGranted()
    {
        await using var proxy = await StartAsync();
        await proxy.AskAsync("PUT", "rules/no-tls",
            "{'ttl':'00:02:00','at':'starttls','occurrence':{'first':1},'action':{'type':'reply','code':454,'enhanced':'4.7.0'}}");
        await using var client = await SecuredClient.ConnectAsync(proxy.Process.Listener());
        await client.SayAsync("EHLO client.example");
        Assert.StartsWith("454 4.7.0", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await client.SayAsync("NOOP"), StringComparison.Ordinal);
        Assert.StartsWith("220 ", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await client.SecureAsync();
        Assert.StartsWith("250", await client.SayAsync("EHLO client.example"), StringComparison.Ordinal);
    }

    /// <summary>A client that cannot read the answer goes on in the clear, and what it says then is in the record as ever.</summary>
    [Theory]
    [InlineData("garbagePrefixLine", "None")]
    [InlineData("noSeparator", "None")]
    [InlineData("nonNumericCode", "None")]
    [InlineData("garbagePrefixLine", "AsClient")]
    [InlineData("nonNumericCode", "AsClient")]
    public async Task Grant_ThatCannotBeRead_IsNone(string kind, string relayTls)
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await FaultedProxy.StartAsync([$"{Tls}:Mode=StartTls", .. _made.Good().Arguments("inbound"), "--relay",
            relay.Address, $"--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls={relayTls}",
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.TlsVerify=None"]);
        Assert.Equal(200, (await proxy.AskAsync("PUT", "rules/it",
            $"{{'ttl':'00:02:00','at':'starttls','action':{{'type':'malformReply','kind':'{kind}'}}}}")).Status);
        await using (var client = await SecuredClient.ConnectAsync(proxy.Process.Listener()))
        {
            await client.SayAsync("EHLO client.example");
            Assert.DoesNotContain("220 ", (await client.SayAsync("STARTTLS"))[..4], StringComparison.Ordinal);
            if (kind == "garbagePrefixLine")
            {
                Assert.StartsWith("220 ", await client.ReplyAsync(), StringComparison.Ordinal);
            }

            Assert.StartsWith("250", await client.SayAsync("EHLO again.example"), StringComparison.Ordinal);
            Assert.StartsWith("250", await client.SayAsync("MAIL FROM:<me@example.org>"), StringComparison.Ordinal);
            Assert.StartsWith("250", await client.SayAsync("RCPT TO:<you@example.org>"), StringComparison.Ordinal);
            Assert.StartsWith("250", await client.SayAsync("BDAT 0 LAST"), StringComparison.Ordinal);
            Assert.StartsWith("221", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        var record = (await proxy.Process.JournalAsync(1))[0];
        Assert.Equal("delivered",
            Assert.Single(record.GetProperty("transactions").EnumerateArray()).GetProperty("outcome").GetString());
        Assert.Equal(("tracked", "refused"), (record.GetProperty("mode").GetString(), record.GetProperty("tls").GetString()));
        Assert.Empty(record.GetProperty("anomalies").EnumerateArray());
        Assert.Contains(relay.Heard, static line => line.EndsWith(":BDAT 0 LAST", StringComparison.Ordinal));
    }

    /// <summary>Damage that leaves a grant one: TLS begins, and the record says so.</summary>
    [Theory]
    [InlineData("bareLf")]
    [InlineData("overlongLine")]
    [InlineData("wrongContinuationCode")]
    public async Task Grant_ThatIsDamaged_AndCanBeRead_IsOne(string kind)
    {
        await using var proxy = await StartAsync();
        Assert.Equal(200, (await proxy.AskAsync("PUT", "rules/it",
            $"{{'ttl':'00:02:00','at':'starttls','action':{{'type':'malformReply','kind':'{kind}'}}}}")).Status);
        await using (var client = await SecuredClient.ConnectAsync(proxy.Process.Listener()))
        {
            await client.SayAsync("EHLO client.example");
            await client.SayAsync("STARTTLS");
            await client.SecureAsync();
            Assert.StartsWith("250", await client.SayAsync("EHLO client.example"), StringComparison.Ordinal);
            Assert.StartsWith("221", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        var record = (await proxy.Process.JournalAsync(1))[0];
        Assert.Equal("starttls", record.GetProperty("tls").GetString());
        Assert.Equal(["EHLO:250", "STARTTLS:220", "EHLO:250", "QUIT:221"], record.GetProperty("exchanges").EnumerateArray()
            .Select(static e => $"{e.GetProperty("verb")}:{e.GetProperty("code")}"));
    }

    [Fact]
    public async Task StartTls_StrippedFromTheReply_IsStrippedFromWhatTheProxyItselfOffers()
    {
        await using var proxy = await StartAsync();
        await proxy.AskAsync("PUT", "rules/strip",
            "{'ttl':'00:02:00','at':'ehlo','action':{'type':'editCapabilities','remove':['STARTTLS']}}");
        await using var client = await SecuredClient.ConnectAsync(proxy.Process.Listener());
        Assert.DoesNotContain("STARTTLS", await client.SayAsync("EHLO client.example"), StringComparison.Ordinal);
        Assert.StartsWith("502 ", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
    }

    /// <summary>The proxy refuses it itself, and what would stand behind it is another command.</summary>
    [Fact]
    public async Task StarttlsInject_TowardsTheRelay_StrikesNoStartTlsInsideTls()
    {
        await using var proxy = await StartAsync("--SmtpProxy:Faults:AllowSecurityProbes=true");
        var (status, problem) = await proxy.AskAsync("PUT", "rules/probe",
            "{'ttl':'00:02:00','at':'starttls','action':{'type':'starttlsInject','side':'upstream','text':'VRFY nobody'}}");
        Assert.True(status == 200, problem.ToString());
        await using var client = await SecuredClient.ConnectAsync(proxy.Process.Listener());
        await client.SayAsync("EHLO client.example");
        Assert.StartsWith("220 ", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await client.SecureAsync();
        await client.SayAsync("EHLO client.example");
        Assert.StartsWith("503 ", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
        Assert.StartsWith("221 ", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        Assert.DoesNotContain((await proxy.Process.JournalAsync(1))[0].GetProperty("exchanges").EnumerateArray(),
            static exchange => exchange.GetProperty("verb").GetString() == "VRFY");
    }

    private Task<FaultedProxy> StartAsync(params string[] more) => FaultedProxy.StartAsync(
        [$"{Tls}:Mode=StartTls", .. _made.Good().Arguments("inbound"), "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None", .. more]);

    private static async Task<X509Certificate2> ShownAsync(FaultedProxy proxy)
    {
        await using var client = await SecuredClient.ConnectAsync(proxy.Process.Listener());
        await client.SayAsync("EHLO client.example");
        Assert.StartsWith("220 ", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await client.SecureAsync();
        var shown = client.Shown!;
        await client.SayAsync("QUIT");
        return shown;
    }
}
