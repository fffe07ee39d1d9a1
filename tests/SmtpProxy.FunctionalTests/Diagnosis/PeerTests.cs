using System.Text.Json;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Peers;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Diagnosis;

/// <summary>What real relays say when they will not, and what the proxy makes of it.</summary>
public abstract class PeerTests<TServer>(Relayed<TServer> relayed) : IClassFixture<Relayed<TServer>>
    where TServer : MailServer, new()
{
    /// <summary>The relay and the proxy before it.</summary>
    protected Relayed<TServer> Relayed => relayed;

    [SkippableFact]
    public async Task Recipient_Unknown_IsSaid()
    {
        relayed.Server.Require();

        Assert.Equal("recipient_unknown", await CodeAsync("MAIL FROM:<me@test.example>", "RCPT TO:<refused@test.example>", "QUIT"));
    }

    [SkippableFact]
    public async Task Recipient_DeferredWithoutAReason_IsUnclearAndGreylistingACandidate()
    {
        relayed.Server.Require();

        var diagnosis = await DiagnosisAsync("MAIL FROM:<me@test.example>", "RCPT TO:<later@test.example>", "QUIT");

        Assert.Equal("unclear", diagnosis.GetProperty("code").GetString());
        Assert.Contains("greylisted", diagnosis.GetProperty("candidates").EnumerateArray().Select(static c => c.GetString()));
    }

    [SkippableFact]
    public async Task Message_WithABareDot_IsSaidToHaveEndedEarly()
    {
        relayed.Server.Require();

        var diagnosis = await DiagnosisAsync(
            "MAIL FROM:<me@test.example>", "RCPT TO:<you@test.example>", "DATA", "Subject: x\r\n\r\none\r\n.", "two is lost", "three too",
            ".", "QUIT");

        Assert.Equal("unescaped_dot", diagnosis.GetProperty("code").GetString());
        // Postfix hangs up at the lone dot.
        Assert.Contains(diagnosis.GetProperty("evidence").GetProperty("lines_behind_the_end").GetString(), (string[])["2", "3"]);
    }

    [SkippableFact]
    public async Task Message_Accepted_HasNoDiagnosis()
    {
        relayed.Server.Require();

        Assert.Equal(JsonValueKind.Null, (await DiagnosisAsync(
            "MAIL FROM:<me@test.example>", "RCPT TO:<you@test.example>", "DATA", "Subject: x\r\n\r\none\r\n..\r\ntwo\r\n.",
            "QUIT")).ValueKind);
    }

    /// <summary>EHLO, these lines one after the other, and what the journal says then.</summary>
    protected async Task<JsonElement> DiagnosisAsync(params string[] lines)
    {
        var (client, _) = await MailClient.ConnectAsync(relayed.Proxy.Listener());
        using (client)
        {
            await client.SayAsync("EHLO client.test.example");
            foreach (var line in lines)
            {
                await client.SayAsync(line);
            }
        }

        return (await relayed.NextRecordAsync()).GetProperty("diagnosis");
    }

    /// <summary>Its code.</summary>
    protected async Task<string?> CodeAsync(params string[] lines) => (await DiagnosisAsync(lines)).GetProperty("code").GetString();
}

/// <summary>Postfix.</summary>
public sealed class PostfixPeerTests(Relayed<Postfix> relayed) : PeerTests<Postfix>(relayed)
{
    [SkippableFact]
    public async Task Recipient_ElsewhereForAStranger_IsSaidToBeRelaying()
    {
        Relayed.Server.Require();

        Assert.Equal("relay_denied", await CodeAsync(
            "XCLIENT ADDR=192.0.2.7 NAME=[UNAVAILABLE]", "EHLO client.example.org", "MAIL FROM:<me@example.org>",
            "RCPT TO:<you@elsewhere.example>", "QUIT"));
    }

    [SkippableFact]
    public async Task Message_AnnouncedTooLarge_IsSaid()
    {
        Relayed.Server.Require();

        Assert.Equal("too_large", await CodeAsync("MAIL FROM:<me@test.example> SIZE=999999999999", "QUIT"));
    }

    [SkippableFact]
    public async Task Handshake_WhoseCertificateIsNotTrusted_IsSaidToBeStoppedByTheClient()
    {
        Relayed.Server.Require();

        await Command.RunAsync(PeerTool.Require("openssl"),
            ["s_client", "-starttls", "smtp", "-tls1_2", "-verify_return_error", "-connect", $"{Relayed.Proxy.Listener()}"]);

        var diagnosis = (await Relayed.NextRecordAsync()).GetProperty("diagnosis");
        Assert.Equal("tls_handshake_failed", diagnosis.GetProperty("code").GetString());
        Assert.Equal(("client", "unknown_ca"),
            (diagnosis.GetProperty("evidence").GetProperty("tls_alert_of").GetString(),
                diagnosis.GetProperty("evidence").GetProperty("tls_alert").GetString()));
    }
}

/// <summary>Exim.</summary>
public sealed class EximPeerTests(Relayed<Exim> relayed) : PeerTests<Exim>(relayed)
{
    [SkippableFact]
    public async Task Recipient_Elsewhere_IsSaidToBeRelaying()
    {
        Relayed.Server.Require();

        Assert.Equal("relay_denied", await CodeAsync("MAIL FROM:<me@test.example>", "RCPT TO:<you@elsewhere.example>", "QUIT"));
    }
}
