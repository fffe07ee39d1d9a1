using SmtpProxy.Protocol.Connections;
using SmtpProxy.Tests.Sessions.Faulted;
using SmtpProxy.Tests.Simulation;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions;

/// <summary>Every end at every point: FIN and RST of either side after each event of a session.</summary>
public sealed class SessionEndTests
{
    public static TheoryData<string> Scripts => ["lock-step", "pipelined", "chunk", "tls", "slow"];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Session_EndedAtAnyPoint_IsMirroredAndAccountedFor(string script)
    {
        SessionBed bed = null!;
        var replays = EveryEnd.Replay(
            () => (bed = Scripted(script, null)).Sim,
            (_, end) => Judge(bed, end));
        Assert.True(replays > 40, $"only {replays} replays");
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Session_GatedForFaultsAndEndedAtAnyPoint_IsMirroredAndAccountedForAlike(string script)
    {
        SessionBed bed = null!;
        EveryEnd.Replay(
            () => (bed = Scripted(script, null, new FakeFaults())).Sim,
            (_, end) => Judge(bed, end));
    }

    [Theory]
    [InlineData("lock-step")]
    [InlineData("pipelined")]
    [InlineData("tls")]
    public void Session_EndedAtAnyPointInAnyOrder_IsMirroredAndAccountedFor(string script)
    {
        SessionBed bed = null!;
        for (var seed = 1; seed <= 2; seed++)
        {
            EveryEnd.Replay(() => (bed = Scripted(script, seed)).Sim, (_, end) => Judge(bed, end));
        }
    }

    [Fact]
    public void Relay_ResetsBehindItsLastReply_TheReplyStillReachesASlowClient()
    {
        var bed = new SessionBed();
        bed.Sim.Client.Window = 3;
        bed.Sim.Relay.Says("421 4.3.2 going down\r\n").Waits(TimeSpan.FromSeconds(1)).Resets();

        bed.Sim.Pass(TimeSpan.FromSeconds(5));
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Client.Window = null;
        bed.Sim.RunToEnd();

        Assert.Equal("421 4.3.2 going down\r\n", bed.Sim.Client.Heard);
        Assert.Equal(EndKind.Reset, bed.Sim.Client.End);
        // At once, and not by a limit.
        Assert.Equal("refused", bed.Record.GetProperty("outcome").GetString());
        Assert.True(bed.Sim.Elapsed < TimeSpan.FromMinutes(1), $"{bed.Sim.Elapsed}");
    }

    /// <summary>Where one side has ended, the other is waited for as long as it goes on.</summary>
    [Fact]
    public void Relay_ThatSpeaksOnAfterItsClientsEnd_IsHeardToItsEnd()
    {
        var limit = TimeSpan.FromSeconds(60);
        var bed = new SessionBed(new() { HalfClosed = limit });
        bed.Sim.Client.Awaits("220 mx\r\n").Says("HELP\r\n").Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("HELP\r\n");
        for (var n = 0; n < 5; n++)
        {
            bed.Sim.Relay.Waits(limit * 0.75).Says("214-more\r\n");
        }

        bed.Sim.Relay.Says("214 end\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("214 end\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
    }

    private static SessionBed Scripted(string script, int? seed, FakeFaults? faults = null)
    {
        var bed = new SessionBed(seed: seed, faults: faults);
        var (client, relay) = (bed.Sim.Client, bed.Sim.Relay);
        switch (script)
        {
            case "lock-step":
                Dialogues.OneMessage(bed.Sim, Dialogues.Body(300));
                break;
            case "slow":
                Dialogues.OneMessage(bed.Sim, Dialogues.Body(3_000));
                relay.Window = 1_500;
                break;
            case "pipelined":
                client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n")
                    .Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<no@d>\r\nDATA\r\n").Awaits("354 go\r\n")
                    .Says("text\r\n.\r\nRSET\r\nQUIT\r\n").Awaits("221").Fin();
                relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply).Awaits("DATA\r\n")
                    .Says("250 2.1.0 ok\r\n250 2.1.5 ok\r\n550 5.1.1 no\r\n354 go\r\n").Awaits("QUIT\r\n")
                    .Says("250 2.0.0 queued\r\n250 2.0.0 ok\r\n221 2.0.0 bye\r\n").Fin();
                break;
            case "chunk":
                client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n").Awaits("2.1.5")
                    .Says("BDAT 140000 LAST\r\n").Says(new string('x', 140_000)).Says("QUIT\r\n").Awaits("221").Fin();
                relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply).Awaits("RCPT").Awaits("\r\n")
                    .Says("250 2.1.0 ok\r\n250 2.1.5 ok\r\n").Awaits("QUIT\r\n").Says("250 2.0.0 queued\r\n221 bye\r\n").Fin();
                break;
            default:
                client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0 go\r\n")
                    .Says("\u0016\u0003\u0001\0\u0005hello").Awaits("done").Fin();
                relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply).Awaits("STARTTLS\r\n")
                    .Says("220 2.0.0 go\r\n")
                    .Awaits("hello").Says("\u0016\u0003\u0003\0\u0004done").Fin();
                break;
        }

        return bed;
    }

    private static void Judge(SessionBed bed, InjectedEnd end)
    {
        var (client, relay) = (bed.Sim.Client, bed.Sim.Relay);
        Assert.True(bed.Sim.IsClosed);
        Assert.Equal(0, bed.Relays.Open);
        Assert.Equal(0, bed.Host.Count);
        var record = bed.Record;
        var shares = record.GetProperty("client_ms").GetDouble() + record.GetProperty("relay_ms").GetDouble()
            + record.GetProperty("proxy_ms").GetDouble();
        Assert.Equal(record.GetProperty("duration_ms").GetDouble(), shares, 0.01);

        // What one side heard is what the other said, as far as it went; and our 421 where the limits of time ended it.
        Assert.StartsWith(WithoutOurs(client.Heard), relay.Said, StringComparison.Ordinal);
        Assert.StartsWith(relay.Heard, client.Said, StringComparison.Ordinal);
        // A relay that never takes the rest is cut off by the limit of time.
        if (end.How == EndKind.Fin && end.After > 2 && relay.Window is null)
        {
            Assert.Equal((end.Of == Leg.Client ? client : relay).Said, end.Of == Leg.Client ? relay.Heard : WithoutOurs(client.Heard));
        }
    }

    private static string WithoutOurs(string heard)
    {
        var ours = heard.IndexOf("421 4.4.2 Timeout", StringComparison.Ordinal);
        return ours < 0 ? heard : heard[..ours];
    }
}
