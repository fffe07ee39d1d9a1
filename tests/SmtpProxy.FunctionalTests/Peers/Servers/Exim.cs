using System.Diagnostics;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers.Servers;

/// <summary>Exim as a relay: the same addresses as <see cref="Postfix"/>, into one maildir.</summary>
public sealed class Exim : MailServer
{
    private const string Program = "exim-heavy/usr/sbin/exim4";

    private string LogFile => Path.Combine(Folder, "log", "mainlog");

    public override string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    protected override bool IsThere() => File.Exists(Path.Combine(PeerTool.Unpacked, Program));

    protected override void Locate() => PeerTool.RequireUnpacked(Program);

    protected override async Task<ProcessStartInfo> PrepareAsync()
    {
        var program = PeerTool.RequireUnpacked(Program);
        foreach (var folder in (string[])["spool", "log", "mail"])
        {
            Directory.CreateDirectory(Path.Combine(Folder, folder));
            await Command.SucceedAsync("chown", ["Debian-exim", Path.Combine(Folder, folder)]);
        }

        await Command.SucceedAsync("chown", ["Debian-exim", Tls.Key]);
        var configuration = Path.Combine(Folder, "exim.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            exim_path = {{program}}
            exim_user = Debian-exim
            spool_directory = {{Folder}}/spool
            log_file_path = {{Folder}}/log/%slog
            primary_hostname = mx.test.example
            domainlist local_domains = test.example
            daemon_smtp_ports = {{Port}} : {{ProxyPort}} : {{SmtpsPort}}
            tls_on_connect_ports = {{SmtpsPort}}
            tls_certificate = {{Tls.Certificate}}
            tls_privatekey = {{Tls.Key}}
            hosts_proxy = ${if = {$received_port} { {{ProxyPort}} } {127.0.0.1} {} }
            local_interfaces = 127.0.0.1
            tls_advertise_hosts = *
            keep_environment =
            # It may not become another user with a configuration that is not the compiled-in one.
            deliver_drop_privilege
            host_lookup =
            smtp_accept_max = 200
            log_selector = +smtp_connection
            acl_smtp_rcpt = check_rcpt
            begin acl
            check_rcpt:
              deny local_parts = refused
                message = no such user
              defer local_parts = later
                message = try later
              accept domains = +local_domains
              deny message = relay not permitted
            begin routers
            local:
              driver = accept
              transport = box
            begin transports
            box:
              driver = appendfile
              directory = {{Folder}}/mail
              maildir_format
            begin retry
            * * F,1h,15m

            """);
        return new ProcessStartInfo(program, ["-C", configuration, "-bdf"]);
    }
}
