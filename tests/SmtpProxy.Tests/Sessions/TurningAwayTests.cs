using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions;

public sealed class TurningAwayTests
{
    [Fact]
    public void Client_OfADeniedNetwork_IsAnswered554AndNotDialled()
    {
        var bed = Denying();
        var sim = bed.Another();
        sim.Client.Awaits("554").Fin();

        sim.RunToEnd();

        Assert.Equal("554 5.7.1 Access denied for your address\r\n", sim.Client.Heard);
        Assert.Empty(sim.Dials.Targets);
        Assert.Equal("refused", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(554, bed.Record.GetProperty("greeting").GetProperty("code").GetInt32());
    }

    [Fact]
    public void Client_OneTooMany_IsAnswered421AndNotDialled()
    {
        var bed = new SessionBed(new SessionLimits { MaxSessions = 1 });
        bed.Sim.Run();
        var second = bed.Another();
        second.Client.Awaits("421").Fin();

        second.RunToEnd();

        Assert.Equal("421 4.3.2 Too many sessions, please try again later\r\n", second.Client.Heard);
        Assert.Empty(second.Dials.Targets);
        Assert.Equal("refused", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(1, bed.Host.Count);
    }

    [Fact]
    public void Client_ThatDoesNotClose_IsClosedSoon_AndMayReadTheReplyLater()
    {
        var sim = Denying().Another();
        sim.Client.Says("EHLO c\r\n");

        sim.RunToEnd();

        Assert.StartsWith("554 ", sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Fin, sim.Client.End);
        Assert.InRange(sim.Elapsed, TimeSpan.Zero, RefusedPair.Patience * 1.1);
    }

    [Fact]
    public void Client_ThatKeepsSending_IsResetAtOnce()
    {
        var sim = Denying().Another();
        sim.Client.Says(new string('x', 100_000));

        sim.Run();

        Assert.Equal(EndKind.Reset, sim.Client.End);
        Assert.InRange(sim.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Clients_ThatDoNotClose_AreSoMany_ThatMoreAreClosedAtOnce_UntilTheyAreGone()
    {
        var bed = Denying();
        var lingering = Enumerable.Range(0, TurningAway.MostLingering).Select(_ => bed.Another()).ToList();
        lingering.ForEach(static sim => sim.Run());

        Assert.Null(bed.Opened());
        lingering[0].RunToEnd();
        Assert.NotNull(bed.Opened());
        Assert.Null(bed.Opened());
        Assert.Equal((TurningAway.MostLingering + 3, 2), (bed.Limits("denied_network"), bed.Limits("refused_lingering")));
    }

    /// <summary>Before TLS it hears nothing, and nothing of a dialogue is missing for that. What is recorded says the same of it.</summary>
    [Fact]
    public void Client_ThatCannotHearIt_IsRecordedAsOneThatCan()
    {
        var (told, untold) = (Denying(), Denying(new ListenerTls { Mode = ListenerTlsMode.Implicit }));
        told.Another().RunToEnd();
        Assert.Null(untold.Opened());
        foreach (var bed in (SessionBed[])[told, untold])
        {
            Assert.Equal("refused", bed.Record.GetProperty("outcome").GetString());
            Assert.Equal("[]", bed.Record.GetProperty("anomalies").GetRawText());
        }

        Assert.Equal(told.Record.GetProperty("diagnosis").GetRawText(), untold.Record.GetProperty("diagnosis").GetRawText());
    }

    [Fact]
    public void Clients_ThatAreTurnedAway_KeepNobodyOut()
    {
        var bed = new SessionBed(new SessionLimits { MaxSessions = 2 });
        bed.Sim.Run();
        Deny(bed, "198.51.100.0/24");
        Assert.All(Enumerable.Range(0, 6), _ => Assert.IsType<RefusedPair>(bed.Opened("198.51.100.1")));
        Assert.IsNotType<RefusedPair>(bed.Opened());
        Assert.IsType<RefusedPair>(bed.Opened());
    }

    private static SessionBed Denying(ListenerTls? tls = null)
    {
        var bed = new SessionBed(tls: tls);
        Deny(bed, "192.0.2.0/24");
        return bed;
    }

    private static void Deny(SessionBed bed, string network)
    {
        Assert.Null(Networks.TryParse(network, out var networks));
        bed.Host.Admit("inbound", ListenerPolicy.Open with { Deny = networks });
    }
}
