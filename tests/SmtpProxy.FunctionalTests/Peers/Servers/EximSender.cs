namespace SmtpProxy.FunctionalTests.Peers.Servers;

/// <summary>Exim as a sender: it queues what it is given, and sends it where it is told to. It tries again every third second instead of
/// every quarter of an hour; all else that decides what it does about a failure is as it comes.</summary>
/// <param name="hops">The port that each domain's mail goes to.</param>
public sealed class EximSender(IReadOnlyDictionary<string, int> hops) : EximServer
{
    protected override IReadOnlyList<string> Arguments => ["-q1s"];

    protected override string Settings => $$"""
        primary_hostname = sender.test.example
        daemon_smtp_ports = {{Port}}
        acl_smtp_rcpt = accept
        begin routers
        out:
          driver = manualroute
          transport = out
          self = send
          route_list = {{string.Join(" ; ", hops.Select(static hop => $"{hop.Key} 127.0.0.1::{hop.Value} byname"))}}
        begin transports
        out:
          driver = smtp
        begin retry
        * * F,1h,3s
        """;
}
