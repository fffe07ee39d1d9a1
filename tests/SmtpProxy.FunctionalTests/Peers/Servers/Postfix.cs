using System.Diagnostics;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers.Servers;

/// <summary>Postfix as a relay: delivers everything for <c>test.example</c> to one maildir, refuses <c>refused@</c> and defers <c>later@</c>,
/// offers STARTTLS, and takes XCLIENT from this machine.</summary>
public sealed class Postfix : MailServer
{
    /// <summary>Where it shakes hands for TLS behind a PROXY header, before it greets.</summary>
    public int SmtpsProxyPort { get; } = FreePort();

    /// <summary>Where postscreen listens for connections that begin with a PROXY header.</summary>
    public int PostscreenPort { get; } = FreePort();

    private string Configuration => Path.Combine(Folder, "etc");

    private string LogFile => Path.Combine(Folder, "mail.log");

    public override string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    protected override bool IsThere() => File.Exists("/usr/sbin/postfix");

    protected override void Locate() => PeerTool.Require("postfix");

    protected override async Task<ProcessStartInfo> PrepareAsync()
    {
        foreach (var folder in (string[])["etc", "queue", "data"])
        {
            Directory.CreateDirectory(Path.Combine(Folder, folder));
        }

        await Command.SucceedAsync("chown", ["postfix", Path.Combine(Folder, "data")]);
        await Command.SucceedAsync("openssl",
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mx.test.example",
             "-keyout", Path.Combine(Configuration, "key.pem"), "-out", Path.Combine(Configuration, "cert.pem")]);
        var nobody = (await Command.SucceedAsync("id", ["-u", "nobody"])).Trim();
        await File.WriteAllTextAsync(Path.Combine(Configuration, "main.cf"), $$"""
            compatibility_level = 3.6
            queue_directory = {{Folder}}/queue
            data_directory = {{Folder}}/data
            mail_owner = postfix
            setgid_group = postdrop
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            maillog_file = {{LogFile}}
            maillog_file_prefixes = {{Path.GetTempPath()}}
            myhostname = mx.test.example
            mydestination =
            mynetworks = 127.0.0.0/8
            smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
            smtpd_recipient_restrictions = check_recipient_access inline:{ {refused@test.example = REJECT no such user}, {later@test.example = DEFER try later} }
            smtpd_client_connection_count_limit = 0
            smtpd_peername_lookup = no
            smtpd_authorized_xclient_hosts = 127.0.0.0/8
            smtpd_tls_security_level = may
            smtpd_tls_cert_file = {{Configuration}}/cert.pem
            smtpd_tls_key_file = {{Configuration}}/key.pem
            virtual_mailbox_domains = test.example
            virtual_mailbox_base = {{Folder}}
            virtual_mailbox_maps = static:mail/
            virtual_uid_maps = static:{{nobody}}
            virtual_gid_maps = static:{{nobody}}
            virtual_mailbox_limit = 0
            message_size_limit = 104857600
            inet_interfaces = 127.0.0.1
            inet_protocols = all
            alias_maps =
            alias_database =
            local_recipient_maps =
            smtputf8_enable = yes

            """);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "master.cf"), $"""
            127.0.0.1:{Port} inet n - n - 100 smtpd
            127.0.0.1:{ProxyPort} inet n - n - 100 smtpd -o smtpd_upstream_proxy_protocol=haproxy
            127.0.0.1:{SmtpsProxyPort} inet n - n - 100 smtpd -o smtpd_upstream_proxy_protocol=haproxy -o smtpd_tls_wrappermode=yes
            127.0.0.1:{PostscreenPort} inet n - n - 1 postscreen -o postscreen_upstream_proxy_protocol=haproxy -o postscreen_greet_wait=1s
            smtpd pass - - n - - smtpd
            dnsblog unix - - n - 0 dnsblog
            tlsproxy unix - - n - 0 tlsproxy
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            error unix - - n - - error
            retry unix - - n - - error
            discard unix - - n - - discard
            proxymap unix - - n - - proxymap
            virtual unix - n n - - virtual
            anvil unix - - n - 1 anvil
            tlsmgr unix - - n 1000? 1 tlsmgr
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd

            """);
        return new ProcessStartInfo(PeerTool.Require("postfix"), ["-c", Configuration, "start-fg"]);
    }

    // start-fg is the shell of a script, and the master is its child: Postfix's own way ends both.
    protected override Task StopAsync(Process process) => Command.SucceedAsync(PeerTool.Require("postfix"), ["-c", Configuration, "stop"]);
}
