using System.Net;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Peers.Clients;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.FunctionalTests.Identity;

/// <summary>Submission in front of Postfix, as the documentation has it: with TLS that passes through, and with TLS
/// that ends at the proxy.</summary>
public sealed class SubmissionTests(Postfix postfix) : IClassFixture<Postfix>
{
    private static readonly byte[] Message = "Subject: hello\r\n\r\nhello\r\n"u8.ToArray();

    [SkippableFact]
    public async Task Submission_WithTlsThatPassesThrough_AsksForTlsAndAuth_AndPostfixLogsTheTrueClient()
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            "--SmtpProxy:Listeners:submission:Address=127.0.0.1:0", "--SmtpProxy:Listeners:submission:Cluster=submission",
            "--SmtpProxy:Listeners:submission:ProxyProtocol=Optional", "--SmtpProxy:Listeners:submission:ProxyProtocolFrom=127.0.0.0/8",
            "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0",
            $"--ReverseProxy:Clusters:submission:Destinations:postfix:Address=smtp://127.0.0.1:{postfix.SubmissionPort}",
            "--ReverseProxy:Clusters:submission:Metadata:Smtp.ProxyProtocol=V2");
        var header = ProxyHeaderWriter.For(ProxyVersion.V1, IPEndPoint.Parse("203.0.113.87:4711"), IPEndPoint.Parse("198.51.100.25:587"));
        var (client, _) = await Cli.MailClient.ConnectAsync(proxy.Listener("submission"), header);
        using (client)
        {
            await client.SayAsync("EHLO true.example");
            Assert.StartsWith("530 5.7.0", await client.SayAsync("MAIL FROM:<me@test.example>"), StringComparison.Ordinal);
            await client.SayAsync("QUIT");
        }

        var (code, said) = await Command.RunAsync(PeerTool.Require("swaks"),
            ["--server", $"{proxy.Listener("submission")}", "--tls", "--auth", "PLAIN", "--auth-user", "u", "--auth-password", "wrong",
                "--to", "a@test.example"]);

        Assert.NotEqual(0, code);
        Assert.Contains("535 5.7.8", said, StringComparison.Ordinal);
        Assert.True(await postfix.LogsAsync("connect from unknown[203.0.113.87]"), postfix.Log);
        Assert.True(await postfix.LogsAsync("SASL PLAIN authentication failed"), postfix.Log);
    }

    [SkippableFact]
    public async Task Submission_WithTlsThatEndsHere_OnBothPorts_IsDeliveredOverTlsAndFollowed()
    {
        postfix.Require();
        using var made = new TestCertificates();
        await using var proxy = await ProxyProcess.StartAsync(
        [
            "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0",
            "--SmtpProxy:Listeners:submission:Address=127.0.0.1:0", "--SmtpProxy:Listeners:submission:Cluster=submission",
            "--SmtpProxy:Listeners:submission:Tls:Mode=StartTls", "--SmtpProxy:Listeners:submission:Tls:Require=true",
            .. made.Good().Arguments("submission"),
            "--SmtpProxy:Listeners:submissions:Address=127.0.0.1:0", "--SmtpProxy:Listeners:submissions:Cluster=submission",
            "--SmtpProxy:Listeners:submissions:Tls:Mode=Implicit", .. made.Good().Arguments("submissions"),
            $"--ReverseProxy:Clusters:submission:Destinations:postfix:Address=smtp://127.0.0.1:{postfix.Port}",
            "--ReverseProxy:Clusters:submission:Metadata:Smtp.Tls=Required",
            $"--ReverseProxy:Clusters:submission:Metadata:Smtp.TlsCa={postfix.Ca}",
            "--ReverseProxy:Clusters:submission:Metadata:Smtp.TlsServerName=localhost",
            "--ReverseProxy:Clusters:submission:Metadata:Smtp.XClient=true",
        ]);
        var before = postfix.Delivered.ToHashSet();

        await MailClient.SwaksAsync(proxy.Listener("submission"), "me@test.example", ["a@test.example"], Message, "--tls");
        await MailClient.SwaksAsync(proxy.Listener("submissions"), "me@test.example", ["a@test.example"], Message, "--tls-on-connect");

        var delivered = (await postfix.DeliveredAsync(before.Count + 2)).Where(file => !before.Contains(file)).Select(File.ReadAllText);
        Assert.All(delivered, static message => Assert.Contains("with ESMTPS", message, StringComparison.Ordinal));
        Assert.All(await proxy.JournalAsync(2), static record =>
        {
            Assert.Equal("delivered", record.GetProperty("transactions")[0].GetProperty("outcome").GetString());
            Assert.Equal(220, record.GetProperty("xclient").GetProperty("code").GetInt32());
            Assert.Equal(JsonValueKind.Null, record.GetProperty("tls_client").GetProperty("error").ValueKind);
        });
    }
}
