using System.Text;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Tests.Sessions.Faulted;
using SmtpProxy.Tests.Telemetry;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Sessions;

/// <summary>What a host says of itself, and whom it gives no session.</summary>
public sealed class SessionHostTests
{
    [Fact]
    public void Host_SaysHowLongAFarewellTakes_AndWhatWhoIsTooManyHears()
    {
        Assert.Equal(TimeSpan.FromSeconds(5), SessionHost.Farewell);
        Assert.Equal("421 4.3.2 Too many sessions, please try again later\r\n", Encoding.ASCII.GetString(SessionHost.TurnAway.Span));
    }

    [Fact]
    public void Count_OfSessions_IsOfThoseThatAreOpen()
    {
        var bed = new SessionBed();
        var other = bed.Another();
        Assert.Equal(0, bed.Host.Count);
        bed.Sim.Run();
        other.Run();
        Assert.Equal((2, false), (bed.Host.Count, bed.Host.IsDraining));
        bed.Sim.Client.Resets();
        bed.Sim.RunToEnd();
        Assert.Equal(1, bed.Host.Count);
    }

    /// <summary>Before its handshake a client would understand no reply.</summary>
    [Fact]
    public void Client_TooManyWhoseTlsComesFirst_IsClosedAtOnce_AndCounted()
    {
        var bed = new SessionBed(new SessionLimits { MaxSessions = 1 }, tls: new ListenerTls { Mode = ListenerTlsMode.Implicit });
        Assert.Null(bed.Opened());
        Assert.Equal((1, 0), (bed.Limits("sessions"), bed.Limits("refused_lingering")));
        Assert.Equal("refused", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(Diagnosis(bed), Diagnosis(Told(out _)));
    }

    [Fact]
    public void Client_TooMany_IsSentItsReply_WhichIsCounted()
    {
        var bed = Told(out var sent);
        Assert.Equal(SessionHost.TurnAway.Length, sent);
        Assert.Equal(421, bed.Record.GetProperty("greeting").GetProperty("code").GetInt32());
    }

    [Fact]
    public void Faults_ThatChange_AreLookedAtByEachSession()
    {
        var faults = new FakeFaults { IsArmed = false };
        var bed = new SessionBed(faults: faults);
        bed.Sim.Run();
        Assert.Empty(bed.Sim.Pair.Signals);
        faults.Change();
        Assert.Single(bed.Sim.Pair.Signals);
    }

    /// <summary>One client too many that hears why, and how many octets that took.</summary>
    private static SessionBed Told(out double sent)
    {
        var bed = new SessionBed(new SessionLimits { MaxSessions = 1 });
        using var metrics = new MetricsProbe(bed.Meter);
        var second = bed.Another();
        second.Client.Awaits("\r\n").Fin();
        second.RunToEnd();
        sent = metrics.Sum("smtpproxy.io", "network.io.direction=transmit", "smtpproxy.leg=client");
        return bed;
    }

    private static string? Diagnosis(SessionBed bed) => bed.Record.GetProperty("diagnosis").GetProperty("code").GetString();
}
