using System.Diagnostics;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers.Servers;

/// <summary>An instance of Exim in a folder of its own: what all of them need, whatever they are for.</summary>
public abstract class EximServer : MailServer
{
    private const string Program = "exim-heavy/usr/sbin/exim4";

    public override string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    /// <summary>Lines of its configuration after those that all have: options first, then its sections.</summary>
    protected abstract string Settings { get; }

    /// <summary>What else it is started with.</summary>
    protected virtual IReadOnlyList<string> Arguments => [];

    private string LogFile => Path.Combine(Folder, "log", "mainlog");

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
        await File.WriteAllTextAsync(configuration, $"""
            exim_path = {program}
            exim_user = Debian-exim
            spool_directory = {Folder}/spool
            log_file_path = {Folder}/log/%slog
            local_interfaces = 127.0.0.1
            keep_environment =
            # It may not become another user with a configuration that is not the compiled-in one.
            deliver_drop_privilege
            host_lookup =
            smtp_accept_max = 200
            {Settings}

            """);
        return new ProcessStartInfo(program, ["-C", configuration, "-bdf", .. Arguments]);
    }
}
