using System.Diagnostics;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers.Servers;

/// <summary>Postfix as a relay: delivers everything for <c>test.example</c> to one maildir, refuses <c>refused@</c> and defers
/// <c>later@</c>, offers STARTTLS, and takes XCLIENT from this machine.</summary>
public sealed class Postfix : PostfixServer
{
    private string _nobody = "";

    /// <summary>Where it shakes hands for TLS behind a PROXY header, before it greets.</summary>
    public int SmtpsProxyPort { get; } = FreePort.Next();

    /// <summary>Where postscreen listens for connections that begin with a PROXY header.</summary>
    public int PostscreenPort { get; } = FreePort.Next();

    /// <summary>Where it offers AUTH, and listens for connections that begin with a PROXY header.</summary>
    public int SaslProxyPort { get; } = FreePort.Next();

    /// <summary>Its submission service behind a PROXY header: nothing without TLS and AUTH.</summary>
    public int SubmissionPort { get; } = FreePort.Next();

    /// <summary>Where it knows of no IPv6.</summary>
    public int IPv4Port { get; } = FreePort.Next();

    /// <summary>Where it turns 203.0.113.66 away as soon as it knows of it.</summary>
    public int EarlyPort { get; } = FreePort.Next();

    /// <summary>Where it trusts nobody's address, takes XCLIENT from this machine, and mail of nobody who
    /// talks ahead of its replies.</summary>
    public int WaryPort { get; } = FreePort.Next();

    protected override string Settings => $$"""
        myhostname = mx.test.example
        smtpd_recipient_restrictions = check_recipient_access inline:{ {refused@test.example = REJECT no such user}, {later@test.example = DEFER try later} }
        early_restrictions = check_client_access inline:{203.0.113.66=REJECT}
        smtpd_authorized_xclient_hosts = 127.0.0.0/8
        smtpd_tls_security_level = may
        smtpd_tls_cert_file = {{Tls.Certificate}}
        smtpd_tls_key_file = {{Tls.Key}}
        virtual_mailbox_domains = test.example
        virtual_mailbox_base = {{Folder}}
        virtual_mailbox_maps = static:mail/
        virtual_uid_maps = static:{{_nobody}}
        virtual_gid_maps = static:{{_nobody}}
        virtual_mailbox_limit = 0
        smtputf8_enable = yes
        cyrus_sasl_config_path = {{Configuration}}
        """;

    protected override string Services => $"""
        127.0.0.1:{SmtpsPort} inet n - n - 100 smtpd -o smtpd_tls_wrappermode=yes
        127.0.0.1:{IPv4Port} inet n - n - 100 smtpd -o inet_protocols=ipv4
        127.0.0.1:{EarlyPort} inet n - n - 100 smtpd -o smtpd_delay_reject=no -o smtpd_client_restrictions=$early_restrictions
        127.0.0.1:{ProxyPort} inet n - n - 100 smtpd -o smtpd_upstream_proxy_protocol=haproxy
        127.0.0.1:{WaryPort} inet n - n - 100 smtpd -o mynetworks=203.0.113.0/24 -o smtpd_data_restrictions=reject_unauth_pipelining
        127.0.0.1:{SaslProxyPort} inet n - n - 100 smtpd -o smtpd_upstream_proxy_protocol=haproxy -o smtpd_sasl_auth_enable=yes
        127.0.0.1:{SubmissionPort} inet n - n - - smtpd -o smtpd_upstream_proxy_protocol=haproxy -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
        127.0.0.1:{SmtpsProxyPort} inet n - n - 100 smtpd -o smtpd_upstream_proxy_protocol=haproxy -o smtpd_tls_wrappermode=yes
        127.0.0.1:{PostscreenPort} inet n - n - 1 postscreen -o postscreen_upstream_proxy_protocol=haproxy -o postscreen_greet_wait=1s
        smtpd pass - - n - - smtpd
        dnsblog unix - - n - 0 dnsblog
        tlsproxy unix - - n - 0 tlsproxy
        virtual unix - n n - - virtual
        """;

    protected override async Task<ProcessStartInfo> PrepareAsync()
    {
        _nobody = (await Command.SucceedAsync("id", ["-u", "nobody"])).Trim();
        var start = await base.PrepareAsync();
        // There are no accounts: whoever asks is asked for a name, and that is as far as it goes.
        await File.WriteAllTextAsync(Path.Combine(Configuration, "smtpd.conf"), "pwcheck_method: auxprop\nmech_list: PLAIN LOGIN\n");
        return start;
    }
}
