using System.Diagnostics;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers.Servers;

/// <summary>An instance of Postfix, beside any other on the machine: what all of them need, whatever they are for.</summary>
public abstract class PostfixServer : MailServer
{
    public override string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    /// <summary>Where its configuration is.</summary>
    protected string Configuration => Path.Combine(Folder, "etc");

    private string LogFile => Path.Combine(Folder, "mail.log");

    /// <summary>Lines of main.cf of this instance.</summary>
    protected abstract string Settings { get; }

    /// <summary>Lines of master.cf of this instance: what listens, and what delivers.</summary>
    protected abstract string Services { get; }

    protected override bool IsThere() => File.Exists("/usr/sbin/postfix");

    protected override void Locate() => PeerTool.Require("postfix");

    protected override async Task<ProcessStartInfo> PrepareAsync()
    {
        foreach (var folder in (string[])["etc", "queue", "data"])
        {
            Directory.CreateDirectory(Path.Combine(Folder, folder));
        }

        await Command.SucceedAsync("chown", ["postfix", Path.Combine(Folder, "data")]);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {Folder}/queue
            data_directory = {Folder}/data
            mail_owner = postfix
            setgid_group = postdrop
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            maillog_file = {LogFile}
            maillog_file_prefixes = {Path.GetTempPath()}
            mydestination =
            mynetworks = 127.0.0.0/8
            smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
            smtpd_client_connection_count_limit = 0
            smtpd_peername_lookup = no
            message_size_limit = 104857600
            inet_interfaces = 127.0.0.1
            inet_protocols = all
            alias_maps =
            alias_database =
            local_recipient_maps =
            {Settings}

            """);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "master.cf"), $"""
            127.0.0.1:{Port} inet n - n - 100 smtpd
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
            anvil unix - - n - 1 anvil
            tlsmgr unix - - n 1000? 1 tlsmgr
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd
            {Services}

            """);
        return new ProcessStartInfo(PeerTool.Require("postfix"), ["-c", Configuration, "start-fg"]);
    }

    // start-fg is the shell of a script, and the master is its child: Postfix's own way ends both.
    protected override Task StopAsync(Process process) => Command.SucceedAsync(PeerTool.Require("postfix"), ["-c", Configuration, "stop"]);
}
