using System.Diagnostics;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers.Servers;

/// <summary>OpenSMTPD as a relay: takes <c>a@</c> and <c>b@test.example</c> into one maildir and refuses everybody else. There can be one
/// on a machine: its socket and spool are compiled in.</summary>
public sealed class OpenSmtpd : MailServer
{
    private const string Program = "opensmtpd/usr/sbin/smtpd";

    /// <summary>Debian 12's loses its private key on the way from the process that has it to the one that signs: its own log says
    /// "missing private key" for RSA and ECDSA, whoever the client is.</summary>
    public override bool SpeaksTls => false;

    public override string Log => Printed;

    protected override bool IsThere() =>
        File.Exists(Path.Combine(PeerTool.Unpacked, Program)) && Directory.Exists("/var/lib/opensmtpd/empty");

    protected override void Locate() => PeerTool.RequireUnpacked(Program);

    protected override async Task<ProcessStartInfo> PrepareAsync()
    {
        var configuration = Path.Combine(Folder, "smtpd.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            table users { "@" = nobody }
            table rcpts { "a@test.example", "b@test.example" }
            listen on 127.0.0.1 port {{Port}} hostname mx.test.example
            listen on 127.0.0.1 port {{ProxyPort}} hostname mx.test.example proxy-v2
            action deliver maildir "{{Folder}}/mail" virtual <users>
            match from any for rcpt-to <rcpts> action deliver

            """);
        return new ProcessStartInfo(PeerTool.RequireUnpacked(Program), ["-d", "-f", configuration]);
    }
}
