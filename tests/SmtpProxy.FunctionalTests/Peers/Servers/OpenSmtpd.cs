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
        var (spool, run) = (Path.Combine(Folder, "spool"), Path.Combine(Folder, "run"));
        Directory.CreateDirectory(run);
        Directory.CreateDirectory(spool);
        await Command.SucceedAsync("chmod", ["711", spool]);
        // A namespace of mounts goes with the process. Where none may be made, the machine's own spool has to do.
        const string Script = """
            if unshare -m true 2> /dev/null; then
              exec unshare -m sh -c 'mount --bind "$1" /var/spool/smtpd && mount --bind "$2" "$(realpath /var/run)" && shift 2 && exec "$@"' sh "$@"
            fi
            shift 2
            exec "$@"
            """;
        return new ProcessStartInfo("sh", ["-c", Script, "sh", spool, run, PeerTool.RequireUnpacked(Program), "-d", "-f", configuration]);
    }
}
