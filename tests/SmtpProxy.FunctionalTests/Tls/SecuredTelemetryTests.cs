using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>Where TLS ends at the proxy, telemetry tells what the relay itself says, before TLS and in it, and
/// of a wait while it lasts.</summary>
public sealed class SecuredTelemetryTests : IDisposable
{
    private const string Relays = "--ReverseProxy:Clusters:relays:Metadata:Smtp";
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Relay_ThatOffersOtherThingsInTls_AndGivesNoVerdict_IsSeenSoWhileItHangs(string transport)
    {
        await using var relay = new SteppedRelay(
            _made.Good().Load(),
            "220 relay\r\n", SteppedRelay.Line, "250-relay\r\n250-PIPELINING\r\n250 STARTTLS\r\n", SteppedRelay.Line, "220 go\r\n",
            SteppedRelay.Shake,
            SteppedRelay.Line, "250-relay\r\n250-SIZE 1000\r\n250 AUTH PLAIN\r\n", SteppedRelay.Line, "250 ok\r\n", SteppedRelay.Line,
            "250 ok\r\n", SteppedRelay.Line, "354 go\r\n");
        await using var proxy = await ProxyProcess.StartAsync(
        [
            "--relay", relay.Address, $"{Relays}.TlsCa={_made.Ca}", $"{Relays}.TlsServerName=localhost",
            .. _made.Good().Arguments("inbound"),
            "--SmtpProxy:Listeners:inbound:Tls:Mode=StartTls", $"--SmtpProxy:Transport={transport}",
            "--SmtpProxy:Telemetry:WaitWarning=00:00:00.500",
        ]);
        await using var client = await SecuredClient.ConnectAsync(proxy.Listener());
        await client.SayAsync("EHLO client.example");
        Assert.StartsWith("220", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await client.SecureAsync();
        foreach (var line in (string[])["EHLO client.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"])
        {
            Assert.Matches("^[23]", await client.SayAsync(line));
        }

        await client.SendAsync("hi\r\n.\r\n");
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("1 sessions wait for relay relay-1 of cluster relays (end_of_data)", StringComparison.Ordinal));
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(1, metrics.Sum("smtpproxy_sessions_waiting"));
        Assert.Equal(1, metrics.Sum("smtpproxy_sessions_waiting", ("smtpproxy_waiting_for", "end_of_data"),
            ("smtpproxy_destination", "relay-1")));
        Assert.True(metrics.Sum("smtpproxy_sessions_waiting_oldest_seconds", ("smtpproxy_waiting_for", "end_of_data")) >= 0.5);
        double Offers(string channel, string keyword) =>
            metrics.Sum("smtpproxy_capability_present", ("smtpproxy_channel", channel), ("smtp_keyword", keyword));
        Assert.Equal((1, 1, 0, 0), (Offers("clear", "PIPELINING"), Offers("clear", "STARTTLS"), Offers("clear", "SIZE"),
            Offers("clear", "AUTH")));
        Assert.Equal((0, 0, 1, 1), (Offers("tls", "PIPELINING"), Offers("tls", "STARTTLS"), Offers("tls", "SIZE"), Offers("tls", "AUTH")));
    }
}
