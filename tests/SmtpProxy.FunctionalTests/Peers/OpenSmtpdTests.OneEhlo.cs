using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers;

// OpenSMTPD takes EHLO once ("503 Already identified"), and the proxy has said it when it asked for TLS that there is not.
public sealed partial class OpenSmtpdTests
{
    [SkippableTheory]
    [InlineData("epoll", "EHLO client.example")]
    [InlineData("portable", "EHLO client.example")]
    [InlineData("epoll", "HELO client.example")]
    public async Task Relay_WithoutTls_WhereItIsOpportunistic_ServesTheClientAsEver(string transport, string hello)
    {
        Server.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            $"--SmtpProxy:Transport={transport}", "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0",
            "--SmtpProxy:Listeners:inbound:Tls:Mode=None",
            "--relay", $"smtp://127.0.0.1:{Server.Port}", "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=Opportunistic");
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.StartsWith("220 ", greeting, StringComparison.Ordinal);
            Assert.StartsWith("250 ", await client.SayAsync(hello), StringComparison.Ordinal);
            Assert.StartsWith("250 ", await client.SayAsync("MAIL FROM:<me@test.example>"), StringComparison.Ordinal);
            Assert.StartsWith("250 ", await client.SayAsync("RCPT TO:<a@test.example>"), StringComparison.Ordinal);
            Assert.StartsWith("354 ", await client.SayAsync("DATA"), StringComparison.Ordinal);
            Assert.StartsWith("250 ", await client.SayAsync("Subject: once\r\n\r\nhi\r\n."), StringComparison.Ordinal);
            Assert.StartsWith("221 ", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        Assert.Equal("delivered", (await proxy.JournalAsync(1))[0].GetProperty("transactions")[0].GetProperty("outcome").GetString());
    }

    [SkippableFact]
    public async Task Relay_WithoutXClient_WhereItMustBeTold_GetsNoSession()
    {
        Server.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            "--relay", $"smtp://127.0.0.1:{Server.Port}", "--ReverseProxy:Clusters:relays:Metadata:Smtp.XClient=true");
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        client.Dispose();
        Assert.StartsWith("421 4.3.2 ", greeting, StringComparison.Ordinal);
    }
}
