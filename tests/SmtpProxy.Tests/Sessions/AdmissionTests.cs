using System.Net;
using System.Net.Sockets;
using SmtpProxy.Sessions;

namespace SmtpProxy.Tests.Sessions;

public sealed class AdmissionTests
{
    private static readonly IPEndPoint Alice = new(IPAddress.Parse("192.0.2.1"), 1000);
    private static readonly IPEndPoint AliceAgain = new(IPAddress.Parse("192.0.2.1"), 1001);
    private static readonly IPEndPoint Bob = new(IPAddress.Parse("2001:db8::1"), 1000);

    [Fact]
    public void Enter_AboveAllSessions_NamesTheLimit()
    {
        var admission = new Admission();
        var limits = new SessionLimits { MaxSessions = 1 };

        Assert.Null(admission.Enter("in", Alice, limits, ListenerPolicy.Open));
        Assert.Equal("sessions", admission.Enter("in", Bob, limits, ListenerPolicy.Open));
        admission.Leave("in", Bob);
        admission.Leave("in", Alice);
        Assert.Null(admission.Enter("in", Bob, limits, ListenerPolicy.Open));
    }

    [Fact]
    public void Enter_AboveTheListeners_NamesTheLimitAndSparesOthers()
    {
        var admission = new Admission();
        var limits = new SessionLimits { MaxSessionsPerListener = 1 };

        Assert.Null(admission.Enter("in", Alice, limits, ListenerPolicy.Open));
        Assert.Equal("sessions_per_listener", admission.Enter("in", Bob, limits, ListenerPolicy.Open));
        Assert.Null(admission.Enter("other", Bob, limits, ListenerPolicy.Open));
    }

    [Fact]
    public void Enter_AboveTheClients_NamesTheLimitAndSparesOthers()
    {
        var admission = new Admission();
        var limits = new SessionLimits { MaxSessionsPerClient = 1 };

        Assert.Null(admission.Enter("in", Alice, limits, ListenerPolicy.Open));
        Assert.Equal("sessions_per_client", admission.Enter("in", AliceAgain, limits, ListenerPolicy.Open));
        Assert.Null(admission.Enter("in", Bob, limits, ListenerPolicy.Open));
        admission.Leave("in", AliceAgain);
        admission.Leave("in", Alice);
        Assert.Null(admission.Enter("in", AliceAgain, limits, ListenerPolicy.Open));
        Assert.Equal(2, admission.Count);
    }

    [Fact]
    public void Enter_AboveTheListenersOwnCaps_NamesTheLimitAndSparesOthers()
    {
        var admission = new Admission();
        var (all, own) = (new SessionLimits(), ListenerPolicy.Open with { MaxSessions = 2, MaxSessionsPerClient = 1 });

        Assert.Null(admission.Enter("in", Alice, all, own));
        Assert.Equal("sessions_per_client", admission.Enter("in", AliceAgain, all, own));
        Assert.Null(admission.Enter("other", AliceAgain, all, own));
        Assert.Equal("sessions_per_listener", admission.Enter("in", Bob, all, own));
        admission.Leave("in", Bob);
        admission.Leave("in", AliceAgain);
        Assert.Null(admission.Enter("in", Bob, all, own));
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData("192.0.2.0/24", "", null)]
    [InlineData("198.51.100.0/24", "", "denied_network")]
    [InlineData("192.0.2.0/24", "192.0.2.1", "denied_network")]
    [InlineData("", "::/0", null)]
    public void Enter_ByNetwork_DenyWinsOverAllow(string allow, string deny, string? limit)
    {
        Assert.Null(Networks.TryParse(allow, out var allowed));
        Assert.Null(Networks.TryParse(deny, out var denied));
        var policy = new ListenerPolicy(allowed, denied, 0, 0);
        Assert.Equal(limit, new Admission().Enter("in", Alice, new SessionLimits(), policy));
        Assert.Null(new Admission().Enter("in", new UnixDomainSocketEndPoint("/run/in.sock"), new SessionLimits(), policy));
    }

    [Fact]
    public void Session_OfADeniedNetwork_IsAnswered554AndNotDialled()
    {
        var bed = new SessionBed();
        Assert.Null(Networks.TryParse("203.0.113.0/24", out var elsewhere));
        bed.Host.Admit("inbound", ListenerPolicy.Open with { Allow = elsewhere });
        bed.Sim.Client.Awaits("554").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("554 5.7.1 Access denied for your address\r\n", bed.Sim.Client.Heard);
        Assert.Empty(bed.Sim.Dials.Targets);
        Assert.Equal("refused", bed.Record.GetProperty("outcome").GetString());
    }

    [Fact]
    public void Session_OneTooMany_IsAnswered421AndNotDialled()
    {
        var limits = new SessionLimits { MaxSessions = 1 };
        var bed = new SessionBed(limits);
        bed.Sim.Run();
        var second = bed.Another();
        second.Client.Awaits("421").Fin();

        second.RunToEnd();

        Assert.Equal("421 4.3.2 Too many sessions, please try again later\r\n", second.Client.Heard);
        Assert.Empty(second.Dials.Targets);
        Assert.Equal("refused", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(1, bed.Host.Count);
    }
}
