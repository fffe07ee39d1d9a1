namespace SmtpProxy.FunctionalTests.Peers.Servers;

/// <summary>Exim as a relay: the same addresses as <see cref="Postfix"/>, into one maildir.</summary>
public sealed class Exim : EximServer
{
    protected override string Settings => $$"""
        primary_hostname = mx.test.example
        domainlist local_domains = test.example
        daemon_smtp_ports = {{Port}} : {{ProxyPort}} : {{SmtpsPort}}
        tls_on_connect_ports = {{SmtpsPort}}
        tls_certificate = {{Tls.Certificate}}
        tls_privatekey = {{Tls.Key}}
        hosts_proxy = ${if = {$received_port} { {{ProxyPort}} } {127.0.0.1} {} }
        tls_advertise_hosts = *
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
        """;
}
