using SmtpProxy.Tests.Sessions.Faulted;
using SmtpProxy.Tests.Simulation;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions;

/// <summary>A relay leaves while the client shakes hands with the proxy, or instead of that leaves too: in whatever order, the session
/// ends soon and by itself.</summary>
public sealed class SessionHandshakeEndTests
{
    private const string Bye = "421 4.3.2 bye\r\n";
    private const int Seeds = 3;

    /// <summary>Events of such a session, octet by octet: far more than any takes.</summary>
    private const int MostSteps = 500;

    private static readonly RelayTls Clear = RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None };
    private static readonly ListenerTls Required = new() { Mode = ListenerTlsMode.StartTls, Require = true };
    private static readonly ListenerTls Implicit = new() { Mode = ListenerTlsMode.Implicit };

    public static TheoryData<string, bool, bool> Ways()
    {
        var ways = new TheoryData<string, bool, bool>();
        foreach (var relay in (string[])["421 fin", "421 close", "421 rst", "421", "fin", "close", "rst", "junk fin", "tls fin"])
        {
            foreach (var isImplicit in (bool[])[false, true])
            {
                ways.Add(relay, isImplicit, false);
                ways.Add(relay, isImplicit, true);
            }
        }

        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Relay_LeavesBeforeDuringOrAfterTheHandshake_SessionEnds(string relay, bool isImplicit, bool faults)
    {
        foreach (var client in (string[])["shakes", "shakes ehlo", "shakes fin", "shakes close", "shakes rst", "fin", "close", "rst", ""])
        {
            foreach (var relayWaits in (int[])[0, 500, 1000, 1500])
            {
                for (var seed = 0; seed < Seeds; seed++)
                {
                    var bed = Bed(client, relay, relayWaits, isImplicit, faults, seed);
                    bed.Sim.RunToEnd();

                    Assert.True(bed.Sim.Steps < MostSteps, $"{client}, {relayWaits} ms, {bed.Sim}");
                    Assert.Equal((0, 0), (bed.Host.Count, bed.Relays.Open));
                }
            }
        }
    }

    [Theory]
    [InlineData("421 fin", false)]
    [InlineData("421 close", false)]
    [InlineData("421 fin", true)]
    [InlineData("421 close", true)]
    public void Relay_SaysGoodbyeAndLeavesBeforeTheHandshake_ClientHearsItInside(string relay, bool faults)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var bed = Bed("shakes", relay, relayWaits: 500, isImplicit: false, faults, seed);
            bed.Sim.RunToEnd();

            Assert.EndsWith(Bye, bed.Sim.Client.Heard, StringComparison.Ordinal);
            Assert.Equal("unsolicited-421", string.Join(' ', bed.Record.GetProperty("anomalies").EnumerateArray()));
            Assert.Equal("closing-421", bed.Record.GetProperty("final_state").GetString());
            Assert.Equal("relay_gone", bed.Record.GetProperty("outcome").GetString());
        }
    }

    private static SessionBed Bed(string client, string relay, int relayWaits, bool isImplicit, bool faults, int seed)
    {
        var bed = new SessionBed(seed: seed, faults: faults ? new FakeFaults() : null, tls: isImplicit ? Implicit : Required,
            relayTls: Clear);
        bed.Sim.Relay.Says("220 mx\r\n");
        if (!isImplicit)
        {
            bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("250 STARTTLS\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0")
                .Awaits("\r\n");
            bed.Sim.Relay.Awaits("EHLO c\r\n").Says("250-mx\r\n250 SIZE\r\n");
        }

        bed.Sim.Client.Waits(TimeSpan.FromSeconds(1));
        Do(bed.Sim.Client, client);
        bed.Sim.Relay.Waits(TimeSpan.FromMilliseconds(relayWaits));
        Do(bed.Sim.Relay, relay);
        return bed;
    }

    private static void Do(SimulatedPeer peer, string acts)
    {
        foreach (var act in acts.Split(' '))
        {
            _ = act switch
            {
                "421" => peer.Says(Bye),
                "junk" => peer.Says("no reply\r\n25"),
                "tls" => peer.Says("\u0016\u0003\u0001\0\u0002"),
                "ehlo" => peer.Says("EHLO c\r\n"),
                "shakes" => peer.Shakes(),
                "fin" => peer.Fin(),
                "close" => peer.Closes(),
                "rst" => peer.Resets(),
                _ => peer,
            };
        }
    }
}
